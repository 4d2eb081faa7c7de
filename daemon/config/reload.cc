// Shows a whole configuration, and tells what may change in a running daemon.
#include "daemon/config/keys.h"

namespace daybook::config {

std::string to_toml(const Config& config) {
  std::string out;
  std::string_view section;
  for (const Key& key : keys()) {
    if (key.section() != section) {
      section = key.section();
      out += (out.empty() ? "[" : "\n[") + std::string(section) + "]\n";
    }
    out += std::string(key.name.substr(section.size() + 1)) + " = " + show(config, key) + '\n';
  }
  return out;
}

Reload reload(const Config& running, const Config& fresh) {
  Reload out{.config = running, .changed = {}, .needs_restart = {}};
  for (const Key& key : keys()) {
    if (show(running, key) == show(fresh, key)) continue;
    (key.reloadable ? out.changed : out.needs_restart).emplace_back(key.name);
    if (key.reloadable) copy(out.config, fresh, key);
  }
  return out;
}

}  // namespace daybook::config
