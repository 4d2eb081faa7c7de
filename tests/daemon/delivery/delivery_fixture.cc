#include "tests/daemon/delivery/delivery_fixture.h"

#include "daemon/net/spawn.h"
#include "daemon/threads/listeners.h"

namespace daybook::test {
namespace {

// What is called lives as long as the call.
Awaitable<Result<Leased>> do_fetch(Dispatcher& dispatcher, QueuePort::Fetch fetch) {
  co_return co_await dispatcher.fetch(std::move(fetch));
}
Awaitable<Result<StepResult>> do_take(Dispatcher& dispatcher, std::string queue, QueueStep step) {
  co_return co_await dispatcher.take(std::move(queue), std::move(step));
}
Awaitable<Result<std::unique_ptr<QueueMember>>> do_join(Dispatcher& dispatcher, std::string queue,
                                                        std::string member) {
  co_return co_await dispatcher.join(std::move(queue), std::move(member));
}
Awaitable<Result<Applied>> do_apply(Writer& writer, Command command) {
  Job job{.command = std::move(command)};
  co_return co_await writer.apply(job);
}

}  // namespace

DeliveryTest::DeliveryTest(std::size_t io_threads) : io_threads_(io_threads) {
  start();
}

DeliveryTest::~DeliveryTest() {
  if (store_) stop();
}

void DeliveryTest::start() {
  Store::Options options;
  options.data_dir = dir_.path();
  options.cache_bytes = 1 << 20;
  options.memtable_bytes = 4 << 20;
  options.new_log_id = LogId{1, 2};
  auto opened = Store::open(options);
  ASSERT_TRUE(opened) << opened.error().detail;
  store_ = std::move(*opened);
  threads_ = std::make_unique<IoThreads>(io_threads_);
  threads_->start();
  readers_ = std::make_unique<ReadPool>(1, 1000);
  committer_ =
      std::make_unique<Committer>(*store_, Committer::Bounds{}, [this](const CommitFacts&) {
        ++commits_;
        threads_->each([this](IoThread& io) { io.listeners().notify(store_->window()); });
      });
  committer_->start();
  dispatcher_ = std::make_unique<Dispatcher>(Dispatcher::Parts{.store = *store_,
                                                               .committer = *committer_,
                                                               .readers = *readers_,
                                                               .threads = *threads_,
                                                               .stall_after = stall_after_});
  writer_ = std::make_unique<Writer>(*store_, *committer_, *readers_);
  dispatcher_->start();
}

void DeliveryTest::stop() {
  dispatcher_->stop();
  eventually([] { return net::live_tasks() == 0; }, "every desk has closed");
  committer_->stop();
  readers_->stop();
  threads_->each([](IoThread& io) { io.stop(); });
  threads_->each([](IoThread& io) { io.join(); });
  dispatcher_.reset();
  committer_.reset();
  threads_.reset();
  readers_.reset();
  store_.reset();
}

void DeliveryTest::restart() {
  stop();
  start();
}

void DeliveryTest::put_group(const std::string& name, QueueSettings queue, Filter filter) {
  GroupSettings settings;
  settings.mode = GroupMode::queue;
  settings.filter = std::move(filter);
  settings.queue = std::move(queue);
  const auto put = command(PutGroup{.group = name,
                                    .settings = settings,
                                    .if_any_revision = store_->groups().find(name).has_value()});
  ASSERT_TRUE(put) << put.error().detail;
  dispatcher_->changed(name);
}

Result<Applied> DeliveryTest::command(Command command) {
  return wait_for(run(do_apply(*writer_, std::move(command))));
}

void DeliveryTest::append(const Event& event) {
  const Request request{.events = {event}};
  ASSERT_EQ("ok", code_of(command(append_of(request))));
}

void DeliveryTest::append_each(const std::string& aggregates) {
  for (const char aggregate : aggregates)
    append({.aggregate_id = std::string(1, aggregate), .payload = "{\"n\":1}"});
}

DeliveryTest::Fetched DeliveryTest::fetch_later(const std::string& queue, const std::string& member,
                                                std::uint32_t max, std::chrono::milliseconds wait) {
  return run(do_fetch(*dispatcher_, {.queue = queue, .member = member, .max = max, .wait = wait}));
}

Result<Leased> DeliveryTest::fetch(const std::string& queue, const std::string& member,
                                   std::uint32_t max, std::chrono::milliseconds wait) {
  return wait_for(fetch_later(queue, member, max, wait));
}

std::string DeliveryTest::describe(const Result<Leased>& leased) {
  if (!leased) return std::string(name(leased.error().code));
  std::string out;
  for (std::size_t i = 0; i < leased->tags.size(); ++i) {
    if (!out.empty()) out += ' ';
    out += std::to_string(leased->page.events[i].offset.value);
    if (leased->tags[i].attempt != 1) out += '/' + std::to_string(leased->tags[i].attempt);
    if (!leased->tags[i].replay_id.empty()) out += '*';
  }
  return out;
}

std::string DeliveryTest::fetched(const std::string& queue, const std::string& member,
                                  std::uint32_t max, std::chrono::milliseconds wait) {
  return describe(fetch(queue, member, max, wait));
}

std::string DeliveryTest::take(const std::string& queue, QueueStep step) {
  const auto done = wait_for(run(do_take(*dispatcher_, queue, std::move(step))));
  if (!done) return std::string(name(done.error().code));
  std::string refused;
  for (const Offset offset : done->refused)
    refused += (refused.empty() ? "" : " ") + std::to_string(offset.value);
  return refused;
}

std::string DeliveryTest::ack(const std::string& queue, const std::string& member,
                              const std::vector<std::uint64_t>& offsets) {
  AckLeases ack{.member = member};
  for (const std::uint64_t offset : offsets) ack.leases.push_back({Offset{offset}, std::nullopt});
  return take(queue, ack);
}

std::string DeliveryTest::nack(const std::string& queue, const std::string& member,
                               std::uint64_t offset, NackAction action) {
  return take(queue, NackLeases{.member = member,
                                .leases = {{Offset{offset}, std::nullopt}},
                                .action = action,
                                .reason = "no"});
}

std::unique_ptr<QueueMember> DeliveryTest::join(const std::string& queue,
                                                const std::string& member) {
  auto joined = wait_for(run(do_join(*dispatcher_, queue, member)));
  EXPECT_TRUE(joined) << joined.error().detail;
  return std::move(*joined);
}

}  // namespace daybook::test
