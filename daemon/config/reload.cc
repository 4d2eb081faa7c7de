// Shows a whole configuration, and tells what may change in a running daemon.
#include "daemon/config/keys.h"
#include "daemon/config/projections.h"

namespace daybook::config {
namespace {

// A bridge comes and goes with a restart; where it leads to, and the password, may change before.
bool is_live(const Config& running, const Config& fresh, const Key& key) {
  constexpr std::string_view kNothing = "\"\"";
  const bool comes_or_goes = (show(running, key) == kNothing) != (show(fresh, key) == kNothing);
  return key.reloadable && !(std::holds_alternative<Secret>(key.kind) && comes_or_goes);
}

}  // namespace

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
  for (const ReadModel& model : config.projections) out += '\n' + show(model);
  return out;
}

Reload reload(const Config& running, const Config& fresh) {
  Reload out{.config = running, .changed = {}, .needs_restart = {}};
  for (const Key& key : keys()) {
    if (is_same(running, fresh, key)) continue;
    const bool takes_effect = is_live(running, fresh, key);
    (takes_effect ? out.changed : out.needs_restart).emplace_back(key.name);
    if (takes_effect) copy(out.config, fresh, key);
  }
  if (running.projections != fresh.projections) out.needs_restart.emplace_back("projection");
  return out;
}

}  // namespace daybook::config
