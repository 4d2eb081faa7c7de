"""PostgreSQL and Redis of a test's own: Debian's servers in a temporary folder on a loopback port.

They end with the test, also where it crashes: the kernel kills them with the thread that started
them, so that only the main thread may do so. Both keep what they have acknowledged over SIGKILL.
"""

import glob
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from daemon import free_port, poll


class Server:
    """A process with its children. A subclass says how it is started and whether it answers."""

    user = None  # Whom it runs as, if the test is root.

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="daybook-chaos-"))
        if self.runs_as_another():
            shutil.chown(self.root, self.user, self.user)
        self.port = free_port()
        self.process = None

    def runs_as_another(self):
        return self.user is not None and os.geteuid() == 0

    def command(self):
        raise NotImplementedError

    def answers(self):
        raise NotImplementedError

    def wrapped(self, command):
        """The command as its user, killed with this thread."""
        other = ["--reuid", self.user, "--regid", self.user, "--clear-groups"]
        return ["setpriv", *(other if self.runs_as_another() else []), "--pdeathsig", "KILL",
                *map(str, command)]

    def run(self, *command):
        done = subprocess.run(self.wrapped(command), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr}")

    def start(self):
        assert self.process is None, "the server runs already"
        with open(self.root / "log", "ab") as log:
            self.process = subprocess.Popen(self.wrapped(self.command()), cwd=self.root,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        poll(self.is_up, 30, what=f"{type(self).__name__} on port {self.port}")

    def is_up(self):
        """Begins again where it could not start yet: what was killed may still hold its memory."""
        if self.process.poll() is not None:
            self.process = None
            self.start()
        return self.answers()

    def family(self):
        """The process and its children, all of which a signal has to reach."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        children = pathlib.Path(path).read_text(encoding="ascii").split()
        return [self.process.pid, *map(int, children)]

    def signal(self, number):
        for process in self.family():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass  # A child that ended meanwhile.

    def suspend(self):
        """Nothing answers, nothing is closed: as a machine that hangs."""
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def kill9(self):
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def crash_and_restart(self):
        self.kill9()
        self.start()

    def stop(self):
        """As an operator does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        if self.process is not None:
            self.kill9()
        shutil.rmtree(self.root, ignore_errors=True)


class Postgres(Server):
    """Has a role `daybook`, which is no superuser, and databases of it by `create_database`."""

    user = "postgres"

    def __init__(self):
        super().__init__()
        self.programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.run(self.programs / "initdb", "-D", self.root / "data", "-U", "postgres", "-A",
                 "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
        self.start()
        self.sql("create role daybook login")

    def command(self):
        # Without fsync it is as safe from a kill, which takes nothing that the kernel has.
        return [self.programs / "postgres", "-D", self.root / "data", "-p", self.port, "-k",
                self.root, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]

    def answers(self):
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def url(self, database, user="daybook"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name):
        self.sql(f"create database {name} owner daybook")
        return self.url(name)

    def sql(self, text, database="postgres"):
        """The rows as lists of text, asked by the superuser."""
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", text,
             self.url(database, "postgres")], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{text}: {done.stderr}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def value(self, text, database="postgres"):
        return self.sql(text, database)[0][0]

    def terminate_backends(self, database):
        """Cuts everybody's connections to the database; returns how many there were."""
        return len(self.sql("select pg_terminate_backend(pid) from pg_stat_activity "
                            f"where datname = '{database}' and pid <> pg_backend_pid()"))

    def set_authentication(self, method):
        """How the role `daybook` shows who it is: "trust", "scram-sha-256"."""
        path = self.root / "data/pg_hba.conf"
        path.write_text(f"host all daybook 127.0.0.1/32 {method}\n"
                        "host all all 127.0.0.1/32 trust\n", encoding="ascii")
        self.sql("select pg_reload_conf()")


class Redis(Server):
    def __init__(self):
        super().__init__()
        self.start()

    def command(self):
        # What is in a stream is on disk before it is answered.
        return ["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--dir", self.root,
                "--save", "", "--appendonly", "yes", "--appendfsync", "always"]

    def answers(self):
        try:
            return self.ask("PING") == "PONG"
        except (OSError, EOFError, RuntimeError):
            return False

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def ask(self, *words):
        with Resp(self.port) as connection:
            connection.send(*words)
            return connection.receive()

    def cut(self, name):
        """Closes the connections of the client of this name; returns how many there were."""
        clients = [dict(pair.split("=", 1) for pair in line.split())
                   for line in self.ask("CLIENT", "LIST").splitlines()]
        mine = [client["id"] for client in clients if client["name"] == name]
        return sum(self.ask("CLIENT", "KILL", "ID", each) for each in mine)


class Resp:
    """A connection to Redis: sends commands, receives replies and messages."""

    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.bytes = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bytes.close()
        self.socket.close()

    def send(self, *words):
        encoded = [str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(encoded) +
                            b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))

    def receive(self):
        line = self.bytes.readline()
        if not line:
            raise EOFError("Redis has hung up")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise RuntimeError(rest.decode())
        size = int(rest)
        if kind == b":":
            return size
        if kind == b"*":
            return [self.receive() for _ in range(size)]
        return None if size < 0 else self.bytes.read(size + 2)[:-2].decode()
