"""The process itself: flags, environment, configuration file, refusals to start, SIGHUP."""

import os
import signal
import subprocess
import tempfile
import unittest
import uuid

from case import Client, DaemonCase
from daemon import Daemon, binary, free_port, poll


def run(*arguments, **environment):
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=20,
                          env={**os.environ, **environment}, check=False)


class Flags(unittest.TestCase):
    def refused(self, done, *words):
        self.assertNotEqual(0, done.returncode)
        for word in words:
            self.assertIn(word, done.stderr + done.stdout)

    def test_version(self):
        done = run("--version")
        self.assertEqual(0, done.returncode)
        self.assertRegex(done.stdout, r"\d+\.\d+\.\d+")

    def test_check_config(self):
        self.assertEqual(0, run("--check-config").returncode)
        self.refused(run("--check-config", "--set", "limits.tags_max=1000"), "limits.tags_max")

    def test_an_unknown_key_names_the_nearest(self):
        self.refused(run("--check-config", "--set", "limits.tag_max=3"), "limits.tags_max")
        self.refused(run("--check-config", DAYBOOK_SERVER_LISTN="127.0.0.1:1"), "DAYBOOK_SERVER")

    def test_an_address_that_is_not_loopback_needs_allow_remote(self):
        self.refused(run("--check-config", "--listen", "0.0.0.0:8011"), "allow_remote")
        self.assertEqual(0, run("--check-config", "--listen", "0.0.0.0:8011",
                                "--set", "server.allow_remote=true").returncode)

    def test_a_missing_file_and_a_broken_one(self):
        self.refused(run("--check-config", "--config", "/no/such/file.toml"), "/no/such/file.toml")
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write("[limits\n")
            file.flush()
            self.refused(run("--check-config", "--config", file.name), file.name)

    def test_the_shipped_file_is_right(self):
        shipped = os.path.join(os.path.dirname(__file__), "../../config/daybook.toml")
        self.assertEqual(0, run("--check-config", "--config", shipped).returncode)


class Precedence(unittest.TestCase):
    """A flag goes over the environment, that over the file."""

    def order_of(self, *arguments, **environment):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write('[platform]\norder = "desc"\n')
            file.flush()
            daemon = Daemon("--config", file.name, *arguments, environment=environment)
            try:
                return first_of_platform(daemon)
            finally:
                daemon.close()

    def test_precedence(self):
        self.assertEqual("desc", self.order_of())
        self.assertEqual("asc", self.order_of(DAYBOOK_PLATFORM_ORDER="asc"))
        self.assertEqual("desc", self.order_of("--set", "platform.order=desc",
                                               DAYBOOK_PLATFORM_ORDER="asc"))


def first_of_platform(daemon):
    """Which order `GET /events/` has: appends two events and looks."""
    client = Client(daemon)
    aggregate = str(uuid.uuid4())
    for number in range(2):
        client.request("POST", "/events/", {"event_type": "x", "aggregate_type": "y",
                                            "aggregate_id": aggregate, "version": number + 1})
    events = client.request("GET", f"/events/?aggregate_id={aggregate}").json()
    client.close()
    return "asc" if events[0]["version"] == 1 else "desc"


class Starting(DaemonCase):
    def test_a_port_in_use_is_refused_and_named(self):
        done = run("--data-dir", str(self.daemon.root / "other"),
                   "--listen", f"127.0.0.1:{self.daemon.port}")
        self.assertNotEqual(0, done.returncode)
        self.assertIn(str(self.daemon.port), done.stderr)

    def test_a_data_directory_in_use_is_refused_and_named(self):
        done = run("--data-dir", str(self.daemon.data_dir), "--listen", f"127.0.0.1:{free_port()}")
        self.assertNotEqual(0, done.returncode)
        self.assertIn(str(self.daemon.data_dir), done.stderr)
        self.assertEqual(200, self.get("/health/ready").status)

    def test_a_data_directory_that_is_a_file_is_refused(self):
        path = self.daemon.root / "file"
        path.write_text("x")
        done = run("--data-dir", str(path), "--listen", f"127.0.0.1:{free_port()}")
        self.assertNotEqual(0, done.returncode)
        self.assertIn(str(path), done.stderr)

    def test_it_listens_on_several_addresses(self):
        second = free_port()
        daemon = Daemon("--listen", f"127.0.0.1:{second}")
        self.addCleanup(daemon.close)
        daemon.port, first = second, daemon.port
        self.assertEqual(200, daemon.get_status("/health/ready"))
        daemon.port = first
        self.assertEqual(200, daemon.get_status("/health/ready"))


class Reloading(unittest.TestCase):
    def test_sighup_reads_again_what_can_change(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "daybook.toml")
            self.write(path, "asc")
            daemon = Daemon("--config", path)
            self.addCleanup(daemon.close)
            self.assertEqual("asc", first_of_platform(daemon))
            self.write(path, "desc")
            daemon.process.send_signal(signal.SIGHUP)
            poll(lambda: first_of_platform(daemon) == "desc", what="the new order")
            self.write(path, "sideways")
            daemon.process.send_signal(signal.SIGHUP)
            poll(lambda: "sideways" in daemon.log(), what="the refusal in the log")
            self.assertEqual("desc", first_of_platform(daemon))

    def write(self, path, order):
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'[platform]\norder = "{order}"\n')


if __name__ == "__main__":
    unittest.main()
