"""What holds on every route: content types, Origin and Host, Daybook-Head, problems, limits."""

import json
import unittest

from case import JSON, Client, DaemonCase


class ContentTypes(DaemonCase):
    def test_a_body_needs_a_json_content_type(self):
        body = json.dumps(self.event())
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            self.refused(self.post("/v1/events", body, {"Content-Type": kind}), 415,
                         "unsupported_media_type")
        self.refused(self.post("/v1/events", body, {}), 415, "unsupported_media_type")
        for path in ("/v1/query", "/v1/groups/g/fetch", "/v1/groups/g/commit",
                     "/v1/groups/g/reset", "/v1/groups/g/heartbeat", "/v1/groups/g/leave"):
            self.refused(self.post(path, "{}", {"Content-Type": "text/plain"}), 415,
                         "unsupported_media_type")
        reply = self.request("PUT", "/v1/groups/g", "{}", {"Content-Type": "text/plain"})
        self.refused(reply, 415, "unsupported_media_type")

    def test_parameters_and_case_of_the_type_do_not_matter(self):
        for kind in ("application/json; charset=utf-8", "APPLICATION/JSON",
                     "application/json;charset=UTF-8"):
            reply = self.post("/v1/events", json.dumps(self.event()), {"Content-Type": kind})
            self.ok(reply, 201)


class ForeignPages(DaemonCase):
    def test_a_foreign_origin_is_refused_everywhere(self):
        for origin in ("http://evil.example", "null", "http://localhost:3000",
                       f"http://127.0.0.1:{self.daemon.port}"):
            for method, path in (("POST", "/v1/events"), ("GET", "/v1/events"),
                                 ("GET", "/v1/status"), ("GET", "/v1/ws")):
                reply = self.request(method, path, self.event() if method == "POST" else None,
                                     {"Origin": origin})
                self.refused(reply, 403, "forbidden_origin")
        self.assertEqual([], self.mine())

    def test_a_foreign_host_is_refused(self):
        for host in ("evil.example", "evil.example:8011", "127.evil.example", "10.0.0.1",
                     "localhost.evil.example", ""):
            reply = self.get("/v1/status", {"Host": host})
            self.refused(reply, 403, "forbidden_origin")

    def test_loopback_hosts_are_fine(self):
        for host in ("localhost", "LOCALHOST:80", "127.0.0.1:8011", "127.9.9.9", "[::1]",
                     "[::1]:8011"):
            self.ok(self.get("/v1/status", {"Host": host}))


class AllowedOrigins(DaemonCase):
    arguments = ("--set", "server.allowed_origins=http://app.example")

    def test_a_named_origin_may(self):
        self.ok(self.get("/v1/status", {"Origin": "http://app.example"}))
        self.refused(self.get("/v1/status", {"Origin": "http://app.example.evil"}), 403,
                     "forbidden_origin")


class Answers(DaemonCase):
    def test_the_head_is_on_every_answer(self):
        self.appended(self.event())
        head = str(self.head())
        for path in ("/v1/events", "/v1/status", "/v1/groups", "/v1/aggregates",
                     "/v1/offsets/1", "/v1/events/none", "/v1/groups/none"):
            self.assertEqual(head, self.get(path).headers.get("daybook-head"), path)
        reply = self.post("/v1/events", self.event())
        self.assertEqual(str(int(head) + 1), reply.headers["daybook-head"])

    def test_unknown_routes_and_methods(self):
        for path in ("/v1/nothing", "/v1/", "/v2/events", "/v1/events/a/b", "/v1/logs/x/events"):
            self.refused(self.get(path), 404, "no_route")
        for method, path, allowed in (
                ("DELETE", "/v1/events", "POST"), ("POST", "/v1/status", "GET"),
                ("PUT", "/v1/query", "POST"), ("PATCH", "/v1/groups/g", "PUT"),
                ("GET", "/v1/groups/g/fetch", "POST")):
            reply = self.request(method, path)
            self.refused(reply, 405, "method_not_allowed")
            self.assertIn(allowed, reply.headers["allow"])

    def test_head_requests_have_no_body(self):
        for path in ("/v1/status", "/v1/events", "/health/live"):
            self.client.connection.request("HEAD", path)
            answer = self.client.connection.getresponse()
            self.assertIn(answer.status, (200, 405))
            self.assertEqual(b"", answer.read())

    def test_a_broken_percent_escape_is_no_500(self):
        for path in ("/v1/events/%zz", "/v1/events/%", "/v1/groups/%ff", "/v1/events?after=%zz"):
            self.assertIn(self.get(path).status, (400, 404, 422), path)

    def test_no_input_gives_a_bare_500(self):
        bodies = ["null", "[]", "[[]]", "{}", '""', "0", "[null]", '{"events":null}',
                  '{"events":[null]}', '{"events":{}}', '{"":1}', "\x00", "{}{}", '"\\ud800"']
        for path in ("/v1/events", "/v1/query", "/v1/groups/g/fetch", "/v1/groups/g/commit",
                     "/v1/groups/g/reset", "/v1/groups/g/heartbeat", "/v1/groups/g/leave"):
            for body in bodies:
                reply = self.post(path, body, JSON)
                self.assertTrue(reply.status == 200 or 400 <= reply.status < 500,
                                (path, body, reply.status))
                if reply.status >= 400:
                    self.assertIn("code", reply.json(), (path, body))


class SmallLimits(DaemonCase):
    arguments = ("--set", "limits.body_bytes_max=4000", "--set", "limits.event_bytes_max=1024",
                 "--set", "limits.batch_events_max=3", "--set", "limits.tags_max=2",
                 "--set", "limits.json_depth_max=8", "--set", "limits.page_events_max=5")

    def test_configured_limits_hold(self):
        self.refused(self.post("/v1/events", self.event(payload="x" * 5000)), 413,
                     "body_too_large")
        for body in (self.event(payload="x" * 1100), [self.event()] * 4,
                     self.event(tags=["a", "b", "c"]),
                     self.event(payload=[[[[[[[[[1]]]]]]]]])):
            self.refused(self.post("/v1/events", body), 422, "limit_exceeded")
        self.refused(self.get("/v1/events", None, limit=6), 422, "bad_parameter")
        self.read("/v1/events", limit=5)
        self.append([self.event()] * 3)


class ManyClients(DaemonCase):
    def test_answers_never_mix(self):
        clients = [Client(self.daemon) for _ in range(20)]
        for client in clients:
            self.addCleanup(client.close)
        for turn in range(5):
            for number, client in enumerate(clients):
                body = self.event(f"a{number}", payload=turn)
                self.assertEqual(201, client.request("POST", "/v1/events", body).status)
        for number in range(20):
            self.assertEqual(list(range(5)), self.payloads(aggregate_id=f"a{number}"))


if __name__ == "__main__":
    unittest.main()
