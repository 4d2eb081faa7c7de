#!/usr/bin/python3
"""Kills the daemon with SIGKILL under mixed load, again and again, and checks every promise.

Checked after each restart: acknowledged events are there with the same offset, sequence and
content; an append without an answer is there whole or not at all, and sending it again gives one
receipt; offsets and sequences are gapless; a group's committed offset never goes back; nothing that
a reader saw has vanished.
"""

import argparse
import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conformance"))

from daemon import Daemon, poll  # noqa: E402
from ledger import Ledger, LogState  # noqa: E402
from load import GROUP, append, start_all  # noqa: E402
from rawhttp import RawConnection, request  # noqa: E402


class KillLoop:
    def __init__(self, seed, arguments=()):
        self.seed = seed
        self.random = random.Random(seed)
        self.ledger = Ledger()
        self.daemon = Daemon(*arguments)
        with RawConnection(self.daemon) as raw:
            raw.send(request("PUT", f"/v1/groups/{GROUP}", json.dumps({"mode": "log"})))
            assert raw.answer()[0] == 201

    def cycle(self, number):
        workers = start_all(self.daemon, self.ledger, f"{self.seed}-{number}")
        enough = self.ledger.acks + self.random.randrange(30, 600)
        poll(lambda: self.ledger.acks >= enough or any(w.failure for w in workers), 60, "the load")
        self.daemon.kill9()
        for worker in workers:
            worker.finish()
        self.restart()
        self.check(complete=number % 10 == 0)
        self.retry()

    def restart(self):
        """Starts it; every third time it is killed once more while it recovers."""
        if self.random.random() < 0.33:
            self.daemon.start(wait=False)
            end = time.monotonic() + self.random.random() * 0.3
            poll(lambda: time.monotonic() > end)
            self.daemon.kill9()
        self.daemon.start()

    def pages(self, raw, after):
        while after is not None:
            raw.send(request("GET", f"/v1/events?after={after}&limit=10000"))
            status, _, body = raw.answer()
            page = json.loads(body)
            assert status == 200, page
            yield page
            after = page["next_after"]

    def check(self, complete):
        if complete:
            self.ledger.state = LogState()
        with RawConnection(self.daemon) as raw:
            for page in self.pages(raw, self.ledger.state.head):
                self.ledger.check_events(page["events"])
            raw.send(request("GET", "/v1/groups"))
            groups = json.loads(raw.answer()[2])["groups"]
        self.ledger.check_whole(page["head"])
        committed = {group["group"]: group["committed"] for group in groups}
        self.ledger.check_groups(committed, page["head"])

    def retry(self):
        """Sends what was never answered again: a client that lost its answer."""
        with RawConnection(self.daemon) as raw:
            for batch in self.ledger.unknown():
                there = batch.first_offset is not None
                batch.commit = None
                status = append(raw, self.ledger, batch)
                assert status == 200 if there else status in (201, 409), \
                    f"a retry of what {'is' if there else 'is not'} there got {status}"


def run(options):
    loop = KillLoop(options.seed, options.argument)
    started = time.monotonic()
    try:
        for number in range(1, options.cycles + 1):
            loop.cycle(number)
        loop.check(complete=True)
    except BaseException:
        print(f"failed; seed {options.seed}, data in {loop.daemon.data_dir}\n{loop.daemon.log()}",
              file=sys.stderr)
        if loop.daemon.process:
            loop.daemon.kill9()
        raise
    loop.daemon.close()
    print(f"{options.cycles} kills, {loop.ledger.acks} acknowledged appends, "
          f"{loop.ledger.state.head} events, {len(loop.ledger.seen)} seen by readers, "
          f"{time.monotonic() - started:.0f} s: all kept")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--seed", default=os.environ.get("DAYBOOK_SEED") or str(time.time_ns()))
    parser.add_argument("argument", nargs="*", help="flags of daybookd")
    options = parser.parse_args()
    print(f"DAYBOOK_SEED={options.seed}", flush=True)
    run(options)


if __name__ == "__main__":
    main()
