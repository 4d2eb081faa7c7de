// What is pushed to HTTP endpoints, to the byte.
#include "protocol/json/write_cloud_event.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

EventView sample() {
  EventView event;
  event.offset = Offset{42};
  event.sequence = Sequence{3};
  event.id.text = "i\"1";
  event.aggregate_type = "agent";
  event.aggregate_id = "agent-123";
  event.event_type = "agent.created";
  event.payload = R"({"n":1.0})";
  event.schema_version = "1";
  event.metadata = "{}";
  event.occurred_at = Timestamp{1'769'248'800'123'456};
  event.recorded_at = Timestamp{1'769'248'800'123'457};
  return event;
}

std::string written(const EventView& event, const CloudEventDelivery& delivery) {
  std::string out;
  append_cloud_event(out, event, delivery);
  return out;
}

TEST(WriteCloudEvent, HasRequiredAttributesAndNoEmptyOnes) {
  EXPECT_EQ(R"({"specversion":"1.0","id":"i\"1","source":"urn:daybook:x","type":"agent.created",)"
            R"("subject":"agent-123","time":"2026-01-24T10:00:00.123456Z",)"
            R"("recordedtime":"2026-01-24T10:00:00.123457Z","sequence":"00000000000000000042",)"
            R"("offset":"42","aggregatetype":"agent","aggregateid":"agent-123",)"
            R"("aggregatesequence":"3","schemaversion":"1","group":"billing","attempt":2,)"
            R"("datacontenttype":"application/json","data":{"n":1.0}})",
            written(sample(), {.source = "urn:daybook:x", .group = "billing", .attempt = 2}));
}

TEST(WriteCloudEvent, HasMetadataAndTagsAsJsonTextInAString) {
  EventView event = sample();
  event.tags = {"a,b", "c"};
  event.metadata = R"({"k":"v"})";
  event.correlation_id = "corr-456";
  event.causation_id = "cause";
  event.schema_version = R"("2.0 \"x\"")";
  EXPECT_EQ(R"({"specversion":"1.0","id":"i\"1","source":"s","type":"agent.created",)"
            R"("subject":"agent-123","time":"2026-01-24T10:00:00.123456Z",)"
            R"("recordedtime":"2026-01-24T10:00:00.123457Z","sequence":"00000000000000000042",)"
            R"("offset":"42","aggregatetype":"agent","aggregateid":"agent-123",)"
            R"("aggregatesequence":"3","schemaversion":"2.0 \"x\"","correlationid":"corr-456",)"
            R"("causationid":"cause","tags":"[\"a,b\",\"c\"]","metadata":"{\"k\":\"v\"}",)"
            R"("group":"g","attempt":1,"replayid":"r-1","datacontenttype":"application/json",)"
            R"("data":{"n":1.0}})",
            written(event, {.source = "s", .group = "g", .attempt = 1, .replay_id = "r-1"}));
}

TEST(WriteCloudEvent, SequencesCompareAsTextAsOffsetsDoAsNumbers) {
  EventView event = sample();
  event.offset = kEndOfLog;
  EXPECT_NE(std::string::npos,
            written(event, {}).find(R"("sequence":")" + std::to_string(kEndOfLog.value) + '"'));
  EXPECT_EQ(20U, std::to_string(kEndOfLog.value).size());
}

}  // namespace
}  // namespace daybook::json
