"""An observer of a screen knows for how long the server did not answer, whichever look that was."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from mien.prove.surfaces import window

LOOK_NS, STOP_NS = 200_000, 185_000_000
LINE, AREA = (0, 4, 60, 1), (0, 0, 60, 30)


@dataclass
class Server:
    """A server that is stopped once, after so many looks at the line: before it shows that, or all of the
    mark. Of each picture it shows the number alone."""

    stopped_at: int
    in_line: bool
    now_ns: int = 0
    lines: int = 0
    shown: list[int] = field(default_factory=list)

    def look(self, left: int, top: int, width: int, height: int) -> bytes:
        is_line = height == LINE[3]
        self.lines += is_line
        number = self.lines // 20  # another picture each 20 ms or so
        if self.lines == self.stopped_at and is_line == self.in_line:
            self.now_ns += STOP_NS
        self.now_ns += LOOK_NS
        return bytes([number])

    def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)

    def is_over(self, *_: Any) -> tuple[list[Any], list[Any], list[Any]]:
        return ([sys.stdin] if self.lines > 150 else []), [], []


@pytest.mark.parametrize("in_line", [True, False], ids=["the line", "all of the mark"])
def test_a_server_that_stops_is_held_for_as_long_as_it_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, in_line: bool
) -> None:
    server: Any = Server(stopped_at=80, in_line=in_line)
    monkeypatch.setattr(window, "perf_counter_ns", lambda: server.now_ns)
    monkeypatch.setattr(window, "time", SimpleNamespace(sleep=server.sleep))
    monkeypatch.setattr(window, "select", SimpleNamespace(select=server.is_over))
    monkeypatch.setattr(window, "pixels_of", lambda data, *_: data)
    monkeypatch.setattr(window, "grey_of", lambda data: data)
    monkeypatch.setattr(window, "read_mark", lambda data: SimpleNamespace(number=data[0], at=0))
    found = window._watched(server, AREA, LINE)
    (held,) = found.held
    assert held.ms == pytest.approx(STOP_NS / 1e6, abs=2.0)
    assert [one.number for one in found.seen] == list(range(found.seen[-1].number + 1))
    assert found.seen[-1].number >= 7 and not found.unread
