"""Knows what was sent, what was acknowledged, what readers saw, and checks a log against it."""

import threading


class Batch:
    """One append. `state` is pending, acked, refused, or unknown: sent and never answered."""

    def __init__(self, events, key=None, commit=None):
        self.events = events
        self.key = key
        self.commit = commit
        self.state = "pending"
        self.first_offset = None
        self.sequences = None

    @property
    def body(self):
        return {"events": self.events, **({"commit": self.commit} if self.commit else {})}

    def answered(self, status, answer):
        if status in (200, 201):
            first = answer["first_offset"]
            if self.first_offset is not None and self.first_offset != first:
                raise AssertionError(f"replayed at {first}, was at {self.first_offset}")
            assert [e["id"] for e in answer["events"]] == [e["id"] for e in self.events]
            self.first_offset = first
            self.sequences = [event["sequence"] for event in answer["events"]]
            self.state = "acked"
        elif status in (409, 422, 404):
            self.state = "refused"
        else:
            self.state = "unknown"  # 503: asked to come back; nothing is promised.


class Ledger:
    """Everything that clients know. Thread-safe for adding; checked while nobody runs."""

    def __init__(self):
        self.lock = threading.Lock()
        self.batches = []
        self.by_id = {}  # event id → (batch, index)
        self.seen = {}   # offset → event id, by any reader
        self.acks = 0
        self.committed = {}  # group → the highest offset whose commit was answered
        self.state = LogState()

    def add(self, batch):
        with self.lock:
            self.batches.append(batch)
            for index, event in enumerate(batch.events):
                self.by_id[event["id"]] = (batch, index)

    def answered(self, batch, status, answer):
        with self.lock:
            batch.answered(status, answer)
            if batch.state == "acked":
                self.acks += 1
                if batch.commit:
                    self.group_committed(batch.commit["group"], batch.commit["offset"])

    def group_committed(self, group, offset):
        self.committed[group] = max(self.committed.get(group, 0), offset)

    def saw(self, events):
        with self.lock:
            for event in events:
                known = self.seen.setdefault(event["offset"], event["id"])
                assert known == event["id"], f"offset {event['offset']} changed its event"

    def unknown(self):
        return [batch for batch in self.batches if batch.state in ("pending", "unknown")]

    # Checks.

    def check_events(self, events):
        """Takes the log's next events, in order."""
        for event in events:
            self.state.take(event)
            batch, index = self.by_id.get(event["id"], (None, None))
            assert batch is not None, f"nobody sent {event['id']}"
            assert batch.state != "refused", f"{event['id']} was refused and is there"
            self.check_place(batch, index, event)
            sent = batch.events[index]
            for name in ("event_type", "aggregate_type", "aggregate_id", "payload", "tags"):
                assert event[name] == sent[name], f"{event['id']}: {name} is not what was sent"

    def check_place(self, batch, index, event):
        first = event["offset"] - index
        if batch.first_offset is None:
            assert index == 0, f"{event['id']} is there without the events before it"
            batch.first_offset = first
        assert batch.first_offset == first, f"{event['id']} is not where its batch is"
        if batch.sequences:
            assert batch.sequences[index] == event["sequence"], f"{event['id']}: other sequence"

    def check_whole(self, head):
        """After the last event was taken: nothing promised is missing, no batch is torn."""
        assert self.state.head == head, f"the log ends at {self.state.head}, its head is {head}"
        for batch in self.batches:
            if batch.state == "acked":
                assert batch.first_offset is not None
            if batch.first_offset is None:
                continue
            last = batch.first_offset + len(batch.events) - 1
            assert last <= head, f"a batch at {batch.first_offset} ends at {last}, beyond {head}"
            for index, event in enumerate(batch.events):
                found = self.state.ids[batch.first_offset + index - 1]
                assert found == event["id"], f"offset {batch.first_offset + index} is {found}"
        for offset, name in self.seen.items():
            assert offset <= head and self.state.ids[offset - 1] == name, \
                f"a reader saw {name} at {offset}; it is gone"

    def check_groups(self, groups, head):
        for name, offset in self.committed.items():
            assert name in groups, f"group {name} is gone"
            assert offset <= groups[name] <= head, \
                f"group {name} is at {groups[name]}, {offset} was committed, head {head}"


class LogState:
    """The log as read so far: gapless offsets, gapless sequences, times that never fall."""

    def __init__(self):
        self.head = 0
        self.ids = []  # by offset - 1
        self.sequences = {}
        self.recorded_at = ""

    def take(self, event):
        assert event["offset"] == self.head + 1, f"{event['offset']} follows {self.head}"
        name = (event["aggregate_type"], event["aggregate_id"])
        wanted = self.sequences.get(name, 0) + 1
        assert event["sequence"] == wanted, f"{name}: {event['sequence']} where {wanted} is next"
        assert event["recorded_at"] >= self.recorded_at, "recorded_at fell"
        self.head += 1
        self.ids.append(event["id"])
        self.sequences[name] = wanted
        self.recorded_at = event["recorded_at"]
