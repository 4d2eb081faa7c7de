"""A small synchronous WebSocket client (RFC 6455) that also can send what it should not."""

import base64
import hashlib
import json
import os
import struct

from rawhttp import RawConnection

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(Exception):
    """The server has closed; `code` is its close code, or None where it just went away."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed {code} {reason}")
        self.code = code


class WebSocket:
    def __init__(self, daemon, path="/v1/ws", headers=(), protocol="daybook.v1", seen=None):
        self.raw = RawConnection(daemon)
        self.seen = set() if seen is None else seen  # Notes the frames that were shown.
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{daemon.port}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
                 *headers]
        if protocol:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        self.raw.send("\r\n".join(lines) + "\r\n\r\n")
        self.status, self.headers = self.raw.head()
        if self.status == 101:
            self.check_accept(key)

    def check_accept(self, key):
        magic = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        wanted = base64.b64encode(hashlib.sha1(magic.encode()).digest()).decode()
        assert self.headers["sec-websocket-accept"] == wanted

    def close(self):
        self.raw.close()

    # Frames.

    def send_frame(self, kind, data, final=True, mask=True):
        mask_bit = 0x80 if mask else 0
        head = bytes([(0x80 if final else 0) | kind])
        if len(data) < 126:
            head += bytes([mask_bit | len(data)])
        elif len(data) < 65536:
            head += struct.pack("!BH", mask_bit | 126, len(data))
        else:
            head += struct.pack("!BQ", mask_bit | 127, len(data))
        if mask:
            head += b"\0\0\0\0"  # The identity mask: legal, and quick in Python.
        self.raw.send(head + data)

    def receive_frame(self):
        first, second = self.raw.exactly(2)
        assert not second & 0x80, "a server must not mask"
        assert not first & 0x70, "no extension was agreed on"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.raw.exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.raw.exactly(8))
        return first & 0x0F, bool(first & 0x80), self.raw.exactly(length)

    def send_text(self, text):
        self.send_frame(TEXT, text.encode() if isinstance(text, str) else text)

    def receive_text(self):
        """The next text message. Answers pings; raises Closed at the end."""
        parts = []
        while True:
            try:
                kind, final, data = self.receive_frame()
            except EOFError:
                raise Closed(None) from None
            if kind == CLOSE:
                code = struct.unpack("!H", data[:2])[0] if data else 1005
                raise Closed(code, data[2:].decode())
            if kind == PING:
                self.send_frame(PONG, data)
            elif kind != PONG:
                parts.append(data)
                if final:
                    return b"".join(parts).decode()

    # Operations.

    def send(self, op, **members):
        self.seen.add(f"frame client {op}")
        self.send_text(json.dumps({"op": op, **members}))

    def receive(self):
        frame = json.loads(self.receive_text())
        self.seen.add(f"frame server {frame['op']}")
        return frame

    def expect(self, op, skip=("checkpoint", "caught_up")):
        """The next frame, which must be `op`; frames of `skip` may come before it."""
        while True:
            frame = self.receive()
            if frame["op"] == op:
                return frame
            assert frame["op"] in skip, f"wanted {op}, got {frame}"

    def call(self, op, answer, **members):
        """Sends with a ref and returns the frame that answers it."""
        ref = os.urandom(4).hex()
        self.send(op, ref=ref, **members)
        while True:
            frame = self.receive()
            if frame.get("ref") == ref:
                assert frame["op"] == answer, f"wanted {answer}, got {frame}"
                return frame

    def events(self, sub, count):
        """The next `count` events of a subscription; frames of other kinds are passed over."""
        found = []
        while len(found) < count:
            frame = self.receive()
            assert frame["op"] not in ("error", "goodbye"), frame
            if frame["op"] == "events" and frame["sub"] == sub:
                found += frame["events"]
        return found
