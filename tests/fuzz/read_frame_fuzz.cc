// WebSocket frames: whatever the text, there is an operation or a named error, and `ref` is JSON.
#include <cstdint>
#include <string>

#include "protocol/json/minify.h"
#include "protocol/json/read_frame.h"
#include "protocol/json/write_problem.h"
#include "storage/base/check.h"

namespace daybook::json {
namespace {

bool is_json(std::string_view text) {
  std::string out(text.size(), '\0');
  return minify(text, out.data(), minify_depth_max).broken == Broken::nothing;
}

void read(std::string_view text) {
  const ClientFrame frame = read_frame(text, Limits{});
  CHECK(frame.ref.empty() || is_json(frame.ref));
  if (!frame.op) {
    std::string out;
    append_problem(out, frame.op.error(), 422);
    CHECK(is_json(out));
    return;
  }
  if (const auto* append = std::get_if<AppendFrame>(&*frame.op)) {
    CHECK(!append->append.events.empty());
    for (const Draft& draft : append->append.events) CHECK(is_json(draft.payload));
  }
  if (const auto* subscribe = std::get_if<SubscribeFrame>(&*frame.op)) {
    CHECK(is_json(subscribe->sub));
    if (subscribe->replay.empty()) CHECK(subscribe->group.empty() == subscribe->member.empty());
  }
  if (const auto* leases = std::get_if<LeasesFrame>(&*frame.op)) {
    const NackLeases& said = leases->request.said;
    CHECK(is_json(leases->sub) && !leases->request.attempts);
    CHECK(!said.leases.empty() && said.leases.size() <= leases_max);
    CHECK(said.reason.size() <= limits::reason_bytes_max);
  }
}

}  // namespace
}  // namespace daybook::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  daybook::json::read({reinterpret_cast<const char*>(data), size});
  return 0;
}
