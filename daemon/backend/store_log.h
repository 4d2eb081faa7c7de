// The log behind the protocols: appends by way of the committer, reads from memory on the io
// thread and from the disk on a read thread.
#pragma once

#include <functional>

#include "daemon/delivery/dispatcher.h"
#include "daemon/threads/committer.h"
#include "daemon/threads/read_pool.h"
#include "protocol/backend.h"
#include "storage/store.h"

namespace daybook {

// Sends commands through evidence and the committer. Shared by the ports that change something.
class Writer {
 public:
  Writer(Store& store, Committer& committer, ReadPool& readers)
      : store_(store), committer_(committer), readers_(readers) {}

  // The job's result, once it is on disk; the job stays with the caller.
  Awaitable<Result<Applied>> apply(Job& job);

 private:
  Awaitable<Result<void>> gather(Job& job, engine::Tier tier);

  Store& store_;
  Committer& committer_;
  ReadPool& readers_;
};

class StoreLog final : public LogPort {
 public:
  // `refusal` says why nothing may be appended now; nullopt: it may.
  using Refusal = std::function<std::optional<Error>()>;
  StoreLog(Store& store, Writer& writer, ReadPool& readers, Dispatcher& dispatcher, Refusal refusal)
      : store_(store),
        writer_(writer),
        readers_(readers),
        dispatcher_(dispatcher),
        refusal_(std::move(refusal)) {}

  Offset head() const override { return store_.committed(); }
  Awaitable<Result<Receipt>> append(Append append) override;
  Awaitable<Result<Page>> read(Query query) override;
  Awaitable<Result<Page>> find(std::string id_space, std::string id) override;
  Awaitable<Result<Page>> find(Offset offset) override;
  std::unique_ptr<Interest> listen(Filter filter, std::function<void()> told) override;
  json::EventTexts& event_texts() override;
  Awaitable<Result<Offset>> resolve(StartPoint point) override;

 private:
  Awaitable<Result<Receipt>> receipt_of(Repeat repeat);

  Store& store_;
  Writer& writer_;
  ReadPool& readers_;
  Dispatcher& dispatcher_;
  const Refusal refusal_;
};

}  // namespace daybook
