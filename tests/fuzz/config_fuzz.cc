// Any bytes as a configuration file: refused with a word, or accepted and then shown as TOML that
// is accepted again and means the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "daemon/config/config.h"
#include "storage/base/check.h"

namespace config = daybook::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = config::load_text(text, "fuzz");
  if (!loaded) {
    CHECK(!loaded.error().detail.empty());
    return 0;
  }
  const std::string shown = config::to_toml(*loaded);
  const auto again = config::load_text(shown, "shown");
  CHECK(again);
  CHECK(shown == config::to_toml(*again));
  return 0;
}
