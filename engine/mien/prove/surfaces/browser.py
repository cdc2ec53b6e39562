"""Headless Chromium, told by its own protocol: a page that runs what it is given and says what came of it."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from mien.errors import MienError, SurfaceMissing
from mien.installing import pip_install
from mien.messages import printable
from mien.prove.surfaces.needs import chromium

_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--remote-debugging-port=0",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)
_ANSWERS_S: Final = 180.0
_LOOK_S: Final = 0.05
_ENDS_S: Final = 10.0
"""Longest that it may take to end once it is told to."""


class Page:
    """A page of it. Parameters: `socket` of its protocol; `gone`, what that raises where nobody answers."""

    def __init__(self, socket: Any, gone: tuple[type[Exception], ...] = (OSError,)) -> None:
        self._socket, self._gone = socket, gone
        self._number = 0

    def tell(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol; what it gives. Raises MienError."""
        self._number += 1
        try:
            told = self._answer(json.dumps({"id": self._number, "method": method, "params": parameters}))
        except self._gone as error:
            why = printable(str(error) or type(error).__name__, 200)
            raise MienError(
                f"Chromium does not answer {method} ({why}): it has ended, or the machine is too "
                "busy; try again."
            ) from error
        if "error" in told:
            raise MienError(f"Chromium refuses {method} ({printable(str(told['error']), 200)}).")
        return told["result"]

    def _answer(self, request: str) -> Any:
        self._socket.send(request)
        while True:
            told = json.loads(self._socket.recv(timeout=_ANSWERS_S))
            if told.get("id") == self._number:
                return told

    def ask(self, expression: str) -> Any:
        """What an expression of JavaScript is, a promise awaited. Raises MienError."""
        told = self.tell("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            said = told["exceptionDetails"].get("exception", {}).get("description", "an exception")
            raise MienError(f"the page fails ({printable(said, 300)}).")
        return told["result"].get("value")


def _port(browser: subprocess.Popen[bytes], folder: Path, program: str) -> int:
    """Where it listens, which it writes into its folder. Raises SurfaceMissing."""
    told, until = folder / "DevToolsActivePort", time.monotonic() + _ANSWERS_S
    while browser.poll() is None and time.monotonic() < until:
        if told.exists() and (lines := told.read_text(encoding="utf-8").splitlines()):
            return int(lines[0])
        time.sleep(_LOOK_S)
    raise SurfaceMissing(f"{program} has not started: run it with --headless to see why.")


@contextmanager
def opened(address: str, folder: Path) -> Iterator[Page]:
    """A page in a browser of its own, which keeps what it keeps in `folder`. Raises SurfaceMissing."""
    try:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect
    except ImportError as error:
        raise SurfaceMissing(
            f"a browser is told by a WebSocket: `{pip_install('mien[prove]')}`, or prove another surface."
        ) from error
    program = chromium()
    with subprocess.Popen(
        [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as browser:
        gone = (OSError, WebSocketException)
        try:
            port = _port(browser, folder, program)
            with ExitStack() as kept:
                try:
                    socket = kept.enter_context(
                        connect(_address(port), max_size=None, open_timeout=_ANSWERS_S)
                    )
                except (*gone, ValueError) as error:
                    raise SurfaceMissing(
                        f"{program} does not answer ({printable(str(error), 200)}): run it with --headless "
                        "to see why."
                    ) from error
                page = Page(socket, gone)
                page.tell("Page.enable")
                page.tell("Page.setBypassCSP", enabled=True)
                page.tell("Page.navigate", url=address)
                yield page
        finally:
            browser.terminate()
            try:
                browser.wait(_ENDS_S)
            except subprocess.TimeoutExpired:
                browser.kill()


def _address(port: int) -> str:
    """Of its page's socket. Raises OSError; ValueError where it has no page."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=_ANSWERS_S) as told:
        for tab in json.load(told):
            if tab["type"] == "page":
                return str(tab["webSocketDebuggerUrl"])
    raise ValueError("it has no page")
