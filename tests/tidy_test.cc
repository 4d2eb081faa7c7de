// The rules that a reviewer should never have to repeat: layers, sizes, words, dead files.
// An exception is a line in one of the lists below, with its reason.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source_tree.h"

namespace daybook::tidy {
namespace {

constexpr std::size_t kFileLinesMax = 500;
constexpr std::size_t kFunctionLinesMax = 70;
constexpr std::size_t kColumnsMax = 100;

// File or "file:first line of the function" → why it may be longer.
const std::map<std::string, std::string> kLongerWithReason = {};

// A layer of docs/architecture.md: a folder, what it may include, what of the outside it may not.
struct Layer {
  std::string folder;
  std::vector<std::string> may_include;
  std::vector<std::string> never_outside;
};

const std::vector<std::string> kNotInStorage = {"boost/asio", "boost/beast", "boost/json",
                                                "simdjson",   "spdlog",      "nlohmann",
                                                "prometheus", "CLI",         "toml++"};

// The first folder that a path begins with is its layer: deeper ones stand before shallower ones.
const std::vector<Layer> kLayers = {
    {"storage/base", {"storage/base"}, kNotInStorage},
    {"storage/model", {"storage/base", "storage/model"}, kNotInStorage},
    {"storage/queue", {"storage/base", "storage/model", "storage/queue"}, kNotInStorage},
    {"storage/engine", {"storage/base", "storage/model", "storage/engine"}, kNotInStorage},
    {"storage/book",
     {"storage/base", "storage/model", "storage/queue", "storage/engine", "storage/book"},
     kNotInStorage},
    {"storage/index",
     {"storage/base", "storage/model", "storage/engine", "storage/book", "storage/index"},
     kNotInStorage},
    {"storage", {"storage"}, kNotInStorage},
    {"protocol/json",
     {"storage/base", "storage/model", "protocol/json"},
     {"boost/asio", "boost/beast", "spdlog", "prometheus"}},
    {"protocol", {"storage/base", "storage/model", "protocol"}, {"spdlog", "prometheus"}},
    {"replication/webhook", {"storage", "protocol/json", "replication"}, {"spdlog", "prometheus"}},
    {"replication", {"storage", "protocol/json", "replication"}, {"boost/beast", "spdlog"}},
    {"daemon", {"storage", "protocol", "replication", "daemon"}, {}},
    {"bench", {"storage", "protocol", "replication", "daemon", "bench", "tests"}, {}},
    {"tests", {"storage", "protocol", "replication", "daemon", "bench", "tests"}, {}},
};

// Libraries that one place alone may know: an include's beginning → the folders.
const std::map<std::string, std::vector<std::string>> kOnlyIn = {
    {"rocksdb/", {"storage/engine", "tests/storage/engine"}},
    {"libpq", {"replication/postgres", "tests/replication/postgres", "bench"}},
    {"hiredis", {"replication/redis"}},
    {"simdjson", {"protocol/json", "tests/protocol/json", "tests/fuzz", "bench"}},
};

bool is_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool is_under_any(std::string_view path, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](const std::string& folder) { return is_under(path, folder); });
}

const Layer* layer_of(std::string_view path) {
  for (const Layer& layer : kLayers)
    if (is_under(path, layer.folder)) return &layer;
  return nullptr;
}

std::string at(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line);
}

// UTF-8 characters, not bytes.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

TEST(Tidy, IncludesFollowTheLayers) {
  for (const SourceFile& file : source_files()) {
    const Layer* layer = file.is_cpp() ? layer_of(file.path) : nullptr;
    if (layer == nullptr) continue;
    for (const Include& include : file.includes()) {
      const Layer* other = layer_of(include.path);
      EXPECT_TRUE(!include.quoted || other == nullptr ||
                  is_under_any(include.path, layer->may_include))
          << at(file, include.line) << ": " << layer->folder << " may not include " << include.path;
      for (const std::string& never : layer->never_outside)
        EXPECT_FALSE(include.path.starts_with(never))
            << at(file, include.line) << ": " << layer->folder << " may not know " << never;
    }
  }
}

TEST(Tidy, SomeLibrariesAreKnownInOnePlaceAlone) {
  for (const SourceFile& file : source_files())
    for (const Include& include : file.includes())
      for (const auto& [library, folders] : kOnlyIn)
        EXPECT_TRUE(!include.path.starts_with(library) || is_under_any(file.path, folders))
            << at(file, include.line) << ": only " << folders.front() << " may know " << library;
}

TEST(Tidy, EveryCppFileHasALayer) {
  for (const SourceFile& file : source_files())
    EXPECT_TRUE(!file.is_cpp() || layer_of(file.path) != nullptr) << file.path;
}

TEST(Tidy, FilesAreShort) {
  for (const SourceFile& file : source_files()) {
    if (!file.is_cpp() && !file.is_python() && file.path != "dev") continue;
    if (kLongerWithReason.contains(file.path)) continue;
    EXPECT_LE(file.lines.size(), kFileLinesMax) << file.path;
  }
}

TEST(Tidy, FunctionsAreShort) {
  for (const SourceFile& file : source_files())
    for (const Function& function : file.functions()) {
      if (kLongerWithReason.contains(file.path + ":" + function.signature)) continue;
      EXPECT_LE(function.length, kFunctionLinesMax)
          << at(file, function.line) << ": " << function.signature;
    }
}

TEST(Tidy, EveryExceptionIsStillNeeded) {
  for (const auto& [what, reason] : kLongerWithReason) {
    const auto colon = what.find(':');
    bool found = false;
    for (const SourceFile& file : source_files()) {
      if (file.path != what.substr(0, colon)) continue;
      found = colon == std::string::npos && file.lines.size() > kFileLinesMax;
      for (const Function& function : file.functions())
        found = found || (function.length > kFunctionLinesMax &&
                          what == file.path + ":" + function.signature);
    }
    EXPECT_TRUE(found) << what << " is short now: remove it from the list (" << reason << ")";
  }
}

TEST(Tidy, LinesFitIntoAHundredColumns) {
  for (const SourceFile& file : source_files()) {
    if (!file.is_cpp() && !file.is_python() && file.name() != "CMakeLists.txt") continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      EXPECT_LE(columns(file.lines[i]), kColumnsMax) << at(file, i + 1);
  }
}

// Not as a part of a longer word.
bool has_word(std::string_view line, std::string_view word) {
  const auto is_letter = [&](std::size_t i) {
    return i < line.size() && std::isalpha(static_cast<unsigned char>(line[i])) != 0;
  };
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1))
    if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + word.size())) return true;
  return false;
}

TEST(Tidy, NoBannedWords) {
  const std::vector<std::string> everywhere = {
      "FIX"
      "ME",
      "TO"
      "DO",
      "XX"
      "X"};
  for (const SourceFile& file : source_files()) {
    if (!file.is_text() || file.name() == "LICENSE") continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      for (const std::string& word : everywhere)
        EXPECT_FALSE(has_word(file.lines[i], word)) << at(file, i + 1) << ": " << word;
  }
}

TEST(Tidy, NoCoroutineIsLeftToItself) {
  for (const SourceFile& file : source_files()) {
    if (!file.is_cpp()) continue;
    const auto code = without_comments_and_literals(file.lines);
    for (std::size_t i = 0; i < code.size(); ++i)
      EXPECT_EQ(std::string::npos, code[i].find("detached")) << at(file, i + 1);
  }
}

TEST(Tidy, TestsNeverSleep) {
  for (const SourceFile& file : source_files()) {
    if (!is_under(file.path, "tests")) continue;
    const auto code = file.is_cpp() ? without_comments_and_literals(file.lines)
                                    : (file.is_python() ? file.lines : std::vector<std::string>{});
    for (std::size_t i = 0; i < code.size(); ++i)
      for (const std::string_view call : {"sleep_for", "sleep_until", "usleep(", "sleep("})
        EXPECT_EQ(std::string::npos, code[i].find(call)) << at(file, i + 1);
  }
}

TEST(Tidy, NoFolderForWhatHasNoPlace) {
  const std::set<std::string> banned = {"utils", "util", "helpers", "helper", "misc", "common"};
  for (const SourceFile& file : source_files())
    for (std::string folder = file.folder(); !folder.empty();) {
      const auto slash = folder.rfind('/');
      EXPECT_FALSE(banned.contains(folder.substr(slash + 1))) << file.path;
      folder = slash == std::string::npos ? "" : folder.substr(0, slash);
    }
}

TEST(Tidy, EverySourceIsBuilt) {
  std::map<std::string, std::string> lists;  // folder → text of its CMakeLists.txt
  for (const SourceFile& file : source_files())
    if (file.name() == "CMakeLists.txt" || file.path.ends_with(".cmake"))
      for (const std::string& line : file.lines) lists[file.folder()] += " " + line + " ";
  for (const SourceFile& file : source_files()) {
    if (!file.path.ends_with(".cc")) continue;
    const bool listed = std::any_of(lists.begin(), lists.end(), [&](const auto& list) {
      if (!is_under(file.path, list.first)) return false;
      const std::string relative = file.path.substr(list.first.size() + 1);
      for (auto place = list.second.find(relative); place != std::string::npos;
           place = list.second.find(relative, place + 1)) {
        const char before = list.second[place - 1];
        const char after = list.second[place + relative.size()];
        if ((before == ' ' || before == '(' || before == '/') && (after == ' ' || after == ')'))
          return true;
      }
      return false;
    });
    EXPECT_TRUE(listed) << file.path << " is in no CMakeLists.txt: a file not built is a comment";
  }
}

TEST(Tidy, EveryHeaderIsIncludedSomewhere) {
  std::set<std::string> included;
  for (const SourceFile& file : source_files())
    for (const Include& include : file.includes()) included.insert(include.path);
  for (const SourceFile& file : source_files())
    EXPECT_TRUE(!file.path.ends_with(".h") || included.contains(file.path)) << file.path;
}

TEST(Tidy, EveryFolderSaysWhatItIsFor) {
  std::set<std::string> folders;
  std::set<std::string> described;
  for (const SourceFile& file : source_files()) {
    folders.insert(file.folder());
    if (file.name() == "README.md") described.insert(file.folder());
  }
  for (const std::string& folder : folders)
    EXPECT_TRUE(described.contains(folder)) << folder << " has no README.md";
}

TEST(Tidy, EveryHeaderBeginsWithItsPurpose) {
  for (const SourceFile& file : source_files())
    EXPECT_TRUE(!file.path.ends_with(".h") ||
                (!file.lines.empty() && file.lines[0].starts_with("// ")))
        << file.path;
}

TEST(Tidy, FunctionLengthsAreMeasured) {
  const SourceFile file{
      "x.cc",
      {"namespace a {", "struct S {", "  int f(int x) {", "    if (x) {", "      return 1;",
       "    }", "    return 2;", "  }", "};", "void g(std::string s,", "       int y) {",
       "  const char c = '{';", "}", "}"}};
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (const Function& function : file.functions())
    found.emplace_back(function.line, function.length);
  EXPECT_EQ((std::vector<std::pair<std::size_t, std::size_t>>{{3, 6}, {10, 4}}), found);
}

}  // namespace
}  // namespace daybook::tidy
