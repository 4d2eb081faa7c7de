"""A daemon that posts elsewhere, whoever appends to it, and what its log holds."""

import hashlib
import itertools
import json
import random
import threading

import setting  # noqa: F401
from daemon import Daemon, poll
from rawhttp import RawConnection, request

AGGREGATES = 20
PAGE = 10_000
GONE = (OSError, EOFError)


class Refused(AssertionError):
    def __init__(self, status, problem):
        super().__init__(f"{status}: {problem}")
        self.status = status
        self.code = problem["code"]


class PostingDaemon(Daemon):
    """`settings` are keys of the configuration: {"postgres.url": …}."""

    def __init__(self, settings, **options):
        flags = [flag for key, value in settings.items() for flag in ("--set", f"{key}={value}")]
        super().__init__(*flags, **options)

    def ask(self, method, path, body=None):
        with RawConnection(self) as raw:
            raw.send(request(method, path, json.dumps(body) if body is not None else ""))
            status, _, answer = raw.answer()
        answer = json.loads(answer) if answer else None
        if status >= 300:
            raise Refused(status, answer)
        return answer

    def append(self, events):
        return self.ask("POST", "/v1/events", events)

    def head(self):
        return self.ask("GET", "/v1/status")["head"]

    def projection(self, name="postgres"):
        return self.ask("GET", f"/v1/projections/{name}")

    def wait_phase(self, phase, name="postgres", seconds=30):
        """The projection, once it is in this phase."""
        def is_so():
            projection = self.projection(name)
            return projection if projection["phase"] == phase else None
        return poll(is_so, seconds, f"{phase} of {name}")

    def wait_posted(self, name="postgres", seconds=60):
        """Until everything that is in the log now is posted; returns the head."""
        head = self.head()
        poll(lambda: (self.projection(name)["checkpoint"] or 0) >= head, seconds,
             f"offset {head} of {name}")
        return head

    def events(self):
        """The whole log, whose offsets have no gap."""
        events, after = [], 0
        while after is not None:
            page = self.ask("GET", f"/v1/events?after={after}&limit={PAGE}")
            events += page["events"]
            after = page["next_after"]
        assert [event["offset"] for event in events] == list(range(1, len(events) + 1))
        return events


def aggregate_hashes(events):
    """Count and hash of each aggregate."""
    texts = {}
    for event in events:
        place = (event["aggregate_type"], event["aggregate_id"])
        payload = json.dumps(event["payload"], ensure_ascii=False)
        texts.setdefault(place, []).append(f"{event['sequence']} {event['id']} {payload}")
    return [[*place, str(len(lines)), hashlib.md5("\n".join(lines).encode()).hexdigest()]
            for place, lines in sorted(texts.items())]


class Appender(threading.Thread):
    """Appends singles and batches to several aggregates until it is finished, with a pause before
    each. What has no answer is sent again with its ids."""

    numbers = itertools.count(1)  # No two append the same events.

    def __init__(self, daemon, pause=0.01):
        super().__init__(daemon=True)
        self.server = daemon
        self.pause = pause
        self.random = random.Random(f"{setting.SEED} {next(self.numbers)}")
        self.ends = threading.Event()
        self.acknowledged = []  # ids
        self.failure = None
        self.start()

    def batch(self):
        size = self.random.choice((1, 1, 1, 2, 10, 100))
        return [{"id": f"{self.random.getrandbits(64):016x}",
                 "event_type": self.random.choice(("task.begun", "task.done")),
                 "aggregate_type": self.random.choice(("task", "agent")),
                 "aggregate_id": f"a-{self.random.randrange(AGGREGATES)}",
                 "tags": [f"tag:{self.random.randrange(5)}"],
                 "payload": {"n": self.random.getrandbits(60),
                             "text": "é\"\\" + "x" * self.random.randrange(300)}}
                for _ in range(size)]

    def run(self):
        batch = self.batch()
        while not self.ends.wait(self.pause):
            try:
                self.server.append(batch)
            except GONE:
                self.ends.wait(0.01)  # The daemon is down.
            except Refused as refused:
                if refused.status != 503:
                    self.failure = refused
                    return
            else:
                self.acknowledged += [event["id"] for event in batch]
                batch = self.batch()

    def more(self, count):
        """Waits until so many more events are acknowledged."""
        aim = len(self.acknowledged) + count
        poll(lambda: self.failure or len(self.acknowledged) >= aim, 60, f"{count} appended events")
        if self.failure:
            raise self.failure

    def finish(self):
        self.ends.set()
        self.join(60)
        assert not self.is_alive(), "the appender does not end"
        if self.failure:
            raise self.failure
        return self.acknowledged
