"""What operators do with queues: settings, pause, dead letters, replays."""

import unittest

from daemon import poll
from test_queue_members import QueueCase

ALL_SETTINGS = {"order": "aggregate", "ack_timeout_ms": 100, "max_deliveries": 1000,
                "backoff_ms": [0, 604800000], "max_in_flight": 10, "max_unfinished": 10,
                "block_aggregate": True, "breaker_window": 10000, "breaker_ratio": 1.1,
                "push": {"url": "http://127.0.0.1:9/in", "timeout_ms": 100, "parallel": 256}}


class OperatorCase(QueueCase):
    def info(self):
        return self.read(self.path)

    def counts(self, **wanted):
        """Waits until the group shows these numbers."""
        def reached():
            info = self.info()
            return all(info[name] == value for name, value in wanted.items())
        poll(reached, what=str(wanted))

    def die(self, count, reason="broken", **members):
        """Fetches so many and gives them up; their offsets, in order."""
        offsets = sorted(event["offset"] for event in self.fetched(count))
        before = self.info()["dead_letters"]
        self.assertEqual([], self.not_held("nack", offsets=offsets, action="dead_letter",
                                           reason=reason, **members))
        self.counts(dead_letters=before + count)
        return offsets

    def letters(self, path=None, **query):
        return self.read(f"{path or self.path}/dead-letters", **query)["dead_letters"]

    def offsets(self, path=None, **query):
        return [letter["offset"] for letter in self.letters(path, **query)]

    def choose(self, verb, path=None, **choice):
        return self.ok(self.post(f"{path or self.path}/dead-letters/{verb}", choice))


class Settings(OperatorCase):
    arguments = ("--set", "webhook.allow=127.0.0.1:9,example.com")

    def test_they_are_shown_as_they_can_be_put_again(self):
        self.put(**ALL_SETTINGS, start="head", member_timeout_ms=5000)
        settings = self.info()["settings"]
        self.assertEqual(ALL_SETTINGS, {name: settings[name] for name in ALL_SETTINGS})
        self.assertEqual(("queue", "head", 5000, {"aggregate_type": self.kind}),
                         tuple(settings[name] for name in ("mode", "start", "member_timeout_ms",
                                                           "filter")))
        self.ok(self.request("PUT", self.path, settings), 200)

    def test_a_secret_is_not_shown(self):
        self.put(push={"url": "https://example.com/in", "secret": "s3cret"})
        shown = self.get(self.path)
        self.assertNotIn(b"s3cret", shown.body)
        changed = {**shown.json()["settings"], "max_deliveries": 9}
        self.ok(self.request("PUT", self.path, changed, {"If-Match": shown.headers["etag"]}), 200)
        self.assertEqual(9, self.info()["settings"]["max_deliveries"])

    def test_a_new_queue(self):
        self.put()
        self.counts(paused=False, stalled=False, order="aggregate", breaker="closed",
                    idle="caught_up", in_flight=0, unfinished=0, set_aside=0, dead_letters=0,
                    acked=0, skipped=0)

    def test_the_mode_and_the_order_are_fixed(self):
        self.put()
        for other in ({"mode": "queue", "order": "none"}, {"mode": "log"}):
            reply = self.request("PUT", self.path, other, {"If-Match": "*"})
            self.refused(reply, 409, "group_exists")

    def test_bad_settings(self):
        for name, value in [
                ("order", "tag"), ("ack_timeout_ms", 99), ("max_deliveries", 0),
                ("backoff_ms", []), ("backoff_ms", [1] * 33), ("max_in_flight", 0),
                ("max_unfinished", 999), ("block_aggregate", "yes"), ("breaker_window", 10001),
                ("breaker_ratio", 0), ("breaker_ratio", 2.1), ("push", "http://h")]:
            reply = self.request("PUT", self.path, {"mode": "queue", name: value})
            self.refused(reply, 422, "bad_value", "/" + name)
        for body, code, pointer in [
                ({"backoff_ms": [1, -1]}, "bad_value", "/backoff_ms/1"),
                ({"push": {}}, "missing_member", "/push/url"),
                ({"push": {"url": "file:///etc"}}, "bad_value", "/push/url"),
                ({"push": {"url": "http://h", "x": 1}}, "unknown_member", "/push/x"),
                ({"block_aggregate": True, "order": "none"}, "bad_value", "/block_aggregate")]:
            self.refused(self.request("PUT", self.path, {"mode": "queue", **body}), 422, code,
                         pointer)

    def test_a_log_has_none_of_them(self):
        for name, value in ALL_SETTINGS.items():
            reply = self.request("PUT", self.path, {"mode": "log", name: value})
            self.refused(reply, 422, "bad_value", "/" + name)


class Pausing(OperatorCase):
    def pause(self, verb="pause"):
        return self.ok(self.post(f"{self.path}/{verb}"))["paused"]

    def test_nothing_is_delivered_and_leases_go_on(self):
        self.put()
        first, second = self.spread(2)
        leased = self.fetched(1)[0]["offset"]
        self.assertTrue(self.pause())
        self.assertTrue(self.pause())
        self.assertEqual([], self.fetch("other", wait_ms=100))
        self.counts(idle="paused")
        self.assertEqual([], self.not_held("ack", offsets=[leased]))
        self.assertFalse(self.pause("resume"))
        self.assertEqual({first, second} - {leased}, {self.fetched(1, "other")[0]["offset"]})

    def test_it_outlives_a_crash(self):
        self.put()
        self.pause()
        self.daemon.crash_and_restart()
        self.client.close()
        self.assertTrue(self.info()["paused"])

    def test_only_queues_are_paused(self):
        log = f"/v1/groups/log-{self.kind}"
        self.ok(self.request("PUT", log, {"mode": "log"}), 201)
        for verb in ("pause", "resume"):
            self.refused(self.post(f"{log}/{verb}"), 409, "wrong_mode")
            self.refused(self.post(f"/v1/groups/none/{verb}"), 404, "unknown_group")


class DeadLetters(OperatorCase):
    def test_one_tells_the_event_and_every_attempt(self):
        self.put(max_deliveries=2)
        (offset,) = self.spread(1)
        for reason in ("first", "second"):
            self.fetched(1, "w-" + reason)
            self.assertEqual([], self.not_held("nack", member="w-" + reason, offsets=[offset],
                                               reason=reason))
        self.counts(dead_letters=1, unfinished=0)
        letter = self.read(f"{self.path}/dead-letters/{offset}")
        self.assertEqual(self.mine()[0], letter["event"])
        self.assertEqual([letter], self.letters())
        self.assertEqual((2, 0, False, 0), (letter["attempts"], letter["retried"],
                                            letter["retrying"], letter["held"]))
        self.assertEqual([(1, "nack", "first", "w-first"), (2, "nack", "second", "w-second")],
                         [(each["attempt"], each["kind"], each["reason"], each["member"])
                          for each in letter["failures"]])
        self.assertEqual(letter["died_at"][:10], letter["failures"][1]["at"][:10])

    def test_they_are_listed_by_offset_and_by_filter(self):
        self.put()
        self.appended(*[self.event(f"a-{i}", f"verb{i}", tags=[f"{self.kind}:{i}"],
                                   correlation_id=f"c-{i}", causation_id=f"d-{i}")
                        for i in range(3)])
        offsets = self.die(3)
        first = self.read(f"{self.path}/dead-letters", limit=2)
        self.assertEqual(offsets[:2], [letter["offset"] for letter in first["dead_letters"]])
        self.assertEqual(offsets[2:], self.offsets(after=first["next_after"]))
        for name, value in [("aggregate_id", "a-1"), ("event_type", f"{self.kind}.verb1"),
                            ("tag", f"{self.kind}:1"), ("correlation_id", "c-1"),
                            ("causation_id", "d-1")]:
            self.assertEqual(offsets[1:2], self.offsets(**{name: value}), name)
        self.assertEqual(offsets, self.offsets(aggregate_type=self.kind))
        self.assertEqual([], self.offsets(aggregate_type="other"))
        for name, value in [("limit", 0), ("limit", 1001), ("after", "x")]:
            self.refused(self.get(f"{self.path}/dead-letters", None, **{name: value}), 422,
                         "bad_parameter")

    def test_one_that_is_retried_is_delivered_again_and_keeps_its_history(self):
        self.put()
        self.spread(1)
        (offset,) = self.die(1)
        answer = self.choose("retry", offsets=[offset])
        self.assertEqual({"retried": 1, "refused": [], "next_after": None}, answer)
        letter = self.read(f"{self.path}/dead-letters/{offset}")
        self.assertEqual((0, True), (letter["retried"], letter["retrying"]))
        refused = self.choose("retry", offsets=[offset])["refused"]
        self.assertEqual([{"offset": offset, "code": "not_found"}], refused)
        (again,) = self.fetched(1)
        self.assertEqual((offset, 2), (again["offset"], again["attempt"]))
        self.not_held("nack", offsets=[offset], action="dead_letter", reason="again")
        poll(lambda: not self.letters()[0]["retrying"], what="the end of the retry")
        (letter,) = self.letters()
        self.assertEqual((1, ["broken", "again"]), (letter["retried"],
                                                    [each["reason"]
                                                     for each in letter["failures"]]))
        self.choose("retry", offsets=[offset])
        self.fetched(1)
        self.assertEqual([], self.not_held("ack", offsets=[offset]))
        self.counts(dead_letters=0, acked=1)
        self.refused(self.get(f"{self.path}/dead-letters/{offset}"), 404, "not_found")

    def test_a_choice_by_filter_or_by_offsets(self):
        self.put()
        self.spread(3)
        first, second, third = self.die(3)
        self.assertEqual(1, self.choose("retry", filter={"aggregate_id": "a-1"})["retried"])
        self.assertEqual([second], [event["offset"] for event in self.fetched(1)])
        self.assertEqual(0, self.choose("retry", filter={"aggregate_id": "none"})["retried"])
        self.assertEqual(1, self.choose("discard", filter={}, after=second)["discarded"])
        self.counts(dead_letters=2)
        answer = self.choose("discard", offsets=[third, first])
        self.assertEqual((1, [{"offset": third, "code": "not_found"}]),
                         (answer["discarded"], answer["refused"]))
        self.assertEqual([second], self.offsets())
        self.counts(skipped=2)

    def test_what_is_behind_one_waits_until_it_is_settled(self):
        self.put(block_aggregate=True)
        first = self.appended(self.event())[0]["offset"]
        self.assertEqual([first], self.die(1))
        second = self.appended(self.event())[0]["offset"]
        self.assertEqual([], self.fetch(wait_ms=100))
        self.counts(set_aside=1, committed=second)
        self.assertEqual(1, self.read(f"{self.path}/dead-letters/{first}")["held"])
        self.choose("discard", offsets=[first])
        self.assertEqual([second], [event["offset"] for event in self.fetched(1)])
        self.counts(set_aside=0)

    def test_they_outlive_a_crash(self):
        self.put()
        self.spread(2)
        self.die(2)
        before = self.letters()
        self.daemon.crash_and_restart()
        self.client.close()
        self.assertEqual(before, self.letters())

    def test_bad_choices(self):
        self.put()
        for body, code, pointer in [
                ({}, "missing_member", "/offsets"), ({"offsets": []}, "bad_value", "/offsets"),
                ({"offsets": [1], "filter": {}}, "bad_value", "/filter"),
                ({"offsets": ["1"]}, "bad_value", "/offsets/0"),
                ({"offsets": [1] * 10001}, "limit_exceeded", "/offsets"),
                ({"filter": {"x": 1}}, "unknown_member", "/filter/x"),
                ({"filter": {}, "after": -1}, "bad_value", "/after")]:
            for verb in ("retry", "discard"):
                self.refused(self.post(f"{self.path}/dead-letters/{verb}", body), 422, code,
                             pointer)

    def test_a_log_has_none(self):
        log = f"/v1/groups/log-{self.kind}"
        self.ok(self.request("PUT", log, {"mode": "log"}), 201)
        self.refused(self.get(log + "/dead-letters"), 409, "wrong_mode")
        self.refused(self.get(log + "/dead-letters/1"), 409, "wrong_mode")
        self.refused(self.post(log + "/dead-letters/retry", {"filter": {}}), 409, "wrong_mode")
        self.refused(self.get("/v1/groups/none/dead-letters"), 404, "unknown_group")


class Replays(OperatorCase):
    def replay(self, **members):
        """Creates one of this test's events; its path."""
        body = {"filter": {"aggregate_type": self.kind}, **members}
        made = self.ok(self.post("/v1/replays", body), 201)
        self.assertTrue(made["in_progress"])
        return f"/v1/replays/{made['id']}"

    def over(self, path):
        poll(lambda: not self.read(path)["in_progress"], what="the end of the replay")
        return self.read(path)

    def test_its_events_come_to_the_members_and_move_no_offset(self):
        self.put(start="head")
        offsets = self.spread(3)
        self.fetched(3)
        self.not_held("ack", offsets=offsets)
        self.committed_reaches(offsets[-1])
        path = self.replay(group=self.group, **{"from": offsets[0], "to": offsets[1]})
        replay_id = path.rsplit("/", 1)[1]
        events = self.fetched(2)
        self.assertEqual(offsets[:2], sorted(event["offset"] for event in events))
        for event in events:
            self.assertEqual((1, replay_id), (event["attempt"], event["replay_id"]))
            self.assertEqual((True, replay_id), (event["metadata"]["replay"],
                                                 event["metadata"]["replay_id"]))
        self.assertEqual(offsets[:1], self.not_held("ack", offsets=offsets[:1]))
        self.assertEqual([], self.not_held("extend", offsets=offsets[:2], replay_id=replay_id))
        self.assertEqual([], self.not_held("ack", offsets=offsets[:1], attempts=[1],
                                           replay_id=replay_id))
        self.append({"events": [{**self.event(), "aggregate_type": f"{self.kind}-other"}],
                     "ack": {"member": "m", "offsets": offsets[1:2], "replay_id": replay_id}})
        done = self.over(path)
        self.assertEqual((self.group, offsets[0], offsets[1], 2, 2, 0, [], None),
                         tuple(done[name] for name in (
                             "group", "from_offset", "to_offset", "event_count", "success_count",
                             "failure_count", "failures", "failures_next_after")))
        self.assertEqual(3, self.info()["acked"])
        self.assertLessEqual(offsets[-1], self.info()["committed"])

    def test_its_failures_are_dead_letters_of_its_own(self):
        self.put(start="head")
        offsets = self.spread(3)
        self.fetched(3)
        self.not_held("ack", offsets=offsets)
        path = self.replay(group=self.group, to=offsets[-1])
        replay_id = path.rsplit("/", 1)[1]
        self.fetched(3)
        self.assertEqual([], self.not_held("nack", offsets=offsets, action="dead_letter",
                                           reason="no", replay_id=replay_id))
        done = self.over(path)
        self.assertEqual((3, 3), (done["event_count"], done["failure_count"]))
        self.assertEqual(offsets, [letter["offset"] for letter in done["failures"]])
        self.assertEqual(done["failures"], self.letters(path))
        self.assertEqual(0, self.info()["dead_letters"])
        for query in ({"after": offsets[0], "limit": 1}, {"aggregate_id": "a-1"},
                      {"aggregate_id": "a-1", "aggregate_type": self.kind,
                       "event_type": f"{self.kind}.*"}):
            self.assertEqual(offsets[1:2], self.offsets(path, **query), query)
        for name in ("tag", "correlation_id", "causation_id"):
            self.assertEqual([], self.offsets(path, **{name: "none"}))
        self.assertEqual(1, self.choose("discard", path, offsets=offsets[:1])["discarded"])
        self.assertEqual(1, self.choose("retry", path, filter={"aggregate_id": "a-1"})["retried"])
        (again,) = self.fetched(1)
        self.assertEqual((offsets[1], 2), (again["offset"], again["attempt"]))
        self.not_held("ack", offsets=offsets[1:2], replay_id=replay_id)
        poll(lambda: self.read(path)["failure_count"] == 1, what="the end of the retry")

    def test_it_is_paused_resumed_and_cancelled(self):
        self.put(start="head")
        self.spread(1)
        path = self.replay()
        self.assertIsNone(self.read(path)["group"])
        self.assertTrue(self.ok(self.post(path + "/pause"))["paused"])
        self.assertFalse(self.ok(self.post(path + "/resume"))["paused"])
        cancelled = self.ok(self.post(path + "/cancel"))
        self.assertTrue(cancelled["cancelled"])
        self.assertFalse(self.over(path)["paused"])

    def test_it_is_listed_until_it_is_deleted(self):
        self.spread(1)
        path = self.replay()
        replay_id = path.rsplit("/", 1)[1]
        self.assertIn(replay_id, [each["id"] for each in self.read("/v1/replays")["replays"]])
        self.daemon.crash_and_restart()
        self.client.close()
        self.assertEqual(replay_id, self.read(path)["id"])
        self.ok(self.request("DELETE", path), 204)
        self.refused(self.get(path), 404, "not_found")
        self.assertNotIn(replay_id, [each["id"] for each in self.read("/v1/replays")["replays"]])

    def test_its_range_may_be_of_times(self):
        first, second, _ = self.appended(*[self.event(f"a-{i}") for i in range(3)])
        path = self.replay(**{"from": first["recorded_at"], "to": second["recorded_at"]})
        replay = self.read(path)
        self.assertLessEqual(replay["from_offset"], first["offset"])
        self.assertLessEqual(second["offset"], replay["to_offset"])
        self.ok(self.request("DELETE", path), 204)

    def test_bad_replays(self):
        for body, code, pointer in [
                ({"from": 4, "to": 3}, "bad_value", "/from"), ({"from": 0}, "bad_value", "/from"),
                ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "bad_value",
                 "/from"),
                ({"to": "soon"}, "bad_value", "/to"), ({"group": ""}, "bad_value", "/group"),
                ({"filter": {"x": 1}}, "unknown_member", "/filter/x"),
                ({"until": 3}, "unknown_member", "/until")]:
            self.refused(self.post("/v1/replays", body), 422, code, pointer)
        self.refused(self.post("/v1/replays", {"group": "none"}), 404, "unknown_group")
        log = f"log-{self.kind}"
        self.ok(self.request("PUT", f"/v1/groups/{log}", {"mode": "log"}), 201)
        self.refused(self.post("/v1/replays", {"group": log}), 409, "wrong_mode")

    def test_what_is_not_there_is_not_found(self):
        for verb in ("pause", "resume", "cancel"):
            self.refused(self.post(f"/v1/replays/none/{verb}"), 404, "not_found")
        self.refused(self.request("DELETE", "/v1/replays/none"), 404, "not_found")
        self.refused(self.get("/v1/replays/none/dead-letters"), 404, "not_found")
        for verb in ("retry", "discard"):
            self.refused(self.post(f"/v1/replays/none/dead-letters/{verb}", {"filter": {}}), 404,
                         "not_found")


if __name__ == "__main__":
    unittest.main()
