"""What is behind an http or https address, read as a file.

Not FFmpeg's: that one follows redirects, and connects to whatever a name resolves to, unasked, and checks no
certificate. Proxies of the environment are not used, as they would connect to what they like.
"""

from __future__ import annotations

import http.client
import io
import re
import threading
import time
from base64 import b64encode
from contextlib import closing
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote, urljoin

from mien.audio.addresses import Address, reason_of
from mien.audio.wire import Wire, connections
from mien.errors import AudioRejected

CONNECT_S = 10.0
READ_S = 10.0
"""Longest that a network may take to answer, and to go on."""

MOST_REDIRECTS: Final = 5

_SKIP: Final = 1 << 16
"""Going forward by less than this reads on instead of asking anew."""

_AWAY: Final = (301, 302, 303, 307, 308)
_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", re.ASCII)
"""Of a petabyte at most: FFmpeg counts with 64 bits, and Python reads no more than 4300 digits."""
_AS_IT_IS: Final = "%/:=&~+!$,;'()*@[]?"


class WebFile:
    """A file on the web. `read` and `seek` as in Python's; it can go back where the server takes ranges.

    Parameters: `address`; `connect_s`, how long it may take until the server answers; `read_s`, how long it
    may be silent then. Raises AudioRejected, in one sentence, when there is nothing to read. From any other
    thread, `cut` ends whatever it waits for.
    """

    def __init__(self, address: Address, connect_s: float, read_s: float) -> None:
        self.failure: str | None = None
        """Why it ended early."""
        self.size: int | None = None
        """In bytes, where the server says so."""
        self._address = address
        self._name = address.name
        self._connect_s = connect_s
        self._read_s = read_s
        self._wire: Wire | None = None
        self._gone = False
        self._lock = threading.Lock()
        self._at = self._reading_at = 0
        self._response: http.client.HTTPResponse | None = None
        self._ranges = False

    def open(self) -> WebFile:
        """Ask for it. Returns itself."""
        try:
            self._ask()
        except BaseException:
            self.close()
            raise
        return self

    def seekable(self) -> bool:
        """Whether the server takes ranges, and says how long it is."""
        return self._ranges and self.size is not None

    def tell(self) -> int:
        """Where the next `read` begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; nothing is asked of the server before the next `read`."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence, self.size or 0))
        return self._at

    def read(self, n: int) -> bytes:
        """Up to n bytes, as soon as there are any; none at its end, or after a failure."""
        if self.failure is not None or (self.size is not None and self._at >= self.size):
            return b""
        try:
            self._go()
            # Of a chunk of negative length Python gives all that it holds, and PyAV would copy all of it.
            data = self._response.read1(n)[:n] if self._response is not None else b""
        except AudioRejected as error:
            self.failure = str(error).rstrip(".")
            return b""
        except TimeoutError:
            self.failure = f"nothing more came for {self._read_s:g} s"
            return b""
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.failure = f"its connection broke off ({reason_of(error).lower()})"
            return b""
        self._at += len(data)
        self._reading_at = self._at
        if not data and self.size is not None and self._at < self.size:
            self.failure = "its connection broke off"
        return data

    def cut(self) -> None:
        """End it, from any thread: a `read` that waits returns. Idempotent."""
        with self._lock:
            self._gone = True
            if self._wire is not None:
                self._wire.cut()

    def close(self) -> None:
        """Close the connection. Idempotent."""
        response, self._response = self._response, None
        if response is not None:
            response.close()
        with self._lock:
            wire, self._wire = self._wire, None
        if wire is not None:
            wire.end()

    # -- asking -----------------------------------------------------------------------------------

    def _go(self) -> None:
        """Have the response stand at the place that is to be read."""
        ahead = self._at - self._reading_at
        while 0 < ahead <= _SKIP and self._response is not None:
            passed = len(self._response.read1(ahead))
            if not passed:
                break
            self._reading_at += passed
            ahead -= passed
        if ahead:
            self.close()
            self._ask()

    def _ask(self) -> None:
        if self._gone:
            raise AudioRejected(f"{self._name} is not asked for: its turn is over.")
        deadline = time.monotonic() + self._connect_s
        address = self._address
        for _ in range(MOST_REDIRECTS + 1):
            response = self._answer(address, deadline)
            if response.status not in _AWAY or not response.headers.get("Location"):
                self._take(response)
                return
            address = self._next(address, response.headers["Location"])
            response.close()
            self.close()
        raise AudioRejected(f"{self._name} redirects more than {MOST_REDIRECTS} times; check the address.")

    def _next(self, address: Address, location: str) -> Address:
        try:
            return replace(address, url=urljoin(address.url, quote(location, safe=_AS_IT_IS + "#")))
        except ValueError as error:
            raise AudioRejected(f"{self._name} redirects to what is not opened: {error}") from error

    def _take(self, response: http.client.HTTPResponse) -> None:
        if response.status not in (200, 206):
            # The server's own words could be anything.
            reason = f"{response.status} {http.client.responses.get(response.status, '')}".strip().lower()
            response.close()
            raise AudioRejected(f"{self._name} could not be opened ({reason}); check the address.")
        part = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        begins = int(part[1]) if part and response.status == 206 else 0
        if begins != self._at:
            response.close()
            raise AudioRejected(f"{self._name} sent another part than was asked for; give its bytes instead.")
        if part and response.status == 206:
            self.size, self._ranges = int(part[2]), True
        elif response.length is not None:
            self.size = response.length
        self._response = response
        self._reading_at = self._at
        if self._wire is not None:
            self._wire.wait(self._read_s)

    def _answer(self, address: Address, deadline: float) -> http.client.HTTPResponse:
        parts = address.parts
        target = quote(parts.path or "/", safe=_AS_IT_IS) + (
            "?" + quote(parts.query, safe=_AS_IT_IS) if parts.query else ""
        )
        headers = {
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "Range": f"bytes={self._at}-",
            "User-Agent": "mien",
        }
        if parts.username is not None:
            secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(secret.encode()).decode()}"
        told: Exception | None = None
        try:
            with closing(connections(address, self._name, deadline)) as wires:
                for wire in wires:
                    try:
                        return self._asked(wire, address, target, headers)
                    except (OSError, http.client.HTTPException, ValueError) as error:
                        told = told or error  # of one of its machines; another may answer
                        self.close()
                    if self._gone:
                        break
        except AudioRejected:
            raise
        except (OSError, ValueError) as error:
            told = told or error
        if isinstance(told, TimeoutError):
            raise AudioRejected(
                f"{self._name} did not answer within {self._connect_s:g} s; try again."
            ) from told
        reason = reason_of(told or OSError("its turn is over")).lower()
        raise AudioRejected(f"{self._name} could not be opened ({reason}); check the address.") from told

    def _asked(
        self, wire: Wire, address: Address, target: str, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        with self._lock:
            self._wire = wire
            if self._gone:
                wire.cut()
        connection = http.client.HTTPConnection(address.host, address.port)
        if address.parts.port is None:
            headers["Host"] = f"[{address.host}]" if ":" in address.host else address.ascii_host
        connection.sock = wire  # so that it makes no connection of its own
        connection.request("GET", target, headers=headers)
        return connection.getresponse()
