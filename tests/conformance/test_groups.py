"""Groups in log mode: settings, the one active member, commits that never go back."""

import threading
import time
import unittest
import urllib.parse

from case import Client, DaemonCase
from daemon import poll


class GroupCase(DaemonCase):
    def setUp(self):
        super().setUp()
        self.group = f"group {self.kind}/ü"
        self.path = "/v1/groups/" + urllib.parse.quote(self.group, safe="")

    def put(self, status=201, headers=None, **settings):
        return self.ok(self.request("PUT", self.path, {"mode": "log", **settings}, headers), status)

    def mine_only(self, **settings):
        return self.put(filter={"aggregate_type": self.kind}, **settings)

    def at(self, verb, body):
        return self.post(f"{self.path}/{verb}", body)

    def fetch(self, member="m", status=200, **members):
        return self.ok(self.at("fetch", {"member": member, "wait_ms": 0, **members}), status)

    def commit(self, offset, **members):
        return self.at("commit", {"offset": offset, **members})

    def info(self):
        return self.read(self.path)


class Settings(GroupCase):
    def test_what_a_new_group_is(self):
        self.appended(self.event())
        info = self.put()
        self.assertEqual((self.group, "log", 0, 0), (info["group"], info["mode"],
                                                     info["committed"], info["generation"]))
        shown = self.info()
        self.assertEqual((self.head(), self.head(), []),
                         (shown["head"], shown["lag"], shown["members"]))
        self.assertLess(0, shown["lag_seconds"])
        self.assertEqual((0, 0, 0, False, False),
                         tuple(shown[name] for name in ("in_flight", "set_aside", "dead_letters",
                                                        "paused", "stalled")))

    def test_the_default_mode_is_log(self):
        self.assertEqual("log", self.ok(self.request("PUT", self.path, {}), 201)["mode"])
        self.put(200)

    def test_start(self):
        (first, second) = self.appended(self.event(), self.event())
        starts = [("beginning", 0), ("head", second["offset"]),
                  ({"after": first["offset"]}, first["offset"]),
                  ({"time": "2001-01-01T00:00:00Z"}, 0),
                  ({"time": first["recorded_at"]}, first["offset"] - 1)]
        for start, committed in starts:
            self.assertEqual(committed, self.put(start=start)["committed"], start)
            self.ok(self.request("DELETE", self.path), 204)

    def test_the_same_put_again_changes_nothing(self):
        self.mine_only(start="head", member_timeout_ms=5000)
        self.put(200, start="head", member_timeout_ms=5000, filter={"aggregate_type": self.kind})

    def test_what_is_fixed_cannot_change(self):
        self.put()
        reply = self.request("PUT", self.path, {"mode": "log", "start": "head"}, {"If-Match": "*"})
        self.refused(reply, 409, "group_exists")

    def test_the_rest_changes_by_if_match(self):
        self.put()
        etag = self.get(self.path).headers["etag"]
        changed = {"mode": "log", "member_timeout_ms": 2000}
        self.refused(self.request("PUT", self.path, changed), 428, "precondition_required")
        stale = self.request("PUT", self.path, changed, {"If-Match": '"999"'})
        self.refused(stale, 412, "precondition_failed")
        self.ok(self.request("PUT", self.path, changed, {"If-Match": etag}), 200)
        self.assertNotEqual(etag, self.get(self.path).headers["etag"])
        stale = self.request("PUT", self.path, {"mode": "log"}, {"If-Match": etag})
        self.refused(stale, 412, "precondition_failed")

    def test_a_new_filter_holds_above_the_committed_offset(self):
        first, second, third = self.appended(self.event("a"), self.event("b"), self.event("a"))
        self.put(start={"after": first["offset"] - 1})
        self.ok(self.commit(first["offset"]))
        self.put(200, {"If-Match": "*"}, start={"after": first["offset"] - 1},
                 filter={"aggregate_type": self.kind, "aggregate_id": "a"})
        self.assertEqual([third["offset"]], [e["offset"] for e in self.fetch()["events"]])

    def test_bad_settings(self):
        for body, code, pointer in [
                ({"mode": "heap"}, "bad_value", "/mode"), ([], "bad_value", ""),
                ({"mode": "log", "x": 1}, "unknown_member", "/x"),
                ({"mode": "log", "start": "soon"}, "bad_value", "/start"),
                ({"mode": "log", "start": {"after": -1}}, "bad_value", "/start/after"),
                ({"mode": "log", "start": {"time": "x"}}, "bad_value", "/start/time"),
                ({"mode": "log", "filter": {"x": 1}}, "unknown_member", "/filter/x"),
                ({"mode": "log", "member_timeout_ms": 999}, "bad_value", "/member_timeout_ms"),
                ({"mode": "log", "ack_timeout_ms": 1000}, "bad_value", "/ack_timeout_ms")]:
            self.refused(self.request("PUT", self.path, body), 422, code, pointer)
        self.refused(self.request("PUT", self.path, {"mode": "log", "start": {"after": 10**9}}),
                     422, "beyond_head")
        self.refused(self.request("PUT", "/v1/groups/" + "g" * 256, {"mode": "log"}), 422,
                     "limit_exceeded")
        self.assertEqual(404, self.get(self.path).status)

    def test_delete_and_list(self):
        self.put()
        groups = self.read("/v1/groups")
        self.assertIsNone(groups["next_after"])
        self.assertIn(self.group, [group["group"] for group in groups["groups"]])
        self.ok(self.request("DELETE", self.path), 204)
        self.refused(self.get(self.path), 404, "unknown_group")
        self.refused(self.request("DELETE", self.path), 404, "unknown_group")
        self.assertNotIn(self.group, [g["group"] for g in self.read("/v1/groups")["groups"]])


class Fetching(GroupCase):
    def test_events_come_in_order_after_the_committed_offset(self):
        sent = self.appended(*[self.event(payload=i) for i in range(5)])
        self.mine_only()
        page = self.fetch(max=3)
        self.assertEqual([0, 1, 2], [event["payload"] for event in page["events"]])
        self.assertEqual(sent[2]["offset"], page["next_after"])
        self.assertLessEqual(1, page["generation"])
        self.ok(self.commit(page["next_after"], generation=page["generation"]))
        self.assertEqual([3, 4], [event["payload"] for event in self.fetch()["events"]])
        self.assertEqual([4], [event["payload"] for event in
                               self.fetch(after=sent[3]["offset"])["events"]])

    def test_next_after_moves_over_what_the_filter_leaves_out(self):
        self.mine_only()
        other = {**self.event(), "aggregate_type": f"{self.kind}-other"}
        receipt = self.append([other] * 3)
        page = self.fetch()
        self.assertEqual(([], receipt["last_offset"]), (page["events"], page["next_after"]))
        self.ok(self.commit(page["next_after"], generation=page["generation"]))
        self.assertEqual(0, self.info()["lag"])

    def test_a_long_poll_wakes_at_the_next_event(self):
        self.mine_only(start="head")
        answers = []

        def wait():
            client = Client(self.daemon)
            answers.append(client.request("POST", self.path + "/fetch",
                                          {"member": "m", "wait_ms": 20_000}).json())
            client.close()
        waiter = threading.Thread(target=wait)
        waiter.start()
        poll(lambda: self.info()["members"], what="the member")
        started = time.monotonic()
        (sent,) = self.appended(self.event(payload="wake"))
        waiter.join(10)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(["wake"], [event["payload"] for event in answers[0]["events"]])
        self.assertEqual(sent["offset"], answers[0]["next_after"])

    def test_a_long_poll_ends_at_its_time(self):
        self.mine_only(start="head")
        started = time.monotonic()
        self.assertEqual([], self.fetch(wait_ms=100)["events"])
        self.assertLess(0.05, time.monotonic() - started)

    def test_bad_fetches(self):
        self.put()
        for body, pointer in [({}, "/member"), ({"member": ""}, "/member"),
                              ({"member": "m", "max": 0}, "/max"),
                              ({"member": "m", "wait_ms": -1}, "/wait_ms"),
                              ({"member": "m", "x": 1}, "/x")]:
            reply = self.at("fetch", body)
            self.assertEqual((422, pointer), (reply.status, reply.json().get("pointer")), body)
        self.refused(self.post("/v1/groups/nobody/fetch", {"member": "m"}), 404, "unknown_group")


class Members(GroupCase):
    def test_one_member_is_active_and_others_stand_by(self):
        self.put()
        self.fetch("one")
        self.refused(self.at("fetch", {"member": "two", "wait_ms": 0}), 409, "standby")
        self.assertEqual("one", str(self.info()["members"][0]
                                    if isinstance(self.info()["members"][0], str)
                                    else self.info()["members"][0]["member"]))

    def test_leaving_lets_the_next_one_in_with_a_higher_generation(self):
        self.put()
        first = self.fetch("one")["generation"]
        self.assertEqual(first, self.fetch("one")["generation"])
        self.ok(self.at("leave", {"member": "one"}), 204)
        second = self.fetch("two")["generation"]
        self.assertEqual(first + 1, second)

    def test_an_older_generation_is_fenced(self):
        self.appended(self.event())
        self.put()
        old = self.fetch("one")["generation"]
        self.at("leave", {"member": "one"})
        new = self.fetch("two")["generation"]
        self.refused(self.commit(1, generation=old), 409, "fenced")
        self.assertEqual({"committed": 1}, self.ok(self.commit(1, generation=new)))

    def test_a_silent_member_times_out(self):
        self.put(member_timeout_ms=1000)
        self.fetch("one")
        poll(lambda: self.at("fetch", {"member": "two", "wait_ms": 0}).status == 200, 10,
             "the end of a silent member")

    def test_a_heartbeat_keeps_a_member(self):
        self.put(member_timeout_ms=1000)
        self.fetch("one")
        end = time.monotonic() + 2.5

        def beat():
            self.ok(self.at("heartbeat", {"member": "one"}), 204)
            self.assertEqual(409, self.at("fetch", {"member": "two", "wait_ms": 0}).status)
            return time.monotonic() > end
        poll(beat, 10)

    def test_an_unknown_member(self):
        self.put()
        self.refused(self.at("heartbeat", {"member": "nobody"}), 404, "not_found")
        for verb in ("heartbeat", "leave"):
            self.assertEqual(422, self.at(verb, {}).status)
            self.refused(self.post(f"/v1/groups/nobody/{verb}", {"member": "m"}), 404,
                         "unknown_group")


class Committing(GroupCase):
    def test_equal_is_fine_lower_is_not(self):
        self.appended(self.event(), self.event())
        self.put()
        self.assertEqual({"committed": 2}, self.ok(self.commit(2)))
        self.assertEqual({"committed": 2}, self.ok(self.commit(2)))
        self.refused(self.commit(1), 409, "commit_backwards")
        self.refused(self.commit(self.head() + 1), 422, "beyond_head")
        for body in ({}, {"offset": -1}, {"offset": 1, "x": 1}, {"offset": 1, "generation": "x"}):
            self.assertEqual(422, self.at("commit", body).status, body)
        self.refused(self.post("/v1/groups/nobody/commit", {"offset": 1}), 404, "unknown_group")

    def test_only_reset_moves_back(self):
        sent = self.appended(self.event(), self.event(), self.event())
        self.put()
        self.ok(self.commit(self.head()))
        for to, committed in [("beginning", 0), ("head", self.head()),
                              ({"after": sent[0]["offset"]}, sent[0]["offset"]),
                              ({"time": sent[1]["recorded_at"]}, sent[0]["offset"])]:
            reply = self.at("reset", {"to": to})
            self.assertIn(reply.status, (200, 204), reply.body)
            if isinstance(to, dict) and "time" in to:
                self.assertLessEqual(self.info()["committed"], committed)
            else:
                self.assertEqual(committed, self.info()["committed"], to)
        for body in ({}, {"to": "x"}, {"to": {"after": 1, "time": "x"}}, {"to": 5}):
            self.assertEqual(422, self.at("reset", body).status, body)
        self.refused(self.post("/v1/groups/nobody/reset", {"to": "head"}), 404, "unknown_group")
        self.refused(self.at("reset", {"to": {"after": self.head() + 1}}), 422, "beyond_head")

    def test_everything_survives_a_crash(self):
        self.appended(self.event(), self.event())
        before = self.mine_only(member_timeout_ms=3000)
        generation = self.fetch("one")["generation"]
        self.ok(self.commit(2, generation=generation))
        etag = self.get(self.path).headers["etag"]
        self.daemon.crash_and_restart()
        self.client.close()
        after = self.get(self.path)
        self.assertEqual(etag, after.headers["etag"])
        self.assertEqual((2, before["mode"]), (after.json()["committed"], after.json()["mode"]))
        self.assertLessEqual(generation, after.json()["generation"])
        self.refused(self.commit(1), 409, "commit_backwards")


if __name__ == "__main__":
    unittest.main()
