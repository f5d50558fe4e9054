"""A closed loop of keep-alive connections. One process and no library: it shares the cores with the servers."""

import re
import selectors
import socket
import time
from collections import Counter
from dataclasses import dataclass, field

PATIENCE = 60  # seconds; longer than SQLite waits for its lock


@dataclass
class Result:
    seconds: float = 0
    latencies: list[float] = field(default_factory=list)
    right: int = 0
    wrong: Counter = field(default_factory=Counter)  # by status

    @property
    def rate(self):
        return len(self.latencies) / self.seconds

    def note(self, response, expected, latency):
        self.latencies.append(latency)
        if all(part in response for part in expected):
            self.right += 1
        else:
            self.wrong[response[9:12].decode()] += 1


class Connection:
    def __init__(self, port, source, same_length=False):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.source, self.same_length, self.length = source, same_length, None

    def send(self):
        """Return whether there was anything left to send."""
        request = next(self.source, None)
        if request is None:
            return False
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)  # never blocks: a few KB always fit into an empty buffer
        return True

    def receive(self):
        """The whole response, or None while some of it is on its way."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed a connection")
        self.received += part
        if self.length:
            return self.received if len(self.received) >= self.length else None
        if not _is_whole(self.received):
            return None
        if self.same_length:
            self.length = len(self.received)
        return self.received


def run(port, sources, expected, seconds, same_length=False):
    """Keep one request under way for each source of requests, until the time is over or nothing is left to send."""
    result, selector = Result(), selectors.DefaultSelector()
    connections = [Connection(port, source, same_length) for source in sources]
    start = now = time.perf_counter()
    for connection in connections:
        if connection.send():
            selector.register(connection.socket, selectors.EVENT_READ, connection)
    while selector.get_map():
        ready = selector.select(PATIENCE)
        if not ready:
            raise TimeoutError(f"the server left {len(selector.get_map())} requests without an answer")
        for key, _events in ready:
            connection = key.data
            response = connection.receive()
            if response is None:
                continue
            now = time.perf_counter()
            result.note(response, expected, now - connection.sent_at)
            if now > start + seconds or not connection.send():
                selector.unregister(connection.socket)
    for connection in connections:
        connection.socket.close()
    result.seconds = now - start
    return result


def post(path, body, content_type, cookies=""):
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        + (f"Cookie: {cookies}\r\n" if cookies else "")
    )
    return head.encode() + b"\r\n" + body


def get(path, *headers):
    return "".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", "Host: localhost", *headers, "")).encode()


def body_length(port, request):
    """How many bytes answer this request."""
    connection = Connection(port, iter([request, request]))
    for _time in range(2):  # the first answer may be made for it
        connection.send()
        connection.socket.setblocking(True)
        while (response := connection.receive()) is None:
            pass
    connection.socket.close()
    return len(response.partition(b"\r\n\r\n")[2])


def _is_whole(data):
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        return False
    length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")
