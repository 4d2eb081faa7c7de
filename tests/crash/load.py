"""The mixed load of the kill loop: writers, readers, a group's consumer, until the daemon dies."""

import json
import random
import threading
import uuid

from rawhttp import RawConnection, request
from wsclient import Closed, WebSocket

from ledger import Batch

GROUP = "consumers"
AGGREGATES = 40
GONE = (OSError, EOFError, Closed)


class Worker(threading.Thread):
    """Runs `work` until the daemon goes away. Keeps what it must not swallow in `failure`."""

    def __init__(self, daemon, ledger, seed):
        super().__init__(daemon=True)
        self.server = daemon
        self.ledger = ledger
        self.random = random.Random(seed)
        self.failure = None
        self.start()

    def run(self):
        try:
            self.work()
        except GONE:
            pass
        except Exception as failure:  # Shown by `finish`, in the main thread.
            self.failure = failure

    def finish(self):
        self.join(60)
        assert not self.is_alive(), f"{type(self).__name__} does not end"
        if self.failure:
            raise self.failure

    def event(self):
        name = f"{self.random.randrange(AGGREGATES)}"
        return {"id": str(uuid.UUID(int=self.random.getrandbits(128))), "aggregate_type": "load",
                "event_type": f"load.kind{self.random.randrange(5)}", "aggregate_id": name,
                "tags": [f"tag:{self.random.randrange(9)}"],
                "payload": {"text": "x" * self.random.randrange(400),
                            "number": self.random.random()}}

    def batch(self):
        count = self.random.choice((1, 1, 1, 2, 5, 20))
        events = [self.event() for _ in range(count)]
        if self.random.random() < 0.1:  # Most of these are refused.
            events[0]["expected_sequence"] = self.random.randrange(50)
        key = str(self.random.getrandbits(64)) if self.random.random() < 0.2 else None
        batch = Batch(events, key)
        self.ledger.add(batch)
        return batch


def post(raw, path, body, headers=()):
    raw.send(request("POST", path, json.dumps(body), headers))
    status, _, answer = raw.answer()
    return status, json.loads(answer) if answer else None


def append(raw, ledger, batch):
    headers = (f"Idempotency-Key: {batch.key}",) if batch.key else ()
    status, answer = post(raw, "/v1/events", batch.body, headers)
    ledger.answered(batch, status, answer)
    return status


class HttpWriter(Worker):
    def work(self):
        with RawConnection(self.server) as raw:
            while True:
                append(raw, self.ledger, self.batch())


class PipelinedWriter(Worker):
    """Keeps some appends in flight on one connection."""

    def work(self):
        with RawConnection(self.server) as raw:
            while True:
                batches = [self.batch() for _ in range(self.random.randrange(1, 8))]
                for batch in batches:
                    headers = (f"Idempotency-Key: {batch.key}",) if batch.key else ()
                    raw.send(request("POST", "/v1/events", json.dumps(batch.body), headers))
                for batch in batches:
                    status, _, answer = raw.answer()
                    self.ledger.answered(batch, status, json.loads(answer))


class SocketWriter(Worker):
    def work(self):
        socket = WebSocket(self.server)
        try:
            socket.expect("welcome")
            while True:
                batch = self.batch()
                batch.key = None
                socket.send("append", ref="r", events=batch.events)
                frame = socket.receive()
                self.ledger.answered(batch, 201 if frame["op"] == "appended" else 409, frame)
        finally:
            socket.close()


class PageReader(Worker):
    """Follows the log by pages, over HTTP."""

    def work(self):
        after = 0
        with RawConnection(self.server) as raw:
            while True:
                raw.send(request("GET", f"/v1/events?after={after}&limit=500",
                                 headers=(f"Daybook-Min-Offset: {after + 1}",
                                          "Daybook-Wait-Ms: 1000")))
                status, _, answer = raw.answer()
                if status == 504:
                    continue
                page = json.loads(answer)
                assert status == 200, page
                offsets = [event["offset"] for event in page["events"]]
                assert offsets == list(range(after + 1, after + 1 + len(offsets))), "a gap"
                self.ledger.saw(page["events"])
                after += len(offsets)


class TailReader(Worker):
    """Follows the log over a WebSocket, from where the log stood at the start."""

    def work(self):
        socket = WebSocket(self.server)
        try:
            after = socket.expect("welcome")["head"]
            socket.send("subscribe", sub="tail", after=after, credits=10_000_000)
            while True:
                frame = socket.receive()
                assert frame["op"] != "error", frame
                if frame["op"] == "events":
                    offsets = [event["offset"] for event in frame["events"]]
                    wanted = list(range(after + 1, after + 1 + len(offsets)))
                    assert offsets == wanted, f"{offsets[:3]} follow {after}"
                    self.ledger.saw(frame["events"])
                    after += len(offsets)
        finally:
            socket.close()


class Consumer(Worker):
    """A group's member: fetches, then commits alone or together with an append."""

    def work(self):
        with RawConnection(self.server) as raw:
            while True:
                status, page = post(raw, f"/v1/groups/{GROUP}/fetch",
                                    {"member": "only", "max": 50, "wait_ms": 500})
                assert status == 200, page
                first = page["next_after"] - len(page["events"]) + 1
                assert not page["events"] or page["events"][0]["offset"] == first
                assert first > self.ledger.committed.get(GROUP, 0), "an event came twice"
                self.ledger.saw(page["events"])
                if page["events"]:
                    self.commit(raw, page)

    def commit(self, raw, page):
        commit = {"offset": page["next_after"], "generation": page["generation"]}
        if self.random.random() < 0.5:
            batch = Batch([self.event()], commit={"group": GROUP, **commit})
            self.ledger.add(batch)
            assert append(raw, self.ledger, batch) in (201, 503)
            return
        status, answer = post(raw, f"/v1/groups/{GROUP}/commit", commit)
        assert (status, answer) == (200, {"committed": page["next_after"]}), answer
        with self.ledger.lock:
            self.ledger.group_committed(GROUP, page["next_after"])


def start_all(daemon, ledger, seed):
    kinds = [HttpWriter] * 3 + [PipelinedWriter] * 2 + [SocketWriter, PageReader, TailReader,
                                                        Consumer]
    return [kind(daemon, ledger, f"{seed}-{number}") for number, kind in enumerate(kinds)]
