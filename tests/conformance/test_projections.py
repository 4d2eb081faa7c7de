"""Projections of a daemon that posts nowhere. What is posted, and how, is shown by tests/chaos."""

import unittest

from case import DaemonCase


class NoProjections(DaemonCase):
    def test_none_are_listed(self):
        self.assertEqual([], self.read("/v1/projections")["projections"])
        self.assertEqual([], self.read("/v1/status")["followers"])

    def test_what_is_not_there_is_not_found(self):
        path = "/v1/projections/postgres"
        for verb in ("rebuild", "pause", "resume", "retry"):
            self.refused(self.post(f"{path}/{verb}"), 404, "not_found")
        self.refused(self.get(path), 404, "not_found")
        self.refused(self.get(path, {"Daybook-Min-Offset": "1"}), 404, "not_found")
        self.refused(self.get(f"{path}/failures", after=1, limit=2), 404, "not_found")
        self.refused(self.request("DELETE", path), 404, "not_found")

    def test_a_list_of_failures_is_bounded(self):
        for limit in (0, 1001, "x"):
            self.refused(self.get("/v1/projections/postgres/failures", limit=limit),
                         422, "bad_parameter")

    def test_a_retry_names_offsets(self):
        path = "/v1/projections/postgres/retry"
        self.refused(self.post(path, {"offsets": []}), 422, "bad_value", "/offsets")
        self.refused(self.post(path, {"offsets": [1, "2"]}), 422, "bad_value", "/offsets/1")
        self.refused(self.post(path, {"filter": {}}), 422, "unknown_member", "/filter")


if __name__ == "__main__":
    unittest.main()
