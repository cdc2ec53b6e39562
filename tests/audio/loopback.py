"""A server on this machine that counts everybody who comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Loopback(ThreadingHTTPServer):
    """Answers each path by its function in `pages`, which is given the request's handler."""

    daemon_threads = False  # `server_close` waits for them

    def __init__(self) -> None:
        self.hits = 0
        """Connections that were made to it, whatever was said on them."""
        self.requests: list[tuple[str, dict[str, str]]] = []
        """(path, headers) of each request."""
        self.pages: dict[str, Callable[[Any], object]] = {}
        self.go_on = threading.Event()
        """Set at the end: pages that stall wait for it."""
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> Any:
        self.hits += 1
        return super().get_request()

    def url(self, path: str = "", host: str = "127.0.0.1", user: str = "") -> str:
        return f"http://{user}{host}:{self.server_address[1]}/{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Loopback

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers)))
        page = self.server.pages.get(self.path.partition("?")[0].strip("/"))
        if page is None:
            self.send_error(404)
        else:
            page(self)

    def log_message(self, *_: object) -> None:
        pass


def whole(data: bytes) -> Callable[[Any], None]:
    """All of it, whatever was asked for."""

    def page(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return page


def in_ranges(data: bytes) -> Callable[[Any], None]:
    """From the byte that is asked for."""

    def page(handler: Any) -> None:
        at = int(handler.headers["Range"].removeprefix("bytes=").partition("-")[0])
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {at}-{len(data) - 1}/{len(data)}")
        handler.send_header("Content-Length", str(len(data) - at))
        handler.end_headers()
        try:
            handler.wfile.write(data[at:])
        except OSError:  # who asks for the end first leaves the beginning
            return

    return page


def redirect(to: str) -> Callable[[Any], None]:
    """Somewhere else."""

    def page(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return page


@contextmanager
def loopback() -> Iterator[Loopback]:
    server = Loopback()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
