// What the micro benchmarks work on: the corpus as appends, blocks and a log in a temporary folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/load/corpus.h"
#include "storage/store.h"

namespace daybook::bench {

// The next `count` events of the corpus as one request's body: an event alone or an array.
std::string body_of(load::Corpus& corpus, std::size_t count);
// Decoded and sealed as the daemon does it. Ends the program where the body is refused.
Append append_of(const std::string& body);
// A block of `count` events, offsets from `first` on.
std::string block_of(const Append& append, Offset first);
// What the log would decide about each event: offsets from `first` on, each in a new aggregate.
std::vector<Placed> placed_from(const Append& append, Offset first);

// A log in a temporary folder (TMPDIR), removed again at the end.
class SampleLog {
 public:
  SampleLog();
  ~SampleLog();
  SampleLog(const SampleLog&) = delete;
  SampleLog& operator=(const SampleLog&) = delete;

  // Appends so many events of the corpus, a thousand in each request, and posts what is complete.
  void fill(std::size_t events);
  // Applies the appends as one group. Ends the program where one is refused.
  void apply(std::vector<Append> appends);
  Store& store() { return *store_; }

 private:
  std::string folder_;
  load::Corpus corpus_;
  std::unique_ptr<Store> store_;
};

[[noreturn]] void give_up(const std::string& why);

}  // namespace daybook::bench
