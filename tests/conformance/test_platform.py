"""The Platform dialect, system A: /events/ as its documents print it and as its server behaves."""

import json
import pathlib
import re
import subprocess
import unittest
import uuid

from case import JSON, DaemonCase

AGENT = "550e8400-e29b-41d4-a716-446655440000"
NAIVE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$")
MEMBERS = ["id", "event_type", "aggregate_type", "aggregate_id", "payload", "metadata",
           "created_at", "version"]
PRINTED = pathlib.Path(__file__).with_name("platform_curl.txt")


class PlatformCase(DaemonCase):
    def setUp(self):
        super().setUp()
        self.aggregate = str(uuid.uuid4())

    def body(self, **members):
        return {"event_type": f"{self.kind}.created", "aggregate_type": self.kind,
                "aggregate_id": self.aggregate, **members}

    def create(self, status=201, **members):
        return self.ok(self.post("/events/", self.body(**members)), status)

    def listed(self, **query):
        return self.read("/events/", aggregate_id=self.aggregate, **query)

    def issues(self, reply, status=422):
        self.assertEqual(status, reply.status, reply.body)
        return [(issue["type"], issue["loc"]) for issue in reply.json()["detail"]]


class AsPrinted(DaemonCase):
    """Every curl line of the requirements document, run by curl as it is printed."""

    def run_line(self, line):
        line = line.replace("localhost:8011", f"localhost:{self.daemon.port}")
        line = line.replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1)
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=30,
                              check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)

    def test_every_line_works(self):
        lines = PRINTED.read_text(encoding="utf-8").split("\n---\n")
        self.assertEqual(10, len(lines))
        for line in lines:
            status, answer = self.run_line(line)
            if "-X POST" in line:
                self.assertEqual(201, status, line)
                self.assertEqual(MEMBERS, list(answer))
            elif "880e8400" in line:
                self.assertEqual((404, {"detail": "Event not found"}), (status, answer))
            else:
                self.assertEqual(200, status, line)
                self.assertIsInstance(answer, list)
        status, agents = self.run_line(
            f'curl "http://localhost:8011/events/?aggregate_type=agent&aggregate_id={AGENT}"')
        self.assertEqual(["agent.created"], [event["event_type"] for event in agents])
        self.assertEqual({"name": "explore-agent", "agent_type": "exploration"},
                         agents[0]["payload"])


class Creating(PlatformCase):
    def test_the_event_has_its_eight_members_in_order(self):
        body = self.body(payload={"name": "é", "n": 1.0}, metadata={"session_id": "s"}, version=3)
        reply = self.post("/events/", json.dumps(body, ensure_ascii=False), JSON)
        event = self.ok(reply, 201)
        self.assertEqual(MEMBERS, list(event))
        self.assertEqual((3, {"session_id": "s"}), (event["version"], event["metadata"]))
        self.assertRegex(event["created_at"], NAIVE)
        uuid.UUID(event["id"])
        self.assertIn('"n":1.0', reply.body.decode())
        self.assertIn("é", reply.body.decode())
        self.assertEqual(event, self.read(f"/events/{event['id']}"))

    def test_defaults(self):
        event = self.create()
        self.assertEqual(({}, {}, 1), (event["payload"], event["metadata"], event["version"]))

    def test_unknown_members_and_a_client_s_id_are_ignored(self):
        own = str(uuid.uuid4())
        first = self.create(id=own, source="x", colour="red")
        second = self.create(id=own)
        self.assertNotEqual(own, first["id"])
        self.assertNotEqual(first["id"], second["id"])
        self.assertNotIn("source", first)

    def test_both_spellings_of_the_path(self):
        self.ok(self.post("/events", self.body()), 201)
        self.ok(self.post("/events/", self.body()), 201)
        self.assertEqual(2, len(self.read("/events", aggregate_id=self.aggregate)))

    def test_uuids_are_normalised(self):
        bare = self.aggregate.replace("-", "")
        for spelling in (self.aggregate.upper(), bare, f"urn:uuid:{self.aggregate}",
                         "{" + self.aggregate + "}"):
            self.assertEqual(self.aggregate, self.create(aggregate_id=spelling)["aggregate_id"])

    def test_versions_are_read_leniently(self):
        for sent, stored in (("7", 7), (2.0, 2), (True, 1), (-3, -3)):
            reply = self.post("/events/", self.body(version=sent))
            if reply.status == 201:
                self.assertEqual(stored, reply.json()["version"])
            else:
                self.assertEqual((422, -3), (reply.status, sent), reply.body)

    def test_it_is_an_ordinary_event_in_the_log(self):
        event = self.create(version=2, metadata={"correlation_id": "c-1"})
        (native,) = self.read("/v1/events", aggregate_id=self.aggregate)["events"]
        self.assertEqual((event["id"], 2, "c-1"),
                         (native["id"], native["schema_version"], native["correlation_id"]))
        self.assertTrue(native["recorded_at"].startswith(event["created_at"]))
        self.assertEqual(native, self.read(f"/v1/events/{event['id']}"))


class Refusing(PlatformCase):
    def test_missing_members_in_order(self):
        reply = self.post("/events/", {})
        self.assertEqual([("missing", ["body", name]) for name in
                          ("event_type", "aggregate_type", "aggregate_id")], self.issues(reply))
        self.assertEqual({"type": "missing", "loc": ["body", "event_type"],
                          "msg": "Field required", "input": {}}, reply.json()["detail"][0])

    def test_no_body(self):
        reply = self.post("/events/", "", JSON)
        self.assertEqual([("missing", ["body"])], self.issues(reply))
        self.assertIsNone(reply.json()["detail"][0]["input"])

    def test_bad_json(self):
        reply = self.post("/events/", "{bad", JSON)
        self.assertEqual([("json_invalid", ["body", 1])], self.issues(reply))
        issue = reply.json()["detail"][0]
        self.assertEqual(("JSON decode error", {}), (issue["msg"], issue["input"]))
        self.assertEqual({"error": "Expecting property name enclosed in double quotes"},
                         issue["ctx"])

    def test_what_is_no_object(self):
        for reply in (self.post("/events/", []),
                      self.post("/events/", json.dumps(self.body()), {"Content-Type": "text/x"})):
            self.assertEqual("model_attributes_type", self.issues(reply)[0][0])
        kind = {"Content-Type": "application/vnd.x+json"}
        self.ok(self.post("/events/", json.dumps(self.body()), kind), 201)

    def test_wrong_values(self):
        for members, kind, name in [
                ({"aggregate_id": "not-a-uuid"}, "uuid_parsing", "aggregate_id"),
                ({"event_type": 5}, "string_type", "event_type"),
                ({"metadata": None}, "dict_type", "metadata"),
                ({"payload": []}, "dict_type", "payload"),
                ({"version": 2.5}, "int_from_float", "version"),
                ({"version": "1x"}, "int_parsing", "version")]:
            reply = self.post("/events/", self.body(**members))
            self.assertEqual([(kind, ["body", name])], self.issues(reply), members)
        reply = self.post("/events/", self.body(aggregate_id="not-a-uuid"))
        issue = reply.json()["detail"][0]
        self.assertEqual("Input should be a valid UUID, invalid character: found `n` at 1",
                         issue["msg"])

    def test_where_upstream_breaks_it_is_422(self):
        for members in ({"event_type": "x" * 256}, {"version": 1 << 40},
                        {"aggregate_type": "x" * 300}):
            self.assertEqual(422, self.post("/events/", self.body(**members)).status, members)
        head = json.dumps(self.body())[:-1]
        reply = self.post("/events/", head + ',"payload":{"n":NaN}}', JSON)
        self.assertEqual(422, reply.status)
        for query in ({"limit": -1}, {"offset": -1}, {"limit": "abc"}, {"aggregate_id": "x"},
                      {"aggregate_id": ""}, {"order": "up"}, {"start": "soon"}):
            reply = self.get("/events/", None, **query)
            (name,) = query
            self.assertEqual(["query", name], self.issues(reply)[0][1], query)
        self.assertEqual([("int_parsing", ["query", "limit"])],
                         self.issues(self.get("/events/", None, limit="abc")))

    def test_single_events(self):
        reply = self.get(f"/events/{uuid.uuid4()}")
        self.assertEqual((404, {"detail": "Event not found"}), (reply.status, reply.json()))
        reply = self.get("/events/not-a-uuid")
        self.assertEqual([("uuid_parsing", ["path", "event_id"])], self.issues(reply))

    def test_other_methods(self):
        reply = self.request("DELETE", "/events/")
        self.assertEqual((405, {"detail": "Method Not Allowed"}), (reply.status, reply.json()))
        self.assertIn("POST", reply.headers["allow"])

    def test_a_foreign_page_is_refused_here_too(self):
        reply = self.post("/events/", self.body(), {"Origin": "http://evil.example"})
        self.assertEqual(403, reply.status)
        self.assertEqual([], self.listed())

    def test_a_body_without_an_aggregate_is_refused(self):
        reply = self.post("/events/", {"event_type": "x", "payload": {}, "source": "gateway"})
        self.assertEqual(["aggregate_type", "aggregate_id"],
                         [loc[1] for _, loc in self.issues(reply)])


class Querying(PlatformCase):
    def setUp(self):
        super().setUp()
        self.sent = [self.create(payload={"i": i}, event_type=f"{self.kind}.{i % 2}")
                     for i in range(6)]

    def numbers(self, **query):
        return [event["payload"]["i"] for event in self.listed(**query)]

    def test_the_default_order_is_ascending(self):
        self.assertEqual([0, 1, 2, 3, 4, 5], self.numbers())
        self.assertEqual([5, 4, 3, 2, 1, 0], self.numbers(order="desc"))
        self.assertEqual([0, 1, 2, 3, 4, 5], self.numbers(order="asc"))

    def test_filters_are_and_and_empty_ones_ask_nothing(self):
        self.assertEqual([1, 3, 5], self.numbers(event_type=f"{self.kind}.1"))
        self.assertEqual([], self.numbers(event_type=f"{self.kind}.*"))
        self.assertEqual([], self.numbers(aggregate_type="other"))
        self.assertEqual(6, len(self.numbers(event_type="", aggregate_type="")))
        self.assertEqual(6, len(self.read("/events/", aggregate_type=self.kind)))

    def test_limit_and_offset(self):
        self.assertEqual([2, 3], self.numbers(limit=2, offset=2))
        self.assertEqual([3, 2], self.numbers(limit=2, offset=2, order="desc"))
        self.assertEqual([], self.numbers(limit=0))
        self.assertEqual([], self.numbers(offset=100))
        self.assertEqual(6, len(self.numbers(limit=1_000_000)))

    def test_the_default_limit_is_a_hundred(self):
        batch = [self.body() for _ in range(100)]
        self.ok(self.post("/events/batch", batch), 201)
        self.assertEqual(100, len(self.listed()))
        self.assertEqual(106, len(self.listed(limit=1000)))

    def test_start_and_end(self):
        times = [event["created_at"] for event in self.sent]
        self.assertEqual([2, 3, 4], self.numbers(start=times[2], end=times[4]))
        self.assertEqual([2, 3, 4], self.numbers(start=times[2] + "Z", end=times[4] + "+00:00"))
        self.assertEqual([], self.numbers(end="2001-01-01"))
        self.assertEqual(6, len(self.numbers(start="2001-01-01T00:00:00")))

    def test_unknown_parameters_are_ignored(self):
        self.assertEqual(6, len(self.numbers(tenant_id="t", search="x")))


class Batches(PlatformCase):
    def test_a_bare_array_is_atomic(self):
        batch = [self.body(payload={"i": i}) for i in range(5)]
        events = self.ok(self.post("/events/batch", batch), 201)
        self.assertEqual(list(range(5)), [event["payload"]["i"] for event in events])
        self.assertEqual(MEMBERS, list(events[0]))
        self.assertEqual(events, self.listed())

    def test_a_refusal_names_the_index(self):
        bad = self.body()
        del bad["event_type"]
        reply = self.post("/events/batch", [self.body(), bad])
        self.assertEqual([("missing", ["body", 1, "event_type"])], self.issues(reply))
        self.assertEqual([], self.listed())

    def test_what_is_no_array(self):
        self.assertEqual(422, self.post("/events/batch", self.body()).status)
        self.assertIn(self.post("/events/batch", []).status, (201, 422))


class Configured(PlatformCase):
    arguments = ("--set", "platform.order=desc", "--set", "platform.lenient=true")

    def test_newest_first_by_configuration(self):
        for i in range(3):
            self.create(payload={"i": i})
        self.assertEqual([2, 1, 0], [event["payload"]["i"] for event in self.listed()])
        self.assertEqual([0, 1, 2], [e["payload"]["i"] for e in self.listed(order="asc")])

    def test_lenient_stores_a_body_without_an_aggregate_and_echoes_its_source(self):
        event = self.ok(self.post("/events/", {"event_type": "x.y", "payload": {"a": 1},
                                               "source": "gateway"}), 201)
        self.assertEqual("gateway", event["source"])
        self.assertEqual(event, self.read(f"/events/{event['id']}"))


if __name__ == "__main__":
    unittest.main()
