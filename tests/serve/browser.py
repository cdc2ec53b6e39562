"""Headless Chromium, told by its own protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome")


def found() -> str | None:
    """The browser's program."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """A page of it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0

    def tell(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(timeout=120))
            if told.get("id") == self._number:
                assert "error" not in told, told
                return told["result"]

    def ask(self, expression: str) -> Any:
        """What an expression of JavaScript is, a promise awaited."""
        told = self.tell("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def wait(self, expression: str) -> Any:
        """Until it is true; its value. The page itself looks, each time that it draws."""
        return self.ask(
            "new Promise(done => { const look = () => { const now = (() => { try { return "
            + expression
            + " } catch { return null } })(); now ? done(now) : setTimeout(look, 16) }; look() })"
        )


@contextmanager
def opened(address: str, folder: Path) -> Iterator[Page]:
    """A page in a browser of its own, which keeps what it keeps in `folder`."""
    program = found()
    assert program is not None
    with subprocess.Popen(
        [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
            f"--user-data-dir={folder}", "--autoplay-policy=no-user-gesture-required", "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as browser:  # fmt: skip
        try:
            assert browser.stderr is not None
            says = next(line for line in browser.stderr if "DevTools listening on" in line)
            port = says.rpartition("127.0.0.1:")[2].partition("/")[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as told:
                tabs = json.load(told)
            tab = next(tab for tab in tabs if tab["type"] == "page")
            with connect(tab["webSocketDebuggerUrl"], max_size=None) as socket:
                page = Page(socket)
                page.tell("Page.enable")
                page.tell("Page.navigate", url=address)
                yield page
        finally:
            browser.terminate()
