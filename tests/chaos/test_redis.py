"""Redis, its connections and the daemon die, hang and come back while events are appended: nothing
is lost, and the mirror is exact."""

import itertools
import json
import unittest

import setting  # noqa: F401
from daemon import poll
from daybook import Appender, PostingDaemon
from faults import strike, suspended
from servers import Redis
from subscriber import Subscriber, assert_in_order

CHANNEL = "all"
STREAM = "mirror"


class RedisFaults(unittest.TestCase):
    def setUp(self):
        self.redis = Redis()
        self.addCleanup(self.redis.close)
        self.subscriber = Subscriber(self.redis, CHANNEL)
        poll(self.subscriber.listens.is_set, what="the subscription")
        self.daemon = PostingDaemon({"redis.url": self.redis.url, "redis.channels": CHANNEL,
                                     "redis.stream": STREAM})
        self.addCleanup(self.daemon.close)
        self.appender = Appender(self.daemon)

    def heard(self):
        """What the subscriber heard on each of its connections, once everything is posted. It may
        have come back after that: one more event tells where it is."""
        self.appender.finish()
        self.daemon.wait_posted("redis")
        poll(lambda: self.redis.ask("PUBSUB", "NUMSUB", CHANNEL)[1], what="the subscription")
        self.daemon.append([{"event_type": "task.last", "aggregate_type": "task",
                             "aggregate_id": "a-0", "payload": {}}])
        head = self.daemon.head()
        poll(lambda: self.subscriber.last() == head, what=f"message {head}")
        sessions = self.subscriber.finish()
        for heard in sessions:
            assert_in_order(heard)
        return sessions

    def mirror_is_exact(self):
        entries = self.redis.ask("XRANGE", STREAM, "-", "+")
        events = self.daemon.events()
        self.assertEqual([f"{event['offset']}-0" for event in events],
                         [place for place, _ in entries])
        for event, (_, (name, text)) in zip(events, entries):
            self.assertEqual(("event", event), (name, json.loads(text)))

    def test_a_subscriber_that_stays_hears_every_event_in_order(self):
        strike([self.daemon.crash_and_restart, suspended(self.redis, self.appender),
                lambda: self.redis.cut("daybook")], self.appender)
        (heard,) = self.heard()
        self.assertEqual(list(range(1, self.daemon.head() + 1)),
                         sorted({offset for offset, _ in heard}))
        self.mirror_is_exact()

    def test_a_subscriber_that_was_cut_sees_its_gap_and_the_mirror_has_none(self):
        strike([self.redis.crash_and_restart, self.redis.restart,
                self.daemon.crash_and_restart], self.appender)
        sessions = self.heard()
        self.assertLess(1, len(sessions))
        known, last = set(), 0
        for offset, previous in itertools.chain(*sessions):
            known.update(range(last + 1, previous + 1), [offset])  # The gap, and the message.
            last = max(last, offset)
        self.assertEqual(set(range(1, self.daemon.head() + 1)), known)
        self.mirror_is_exact()


if __name__ == "__main__":
    unittest.main()
