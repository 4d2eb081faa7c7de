"""What the diaries of all workers say together, and what must be true of it."""

import collections
import pathlib


class Delivery:
    def __init__(self, offset, attempt, aggregate, sequence, earliest, at, diary):
        self.offset = offset
        self.attempt = attempt
        self.aggregate = aggregate
        self.sequence = sequence
        self.at = at              # when it was read
        self.earliest = earliest  # it was not sent before
        self.diary = diary  # of whom it was given to
        self.acking_at = None
        self.acked_at = None
        self.nacking_at = None


class WorkLedger:
    """`deaths`: (when, diary or None for the daemon), in nanoseconds like the diaries."""

    def __init__(self, folder, deaths, ack_timeout):
        self.deaths = deaths
        self.ack_timeout_ns = int(ack_timeout * 1e9)
        self.deliveries = collections.defaultdict(dict)  # offset → attempt → Delivery
        for path in sorted(pathlib.Path(folder).glob("*.diary")):
            for line in path.read_text().splitlines():
                self.take(path.name, *line.split(" "))

    def take(self, diary, at, what, offset, attempt, *facts):
        at, offset, attempt = int(at), int(offset), int(attempt)
        if what == "D":
            assert attempt not in self.deliveries[offset], \
                f"offset {offset} was delivered twice with attempt {attempt}"
            self.deliveries[offset][attempt] = Delivery(offset, attempt, facts[0], int(facts[1]),
                                                        int(facts[2]), at, diary)
            return
        delivery = self.deliveries[offset][attempt]
        if what == "a":
            delivery.acking_at = at
        elif what == "A":
            delivery.acked_at = at
        elif what == "N":
            delivery.nacking_at = at

    def check(self, wanted, dead):
        """`wanted`: the offsets that the group was to finish; `dead`: those that are dead
        letters."""
        for offset in wanted:
            attempts = self.deliveries.get(offset, {})
            assert attempts, f"offset {offset} was never delivered"
            assert offset in dead or any(d.acking_at for d in attempts.values()), \
                f"offset {offset} counts as finished, and nobody acked it"
            self.check_attempts(offset, attempts)
        assert set(self.deliveries) <= set(wanted), "something was delivered that was not asked for"
        self.check_order(dead)

    def check_attempts(self, offset, attempts):
        in_order = [attempts[attempt] for attempt in sorted(attempts)]
        for earlier, later in zip(in_order, in_order[1:]):
            assert not earlier.acked_at, \
                f"offset {offset}: the ack of attempt {earlier.attempt} held, and it came again"
            assert self.may_repeat(earlier, later), \
                f"offset {offset} was delivered again (attempt {later.attempt}) without a reason"

    def may_repeat(self, earlier, later):
        """The lease was nacked, or expired, or its worker or the daemon died meanwhile."""
        return (earlier.nacking_at is not None or
                later.at - earlier.earliest >= self.ack_timeout_ns or
                any(earlier.earliest <= at <= later.at and diary in (None, earlier.diary)
                    for at, diary in self.deaths))

    def check_order(self, dead):
        """Within an aggregate an event is first given to anybody only when the one before it was
        being acked; the last attempt of each is what counts of those that came late."""
        by_aggregate = collections.defaultdict(list)
        for offset, attempts in self.deliveries.items():
            first = min(attempts.values(), key=lambda d: d.at)
            by_aggregate[first.aggregate].append((first.sequence, offset))
        for aggregate, events in by_aggregate.items():
            events.sort()
            for (_, earlier), (_, later) in zip(events, events[1:]):
                begun = min(d.at for d in self.deliveries[later].values())
                last = self.deliveries[earlier][max(self.deliveries[earlier])]
                assert earlier in dead or \
                    any(d.acking_at and d.acking_at < begun
                        for d in self.deliveries[earlier].values()), \
                    f"aggregate {aggregate}: offset {later} came before {earlier} was finished"
                # A worker that gets no processor writes down late what it was given long before.
                assert last.earliest < begun, \
                    f"aggregate {aggregate}: offset {earlier} was delivered again after {later}"

    def count(self):
        repeated = sum(len(attempts) - 1 for attempts in self.deliveries.values())
        return len(self.deliveries), repeated
