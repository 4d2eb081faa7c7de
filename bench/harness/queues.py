"""The sections about groups in queue mode: queue, delivery, groups, filter, deadletters."""

import json
import time

from . import proc, table
from .append import alternate, rate
from .listeners import listeners
from .measure import EVENTS_OF_THE_CORPUS
from .servers import Daybook, Nats, Redis

MEMBERS = 4
BATCH = 100
AGGREGATES = 10_000
GROUPS = 1000  # and as many event types
DEAD_LETTERS = 100_000
RARE = 10  # events that the filter lets through
WAIT_SECONDS = 120


def put_group(server, name="bench", **settings):
    server.send("PUT", f"/v1/groups/{name}", {"mode": "queue", "start": "beginning", **settings})


def group(server, name="bench"):
    return json.loads(server.get(f"/v1/groups/{name}"))


def wait_for(what, condition, seconds=WAIT_SECONDS):
    """How long it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)
    return time.monotonic() - began


def members(in_flight, events):
    return ["--members", MEMBERS, "--batch", BATCH, "--in-flight", in_flight, "--events", events,
            "--seconds", 600]


def ours(bench, order, in_flight, events, *, zipf=False):
    # To look at each event takes the generator time, which would count as the price of order where
    # none and aggregate are compared.
    checks = ["--check-order"] if zipf or order == "single" else []

    def run():
        with Daybook(bench) as server:
            bench.fill(server, events, "--aggregates", AGGREGATES, *(["--zipf"] if zipf else []))
            put_group(server, order=order, max_in_flight=MEMBERS * in_flight * BATCH)
            return bench.measure(server, "queue", "--port", server.port,
                                 *members(in_flight, events), *checks)
    return run


def redis(bench, in_flight, events):
    def run():
        with Redis(bench) as server:
            bench.generate("redis", "--port", server.port, "--connections", 8, "--pipeline", 100,
                           "--events-max", events, "--seconds", 600)
            return bench.measure(server, "redis-group", "--port", server.port,
                                 *members(in_flight, events))
    return run


def nats(bench, in_flight, events):
    def run():
        with Nats(bench) as server:
            bench.generate("nats-publish", "--port", server.port, "--connections", 1,
                           "--in-flight", 4000, "--events-max", events, "--seconds", 600)
            return (bench.measure(server, "nats-pull", "--port", server.port,
                                  *members(in_flight, events))
                    | {"durability": "not answered, not synced"})
    return run


def queue(bench):
    events = bench.options.queue_events
    fewer, one_by_one = (max(1000, events // share // 1000 * 1000) for share in (5, 50))
    none, theirs_redis, theirs_nats = (
        {f"{who}, {n} outstanding each": run(bench, *how, n, events) for n in outstanding}
        for who, run, how, outstanding in (
            ("Daybook, order none", ours, ["none"], (2, 8)),
            ("Redis XREADGROUP and XACK", redis, [], (2, 8)),
            ("NATS pull consumer", nats, [], (1, 2))))
    ordered = {f"Daybook, order aggregate, {n} outstanding each":
               ours(bench, "aggregate", n, events) for n in (2, 8)}
    skewed = f"Daybook, order aggregate, Zipf 1.0, {fewer:,} events"
    single = f"Daybook, order single, {one_by_one:,} events"
    runs = list((none | ordered).items())
    runs += [(skewed, ours(bench, "aggregate", 2, fewer, zipf=True)),
             (single, ours(bench, "single", 2, one_by_one))]
    runs += list((theirs_redis | theirs_nats).items())
    results = alternate(bench, runs)
    rows = []
    for label, found in results.items():
        pick = lambda key: table.median([r.get(key) for r in found])  # noqa: E731,B023
        rows.append([label, found[0]["durability"],
                     table.spread([r["events_per_second"] for r in found]),
                     table.number(pick("server_cpu_us") / BATCH, 2),
                     table.number(pick("generator_cpu_us_per_request") / BATCH, 2),
                     table.number(pick("bytes_per_event")),
                     table.number(pick("fsyncs_per_event"), 4),
                     table.number(pick("flushes_per_event"), 4),
                     table.number(pick("peak_mib"))])
    best = [max(rate(results[label]) for label in labels)
            for labels in (none, ordered, theirs_nats, theirs_redis)]
    failed = sum(r["failed"] for found in results.values() for r in found)
    return "\n\n".join([
        table.markdown(["what", "an ack is answered", "events/s", "server CPU µs/event",
                        "generator CPU µs/event", "bytes/event", "fsyncs/event",
                        "disk flushes/event", "peak MiB"], rows),
        "The best of each: order none over NATS: "
        f"**{table.ratio(best[0], best[2])}** (asked 1.5×), over Redis: "
        f"**{table.ratio(best[0], best[3])}** (asked 2×). Order by aggregate costs "
        f"**{1 - best[1] / best[0]:.0%}** of order none (asked at most 25 %).",
        f"{events:,} events unless said otherwise, of {AGGREGATES:,} aggregates drawn alike but "
        f"for Zipf's, {MEMBERS} members of one connection each, batches of {BATCH}. Failures: "
        f"{failed:,}; that each event came once was checked for all of Daybook's runs, and the "
        "order of each aggregate for Zipf's and order single."])


def delivery(bench):
    def run():
        with Daybook(bench) as server:
            bench.fill(server, EVENTS_OF_THE_CORPUS)
            put_group(server, start="head")
            return bench.measure(server, "delivery", "--port", server.port, "--events", 500)

    results = alternate(bench, [("delivery", run)])["delivery"]
    late = lambda which: table.spread([r["latency_us"][which] for r in results])  # noqa: E731
    told = lambda which: table.spread([r[f"append_{which}_us"] for r in results])  # noqa: E731
    rows = [["from an append to its acknowledgement", told("p50"), told("p99")],
            ["from there to the delivery", late("p50"), late("p99")]]
    return "\n\n".join([
        table.markdown(["one append every 5 ms, one idle member", "p50 µs", "p99 µs"], rows),
        "Acknowledged after fsync; the lease is synced before the delivery. Asked: a median of "
        "at most 1,000 µs."])


def groups(bench):
    """Appends while one member of one group takes everything, and while each of many groups has a
    member and takes one type."""
    def run(count):
        with Daybook(bench) as server:
            bench.fill(server, EVENTS_OF_THE_CORPUS)
            names = ["bench"] if count == 1 else [f"bench-{i:04}" for i in range(count)]
            for i, name in enumerate(names):
                settings = {} if count == 1 else {"filter": {"event_types": [f"task.{i:04}"]}}
                put_group(server, name, start="head", **settings)
            with listeners(bench, server, "queue", "--groups", count, "--members", count) as said:
                result = bench.measure(server, "post", "--port", server.port, "--connections", 64,
                                       "--types", GROUPS, *bench.bounds(), settle=0)
                result["behind_seconds"] = wait_for(
                    "all groups have finished everything",
                    lambda: server.metric("daybook_group_lag_events") == 0)
            result["peak_mib"] = server.peak_mib()
            result["missing"] = result["events_total"] - int(said["finished"])
            return result

    runs = [("one group of one member", lambda: run(1)),
            (f"{GROUPS:,} groups of one member, each of one of {GROUPS:,} types",
             lambda: run(GROUPS))]
    results = alternate(bench, runs)
    rows = []
    for label, found in results.items():
        pick = lambda key: table.median([r[key] for r in found])  # noqa: E731,B023
        rows.append([label, table.spread([r["events_per_second"] for r in found]),
                     table.number(pick("server_cpu_us"), 1),
                     table.spread([r["behind_seconds"] for r in found], 1),
                     table.spread([r["peak_mib"] for r in found])])
    one, many = (rate(found) for found in results.values())
    missing = sum(r["missing"] for found in results.values() for r in found)
    return "\n\n".join([
        table.markdown(["single events, 64 connections", "appended events/s",
                        "server CPU µs/event", "all finished after, s", "peak MiB"], rows),
        f"With {GROUPS:,} groups: **{table.ratio(many, one)}** of the append rate with one (asked "
        f"0.70×), in at most 300 MB (asked). Appends and acks are durable. Not finished: "
        f"{missing:,} events."])


def blocks_read(server):
    return int(server.metric("daybook_blocks_read_total"))


def filtered(bench):
    each = bench.options.start_events // RARE
    found = []
    with Daybook(bench) as server:
        for number in range(RARE):
            bench.fill(server, each - 1)
            server.send("POST", "/v1/events",
                        {"event_type": "rare.event", "aggregate_type": "rare",
                         "aggregate_id": str(number)})
        head = json.loads(server.get("/v1/events?limit=1"))["head"]
        commits = int(server.fsyncs())
        for number in range(1, bench.options.rounds + 1):
            server.stop()  # Nothing is cached.
            server.spawn()
            server.wait_ready()
            name = f"bench-{number}"
            before = blocks_read(server)
            put_group(server, name, filter={"event_types": ["rare.*"]})
            result = bench.generate("queue", "--port", server.port, "--group", name, "--members",
                                    1, "--batch", RARE, "--in-flight", 1, "--events", RARE)
            result["committed_seconds"] = wait_for(
                "the committed offset", lambda: group(server, name)["committed"] == head)
            result["blocks"] = blocks_read(server) - before
            found.append(result)
            bench.say(f"  round {number}  {result['blocks']} blocks, {result['seconds']:.3f} s")
    rows = [["delivered and acked", table.spread([r["events"] for r in found])],
            ["all of them after, ms", table.spread([r["seconds"] * 1000 for r in found])],
            ["blocks read", table.spread([r["blocks"] for r in found])],
            ["committed offset at the head after, s",
             table.spread([r["committed_seconds"] for r in found], 2)]]
    return "\n\n".join([
        table.markdown([f"a filter that lets {RARE} of {head:,} events through", "measured"], rows),
        f"The log has {commits:,} blocks, one for each commit. Asked: without reading the rest."])


def dead_letters(bench):
    """Buried, then the daemon is started anew, then all retried at once."""
    def left(server):
        return group(server)["dead_letters"]

    def retry_all(server):
        after = 0
        while after is not None:
            answer = server.send("POST", "/v1/groups/bench/dead-letters/retry",
                                 {"filter": {}, "after": after})
            if answer["retried"] == 0:
                time.sleep(0.005)  # There is no room: the members have to finish some.
            after = answer["next_after"]

    found = []
    for number in range(1, bench.options.rounds + 1):
        with Daybook(bench) as server:
            bench.fill(server, DEAD_LETTERS)
            put_group(server, order="none", breaker_ratio=2)
            began = time.monotonic()
            bench.generate("queue", "--port", server.port, "--give-up",
                           *members(2, DEAD_LETTERS))
            wait_for("all are dead letters", lambda: left(server) == DEAD_LETTERS)
            result = {"bury": DEAD_LETTERS / (time.monotonic() - began)}
            server.stop()
            server.spawn()
            server.wait_ready()
            result["before"] = proc.status_mib(server.pid, "VmRSS")
            with listeners(bench, server, "queue", "--members", MEMBERS) as said:
                began = time.monotonic()
                retry_all(server)
                wait_for("none is left", lambda: left(server) == 0)
                result["retry"] = DEAD_LETTERS / (time.monotonic() - began)
            result["finished"] = said["finished"]
            result["peak"] = server.peak_mib()
            result["after"] = proc.status_mib(server.pid, "VmRSS")
            found.append(result)
            bench.say(f"  round {number}  buried {result['bury']:,.0f}/s, retried "
                      f"{result['retry']:,.0f}/s, peak {result['peak']:,.0f} MiB")
    rows = [["buried, events/s", table.spread([r["bury"] for r in found])],
            ["retried and acked, events/s", table.spread([r["retry"] for r in found])],
            ["acked", table.spread([r["finished"] for r in found])],
            ["resident before, MiB", table.spread([r["before"] for r in found])],
            ["resident at the most, MiB", table.spread([r["peak"] for r in found])],
            ["resident after, MiB", table.spread([r["after"] for r in found])]]
    return "\n\n".join([
        table.markdown([f"{DEAD_LETTERS:,} dead letters", "measured"], rows),
        "Each is on disk with its copy of the event; the daemon was started anew before they were "
        "retried. Asked: flat memory."])
