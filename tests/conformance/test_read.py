"""GET /v1/events, POST /v1/query and single events: filters, pages, order, formats."""

import json
import unittest
import urllib.parse

from case import DaemonCase


class Filters(DaemonCase):
    def setUp(self):
        super().setUp()
        kind = self.kind
        sent = self.appended(
            self.event("a", "created", tags=["red", f"{kind}:1"], correlation_id=f"{kind}-c"),
            self.event("a", "updated", tags=["red", "blue"], causation_id=f"{kind}-d"),
            self.event("b", "created", tags=["blue", f"{kind}:1"]),
            self.event("b", "closed", payload={"n": 4}))
        self.offsets = [event["offset"] for event in sent]

    def found(self, **query):
        return [self.offsets.index(e["offset"]) for e in self.mine(**query)]

    def queried(self, **filter_):
        body = {"aggregate_type": self.kind, **filter_}
        page = self.ok(self.post("/v1/query", body))
        return [self.offsets.index(e["offset"]) for e in page["events"]]

    def test_by_aggregate(self):
        self.assertEqual([0, 1, 2, 3], self.found())
        self.assertEqual([0, 1], self.found(aggregate_id="a"))
        self.assertEqual([], self.found(aggregate_id="c"))

    def test_by_event_type(self):
        created, closed = f"{self.kind}.created", f"{self.kind}.closed"
        self.assertEqual([0, 2], self.found(event_type=created))
        self.assertEqual([0, 2, 3], self.found(event_type=[created, closed]))
        self.assertEqual([0, 2, 3], self.found(event_type=f"{self.kind}.c*"))
        self.assertEqual([], self.found(event_type=f"{self.kind}.c"))
        self.assertEqual([0, 2, 3], self.queried(event_types=[created, closed]))

    def test_by_tag(self):
        self.assertEqual([0, 1], self.found(tag="red"))
        self.assertEqual([1], self.found(tag=["red", "blue"]))
        self.assertEqual([0, 2], self.found(tag=f"{self.kind}:1"))
        self.assertEqual([1], self.queried(tags=["red", "blue"]))

    def test_by_correlation_and_causation(self):
        self.assertEqual([0], self.found(correlation_id=f"{self.kind}-c"))
        self.assertEqual([1], self.found(causation_id=f"{self.kind}-d"))
        self.assertEqual([0], self.queried(correlation_id=f"{self.kind}-c"))
        self.assertEqual([1], self.queried(causation_id=f"{self.kind}-d"))

    def test_members_are_and(self):
        self.assertEqual([0], self.found(aggregate_id="a", tag=f"{self.kind}:1"))
        self.assertEqual([], self.found(event_type=f"{self.kind}.closed", tag="red"))

    def test_items_are_or(self):
        items = [{"types": [f"{self.kind}.closed"]}, {"tags": ["red", "blue"]},
                 {"event_types": [f"{self.kind}.created"], "tags": ["blue"]}]
        self.assertEqual([1, 2, 3], self.queried(items=items))
        self.assertEqual([], self.queried(items=[{"tags": ["green"]}]))

    def test_by_time(self):
        times = [event["recorded_at"] for event in self.mine()]
        self.assertEqual([0, 1, 2, 3], self.found(recorded_from=times[0], recorded_to=times[3]))
        self.assertEqual([], self.found(recorded_to="2001-01-01T00:00:00Z"))
        self.assertEqual([], self.found(recorded_from="2101-01-01T00:00:00+02:00"))
        self.appended(self.event("old", occurred_at="2001-02-03T04:05:06Z"))
        old = self.mine(occurred_from="2001-02-03T05:05:06+01:00",
                        occurred_to="2001-02-03T04:05:06Z")
        self.assertEqual(["old"], [event["aggregate_id"] for event in old])

    def test_explain_says_how(self):
        page = self.read("/v1/events", event_type=f"{self.kind}.closed", explain="true")
        self.assertIn("explain", page)
        self.assertLessEqual(1, page["explain"]["candidates"])
        self.assertNotIn("explain", self.read("/v1/events", aggregate_type=self.kind))


class Pages(DaemonCase):
    def setUp(self):
        super().setUp()
        self.appended(*[self.event(f"a{i % 3}", payload=i) for i in range(25)])

    def walk(self, cursor, **query):
        values, place = [], None
        while True:
            page = self.read("/v1/events", aggregate_type=self.kind, **query,
                             **({} if place is None else {"before" if "before" in cursor else
                                                          "after": place}))
            values += [event["payload"] for event in page["events"]]
            self.assertEqual(self.head(), page["head"])
            place = page[cursor]
            if place is None:
                return values

    def test_ascending_pages_meet_every_event_once(self):
        self.assertEqual(list(range(25)), self.walk("next_after", limit=7))
        self.assertEqual(list(range(25)), self.walk("next_after"))

    def test_descending_pages_meet_every_event_once(self):
        self.assertEqual(list(range(24, -1, -1)), self.walk("next_before", limit=7, order="desc"))

    def test_after_and_before_are_exclusive(self):
        offsets = [event["offset"] for event in self.mine()]
        self.assertEqual([23, 24], self.payloads(after=offsets[22]))
        self.assertEqual([1, 0], self.payloads(before=offsets[2], order="desc"))
        self.assertEqual([], self.payloads(after=self.head()))
        self.assertEqual([], self.payloads(after=self.head() + 1000))

    def test_the_default_limit_is_a_hundred(self):
        self.appended(*[self.event() for _ in range(120)])
        self.assertEqual(100, len(self.mine()))
        self.assertEqual(145, len(self.mine(limit=10_000)))

    def test_query_goes_on_where_the_page_ended(self):
        values, after = [], 0
        while after is not None:
            page = self.ok(self.post("/v1/query", {"aggregate_type": self.kind, "after": after,
                                                   "limit": 4}))
            values += [event["payload"] for event in page["events"]]
            after = page["next_after"]
        self.assertEqual(list(range(25)), values)

    def test_ndjson_has_every_event_on_a_line(self):
        reply = self.get("/v1/events", {"Accept": "application/x-ndjson"}, limit=20,
                         aggregate_type=self.kind)
        self.assertEqual("application/x-ndjson", reply.headers["content-type"])
        lines = [json.loads(line) for line in reply.body.decode().splitlines() if line]
        self.assertEqual(list(range(20)), [event["payload"] for event in lines][:20])

    def test_ndjson_has_no_page_limit(self):
        self.appended(*[self.event("more") for _ in range(10_000)])
        self.appended(*[self.event("more") for _ in range(3_000)])
        reply = self.get("/v1/events", {"Accept": "application/x-ndjson"},
                         aggregate_type=self.kind)
        lines = reply.body.decode().splitlines()
        self.assertEqual(13_025, len(lines))
        offsets = [json.loads(line)["offset"] for line in lines]
        self.assertEqual(sorted(set(offsets)), offsets)


class Refusals(DaemonCase):
    def bad(self, code="bad_parameter", **query):
        problem = self.refused(self.get("/v1/events", None, **query), 422, code)
        self.assertTrue(any(name in problem["detail"] for name in query), problem)

    def test_parameters_are_checked_by_name(self):
        self.bad("unknown_parameter", colour="red")
        self.bad("unknown_parameter", event_types="a")
        for query in [{"limit": 0}, {"limit": 10_001}, {"limit": "x"}, {"limit": -1},
                      {"limit": "1.5"}, {"after": -1}, {"after": "x"}, {"after": ""},
                      {"order": "up"}, {"explain": "maybe"}, {"recorded_from": "yesterday"},
                      {"occurred_to": "2026-13-01T00:00:00Z"}, {"on_trimmed": "cry"},
                      {"after": "99999999999999999999999"}]:
            self.bad(**query)
        self.bad(after=1, before=2)
        self.bad(event_type="x" * 256)

    def test_query_bodies_are_checked(self):
        for body, code, pointer in [
                ({"colour": 1}, "unknown_member", "/colour"), ({"limit": 0}, None, "/limit"),
                ({"limit": 10_001}, None, "/limit"), ({"after": -1}, "bad_value", "/after"),
                ({"event_types": "x"}, "bad_value", "/event_types"),
                ({"items": [{"x": 1}]}, "unknown_member", "/items/0/x"),
                ({"items": [{"types": ["a"], "event_types": ["a"]}]}, None, None),
                ({"tags": [1]}, "bad_value", "/tags/0"), ([], "bad_value", "")]:
            reply = self.post("/v1/query", body)
            self.assertEqual(422, reply.status, (body, reply.body))
            problem = reply.json()
            self.assertEqual(code or problem["code"], problem["code"])
            if pointer is not None:
                self.assertEqual(pointer, problem.get("pointer", ""))
        self.refused(self.post("/v1/query", "{", {"Content-Type": "application/json"}), 400,
                     "bad_json")

    def test_an_absent_event_is_not_found(self):
        self.refused(self.get("/v1/events/no-such-id"), 404, "not_found")
        self.refused(self.get("/v1/offsets/999999999"), 404, "not_found")
        self.refused(self.get("/v1/offsets/0"), 404, "not_found")
        self.assertIn(self.get("/v1/offsets/abc").status, (404, 422))


class SingleEvents(DaemonCase):
    def test_by_id_and_by_offset(self):
        ids = [None, "plain", "with/slash", "ü % ? #", "018f0000-0000-7000-8000-000000000000"]
        for name in ids:
            own = name and f"{self.kind}{name}"
            (receipt,) = self.appended(self.event(id=own) if own else self.event())
            path = "/v1/events/" + urllib.parse.quote(receipt["id"], safe="")
            event = self.read(path)
            self.assertEqual(receipt["offset"], event["offset"])
            self.assertEqual(own or receipt["id"], event["id"])
            self.assertEqual(event, self.read(f"/v1/offsets/{receipt['offset']}"))

    def test_an_id_that_looks_server_made_is_not_found(self):
        (receipt,) = self.appended(self.event())
        other = receipt["id"][:-1] + ("0" if receipt["id"][-1] != "0" else "1")
        self.refused(self.get("/v1/events/" + other), 404, "not_found")


class Aggregates(DaemonCase):
    def test_what_an_aggregate_is(self):
        receipts = self.appended(*[self.event("a/1") for _ in range(3)])
        path = f"/v1/aggregates/{self.kind}/a%2F1"
        reply = self.get(path)
        self.assertEqual('"3"', reply.headers["etag"])
        self.assertEqual({
            "aggregate_type": self.kind, "aggregate_id": "a/1", "sequence": 3,
            "first_offset": receipts[0]["offset"], "last_offset": receipts[2]["offset"],
            "created_at": receipts[0]["recorded_at"], "updated_at": receipts[2]["recorded_at"]},
            self.ok(reply))
        self.refused(self.get(f"/v1/aggregates/{self.kind}/none"), 404, "not_found")

    def test_its_events_by_sequence(self):
        self.appended(*[self.event("a", payload=i + 1) for i in range(9)], self.event("b"))
        path = f"/v1/aggregates/{self.kind}/a/events"

        def values(**query):
            return [event["payload"] for event in self.read(path, **query)["events"]]
        self.assertEqual(list(range(1, 10)), values())
        self.assertEqual([4, 5], values(after_sequence=3, limit=2))
        self.assertEqual([9, 8, 7], values(order="desc", limit=3))
        self.assertEqual([2, 1], values(order="desc", before_sequence=3))
        self.assertEqual([4, 5, 6], values(after_sequence=3, before_sequence=7))
        self.refused(self.get(f"/v1/aggregates/{self.kind}/none/events"), 404, "not_found")
        for query in ({"limit": 0}, {"order": "x"}, {"after_sequence": "x"}):
            self.refused(self.get(path, None, **query), 422, "bad_parameter")
        self.refused(self.get(path, None, x=1), 422, "unknown_parameter")

    def test_its_pages(self):
        self.appended(*[self.event("a", payload=i) for i in range(10)])
        path = f"/v1/aggregates/{self.kind}/a/events"
        values, after = [], 0
        while after is not None:
            page = self.read(path, after_sequence=after, limit=4)
            values += [event["payload"] for event in page["events"]]
            after = page.get("next_after_sequence")
        self.assertEqual(list(range(10)), values)

    def test_the_list_goes_by_type_and_id(self):
        self.appended(*[self.event(f"a{i}") for i in range(5)], self.event("a1"))
        names, after = [], None
        while True:
            query = {} if after is None else {"after": after}
            page = self.read("/v1/aggregates", aggregate_type=self.kind, limit=2, **query)
            names += [(a["aggregate_id"], a["sequence"]) for a in page["aggregates"]]
            after = page["next_after"]
            if after is None:
                break
        self.assertEqual([("a0", 1), ("a1", 2), ("a2", 1), ("a3", 1), ("a4", 1)], names)
        self.assertLessEqual(5, len(self.read("/v1/aggregates")["aggregates"]))
        self.refused(self.get("/v1/aggregates", None, limit=0), 422, "bad_parameter")


class MinimumOffset(DaemonCase):
    def test_a_view_that_has_reached_it(self):
        (receipt,) = self.appended(self.event())
        reply = self.get("/v1/events", {"Daybook-Min-Offset": str(receipt["offset"])},
                         aggregate_type=self.kind)
        self.assertLessEqual(receipt["offset"], int(reply.headers["daybook-head"]))

    def test_too_late_is_not_yet(self):
        headers = {"Daybook-Min-Offset": str(self.head() + 10), "Daybook-Wait-Ms": "50"}
        self.refused(self.get("/v1/events", headers), 504, "not_yet")
        for name, value in (("Daybook-Min-Offset", "x"), ("Daybook-Wait-Ms", "-1")):
            self.assertEqual(422, self.get("/v1/events", {"Daybook-Min-Offset": "1",
                                                          name: value}).status)


if __name__ == "__main__":
    unittest.main()
