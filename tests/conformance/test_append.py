"""POST /v1/events: what is accepted, what is stored, what is answered."""

import json
import re
import unittest

from case import JSON, DaemonCase

UUID7 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")


class Accepted(DaemonCase):
    def test_one_event_gets_a_receipt(self):
        before = self.head()
        receipt = self.append(self.event(payload={"a": 1}))
        self.assertEqual(before + 1, receipt["first_offset"])
        self.assertEqual(before + 1, receipt["last_offset"])
        self.assertIs(False, receipt["replayed"])
        self.assertEqual("fsync", receipt["durability"])
        (event,) = receipt["events"]
        self.assertEqual({"id", "offset", "sequence", "recorded_at"}, set(event))
        self.assertRegex(event["id"], UUID7)
        self.assertRegex(event["recorded_at"], TIME)
        self.assertEqual((before + 1, 1), (event["offset"], event["sequence"]))

    def test_an_array_is_one_batch_over_many_aggregates(self):
        receipt = self.append([self.event("a"), self.event("b"), self.event("a")])
        self.assertEqual([1, 1, 2], [event["sequence"] for event in receipt["events"]])
        first = receipt["first_offset"]
        self.assertEqual([first, first + 1, first + 2], [e["offset"] for e in receipt["events"]])
        self.assertEqual(first + 2, receipt["last_offset"])

    def test_the_envelope_holds_events(self):
        receipt = self.append({"events": [self.event(), self.event()]})
        self.assertEqual(2, len(receipt["events"]))

    def test_absent_members_get_their_defaults(self):
        (receipt,) = self.appended(self.event())
        event = self.read(f"/v1/offsets/{receipt['offset']}")
        self.assertEqual({
            "offset": receipt["offset"], "id": receipt["id"], "aggregate_type": self.kind,
            "aggregate_id": "a-1", "sequence": 1, "event_type": f"{self.kind}.happened",
            "schema_version": 1, "tags": [], "correlation_id": None, "causation_id": None,
            "payload": {}, "metadata": {}, "occurred_at": receipt["recorded_at"],
            "recorded_at": receipt["recorded_at"]}, event)

    def test_every_member_is_kept(self):
        sent = self.event(
            id=f"{self.kind}-id", schema_version="2.0-beta", tags=["seat:12A", "x", "x"],
            correlation_id="corr-456", causation_id="cause-1", payload={"n": 1},
            metadata={"session": "s"}, occurred_at="2026-01-24T11:00:00.123456789+01:00",
            expected_sequence=0)
        (receipt,) = self.appended(sent)
        event = self.read(f"/v1/events/{sent['id']}")
        self.assertEqual(receipt["offset"], event["offset"])
        self.assertEqual("2.0-beta", event["schema_version"])
        self.assertEqual(["seat:12A", "x"], event["tags"])
        self.assertEqual(("corr-456", "cause-1"), (event["correlation_id"], event["causation_id"]))
        self.assertEqual({"session": "s"}, event["metadata"])
        self.assertEqual("2026-01-24T10:00:00.123456Z", event["occurred_at"])
        self.assertNotIn("expected_sequence", event)

    def test_null_means_absent(self):
        body = self.event(id=None, schema_version=None, tags=None, correlation_id=None,
                          causation_id=None, payload={"p": None}, metadata=None,
                          occurred_at=None, expected_sequence=None)
        (receipt,) = self.appended(body)
        event = self.read(f"/v1/offsets/{receipt['offset']}")
        self.assertEqual(({"p": None}, {}, [], 1),
                         (event["payload"], event["metadata"], event["tags"],
                          event["schema_version"]))

    def test_correlation_is_taken_from_metadata_where_absent(self):
        for members, expected in [
                ({"metadata": {"correlation_id": "c", "causation_id": "d"}}, ("c", "d")),
                ({"metadata": {"correlationId": "c", "causationId": "d"}}, ("c", "d")),
                ({"metadata": {"correlation_id": "c"}, "correlation_id": "own"}, ("own", None))]:
            (receipt,) = self.appended(self.event(**members))
            event = self.read(f"/v1/offsets/{receipt['offset']}")
            self.assertEqual(expected, (event["correlation_id"], event["causation_id"]))

    def test_the_text_of_payload_and_metadata_comes_back_as_sent(self):
        payload = ('{"big":123456789012345678901234567890,"one":1.0,"e":1E+2,"z":1,"a":2,"z":3,'
                   '"nul":"\\u0000","lone":"\\ud800","é":"ü\\/","deep":[[[{}]]],"neg":-0}')
        metadata = '{"n":1.10,"b":true}'
        head = json.dumps(self.event())[:-1]
        spaced = payload.replace(",", " ,\n\t").replace(":", " : ")
        body = f'{head},"payload":{spaced},"metadata": {metadata} }}'
        reply = self.post("/v1/events", body, JSON)
        (receipt,) = self.ok(reply, 201)["events"]
        raw = self.get(f"/v1/offsets/{receipt['offset']}").body.decode()
        self.assertIn(f'"payload":{payload}', raw)
        self.assertIn(f'"metadata":{metadata}', raw)

    def test_a_payload_is_any_json_value(self):
        for value in ["text", 1, 1.5, True, False, [1, 2], [], {}]:
            (receipt,) = self.appended(self.event(payload=value))
            self.assertEqual(value, self.read(f"/v1/offsets/{receipt['offset']}")["payload"])

    def test_an_escaped_member_name_counts_as_that_member(self):
        body = json.dumps(self.event()).replace('"event_type"', '"event\\u005ftype"')
        self.ok(self.post("/v1/events", body, JSON), 201)

    def test_recorded_at_never_falls_with_the_offset(self):
        for _ in range(20):
            self.appended(self.event(), self.event())
        times = [event["recorded_at"] for event in self.read("/v1/events", limit=1000)["events"]]
        self.assertEqual(sorted(times), times)


class Refused(DaemonCase):
    def check(self, body, code, pointer=None, status=422):
        before = self.head()
        reply = self.post("/v1/events", body, JSON)
        problem = self.refused(reply, status, code, pointer)
        self.assertEqual(before, self.head(), "a refused request wrote something")
        return problem

    def test_malformed_json(self):
        for body in ['{', '{"event_type":}', '[1,', 'nope', '{"a":1} x', '{"a":01}', '']:
            self.check(body, "bad_json", status=400)
        self.check(b'{"event_type":"\xff\xfe"}', "bad_json", status=400)

    def test_malformed_json_says_where(self):
        problem = self.check('{"event_type":bogus}', "bad_json", status=400)
        self.assertRegex(problem["detail"], r"\d+")

    def test_a_bad_payload_is_bad_json(self):
        head = json.dumps(self.event())[:-1]
        for payload in ['{"a":bogus}', '{"a":1,}', "[1 2]", '"\\x"', "NaN"]:
            self.check(f'{head},"payload":{payload}}}', "bad_json", status=400)

    def test_missing_members_are_pointed_at(self):
        for name in ("event_type", "aggregate_type", "aggregate_id"):
            event = self.event()
            del event[name]
            self.check(event, "missing_member", "/" + name)
            self.check([self.event(), event], "missing_member", f"/1/{name}")
            self.check({"events": [event]}, "missing_member", f"/events/0/{name}")
            self.check({**self.event(), name: None}, "missing_member", "/" + name)

    def test_unknown_members_are_refused(self):
        self.check(self.event(paylod={}), "unknown_member", "/paylod")
        self.check([self.event(), self.event(x=1)], "unknown_member", "/1/x")
        self.check({"events": [self.event()], "extra": 1}, "unknown_member", "/extra")
        self.check({"events": [self.event()], "commit": {"group": "g", "offset": 1, "x": 1}},
                   "unknown_member", "/commit/x")

    def test_repeated_members_are_refused(self):
        body = json.dumps(self.event())[:-1] + ',"event_type":"again"}'
        self.check(body, "duplicate_member", "/event_type")
        escaped = json.dumps(self.event())[:-1] + ',"event\\u005ftype":"again"}'
        self.check(escaped, "duplicate_member", "/event_type")

    def test_wrong_types_are_pointed_at(self):
        cases = {"event_type": 5, "aggregate_type": [], "aggregate_id": {}, "id": 7,
                 "metadata": [], "tags": "x", "correlation_id": 1, "causation_id": True,
                 "occurred_at": "yesterday", "schema_version": 0, "expected_sequence": "soon"}
        for name, value in cases.items():
            self.check({**self.event(), name: value}, "bad_value", "/" + name)
        self.check(self.event(tags=["a", 5]), "bad_value", "/tags/1")
        for value in (-1, 1.5, [], "1.0" * 20, True):
            problem = self.check_any(self.event(schema_version=value), 422)
            self.assertIn(problem["code"], ("bad_value", "limit_exceeded"))
        for value in (-1, 2.5, {}, True):
            self.check(self.event(expected_sequence=value), "bad_value", "/expected_sequence")

    def check_any(self, body, status):
        reply = self.post("/v1/events", body)
        self.assertEqual(status, reply.status, reply.body)
        return reply.json()

    def test_a_body_that_is_no_event(self):
        for body in ("5", '"text"', "true"):
            self.check(body, "bad_value", "")
        self.check("[5]", "bad_value", "/0")
        self.check('{"events":5}', "bad_value", "/events")
        self.check('{"events":[5]}', "bad_value", "/events/0")

    def test_names_have_a_length_and_no_control_characters(self):
        for name in ("event_type", "aggregate_type", "aggregate_id", "id", "correlation_id",
                     "causation_id"):
            self.check({**self.event(), name: "x" * 256}, "limit_exceeded", "/" + name)
            self.check({**self.event(), name: "a\nb"}, "bad_value", "/" + name)
            self.check({**self.event(), name: ""}, "bad_value", "/" + name)
            self.append({**self.event(), name: f"{self.kind}{name}".ljust(255, "x")})
        self.check(self.event(tags=["ok", "x" * 256]), "limit_exceeded", "/tags/1")
        self.check(self.event(tags=[""]), "bad_value", "/tags/0")
        self.append(self.event("é" * 127 + "x"))  # 255 bytes
        self.check(self.event("é" * 128), "limit_exceeded", "/aggregate_id")

    def test_limits_are_named(self):
        self.check([], "empty_batch")
        self.check({"events": []}, "empty_batch")
        self.check(self.event(tags=[f"t{i}" for i in range(33)]), "limit_exceeded", "/tags")
        self.append(self.event(tags=[f"t{i}" for i in range(32)]))
        self.check([self.event()] * 10_001, "limit_exceeded")
        self.check(self.event(payload="x" * (1 << 20)), "limit_exceeded")
        deep = json.dumps(self.event())[:-1] + ',"payload":' + "[" * 200 + "]" * 200 + "}"
        problem = self.check(deep, "limit_exceeded")
        self.assertIn("128", problem["detail"])

    def test_a_whole_batch_of_the_limit_is_accepted(self):
        receipt = self.append([self.event(f"a{i % 100}") for i in range(10_000)])
        self.assertEqual(10_000, len(receipt["events"]))

    def test_a_body_over_its_limit_is_413(self):
        body = json.dumps(self.event(payload="x" * (17 << 20)))
        reply = self.post("/v1/events", body, JSON)
        self.refused(reply, 413, "body_too_large")

    def test_one_bad_event_refuses_the_batch(self):
        self.check([self.event(), {"event_type": "x"}], "missing_member")

    def test_later_features_are_refused_plainly(self):
        for kind in ("application/x-ndjson", "application/cloudevents+json",
                     "application/cloudevents-batch+json"):
            reply = self.post("/v1/events", json.dumps(self.event()), {"Content-Type": kind})
            self.refused(reply, 415, "unsupported_media_type")


if __name__ == "__main__":
    unittest.main()
