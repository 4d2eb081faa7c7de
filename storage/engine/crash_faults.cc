#include "storage/engine/crash_faults.h"

namespace daybook::engine {

void CrashFaults::clear() {
  faults_.clear();
  crash_.reset();
}

CrashFaults::Verdict CrashFaults::operation(Fault::On what, std::string_view path) {
  ++counts_.operations;
  if (what == Fault::On::append) ++counts_.appends;
  if (what == Fault::On::sync) ++counts_.syncs;

  Verdict verdict;
  if (crash_ && what == Fault::On::sync &&
      counts_.syncs - crash_->syncs_before == crash_->crash.nth_sync)
    verdict.crash = crash_->crash;
  for (Planned& planned : faults_) {
    const Fault& fault = planned.fault;
    if (fault.on != Fault::On::operation && fault.on != what) continue;
    if (path.find(fault.path_contains) == std::string_view::npos) continue;
    ++planned.seen;
    if (planned.seen == fault.nth || (fault.lasting && planned.seen > fault.nth))
      verdict.effect = fault.effect;
  }
  if (verdict.effect) ++counts_.faults_hit;
  return verdict;
}

}  // namespace daybook::engine
