// What is answered: member order and text to the byte.
#include <gtest/gtest.h>

#include "protocol/json/write_aggregate.h"
#include "protocol/json/write_event.h"
#include "protocol/json/write_group.h"
#include "protocol/json/write_page.h"
#include "protocol/json/write_problem.h"
#include "protocol/json/write_receipt.h"
#include "protocol/json/write_settings.h"

namespace daybook::json {
namespace {

constexpr Timestamp kTime{1'769'248'800'123'456};

EventView sample() {
  EventView event;
  event.offset = Offset{42};
  event.sequence = Sequence{3};
  event.id.text = "i\"1";
  event.aggregate_type = "agent";
  event.aggregate_id = "agent-123";
  event.event_type = "agent.created";
  event.schema_version = "1";
  event.tags = {"conversation:c-9", "b"};
  event.correlation_id = "corr-456";
  event.payload = R"({"n":1.0})";
  event.metadata = "{}";
  event.occurred_at = kTime;
  event.recorded_at = Timestamp{kTime.micros + 1};
  return event;
}

template <class... Args>
std::string written(void (*write)(std::string&, Args...), std::type_identity_t<Args>... args) {
  std::string out;
  write(out, args...);
  return out;
}

TEST(WriteEvent, HasItsMembersInOrder) {
  EXPECT_EQ(
      R"({"offset":42,"id":"i\"1","aggregate_type":"agent","aggregate_id":"agent-123",)"
      R"("sequence":3,)"
      R"("event_type":"agent.created","schema_version":1,"tags":["conversation:c-9","b"],)"
      R"("correlation_id":"corr-456","causation_id":null,"payload":{"n":1.0},"metadata":{},)"
      R"("occurred_at":"2026-01-24T10:00:00.123456Z","recorded_at":"2026-01-24T10:00:00.123457Z"})",
      written(append_event, sample()));
}

TEST(WriteEvent, WritesServerMadeIdsAsUuids) {
  EventView event = sample();
  event.id = {};
  event.id.uuid = {0x01, 0x99, 0xf3, 0xc2, 1, 2, 0x70, 3, 0x80, 4, 5, 6, 7, 8, 9, 10};
  event.tags.clear();
  const std::string out = written(append_event, event);
  EXPECT_NE(std::string::npos, out.find(R"("id":"0199f3c2-0102-7003-8004-05060708090a")")) << out;
  EXPECT_NE(std::string::npos, out.find(R"("tags":[],)")) << out;
}

TEST(WritePage, NamesWhereToGoOn) {
  Page page;
  page.head = Offset{9};
  EXPECT_EQ(R"({"events":[],"next_after":null,"head":9})",
            written(append_page, page, Order::ascending, false));
  page.next = Offset{5};
  page.explain = {"event_type", "a.b", 12};
  EXPECT_EQ(R"({"events":[],"next_before":5,"head":9,)"
            R"("explain":{"index":"event_type","term":"a.b","candidates":12}})",
            written(append_page, page, Order::descending, true));
  page.examined = Offset{7};
  EventTexts texts;
  EXPECT_EQ(R"({"events":[],"next_after":7,"generation":2})",
            written(append_fetched, page, std::uint64_t{2}, texts));
  EXPECT_EQ(R"({"events":[],"next_after_sequence":3,"head":9})",
            written(append_aggregate_page, page, Order::ascending, Sequence{3}));
  EXPECT_EQ(R"({"events":[],"next_before_sequence":null,"head":9})",
            written(append_aggregate_page, page, Order::descending, std::nullopt));
}

TEST(WritePage, SeparatesEvents) {
  Page page;
  page.events = {sample(), sample()};
  const std::string one = written(append_event, sample());
  EXPECT_EQ("{\"events\":[" + one + "," + one + "],\"next_after\":null,\"head\":0}",
            written(append_page, page, Order::ascending, false));
}

TEST(WriteReceipt, TellsEveryEventsPlace) {
  const Receipt receipt{
      Offset{42},
      Offset{43},
      true,
      {{"a", Offset{42}, Sequence{1}, kTime}, {"b", Offset{43}, Sequence{2}, kTime}}};
  EXPECT_EQ(R"({"first_offset":42,"last_offset":43,"replayed":true,"durability":"fsync","events":[)"
            R"({"id":"a","offset":42,"sequence":1,"recorded_at":"2026-01-24T10:00:00.123456Z"},)"
            R"({"id":"b","offset":43,"sequence":2,"recorded_at":"2026-01-24T10:00:00.123456Z"}]})",
            written(append_receipt, receipt));
}

TEST(WriteProblem, ListsEveryConflict) {
  Error error(Errc::sequence_conflict, "agent \"a\" moved");
  error.conflicts = {{.kind = Conflict::Kind::sequence,
                      .aggregate_type = "agent",
                      .aggregate_id = "a",
                      .expected = "\"exists\"",
                      .actual = 7},
                     {.kind = Conflict::Kind::match, .condition = 1, .offset = 57},
                     {.kind = Conflict::Kind::known_id, .condition = 2, .offset = 58, .id = "x"}};
  EXPECT_EQ(
      R"({"type":"urn:daybook:error:sequence-conflict","title":"Sequence conflict","status":409,)"
      R"("detail":"agent \"a\" moved","code":"sequence_conflict","conflicts":[)"
      R"({"kind":"sequence","aggregate_type":"agent","aggregate_id":"a",)"
      R"("expected":"exists","actual":7},)"
      R"({"kind":"match","condition":1,"conflict_offset":57},)"
      R"({"kind":"known_id","event":2,"id":"x","conflict_offset":58}]})",
      written(append_problem, error, 409U));
}

TEST(WriteProblem, PointsAtTheMember) {
  Error error(Errc::trimmed, "gone", "/a");
  error.first_offset = 5;
  EXPECT_EQ(R"("code":"trimmed","detail":"gone","pointer":"/a","first_offset":5)",
            written(append_error_members, error));
}

TEST(WriteGroup, ShowsLagAndMembers) {
  GroupInfo group;
  group.name = "billing";
  group.row.committed = Offset{40};
  group.row.generation = 3;
  group.head = Offset{42};
  group.lag_seconds = 1.5;
  group.members = {"m1", "m2"};
  const std::string one =
      R"({"group":"billing","mode":"log","committed":40,"generation":3,"head":42,"lag":2,)"
      R"("lag_seconds":1.500,"members":["m1","m2"],"in_flight":0,"set_aside":0,"dead_letters":0,)"
      R"("paused":false,"stalled":false})";
  EXPECT_EQ(one, written(append_group, group));
  EXPECT_EQ("{\"groups\":[" + one + "],\"next_after\":null}",
            written(append_group_list, std::span<const GroupInfo>(&group, 1)));
  group.stalled = Idle::no_credits;
  EXPECT_NE(std::string::npos, written(append_group, group).find(R"("stalled":"no_credits"})"));
  EXPECT_EQ(R"({"committed":41})", written(append_committed, Offset{41}));
}

TEST(WriteGroup, ShowsHowAQueueIsDoing) {
  GroupInfo group;
  group.name = "q";
  group.row.settings.mode = GroupMode::queue;
  group.row.paused = true;
  group.head = Offset{42};
  group.idle = Idle::set_aside;
  group.queue.committed = Offset{30};
  group.queue.in_flight = 1;
  group.queue.unfinished = 2;
  group.queue.set_aside = 3;
  group.queue.dead_letters = 4;
  group.queue.acked = 5;
  group.queue.skipped = 6;
  group.queue.breaker = BreakerState::probing;
  EXPECT_EQ(R"({"group":"q","mode":"queue","committed":30,"generation":0,"head":42,"lag":12,)"
            R"("lag_seconds":0.000,"members":[],"in_flight":1,"set_aside":3,"dead_letters":4,)"
            R"("paused":true,"stalled":false,"order":"aggregate","idle":"set_aside",)"
            R"("breaker":"probing","unfinished":2,"acked":5,"skipped":6,"settings":)" +
                written(append_group_settings, group.row.settings) + "}",
            written(append_group, group));
}

TEST(WriteAggregate, ShowsWhereItIs) {
  AggregateList list;
  list.aggregates = {{"agent", "a", Sequence{3}, Offset{1}, Offset{9}, kTime, kTime}};
  list.next = "cursor";
  EXPECT_EQ(R"({"aggregates":[{"aggregate_type":"agent","aggregate_id":"a","sequence":3,)"
            R"("first_offset":1,)"
            R"("last_offset":9,"created_at":"2026-01-24T10:00:00.123456Z",)"
            R"("updated_at":"2026-01-24T10:00:00.123456Z"}],"next_after":"cursor"})",
            written(append_aggregate_list, list));
}

}  // namespace
}  // namespace daybook::json
