"""While others append: is what a query answers exactly what the log says?

Each check reads a stretch of the log without a filter, picks an event of it, and asks again by its
type, its tag and its aggregate. Offsets must agree one by one. Stretches lie at the head half of
the time, where the window answers, and anywhere else where the index does."""

import http.client
import json
import random
import threading
from urllib.parse import urlencode, quote

STRETCH = 300
PAUSE_SECONDS = 0.2


class Exactness:
    """Checks in a thread of its own between `enter` and `exit`; then `count` and `wrong`."""

    def __init__(self, port):
        self.port = port
        self.count = 0
        self.wrong = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.random = random.Random(1)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def run(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stopping.wait(PAUSE_SECONDS):
            try:
                self.check()
            except (OSError, http.client.HTTPException, KeyError, ValueError) as error:
                self.wrong.append(f"A check could not be made: {error!r}")
                self.connection.close()

    def get(self, path, **parameters):
        self.connection.request("GET", f"{path}?{urlencode(parameters)}")
        answer = self.connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200:
            raise ValueError(f"{path} {parameters}: {answer.status} {body}")
        return body

    def offsets(self, after, upto, **asked):
        """All that match in (after, upto], page by page."""
        found = []
        while after is not None and after < upto:
            page = self.get("/v1/events", after=after, limit=1000, **asked)
            found += [e["offset"] for e in page["events"] if e["offset"] <= upto]
            after = page["next_after"]
        return found

    def check(self):
        head = self.get("/v1/events", limit=1)["head"]
        near = self.random.random() < 0.5
        after = max(0, head - STRETCH) if near else self.random.randrange(max(1, head - STRETCH))
        log = self.get("/v1/events", after=after, limit=STRETCH)["events"]
        upto = log[-1]["offset"]
        one = self.random.choice(log)
        self.compare(f"type {one['event_type']}", after, upto,
                     [e["offset"] for e in log if e["event_type"] == one["event_type"]],
                     event_type=one["event_type"])
        tag = one["tags"][0]
        self.compare(f"tag {tag}", after, upto,
                     [e["offset"] for e in log if tag in e["tags"]], tag=tag)
        self.compare(f"aggregate {one['aggregate_id']}", after, upto,
                     [e["offset"] for e in log if e["aggregate_id"] == one["aggregate_id"]],
                     aggregate_type=one["aggregate_type"], aggregate_id=one["aggregate_id"])
        self.check_sequences(one["aggregate_type"], one["aggregate_id"])

    def compare(self, what, after, upto, expected, **asked):
        self.count += 1
        found = self.offsets(after, upto, **asked)
        if found != expected:
            self.wrong.append(f"By {what} in ({after}, {upto}]: found {found}, log {expected}.")

    def check_sequences(self, kind, aggregate):
        """No event of an aggregate is missing between its first and what its head says."""
        self.count += 1
        path = f"/v1/aggregates/{quote(kind)}/{quote(aggregate)}"
        least = self.get(path)["sequence"]
        page = self.get(path + "/events", limit=10_000)
        found = [event["sequence"] for event in page["events"]]
        whole = page.get("next_after") is not None or len(found) >= least
        if found != list(range(1, len(found) + 1)) or not whole:
            self.wrong.append(f"{aggregate}: {len(found)} events, its head said {least}.")
