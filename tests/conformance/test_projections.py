"""Projections of a daemon that posts nowhere, and of one whose PostgreSQL and Redis are not there.
What is posted, and how, is shown by tests/chaos."""

import unittest

from case import DaemonCase
from daemon import poll

NOBODY = "127.0.0.1:1"
POSTGRES = "/v1/projections/postgres"
REDIS = "/v1/projections/redis"
READ_MODEL = {"table": "agents", "columns": {"agent_id": "text", "open": "bigint"},
              "key": {"agent_id": "/payload/agent_id"},
              "on": [{"event_type": "task.assigned", "increment": {"open": 1}}]}


class NoProjections(DaemonCase):
    def test_none_are_listed(self):
        self.assertEqual([], self.read("/v1/projections")["projections"])
        self.assertEqual([], self.read("/v1/status")["followers"])

    def test_what_is_not_there_is_not_found(self):
        for verb in ("rebuild", "pause", "resume", "retry"):
            self.refused(self.post(f"{POSTGRES}/{verb}"), 404, "not_found")
        self.refused(self.get(POSTGRES), 404, "not_found")
        self.refused(self.get(POSTGRES, {"Daybook-Min-Offset": "1"}), 404, "not_found")
        self.refused(self.get(f"{POSTGRES}/failures", after=1, limit=2), 404, "not_found")
        self.refused(self.request("DELETE", POSTGRES), 404, "not_found")

    def test_a_read_model_needs_postgres(self):
        reply = self.request("PUT", "/v1/projections/agents", READ_MODEL)
        self.refused(reply, 409, "wrong_mode")

    def test_a_list_of_failures_is_bounded(self):
        for limit in (0, 1001, "x"):
            self.refused(self.get(f"{POSTGRES}/failures", limit=limit), 422, "bad_parameter")

    def test_a_retry_names_offsets(self):
        path = f"{POSTGRES}/retry"
        self.refused(self.post(path, {"offsets": []}), 422, "bad_value", "/offsets")
        self.refused(self.post(path, {"offsets": [1, "2"]}), 422, "bad_value", "/offsets/1")
        self.refused(self.post(path, {"filter": {}}), 422, "unknown_member", "/filter")


class NobodyAnswers(DaemonCase):
    arguments = ("--set", f"postgres.url=postgresql://somebody:secret@{NOBODY}/events",
                 "--set", f"redis.url=redis://somebody:secret@{NOBODY}")

    def wait_phase(self, path, phase):
        def is_so():
            projection = self.read(path)
            return projection if projection["phase"] == phase else None
        return poll(is_so, what=f"{phase} of {path}")

    def test_both_fail_and_say_why_without_their_password(self):
        for path, kind in ((POSTGRES, "postgres"), (REDIS, "redis")):
            failing = self.wait_phase(path, "failing")
            self.assertEqual(kind, failing["kind"])
            self.assertIn("refused", failing["trouble"])
            self.assertIn("somebody", failing["target"])
            self.assertIsNone(failing["checkpoint"])
            self.assertIsNone(failing["lag"])
        everything = self.get("/v1/projections").body + self.get("/v1/status").body
        self.assertNotIn(b"secret", everything)
        self.assertNotIn("secret", self.daemon.log())

    def test_the_metrics_say_that_neither_posts(self):
        text = self.get("/metrics").body.decode()
        for follower in ("postgres", "redis"):
            self.assertIn(f'daybook_follower_up{{follower="{follower}"}} 0', text)
            self.assertNotIn(f'daybook_follower_lag_events{{follower="{follower}"}}', text)

    def test_appends_go_on_and_a_wait_for_one_ends(self):
        (receipt,) = self.appended(self.event())
        reply = self.get(POSTGRES, {"Daybook-Min-Offset": str(receipt["offset"]),
                                    "Daybook-Wait-Ms": "1"})
        self.refused(reply, 504, "not_yet")

    def test_they_are_paused_and_resumed(self):
        for path in (POSTGRES, REDIS):
            self.ok(self.post(f"{path}/pause"))
            self.assertIsNone(self.wait_phase(path, "paused")["trouble"])
            self.ok(self.post(f"{path}/resume"))
            self.wait_phase(path, "failing")

    def test_what_has_to_ask_postgres_is_503(self):
        for reply in (self.get(f"{POSTGRES}/failures"), self.post(f"{POSTGRES}/retry"),
                      self.request("PUT", "/v1/projections/agents", READ_MODEL)):
            self.refused(reply, 503, "target_unavailable")
            self.assertEqual("1", reply.headers["retry-after"])

    def test_a_rebuild_is_begun_all_the_same(self):
        self.assertIsNotNone(self.ok(self.post(f"{POSTGRES}/rebuild"), 202)["build"])

    def test_redis_has_no_tables(self):
        for reply in (self.get(f"{REDIS}/failures"), self.post(f"{REDIS}/retry"),
                      self.post(f"{REDIS}/rebuild"), self.request("DELETE", REDIS)):
            self.refused(reply, 409, "wrong_mode")

    def test_what_the_configuration_has_is_not_changed_by_others(self):
        self.refused(self.request("DELETE", POSTGRES), 409, "wrong_mode")
        self.refused(self.request("PUT", POSTGRES, READ_MODEL), 422, "bad_value", "/name")


if __name__ == "__main__":
    unittest.main()
