// Which operation of a CrashFileSystem is to fail, and how. Counts what was done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/engine/crash_file_system.h"

namespace daybook::engine {

class CrashFaults {
 public:
  // What the operation that just began has to suffer.
  struct Verdict {
    std::optional<Fault::Effect> effect;
    std::optional<CrashPlan> crash;
  };

  void plan(const Fault& fault) { faults_.push_back({fault, 0}); }
  void plan(const CrashPlan& crash) { crash_ = {crash, counts_.syncs}; }
  void clear();

  Verdict operation(Fault::On what, std::string_view path);
  const IoCounts& counts() const { return counts_; }

 private:
  struct Planned {
    Fault fault;
    std::uint64_t seen = 0;
  };
  struct PlannedCrash {
    CrashPlan crash;
    std::uint64_t syncs_before = 0;
  };

  IoCounts counts_;
  std::vector<Planned> faults_;
  std::optional<PlannedCrash> crash_;
};

}  // namespace daybook::engine
