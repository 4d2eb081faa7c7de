"""Somebody who only knows Redis: hears a channel and writes down what comes."""

import itertools
import json
import threading

import setting  # noqa: F401
from servers import Resp


class Subscriber(threading.Thread):
    """Subscribes anew where the connection is lost. `sessions` has what each connection heard, as
    (offset, previous offset)."""

    def __init__(self, redis, channel):
        super().__init__(daemon=True)
        self.redis = redis
        self.channel = channel
        self.sessions = []
        self.listens = threading.Event()
        self.ends = threading.Event()
        self.start()

    def run(self):
        while not self.ends.is_set():
            try:
                with Resp(self.redis.port, timeout=None) as connection:
                    self.hear(connection)
            except (OSError, EOFError, RuntimeError):  # RuntimeError: Redis still loads its data.
                self.ends.wait(0.01)

    def hear(self, connection):
        connection.send("CLIENT", "SETNAME", "subscriber")
        connection.receive()
        connection.send("SUBSCRIBE", self.channel)
        connection.receive()
        heard = []
        self.sessions.append(heard)
        self.listens.set()
        while not self.ends.is_set():
            event = json.loads(connection.receive()[2])
            heard.append((event["offset"], event["previous_offset"]))

    def last(self):
        return self.sessions[-1][-1][0] if self.sessions and self.sessions[-1] else 0

    def finish(self):
        self.ends.set()
        self.redis.cut("subscriber")
        self.join(30)
        assert not self.is_alive(), "the subscriber does not end"
        return [heard for heard in self.sessions if heard]


def assert_in_order(heard):
    """On a channel of all events: the next one comes, or those before once more, in their order."""
    for offset, previous in heard:
        assert previous == offset - 1, f"{offset} says that {previous} was before it"
    for (before, _), (offset, _) in itertools.pairwise(heard):
        assert offset == before + 1 or offset <= before, f"{offset} came after {before}"
