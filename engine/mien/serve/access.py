"""Who may connect: by the address that is listened on, a token, the Host and the Origin. Pure.

A page on any site can open a WebSocket to a server on this machine, and a browser asks nobody. But it always
says whose page it is, in `Origin`, which programs that are no browsers leave out: so a connection with an
Origin of somebody else is refused. A name that first leads to a site and then to this machine would make the
page's Origin the server's own; so where no token is asked for, the Host has to be a number, or a name that
was given.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

LOOPBACK: Final = "127.0.0.1"
_LOCAL: Final = "localhost"
_LEAST_TOKEN: Final = 16
"""Letters. Shorter ones can be guessed."""


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    if host == _LOCAL:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_token() -> str:
    """One that nobody guesses: 32 bytes of chance."""
    return secrets.token_urlsafe(32)


def check_token(token: str) -> str:
    """What is wrong with a token that somebody chose; empty when nothing is."""
    if len(token) < _LEAST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        return f"a token needs {_LEAST_TOKEN} letters, digits or signs at least, and no space"
    return ""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may connect to a server."""

    host: str = LOOPBACK
    """What it listens on."""
    token: str = ""
    """What each client has to know; empty: nothing, on loopback only."""
    origins: tuple[str, ...] = ()
    """Of pages that may connect, as browsers write them: `https://example.org`, `http://localhost:3000`, or
    `null` for pages of files."""
    names: tuple[str, ...] = ()
    """Names that this server is reached by, beside numbers and localhost."""

    def __post_init__(self) -> None:
        assert self.token or is_loopback(self.host), "a server that others reach has a token"

    def wrong_host(self, host: str) -> str:
        """Why a request with this Host is refused; empty where it is not."""
        name = _name_of(host)
        if self.token or name == _LOCAL or _is_number(name) or name in (self.host, *self.names):
            return ""
        return "this server is not known by that name: use 127.0.0.1 or localhost, or start it with --name."

    def wrong_origin(self, origin: str | None, host: str) -> str:
        """Why a page of this Origin, which asked for this Host, is refused; empty where it is not."""
        if origin is None or origin.lower() in map(str.lower, self.origins):
            return ""
        try:
            parts = urlsplit(origin)
        except ValueError:  # as http://[
            parts = urlsplit("")
        if parts.scheme in ("http", "https") and parts.netloc and parts.netloc.lower() == host.lower():
            return ""  # a page of this server's own
        return "pages of that origin may not connect: start the server with --origin and it."

    def knows(self, given: str) -> bool:
        """Whether a token is the right one, in the same time whatever it is."""
        return not self.token or hmac.compare_digest(self.token.encode(), given.encode("utf-8", "replace"))

    def admits(self, authorization: str | None, query: str) -> bool | None:
        """Whether a header (`Bearer ...`) or a query (`token=...`) is right; None: neither was given."""
        given: Sequence[str] = []
        if authorization is not None:
            scheme, _, secret = authorization.partition(" ")
            given = [secret.strip()] if scheme.lower() == "bearer" else [""]
        elif "token=" in query:
            given = _tokens_in(query)
        if not given:
            return None
        return self.knows(given[0])


def _tokens_in(query: str) -> list[str]:
    """Those that a query names; an empty one where it is none that can be read."""
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=20).get("token", [""])
    except ValueError:  # more fields than that
        return [""]


def _name_of(host: str) -> str:
    """A Host without its port, in small letters."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
