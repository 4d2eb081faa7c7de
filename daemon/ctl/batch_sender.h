// Appends many events in batches, and counts what became of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/ctl/context.h"

namespace daybook::ctl {

struct Appended {
  std::uint64_t events = 0;
  std::uint64_t replayed = 0;  // of them known to the log already
  std::uint64_t batches = 0;
  std::string first_offset;
  std::string last_offset;

  std::string to_json() const;
  std::string to_text() const;  // "12 events, offsets 1 to 12, in 2 batches"
};

// A batch is atomic, and sent when it has `events_max` events or 8 MiB. Throws Failure, its text
// telling what is in the log and what is not.
class BatchSender {
 public:
  BatchSender(Context& context, std::size_t events_max)
      : context_(context), events_max_(events_max) {}

  void add(std::string_view event);
  void finish();  // sends what is left
  const Appended& appended() const { return appended_; }

 private:
  void send();
  client::HttpResponse post() const;

  Context& context_;
  std::size_t events_max_;
  std::string body_;
  std::size_t events_ = 0;  // in `body_`
  Appended appended_;
};

}  // namespace daybook::ctl
