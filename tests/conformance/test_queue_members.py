"""Members of groups in queue mode: leases over HTTP and WebSocket."""

import json
import unittest

from case import DaemonCase
from daemon import poll
from wsclient import WebSocket


class QueueCase(DaemonCase):
    def setUp(self):
        super().setUp()
        self.group = f"queue-{self.kind}"
        self.path = f"/v1/groups/{self.group}"

    def put(self, group=None, **settings):
        body = {"mode": "queue", "filter": {"aggregate_type": self.kind}, "backoff_ms": [1],
                **settings}
        self.ok(self.request("PUT", f"/v1/groups/{group or self.group}", body), 201)

    def spread(self, count):
        """Appends events of as many aggregates, so that none waits for another."""
        return [event["offset"]
                for event in self.appended(*[self.event(f"a-{i}") for i in range(count)])]

    def at(self, verb, status=200, member="m", **members):
        return self.ok(self.post(f"{self.path}/{verb}", {"member": member, **members}), status)

    def fetch(self, member="m", wait_ms=0, **members):
        return self.at("fetch", member=member, wait_ms=wait_ms, **members)["events"]

    def fetched(self, count, member="m"):
        """Exactly so many leases, in as many fetches as it takes."""
        events = []
        while len(events) < count:
            more = self.fetch(member, wait_ms=10_000, max=count - len(events))
            self.assertTrue(more, f"{len(events)} of {count} came")
            events += more
        return events

    def not_held(self, verb, **members):
        """The offsets for which the verb was refused."""
        answer = self.at(verb, **members)
        for each in answer["refused"]:
            self.assertEqual("lease_expired", each["code"])
        return [each["offset"] for each in answer["refused"]]

    def committed_reaches(self, offset):
        poll(lambda: self.read(self.path)["committed"] >= offset,
             what="the committed offset")


class OverHttp(QueueCase):
    def test_what_is_fetched_is_leased_and_an_ack_finishes_it(self):
        self.put()
        offsets = self.spread(3)
        events = self.fetched(3)
        self.assertEqual(offsets, sorted(event["offset"] for event in events))
        self.assertEqual({1}, {event["attempt"] for event in events})
        empty = self.at("fetch", wait_ms=0)
        self.assertEqual({"events": [], "next_after": None, "generation": None}, empty)
        self.assertEqual([], self.not_held("ack", offsets=offsets, attempts=[1, 1, 1]))
        self.committed_reaches(offsets[-1])
        self.assertEqual(offsets, self.not_held("ack", offsets=offsets))

    def test_a_fetch_waits_for_the_next_event(self):
        self.put()
        offsets = self.spread(1)
        self.assertEqual(offsets, [event["offset"] for event in self.fetch(wait_ms=10_000)])

    def test_a_queue_has_no_after(self):
        self.put()
        reply = self.post(self.path + "/fetch", {"member": "m", "after": 0})
        self.refused(reply, 422, "bad_value", "/after")

    def test_a_nack_gives_it_back_with_the_next_attempt(self):
        self.put()
        (offset,) = self.spread(1)
        self.fetched(1)
        self.assertEqual([], self.not_held("nack", offsets=[offset], delay_ms=0, reason="busy"))
        (again,) = self.fetched(1, "other")
        self.assertEqual((offset, 2), (again["offset"], again["attempt"]))
        self.assertEqual([offset], self.not_held("nack", offsets=[offset], attempts=[1]))
        skipped = self.not_held("nack", member="other", offsets=[offset], action="skip")
        self.assertEqual([], skipped)
        self.committed_reaches(offset)

    def test_a_nack_may_give_up(self):
        self.put()
        (offset,) = self.spread(1)
        self.fetched(1)
        self.assertEqual([], self.not_held("nack", offsets=[offset], action="dead_letter"))
        self.committed_reaches(offset)
        self.assertEqual(1, self.read(self.path)["dead_letters"])

    def test_a_lease_ends_after_its_time_and_an_ack_of_it_changes_nothing(self):
        self.put(ack_timeout_ms=1000)
        (offset,) = self.spread(1)
        self.fetched(1, "slow")
        (again,) = self.fetched(1, "other")
        self.assertEqual(2, again["attempt"])
        self.assertEqual([offset], self.not_held("ack", member="slow", offsets=[offset]))
        late = self.not_held("extend", member="other", offsets=[offset], attempts=[1])
        self.assertEqual([offset], late)
        self.assertEqual([], self.not_held("ack", member="other", offsets=[offset], attempts=[2]))

    def test_a_lease_that_is_extended_lasts(self):
        self.put(ack_timeout_ms=2000)
        (offset,) = self.spread(1)
        self.fetched(1, "slow")
        for _ in range(3):
            self.assertEqual([], self.fetch("other", wait_ms=1000))
            self.assertEqual([], self.not_held("extend", member="slow", offsets=[offset]))
        self.assertEqual([], self.not_held("ack", member="slow", offsets=[offset], attempts=[1]))

    def test_who_leaves_gives_back_what_it_holds(self):
        self.put()
        (offset,) = self.spread(1)
        self.fetched(1)
        self.at("heartbeat", 204)
        self.at("leave", 204)
        (again,) = self.fetched(1, "other")
        self.assertEqual(offset, again["offset"])
        self.assertEqual([offset], self.not_held("ack", offsets=[offset]))

    def test_an_append_finishes_what_it_was_made_from(self):
        self.put(filter={"event_types": [f"{self.kind}.asked"]})
        (asked,) = self.appended(self.event(verb="asked"))
        (event,) = self.fetched(1)
        body = {"events": [self.event("b-1", "answered")],
                "ack": {"group": self.group, "member": "m", "offsets": [asked["offset"]],
                        "attempts": [event["attempt"]]}}
        self.append(body)
        self.committed_reaches(asked["offset"])
        head = self.head()
        self.refused(self.post("/v1/events", body), 409, "lease_expired")
        self.assertEqual(head, self.head())

    def test_a_mode_is_not_the_other(self):
        self.put()
        self.refused(self.post(self.path + "/commit", {"offset": 0}), 409, "wrong_mode")
        log = f"/v1/groups/log-{self.kind}"
        self.ok(self.request("PUT", log, {"mode": "log"}), 201)
        for verb in ("ack", "nack", "extend"):
            body = {"member": "m", "offsets": [1]}
            self.refused(self.post(f"{log}/{verb}", body), 409, "wrong_mode")
            self.refused(self.post(f"/v1/groups/none/{verb}", body), 404, "unknown_group")

    def test_what_names_no_leases_is_refused(self):
        self.put()
        for verb in ("ack", "nack", "extend"):
            for body, code, pointer in [
                    ({"offsets": [1]}, "missing_member", "/member"),
                    ({"member": "m"}, "missing_member", "/offsets"),
                    ({"member": "m", "offsets": [1, 1]}, "bad_value", "/offsets"),
                    ({"member": "m", "offsets": [1], "attempts": []}, "bad_value", "/attempts"),
                    ({"member": "m", "offsets": [1], "x": 1}, "unknown_member", "/x")]:
                self.refused(self.post(f"{self.path}/{verb}", body), 422, code, pointer)


class OverWebSocket(QueueCase):
    def connect(self):
        socket = WebSocket(self.daemon, seen=self.client.contract.seen)
        self.addCleanup(socket.close)
        socket.expect("welcome")
        return socket

    def subscribe(self, socket, sub="w", member="m", group=None, **members):
        return socket.call("subscribe", "subscribed", sub=sub, group=group or self.group,
                           member=member, **members)

    def test_events_come_with_their_attempt_and_acks_finish_them(self):
        self.put()
        socket = self.connect()
        subscribed = self.subscribe(socket)
        self.assertEqual(0, subscribed["after"])
        self.assertNotIn("generation", subscribed)
        offsets = self.spread(3)
        events = socket.events("w", 3)
        self.assertEqual(offsets, sorted(event["offset"] for event in events))
        self.assertEqual({1}, {event["attempt"] for event in events})
        ok = socket.call("ack", "ok", sub="w", offsets=offsets, attempts=[1, 1, 1])
        self.assertEqual([], ok["refused"])
        self.committed_reaches(offsets[-1])
        socket.send("ack", sub="w", offsets=offsets[:1])
        error = socket.expect("error")
        self.assertEqual(("lease_expired", "w", offsets[:1]),
                         (error["code"], error["sub"], error["offsets"]))

    def test_only_credits_bring_more(self):
        self.put()
        offsets = self.spread(3)
        socket = self.connect()
        self.subscribe(socket, credits=1)
        (first,) = socket.events("w", 1)
        socket.call("ack", "ok", sub="w", offsets=[first["offset"]])
        socket.call("ping", "pong")
        socket.call("credit", "ok", sub="w", n=2)
        rest = [event["offset"] for event in socket.events("w", 2)]
        self.assertEqual(offsets, sorted([first["offset"], *rest]))

    def test_a_nack_brings_it_again_and_extend_keeps_it(self):
        self.put()
        (offset,) = self.spread(1)
        socket = self.connect()
        self.subscribe(socket)
        socket.events("w", 1)
        socket.send("nack", sub="w", offsets=[offset], delay_ms=0, reason="busy", action="retry")
        (again,) = socket.events("w", 1)
        self.assertEqual((offset, 2), (again["offset"], again["attempt"]))
        ok = socket.call("extend", "ok", sub="w", offsets=[offset], attempts=[2])
        self.assertEqual([], ok["refused"])

    def test_an_ack_before_an_unsubscribe_counts_and_the_rest_goes_to_others(self):
        self.put()
        (first, second) = self.spread(2)
        socket = self.connect()
        self.subscribe(socket)
        socket.events("w", 2)
        socket.send("ack", sub="w", offsets=[first])
        socket.call("unsubscribe", "ok", sub="w")
        (again,) = self.fetched(1, "other")
        self.assertEqual(second, again["offset"])

    def test_a_lost_connection_ends_its_leases(self):
        self.put()
        (offset,) = self.spread(1)
        socket = self.connect()
        self.subscribe(socket)
        socket.events("w", 1)
        socket.close()
        (again,) = self.fetched(1, "other")
        self.assertEqual((offset, 2), (again["offset"], again["attempt"]))

    def test_queues_and_a_log_share_a_connection(self):
        self.put()
        self.put(f"other-{self.kind}")
        socket = self.connect()
        self.subscribe(socket)
        self.subscribe(socket, "o", group=f"other-{self.kind}")
        socket.call("subscribe", "subscribed", sub="l", filter={"aggregate_type": self.kind})
        (offset,) = self.spread(1)
        found = {}
        while len(found) < 3:
            frame = socket.expect("events")
            found[frame["sub"]] = [(e["offset"], e.get("attempt")) for e in frame["events"]]
        self.assertEqual({"w": [(offset, 1)], "o": [(offset, 1)], "l": [(offset, None)]}, found)

    def test_a_deleted_group_ends_its_subscription(self):
        self.put()
        socket = self.connect()
        self.subscribe(socket)
        self.ok(self.request("DELETE", self.path), 204)
        error = socket.expect("error")
        self.assertEqual(("unknown_group", "w"), (error["code"], error["sub"]))

    def test_what_cannot_be_subscribed_to_is_refused(self):
        self.put()
        socket = self.connect()
        self.subscribe(socket)
        for code, members in [
                ("bad_value", {"sub": "w"}),
                ("bad_value", {"sub": "x", "group": self.group, "member": "m"}),
                ("bad_value", {"sub": "x", "group": self.group, "member": "n", "after": 0}),
                ("not_found", {"sub": "x", "replay": "none"}),
                ("unknown_group", {"sub": "x", "group": "none", "member": "m"})]:
            answer = socket.call("subscribe", "error", **members)
            self.assertEqual(code, answer["code"], json.dumps(answer))


if __name__ == "__main__":
    unittest.main()
