// Every verdict and every refusal, as a client meets them.
#include "storage/decide.h"

#include "tests/storage/store_fixture.h"

namespace daybook {
namespace {

using namespace test;

class DecideTest : public StoreTest {
 protected:
  std::string outcome(Request request) {
    auto result = append(std::move(request));
    if (!result) return describe(result.error());
    if (result->repeat)
      return "repeat " + std::to_string(result->repeat->first.value) + "+" +
             std::to_string(result->repeat->count);
    return "placed at " + std::to_string(result->placed.front().offset.value);
  }
  // The same three times over: from the window as written, from the window, from the index.
  template <class Check>
  void wherever_the_past_is(Check check) {
    check();
    append_events(20, {.aggregate_id = "filler"});
    check();
    post();
    check();
    open();
    check();
  }
};

Event on(const std::string& id, Expected expected = {}) {
  return {.aggregate_id = id, .expected = expected};
}
Expected none() {
  return {.kind = Expected::Kind::none};
}
Expected exists() {
  return {.kind = Expected::Kind::exists};
}

TEST_F(DecideTest, AnExpectedSequenceIsHeldAgainstTheAggregate) {
  ASSERT_EQ("placed at 1", outcome({.events = {on("a", exactly(0)), on("a")}}));
  wherever_the_past_is([&] {
    EXPECT_EQ("sequence_conflict sequence thing/a is 2 not 1",
              outcome({.events = {on("a", exactly(1))}}));
    EXPECT_EQ("sequence_conflict sequence thing/a is 2 not 3",
              outcome({.events = {on("a", exactly(3))}}));
    EXPECT_EQ("sequence_conflict sequence thing/a is 2 not \"none\"",
              outcome({.events = {on("a", none())}}));
    EXPECT_EQ("sequence_conflict sequence thing/b is 0 not \"exists\"",
              outcome({.events = {on("b", exists())}}));
    EXPECT_EQ("sequence_conflict sequence thing/b is 0 not 1",
              outcome({.events = {on("b", exactly(1))}}));
  });
  EXPECT_NE("", outcome({.events = {on("a", exactly(2))}}));
  EXPECT_EQ(Sequence{3}, store_->aggregates().find("thing", "a")->sequence);
}

TEST_F(DecideTest, WhatIsExpectedIsOfBeforeTheAppend) {
  EXPECT_EQ("placed at 1", outcome({.events = {on("a", none()), on("a"), on("b", exactly(0))}}));
}

TEST_F(DecideTest, EveryFailingCheckIsReportedInItsOrder) {
  append_events(3);
  ASSERT_EQ("placed at 4", outcome({.events = {{.aggregate_id = "x", .tags = {"red"}}}}));
  EXPECT_EQ(
      "sequence_conflict sequence thing/1 is 3 not 9 sequence thing/y is 0 not \"exists\""
      " sequence thing/x is 1 not 0 match 2 at 4 match 3 at 1",
      outcome({.events = {on("1", exactly(9)), on("ok"), on("y", exists())},
               .conditions = {AggregateCheck{"thing", "x", {0}}, AggregateCheck{"thing", "1", {3}},
                              MatchCheck{{.tags = {"red"}}, {}}, MatchCheck{{}, {}}}}));
}

TEST_F(DecideTest, TheFirstFailureNamesTheRefusal) {
  append_events(1);
  EXPECT_EQ("condition_failed match 0 at 1 sequence thing/1 is 1 not 0",
            outcome({.events = {on("z")},
                     .conditions = {MatchCheck{{}, {}}, AggregateCheck{"thing", "1", {0}}}}));
}

TEST_F(DecideTest, AMatchIsLookedForAfterThePointAlone) {
  ASSERT_EQ("placed at 1", outcome({.events = {{.tags = {"seat:12"}}}}));
  wherever_the_past_is([&] {
    const auto ask = [&](std::uint64_t after) {
      return outcome({.events = {{.aggregate_id = "seat", .expected = exactly(99)}},
                      .conditions = {MatchCheck{{.tags = {"seat:12"}}, Offset{after}}}});
    };
    EXPECT_EQ("sequence_conflict sequence thing/seat is 0 not 99 match 0 at 1", ask(0));
    EXPECT_EQ("sequence_conflict sequence thing/seat is 0 not 99", ask(1));
  });
}

TEST_F(DecideTest, APointBeyondTheHeadIsBadInput) {
  append_events(2);
  EXPECT_EQ(
      "beyond_head /conditions/1/after",
      outcome({.events = {{}},
               .conditions = {AggregateCheck{"thing", "1", {2}}, MatchCheck{{}, Offset{3}}}}));
  EXPECT_EQ("placed at 3", outcome({.events = {{}}, .conditions = {MatchCheck{{}, Offset{2}}}}));
}

TEST_F(DecideTest, ConditionsSeeTheLogBeforeTheAppend) {
  EXPECT_EQ("placed at 1", outcome({.events = {{.tags = {"red"}}},
                                    .conditions = {MatchCheck{{.tags = {"red"}}, {}},
                                                   AggregateCheck{"thing", "1", {0}}}}));
}

TEST_F(DecideTest, AConditionThatLooksAtTooMuchIsRefused) {
  options_.condition_postings = 10;
  open();
  append_events(40, {.tags = {"t"}});
  const auto gathered = [&](const Filter& filter, std::uint64_t after) {
    const Request request{.events = {{}}, .conditions = {MatchCheck{filter, Offset{after}}}};
    return code_of(store_->gather(append_of(request), engine::Tier::disk));
  };
  EXPECT_EQ("condition_too_broad", gathered({.tags = {"t", "none"}}, 0));
  EXPECT_EQ("condition_too_broad", gathered({.tags = {"t", "none"}}, 29));
  EXPECT_EQ("ok", gathered({.tags = {"t", "none"}}, 30));
  EXPECT_EQ("ok", gathered({.tags = {"none", "t"}}, 0));
  EXPECT_EQ("ok", gathered({.tags = {"t"}}, 0));
}

TEST_F(DecideTest, KnownIdsWithTheSameContentRepeat) {
  const Request request{
      .events = {{.id = "a", .payload = "1"}, {.id = "b", .payload = "2"}, {.id = "c"}}};
  ASSERT_EQ("placed at 1", outcome(request));
  const auto part = [&](std::vector<std::size_t> which) {
    Request some;
    for (const std::size_t i : which) some.events.push_back(request.events[i]);
    return outcome(some);
  };
  wherever_the_past_is([&] {
    EXPECT_EQ("repeat 1+3", outcome(request));
    EXPECT_EQ("repeat 2+2", part({1, 2}));
    EXPECT_EQ("repeat 3+1", part({2}));
    EXPECT_EQ("partial_replay known 0 a at 1 known 1 c at 3", part({0, 2}));
    EXPECT_EQ("partial_replay known 0 b at 2 known 1 a at 1", part({1, 0}));
    Request more = request;
    more.events.emplace_back();
    EXPECT_EQ("partial_replay known 0 a at 1 known 1 b at 2 known 2 c at 3", outcome(more));
    Request other = request;
    other.events[1].payload = "2.0";
    EXPECT_EQ("id_reused", outcome(other));
  });
}

TEST_F(DecideTest, IdsOfTwoAppendsAreNoRepeatOfOne) {
  ASSERT_EQ("placed at 1", outcome({.events = {{.id = "a"}}}));
  ASSERT_EQ("placed at 2", outcome({.events = {{.id = "b"}}}));
  EXPECT_EQ("partial_replay known 0 a at 1 known 1 b at 2",
            outcome({.events = {{.id = "a"}, {.id = "b"}}}));
}

TEST_F(DecideTest, AnIdIsUniqueWithinItsSpace) {
  ASSERT_EQ("placed at 1", outcome({.events = {{.id = "a"}}}));
  EXPECT_EQ("placed at 2", outcome({.id_space = "legacy", .events = {{.id = "a"}}}));
  EXPECT_EQ("repeat 2+1", outcome({.id_space = "legacy", .events = {{.id = "a"}}}));
}

TEST_F(DecideTest, AServerMadeIdSentBackIsKnown) {
  auto first = append({.events = {{.payload = "1"}}});
  ASSERT_TRUE(first);
  EventId id;
  id.uuid = first->placed[0].server_id;
  const std::string text = id.to_string();
  wherever_the_past_is([&] {
    EXPECT_EQ("repeat 1+1", outcome({.events = {{.id = text, .payload = "1"}}}));
    EXPECT_EQ("id_reused", outcome({.events = {{.id = text, .payload = "2"}}}));
  });
}

TEST_F(DecideTest, ARepeatIsSeenBeforeAnyCheck) {
  const Request request{.events = {{.id = "a", .expected = none()}},
                        .conditions = {MatchCheck{{}, {}}}};
  ASSERT_EQ("placed at 1", outcome(request));
  EXPECT_EQ("repeat 1+1", outcome(request));
}

TEST_F(DecideTest, ARequestKeyRepeatsTheWholeRequest) {
  const Request request{
      .principal = "p", .events = {on("a", none()), {}}, .request_key = RequestKey{"k", {1, 1}}};
  ASSERT_EQ("placed at 1", outcome(request));
  wherever_the_past_is([&] {
    EXPECT_EQ("repeat 1+2", outcome(request));
    Request other = request;
    other.request_key->body = {2, 2};
    EXPECT_EQ("key_reused", outcome(other));
  });
  Request of_another = request;
  of_another.principal = "q";
  of_another.events[0].expected = {};
  EXPECT_EQ(0u, outcome(of_another).find("placed"));
}

TEST_F(DecideTest, ARefusedRequestLeavesNoTrace) {
  Request request{.events = {{.id = "a", .expected = exists()}},
                  .request_key = RequestKey{"k", {1, 1}}};
  EXPECT_EQ("sequence_conflict sequence thing/1 is 0 not \"exists\"", outcome(request));
  EXPECT_EQ(Offset{0}, store_->committed());
  request.events[0].expected = {};
  request.events[0].payload = "2";
  request.request_key->body = {2, 2};
  EXPECT_EQ("placed at 1", outcome(request));
}

TEST_F(DecideTest, AGroupIsCommittedWithTheAppendOrNotAtAll) {
  append_events(5);
  const auto with = [&](const std::string& group, std::uint64_t offset,
                        std::optional<std::uint64_t> generation = {}) {
    return outcome({.events = {{}}, .commit = CommitOffset{group, Offset{offset}, generation}});
  };
  EXPECT_EQ("unknown_group", with("g", 3));
  ASSERT_EQ("ok", code_of(command(PutGroup{.group = "g"})));
  EXPECT_EQ("placed at 6", with("g", 3));
  EXPECT_EQ("commit_backwards", with("g", 2));
  EXPECT_EQ("beyond_head", with("g", 7));
  EXPECT_EQ("fenced", with("g", 4, 1));
  EXPECT_EQ("placed at 7", with("g", 6));
  EXPECT_EQ(Offset{6}, store_->groups().find("g")->committed);
  open();
  EXPECT_EQ(Offset{6}, store_->groups().find("g")->committed);
}

TEST_F(DecideTest, ARepeatMovesItsGroupWhereThatIsStillForward) {
  append_events(5);
  ASSERT_EQ("ok", code_of(command(PutGroup{.group = "g"})));
  Request request{.events = {{.id = "a"}}, .commit = CommitOffset{"g", Offset{3}, {}}};
  ASSERT_EQ("placed at 6", outcome(request));
  request.commit->offset = Offset{5};
  EXPECT_EQ("repeat 6+1", outcome(request));
  EXPECT_EQ(Offset{5}, store_->groups().find("g")->committed);
  request.commit->offset = Offset{1};
  EXPECT_EQ("repeat 6+1", outcome(request));
  request.commit->group = "unknown";
  EXPECT_EQ("repeat 6+1", outcome(request));
  EXPECT_EQ(Offset{5}, store_->groups().find("g")->committed);
}

TEST_F(DecideTest, LaterCommandsOfAGroupSeeWhatEarlierOnesDid) {
  std::vector<std::unique_ptr<Job>> jobs;
  jobs.push_back(job_of({.events = {{.id = "a", .expected = none(), .tags = {"red"}}}}));
  jobs.push_back(job_of({.events = {{.expected = none()}}}));
  jobs.push_back(job_of({.events = {{.id = "a", .tags = {"red"}}}}));
  jobs.push_back(job_of({.events = {{.id = "a", .payload = "1"}}}));
  jobs.push_back(job_of({.events = {{}}, .conditions = {MatchCheck{{.tags = {"red"}}, {}}}}));
  jobs.push_back(job_of({.events = {{}}, .conditions = {AggregateCheck{"thing", "1", {1}}}}));
  std::vector<Job*> all;
  all.reserve(jobs.size());
  for (const auto& job : jobs) all.push_back(job.get());
  store_->apply(all);
  std::vector<std::string> outcomes;
  outcomes.reserve(all.size());
  for (const Job* job : all)
    outcomes.push_back(job->result ? job->result->repeat ? "repeat" : "placed"
                                   : describe(job->result.error()));
  EXPECT_EQ(
      (std::vector<std::string>{"placed", "sequence_conflict sequence thing/1 is 1 not \"none\"",
                                "repeat", "id_reused", "condition_failed match 0 at 1", "placed"}),
      outcomes);
  EXPECT_EQ(Offset{2}, store_->committed());
}

TEST_F(DecideTest, EvidenceOlderThanTheWindowIsGatheredAgain) {
  auto job = job_of({.events = {on("a", none())}});
  ASSERT_EQ("ok", code_of(append({.events = {on("a")}})));
  append_events(40);
  post();
  EXPECT_EQ("evidence_stale", code_of(apply(*job)));
  gather(*job);
  EXPECT_EQ("sequence_conflict", code_of(apply(*job)));
}

TEST_F(DecideTest, EvidenceAtTheVeryEdgeOfTheWindowStillHolds) {
  append_events(8);
  auto early = job_of({.events = {on("a", none())}});
  append_events(16);
  post();
  ASSERT_EQ(Offset{17}, store_->window().first());
  EXPECT_EQ("evidence_stale", code_of(apply(*early)));
}

TEST_F(DecideTest, RecordedTimesNeverFall) {
  const auto recorded = [&](std::int64_t stamp) {
    return append({.events = {{}}, .stamped_at = {stamp}})->placed[0].recorded_at.micros;
  };
  EXPECT_EQ(500, recorded(500));
  EXPECT_EQ(500, recorded(300));
  EXPECT_EQ(700, recorded(700));
  open();
  EXPECT_EQ(700, recorded(100));
  ASSERT_EQ("ok", code_of(store_->post_all()));
  open();
  EXPECT_EQ(700, recorded(100));
}

}  // namespace
}  // namespace daybook
