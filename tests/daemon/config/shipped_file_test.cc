// config/daybook.toml says what the table of keys says.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "daemon/config/keys.h"

namespace daybook::config {
namespace {

std::string text_of(const char* path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string shipped() {
  return text_of(DAYBOOK_SHIPPED_CONFIG);
}

// As troff wants it.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) (out += c == '-' ? "\\" : "") += c;
  return out;
}

TEST(ShippedFile, EqualsTheDefaultsButForTheDataDirectory) {
  auto config = load_text(shipped(), "daybook.toml");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ("/var/lib/daybook", config->storage.data_dir);
  config->storage.data_dir = Config{}.storage.data_dir;
  EXPECT_EQ(to_toml(Config{}), to_toml(*config));
}

TEST(ShippedFile, NamesEveryKeyWithUnitDefaultAndBound) {
  const std::string text = shipped();
  for (const Key& key : keys()) {
    const std::size_t section = text.find("\n[" + std::string(key.section()) + "]\n");
    ASSERT_NE(std::string::npos, section) << key.section();
    const std::string comment = "\n# Unit: " + std::string(key.unit) +
                                ". Default: " + show(Config{}, key) + ". Bound: " + key.bound() +
                                ".\n" + std::string(key.name.substr(key.section().size() + 1)) +
                                " = ";
    const std::size_t next_section = std::min(text.find("\n[", section + 1), text.size());
    EXPECT_LT(text.find(comment, section), next_section) << key.name << ':' << comment;
  }
}

TEST(ShippedFile, ManualPageNamesEveryKeyWithDefaultAndBound) {
  const std::string manual = text_of(DAYBOOK_MANUAL_PAGE);
  for (const Key& key : keys()) {
    const std::size_t place = manual.find("\n.TP\n.B " + std::string(key.name) +
                                          (key.reloadable ? " \\fR(live)\n" : "\n"));
    ASSERT_NE(std::string::npos, place) << key.name;
    const std::string paragraph = manual.substr(place, manual.find("\n.TP", place + 1) - place);
    EXPECT_NE(std::string::npos, paragraph.find("\nDefault: " + escaped(show(Config{}, key)) +
                                                ".\nBound: " + escaped(key.bound()) + "."))
        << paragraph;
  }
}

TEST(ShippedFile, SaysWhichKeysAreLive) {
  const std::string text = shipped();
  for (const Key& key : keys()) {
    const std::size_t section = text.find("\n[" + std::string(key.section()) + "]\n");
    const std::size_t place =
        text.find('\n' + std::string(key.name.substr(key.section().size() + 1)) + " = ", section);
    const std::string paragraph = text.substr(0, place).substr(text.rfind("\n\n", place));
    EXPECT_EQ(key.reloadable, paragraph.find("(live)") != std::string::npos) << key.name;
  }
}

// What stands behind "# " from the example on.
TEST(ShippedFile, ExampleOfAProjectionCanBeUsed) {
  const std::string text = shipped();
  std::istringstream example(text.substr(text.find("# [[projection]]")));
  std::string toml = "[postgres]\nurl = \"postgresql:///events\"\n";
  for (std::string line; std::getline(example, line);)
    toml += line.substr(std::min<std::size_t>(2, line.size())) + '\n';
  const auto config = load_text(toml, "example");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(3u, config->projections.at(0).rules.size());
}

}  // namespace
}  // namespace daybook::config
