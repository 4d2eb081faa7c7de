"""SIGTERM while everything is in use ends within five seconds and loses nothing acknowledged."""

import json
import socket
import threading
import unittest

from case import DaemonCase
from daemon import SLOWER, STOP_SECONDS_MAX, Daemon, poll
from rawhttp import RawConnection, request
from test_sse import EventStream
from wsclient import WebSocket


class Appender(threading.Thread):
    """Appends until the daemon goes away; `acknowledged` are the offsets that it was told."""

    def __init__(self, daemon, name):
        super().__init__()
        self.daemon_process = daemon
        self.name = name
        self.acknowledged = []
        self.start()

    def run(self):
        body = json.dumps({"event_type": "load.ran", "aggregate_type": "load",
                           "aggregate_id": self.name, "payload": "x" * 500})
        try:
            with RawConnection(self.daemon_process) as raw:
                while True:
                    raw.send(request("POST", "/v1/events", body))
                    status, _, answer = raw.answer()
                    if status != 201:
                        return
                    self.acknowledged.append(json.loads(answer)["first_offset"])
        except (OSError, EOFError):
            return


class Stopping(DaemonCase):
    def busy(self):
        """Long polls, streams, WebSockets, idle and half-sent connections; returns the sockets."""
        self.request("PUT", f"/v1/groups/{self.kind}", {"mode": "log", "start": "head"})
        polls = []
        for member in range(5):
            raw = RawConnection(self.daemon)
            body = {"member": f"m{member}", "wait_ms": 60_000, "after": 1 << 40}
            raw.send(request("POST", f"/v1/groups/{self.kind}/fetch", json.dumps(body)))
            polls.append(raw)
        waiting = RawConnection(self.daemon)
        waiting.send(request("GET", "/v1/events", headers=(
            "Daybook-Min-Offset: 99999999", "Daybook-Wait-Ms: 60000")))
        half = RawConnection(self.daemon)
        half.send(request("POST", "/v1/events", json.dumps(self.event()))[:-3])
        streams = [EventStream(self.daemon, after=0) for _ in range(5)]
        sockets = [WebSocket(self.daemon) for _ in range(5)]
        for ws in sockets:
            ws.expect("welcome")
            ws.send("subscribe", sub="s", after=0, credits=1_000_000)
        idle = [socket.create_connection(self.daemon.address) for _ in range(20)]
        return polls + [waiting, half] + streams + sockets + idle

    def test_sigterm_ends_in_time_with_everything_open(self):
        opened = self.busy()
        writers = [Appender(self.daemon, f"w{i}") for i in range(8)]
        poll(lambda: all(len(w.acknowledged) > 20 for w in writers), 20, "the load")
        seconds = self.daemon.terminate()
        self.assertLess(seconds, STOP_SECONDS_MAX * SLOWER)
        for writer in writers:
            writer.join(10)
        for connection in opened:
            connection.close()
        self.daemon.start()
        self.client.close()
        self.assert_kept(writers)

    def assert_kept(self, writers):
        for writer in writers:
            kept, after = [], 0
            while after is not None:
                page = self.read(f"/v1/aggregates/load/{writer.name}/events", limit=10_000,
                                 after_sequence=after)
                kept += [event["offset"] for event in page["events"]]
                after = page["next_after_sequence"]
            self.assertEqual(writer.acknowledged, kept[:len(writer.acknowledged)])

    def test_a_second_daemon_on_the_same_directory_refuses(self):
        with self.assertRaises(AssertionError) as refused:
            Daemon(data_dir=self.daemon.data_dir)
        self.assertIn("exited with", str(refused.exception))
        self.assertEqual(200, self.get("/health/ready").status)

    def test_stop_on_an_idle_daemon_is_quick(self):
        self.client.close()
        self.assertLess(self.daemon.terminate(), 2 * SLOWER)
        self.daemon.start()


if __name__ == "__main__":
    unittest.main()
