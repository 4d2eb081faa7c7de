"""A real daybookd on a free loopback port with a data directory of its own."""

import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
STOP_SECONDS_MAX = 5  # What SIGTERM promises.
SLOWER = float(os.environ.get("DAYBOOK_TEST_SLOWER", "1"))  # Sanitizer builds raise it.


def binary():
    path = os.environ.get("DAYBOOKD", str(REPOSITORY / "build/dev/bin/daybookd"))
    if not os.access(path, os.X_OK):
        raise RuntimeError(f"no daemon at {path}: build it, or name one in DAYBOOKD")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def poll(question, seconds=10, what="it"):
    """Asks until the answer is true; fails after `seconds`. Never waits longer than it must."""
    deadline = time.monotonic() + seconds * SLOWER
    pause = select_nothing
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {seconds} s")
        pause(0.01)


def select_nothing(seconds):
    """Gives the processor away between two questions of `poll`."""
    import select
    select.select([], [], [], seconds)


class Daemon:
    """Owns the process and its directory. `arguments` are flags of daybookd; `runner` is a command
    that becomes the command that follows it."""

    def __init__(self, *arguments, data_dir=None, wait=True, environment=None, runner=()):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="daybook-test-"))
        self.data_dir = pathlib.Path(data_dir) if data_dir else self.root / "data"
        self.log_path = self.root / "log"
        self.arguments = list(arguments)
        self.runner = list(runner)
        self.environment = {**os.environ, **(environment or {})}
        self.port = free_port()
        self.process = None
        self.start(wait=wait)

    @property
    def address(self):
        return ("127.0.0.1", self.port)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self, wait=True):
        assert self.process is None, "the daemon runs already"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.runner, binary(), "--data-dir", str(self.data_dir),
                 "--listen", f"127.0.0.1:{self.port}", *self.arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        if wait:
            self.wait_ready()

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"daybookd exited with {self.process.returncode}:\n{self.log()}")
        return self.get_status("/health/ready") == 200

    def get_status(self, path):
        """The status of a GET, or None while nobody answers."""
        connection = http.client.HTTPConnection(*self.address, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def wait_ready(self, seconds=20):
        try:
            poll(self.is_ready, seconds, "readiness")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from error

    def terminate(self):
        """SIGTERM; returns how many seconds the end took. A crash or a late end fails."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.wait_end(started)

    def wait_end(self, started):
        try:
            code = self.process.wait(timeout=STOP_SECONDS_MAX * 4 * SLOWER)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise AssertionError(f"SIGTERM did not end the daemon:\n{self.log()}") from None
        self.process = None
        if code != 0:
            raise AssertionError(f"daybookd ended with {code}:\n{self.log()}")
        return time.monotonic() - started

    def kill9(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def restart(self):
        self.terminate()
        self.start()

    def crash_and_restart(self):
        self.kill9()
        self.start()

    def log(self, bytes_max=8000):
        return self.log_path.read_text(errors="replace")[-bytes_max:]

    def close(self):
        """Ends the process if it runs and removes the directory."""
        try:
            if self.process is not None:
                self.terminate()
        finally:
            shutil.rmtree(self.root, ignore_errors=True)
