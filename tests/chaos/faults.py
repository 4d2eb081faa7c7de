"""Faults in a random order, each of them at least once, while something goes on appending."""

import random
import time

import setting


def strike(faults, appender, seed=setting.SEED, seconds=setting.SECONDS):
    """Runs the faults for so long. Between them, and while one lasts, events are appended."""
    order = random.Random(seed)
    until = time.monotonic() + seconds
    begun = False
    while not begun or time.monotonic() < until:
        begun = True
        for fault in order.sample(faults, len(faults)):
            appender.more(order.randrange(1, 300))
            fault()


def suspended(server, appender, count=300):
    """A fault: the server hangs until so many events were appended without it."""
    def hang():
        server.suspend()
        try:
            appender.more(count)
        finally:
            server.resume()
    return hang
