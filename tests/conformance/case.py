"""What the tests share: one daemon a class, a client that checks every answer, short verbs."""

import atexit
import http.client
import itertools
import json
import unittest
import urllib.parse

from contract import Contract
from daemon import Daemon

JSON = {"Content-Type": "application/json"}
_names = itertools.count(1)
_contract = None


def contract_of(daemon):
    """The one contract of this test process, read from the first daemon that was asked."""
    global _contract
    if _contract is None:
        connection = http.client.HTTPConnection(*daemon.address, timeout=10)
        connection.request("GET", "/openapi.json")
        _contract = Contract(json.loads(connection.getresponse().read()))
        connection.close()
        atexit.register(_contract.save)
    return _contract


class Reply:
    """Status, headers (lower case) and body of an answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    def json(self):
        return json.loads(self.body)


class Client:
    """One keep-alive connection. Opens it anew where the server closed it."""

    def __init__(self, daemon, timeout=30):
        self.daemon = daemon
        self.contract = contract_of(daemon)
        self.connection = http.client.HTTPConnection(*daemon.address, timeout=timeout)

    def request(self, method, target, body=None, headers=None, query=None):
        if query:
            target += "?" + urllib.parse.urlencode(query, doseq=True)
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers = {**JSON, **headers}
        if isinstance(body, str):
            body = body.encode()
        try:
            self.connection.request(method, target, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Refused before all of it was sent: the answer is there to be read.
        answer = self.connection.getresponse()
        reply = Reply(answer.status, answer.getheaders(), answer.read())
        sent = {name.lower(): value for name, value in headers.items()}
        self.contract.check(method, target, (sent, body), reply)
        return reply

    def close(self):
        self.connection.close()


class DaemonCase(unittest.TestCase):
    """A daemon for the class; `arguments` are its flags."""

    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(*cls.arguments)
        cls.addClassCleanup(cls.daemon.close)

    def setUp(self):
        self.client = Client(self.daemon)
        self.addCleanup(self.client.close)
        self.kind = f"kind{next(_names)}"  # An aggregate type and event prefix of this test alone.

    # Requests.

    def request(self, method, target, body=None, headers=None, **query):
        return self.client.request(method, target, body, headers, query)

    def get(self, target, headers=None, **query):
        return self.request("GET", target, None, headers, **query)

    def post(self, target, body=None, headers=None):
        return self.request("POST", target, body, headers)

    def ok(self, reply, status=200):
        self.assertEqual(status, reply.status, reply.body[:2000])
        return reply.json() if reply.body else None

    def read(self, target, headers=None, **query):
        return self.ok(self.get(target, headers, **query))

    def append(self, body, status=201, headers=None):
        return self.ok(self.post("/v1/events", body, headers), status)

    def refused(self, reply, status, code, pointer=None):
        """Asserts a problem in the form of RFC 9457 and returns it."""
        self.assertEqual(status, reply.status, reply.body[:2000])
        self.assertEqual("application/problem+json", reply.headers.get("content-type"))
        problem = reply.json()
        self.assertEqual(code, problem["code"], problem)
        self.assertEqual(status, problem["status"])
        self.assertEqual("urn:daybook:error:" + code.replace("_", "-"), problem["type"])
        self.assertTrue(problem["title"])
        self.assertTrue(problem["detail"])
        if pointer is not None:
            self.assertEqual(pointer, problem.get("pointer", ""), problem)
        return problem

    # Events.

    def event(self, aggregate="a-1", verb="happened", **members):
        return {"event_type": f"{self.kind}.{verb}", "aggregate_type": self.kind,
                "aggregate_id": aggregate, **members}

    def appended(self, *events):
        """Appends and returns the receipt's events."""
        return self.append(list(events))["events"]

    def head(self):
        return self.read("/v1/status")["head"]

    def mine(self, **query):
        return self.read("/v1/events", aggregate_type=self.kind, **query)["events"]

    def payloads(self, **query):
        return [event["payload"] for event in self.mine(**query)]
