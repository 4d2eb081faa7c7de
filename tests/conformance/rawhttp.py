"""HTTP over a bare socket, for tests of what a well-behaved client library would never send."""

import socket


class RawConnection:
    def __init__(self, daemon, timeout=20):
        self.socket = socket.create_connection(daemon.address, timeout=timeout)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def fill(self):
        """Reads more; False where the server has closed."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.buffer += data
        return bool(data)

    def until(self, end):
        while end not in self.buffer:
            if not self.fill():
                raise EOFError(f"closed after {self.buffer[:200]!r}")
        found, _, self.buffer = self.buffer.partition(end)
        return found

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise EOFError(f"closed after {len(self.buffer)} of {count} bytes")
        found, self.buffer = self.buffer[:count], self.buffer[count:]
        return found

    def head(self):
        """The next status and headers (lower case)."""
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return int(lines[0].split()[1]), headers

    def answer(self):
        """The next whole answer: status, headers, body."""
        status, headers = self.head()
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return status, headers, self.chunks()
        return status, headers, self.exactly(int(headers.get("content-length", "0")))

    def chunks(self):
        body = b""
        while True:
            size = int(self.until(b"\r\n").split(b";")[0], 16)
            body += self.exactly(size)
            self.until(b"\r\n")
            if size == 0:
                return body

    def is_closed(self):
        """Whether the server ends the connection (waits for it)."""
        try:
            while self.fill():
                pass
        except (TimeoutError, socket.timeout):
            return False
        return True


def request(method, path, body=b"", headers=()):
    """The bytes of a request with its length."""
    if isinstance(body, str):
        body = body.encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
