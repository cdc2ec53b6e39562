"""What is asked for by HTTP, on the port of the WebSockets: GET /health, /ready, /schema, /metrics."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from http import HTTPStatus
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mien.errors import MienError
from mien.messages import printable
from mien.serve.house import House
from mien.serve.schema import asyncapi

_TEXT: Final = "text/plain; charset=utf-8"
_JSON: Final = "application/json"
_OPEN: Final = ("/health", "/", "/page.js")
"""What needs no token: it says nothing of the stage. The page says the token when it connects."""
_ASKS_FOR_OWN: Final = (
    "default-src 'none'; connect-src 'self'; media-src 'self' blob: mediastream:; script-src 'self'; "
    "style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
)


def answer(house: House, request: Request, *, admitted: bool) -> Response | None:
    """The answer to a request that asks for no WebSocket; None where there is no such page. Waits for the
    engine where it is asked: to be called on a thread."""
    try:
        path = urlsplit(request.path).path
    except ValueError:  # as //[
        return None
    page = _PAGES.get(path)
    if page is None:
        return None
    if not admitted and path not in _OPEN:
        return text(HTTPStatus.UNAUTHORIZED, "this server wants its token: send Authorization: Bearer TOKEN.")
    return page(house)


def header(request: Request, name: str) -> str | None:
    """A header; one that was sent several times is a list, as HTTP has it, and so none that is taken."""
    values = request.headers.get_all(name)
    return ", ".join(values) if values else None


def failed(error: Exception) -> Response:
    """The answer to a request that could not be answered."""
    what = printable(f"{type(error).__name__}: {error}", 300)
    return text(HTTPStatus.INTERNAL_SERVER_ERROR, f"this could not be answered ({what}); report it.")


def text(status: HTTPStatus, told: str, kind: str = _TEXT) -> Response:
    """An answer, behind which the connection ends."""
    body = (told if told.endswith("\n") else f"{told}\n").encode()
    headers = Headers()
    headers["Content-Type"] = kind
    headers["Content-Length"] = str(len(body))
    headers["Cache-Control"] = "no-store"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = _ASKS_FOR_OWN
    headers["Connection"] = "close"
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(status.value, status.phrase, headers, body)


def _page(name: str, kind: str) -> Callable[[House], Response | None]:
    def page(house: House) -> Response | None:
        if house.peers is None:
            return None
        return text(HTTPStatus.OK, (files("mien.serve") / name).read_text(encoding="utf-8"), kind)

    return page


def _health(_: House) -> Response:
    return text(HTTPStatus.OK, "ok")


def _ready(house: House) -> Response:
    wrong = house.performance.readiness.wrong
    if wrong:
        return text(HTTPStatus.SERVICE_UNAVAILABLE, f"not ready: {wrong}.")
    return text(HTTPStatus.OK, "ready")


def _schema(_: House) -> Response:
    return text(HTTPStatus.OK, json.dumps(asyncapi(), indent=2), _JSON)


def _metrics(house: House) -> Response:
    if importlib.util.find_spec("prometheus_client") is None:
        return text(HTTPStatus.NOT_IMPLEMENTED, "metrics need prometheus-client: pip install 'mien[serve]'.")
    from mien.observe.prometheus import text_of

    try:
        totals = house.performance.stage.metrics()
    except MienError as error:
        return text(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    return text(HTTPStatus.OK, text_of(totals, house.metrics()).decode(), _TEXT)


_PAGES: Final[dict[str, Callable[[House], Response | None]]] = {
    "/": _page("page.html", "text/html; charset=utf-8"),
    "/page.js": _page("page.js", "text/javascript; charset=utf-8"),
    "/health": _health,
    "/ready": _ready,
    "/schema": _schema,
    "/metrics": _metrics,
}
