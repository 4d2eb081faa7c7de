"""The sections about what is posted elsewhere: projection, publish, posting, stalled."""

import json
import os
import re
import signal
import subprocess
import time

from . import table
from .append import alternate, rate
from .listeners import listeners
from .measure import EVENTS_OF_THE_CORPUS
from .queues import wait_for
from .servers import Daybook, Postgres, Redis

MESSAGES = 1_000_000
CHANNEL = "bench"
COLUMNS = ("log_offset, id, aggregate_type, aggregate_id, sequence, event_type, schema_version, "
           "tags, correlation_id, causation_id, payload, metadata, occurred_at, recorded_at, "
           "id_space")


class Follower(Daybook):
    """A daemon with settings of its own."""

    def __init__(self, bench, **settings):
        super().__init__(bench)
        self.settings = settings

    def command(self):
        extra = [f"--set={name.replace('__', '.')}={value}"
                 for name, value in self.settings.items()]
        return super().command() + extra

    def projection(self, name):
        return json.loads(self.get(f"/v1/projections/{name}"))

    def pause(self, name, what="pause"):
        self.send("POST", f"/v1/projections/{name}/{what}", {})
        if what == "pause":
            wait_for("the pause", lambda: self.projection(name)["phase"] == "paused")

    def wait_posted(self, name, seconds=600):
        head = json.loads(self.get("/v1/status"))["head"]
        return wait_for(f"{name} has reached {head:,}",
                        lambda: (self.projection(name)["checkpoint"] or 0) >= head, seconds)


class QuietRedis(Redis):
    """Without persistence: pub/sub has none. A subscriber that is behind is not disconnected."""

    durability = "in memory"

    def command(self):
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                "--dir", self.folder, "--save", "", "--appendonly", "no",
                "--client-output-buffer-limit", "pubsub 0 0 0"]


def followed(bench, postgres):
    return Follower(bench, postgres__url=f"postgresql://bench@127.0.0.1:{postgres.port}/postgres")


def psql(postgres, *arguments):
    done = subprocess.run([f"{postgres.programs}/psql", "-Atq", "-v", "ON_ERROR_STOP=1",
                           postgres.conninfo, *arguments], capture_output=True, text=True, cwd="/",
                          check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


def projection(bench):
    """Catching up with the log, and PostgreSQL's own COPY of the very same rows."""
    events = bench.options.posted_events
    found = {"catch-up": [], "COPY": [], "row by row": [], "row by row, 32 connections": []}
    for number in range(1, bench.options.rounds + 1):
        with Postgres(bench) as postgres:
            with followed(bench, postgres) as server:
                server.wait_posted("postgres")
                server.pause("postgres")
                bench.fill(server, events)
                server.pause("postgres", "resume")
                seconds = server.wait_posted("postgres")
                found["catch-up"].append(events / seconds)
            events_table = "daybook.events_g1"
            path = os.path.join(postgres.folder, "rows.copy")
            rows = f"SELECT {COLUMNS} FROM {events_table} ORDER BY log_offset"
            psql(postgres, "-c", f"\\copy ({rows}) TO '{path}' (FORMAT binary)")
            psql(postgres, "-c", f"TRUNCATE {events_table}", "-c", "CHECKPOINT")
            began = time.monotonic()
            psql(postgres, "-c", f"\\copy {events_table} ({COLUMNS}) FROM '{path}' (FORMAT binary)")
            found["COPY"].append(events / (time.monotonic() - began))
            for label, connections in (("row by row", 1), ("row by row, 32 connections", 32)):
                result = bench.generate("postgres", "--conninfo", postgres.conninfo,
                                        "--connections", connections, *bench.bounds())
                found[label].append(result["events_per_second"])
        bench.say(f"  round {number}  " + ", ".join(
            f"{label} {rates[-1]:,.0f}/s" for label, rates in found.items()))
    middle = {label: table.median(rates) for label, rates in found.items()}
    rows = [["Daybook's catch-up: rows, aggregates, checkpoint", table.spread(found["catch-up"])],
            ["COPY FROM STDIN (FORMAT binary) from a file, events alone",
             table.spread(found["COPY"])],
            ["the Platform's INSERT, row by row, alone", table.spread(found["row by row"])],
            ["the same, 32 connections", table.spread(found["row by row, 32 connections"])]]
    return "\n\n".join([
        table.markdown([f"{events:,} events into PostgreSQL", "events/s"], rows),
        f"Of the bare COPY: **{middle['catch-up'] / middle['COPY']:.0%}** (asked 60 %). Over row "
        f"by row: **{table.ratio(middle['catch-up'], middle['row by row'])}** (asked 5×). "
        "Each transaction is synced before it counts (synchronous_commit on). The COPY goes into "
        "the same partitioned table with the same indexes, in one transaction."])


def message_bytes(redis, server):
    """How long the message of one event is."""
    command = ["redis-cli", "-p", str(redis.port), "PSUBSCRIBE", "events:*"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as subscriber:
        for line in subscriber.stdout:
            if line.strip() == "1":
                server.bench.fill(server, 1)
            if line.startswith("{"):
                subscriber.terminate()
                return len(line.strip().encode())
    raise SystemExit("no message came")


def expect_all(said):
    if said["failed"]:
        raise SystemExit(f"{said['failed']} messages did not reach the subscriber")


def publish(bench):
    """The bridge, and redis-benchmark's PUBLISH of messages as long, each with one subscriber."""
    found = {"bridge": [], "redis-benchmark": []}
    size = 0
    for number in range(1, bench.options.rounds + 1):
        with QuietRedis(bench) as redis:
            with Follower(bench, redis__url=f"redis://127.0.0.1:{redis.port}") as server:
                wait_for("the bridge", lambda: server.projection("redis")["phase"] == "following")
                size = message_bytes(redis, server)
                server.pause("redis")
                bench.fill(server, MESSAGES)
                with listeners(bench, redis, "subscribe", "--pattern", "events:*", "--messages",
                               MESSAGES) as said:
                    server.pause("redis", "resume")
                    seconds = server.wait_posted("redis")
                found["bridge"].append(MESSAGES / seconds)
                expect_all(said)
            with listeners(bench, redis, "subscribe", "--pattern", "events:*", "--messages",
                           MESSAGES) as said:
                command = ["redis-benchmark", "-p", str(redis.port), "-P", "100", "-n",
                           str(MESSAGES), "-q", "PUBLISH", "events:bench", "x" * size]
                told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            expect_all(said)
            rates = re.findall(r"([\d.]+) requests per second", told)
            found["redis-benchmark"].append(float(rates[-1]))
        bench.say(f"  round {number}  " + ", ".join(
            f"{label} {rates[-1]:,.0f}/s" for label, rates in found.items()))
    middle = {label: table.median(rates) for label, rates in found.items()}
    rows = [["Daybook's bridge, out of the log", table.spread(found["bridge"])],
            ["redis-benchmark -P 100, 50 connections", table.spread(found["redis-benchmark"])]]
    return "\n\n".join([
        table.markdown([f"{MESSAGES:,} PUBLISH of {size} bytes, one subscriber", "messages/s"],
                       rows),
        f"**{middle['bridge'] / middle['redis-benchmark']:.0%}** of it (asked 50 %). The bridge "
        "waits for each page's answers, and its checkpoint is synced."])


def posting(bench):
    """From the acknowledgement of a live append until others see it."""
    seconds = max(5, bench.options.seconds)

    def in_postgres():
        with Postgres(bench) as postgres, followed(bench, postgres) as server:
            bench.fill(server, 1000)
            server.wait_posted("postgres")
            return bench.measure(server, "posting", "--port", server.port, "--conninfo",
                                 postgres.conninfo, "--rate", 1000, "--seconds", seconds)

    def in_redis(per_second):
        with QuietRedis(bench) as redis, Follower(
                bench, redis__url=f"redis://127.0.0.1:{redis.port}",
                redis__channels=CHANNEL) as server:
            wait_for("the bridge", lambda: server.projection("redis")["phase"] == "following")
            return bench.measure(server, "posting", "--port", server.port, "--redis-port",
                                 redis.port, "--channel", CHANNEL, "--rate", per_second,
                                 "--connections", 128, "--seconds", seconds)

    results = alternate(bench, [
        ("PostgreSQL, 1,000 events/s", in_postgres),
        ("Redis, 1,000 events/s", lambda: in_redis(1000)),
        ("Redis, 20,000 events/s", lambda: in_redis(20_000))])
    rows = [[label, table.spread([r["latency_us"]["p50"] for r in found]),
             table.spread([r["latency_us"]["p99"] for r in found]),
             table.spread([r["append_p50_us"] for r in found]),
             table.spread([r["events_per_second"] for r in found])]
            for label, found in results.items()]
    return "\n\n".join([
        table.markdown(["single events, one by one", "seen after its acknowledgement, p50 µs",
                        "p99 µs", "append, p50 µs", "reached events/s"], rows),
        "Acknowledged after fsync. PostgreSQL is asked every half millisecond, which counts. Asked "
        "at the median: PostgreSQL 50,000 µs, Redis 5,000 µs."])


def stalled(bench):
    """Appends while PostgreSQL is stopped in the middle of everything, and without a follower."""
    def alone():
        with Daybook(bench) as server:
            bench.fill(server, EVENTS_OF_THE_CORPUS)
            return bench.measure(server, "post", "--port", server.port, "--connections", 64,
                                 *bench.bounds(bench.options.stall_seconds))

    def beside_a_stopped_one():
        with Postgres(bench) as postgres, followed(bench, postgres) as server:
            bench.fill(server, EVENTS_OF_THE_CORPUS)
            server.wait_posted("postgres")
            os.kill(postgres.pid, signal.SIGSTOP)
            backends = [int(pid) for pid in subprocess.run(
                ["pgrep", "-P", str(postgres.pid)], capture_output=True, text=True,
                check=False).stdout.split()]
            for pid in backends:
                os.kill(pid, signal.SIGSTOP)
            try:
                result = bench.measure(server, "post", "--port", server.port, "--connections", 64,
                                       *bench.bounds(bench.options.stall_seconds))
            finally:
                for pid in [*backends, postgres.pid]:
                    os.kill(pid, signal.SIGCONT)
            result["behind_seconds"] = server.wait_posted("postgres", 1200)
            return result

    results = alternate(bench, [("without a follower", alone),
                                ("PostgreSQL stopped meanwhile", beside_a_stopped_one)])
    rows = [[label, table.spread([r["events_per_second"] for r in found]),
             table.spread([r["latency_us"]["p99"] for r in found]),
             table.spread([r.get("behind_seconds") for r in found], 1)]
            for label, found in results.items()]
    without, beside = (rate(found) for found in results.values())
    return "\n\n".join([
        table.markdown([f"single events for {bench.options.stall_seconds:g} s, 64 connections",
                        "events/s", "p99 µs", "caught up afterwards in, s"], rows),
        f"**{table.ratio(beside, without)}** of the rate without a follower (asked within 10 %). "
        "Acknowledged after fsync."])
