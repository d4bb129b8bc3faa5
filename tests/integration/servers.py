#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Servers that do as they are told: a scriptable HTTP server for tests, on loopback.

    with Server() as server:                       # 127.0.0.1, a free port
        server.route("/feed", body=XML, content_type="application/rss+xml", etag='"1"')
        server.route("/flaky", [Answer(500), Answer(500), Answer(200, b"ok")])
        ... run what is tested against server.url("/feed") ...
        request = server.wait_for("/feed", n=2)[-1]
        assert request.headers["if-none-match"] == '"1"'

A path answers by its script, a list of Answers; the last one goes on for ever. With `etag` or
`last_modified` an Answer gives 304 to a request that carries them. Every request is recorded when it
has been read; waiting is done on a condition variable, never by sleeping. `Receiver` keeps webhooks.

From a shell or a C program: `servers.py --spec FILE.json` prints "PORT\n", serves until stdin ends
and then prints the requests, one JSON object a line; FILE.json is {"/path": [{"status": 200, ...}]}, where "hex" may
stand for "body".
"""

import argparse
import base64
import contextlib
import dataclasses
import gzip
import http.server
import json
import socket
import socketserver
import struct
import sys
import threading
import time
import zlib

WAIT_SECONDS = 20.0  # how long wait_for() waits when not told


@dataclasses.dataclass
class Answer:
    """What one request gets. `fault` says how it goes wrong, if it does:

    hang            nothing is answered until the server stops
    reset           the connection is reset before any byte of the answer
    reset-head      ... in the middle of the head
    reset-body      ... after half of the body
    truncate        the connection is closed in order after half of the body
    garbage         the body is sent without any head
    endless         the body repeats for ever
    """

    status: int = 200
    body: bytes = b""
    headers: dict = dataclasses.field(default_factory=dict)
    content_type: str = "text/plain; charset=utf-8"
    etag: str = None
    last_modified: str = None
    fault: str = None
    delay: float = 0.0  # seconds before the answer; a stop of the server ends it
    drip: float = 0.0  # seconds between the bytes of the body
    chunked: int = 0  # bytes of a chunk; 0: Content-Length
    gzip: bool = False
    repeat: int = 1  # the body so many times over, made while sending
    hold: threading.Event = None  # answer only when it is set

    def __post_init__(self):
        if isinstance(self.body, str):
            self.body = self.body.encode()

    def is_fresh(self, headers):
        """RFC 9110, 13.2.2: If-None-Match decides when it is there."""
        if "if-none-match" in headers:
            return self.etag is not None and headers["if-none-match"] == self.etag
        since = headers.get("if-modified-since")
        return since is not None and since == self.last_modified


@dataclasses.dataclass
class Request:
    """A request as it came. Header names are in lower case; of repeated ones the last counts."""

    method: str
    path: str  # with its query
    headers: dict
    body: bytes
    time: float  # time.monotonic()
    raw_headers: list  # (name, value) as sent, in order

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def id(self):
        return self.headers.get("webhook-id")


class _Reset(Exception):
    """Ends a connection with RST."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self):
        try:
            super().handle()
        except _Reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.server.forget(self.connection)
            self.connection.close()
        except (ValueError, OSError):
            pass  # the client went away, which tests do on purpose

    def finish(self):
        with contextlib.suppress(ValueError, OSError):
            super().finish()

    def log_message(self, *args):
        pass

    def _serve(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        raw = list(self.headers.items())
        headers = {name.lower(): value for name, value in raw}
        request = Request(self.command, self.path, headers, body, time.monotonic(), raw)
        owner = self.server.owner
        answer = owner._record(request)
        try:
            self._answer(answer, request)
        finally:
            owner._leave()

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve

    def _answer(self, answer, request):
        owner = self.server.owner
        if answer.hold is not None:
            while not answer.hold.wait(0.05) and not owner.stopping.is_set():
                pass
        if answer.delay:
            owner.stopping.wait(answer.delay)
        if answer.fault == "hang":
            owner.stopping.wait()
        if answer.fault in ("reset", "hang"):
            raise _Reset
        if answer.fault == "garbage":
            self.wfile.write(answer.body)
            self.close_connection = True
            return

        status, body = answer.status, answer.body
        if status == 200 and answer.is_fresh(request.headers):
            status, body = 304, b""
        if answer.gzip:
            body = gzip.compress(body * answer.repeat, 9, mtime=0)
        self._head(answer, status, body)
        if request.method != "HEAD" and status not in (204, 304):
            self._body(answer, body)

    def _head(self, answer, status, body):
        self.send_response(status)
        own = {name.lower() for name in answer.headers}
        if answer.content_type and status != 304 and "content-type" not in own:
            self.send_header("Content-Type", answer.content_type)
        if answer.etag is not None:
            self.send_header("ETag", answer.etag)
        if answer.last_modified is not None:
            self.send_header("Last-Modified", answer.last_modified)
        if answer.gzip:
            self.send_header("Content-Encoding", "gzip")
        for name, values in answer.headers.items():
            for value in values if isinstance(values, list) else [values]:
                self.send_header(name, str(value))

        if answer.fault == "reset-head":
            self.wfile.write(b"".join(self._headers_buffer))
            raise _Reset
        if answer.fault == "endless":
            self.send_header("Connection", "close")
        elif answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif status not in (204, 304) and "content-length" not in own:
            n = len(body) if answer.gzip else len(body) * answer.repeat
            self.send_header("Content-Length", str(n))
        self.end_headers()

    def _body(self, answer, body):
        if answer.fault == "endless":
            while not self.server.owner.stopping.is_set():
                self.wfile.write(body or b"x")
        if answer.fault in ("reset-body", "truncate"):
            self.wfile.write(body[: len(body) // 2])
            if answer.fault == "reset-body":
                raise _Reset
            self.close_connection = True
            return

        size = 1 if answer.drip else answer.chunked or len(body) or 1
        for _ in range(1 if answer.gzip else answer.repeat):
            for i in range(0, len(body), size):
                piece = body[i : i + size]
                if answer.chunked:
                    piece = b"%x\r\n%s\r\n" % (len(piece), piece)
                self.wfile.write(piece)
                if answer.drip and self.server.owner.stopping.wait(answer.drip):
                    raise _Reset
        if answer.chunked:
            self.wfile.write(b"0\r\n\r\n")


class _Socket(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address, owner):
        self.owner = owner
        self.connections = set()
        self.lock = threading.Lock()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def server_bind(self):  # HTTPServer's own would ask the resolver for a name
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        pass

    def verify_request(self, request, client_address):
        return not self.owner.spread or client_address[0].startswith("127.")     # it listens at all addresses

    def process_request(self, request, client_address):
        with self.lock:
            self.connections.add(request)
        super().process_request(request, client_address)

    def forget(self, connection):
        with self.lock:
            self.connections.discard(connection)

    def shutdown_request(self, request):
        self.forget(request)
        super().shutdown_request(request)

    def drop_all(self):
        with self.lock:
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Server(contextlib.AbstractContextManager):
    """An HTTP/1.1 server on @host, at @port (0: a free one). Usable as a context manager.

    With @spread every path has an address of its own in 127.0.0.0/8, so that the server is as many hosts as it has
    paths, and who spaces requests to one host need not wait. Unknown paths get 404. May be stopped and started again: it keeps its port and its records."""

    def __init__(self, host="127.0.0.1", port=0, spread=False):
        self.host, self.port, self.spread = host, port, spread
        self.stopping = threading.Event()
        self.condition = threading.Condition()
        self.requests = []
        self.n_active = self.n_active_max = 0
        self._scripts = {}
        self._socket = None
        self.start()

    def start(self):
        self.stopping.clear()
        self._socket = _Socket(("0.0.0.0" if self.spread else self.host, self.port), self)
        self.port = self._socket.server_port
        threading.Thread(target=self._socket.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        """Nobody listens any more and all connections are closed; hanging answers end."""
        if self._socket is None:
            return
        self.stopping.set()
        self._socket.shutdown()
        self._socket.server_close()
        self._socket.drop_all()
        self._socket = None

    def __exit__(self, *exception):
        self.stop()

    @property
    def base(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def url(self, path="/"):
        if self.spread:
            n = zlib.crc32(path.partition("?")[0].encode())
            return "http://127.%d.%d.%d:%d%s" % (n >> 16 & 255, n >> 8 & 255, n % 254 + 1, self.port, path)
        return self.base + path

    def route(self, path, answers=None, **fields):
        """Sets the script of @path (without query): a list of Answers, or one made of @fields."""
        if answers is None or isinstance(answers, Answer):
            answers = [answers or Answer(**fields)]
        with self.condition:
            self._scripts[path] = list(answers)

    def redirect(self, path, target, status=302, **headers):
        self.route(path, status=status, headers={"Location": target, **headers})

    def seen(self, path=None):
        """The requests so far, of @path (without query) or all."""
        with self.condition:
            return [r for r in self.requests if path in (None, r.path.partition("?")[0])]

    def forget(self):
        with self.condition:
            self.requests.clear()
            self.n_active_max = self.n_active

    def wait_for(self, path=None, n=1, timeout=WAIT_SECONDS):
        """Waits until @path was asked for @n times; returns those requests."""
        return self.wait_until(lambda requests: len(requests) >= n, path, timeout)

    def wait_until(self, predicate, path=None, timeout=WAIT_SECONDS):
        """Waits until @predicate holds for the list of requests of @path; returns the list."""
        with self.condition:
            if not self.condition.wait_for(lambda: predicate(self.seen(path)), timeout):
                shown = [f"{r.method} {r.path}" for r in self.requests]
                raise TimeoutError(f"waited {timeout} s for {path or 'a request'}; came: {shown}")
            return self.seen(path)

    def _record(self, request):
        with self.condition:
            self.requests.append(request)
            self.n_active += 1
            self.n_active_max = max(self.n_active_max, self.n_active)
            self.condition.notify_all()
            return self._next(request.path.partition("?")[0])

    def _next(self, path):
        script = self._scripts.get(path) or [Answer(404, b"not found\n")]
        return script.pop(0) if len(script) > 1 else script[0]

    def _leave(self):
        with self.condition:
            self.n_active -= 1
            self.condition.notify_all()


class Receiver(Server):
    """Takes webhooks on any path: 200 "ok", or what the script says (answer() before it starts).

    A path with a route of its own keeps to that."""

    def __init__(self, *args, **fields):
        self._default = [Answer(200, b"ok")]
        super().__init__(*args, **fields)

    def answer(self, *answers):
        """The next posts get @answers in turn, the last one for ever. An int is a status, a str a
        fault, bytes a body."""
        made = []
        for a in answers:
            if isinstance(a, int):
                a = Answer(a, b"ok" if a == 200 else b"no")
            elif isinstance(a, str):
                a = Answer(fault=a, body=b"ok")
            elif isinstance(a, bytes):
                a = Answer(200, a)
            made.append(a)
        with self.condition:
            self._default = made

    def _next(self, path):
        if path in self._scripts:
            return super()._next(path)
        return self._default.pop(0) if len(self._default) > 1 else self._default[0]

    def ids(self):
        """The webhook-id of each post, in order."""
        return [r.id for r in self.seen()]


def main():
    parser = argparse.ArgumentParser(description="a scriptable HTTP server on loopback")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--receiver", action="store_true", help="accept posts on any path")
    parser.add_argument("--spec", metavar="FILE", help="JSON: path to list of answers")
    arguments = parser.parse_args()

    server = (Receiver if arguments.receiver else Server)(arguments.host, arguments.port)
    if arguments.spec:
        with open(arguments.spec, encoding="utf-8") as f:
            for path, answers in json.load(f).items():
                for fields in answers:
                    if "hex" in fields:
                        fields["body"] = bytes.fromhex(fields.pop("hex"))
                server.route(path, [Answer(**fields) for fields in answers])
    print(server.port, flush=True)
    sys.stdin.buffer.read()
    server.stop()
    for request in server.seen():
        body = base64.b64encode(request.body).decode()
        print(json.dumps({**dataclasses.asdict(request), "body": body}))


if __name__ == "__main__":
    main()
