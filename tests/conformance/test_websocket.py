"""/v1/ws: every frame of log mode."""

import asyncio
import json
import time
import unittest

from case import DaemonCase
from daemon import poll
from rawhttp import RawConnection
from wsclient import BINARY, CLOSE, PING, PONG, TEXT, Closed, WebSocket


class WsCase(DaemonCase):
    def connect(self, **options):
        socket = WebSocket(self.daemon, seen=self.client.contract.seen, **options)
        self.addCleanup(socket.close)
        self.assertEqual(101, socket.status)
        self.welcome = socket.expect("welcome")
        return socket

    def only_mine(self):
        return {"aggregate_type": self.kind}

    def subscribe(self, socket, sub="s", **members):
        return socket.call("subscribe", "subscribed", sub=sub,
                           **{"filter": self.only_mine(), **members})

    def error(self, socket, code, **frame):
        socket.send_text(json.dumps(frame) if "raw" not in frame else frame["raw"])
        answer = socket.expect("error")
        self.assertEqual(code, answer["code"], answer)
        self.assertTrue(answer["detail"])
        return answer


class Handshake(WsCase):
    def test_welcome_says_where_the_log_is(self):
        self.appended(self.event())
        socket = self.connect()
        self.assertEqual("daybook.v1", socket.headers["sec-websocket-protocol"])
        self.assertNotIn("sec-websocket-extensions", socket.headers)
        self.assertEqual(self.head(), self.welcome["head"])
        self.assertEqual({"op", "version", "head", "limits", "ping_ms"}, set(self.welcome))

    def test_the_subprotocol_is_optional(self):
        socket = self.connect(protocol=None)
        self.assertNotIn("sec-websocket-protocol", socket.headers)

    def test_a_foreign_origin_is_refused(self):
        for headers in (["Origin: http://evil.example"], ["Origin: null"]):
            socket = WebSocket(self.daemon, headers=headers)
            self.assertEqual(403, socket.status)
            socket.close()

    def test_nothing_may_follow_the_upgrade_before_its_answer(self):
        raw = RawConnection(self.daemon)
        self.addCleanup(raw.close)
        upgrade = ("GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Version: 13\r\n\r\n")
        ping = b'\x81\x8d\0\0\0\0{"op":"ping"}'
        raw.send(upgrade.encode() + ping)
        status, _, body = raw.answer()
        self.assertEqual((400, "bad_request"), (status, json.loads(body)["code"]))
        self.assertTrue(raw.is_closed())

    def test_without_an_upgrade_it_is_an_ordinary_error(self):
        reply = self.get("/v1/ws")
        self.assertTrue(400 <= reply.status < 500)

    def test_an_ordinary_library_can_talk_to_it(self):
        import websockets

        async def talk():
            url = self.daemon.url("/v1/ws").replace("http", "ws")
            async with websockets.connect(url, subprotocols=["daybook.v1"]) as socket:
                self.assertEqual("welcome", json.loads(await socket.recv())["op"])
                await socket.send(json.dumps({"op": "ping", "ref": 1}))
                answer = json.loads(await socket.recv())
                self.assertEqual(("pong", 1), (answer["op"], answer["ref"]))
        asyncio.run(talk())


class Appending(WsCase):
    def test_append_answers_with_the_receipt(self):
        socket = self.connect()
        frame = socket.call("append", "appended", events=[self.event(payload=1), self.event()])
        self.assertEqual([1, 2], [event["sequence"] for event in frame["events"]])
        self.assertEqual("fsync", frame["durability"])
        self.assertEqual(1, self.mine()[0]["payload"])

    def test_a_conflict_is_an_error_frame(self):
        socket = self.connect()
        frame = socket.call("append", "error", events=[self.event(expected_sequence=4)])
        self.assertEqual("sequence_conflict", frame["code"])
        self.assertEqual(0, frame["conflicts"][0]["actual"])

    def test_appends_in_flight_are_answered_by_ref(self):
        socket = self.connect()
        for i in range(100):
            socket.send("append", ref=i, events=[self.event(payload=i)])
        refs = sorted(socket.expect("appended")["ref"] for _ in range(100))
        self.assertEqual(list(range(100)), refs)
        self.assertEqual(list(range(100)), self.payloads())


class Subscribing(WsCase):
    def test_from_the_beginning_and_then_live(self):
        self.appended(*[self.event(payload=i) for i in range(3)])
        socket = self.connect()
        self.assertEqual(0, self.subscribe(socket, after=0, credits=100)["after"])
        self.assertEqual([0, 1, 2], [e["payload"] for e in socket.events("s", 3)])
        caught_up = socket.expect("caught_up")
        self.assertLessEqual(3, caught_up["offset"])
        self.appended(self.event(payload=3))
        self.assertEqual([3], [e["payload"] for e in socket.events("s", 1)])

    def test_events_look_as_they_do_over_http(self):
        (receipt,) = self.appended(self.event(payload={"n": 1.0}, tags=["a"]))
        socket = self.connect()
        self.subscribe(socket, after=receipt["offset"] - 1, credits=1)
        (event,) = socket.events("s", 1)
        self.assertEqual(self.read(f"/v1/offsets/{receipt['offset']}"), event)

    def test_after_head_and_after_a_time(self):
        (first, second) = self.appended(self.event(payload=1), self.event(payload=2))
        socket = self.connect()
        self.assertEqual(self.head(), self.subscribe(socket, "h", after="head")["after"])
        start = {"time": first["recorded_at"]}
        self.assertEqual(first["offset"] - 1, self.subscribe(socket, "t", after=start)["after"])
        self.assertEqual([1, 2], [e["payload"] for e in socket.events("t", 2)])
        self.subscribe(socket, "o", after=first["offset"])
        self.assertEqual([second["offset"]], [e["offset"] for e in socket.events("o", 1)])

    def test_credits_bound_what_is_sent(self):
        self.appended(*[self.event(payload=i) for i in range(10)])
        socket = self.connect()
        self.subscribe(socket, after=0, credits=4)
        self.assertEqual([0, 1, 2, 3], [e["payload"] for e in socket.events("s", 4)])
        socket.call("ping", "pong")  # Answered in order: nothing more came before it.
        socket.call("credit", "ok", sub="s", n=3)
        self.assertEqual([4, 5, 6], [e["payload"] for e in socket.events("s", 3)])

    def test_zero_credits_send_nothing_until_there_are_some(self):
        self.appended(self.event(payload=1))
        socket = self.connect()
        self.subscribe(socket, after=0, credits=0)
        socket.call("ping", "pong")
        socket.send("credit", sub="s", n=5)
        self.assertEqual([1], [e["payload"] for e in socket.events("s", 1)])

    def test_a_filter_that_matches_nothing_still_moves(self):
        self.appended(self.event())
        socket = self.connect()
        self.subscribe(socket, after=0, credits=10, filter={"tags": [f"{self.kind}:never"]})
        frame = socket.expect("checkpoint", skip=("caught_up",))
        self.assertLessEqual(1, frame["offset"])
        self.assertIn("time", frame)

    def test_many_subscriptions_on_one_connection(self):
        socket = self.connect()
        for i in range(20):
            self.subscribe(socket, f"s{i}", after="head", credits=10,
                           filter={**self.only_mine(), "aggregate_id": f"a{i}"})
        self.appended(*[self.event(f"a{i}", payload=i) for i in range(20)])
        got = {}
        while len(got) < 20:
            frame = socket.expect("events")
            got[frame["sub"]] = [event["payload"] for event in frame["events"]]
        self.assertEqual({f"s{i}": [i] for i in range(20)}, got)

    def test_unsubscribe_ends_it_and_frees_the_name(self):
        socket = self.connect()
        self.subscribe(socket, after="head", credits=10)
        socket.call("unsubscribe", "ok", sub="s")
        self.appended(self.event(payload=1))
        socket.call("ping", "pong")
        self.subscribe(socket, after=0, credits=10)
        self.assertEqual([1], [e["payload"] for e in socket.events("s", 1)])

    def test_nothing_is_lost_over_a_long_run(self):
        socket = self.connect()
        self.subscribe(socket, after="head", credits=100_000)
        for start in range(0, 5000, 500):
            self.appended(*[self.event(payload=start + i) for i in range(500)])
        self.assertEqual(list(range(5000)), [e["payload"] for e in socket.events("s", 5000)])

    def test_a_subscriber_without_credits_is_told_that_it_fell_behind(self):
        socket = self.connect()
        self.subscribe(socket, after="head", credits=1)
        socket.expect("caught_up", skip=())
        sent = self.appended(*[self.event(payload=i) for i in range(3)])
        self.assertEqual([0], [e["payload"] for e in socket.events("s", 1)])
        told = socket.expect("fell_behind", skip=("checkpoint",))
        self.assertEqual(sent[0]["offset"], told["offset"])
        socket.send("credit", sub="s", n=10)
        self.assertEqual([1, 2], [e["payload"] for e in socket.events("s", 2)])
        self.assertLessEqual(sent[2]["offset"], socket.expect("caught_up")["offset"])

    def test_a_slow_subscriber_is_served_in_full(self):
        socket = self.connect()
        self.subscribe(socket, after="head", credits=1_000_000)
        count = 60
        for start in range(count):
            self.appended(*[self.event(payload=[start, "x" * 2000]) for i in range(100)])
        events = socket.events("s", count * 100)
        self.assertEqual([i // 100 for i in range(count * 100)],
                         [event["payload"][0] for event in events])

    def test_a_subscription_survives_no_crash_but_its_offset_does(self):
        self.appended(*[self.event(payload=i) for i in range(4)])
        socket = self.connect()
        self.subscribe(socket, after=0, credits=2)
        last = socket.events("s", 2)[-1]["offset"]
        self.daemon.crash_and_restart()
        self.client.close()
        again = self.connect()
        self.subscribe(again, after=last, credits=10)
        self.assertEqual([2, 3], [e["payload"] for e in again.events("s", 2)])


class Groups(WsCase):
    def setUp(self):
        super().setUp()
        self.group = f"g-{self.kind}"
        self.ok(self.request("PUT", f"/v1/groups/{self.group}",
                             {"mode": "log", "filter": self.only_mine(),
                              "member_timeout_ms": 1000}), 201)

    def join(self, socket, sub="s", member="m", credits=100):
        return socket.call("subscribe", "subscribed", sub=sub, group=self.group, member=member,
                           credits=credits)

    def committed(self):
        return self.read(f"/v1/groups/{self.group}")["committed"]

    def test_a_member_reads_from_the_committed_offset_and_commits(self):
        sent = self.appended(*[self.event(payload=i) for i in range(4)])
        self.ok(self.post(f"/v1/groups/{self.group}/commit", {"offset": sent[0]["offset"]}))
        socket = self.connect()
        joined = self.join(socket)
        self.assertEqual(sent[0]["offset"], joined["after"])
        self.assertEqual([1, 2, 3], [e["payload"] for e in socket.events("s", 3)])
        answer = socket.call("commit", "committed", group=self.group, offset=sent[2]["offset"],
                             generation=joined["generation"])
        self.assertEqual((self.group, sent[2]["offset"]), (answer["group"], answer["offset"]))
        self.assertEqual(sent[2]["offset"], self.committed())
        back = socket.call("commit", "error", group=self.group, offset=sent[1]["offset"])
        self.assertEqual("commit_backwards", back["code"])

    def test_a_second_member_stands_by_until_the_first_leaves(self):
        first, second = self.connect(), self.connect()
        old = self.join(first, member="one")["generation"]
        self.assertNotIn("generation", self.join(second, member="two"))
        self.appended(self.event(payload=1))
        self.assertEqual([1], [e["payload"] for e in first.events("s", 1)])
        first.call("unsubscribe", "ok", sub="s")
        taken = second.expect("subscribed")
        self.assertEqual(old + 1, taken["generation"])
        self.assertEqual([1], [e["payload"] for e in second.events("s", 1)])

    def test_an_operator_s_take_over_revokes_the_old_member(self):
        first, second = self.connect(), self.connect()
        old = self.join(first, member="one")["generation"]
        self.ok(self.post(f"/v1/groups/{self.group}/leave", {"member": "one"}), 204)
        new = self.join(second, member="two")["generation"]
        self.assertLess(old, new)
        frame = first.expect("revoked")
        self.assertEqual("s", frame["sub"])
        answer = first.call("commit", "error", group=self.group, offset=0, generation=old)
        self.assertEqual("fenced", answer["code"])

    def test_a_lost_connection_ends_its_member(self):
        first = self.connect()
        self.join(first, member="one")
        first.close()
        second = self.connect()

        def taken():
            second.send("subscribe", sub="s", group=self.group, member="two", credits=1, ref="t")
            return second.receive()["op"] == "subscribed"
        poll(taken, 10, "the end of the lost member")

    def test_unsubscribing_leaves_the_group(self):
        first, second = self.connect(), self.connect()
        self.join(first, member="one")
        first.call("unsubscribe", "ok", sub="s")
        self.join(second, member="two")

    def test_an_unknown_group(self):
        socket = self.connect()
        answer = socket.call("subscribe", "error", sub="s", group="nobody", member="m")
        self.assertEqual("unknown_group", answer["code"])


class BadFrames(WsCase):
    def test_a_bad_frame_gets_an_error_and_the_connection_lives_on(self):
        socket = self.connect()
        self.error(socket, "bad_json", raw="{")
        self.error(socket, "missing_member", raw="{}")
        self.error(socket, "bad_value", raw="5")
        answer = self.error(socket, "bad_value", op="dance", ref="r1")
        self.assertEqual("r1", answer["ref"])
        self.error(socket, "unknown_member", op="ping", x=1)
        self.error(socket, "missing_member", op="subscribe")
        self.error(socket, "unknown_member", op="subscribe", sub="s", filter={"x": 1})
        self.error(socket, "bad_value", op="subscribe", sub="s", after="soon")
        self.error(socket, "not_found", op="credit", sub="none", n=1, ref=1)
        self.error(socket, "not_found", op="unsubscribe", sub="none", ref=1)
        self.error(socket, "bad_value", op="credit", sub="s", n=-1)
        self.error(socket, "empty_batch", op="append", events=[])
        self.error(socket, "duplicate_member", raw='{"op":"ping","op":"ping"}')
        for op in ("ack", "nack", "extend"):
            self.error(socket, "not_found", op=op, sub="s", offsets=[1])
        self.assertEqual("pong", socket.call("ping", "pong")["op"])

    def test_a_name_in_use_is_refused(self):
        socket = self.connect()
        self.subscribe(socket)
        answer = socket.call("subscribe", "error", sub="s", filter=self.only_mine())
        self.assertIn(answer["code"], ("bad_value", "duplicate_member"))

    def test_refs_of_any_kind_come_back(self):
        socket = self.connect()
        for ref in ("text", 7, "ü"):
            socket.send("ping", ref=ref)
            self.assertEqual(ref, socket.expect("pong")["ref"])
        socket.send("ping")
        self.assertNotIn("ref", socket.expect("pong"))

    def test_a_binary_frame_is_read_as_text_or_refused(self):
        socket = self.connect()
        socket.send_frame(BINARY, b'{"op":"ping"}')
        try:
            self.assertIn(socket.receive()["op"], ("pong", "error"))
        except Closed as closed:
            self.assertEqual(1003, closed.code)

    def test_text_that_is_no_utf8_closes_with_1007(self):
        socket = self.connect()
        socket.send_frame(TEXT, b'{"op":"\xff"}')
        try:
            self.assertEqual("bad_json", socket.receive()["code"])
        except Closed as closed:
            self.assertEqual(1007, closed.code)

    def test_an_unmasked_frame_closes(self):
        socket = self.connect()
        socket.send_frame(TEXT, b'{"op":"ping"}', mask=False)
        with self.assertRaises(Closed):
            socket.receive()

    def test_a_frame_over_the_limit_closes_with_1009(self):
        socket = self.connect()
        try:
            socket.send_frame(TEXT, b" " * (17 << 20))
        except OSError:
            pass
        with self.assertRaises(Closed) as closed:
            socket.receive()
        self.assertIn(closed.exception.code, (1009, None))

    def test_fragments_are_put_together(self):
        socket = self.connect()
        socket.send_frame(TEXT, b'{"op":', final=False)
        socket.send_frame(PING, b"between")
        socket.send_frame(0, b'"ping"}')
        kinds = [socket.receive_frame() for _ in range(2)]
        self.assertIn((PONG, True, b"between"), kinds)
        self.assertEqual("pong", json.loads([d for k, _, d in kinds if k == TEXT][0])["op"])

    def test_a_close_is_answered(self):
        socket = self.connect()
        socket.send_frame(CLOSE, (1000).to_bytes(2, "big") + b"bye")
        with self.assertRaises(Closed) as closed:
            socket.receive()
        self.assertEqual(1000, closed.exception.code)


class SmallFrames(WsCase):
    arguments = ("--set", "limits.body_bytes_max=5000", "--set", "limits.event_bytes_max=5000")

    def test_the_frame_limit_is_the_body_limit(self):
        socket = self.connect()
        socket.send_frame(TEXT, b" " * 6000)
        with self.assertRaises(Closed) as closed:
            socket.receive()
        self.assertEqual(1009, closed.exception.code)


class Ending(WsCase):
    def test_stop_says_goodbye_and_closes_with_1001(self):
        socket = self.connect()
        self.subscribe(socket, after="head", credits=10)
        started = time.monotonic()
        self.daemon.process.terminate()
        self.assertTrue(socket.expect("goodbye")["reason"])
        with self.assertRaises(Closed) as closed:
            socket.receive()
        self.assertEqual(1001, closed.exception.code)
        self.daemon.wait_end(started)
        self.daemon.start()


if __name__ == "__main__":
    unittest.main()
