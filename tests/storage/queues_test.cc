// Queues and replays as the writer runs them: what turns, acks and operators make of a group, when
// readers see it, and what a restart finds.
#include "storage/queues.h"

#include "tests/storage/queue_fixture.h"

namespace daybook {
namespace {

using namespace test;
using Offsets = std::vector<std::uint64_t>;

class QueuesTest : public QueueStoreTest {
 protected:
  QueuesTest() { append_events(5); }

  Result<Applied> replay(const std::string& id, GroupStart from, decltype(CreateReplay::upto) upto,
                         const std::string& group = "") {
    CreateReplay create{.id = id, .group = group, .upto = upto, .created_at = {77}};
    create.settings = queue("").settings;
    create.settings.start = from;
    return command(std::move(create));
  }
};

TEST_F(QueuesTest, ANewQueueBeginsAtItsStart) {
  PutGroup put = queue("q");
  put.settings.start = Offset{3};
  auto made = command(put);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->created);
  EXPECT_EQ(Offset{3}, made->group.committed);
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(3u, committed("q"));
    EXPECT_EQ(Offset{3}, view("q").examined);
    open();
  }
  EXPECT_EQ((Offsets{4, 5}), deliver("q", 10));
}

TEST_F(QueuesTest, AcksMoveTheCommittedOffset) {
  ASSERT_TRUE(command(queue("q")));
  EXPECT_EQ((Offsets{1, 2, 3}), deliver("q", 3));
  EXPECT_EQ(0u, committed("q"));
  EXPECT_EQ(3u, view("q").in_flight);
  EXPECT_EQ(Offsets{}, ack("q", {1, 3}));
  EXPECT_EQ(1u, committed("q"));
  EXPECT_EQ(Offsets{3}, ack("q", {3}));
  EXPECT_EQ(Offsets{}, ack("q", {2}));
  EXPECT_EQ(3u, committed("q"));
  EXPECT_EQ(3u, view("q").acked);
}

TEST_F(QueuesTest, ARestartFindsLeasesAndAttempts) {
  ASSERT_TRUE(command(queue("q")));
  deliver("q", 4);
  ASSERT_EQ(Offsets{}, ack("q", {1, 3}));
  open();
  EXPECT_EQ(1u, committed("q"));
  EXPECT_EQ(2u, view("q").in_flight);
  EXPECT_EQ(2u, view("q").acked);
  EXPECT_EQ((Offsets{1, 3}), ack("q", {1, 2, 3}));
  now_.steady += std::chrono::seconds(40);
  EXPECT_EQ((Offsets{4, 5}), deliver("q", 10)) << "a lease of before the start ended";
}

TEST_F(QueuesTest, ReadersSeeATurnOnceItIsOnDisk) {
  ASSERT_TRUE(command(queue("q")));
  deliver("q", 2);
  TurnQueues turns{.now = now_};
  turns.turns.push_back({.group = "q", .steps = {leases_on<AckLeases>({1, 2})}});
  Job job{.command = turns};
  LogWriter& writer = store_->writer();
  PendingCommit one = writer.begin();
  writer.decide(job, one);
  writer.seal(one);
  EXPECT_FALSE(one.rows.empty());
  EXPECT_EQ(0u, committed("q"));
  writer.sync(one);
  EXPECT_EQ(2u, view("q").in_flight);
  writer.finish(one);
  EXPECT_EQ(2u, committed("q"));
  EXPECT_EQ(0u, view("q").in_flight);
}

TEST_F(QueuesTest, ATurnThatChangesNothingWritesNothing) {
  ASSERT_TRUE(command(queue("q")));
  Job job{.command = TurnQueues{.now = now_, .turns = {{.group = "q"}}}};
  PendingCommit commit = store_->writer().begin();
  store_->writer().decide(job, commit);
  store_->writer().seal(commit);
  EXPECT_TRUE(commit.rows.empty());
  store_->writer().sync(commit);
  store_->writer().finish(commit);
  EXPECT_EQ("ok", code_of(job.result));
}

TEST_F(QueuesTest, TurnsOfOneCommandShareItsDemand) {
  ASSERT_TRUE(command(queue("a")));
  ASSERT_TRUE(command(queue("b")));
  Admission two = admission("a");
  two.examined = Offset{2};
  two.events.resize(2);
  TurnQueues turns{.now = now_, .demand = {{.member = "m", .count = 3}}};
  turns.turns.push_back({.group = "a", .admission = two});
  turns.turns.push_back({.group = "nobody"});
  turns.turns.push_back({.group = "b", .admission = admission("b")});
  auto applied = command(turns);
  ASSERT_TRUE(applied);
  ASSERT_EQ(3u, applied->turns.size());
  EXPECT_EQ(2u, applied->turns[0]->deliveries.size());
  EXPECT_EQ("unknown_group", code_of(applied->turns[1]));
  EXPECT_EQ(1u, applied->turns[2]->deliveries.size());
}

TEST_F(QueuesTest, EachModeRefusesWhatTheOtherOneHas) {
  ASSERT_TRUE(command(queue("q")));
  ASSERT_TRUE(command(PutGroup{.group = "g"}));
  EXPECT_EQ("wrong_mode", code_of(command(CommitOffset{.group = "q", .offset = Offset{2}})));
  EXPECT_EQ("wrong_mode", code_of(command(TakeGroup{.group = "q", .member = "m"})));
  const CommitOffset commit{.group = "q", .offset = Offset{2}};
  EXPECT_EQ("wrong_mode", code_of(append({.events = {{}}, .commit = commit})));
  EXPECT_EQ("wrong_mode", code_of(turn("g")));
  EXPECT_EQ("wrong_mode", code_of(command(PauseGroup{.group = "g"})));
  EXPECT_EQ("unknown_group", code_of(command(PauseGroup{.group = "nobody"})));
  EXPECT_EQ(0u, committed("q"));
  EXPECT_EQ(Offset{5}, store_->committed());
}

TEST_F(QueuesTest, TheOrderIsFixed) {
  ASSERT_TRUE(command(queue("q")));
  PutGroup other = queue("q");
  other.if_any_revision = true;
  other.settings.queue.order = GroupOrder::single;
  EXPECT_EQ("group_exists", code_of(command(other)));
}

TEST_F(QueuesTest, ChangedSettingsReachTheQueue) {
  ASSERT_TRUE(command(queue("q")));
  deliver("q", 2);
  ASSERT_EQ(Offsets{}, ack("q", {1}));
  PutGroup narrow = queue("q");
  narrow.if_any_revision = true;
  narrow.settings.queue.max_in_flight = 2;
  ASSERT_TRUE(command(narrow));
  EXPECT_EQ(Offsets{3}, deliver("q", 10)) << "with that there are two leases";
  narrow.settings.filter.tags = {"red"};
  ASSERT_TRUE(command(narrow));
  EXPECT_EQ(1u, committed("q"));
  EXPECT_EQ(Offset{1}, view("q").examined) << "a new filter holds above the committed offset";
  EXPECT_EQ(0u, view("q").in_flight);
  EXPECT_EQ(3u, store_->groups().find("q")->revision);
}

TEST_F(QueuesTest, APausedQueueDeliversNothingAfterARestartToo) {
  ASSERT_TRUE(command(queue("q")));
  auto paused = command(PauseGroup{.group = "q"});
  ASSERT_TRUE(paused);
  EXPECT_TRUE(paused->group.paused);
  EXPECT_EQ(1u, paused->group.revision);
  for (int times = 0; times < 2; ++times) {
    EXPECT_TRUE(store_->groups().find("q")->paused);
    EXPECT_EQ(Offsets{}, deliver("q", 10));
    open();
  }
  ASSERT_TRUE(command(PauseGroup{.group = "q", .paused = false}));
  EXPECT_EQ(5u, deliver("q", 10).size());
}

TEST_F(QueuesTest, AResetEndsLeasesAndNoOldAckHolds) {
  ASSERT_TRUE(command(queue("q")));
  deliver("q", 4);
  ASSERT_EQ(Offsets{}, ack("q", {1, 2}));
  auto reset = command(ResetGroup{.group = "q", .to = Offset{1}});
  ASSERT_TRUE(reset);
  EXPECT_EQ(Offset{1}, reset->group.committed);
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(1u, committed("q"));
    EXPECT_EQ(Offsets{3}, ack("q", {3}));
    open();
  }
  EXPECT_EQ(Offsets{2}, deliver("q", 1));
  EXPECT_EQ(2u, last_attempt_) << "above every attempt of before";
  ASSERT_TRUE(command(ResetGroup{.group = "q", .to = FromHead{}}));
  EXPECT_EQ(5u, committed("q"));
}

TEST_F(QueuesTest, DeadLettersAreKeptWithTheirEvent) {
  ASSERT_TRUE(command(queue("q")));
  deliver("q", 2);
  ASSERT_NO_FATAL_FAILURE(bury("q", 1));
  EXPECT_EQ(1u, committed("q"));
  EXPECT_EQ(1u, view("q").dead_letters);
  open();
  EXPECT_EQ(1u, view("q").dead_letters);
  auto letter = store_->book().dead_letter("q", Offset{1});
  ASSERT_TRUE(letter && *letter);
  EXPECT_EQ(1u, (*letter)->facts.failures.size());
  EXPECT_EQ(describe(store_->reader().find(Offset{1}, engine::Tier::disk)->events.front()),
            describe(*(*letter)->copy->event(Offset{1})));
  ASSERT_TRUE(turn("q", {DiscardDeadLetters{.offsets = {Offset{1}}}}));
  EXPECT_EQ(0u, view("q").dead_letters);
  EXPECT_FALSE(*store_->book().dead_letter("q", Offset{1}));
}

TEST_F(QueuesTest, ARetriedDeadLetterLeavesWhenItIsAcked) {
  ASSERT_TRUE(command(queue("q")));
  deliver("q", 1);
  ASSERT_NO_FATAL_FAILURE(bury("q", 1));
  ASSERT_TRUE(turn("q", {RetryDeadLetters{{{.event = {.offset = Offset{1}}, .attempts = 1}}}}, 10));
  EXPECT_TRUE(*store_->book().dead_letter("q", Offset{1})) << "until it is finished";
  ASSERT_EQ(Offsets{}, ack("q", {1}));
  EXPECT_FALSE(*store_->book().dead_letter("q", Offset{1}));
}

TEST_F(QueuesTest, ADeletedQueueLeavesNothingBehind) {
  ASSERT_TRUE(command(queue("q")));
  deliver("q", 3);
  ASSERT_NO_FATAL_FAILURE(bury("q", 1));
  ASSERT_TRUE(command(DeleteGroup{"q"}));
  EXPECT_FALSE(store_->groups().queue_view("q"));
  EXPECT_FALSE(*store_->book().dead_letter("q", Offset{1}));
  EXPECT_EQ("unknown_group", code_of(turn("q")));
  open();
  EXPECT_FALSE(store_->groups().find("q"));
  ASSERT_TRUE(command(queue("q")));
  EXPECT_EQ(0u, view("q").dead_letters);
  EXPECT_EQ((Offsets{1, 2, 3, 4, 5}), deliver("q", 10));
  EXPECT_EQ(1u, last_attempt_);
}

TEST_F(QueuesTest, InOneCommitAQueueMayBeDeletedAndMadeAnew) {
  ASSERT_TRUE(command(queue("q")));
  ASSERT_TRUE(command(queue("l")));
  deliver("q", 3);
  Job jobs[] = {{.command = DeleteGroup{"q"}},
                {.command = queue("q")},
                {.command = DeleteGroup{"l"}},
                {.command = PutGroup{.group = "l"}}};
  Job* all[] = {&jobs[0], &jobs[1], &jobs[2], &jobs[3]};
  store_->apply(all);
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(0u, view("q").in_flight);
    EXPECT_TRUE(store_->groups().queue_view("q"));
    EXPECT_FALSE(store_->groups().queue_view("l"));
    EXPECT_EQ(GroupMode::log, store_->groups().find("l")->settings.mode);
    open();
  }
}

TEST_F(QueuesTest, AReplayIsAQueueOfItsOwn) {
  ASSERT_TRUE(command(queue("q")));
  deliver("q", 2);
  ASSERT_TRUE(replay("r", Offset{1}, Offset{3}, "q"));
  for (int times = 0; times < 2; ++times) {
    const auto row = store_->groups().find(replay_name("r"));
    ASSERT_TRUE(row && row->replay);
    EXPECT_EQ(
        (ReplayRange{
            .group = "q", .after = Offset{1}, .upto = Offset{3}, .created_at = Timestamp{77}}),
        *row->replay);
    EXPECT_EQ(Offset{1}, row->committed);
    open();
  }
  EXPECT_EQ(Offsets{2}, deliver(replay_name("r"), 1));
  EXPECT_EQ(0u, committed("q"));
  EXPECT_EQ(2u, view("q").in_flight) << "of the group nothing changes";
}

TEST_F(QueuesTest, TheRangeOfAReplayEndsAtTheHead) {
  const auto range_of = [this](const std::string& id) {
    const ReplayRange range = *store_->groups().find(replay_name(id))->replay;
    return std::pair(range.after.value, range.upto.value);
  };
  ASSERT_TRUE(replay("to the head", FromBeginning{}, FromHead{}));
  ASSERT_TRUE(replay("beyond", FromBeginning{}, Offset{99}));
  ASSERT_TRUE(replay("empty", FromHead{}, Offset{2}));
  ASSERT_TRUE(append({.events = {{}}, .stamped_at = {2'000'000}}));
  ASSERT_TRUE(append({.events = {{}}, .stamped_at = {3'000'000}}));
  ASSERT_TRUE(append({.events = {{}}, .stamped_at = {4'000'000}}));
  ASSERT_TRUE(replay("by time", Timestamp{2'000'000}, Timestamp{3'000'000}));
  EXPECT_EQ(std::pair(0ul, 5ul), range_of("to the head"));
  EXPECT_EQ(std::pair(0ul, 5ul), range_of("beyond"));
  EXPECT_EQ(std::pair(5ul, 5ul), range_of("empty"));
  EXPECT_EQ(std::pair(5ul, 7ul), range_of("by time")) << "both times are inclusive";
  EXPECT_EQ("beyond_head", code_of(replay("late", Offset{99}, FromHead{})));
  Job in_memory{.command = CreateReplay{.id = "t", .upto = Timestamp{1}}};
  EXPECT_EQ("not_yet", code_of(store_->gather(in_memory.command, engine::Tier::memory_only)));
}

TEST_F(QueuesTest, AReplayNeedsAQueueAndAnIdOfItsOwn) {
  ASSERT_TRUE(command(PutGroup{.group = "g"}));
  EXPECT_EQ("unknown_group", code_of(replay("r", FromBeginning{}, FromHead{}, "nobody")));
  EXPECT_EQ("wrong_mode", code_of(replay("r", FromBeginning{}, FromHead{}, "g")));
  ASSERT_TRUE(replay("r", FromBeginning{}, FromHead{}));
  EXPECT_EQ("group_exists", code_of(replay("r", FromBeginning{}, FromHead{})));
}

TEST_F(QueuesTest, ACancelledReplayIsOver) {
  ASSERT_TRUE(replay("r", FromBeginning{}, Offset{4}));
  const std::string name = replay_name("r");
  deliver(name, 2);
  ASSERT_EQ(Offsets{}, ack(name, {1}));
  ASSERT_TRUE(command(CancelReplay{"r"}));
  ASSERT_TRUE(command(CancelReplay{"r"})) << "a second time changes nothing";
  for (int times = 0; times < 2; ++times) {
    EXPECT_TRUE(store_->groups().find(name)->replay->cancelled);
    EXPECT_EQ(4u, committed(name));
    EXPECT_EQ(0u, view(name).in_flight);
    EXPECT_EQ(1u, view(name).acked);
    EXPECT_EQ(Offsets{}, deliver(name, 10));
    open();
  }
  EXPECT_EQ("not_found", code_of(command(CancelReplay{"other"})));
  ASSERT_TRUE(command(DeleteGroup{name}));
  EXPECT_FALSE(store_->groups().find(name));
}

}  // namespace
}  // namespace daybook
