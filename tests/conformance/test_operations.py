"""Health, metrics, status, the API's own description, the first page."""

import re
import unittest

from case import DaemonCase
from daemon import poll

METRICS = ("daybook_fsync_seconds", "daybook_commit_events", "daybook_append_events_total",
           "daybook_index_lag_events", "daybook_group_lag_events", "daybook_group_lag_seconds",
           "daybook_blocks_read_total")
SAMPLE = re.compile(r'^[a-z_]+(\{[^}]*\})? [-+0-9.eEInfNa]+$')


class Health(DaemonCase):
    def test_live_and_ready(self):
        self.assertEqual(200, self.get("/health/live").status)
        self.assertEqual(200, self.get("/health/ready").status)

    def test_status(self):
        (receipt,) = self.appended(self.event())
        status = self.read("/v1/status")
        self.assertEqual(receipt["offset"], status["head"])
        self.assertEqual(status["head"], status["written"])
        self.assertLessEqual(status["floor"], 1)
        self.assertRegex(status["version"], r"^\d+\.\d+\.\d+")

    def test_the_description_is_openapi(self):
        document = self.read("/openapi.json")
        self.assertRegex(document["openapi"], r"^3\.1\.")
        self.assertIn("/v1/events", document["paths"])

    def test_the_first_page(self):
        reply = self.get("/")
        self.assertEqual(200, reply.status)
        self.assertIn(b"Daybook", reply.body)


class Metrics(DaemonCase):
    def samples(self):
        reply = self.get("/metrics")
        self.assertTrue(reply.headers["content-type"].startswith("text/plain"))
        values = {}
        for line in reply.body.decode().splitlines():
            if line and not line.startswith("#"):
                self.assertRegex(line, SAMPLE)
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        return values

    def total(self, values, name):
        return sum(value for key, value in values.items()
                   if key == name or key.startswith(name + "{"))

    def test_the_fixed_names_are_there(self):
        self.appended(self.event())
        self.ok(self.request("PUT", "/v1/groups/metered", {"mode": "log"}), 201)
        text = self.get("/metrics").body.decode()
        for name in METRICS:
            self.assertIn(f"# TYPE {name} ", text)
        self.assertIn("metered", text)

    def test_appended_events_are_counted(self):
        before = self.samples()
        self.appended(self.event(), self.event(), self.event())
        after = self.samples()
        name = "daybook_append_events_total"
        self.assertEqual(3, self.total(after, name) - self.total(before, name))
        fsyncs = "daybook_fsync_seconds_count"
        self.assertLess(self.total(before, fsyncs), self.total(after, fsyncs))

    def test_the_book_is_scrubbed(self):
        self.appended(self.event(payload="x" * 1000))
        self.client.close()
        self.daemon.restart()
        poll(lambda: self.samples()["daybook_scrubbed_bytes_total"] >= 1000, what="the scrub")
        self.assertEqual(0, self.samples()["daybook_scrub_damaged"])


if __name__ == "__main__":
    unittest.main()
