"""The sections that do not append in the main: read, start, idle, fanout, micro."""

import glob
import json
import os
import shutil
import signal
import subprocess
import time

from . import proc, table
from .append import alternate, rate
from .listeners import listeners
from .measure import EVENTS_OF_THE_CORPUS
from .servers import Daybook, Nats

WAL_BOUND_BYTES = 96 << 20
CHUNK_EVENTS = 64 << 10
FAN_OUT = 1000  # subscribers, and as many event types


def read(bench):
    events = bench.options.read_events

    def daybook():
        with Daybook(bench) as server:
            bench.fill(server, events)
            return bench.measure(server, "ws-read", "--port", server.port, "--events", events)

    def nats():
        with Nats(bench) as server:
            bench.generate("nats-publish", "--port", server.port, "--connections", 1,
                           "--in-flight", 4000, "--events-max", events, "--seconds", 600)
            return bench.measure(server, "nats-pull", "--port", server.port, "--members", 1,
                                 "--batch", 500, "--events", events)

    runs = [("Daybook, 1 WebSocket subscriber with credits", daybook),
            ("NATS, 1 pull consumer, each message acked", nats)]
    results = alternate(bench, runs)
    rows = []
    for label, _ in runs:
        per_event = table.median([r["server_cpu_us"] * r["requests_total"] / r["events_total"]
                                  for r in results[label]])
        rows.append([label, table.spread([r["events_per_second"] for r in results[label]]),
                     table.number(per_event, 2)])
    ours, theirs = (rate(results[label]) for label, _ in runs)
    return "\n\n".join([
        table.markdown(["what", "events/s", "server CPU µs/event"], rows),
        f"{events:,} events each. Daybook over NATS: **{table.ratio(ours, theirs)}** (asked 3×)."])


def wal_bytes(folder):
    """Of the book's write-ahead log as it stands in the folder."""
    found = glob.glob(os.path.join(folder, "book", "**", "*.log"), recursive=True)
    return sum(os.path.getsize(path) for path in found)


def approach_worst(bench, server):
    """Appends a little at a time until a kill would leave the most to recover: the WAL near its
    bound and the index nearly a chunk behind. Returns what was reached.

    A group commits now and then: its small table is flushed last and keeps the WAL up to its bound,
    which events alone would not."""
    body = json.loads(subprocess.run([bench.load, "corpus", "--count", "1000"],
                                     capture_output=True, check=True).stdout)
    server.send("PUT", "/v1/groups/bench", {"mode": "log", "start": "beginning"})
    wal, lag = 0, 0
    for appended in range(2000):
        server.send("POST", "/v1/events", body)
        if appended % 20 == 0:
            server.send("POST", "/v1/groups/bench/commit", {"offset": appended})
        wal = wal_bytes(server.folder)
        lag = int(server.metric("daybook_index_lag_events") or 0)
        if wal > 0.85 * WAL_BOUND_BYTES and lag > 0.85 * CHUNK_EVENTS:
            break
    return wal, lag


def copy_crashed(source, target):
    """Immutable table files as hard links, everything else as copies: each start finds the very
    state that the kill left."""
    for folder, _, files in os.walk(source):
        to = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(to, exist_ok=True)
        for name in files:
            place = os.link if name.endswith(".sst") else shutil.copy2
            place(os.path.join(folder, name), os.path.join(to, name))


def drop_page_cache(folder):
    """Of everything where root is allowed to, else of the folder's files."""
    os.sync()
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as drop:
            drop.write("3\n")
        return
    except OSError:
        pass
    for where, _, files in os.walk(folder):
        for name in files:
            fd = os.open(os.path.join(where, name), os.O_RDONLY)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


def time_start(bench, crashed, cold):
    server = Daybook(bench)
    copy_crashed(crashed, server.folder)
    if cold:
        drop_page_cache(server.folder)
    else:
        for path in glob.glob(os.path.join(server.folder, "**"), recursive=True):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    while file.read(1 << 20):
                        pass
    began = time.monotonic()
    server.spawn()
    try:
        server.wait_ready(pause=0.002)
        return time.monotonic() - began
    finally:
        server.stop(signal.SIGKILL)
        shutil.rmtree(server.folder, ignore_errors=True)


def start(bench):
    with Daybook(bench) as server:
        filled = bench.fill(server, bench.options.start_events)
        bench.say(f"  filled: {filled['events']:,} events, {filled['events_per_second']:,.0f}/s")
        wal, lag = approach_worst(bench, server)
        head = json.loads(server.get("/v1/events?limit=1"))["head"]
        server.stop(signal.SIGKILL)
        bench.say(f"  killed at head {head:,}: WAL {wal / 2**20:.0f} MiB, index {lag:,} behind")
        found = {"warm": [], "cold": []}
        for number in range(1, bench.options.rounds + 1):
            for kind, seconds in found.items():
                seconds.append(time_start(bench, server.folder, kind == "cold"))
                bench.say(f"  round {number}  {kind} {seconds[-1]:.3f} s")
    rows = [[f"{kind} page cache", table.spread([s * 1000 for s in seconds])]
            for kind, seconds in found.items()]
    return "\n\n".join([
        table.markdown(["from exec to ready after kill -9", "ms"], rows),
        f"{head:,} events; the kill left {wal / 2**20:.0f} MiB of WAL (its bound is "
        f"{WAL_BOUND_BYTES >> 20} MiB) and the index {lag:,} events behind (a chunk is "
        f"{CHUNK_EVENTS:,}). Asked: under 2,000 ms."])


def idle(bench):
    """An empty directory: how soon ready; then what waiting costs with a hundred listening."""
    ready, memory, cores = [], [], []
    for number in range(1, min(bench.options.rounds, 5) + 1):
        server = Daybook(bench)
        server.prepare()
        began = time.monotonic()
        server.spawn()
        try:
            server.wait_ready(pause=0.002)
            ready.append((time.monotonic() - began) * 1000)
            if number > 1:  # Memory and CPU are looked at once, for the whole time.
                continue
            with listeners(bench, server, "idle", "--websockets", 50,
                           "--event-streams", 50) as said:
                time.sleep(1)
                before = proc.cpu_seconds(server.pid)
                time.sleep(bench.options.idle_seconds)
                cores.append((proc.cpu_seconds(server.pid) - before) / bench.options.idle_seconds)
                memory.append(proc.status_mib(server.pid, "VmRSS"))
            if said["lost"]:
                raise SystemExit(f"{said['lost']} idle subscribers were cut off")
        finally:
            server.__exit__()
    rows = [["ready on an empty directory", f"{table.spread(ready)} ms", "under 1,000 ms"],
            ["resident, 100 idle subscribers", f"{memory[0]:.1f} MiB", "under 60 MB"],
            [f"CPU over {bench.options.idle_seconds:g} s", f"{cores[0]:.2%} of a core",
             "under 0.5 %"]]
    return table.markdown(["what", "measured", "asked"], rows)


def fanout(bench):
    """Appends while nobody listens, and while each of many subscribers hears a type of its own."""
    def run(count):
        with Daybook(bench) as server:
            bench.fill(server, EVENTS_OF_THE_CORPUS)
            with listeners(bench, server, "idle", "--websockets", count, "--event-streams", 0,
                           "--types", FAN_OUT) as said:
                before = proc.cpu_seconds(said["pid"])
                result = bench.measure(server, "post", "--port", server.port, "--connections", 64,
                                       "--types", FAN_OUT, *bench.bounds())
                result["listeners_cpu_us"] = (
                    (proc.cpu_seconds(said["pid"]) - before) * 1e6 / result["events_total"])
            result["missing"] = (result["events_total"] if count else 0) - said["events"]
            result["lost"] = said["lost"]
            return result

    runs = [("nobody listens", lambda: run(0)),
            (f"{FAN_OUT:,} WebSocket subscribers, each to one of {FAN_OUT:,} types",
             lambda: run(FAN_OUT))]
    results = alternate(bench, runs)
    rows = []
    for label, _ in runs:
        pick = lambda key: table.median([r[key] for r in results[label]])  # noqa: E731,B023
        rows.append([label, table.spread([r["events_per_second"] for r in results[label]]),
                     table.number(pick("server_cpu_us"), 1),
                     table.number(pick("listeners_cpu_us"), 1), table.number(pick("peak_mib"))])
    alone, heard = (rate(results[label]) for label, _ in runs)
    missing = sum(r["missing"] for r in results[runs[1][0]])
    lost = sum(r["lost"] for r in results[runs[1][0]])
    return "\n\n".join([
        table.markdown(["single events, 64 connections", "events/s", "server CPU µs/event",
                        "subscribers' CPU µs/event", "peak MiB"], rows),
        f"With subscribers: **{table.ratio(heard, alone)}** of the rate without. Events not "
        f"delivered: {missing:,}; connections lost: {lost:,}."])


def micro(bench):
    programs = sorted(glob.glob(os.path.join(bench.options.build, "bin", "*_bench")))
    if not programs:
        raise SystemExit("no *_bench programs: build the preset `bench` first")
    rows = []
    for program in programs:
        bench.say(f"  {os.path.basename(program)}")
        done = subprocess.run(
            [program, "--benchmark_format=json", "--benchmark_min_time=0.05",
             f"--benchmark_repetitions={max(2, bench.options.rounds)}",
             "--benchmark_report_aggregates_only=true"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
            env={**os.environ, "TMPDIR": bench.folder})
        for result in json.loads(done.stdout)["benchmarks"]:
            if result.get("aggregate_name") != "median":
                continue
            per_event = 1e9 / result["items_per_second"]
            rows.append([result["run_name"].removesuffix("/real_time"),
                         f"{result['real_time']:,.1f} {result['time_unit']}",
                         table.number(per_event, 1 if per_event < 1000 else 0),
                         table.number(result.get("bytes_per_second", 0) / 1e6 or None),
                         table.number(result.get("bytes_per_event"), 1)])
    return table.markdown(["benchmark", "one call", "ns/event", "MB/s", "bytes/event"], rows)
