"""Under storage.reserve_bytes: appends are refused, the rest goes on, and appends return."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from case import DaemonCase
from daemon import Daemon, poll

PLATFORM_EVENT = {"event_type": "x", "aggregate_type": "y",
                  "aggregate_id": "550e8400-e29b-41d4-a716-446655440000"}
MIB = 1 << 20
RESERVE = 16 * MIB
# Runs a command with a small disk of its own at $0.
ON_A_SMALL_DISK = ("unshare", "-rm", "sh", "-c",
                   'mount -t tmpfs -o size=96m none "$0" && exec "$@"')


class FullDisk(DaemonCase):
    def test_appends_are_refused_and_the_rest_goes_on(self):
        group = f"/v1/groups/{self.kind}"
        self.ok(self.request("PUT", group, {"mode": "log"}), 201)
        self.appended(self.event())
        self.client.close()
        self.daemon.terminate()
        self.daemon.arguments += ["--set", f"storage.reserve_bytes={1 << 45}"]
        self.daemon.start(wait=False)
        poll(lambda: self.daemon.get_status("/v1/status") == 200, what="the open log")
        poll(lambda: self.daemon.get_status("/health/ready") == 503, what="the full disk")

        self.refused(self.post("/v1/events", self.event()), 507, "disk_full")
        self.assertEqual(507, self.post("/events/", PLATFORM_EVENT).status)
        self.assertEqual(507, self.post("/events", PLATFORM_EVENT).status)
        self.assertEqual(507, self.post("/events/batch", [PLATFORM_EVENT]).status)
        self.assertEqual(1, len(self.mine()))
        self.assertEqual({"committed": 1}, self.ok(self.post(group + "/commit", {"offset": 1})))
        ready = self.get("/health/ready")
        self.assertEqual((503, "not_ready"), (ready.status, ready.json()["status"]))
        self.assertTrue(ready.json()["reason"])


class SmallDisk(DaemonCase):
    """A tmpfs in a mount namespace of the daemon's own: it is gone with the daemon."""

    @classmethod
    def setUpClass(cls):
        data_dir = tempfile.mkdtemp(prefix="daybook-test-")
        cls.addClassCleanup(shutil.rmtree, data_dir)
        trial = subprocess.run([*ON_A_SMALL_DISK, data_dir, "true"], capture_output=True,
                               check=False)
        if trial.returncode != 0:
            raise unittest.SkipTest(f"no tmpfs may be mounted here: {trial.stderr.decode()}")
        cls.daemon = Daemon("--set", f"storage.reserve_bytes={RESERVE}", data_dir=data_dir,
                            runner=(*ON_A_SMALL_DISK, data_dir))
        cls.addClassCleanup(cls.daemon.close)
        cls.disk = pathlib.Path(f"/proc/{cls.daemon.process.pid}/root{data_dir}")

    def free(self):
        facts = os.statvfs(self.disk)
        return facts.f_bavail * facts.f_frsize

    def ready_comes(self, status):
        poll(lambda: self.daemon.get_status("/health/ready") == status, what=f"readiness {status}")

    def test_appends_return_with_the_room(self):
        self.appended(self.event())
        for _ in range(2):
            with open(self.disk / "ballast", "wb") as ballast:
                while self.free() >= RESERVE:
                    ballast.write(bytes(MIB))
                    ballast.flush()
            self.ready_comes(503)
            self.refused(self.post("/v1/events", self.event()), 507, "disk_full")
            before = len(self.mine())

            (self.disk / "ballast").unlink()
            self.ready_comes(200)
            self.appended(self.event())
            self.assertEqual(before + 1, len(self.mine()))


if __name__ == "__main__":
    unittest.main()
