"""Requests that are nearly right, thousands of them: never a 5xx, never a crash, never a hang.

Seeded: DAYBOOK_SEED=… repeats a run.
"""

import json
import os
import random
import time
import unittest

from case import DaemonCase
from rawhttp import RawConnection, request

EVENT = {"event_type": "a.b", "aggregate_type": "a", "aggregate_id": "1", "tags": ["x:1", "y"],
         "payload": {"n": [1, 2.5, None, "é\u0000"]}, "metadata": {"correlation_id": "c"},
         "occurred_at": "2026-01-24T10:00:00.5+01:00", "expected_sequence": "any",
         "schema_version": 2}
FILTER = {"aggregate_type": "a", "event_types": ["a.*"], "tags": ["y"],
          "items": [{"types": ["a.b"], "tags": ["x:1"]}]}
READ_MODEL = {"table": "agents", "columns": {"agent_id": "text", "open": "bigint"},
              "key": {"agent_id": "/payload/agent_id"},
              "on": [{"event_type": "task.assigned", "increment": {"open": 1}}]}
UUID = "550e8400-e29b-41d4-a716-446655440000"
BODIES = [
    ("POST", "/v1/events", EVENT), ("POST", "/v1/events", [EVENT, EVENT]),
    ("POST", "/v1/events", {"events": [EVENT], "commit": {"group": "g", "offset": 0},
                            "conditions": [{"fail_if_match": FILTER, "after": 0},
                                           {"aggregate_type": "z", "aggregate_id": "1",
                                            "sequence": 0}]}),
    ("POST", "/v1/query", {**FILTER, "after": 0, "limit": 3}),
    ("PUT", "/v1/groups/g", {"mode": "log", "start": {"after": 0}, "filter": FILTER,
                             "member_timeout_ms": 5000}),
    ("PUT", "/v1/groups/q", {"mode": "queue", "order": "none", "ack_timeout_ms": 1000,
                             "backoff_ms": [1, 2], "max_in_flight": 5, "max_unfinished": 9,
                             "breaker_ratio": 0.5, "push": {"url": "http://127.0.0.1:9/"}}),
    ("POST", "/v1/groups/q/dead-letters/retry", {"filter": FILTER, "after": 0}),
    ("POST", "/v1/groups/q/dead-letters/discard", {"offsets": [1, 2], "after": 1}),
    ("POST", "/v1/replays", {"group": "q", "filter": FILTER, "from": 1,
                             "to": "2026-01-24T10:00:00Z"}),
    ("PUT", "/v1/projections/agents", READ_MODEL),
    ("POST", "/v1/projections/postgres/retry", {"offsets": [1, 2]}),
    ("POST", "/v1/groups/g/fetch", {"member": "m", "max": 2, "wait_ms": 0, "after": 0}),
    ("POST", "/v1/groups/g/commit", {"offset": 0, "generation": 1}),
    ("POST", "/v1/groups/g/reset", {"to": {"time": "2026-01-24T10:00:00Z"}}),
    ("POST", "/v1/groups/g/leave", {"member": "m"}),
    ("POST", "/events/", {"event_type": "x", "aggregate_type": "y", "aggregate_id": UUID,
                          "payload": {"a": 1}, "version": "7"}),
    ("POST", "/events/batch", [{"event_type": "x", "aggregate_type": "y", "aggregate_id": UUID}]),
]
TARGETS = ["/v1/events?after=1&limit=2&event_type=a.*&tag=y&order=asc&explain=true",
           "/v1/events?before=9&recorded_from=2026-01-24T10:00:00Z", "/v1/events/abc%2F1",
           "/v1/offsets/1", "/v1/aggregates?after=x&limit=1", "/v1/aggregates/a/1/events?limit=1",
           "/v1/groups/g", "/v1/groups/q/dead-letters?limit=1&tag=y", "/v1/replays/x",
           "/v1/projections/postgres", "/v1/projections/postgres/failures?after=1&limit=2",
           "/events/?limit=2&offset=1&start=2026-01-24", f"/events/{UUID}"]
WEIRD = [None, True, 0, -1, 1 << 63, 1 << 64, 1e308, 0.5, "", "x" * 300, "\ud800", "\u0000", [],
         {}, [[]], {"": {}}, "2026-02-30T00:00:00Z", "*", ".*"]
BYTES = b'{}[]",:\\ue\x00\xff\x80 0-+.eEtn/%&=?#'


class Mutations(DaemonCase):
    rounds = 3000

    def setUp(self):
        super().setUp()
        self.seed = os.environ.get("DAYBOOK_SEED") or str(time.time_ns())
        self.random = random.Random(self.seed)
        self.request("PUT", "/v1/groups/g", {"mode": "log"})

    def wrong_value(self, value):
        """The same JSON with one value somewhere replaced, left out or renamed."""
        if isinstance(value, dict) and value and self.random.random() < 0.85:
            name = self.random.choice(list(value))
            changed = dict(value)
            if self.random.random() < 0.1:
                changed[name + "x"] = changed.pop(name)
            elif self.random.random() < 0.1:
                del changed[name]
            else:
                changed[name] = self.wrong_value(changed[name])
            return changed
        if isinstance(value, list) and value and self.random.random() < 0.8:
            changed = list(value)
            place = self.random.randrange(len(changed))
            changed[place] = self.wrong_value(changed[place])
            return changed
        return self.random.choice(WEIRD)

    def wrong_bytes(self, data):
        data = bytearray(data)
        for _ in range(self.random.randrange(1, 4)):
            place = self.random.randrange(len(data))
            kind = self.random.randrange(4)
            if kind == 0:
                data[place] = self.random.choice(BYTES)
            elif kind == 1:
                data.insert(place, self.random.choice(BYTES))
            elif kind == 2:
                del data[place:place + self.random.randrange(1, 9)]
            else:
                data[place:place] = data[place:place + self.random.randrange(1, 20)]
            if not data:
                return b"{"
        return bytes(data)

    def one(self):
        if self.random.random() < 0.25:
            target = self.wrong_bytes(self.random.choice(TARGETS).encode())
            safe = bytes(b for b in target if b > 32 and b != 127)
            return request("GET", "/" + safe.decode("latin-1").lstrip("/"))
        method, path, body = self.random.choice(BODIES)
        if self.random.random() < 0.5:
            return request(method, path, json.dumps(self.wrong_value(body)))
        return request(method, path, self.wrong_bytes(json.dumps(body).encode()))

    def test_nothing_nearly_right_breaks_it(self):
        statuses = {}
        raw = RawConnection(self.daemon)
        for _ in range(self.rounds):
            sent = self.one()
            raw.send(sent)
            try:
                status, headers, _ = raw.answer()
            except EOFError:
                self.fail(f"no answer; seed {self.seed}: {sent!r}")
            statuses[status] = statuses.get(status, 0) + 1
            self.assertLess(status, 500, f"seed {self.seed}: {sent!r}")
            if headers.get("connection", "").lower() == "close" or status == 400:
                raw.close()
                raw = RawConnection(self.daemon)
        raw.close()
        self.assertEqual(200, self.get("/health/ready").status)
        self.assertLess(100, statuses.get(422, 0), statuses)
        self.assertLess(100, statuses.get(400, 0), statuses)


if __name__ == "__main__":
    unittest.main()
