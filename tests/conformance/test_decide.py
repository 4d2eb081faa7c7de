"""POST /v1/events, decided by the state of the log: expectations, conditions, commits, repeats."""

import json
import unittest

from case import JSON, DaemonCase


class ExpectedSequence(DaemonCase):
    def expect(self, expected, status=201, aggregate="a"):
        return self.post("/v1/events", self.event(aggregate, expected_sequence=expected))

    def conflict(self, reply, expected, actual):
        problem = self.refused(reply, 409, "sequence_conflict")
        self.assertEqual([{"kind": "sequence", "aggregate_type": self.kind, "aggregate_id": "a",
                           "expected": expected, "actual": actual}], problem["conflicts"])

    def test_an_integer_must_be_the_aggregate_s_sequence(self):
        self.conflict(self.expect(1), 1, 0)
        self.ok(self.expect(0), 201)
        self.ok(self.expect(1), 201)
        self.conflict(self.expect(1), 1, 2)
        self.conflict(self.expect(0), 0, 2)
        self.conflict(self.expect(7), 7, 2)

    def test_words(self):
        self.conflict(self.expect("exists"), "exists", 0)
        self.ok(self.expect("none"), 201)
        self.conflict(self.expect("none"), "none", 1)
        self.ok(self.expect("exists"), 201)
        self.ok(self.expect("any"), 201)

    def test_it_belongs_on_an_aggregate_s_first_event_of_the_batch(self):
        reply = self.post("/v1/events", [self.event("a", expected_sequence=0),
                                         self.event("a", expected_sequence=1)])
        self.refused(reply, 422, "bad_value", "/1/expected_sequence")
        self.append([self.event("a", expected_sequence=0), self.event("a"),
                     self.event("b", expected_sequence="none")])

    def test_every_conflict_is_reported_and_nothing_is_written(self):
        self.appended(self.event("a"))
        before = self.head()
        reply = self.post("/v1/events", {
            "events": [self.event("a", expected_sequence=0), self.event("b", expected_sequence=3),
                       self.event("c", expected_sequence="none")],
            "conditions": [{"aggregate_type": self.kind, "aggregate_id": "a", "sequence": 9},
                           {"fail_if_match": {"event_types": [f"{self.kind}.*"]}}]})
        problem = self.refused(reply, 409, "sequence_conflict")
        self.assertEqual([("a", 0, 1), ("b", 3, 0), ("a", 9, 1)],
                         [(c["aggregate_id"], c["expected"], c["actual"])
                          for c in problem["conflicts"] if c["kind"] == "sequence"])
        self.assertEqual([(1, before)], [(c["condition"], c["conflict_offset"])
                                         for c in problem["conflicts"] if c["kind"] == "match"])
        self.assertEqual(before, self.head())


class Conditions(DaemonCase):
    def guarded(self, *conditions, event=None):
        return self.post("/v1/events", {"events": [event or self.event("guarded")],
                                        "conditions": list(conditions)})

    def test_an_aggregate_that_is_not_written(self):
        check = {"aggregate_type": self.kind, "aggregate_id": "a", "sequence": 0}
        self.ok(self.guarded(check), 201)
        self.appended(self.event("a"))
        self.refused(self.guarded(check), 409, "sequence_conflict")
        self.ok(self.guarded({**check, "sequence": 1}), 201)

    def test_every_kind_of_filter(self):
        (sent,) = self.appended(self.event("a", "reserved", tags=["seat:12A", f"{self.kind}:t"],
                                           correlation_id=self.kind, causation_id=self.kind))
        reserved = f"{self.kind}.reserved"
        match = [{"event_types": [reserved]}, {"event_types": [f"{self.kind}.re*"]},
                 {"tags": [f"{self.kind}:t"]}, {"tags": ["seat:12A", f"{self.kind}:t"]},
                 {"aggregate_type": self.kind}, {"aggregate_type": self.kind, "aggregate_id": "a"},
                 {"correlation_id": self.kind}, {"causation_id": self.kind},
                 {"items": [{"types": ["other"]}, {"types": [reserved], "tags": ["seat:12A"]}]},
                 {"items": [{"event_types": [reserved]}]}, {}]
        other = [{"event_types": [f"{self.kind}.res"]}, {"tags": ["seat:12A", "seat:12B"]},
                 {"aggregate_type": self.kind, "aggregate_id": "b"},
                 {"items": [{"types": [reserved], "tags": ["seat:12B"]}]}]
        for wanted in match:
            problem = self.refused(self.guarded({"fail_if_match": wanted,
                                                 "after": sent["offset"] - 1}),
                                   409, "condition_failed")
            self.assertEqual([{"kind": "match", "condition": 0,
                               "conflict_offset": sent["offset"]}], problem["conflicts"], wanted)
        for wanted in other:
            self.ok(self.guarded({"fail_if_match": wanted},
                                 event={**self.event("z"), "aggregate_type": f"{self.kind}-z"}),
                    201)

    def test_only_events_after_the_offset_count(self):
        (sent,) = self.appended(self.event("a"))
        wanted = {"event_types": [f"{self.kind}.happened"]}
        self.refused(self.guarded({"fail_if_match": wanted}), 409, "condition_failed")
        self.ok(self.guarded({"fail_if_match": wanted, "after": sent["offset"]}), 201)

    def test_after_beyond_the_head_is_refused(self):
        reply = self.guarded({"fail_if_match": {"tags": ["x"]}, "after": self.head() + 1})
        self.refused(reply, 422, "beyond_head", "/conditions/0/after")

    def test_the_batch_itself_is_not_seen(self):
        self.ok(self.guarded({"fail_if_match": {"event_types": [f"{self.kind}.happened"]}}), 201)

    def test_the_head_of_a_finished_query_is_a_safe_after(self):
        self.appended(self.event("a"))
        page = self.ok(self.post("/v1/query", {"aggregate_type": self.kind}))
        self.assertIsNone(page["next_after"])
        wanted = {"fail_if_match": {"aggregate_type": self.kind}, "after": page["head"]}
        self.ok(self.guarded(wanted), 201)
        self.refused(self.guarded(wanted), 409, "condition_failed")

    def test_bad_conditions(self):
        for condition, code in [
                ({"fail_if_match": {"x": 1}}, "unknown_member"),
                ({"aggregate_type": "a", "aggregate_id": "b"}, "missing_member"),
                ({"aggregate_type": "a", "aggregate_id": "b", "sequence": -1}, "bad_value"),
                ({"fail_if_match": 5}, "bad_value"), ({}, "missing_member"), (5, "bad_value"),
                ({"fail_if_match": {}, "sequence": 1}, None)]:
            reply = self.guarded(condition)
            self.assertEqual(422, reply.status, reply.body)
            self.assertIn("/conditions/0", reply.json()["pointer"])
            if code:
                self.assertEqual(code, reply.json()["code"])


class BroadConditions(DaemonCase):
    arguments = ("--set", "limits.condition_postings=10")

    def test_a_condition_that_would_look_at_too_much_is_refused(self):
        for i in range(60):
            self.appended(self.event(f"a{i}", tags=["wide", "odd" if i % 2 else "even"]))
        reply = self.post("/v1/events", {"events": [self.event("b")], "conditions": [
            {"fail_if_match": {"tags": ["wide", "odd", "even"]}}]})
        self.refused(reply, 422, "condition_too_broad", "/conditions/0")


class CommitWithAppend(DaemonCase):
    def setUp(self):
        super().setUp()
        self.group = f"g-{self.kind}"
        self.ok(self.request("PUT", f"/v1/groups/{self.group}", {"mode": "log"}), 201)
        self.appended(self.event(), self.event(), self.event())

    def commit(self, offset, **members):
        return self.post("/v1/events", {"events": [self.event("out")], "commit": {
            "group": self.group, "offset": offset, **members}})

    def committed(self):
        return self.read(f"/v1/groups/{self.group}")["committed"]

    def test_the_group_moves_with_the_events(self):
        self.ok(self.commit(2), 201)
        self.assertEqual(2, self.committed())
        self.ok(self.commit(2), 201)

    def test_backwards_fails_the_append(self):
        self.ok(self.commit(2), 201)
        head = self.head()
        self.refused(self.commit(1), 409, "commit_backwards")
        self.assertEqual((2, head), (self.committed(), self.head()))

    def test_beyond_the_head_before_the_append_fails_it(self):
        self.refused(self.commit(self.head() + 1), 422, "beyond_head")
        self.assertEqual(0, self.committed())

    def test_an_unknown_group_and_an_older_generation_fail_it(self):
        self.refused(self.commit(1, group="nobody"), 404, "unknown_group")
        for member in ("one", "two"):
            joined = self.ok(self.post(f"/v1/groups/{self.group}/fetch", {"member": member}))
            self.post(f"/v1/groups/{self.group}/leave", {"member": member})
        head = self.head()
        self.refused(self.commit(1, generation=joined["generation"] - 1), 409, "fenced")
        self.assertEqual(head, self.head())
        self.ok(self.commit(1, generation=joined["generation"]), 201)

    def test_a_replay_still_moves_the_group_forward(self):
        body = {"events": [self.event("out", id=f"{self.kind}-1")]}
        self.append(body)
        receipt = self.append({**body, "commit": {"group": self.group, "offset": 3}}, 200)
        self.assertIs(True, receipt["replayed"])
        self.assertEqual(3, self.committed())
        self.append({**body, "commit": {"group": self.group, "offset": 1}}, 200)
        self.assertEqual(3, self.committed())


class Repeats(DaemonCase):
    def batch(self, *names, **members):
        return [self.event(name, id=f"{self.kind}-{name}", **members) for name in names]

    def test_the_same_ids_and_content_replay_the_receipt(self):
        first = self.append(self.batch("a", "b"))
        again = self.append(self.batch("a", "b"), 200)
        self.assertEqual({**first, "replayed": True}, again)

    def test_the_expectation_is_not_content(self):
        first = self.append(self.batch("a", expected_sequence=0))
        for expected in (0, 1, "none", "any"):
            again = self.append(self.batch("a", expected_sequence=expected), 200)
            self.assertEqual(first["events"], again["events"])

    def test_a_replay_comes_before_conditions(self):
        guard = [{"fail_if_match": {"aggregate_type": self.kind}}]
        first = self.append({"events": self.batch("a"), "conditions": guard})
        again = self.append({"events": self.batch("a"), "conditions": guard}, 200)
        self.assertEqual(first["events"], again["events"])

    def test_white_space_is_not_content_but_spelling_is(self):
        body = json.dumps(self.batch("a")[0], separators=(",", ":"))[:-1]
        self.ok(self.post("/v1/events", body + ',"payload":[1,2]}', JSON), 201)
        self.ok(self.post("/v1/events", body + ', "payload" : [ 1, 2 ] }', JSON), 200)
        reply = self.post("/v1/events", body + ',"payload":[1.0,2]}', JSON)
        self.refused(reply, 422, "id_reused")

    def test_other_content_is_a_reuse(self):
        self.append(self.batch("a", payload={"n": 1}))
        reply = self.post("/v1/events", self.batch("a", payload={"n": 2}))
        self.refused(reply, 422, "id_reused")

    def test_some_known_is_a_partial_replay(self):
        receipt = self.append(self.batch("a", "b"))
        for names in (("a", "c"), ("c", "b"), ("b", "a"), ("a",)):
            reply = self.post("/v1/events", self.batch(*names))
            if names == ("a",):
                self.assertIn(reply.status, (200, 409))
                continue
            problem = self.refused(reply, 409, "partial_replay")
            listed = {c["id"]: c for c in problem["conflicts"]}
            for name, sent in zip(("a", "b"), receipt["events"]):
                if name in names:
                    self.assertEqual(sent["offset"],
                                     listed[f"{self.kind}-{name}"]["conflict_offset"])

    def test_the_same_id_twice_in_one_request(self):
        reply = self.post("/v1/events", self.batch("a") + self.batch("a"))
        self.refused(reply, 422, "duplicate_id", "/1/id")

    def test_replays_survive_a_crash(self):
        first = self.append(self.batch("a", "b"))
        keyed = self.append(self.event("k"), headers={"Idempotency-Key": self.kind})
        self.daemon.crash_and_restart()
        self.client.close()
        self.assertEqual(first["events"], self.append(self.batch("a", "b"), 200)["events"])
        again = self.append(self.event("k"), 200, {"Idempotency-Key": self.kind})
        self.assertEqual(keyed["events"], again["events"])


class IdempotencyKey(DaemonCase):
    def keyed(self, body, key=None):
        return self.post("/v1/events", body, {"Idempotency-Key": key or self.kind})

    def test_the_same_request_is_a_replay(self):
        first = self.ok(self.keyed(self.event()), 201)
        again = self.ok(self.keyed(self.event()), 200)
        self.assertEqual({**first, "replayed": True}, again)
        self.assertEqual(1, len(self.mine()))

    def test_another_body_is_refused(self):
        self.ok(self.keyed(self.event("a")), 201)
        self.refused(self.keyed(self.event("b")), 422, "key_reused")

    def test_a_refused_request_leaves_no_trace(self):
        self.refused(self.keyed(self.event("a", expected_sequence=5)), 409, "sequence_conflict")
        self.ok(self.keyed(self.event("b")), 201)

    def test_a_replay_comes_before_conditions(self):
        body = {"events": [self.event()],
                "conditions": [{"fail_if_match": {"aggregate_type": self.kind}}]}
        self.ok(self.keyed(body), 201)
        self.ok(self.keyed(body), 200)

    def test_a_bad_key(self):
        self.assertEqual(422, self.keyed(self.event(), "k" * 256).status)


if __name__ == "__main__":
    unittest.main()
