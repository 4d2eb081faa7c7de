"""Starts and stops what is measured: each server in a folder of its own, on a loopback port, as a
child of this script. Nothing is left behind."""

import glob
import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from . import proc

READY_SECONDS = 60
STOP_SECONDS = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """Used in a `with`: started on entering, stopped and its folder removed on leaving."""

    name = ""
    durability = ""  # when it acknowledges

    def __init__(self, bench):
        self.bench = bench
        self.port = free_port()
        self.folder = os.path.join(bench.folder, f"{self.name}-{self.port}")
        self.process = None

    def command(self):
        raise NotImplementedError

    def prepare(self):
        os.makedirs(self.folder)

    def ready(self):
        return answers(self.port)

    def fsyncs(self):
        """How many so far; None where the server does not tell."""
        return None

    def peak_mib(self):
        return proc.status_mib(self.pid, "VmHWM")

    @property
    def pid(self):
        return self.process.pid

    def spawn(self, **options):
        with open(os.path.join(self.bench.folder, f"{self.name}-{self.port}.log"), "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.bench.folder, **options)

    def wait_ready(self, pause=0.02):
        deadline = time.monotonic() + READY_SECONDS
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} does not get ready:\n{self.log_tail()}")
            time.sleep(pause)

    def log_tail(self):
        path = os.path.join(self.bench.folder, f"{self.name}-{self.port}.log")
        return "\n".join(proc.read_text(path).splitlines()[-20:])

    def stop(self, how=signal.SIGTERM):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        self.prepare()
        self.spawn()
        try:
            self.wait_ready()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Daybook(Server):
    name = "daybook"
    durability = "after fsync"

    def __init__(self, bench):
        super().__init__(bench)
        self.connection = None

    def command(self):
        return [self.bench.daybookd, "--data-dir", self.folder,
                "--listen", f"127.0.0.1:{self.port}"]

    def stop(self, how=signal.SIGTERM):
        super().stop(how)
        self.connection = None

    def get(self, path, timeout=10):
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.read().decode()

    def send(self, method, path, body):
        """The answer's JSON, if it has some; whatever is refused ends the script."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.connection.request(method, path, json.dumps(body, separators=(",", ":")),
                                {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 204):
            raise SystemExit(f"{method} {path} was answered {answer.status}: {text[:300]}")
        return json.loads(text) if text else None

    def ready(self):
        try:
            self.get("/health/ready", timeout=1)
            return True
        except (OSError, urllib.error.URLError):
            return False

    def metric(self, name):
        """The sum over a metric's labels; None where it is not there."""
        found = [float(line.split()[-1]) for line in self.get("/metrics").splitlines()
                 if line.split("{")[0].split(" ")[0] == name]
        return sum(found) if found else None

    def fsyncs(self):
        return self.metric("daybook_fsync_seconds_count")


class Null(Server):
    """The generator's own server that stores nothing."""

    name = "null"
    durability = "stores nothing"

    def __init__(self, bench, receipt_events=1):
        super().__init__(bench)
        self.receipt_events = receipt_events

    def command(self):
        return [self.bench.load, "null", "--port", str(self.port), "--seconds", "3600",
                "--receipt-events", str(self.receipt_events)]


class Redis(Server):
    """Rewriting of the append-only file is off: it would only cost Redis."""

    name = "redis"
    durability = "after fsync (appendfsync always)"

    def command(self):
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                "--dir", self.folder, "--appendonly", "yes", "--appendfsync", "always",
                "--save", "", "--auto-aof-rewrite-percentage", "0"]


class Nats(Server):
    """Debian's JetStream: acknowledges before it syncs (every two minutes)."""

    name = "nats"
    durability = "before fsync"

    def command(self):
        return ["nats-server", "-js", "-sd", self.folder, "-a", "127.0.0.1",
                "-p", str(self.port)]


class Postgres(Server):
    """Debian's defaults: fsync and synchronous_commit on. It refuses to run as root."""

    name = "postgres"
    durability = "after fsync (synchronous_commit on)"

    def __init__(self, bench):
        super().__init__(bench)
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not found:
            raise SystemExit("PostgreSQL is not installed: apt-get install postgresql-15")
        self.programs = found[-1]
        self.user = {}
        if os.getuid() == 0:
            names = [entry.pw_name for entry in pwd.getpwall()]
            entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            self.user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    @property
    def conninfo(self):
        return f"host=127.0.0.1 port={self.port} user=bench dbname=postgres"

    def prepare(self):
        os.makedirs(self.folder)
        if self.user:
            os.chown(self.folder, self.user["user"], self.user["group"])
        subprocess.run([f"{self.programs}/initdb", "-D", f"{self.folder}/data", "-A", "trust",
                        "-U", "bench", "-E", "UTF8", "--locale=C"], check=True,
                       stdout=subprocess.DEVNULL, cwd="/", **self.user)

    def command(self):
        return [f"{self.programs}/postgres", "-D", f"{self.folder}/data", "-p", str(self.port),
                "-h", "127.0.0.1", "-k", self.folder, "-c", "max_connections=200"]

    def spawn(self, **options):
        super().spawn(**options, **self.user)

    def psql(self, query):
        done = subprocess.run([f"{self.programs}/psql", "-Atqc", query, self.conninfo],
                              capture_output=True, text=True, cwd="/", check=False)
        return done.stdout.strip() if done.returncode == 0 else None

    def ready(self):
        return answers(self.port) and self.psql("SELECT 1") == "1"

    def fsyncs(self):
        return float(self.psql("SELECT wal_sync FROM pg_stat_wal") or 0)

    def peak_mib(self):
        return None  # Many processes over one shared memory: no number is right.

    def stop(self, how=signal.SIGINT):  # Its "fast" shutdown: SIGTERM waits for clients.
        super().stop(how)
