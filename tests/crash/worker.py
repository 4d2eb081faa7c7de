#!/usr/bin/python3
"""One worker of the kill test, as a process of its own: takes events of a queue group over HTTP or
WebSocket, handles them well or badly, and writes down what it was given and what it did.

A line of its diary is one write, made before the thing it tells can have an effect:
  D offset attempt aggregate sequence earliest   it was given the event, not before `earliest`
  a offset attempt                      it is about to ack, alone or with an append
  A offset attempt                      the ack was answered: it holds
  R offset attempt                      the ack was refused: the lease had expired
  N offset attempt                      it is about to nack
each with the time (CLOCK_MONOTONIC, which all processes share) before it.
"""

import json
import os
import pathlib
import random
import select
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conformance"))

from daemon import select_nothing  # noqa: E402
from rawhttp import RawConnection, request  # noqa: E402
from wsclient import Closed, WebSocket  # noqa: E402

GROUP = "work"
GONE = (OSError, EOFError, Closed)


class Address:
    """As much of a daemon as the clients of tests/conformance need."""

    def __init__(self, port):
        self.port = port
        self.address = ("127.0.0.1", port)


class Diary:
    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def note(self, what, *facts):
        line = " ".join(map(str, (time.monotonic_ns(), what, *facts))) + "\n"
        os.write(self.file, line.encode())


class Worker:
    def __init__(self, port, name, diary, seed, ack_timeout):
        self.server = Address(port)
        self.name = name
        self.diary = Diary(diary)
        self.random = random.Random(seed)
        self.ack_timeout = ack_timeout
        self.listening_since = 0  # What is read now cannot have come before.

    def note_given(self, events):
        for event in events:
            self.diary.note("D", event["offset"], event["attempt"], event["aggregate_id"],
                            event["sequence"], self.listening_since)

    def handle(self, events):
        """Decides: (to ack, to nack). Now and then it is so slow that its leases expire."""
        if self.random.random() < 0.004:
            select_nothing(self.ack_timeout * 1.5)
        bad = [event for event in events if self.random.random() < 0.03]
        return [event for event in events if event not in bad], bad

    def intend(self, what, events):
        for event in events:
            self.diary.note(what, event["offset"], event["attempt"])

    def note_answer(self, events, refused):
        for event in events:
            self.diary.note("R" if event["offset"] in refused else "A", event["offset"],
                            event["attempt"])

    def run(self):
        """Until it is killed. A lost daemon is tried again."""
        while True:
            try:
                self.work()
            except GONE:
                select_nothing(0.05)


def leases(events):
    return {"offsets": [event["offset"] for event in events],
            "attempts": [event["attempt"] for event in events]}


class HttpWorker(Worker):
    """Acks alone, or hands results over: an append that finishes the delivery."""

    def post(self, raw, path, body):
        self.listening_since = time.monotonic_ns()
        raw.send(request("POST", path, json.dumps(body)))
        status, _, answer = raw.answer()
        if status in (503, 404):  # It starts, or stops.
            raise EOFError(answer)
        return status, json.loads(answer)

    def work(self):
        with RawConnection(self.server) as raw:
            while True:
                ask = {"member": self.name, "max": self.random.randrange(1, 20), "wait_ms": 500}
                status, page = self.post(raw, f"/v1/groups/{GROUP}/fetch", ask)
                assert status == 200, page
                self.note_given(page["events"])
                good, bad = self.handle(page["events"])
                if bad:
                    self.nack(raw, bad)
                if good and self.random.random() < 0.5:
                    self.ack(raw, good)
                else:
                    for event in good:
                        self.hand_over(raw, event)

    def ack(self, raw, events):
        self.intend("a", events)
        status, answer = self.post(raw, f"/v1/groups/{GROUP}/ack",
                                   {"member": self.name, **leases(events)})
        assert status == 200, answer
        self.note_answer(events, {refused["offset"] for refused in answer["refused"]})

    def nack(self, raw, events):
        self.intend("N", events)
        status, answer = self.post(raw, f"/v1/groups/{GROUP}/nack",
                                   {"member": self.name, "reason": "bad luck", **leases(events)})
        assert status == 200, answer

    def hand_over(self, raw, event):
        """The result says which event it is of; it must come once, whatever is killed when."""
        self.intend("a", [event])
        result = {"event_type": "result.made", "aggregate_type": "result",
                  "aggregate_id": str(event["offset"]), "payload": {"by": self.name}}
        status, answer = self.post(
            raw, "/v1/events",
            {"events": [result],
             "ack": {"group": GROUP, "member": self.name, **leases([event])}})
        assert status in (201, 409), answer
        assert status == 201 or answer["code"] == "lease_expired", answer
        self.note_answer([event], set() if status == 201 else {event["offset"]})


class SocketWorker(Worker):
    def work(self):
        socket = WebSocket(self.server)
        waiting = []  # frames of events that came while an answer was waited for
        try:
            if socket.status != 101:  # It starts, or stops.
                raise EOFError(socket.status)
            self.listening_since = time.monotonic_ns()
            socket.expect("welcome")
            socket.send("subscribe", sub="w", group=GROUP, member=self.name, credits=20)
            while True:
                events = waiting.pop(0) if waiting else self.listen(socket)
                self.take(socket, events, waiting)
        finally:
            socket.close()

    def receive(self, socket):
        """What is read came after the socket was last seen empty."""
        if not socket.raw.buffer and not select.select([socket.raw.socket], [], [], 0)[0]:
            self.listening_since = time.monotonic_ns()
        return socket.receive()

    def listen(self, socket):
        while True:
            frame = self.receive(socket)
            if frame["op"] == "events":
                self.note_given(frame["events"])
                return frame["events"]
            if frame["op"] == "goodbye" or frame.get("code") in ("recovering", "shutting_down"):
                raise EOFError(frame)
            assert frame["op"] == "subscribed", frame

    def take(self, socket, events, waiting):
        good, bad = self.handle(events)
        if bad:
            self.intend("N", bad)
            self.ask(socket, waiting, "nack", reason="bad luck", **leases(bad))
        if good:
            self.intend("a", good)
            answer = self.ask(socket, waiting, "ack", **leases(good))
            self.note_answer(good, {one["offset"] for one in answer.get("refused", [])})
        socket.send("credit", sub="w", n=len(events))

    def ask(self, socket, waiting, op, **members):
        ref = os.urandom(4).hex()
        socket.send(op, ref=ref, sub="w", **members)
        while True:
            frame = self.receive(socket)
            if frame.get("ref") == ref:
                assert frame["op"] == "ok" or frame["code"] == "shutting_down", frame
                return frame
            if frame["op"] == "goodbye":
                raise EOFError(frame)
            assert frame["op"] == "events", frame
            self.note_given(frame["events"])
            waiting.append(frame["events"])


def main():
    port, name, diary, seed, ack_timeout = sys.argv[1:]
    kind = SocketWorker if int(seed) % 2 else HttpWorker
    kind(int(port), name, diary, seed, float(ack_timeout)).run()


if __name__ == "__main__":
    main()
