"""What holds on every route of /openapi.json: goes through the list, so a new route is met too."""

import unittest

from case import JSON, DaemonCase
from rawhttp import RawConnection

PLACES = {"type": "agent", "id": "e6f0dc8c-0000-4000-8000-000000000000", "offset": "1",
          "group": "g", "name": "redis"}


class EveryRoute(DaemonCase):
    arguments = ("--set", "limits.body_bytes_max=10000", "--set", "limits.event_bytes_max=10000",
                 "--set", "redis.url=redis://127.0.0.1:1")

    def operations(self):
        for method, template, _, item in self.client.contract.routes:
            operation = item[method]
            target = template
            for name, value in PLACES.items():
                target = target.replace("{" + name + "}", value)
            yield method.upper(), target, operation

    def takes_body(self, operation):
        return "requestBody" in operation

    def takes(self, operation, header):
        return any(self.client.contract.resolved(parameter)["name"] == header
                   for parameter in operation.get("parameters", []))

    def problem(self, reply, target, status):
        self.assertEqual(status, reply.status, (target, reply.body[:300]))
        platform = target.startswith("/events")
        self.assertIn("detail" if platform else "code", reply.json(), target)

    def test_a_foreign_origin_is_403(self):
        for method, target, operation in self.operations():
            body = "{}" if self.takes_body(operation) else None
            reply = self.request(method, target, body, {**JSON, "Origin": "http://evil.example"})
            self.problem(reply, target, 403)

    def test_a_body_of_another_type_is_415(self):
        for method, target, operation in self.operations():
            if self.takes_body(operation) and target.startswith("/v1/"):
                reply = self.request(method, target, "{}", {"Content-Type": "text/plain"})
                self.refused(reply, 415, "unsupported_media_type")

    def test_a_body_that_is_no_json_is_refused(self):
        for method, target, operation in self.operations():
            if self.takes_body(operation):
                platform = target.startswith("/events")
                for body in (b"{", b"\xff\xfe"):
                    reply = self.request(method, target, body, JSON)
                    self.assertIn(reply.status, (400, 422) if platform else (400,), target)

    def test_a_body_over_the_limit_is_413(self):
        for method, target, operation in self.operations():
            if self.takes_body(operation):
                reply = self.request(method, target, b" " * 20_000, JSON)
                self.problem(reply, target, 413)
                self.client.close()

    def test_a_view_that_does_not_come_is_504(self):
        headers = {"Daybook-Min-Offset": "999999999", "Daybook-Wait-Ms": "1", **JSON}
        for method, target, operation in self.operations():
            if self.takes(operation, "Daybook-Min-Offset"):
                body = "{}" if self.takes_body(operation) else None
                self.refused(self.request(method, target, body, headers), 504, "not_yet")

    def test_a_bad_offset_in_a_header_is_422(self):
        for method, target, operation in self.operations():
            if self.takes(operation, "Daybook-Min-Offset"):
                body = "{}" if self.takes_body(operation) else None
                for headers in ({"Daybook-Min-Offset": "x"},
                                {"Daybook-Min-Offset": "0", "Daybook-Wait-Ms": "-1"}):
                    reply = self.request(method, target, body, {**JSON, **headers})
                    self.assertEqual(422, reply.status, (target, reply.body))

    def test_an_unknown_parameter_is_refused(self):
        for method, target, operation in self.operations():
            if target.startswith("/v1/") and method == "GET":
                self.refused(self.get(target, None, colour="red"), 422, "unknown_parameter")

    def test_another_method_is_405_and_names_those_that_there_are(self):
        known = {}
        for method, target, _ in self.operations():
            known.setdefault(target, set()).add(method)
        for target, methods in known.items():
            reply = self.request("TRACE", target)
            self.assertEqual(405, reply.status, target)
            if target.startswith("/events"):  # The old system names the first one alone.
                methods &= {reply.headers["allow"]}
                self.assertTrue(methods, target)
            self.assertLessEqual(methods, {m.strip() for m in reply.headers["allow"].split(",")})
            self.client.close()

    def test_every_answer_of_v1_carries_the_head(self):
        for method, target, operation in self.operations():
            if target.startswith("/v1/"):
                body = "{" if self.takes_body(operation) else None
                reply = self.request(method, target, body, JSON)
                self.assertRegex(reply.headers.get("daybook-head", ""), r"^\d+$", target)

    def test_a_query_string_that_is_no_query_is_no_crash(self):
        for _, target, _ in self.operations():
            for query in ("?", "?&&=&", "?%", "?a=%zz", "?" + "x" * 5000, "?\xff=\xfe"):
                with RawConnection(self.daemon) as raw:
                    raw.send(f"GET {target}{query} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                             .encode("latin-1"))
                    status, headers = raw.head()
                    self.assertTrue(200 <= status < 500, (target, query, status))


if __name__ == "__main__":
    unittest.main()
