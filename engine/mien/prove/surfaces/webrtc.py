"""A page by WebRTC: which pictures a browser shows, each looked at as it is, and the sound that it plays."""

from __future__ import annotations

import base64
import ctypes
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any, Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.errors import ScriptError, SurfaceMissing
from mien.frame_mark import ACROSS, DOWN, read_mark, side_of
from mien.prove.comparing import Allowed, recount
from mien.prove.hearing import find_beeps
from mien.prove.played import LONGEST_START_S, Played
from mien.prove.processes import Part, hear_line, say
from mien.prove.recount import Recount
from mien.prove.sightings import Held, Put, Sighting, Sightings
from mien.prove.surfaces.browser import Page, opened
from mien.prove.surfaces.memory import Marked
from mien.prove.surfaces.stops import Stop, placed
from mien.prove.told import told_by
from mien.serve.access import Access
from mien.serve.performance import Performance
from mien.serve.server import Server
from mien.serve.webrtc import Peers
from mien.types import F32

_MODULE: Final = "mien.prove.surfaces.webrtc"
_MORE_S: Final = 1.0
"""What is on its way when the run is over is still seen."""
_BUFFERED_S: Final = 0.3
"""By which a browser holds pictures back for longer at one time than at another."""
_LOOK_S: Final = 0.05
_LEAST: Final = 16
"""Pixels of a cell that its encoder keeps: a macroblock."""
_WHITEST: Final = 47
"""The letter of a white cell, from that of a black one."""


def observe_webrtc(played: Played, folder: Path) -> Recount:
    """Serve the run to a page in a browser, and recount what that shows. Raises SurfaceMissing; ScriptError
    for frames whose marks are too small for VP8."""
    if side_of(played.size) < _LEAST:
        raise ScriptError(
            f"frames of {played.size.width} x {played.size.height} pixels cannot be told apart behind "
            "WebRTC: give 320 x 180 or more."
        )
    with Part("the server", _MODULE, "serve", played.as_json(), played.environment) as server:
        port = server.hear(LONGEST_START_S)["port"]
        with opened(f"http://127.0.0.1:{port}/", folder / "browser") as page:
            _wait(page, "document.readyState === 'complete' && document.getElementById('stage') !== null")
            page.ask(_script(side_of(played.size)))
            _wait(page, "watched.pictures.length > 5")
            page.ask("listen()")
            page.ask("watched.begin()")
            server.tell("go")
            stops = _stop(page, played)
            time.sleep(_MORE_S)
            sightings, came = _sightings(page), page.ask("watched.came()")
            server.tell("done")  # while the page is there: with it goes what is counted of it
            told = server.hear(LONGEST_START_S)
    run = replace(told_by(played.ledger), origin_ns=None, restarts=told["restarts"])
    lost = max(0, told["taken"] - came)
    not_shown = max(0, came - sightings.looks)
    sightings = replace(
        sightings,
        dropped=told["dropped"] + lost + not_shown,
        put=(*played.engine_puts, *(Put(**one) for one in told["put"]), *placed(stops, sightings)),
    )
    late = told["dropped"]
    by = (
        f"Chromium, asked of each picture that it shows ({late} left out by the server, {lost} lost on the "
        f"way, {not_shown} not shown)"
    )
    return recount("webrtc", by, run, sightings, Allowed(swallowed=_BUFFERED_S * played.fps))


def _script(side: int) -> str:
    text = files("mien.prove.surfaces").joinpath("watching.js").read_text(encoding="utf-8")
    for name, value in (("__ACROSS__", ACROSS), ("__DOWN__", DOWN), ("__SIDE__", side)):
        text = text.replace(name, str(value))
    return text


def _wait(page: Page, expression: str) -> None:
    until = time.monotonic() + LONGEST_START_S
    while not page.ask(expression):
        if time.monotonic() > until:
            raise SurfaceMissing("the browser shows no picture of the stage: see whether it has WebRTC.")
        time.sleep(_LOOK_S)


def _stop(page: Page, played: Played) -> list[Stop]:
    """Let the run go by; and keep the page busy where the surface is to stall."""
    start_ns, stops = perf_counter_ns(), []
    for frame, ms in sorted(played.of("surface").items()):
        _until(start_ns + round(frame / played.fps * 1e9))
        since, until = page.ask(f"stall({ms:g})")
        stops.append(Stop(frame, until - since, round(since * 1e6)))
    _until(start_ns + round(played.seconds * 1e9))
    return stops


def _until(at_ns: int) -> None:
    time.sleep(max(0.0, (at_ns - perf_counter_ns()) / 1e9))


def _sightings(page: Page) -> Sightings:
    """What the page has seen and heard, by its own clock."""
    pictures = page.ask("watched.pictures")
    seen: list[Sighting] = []
    unread = 0
    for shown_ms, letters in pictures:
        mark = read_mark(_grey(letters))
        if mark is None:
            unread += 1
        elif not seen or seen[-1].number != mark.number:
            at_ns = round(shown_ms * 1e6)
            seen.append(Sighting(mark.number, mark.at, at_ns, at_ns))
    held = tuple(Held(round(since * 1e6), round(until * 1e6)) for since, until in page.ask("watched.holds"))
    return Sightings(tuple(seen), _beeps(page), held, len(pictures), unread)


def _grey(letters: str) -> F32:
    """(3 DOWN, 3 ACROSS) of the cells that the page tells by letters."""
    levels = np.array([ord(letter) - 48 for letter in letters], np.float32) * (255 / _WHITEST)
    grey: F32 = levels.reshape(DOWN, ACROSS).repeat(3, axis=0).repeat(3, axis=1)
    return grey


def _beeps(page: Page) -> tuple[int, ...]:
    """When beeps came out of the page, by its clock."""
    heard, clock = page.ask("heard()"), page.ask("watched.clock")
    pairs: Sequence[tuple[float, float]] = [pair for pair in clock if pair[1] > 0]
    if not heard["sound"] or not pairs:
        return ()
    sound = np.frombuffer(base64.b64decode(heard["sound"]), np.int16).astype(np.float32) / 32767
    ahead_ms = median(out_ms - at_s * 1000 for at_s, out_ms in pairs)
    at_ms = (heard["first"] + find_beeps(sound.astype(np.float32))) * 1000 / SAMPLE_RATE + ahead_ms
    return tuple(round(ms * 1e6) for ms in at_ms.tolist())


def serve(told: Mapping[str, Any]) -> None:
    """In the process that serves."""
    played = Played.of_json(dict(told))
    options = played.options(realtime=True)
    options.pop("ledger")
    conversation, kind, peers = played.loaded(), Marked.with_ledger(str(played.ledger)), Peers()
    performance = Performance(lambda: kind.of(conversation, queued=False, spare=False, **options))
    put: list[Put] = []
    with Server(performance, Access(), peers=peers) as server:
        try:
            performance.open()
            server.house.tell_opened()
            say(port=server.port)
            hear_line()
            taken, dropped = peers.pictures_taken, _dropped(performance, peers)
            performance.stage.queue(conversation)
            stalling = threading.Thread(target=_stall, args=(played, put), daemon=True)
            stalling.start()
            hear_line()
            taken, dropped = peers.pictures_taken - taken, _dropped(performance, peers) - dropped
            restarts = performance.stage.restarts
        finally:
            performance.close()
    say(
        put=[
            {"where": one.where, "at_frame": one.at_frame, "size_ms": one.size_ms, "mark": one.mark}
            for one in put
        ],
        dropped=dropped,
        taken=taken,
        restarts=restarts,
    )


def _dropped(performance: Performance, peers: Peers) -> int:
    """Frames that the server came too late for."""
    return performance.stage.dropped + peers.pictures_dropped


def _stall(played: Played, put: list[Put]) -> None:
    """Hold the interpreter's lock where the host is to stall: nothing of the server runs meanwhile."""
    start_ns = perf_counter_ns()
    hold = ctypes.PyDLL(None).usleep
    for frame, ms in sorted(played.of("host").items()):
        _until(start_ns + round(frame / played.fps * 1e9))
        since = perf_counter_ns()
        hold(round(ms * 1000))
        put.append(Put("host", frame, (perf_counter_ns() - since) / 1e6, frame))
