"""Reads are exact wherever the index has got to: in the window, behind it, rebuilt from nothing."""

import shutil
import unittest

from case import DaemonCase
from daemon import SLOWER, STOP_SECONDS_MAX, poll

BATCH = 10_000
BATCHES = 8  # More than one chunk of the index, 65,536 events, and less than two.


class BehindTheWindow(DaemonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.last = BATCH * BATCHES

    def fill(self):
        """Event N has number N; aggregates, types and tags are taken from it."""
        if self.head():
            return
        for start in range(1, self.last + 1, BATCH):
            self.append([{
                "event_type": f"type{n % 7}", "aggregate_type": "counter",
                "aggregate_id": str(n % 1000), "payload": n, "id": f"id-{n}",
                "tags": [f"mod:{n % 5000}", "even" if n % 2 == 0 else "odd"],
                "correlation_id": f"c{n % 300}",
            } for n in range(start, start + BATCH)])

    def setUp(self):
        super().setUp()
        self.fill()

    def numbers(self, **query):
        found, after = [], 0
        while after is not None:
            page = self.read("/v1/events", after=after, limit=10_000, **query)
            found += [event["payload"] for event in page["events"]]
            after = page["next_after"]
        return found

    def check_all(self):
        everything = range(1, self.last + 1)
        self.assertEqual([n for n in everything if n % 7 == 3], self.numbers(event_type="type3"))
        self.assertEqual([n for n in everything if n % 5000 == 17], self.numbers(tag="mod:17"))
        self.assertEqual([n for n in everything if n % 5000 == 18 and n % 2 == 0],
                         self.numbers(tag=["mod:18", "even"]))
        self.assertEqual([n for n in everything if n % 300 == 7], self.numbers(correlation_id="c7"))
        self.assertEqual([n for n in everything if n % 1000 == 5 and n % 7 in (1, 2)],
                         self.numbers(aggregate_type="counter", aggregate_id="5",
                                      event_type=["type1", "type2"]))
        self.check_places()
        self.check_aggregates()

    def check_places(self):
        for n in (1, 2, 65_535, 65_536, 65_537, self.last):
            event = self.read(f"/v1/events/id-{n}")
            self.assertEqual((n, n), (event["offset"], event["payload"]))
            self.assertEqual(event, self.read(f"/v1/offsets/{n}"))
            self.assertEqual((n - 1) // 1000 + 1, event["sequence"])
        page = self.read("/v1/events", order="desc", tag="mod:17", limit=3)
        last = max(n for n in range(self.last + 1) if n % 5000 == 17)
        self.assertEqual([last, last - 5000, last - 10_000],
                         [event["payload"] for event in page["events"]])

    def check_aggregates(self):
        info = self.read("/v1/aggregates/counter/5")
        self.assertEqual((self.last // 1000, 5, self.last - 995),
                         (info["sequence"], info["first_offset"], info["last_offset"]))
        page = self.read("/v1/aggregates/counter/5/events", limit=1000)
        self.assertEqual(list(range(5, self.last + 1, 1000)),
                         [event["payload"] for event in page["events"]])
        names, after = [], None
        while True:
            page = self.read("/v1/aggregates", aggregate_type="counter", limit=300,
                             **({} if after is None else {"after": after}))
            names += [aggregate["aggregate_id"] for aggregate in page["aggregates"]]
            after = page["next_after"]
            if after is None:
                break
        self.assertEqual(sorted(str(n) for n in range(1000)), names)

    def check_decisions(self):
        """Ids, heads and conditions hold for what is behind the window as for what is in it."""
        for n in (3, self.last - 3):
            old = self.read(f"/v1/events/id-{n}")
            sent = {name: old[name] for name in ("id", "event_type", "aggregate_type", "tags",
                                                 "aggregate_id", "payload", "correlation_id")}
            self.assertEqual(n, self.append(sent, 200)["first_offset"])
            other = self.post("/v1/events", {**sent, "payload": "other"})
            self.refused(other, 422, "id_reused")
        wrong = {"event_type": "x", "aggregate_type": "counter", "aggregate_id": "6",
                 "expected_sequence": 1}
        problem = self.refused(self.post("/v1/events", wrong), 409, "sequence_conflict")
        self.assertEqual(self.last // 1000, problem["conflicts"][0]["actual"])
        guarded = {"events": [{**wrong, "expected_sequence": "any"}],
                   "conditions": [{"fail_if_match": {"tags": ["mod:19"]}, "after": 0}]}
        problem = self.refused(self.post("/v1/events", guarded), 409, "condition_failed")
        self.assertEqual(19, problem["conflicts"][0]["conflict_offset"])

    def test_at_every_stage(self):
        self.check_all()
        poll(lambda: self.read("/v1/status")["indexed"] > 0, what="the first chunk of the index")
        self.check_all()
        self.check_decisions()
        for change in (lambda: None, self.delete_index):
            self.client.close()
            self.daemon.kill9()
            change()
            self.daemon.start()
            self.check_all()
            self.check_decisions()
        self.client.close()
        self.daemon.restart()
        self.check_all()

    def test_a_stop_during_a_rebuild_is_quick_and_the_next_start_goes_on(self):
        self.client.close()
        self.daemon.terminate()
        self.delete_index()
        self.daemon.start(wait=False)
        poll(lambda: self.daemon.get_status("/v1/offsets/1") == 200, what="a read by offset")
        self.assertLess(self.daemon.terminate(), STOP_SECONDS_MAX * SLOWER)
        self.daemon.start()
        self.check_all()

    def delete_index(self):
        shutil.rmtree(self.daemon.data_dir / "index")


class SmallWindow(DaemonCase):
    arguments = ("--set", "storage.window_bytes=4 MiB")

    def accepted(self, events):
        """Appends, coming back as often as the daemon is overloaded."""
        def tried():
            reply = self.post("/v1/events", events)
            if reply.status == 503:
                self.refused(reply, 503, "overloaded")
                self.assertEqual("1", reply.headers["retry-after"])
                return False
            return self.ok(reply, 201)
        return poll(tried, 30, "room in the window")

    def test_appends_go_on_when_the_window_is_full(self):
        for start in range(0, 40_000, 1000):
            self.accepted([self.event(f"a{n % 100}", payload=n,
                                      tags=[f"{n}.{j}" for j in range(8)])
                           for n in range(start, start + 1000)])
        self.assertLess(0, self.read("/v1/status")["indexed"])
        for n in (0, 1, 12_345, 20_000, 39_999):
            self.assertEqual([n], self.payloads(tag=[f"{n}.0", f"{n}.7"]))
        self.assertEqual(list(range(7, 40_000, 100)), self.payloads(aggregate_id="a7", limit=1000))


if __name__ == "__main__":
    unittest.main()
