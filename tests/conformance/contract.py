"""Checks every request and answer against /openapi.json and notes what was shown of it."""

import functools
import json
import os
import pathlib
import re
import urllib.parse

import jsonschema

HTTP_MD = pathlib.Path(__file__).resolve().parents[2] / "protocol/HTTP.md"
BESIDE = ("/v1/ws",)  # Not HTTP once it is upgraded: WEBSOCKET.md has it.
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def media_type(header):
    return (header or "").split(";")[0].strip().lower()


def shortened(instance):
    """The same with the middle of long arrays left out: validating ten thousand events is slow."""
    if isinstance(instance, list):
        kept = instance if len(instance) <= 60 else instance[:30] + instance[-30:]
        return [shortened(element) for element in kept]
    if isinstance(instance, dict):
        return {name: shortened(member) for name, member in instance.items()}
    return instance


@functools.cache
def documented_codes():
    """The table of HTTP.md: code → status."""
    text = HTTP_MD.read_text(encoding="utf-8")
    rows = re.finditer(r"^\| *`([a-z_]+)` *\| *(\d{3}) *\|", text, re.MULTILINE)
    return {row.group(1): int(row.group(2)) for row in rows}


class Contract:
    """One document. `seen` is a set of short strings: routes, statuses, codes, members."""

    def __init__(self, document):
        self.document = document
        self.seen = set()
        self.resolver = jsonschema.RefResolver("", document)
        self.routes = []
        for template, item in document["paths"].items():
            names = re.sub(r"\{[^/}]+\}", "([^/]+)", template)
            for method in METHODS:
                if method in item:
                    self.routes.append((method, template, re.compile(names + "$"), item))
        self.routes.sort(key=lambda route: route[1].count("{"))

    # What a request names.

    def find(self, method, path):
        for verb, template, pattern, item in self.routes:
            if verb == method.lower() and pattern.match(path):
                return template, item
        return None

    def check(self, method, target, request, reply):
        """Raises AssertionError where `reply` (or an accepted `request`) is not as documented."""
        path, _, query = target.partition("?")
        found = self.find(method, path)
        where = f"{method} {target} -> {reply.status}"
        unknown = found is None and reply.status in (400, 403, 404, 417, 431)
        if path in BESIDE or reply.status == 405 or unknown:
            self.note_code(reply)
            return
        assert found, f"{where}: no such route in openapi.json"
        template, item = found
        operation = item[method.lower()]
        self.seen.add(f"route {method.upper()} {template}")
        self.check_query(where, template, item, operation, query, reply)
        answer = self.answer(where, operation, reply)
        self.seen.add(f"status {method.upper()} {template} {reply.status}")
        if reply.status < 300:
            self.check_request(where, operation, request)
        self.check_body(where, answer, reply)
        self.note_code(reply)

    def check_query(self, where, template, item, operation, query, reply):
        declared = {}
        for parameter in item.get("parameters", []) + operation.get("parameters", []):
            parameter = self.resolved(parameter)
            if parameter["in"] == "query":
                declared[parameter["name"]] = parameter
        for name in {name for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True)}:
            if name in declared:
                self.seen.add(f"parameter {template} {name}")
            else:
                ignored = template.startswith("/events")
                assert reply.status >= 400 or ignored, f"{where}: {name} is not documented"

    def answer(self, where, operation, reply):
        answers = operation["responses"]
        status = str(reply.status)
        if status not in answers and reply.status >= 400:
            status = "default"
        assert status in answers, f"{where}: undocumented status: {reply.body[:300]}"
        return self.resolved(answers[status])

    def check_request(self, where, operation, request):
        headers, body = request
        wanted = self.resolved(operation.get("requestBody", {})).get("content", {})
        kind = media_type(headers.get("content-type"))
        if not body or not wanted:
            return
        documented = kind in wanted or (kind.endswith("+json") and "application/*+json" in wanted)
        assert documented, f"{where}: undocumented request type {kind}"
        if kind == "application/json":
            self.validate(where + " (request)", wanted[kind]["schema"], json.loads(body))

    def check_body(self, where, answer, reply):
        content = answer.get("content", {})
        kind = media_type(reply.headers.get("content-type"))
        if not content:
            assert not reply.body, f"{where}: a body where none is documented"
            return
        assert kind in content, f"{where}: undocumented type {kind!r}"
        schema = content[kind].get("schema")
        if not schema or not (kind == "application/json" or kind.endswith("+json")):
            return
        self.validate(where, schema, json.loads(reply.body))

    def note_code(self, reply):
        if media_type(reply.headers.get("content-type")) != "application/problem+json":
            return
        code = json.loads(reply.body)["code"]
        self.seen.add(f"code {code}")
        documented = documented_codes()
        assert documented.get(code) == reply.status, f"{code} with {reply.status}: not in HTTP.md"

    # Schemas.

    def resolved(self, node):
        while isinstance(node, dict) and "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def validator(self, schema):
        return jsonschema.Draft202012Validator(schema, resolver=self.resolver)

    def validate(self, where, schema, instance):
        instance = shortened(instance)
        errors = sorted(self.validator(schema).iter_errors(instance), key=lambda e: list(e.path))
        if errors:
            first = jsonschema.exceptions.best_match(errors)
            raise AssertionError(f"{where}: at {list(first.absolute_path)}: {first.message[:400]}")
        self.note_members(schema, instance, "")

    def note_members(self, schema, instance, place):
        """Notes which members of which schema an instance has shown."""
        if isinstance(schema, dict) and "$ref" in schema:
            place = schema["$ref"].split("/")[-1]
        schema = self.resolved(schema)
        if not isinstance(schema, dict):
            return
        for branch in ("oneOf", "anyOf"):
            for option in schema.get(branch, []):
                if self.validator(option).is_valid(instance):
                    self.note_members(option, instance, place)
        for option in schema.get("allOf", []):
            self.note_members(option, instance, place)
        if isinstance(instance, dict):
            for name, member in schema.get("properties", {}).items():
                if name in instance:
                    if place:
                        self.seen.add(f"member {place}.{name}")
                    self.note_members(member, instance[name], f"{place}.{name}" if place else "")
        if isinstance(instance, list) and "items" in schema:
            for element in instance:
                self.note_members(schema["items"], element, place and place + "[]")

    # What there is to show.

    def promises(self):
        """Everything that the document promises, in the words that `seen` uses."""
        wanted = set()
        for method, template, _, item in self.routes:
            name = f"{method.upper()} {template}"
            wanted.add(f"route {name}")
            wanted.update(f"status {name} {status}" for status in item[method]["responses"]
                          if status != "default")
            for parameter in item.get("parameters", []) + item[method].get("parameters", []):
                parameter = self.resolved(parameter)
                if parameter["in"] == "query":
                    wanted.add(f"parameter {template} {parameter['name']}")
        for name, schema in self.document["components"]["schemas"].items():
            self.promise_members(schema, name, wanted)
        return wanted

    def promise_members(self, schema, place, wanted):
        if not isinstance(schema, dict) or "$ref" in schema:
            return
        for branch in ("oneOf", "anyOf", "allOf"):
            for option in schema.get(branch, []):
                self.promise_members(option, place, wanted)
        for name, member in schema.get("properties", {}).items():
            if member is False or (isinstance(member, dict) and member.get("not") == {}):
                continue
            wanted.add(f"member {place}.{name}")
            self.promise_members(member, f"{place}.{name}", wanted)
        self.promise_members(schema.get("items"), place + "[]", wanted)

    def save(self):
        """Adds what was seen to the file named by DAYBOOK_COVERAGE, for test_coverage."""
        path = os.environ.get("DAYBOOK_COVERAGE")
        if path:
            with open(path, "w", encoding="utf-8") as file:
                json.dump(sorted(self.seen), file, indent=0)
