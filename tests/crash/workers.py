#!/usr/bin/python3
"""Eight workers on one queue group, killed at random with SIGKILL, and the daemon as well.

Checked at the end: no event is lost; none is begun before the one before it in its aggregate was
finished; an event comes again only where its lease was nacked or had expired, or its worker or the
daemon had died; attempts tell every delivery apart; an ack that was answered holds; and a result
appended with its ack is there once.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))

from daemon import Daemon, poll  # noqa: E402
from rawhttp import RawConnection, request  # noqa: E402
from work_ledger import WorkLedger  # noqa: E402

GROUP = "work"
WORKERS = 8
AGGREGATES = 60
ACK_TIMEOUT = 2.0
SETTINGS = {"mode": "queue", "order": "aggregate", "filter": {"event_types": ["task.*"]},
            "ack_timeout_ms": int(ACK_TIMEOUT * 1000), "backoff_ms": [20, 100],
            "max_deliveries": 4, "breaker_ratio": 1.0}


def ask(daemon, method, path, body=None):
    with RawConnection(daemon) as raw:
        raw.send(request(method, path, json.dumps(body) if body is not None else ""))
        status, _, answer = raw.answer()
        return status, json.loads(answer) if answer else None


class Producer(threading.Thread):
    """Appends until told to stop. An append without an answer is sent again with its ids."""

    def __init__(self, daemon, seed):
        super().__init__(daemon=True)
        self.server = daemon
        self.random = random.Random(seed)
        self.ends = threading.Event()
        self.failure = None
        self.count = 0
        self.start()

    def batch(self):
        events = []
        for _ in range(self.random.randrange(1, 12)):
            self.count += 1
            events.append({"id": f"task-{self.count}", "aggregate_type": "task",
                           "event_type": self.random.choice(("task.begun", "task.done", "noise")),
                           "aggregate_id": str(self.random.randrange(AGGREGATES))})
        return events

    def run(self):
        batch = self.batch()
        while not self.ends.is_set():
            try:
                status, answer = ask(self.server, "POST", "/v1/events", batch)
                if status in (200, 201):
                    batch = self.batch()
                elif status not in (503, 507):
                    self.failure = f"an append got {status}: {answer}"
                    return
            except (OSError, EOFError):
                pass
            self.ends.wait(0.01)


class KillTest:
    def __init__(self, seed, daemon_arguments=()):
        self.random = random.Random(seed)
        self.daemon = Daemon(*daemon_arguments)
        self.diaries = self.daemon.root / "diaries"
        self.diaries.mkdir()
        self.workers = {}  # diary → process
        self.deaths = []   # (time in ns, diary or None for the daemon)
        self.born = 0
        assert ask(self.daemon, "PUT", f"/v1/groups/{GROUP}", SETTINGS)[0] == 201
        for _ in range(WORKERS):
            self.start_worker()

    def start_worker(self):
        self.born += 1
        diary = f"{self.born}.diary"
        self.workers[diary] = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "worker.py"), str(self.daemon.port),
             f"worker-{self.born}", str(self.diaries / diary), str(self.born), str(ACK_TIMEOUT)])

    def kill_worker(self):
        diary = self.random.choice(sorted(self.workers))
        worker = self.workers.pop(diary)
        self.deaths.append((time.monotonic_ns(), diary))
        worker.kill()
        worker.wait()
        self.start_worker()

    def kill_daemon(self):
        self.deaths.append((time.monotonic_ns(), None))
        self.daemon.kill9()
        self.daemon.start()

    def run(self, seconds):
        producer = Producer(self.daemon, self.random.random())
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            pause = time.monotonic() + self.random.random() * 0.8
            poll(lambda: time.monotonic() > pause)
            self.kill_daemon() if self.random.random() < 0.2 else self.kill_worker()
            self.check_alive(producer)
        producer.ends.set()
        producer.join(30)
        self.check_alive(producer)
        self.drain()

    def check_alive(self, producer):
        assert producer.failure is None, producer.failure
        for diary, worker in self.workers.items():
            assert worker.poll() is None, f"the worker of {diary} ended with {worker.returncode}"

    def drain(self):
        def finished():
            group = ask(self.daemon, "GET", f"/v1/groups/{GROUP}")[1]
            return group["committed"] >= group["head"] and group["in_flight"] == 0
        try:
            poll(finished, 60, "the end of the work")
        except AssertionError as late:
            raise AssertionError(f"{late}: {ask(self.daemon, 'GET', f'/v1/groups/{GROUP}')}") \
                from None
        finally:
            for worker in self.workers.values():
                worker.kill()
                worker.wait()

    def log(self):
        after = 0
        while after is not None:
            page = ask(self.daemon, "GET", f"/v1/events?after={after}&limit=10000")[1]
            yield from page["events"]
            after = page["next_after"]

    def check(self):
        wanted, results = [], {}
        for event in self.log():
            if event["event_type"].startswith("task."):
                wanted.append(event["offset"])
            if event["event_type"] == "result.made":
                of = event["aggregate_id"]
                assert of not in results, f"offset {of} has two results: {results[of]}, {event}"
                results[of] = event
        dead = self.dead_letters()
        ledger = WorkLedger(self.diaries, self.deaths, ACK_TIMEOUT)
        ledger.check(wanted, dead)
        return (*ledger.count(), len(results), len(dead))

    def dead_letters(self):
        dead, after = {}, 0
        while after is not None:
            page = ask(self.daemon, "GET",
                       f"/v1/groups/{GROUP}/dead-letters?after={after}&limit=1000")[1]
            for letter in page["dead_letters"]:
                assert len(letter["failures"]) == SETTINGS["max_deliveries"], letter
                dead[letter["offset"]] = letter
            after = page["next_after"]
        return dead


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", default=os.environ.get("DAYBOOK_SEED") or str(time.time_ns()))
    parser.add_argument("argument", nargs="*", help="flags of daybookd")
    options = parser.parse_args()
    print(f"DAYBOOK_SEED={options.seed}", flush=True)
    test = KillTest(options.seed, options.argument)
    try:
        test.run(options.seconds)
        events, repeated, results, dead = test.check()
    except BaseException:
        print(f"failed; seed {options.seed}, data and diaries in {test.daemon.root}\n"
              f"{test.daemon.log()}", file=sys.stderr)
        for worker in test.workers.values():
            worker.kill()
        if test.daemon.process:
            test.daemon.kill9()
        raise
    test.daemon.close()
    daemons = sum(1 for _, diary in test.deaths if diary is None)
    print(f"{daemons} kills of the daemon, {len(test.deaths) - daemons} of workers, {events} "
          f"events delivered, {repeated} of them again, {results} results handed over, {dead} dead "
          f"letters: all as promised")


if __name__ == "__main__":
    main()
