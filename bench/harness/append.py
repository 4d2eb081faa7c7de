"""The sections that append: singles, batches, sync, latency."""

import time

from . import table
from .exactness import Exactness
from .measure import EVENTS_OF_THE_CORPUS
from .servers import Daybook, Nats, Null, Postgres, Redis

CHUNK_EVENTS = 64 << 10
HEADER = ["what", "acknowledges", "events/s", "p50 µs", "p99 µs", "bytes/event", "fsyncs/event",
          "disk flushes/event", "server CPU µs/request", "generator CPU µs/request", "peak MiB"]


def rate(results):
    return table.median([r["events_per_second"] for r in results])


def latency(results, which):
    return table.median([r.get("latency_us", {}).get(which) for r in results])


def row(label, results):
    pick = lambda key: table.median([r.get(key) for r in results])  # noqa: E731
    return [label, results[0]["durability"],
            table.spread([r["events_per_second"] for r in results]),
            table.number(latency(results, "p50")), table.number(latency(results, "p99")),
            table.number(pick("bytes_per_event")), table.number(pick("fsyncs_per_event"), 4),
            table.number(pick("flushes_per_event"), 4),
            table.number(pick("server_cpu_us"), 1),
            table.number(pick("generator_cpu_us_per_request"), 1),
            table.number(pick("peak_mib"))]


def alternate(bench, runs):
    """Each round does every run once, so that a slow minute of the machine hurts all alike."""
    results = {label: [] for label, _ in runs}
    for number in range(1, bench.options.rounds + 1):
        for label, run in runs:
            result = run()
            results[label].append(result)
            bench.say(f"  round {number}  {label:<44} {result['events_per_second']:>12,.0f}/s")
    return results


def post(bench, connections, batch=1, seconds=None):
    def run():
        with Daybook(bench) as server:
            bench.fill(server, EVENTS_OF_THE_CORPUS)  # All aggregates are there.
            return bench.measure(server, "post", "--port", server.port, "--connections",
                                 connections, "--batch", batch, *bench.bounds(seconds))
    return run


def null(bench, connections, batch=1):
    def run():
        with Null(bench, batch) as server:
            return bench.measure(server, "post", "--port", server.port, "--connections",
                                 connections, "--batch", batch, *bench.bounds())
    return run


def redis(bench, connections, pipeline=1):
    def run():
        with Redis(bench) as server:
            return bench.measure(server, "redis", "--port", server.port, "--connections",
                                 connections, "--pipeline", pipeline, *bench.bounds())
    return run


def nats(bench, connections, in_flight=1):
    def run():
        with Nats(bench) as server:
            return bench.measure(server, "nats-publish", "--port", server.port, "--connections",
                                 connections, "--in-flight", in_flight, *bench.bounds())
    return run


def postgres(bench, connections):
    def run():
        with Postgres(bench) as server:
            return bench.measure(server, "postgres", "--conninfo", server.conninfo,
                                 "--connections", connections, *bench.bounds())
    return run


def singles(bench):
    runs = [("Daybook, 64 connections", post(bench, 64)),
            ("Redis Streams, 64 clients", redis(bench, 64)),
            ("Daybook, 256 connections", post(bench, 256))]
    runs += [(f"PostgreSQL, {n} connections", postgres(bench, n)) for n in (8, 16, 32, 64)]
    runs += [("NATS, 1 synchronous connection", nats(bench, 1)),
             ("NATS, 64 synchronous connections", nats(bench, 64)),
             ("null server, 64 connections", null(bench, 64))]
    results = alternate(bench, runs)
    rows = [row(label, results[label]) for label, _ in runs]
    ours = rate(results[runs[0][0]])
    best = max(rate(results[label]) for label, _ in runs if label.startswith("PostgreSQL"))
    return "\n\n".join([
        table.markdown(HEADER, rows),
        f"Daybook at 64 over Redis at 64: **{table.ratio(ours, rate(results[runs[1][0]]))}** "
        f"(asked 0.8×, aim 1.2×). Over PostgreSQL's best: **{table.ratio(ours, best)}** "
        "(asked 4×)."])


def sustained(bench, connections, batch):
    """Batches with queries checked meanwhile; then how long until less than a chunk is unposted."""
    def run():
        with Daybook(bench) as server:
            bench.fill(server, EVENTS_OF_THE_CORPUS)
            with Exactness(server.port) as checks:
                result = bench.measure(
                    server, "post", "--port", server.port, "--connections", connections,
                    "--batch", batch, *bench.bounds(bench.options.batch_seconds), settle=0)
            began = time.monotonic()
            lag = server.metric("daybook_index_lag_events")
            result["lag_at_end"] = lag
            while (lag or 0) >= CHUNK_EVENTS and time.monotonic() - began < 60:
                time.sleep(0.05)
                lag = server.metric("daybook_index_lag_events")
            result["caught_up_seconds"] = time.monotonic() - began
            result["checks"], result["wrong"] = checks.count, checks.wrong
            result["peak_mib"] = server.peak_mib()
            return result
    return run


def batches(bench):
    runs = [("Daybook, 64 connections, batches of 100", sustained(bench, 64, 100)),
            ("Redis Streams, 64 clients, pipelined by 100", redis(bench, 64, 100)),
            ("NATS async, 1 connection, 4,000 in flight", nats(bench, 1, 4000)),
            ("NATS async, 4 connections, 1,000 each", nats(bench, 4, 1000)),
            ("null server, 64 connections, batches of 100", null(bench, 64, 100))]
    results = alternate(bench, runs)
    ours = results[runs[0][0]]
    best_nats = max(rate(results[runs[2][0]]), rate(results[runs[3][0]]))
    wrong = [text for r in ours for text in r["wrong"]]
    lines = [
        table.markdown(HEADER, [row(label, results[label]) for label, _ in runs]),
        f"Daybook over NATS' best: **{table.ratio(rate(ours), best_nats)}** (asked 2×, aim 4×). "
        f"Over Redis: **{table.ratio(rate(ours), rate(results[runs[1][0]]))}** "
        "(asked 1×, aim 2×).",
        f"Daybook's runs last {bench.options.batch_seconds:g} s each, the others' "
        f"{bench.options.seconds:g} s. Meanwhile "
        f"{sum(r['checks'] for r in ours)} queries by aggregate, type and tag were compared with "
        f"the log: {len(wrong)} wrong. Unposted events at the end: "
        f"{table.spread([r['lag_at_end'] for r in ours])}; less than one chunk after "
        f"{table.spread([r['caught_up_seconds'] for r in ours], 2)} s (asked 5 s). Peak memory "
        f"{table.spread([r['peak_mib'] for r in ours])} MiB (asked under 600 MB)."]
    return "\n\n".join(lines + wrong[:5])


def sync(bench):
    def probe():
        return bench.generate("fdatasync", "--dir", bench.folder, "--seconds",
                              min(5, bench.options.seconds))

    runs = [("fdatasync of a 4 KiB append", probe),
            ("Daybook, 1 connection", post(bench, 1)),
            ("Redis, 1 client", redis(bench, 1)),
            ("PostgreSQL, 1 connection", postgres(bench, 1))]
    results = alternate(bench, runs)
    rows = [[label, results[label][0].get("durability", "–"),
             table.spread([r["latency_us"]["p50"] for r in results[label]], 1)]
            + [table.number(latency(results[label], which), 1)
               for which in ("p90", "p99", "p99_9")] for label, _ in runs]
    disk, ours = (latency(results[label], "p50") for label, _ in runs[:2])
    return "\n\n".join([
        table.markdown(["what", "acknowledges", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs"], rows),
        f"Daybook's median is the disk's plus **{ours - disk:.0f} µs** (asked at most 120 µs)."])


def open_loop(bench, name, server, command, settle):
    """The most a closed loop reaches, then half and four fifths of it as an open loop, all on one
    server."""
    with server:
        settle(server)
        at = [command, "--port", server.port]
        closed = bench.measure(server, *at, "--connections", 64, *bench.bounds())
        found = {f"{name}, closed loop, 64 connections": closed}
        for share in (0.5, 0.8):
            found[f"{name}, open loop at {share:.0%}"] = bench.measure(
                server, *at, "--connections", 64, "--rate",
                round(closed["requests_per_second"] * share), *bench.bounds())
        return found


def open_loops(bench):
    """One round: Daybook, Redis, and the null server at Daybook's four fifths, which is as late as
    the generator itself."""
    found = open_loop(bench, "Daybook", Daybook(bench), "post",
                      lambda server: bench.fill(server, EVENTS_OF_THE_CORPUS))
    rate_asked = round(list(found.values())[-1]["rate"])
    found |= open_loop(bench, "Redis Streams", Redis(bench), "redis", lambda server: None)
    with Null(bench) as server:
        found["null server, open loop at Daybook's 80%"] = bench.measure(
            server, "post", "--port", server.port, "--connections", 64, "--rate", rate_asked,
            *bench.bounds())
    return found


def latencies(bench):
    rounds = []
    for number in range(1, bench.options.rounds + 1):
        rounds.append(open_loops(bench))
        for label, result in rounds[-1].items():
            bench.say(f"  round {number}  {label:<42} {result['events_per_second']:>10,.0f}/s  "
                      f"p99 {result['latency_us']['p99']:,.0f} µs")
    rows = []
    for label in rounds[0]:
        results = [found[label] for found in rounds]
        rows.append([label, table.spread([r["events_per_second"] for r in results])]
                    + [table.spread([r["latency_us"][which] for r in results])
                       for which in ("p50", "p90", "p99", "p99_9")]
                    + [sum(r["failed"] for r in results)])
    return table.markdown(
        ["what", "events/s", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs", "failed"], rows)
