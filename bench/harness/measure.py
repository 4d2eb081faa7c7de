"""One run of the generator against one server, with what the server used meanwhile."""

import json
import os
import subprocess
import time

from . import proc

EVENTS_OF_THE_CORPUS = 200_000  # every one of the 100,000 aggregates twice


class Bench:
    """Where things are, and what was asked for."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.daybookd = os.path.join(options.build, "bin", "daybookd")
        self.load = os.path.join(options.build, "bin", "daybook-load")

    def say(self, text):
        print(text, flush=True)

    def generate(self, *arguments):
        """Runs the generator; its JSON line as a dict."""
        command = [self.load] + [str(argument) for argument in arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = done.stdout.strip().splitlines()
        if not lines:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
        result = json.loads(lines[-1])
        if done.returncode != 0:
            self.say(f"  ! {result.get('first_failure', done.stderr.strip())}")
        if self.options.raw:
            with open(self.options.raw, "a", encoding="utf-8") as raw:
                raw.write(lines[-1] + "\n")
        return result

    def measure(self, server, *arguments, settle=0.3):
        """Besides the generator's figures: what the disk wrote and flushed and the server synced
        per event, CPU per request and peak memory of the server, over the whole run with its
        warm-up and `settle` seconds after it."""
        def used():
            return (*proc.disk(self.folder), server.fsyncs(), proc.cpu_seconds(server.pid))

        before = used()
        result = self.generate(*arguments)
        time.sleep(settle)
        spent = [None if a is None or b is None else b - a for a, b in zip(before, used())]
        events = max(1, result["events_total"])
        for name, amount in zip(("bytes", "flushes", "fsyncs"), spent):
            result[f"{name}_per_event"] = None if amount is None else amount / events
        result["server_cpu_us"] = spent[3] * 1e6 / max(1, result["requests_total"])
        result["peak_mib"] = server.peak_mib()
        result["durability"] = server.durability
        return result

    def fill(self, server, events, *shape):
        """Appends `events` in batches of 1,000, as fast as it goes; `shape` is of the corpus."""
        return self.generate("post", "--port", server.port, "--connections", 8, "--batch", 1000,
                             "--events-max", events, "--seconds", 3600, *shape)

    def bounds(self, seconds=None):
        return ["--seconds", seconds or self.options.seconds, "--warmup", self.options.warmup]
