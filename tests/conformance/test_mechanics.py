"""HTTP/1.1 as bytes: pipelining, chunks, Expect, slow, oversized and half-closed connections."""

import json
import os
import resource
import socket
import unittest

from case import DaemonCase, contract_of
from daemon import poll
from rawhttp import RawConnection, request
from wsclient import WebSocket


class Mechanics(DaemonCase):
    arguments = ("--set", "limits.body_bytes_max=200000", "--set", "limits.event_bytes_max=200000")

    def raw(self):
        connection = RawConnection(self.daemon)
        self.addCleanup(connection.close)
        return connection

    def body(self, **members):
        return json.dumps(self.event(**members))

    def test_pipelined_requests_are_answered_in_order(self):
        raw = self.raw()
        count = 50
        raw.send(b"".join(request("POST", "/v1/events", self.body(payload=i))
                          for i in range(count)))
        sequences = []
        for _ in range(count):
            status, _, body = raw.answer()
            self.assertEqual(201, status)
            sequences.append(json.loads(body)["events"][0]["sequence"])
        self.assertEqual(list(range(1, count + 1)), sequences)
        self.assertEqual(list(range(count)), self.payloads())

    def test_pipelined_reads_and_writes_keep_their_order(self):
        raw = self.raw()
        raw.send(request("POST", "/v1/events", self.body()) + request("GET", "/v1/nothing") +
                 request("GET", f"/v1/events?aggregate_type={self.kind}") +
                 request("POST", "/v1/events", "{"))
        self.assertEqual([201, 404, 200, 400], [raw.answer()[0] for _ in range(4)])

    def test_a_chunked_body(self):
        raw = self.raw()
        raw.send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n")
        body = self.body(payload="chunked").encode()
        for start in range(0, len(body), 7):
            piece = body[start:start + 7]
            raw.send(b"%x;ext=1\r\n%s\r\n" % (len(piece), piece))
        raw.send("0\r\nTrailer: x\r\n\r\n")
        self.assertEqual(201, raw.answer()[0])
        raw.send(request("GET", "/v1/status"))
        self.assertEqual(200, raw.answer()[0])

    def test_a_chunked_body_over_the_limit(self):
        raw = self.raw()
        raw.send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(30):
                raw.send(b"2710\r\n" + b" " * 10_000 + b"\r\n")
        except OSError:
            pass
        status, _, body = raw.answer()
        self.assertEqual((413, "body_too_large"), (status, json.loads(body)["code"]))

    def test_expect_100_continue(self):
        raw = self.raw()
        body = self.body().encode()
        raw.send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(100, raw.head()[0])
        raw.send(body)
        self.assertEqual(201, raw.answer()[0])

    def test_expect_with_too_large_a_body_is_refused_at_once(self):
        raw = self.raw()
        raw.send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 "Content-Length: 300000\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(413, raw.answer()[0])

    def test_a_declared_body_over_the_limit_is_refused_before_it_comes(self):
        raw = self.raw()
        raw.send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 "Content-Length: 99999999999\r\n\r\n")
        status, _, body = raw.answer()
        self.assertEqual((413, "body_too_large"), (status, json.loads(body)["code"]))
        self.assertTrue(raw.is_closed())

    def test_a_request_that_comes_byte_by_byte(self):
        raw = self.raw()
        raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request("POST", "/v1/events", self.body(payload="slow")):
            raw.send(bytes([byte]))
        self.assertEqual(201, raw.answer()[0])
        self.assertEqual(["slow"], self.payloads())

    def test_a_half_closed_client_still_gets_its_answer(self):
        raw = self.raw()
        raw.send(request("POST", "/v1/events", self.body(payload="last words")))
        raw.half_close()
        self.assertEqual(201, raw.answer()[0])
        self.assertTrue(raw.is_closed())

    def test_half_closed_in_the_middle_of_a_body_writes_nothing(self):
        raw = self.raw()
        raw.send(request("POST", "/v1/events", self.body())[:-5])
        raw.half_close()
        self.assertTrue(raw.is_closed())
        self.assertEqual([], self.mine())

    def test_a_client_that_vanishes_harms_nobody(self):
        for _ in range(50):
            raw = self.raw()
            raw.send(request("GET", "/v1/events", headers=("Accept: text/event-stream",)))
            raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            raw.close()
        self.assertEqual(200, self.get("/health/ready").status)

    def test_connection_close_is_honoured(self):
        raw = self.raw()
        raw.send(request("GET", "/v1/status", headers=("Connection: close",)))
        status, headers, _ = raw.answer()
        self.assertEqual((200, "close"), (status, headers.get("connection", "").lower()))
        self.assertTrue(raw.is_closed())

    def test_http_1_0_is_answered_and_closed(self):
        raw = self.raw()
        raw.send("GET /v1/status HTTP/1.0\r\nHost: localhost\r\n\r\n")
        self.assertEqual(200, raw.answer()[0])
        self.assertTrue(raw.is_closed())

    def test_a_request_without_a_host_is_refused(self):
        raw = self.raw()
        raw.send("GET /v1/status HTTP/1.1\r\n\r\n")
        self.assertIn(raw.answer()[0], (400, 403))

    def test_what_is_not_http_is_400_and_closed(self):
        for garbage in (b"hello\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
                        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
                        b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n"
                        b"Content-Length: x\r\n\r\n",
                        b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
            with RawConnection(self.daemon) as raw:
                raw.send(garbage)
                if raw.fill():
                    self.assertIn(raw.head()[0], (400, 505), garbage)
                self.assertTrue(raw.is_closed(), garbage)

    def test_a_refused_request_is_told_why(self):
        for request, status, code in (
                ("hello\r\n\r\n", 400, "bad_request"),
                (f"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-Pad: {'x' * 20_000}\r\n\r\n",
                 431, "headers_too_large")):
            with RawConnection(self.daemon) as raw:
                raw.send(request)
                answer = raw.answer()
            self.assertEqual(status, answer[0])
            self.assertEqual(code, json.loads(answer[-1])["code"])
            contract_of(self.daemon).seen.add(f"code {code}")

    def test_headers_without_end_are_refused(self):
        with RawConnection(self.daemon) as raw:
            raw.send("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n")
            try:
                for _ in range(200):
                    raw.send("X-Pad: " + "x" * 1000 + "\r\n")
                if raw.fill():
                    self.assertIn(raw.head()[0], (400, 413, 431))
            except OSError:
                pass
            self.assertTrue(raw.is_closed())

    def test_a_long_target_is_no_crash(self):
        with RawConnection(self.daemon) as raw:
            raw.send(f"GET /v1/events/{'x' * 100_000} HTTP/1.1\r\nHost: localhost\r\n\r\n")
            raw.is_closed()
        self.assertEqual(200, self.get("/health/live").status)


class IdleConnections(DaemonCase):
    def test_two_thousand_idle_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 3000
        if hard != resource.RLIM_INFINITY and hard < wanted:
            self.skipTest(f"only {hard} descriptors are allowed here")
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        idle = []
        try:
            for _ in range(2000):
                idle.append(socket.create_connection(self.daemon.address, timeout=20))
            self.append(self.event())
            self.assertEqual(1, len(self.mine()))
            for connection in (idle[0], idle[1000], idle[1999]):
                connection.sendall(request("GET", "/health/live"))
                self.assertIn(b" 200 ", connection.recv(4096)[:20])
        finally:
            for connection in idle:
                connection.close()
        poll(lambda: self.daemon.get_status("/health/ready") == 200)


class SlowReaders(DaemonCase):
    @unittest.skipIf("TSAN_OPTIONS" in os.environ, "the thread sanitizer multiplies memory")
    def test_readers_that_do_not_read_cost_bounded_memory(self):
        for _ in range(10):
            self.append([self.event(payload="x" * 10_000) for _ in range(500)])
        readers = []
        for accept in ("application/x-ndjson", "text/event-stream") * 10:
            raw = RawConnection(self.daemon)
            raw.send(request("GET", f"/v1/events?aggregate_type={self.kind}",
                             headers=(f"Accept: {accept}",)))
            raw.fill()
            readers.append(raw)
        for _ in range(10):
            socket_ = WebSocket(self.daemon)
            socket_.expect("welcome")
            socket_.send("subscribe", sub="s", after=0, credits=1_000_000)
            socket_.expect("subscribed")
            readers.append(socket_)
        for _ in range(20):
            self.append(self.event("b"))
        self.assertLess(self.resident_kib(), 600_000)
        for reader in readers:
            reader.close()

    def resident_kib(self):
        with open(f"/proc/{self.daemon.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


if __name__ == "__main__":
    unittest.main()
