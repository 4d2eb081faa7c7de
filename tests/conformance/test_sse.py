"""GET /v1/events with Accept: text/event-stream: the live tail, and how it is resumed."""

import json
import unittest
import urllib.parse

from case import DaemonCase
from rawhttp import RawConnection, request


class EventStream:
    """Reads server-sent events from a chunked answer."""

    def __init__(self, daemon, headers=(), **query):
        self.raw = RawConnection(daemon)
        target = "/v1/events?" + urllib.parse.urlencode(query, doseq=True)
        self.raw.send(request("GET", target, headers=("Accept: text/event-stream", *headers)))
        self.status, self.headers = self.raw.head()
        self.text = ""

    def close(self):
        self.raw.close()

    def more(self):
        size = int(self.raw.until(b"\r\n"), 16)
        if size == 0:
            raise EOFError("the stream ended")
        self.text += self.raw.exactly(size).decode()
        self.raw.until(b"\r\n")

    def next(self):
        """The next message as (event name or "", id or None, data); comments are passed over."""
        while True:
            while "\n\n" not in self.text:
                self.more()
            block, _, self.text = self.text.partition("\n\n")
            fields = {}
            for line in block.split("\n"):
                name, _, value = line.partition(":")
                if name:
                    fields[name] = value.removeprefix(" ")
            if fields:
                return fields.get("event", ""), fields.get("id"), fields.get("data")

    def events(self, count):
        found = []
        while len(found) < count:
            name, place, data = self.next()
            if name == "":
                event = json.loads(data)
                assert place == str(event["offset"])
                found.append(event)
        return found


class LiveTail(DaemonCase):
    def stream(self, headers=(), **query):
        stream = EventStream(self.daemon, headers, aggregate_type=self.kind, **query)
        self.addCleanup(stream.close)
        self.assertEqual(200, stream.status)
        self.assertTrue(stream.headers["content-type"].startswith("text/event-stream"))
        self.assertIn("daybook-head", stream.headers)
        return stream

    def test_past_events_then_live_ones(self):
        self.appended(*[self.event(payload=i) for i in range(3)])
        stream = self.stream(after=0)
        self.assertEqual([0, 1, 2], [event["payload"] for event in stream.events(3)])
        name, place, _ = stream.next()
        while name == "checkpoint":
            self.assertIsNotNone(place)
            name, place, _ = stream.next()
        self.assertEqual(("caught_up", None), (name, place))
        self.appended(self.event(payload=3))
        self.assertEqual([3], [event["payload"] for event in stream.events(1)])

    def test_last_event_id_wins_over_after(self):
        sent = self.appended(*[self.event(payload=i) for i in range(4)])
        stream = self.stream([f"Last-Event-ID: {sent[1]['offset']}"], after=0)
        self.assertEqual([2, 3], [event["payload"] for event in stream.events(2)])

    def test_a_filter_that_matches_nothing_still_moves(self):
        self.appended(self.event())
        stream = self.stream(tag=f"{self.kind}:never", after=0)
        name, place, _ = stream.next()
        while name != "checkpoint":
            name, place, _ = stream.next()
        self.assertLessEqual(1, int(place))

    def test_it_resumes_over_a_crash_without_a_gap(self):
        self.appended(*[self.event(payload=i) for i in range(3)])
        stream = self.stream(after=0)
        last = stream.events(2)[-1]["offset"]
        self.daemon.crash_and_restart()
        self.client.close()
        again = self.stream([f"Last-Event-ID: {last}"])
        self.assertEqual([2], [event["payload"] for event in again.events(1)])

    def test_descending_makes_no_sense(self):
        for query in ({"order": "desc"}, {"before": 5}):
            reply = self.get("/v1/events", {"Accept": "text/event-stream"}, **query)
            self.refused(reply, 422, "bad_parameter")
        reply = self.get("/v1/events", {"Accept": "text/event-stream", "Last-Event-ID": "x"})
        self.assertEqual(422, reply.status)


if __name__ == "__main__":
    unittest.main()
