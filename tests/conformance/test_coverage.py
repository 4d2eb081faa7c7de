"""Runs last: whatever the API's documents promise was shown by some test before.

Reads what the other tests wrote beside DAYBOOK_COVERAGE. A promise that cannot be shown from
outside stands in `NOT_SHOWN` with the reason; one that was shown after all must leave the list.
"""

import fnmatch
import json
import os
import pathlib
import re
import unittest

from case import contract_of
from contract import documented_codes
from daemon import REPOSITORY, Daemon

# A promise (a pattern of fnmatch) and why no black-box test shows it.
NOT_SHOWN = {
    "member Problem.first_offset": "no retention yet: the floor is always 1",
    "code trimmed": "no retention yet: the floor is always 1",
    "code io_failed": "needs a failing disk: the crash tests",
    "code corrupted": "needs a damaged file: the corruption matrix",
    "status PUT /v1/projections/{name} 20?": "needs PostgreSQL: tests/chaos",
    "status DELETE /v1/projections/{name} 204": "needs PostgreSQL: tests/chaos",
    "status GET /v1/projections/{name}/failures 200": "needs PostgreSQL: tests/chaos",
    "status POST /v1/projections/{name}/retry 200": "needs PostgreSQL: tests/chaos",
    "member ProjectionFailures.*": "needs PostgreSQL: tests/chaos",
    "member ProjectionRetried.*": "needs PostgreSQL: tests/chaos",
    "member FailureChoice.*": "needs PostgreSQL: tests/chaos",
    "code internal": "a bug of ours; nothing may show it",
}
# Shown by chance: the time in which they are answered is too short to be met reliably.
SELDOM_SHOWN = {"code overloaded", "code recovering", "code shutting_down"}


class EveryPromise(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(os.environ["DAYBOOK_COVERAGE"]).parent
        cls.seen = set()
        for path in folder.glob("*.json"):
            cls.seen.update(json.loads(path.read_text(encoding="utf-8")))
        daemon = Daemon()
        cls.addClassCleanup(daemon.close)
        cls.contract = contract_of(daemon)

    def check(self, promises):
        def excused(promise):
            return promise in SELDOM_SHOWN or any(
                fnmatch.fnmatchcase(promise, pattern) for pattern in NOT_SHOWN)
        missing = sorted(p for p in promises if p not in self.seen and not excused(p))
        self.assertEqual([], missing, "no test shows these")

    def test_every_route_status_parameter_and_member_of_openapi(self):
        self.check(self.contract.promises())

    def test_every_error_code_of_the_documents(self):
        self.assertLess(20, len(documented_codes()), "HTTP.md has no table of codes")
        self.check({f"code {code}" for code in documented_codes()})

    def test_every_frame_of_the_documents(self):
        text = (REPOSITORY / "protocol/WEBSOCKET.md").read_text(encoding="utf-8")
        frames = set(re.findall(r'"op":"([a-z_]+)"', text))
        self.assertLess(15, len(frames), "WEBSOCKET.md shows few frames")
        shown = {entry.split()[2] for entry in self.seen if entry.startswith("frame ")}
        self.assertEqual({"trimmed"}, frames - shown, "trimmed waits for retention")

    def test_no_excuse_is_stale(self):
        for pattern, reason in NOT_SHOWN.items():
            self.assertEqual([], fnmatch.filter(self.seen, pattern),
                             f"shown after all, remove the excuse: {reason}")


if __name__ == "__main__":
    unittest.main()
