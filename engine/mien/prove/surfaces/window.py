"""A window under Xvfb: what is on the screen, looked at a thousand times a second by another process."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final

import mien
from mien.errors import SurfaceMissing
from mien.frame_mark import ACROSS, DOWN, grey_of, read_mark, side_of
from mien.observe import Observation, Outputs
from mien.prove.comparing import Allowed, recount
from mien.prove.played import LONGEST_START_S, Played, stalled_until
from mien.prove.processes import Part, hear_line, say
from mien.prove.recount import Recount
from mien.prove.sightings import Held, Put, Sighting, Sightings
from mien.prove.surfaces.needs import xvfb
from mien.prove.surfaces.room import room
from mien.prove.surfaces.screen import Screen, pixels_of
from mien.prove.surfaces.stops import Stop, placed
from mien.prove.told import told_by
from mien.stage.glfw_window import glfw
from mien.types import Size

_MODULE: Final = "mien.prove.surfaces.window"
_EACH_NS: Final = 1_000_000
"""Between two looks."""
_LAST_OF_NUMBER: Final = 2
"""The row of cells with the end of a mark's number."""
_HELD_NS: Final = 4_000_000
"""Of a look that takes longer than this it is written down that it did."""
_EARLY_MS: Final = 1.0
"""What stamps and looks differ by."""
_SETTLED_S: Final = 0.5
"""Until the last picture is on the screen, behind the last frame."""


def observe_window(played: Played, folder: Path) -> Recount:
    """Play the run in a window, and recount what is seen on its screen, and what is heard where there is a
    PulseAudio to play to. Raises SurfaceMissing."""
    with display(played.size) as (name, server), room(folder / "sound") as heard:
        sound = {} if heard is None else heard.environment
        environment = {**played.environment, **sound, "DISPLAY": name}
        told = {**played.as_json(), "playout": "null" if heard is None else "auto"}
        with Part("the window", _MODULE, "play", told, environment) as window:
            opened = window.hear(LONGEST_START_S)
            told = {"display": name, "place": opened["place"], "size": list(played.size)}
            with Part("the observer of the screen", _MODULE, "watch", told) as watcher:
                watcher.hear(LONGEST_START_S)
                window.tell("go")
                stops = _stop(server, played)
                put = window.hear(LONGEST_START_S + played.seconds)["put"]
                time.sleep(_SETTLED_S)
                watcher.tell("done")
                sightings = Sightings.of_json(watcher.hear(LONGEST_START_S))
        beeps = () if heard is None else heard.beeps()
    puts = (*played.engine_puts, *(Put(**one) for one in put), *placed(stops, sightings))
    told_run = told_by(played.ledger)
    by = f"the screen of Xvfb, looked at {_rate(sightings):.0f} times a second by another process"
    allowed = Allowed(_EARLY_MS, told_run.interval_ms)
    return recount("window", by, told_run, replace(sightings, put=puts, beeps_ns=beeps), allowed)


@contextmanager
def display(size: Size) -> Iterator[tuple[str, int]]:
    """An X server of its own with a screen of this size: the name of its display, and its process."""
    program = xvfb()
    mine, its = os.pipe()
    screen = f"{size.width}x{size.height}x24"
    server = subprocess.Popen(
        [program, "-displayfd", str(its), "-screen", "0", screen, "-nolisten", "tcp", "-ac"],
        pass_fds=(its,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(its)
    try:
        with os.fdopen(mine) as told:
            ready, _, _ = select.select([told], [], [], LONGEST_START_S)
            number = told.readline().strip() if ready else ""
        if not number:
            raise SurfaceMissing("Xvfb has not started: run it by itself to see why.")
        yield f":{number}", server.pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGCONT)
        server.terminate()
        server.wait()


def play(told: Mapping[str, Any]) -> None:
    """In the process that plays."""
    played = Played.of_json(dict(told))
    options = played.options(realtime=True)
    options["playout"] = told["playout"]
    ledger, conversation = options["ledger"], played.loaded()
    assert ledger is not None
    host = sorted(played.of("host").items())
    put: list[Put] = []
    with (
        mien.Window.of(conversation, queued=False, **options) as window,
        Observation(ledger, Outputs(ledger=played.ledger), {}),
    ):
        say(place=list(glfw.get_window_pos(window._handle)))
        hear_line()
        window.queue(conversation)
        until = perf_counter_ns() + round(played.seconds * 1e9)
        while perf_counter_ns() < until and window.frame():
            # The next one is due, and its host comes so much later for it.
            if host and window._pacer._next >= host[0][0]:
                frame, ms = host.pop(0)
                size_ms = stalled_until(window._pacer.deadline_ns, ms)
                put.append(Put("host", frame, size_ms, (window._show.mark or 0) + 1))
        window.rest()
    say(
        put=[
            {"where": one.where, "at_frame": one.at_frame, "size_ms": one.size_ms, "mark": one.mark}
            for one in put
        ]
    )


def watch(told: Mapping[str, Any]) -> None:
    """In the process that looks."""
    with suppress(OSError, AttributeError):  # it takes little, and is to be in time; where that is allowed
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    side = side_of(Size(*told["size"]))
    left, top = told["place"]
    area = left, top, ACROSS * side, DOWN * side
    with Screen(told["display"]) as screen:
        # The middle of the cells that say the end of the number, which no two drawings in a row share: a
        # hundredth of the bytes of all of the mark, from the server that shows the frames.
        line = left, top + side * _LAST_OF_NUMBER + side // 2, ACROSS * side, 1
        screen.look(*area)
        say(ready=True)
        say(**_watched(screen, area, line).as_json())


def _watched(screen: Screen, area: tuple[int, int, int, int], line: tuple[int, int, int, int]) -> Sightings:
    """Look at a line until somebody says that it is over, and at all of it when that is another one."""
    seen: list[Sighting] = []
    held: list[Held] = []
    looks = unread = 0
    before = b""
    last_ns = answered_ns = next_ns = perf_counter_ns()
    while True:
        next_ns = max(next_ns + _EACH_NS, perf_counter_ns() - _EACH_NS)
        if (wait := next_ns - perf_counter_ns()) > 0:
            time.sleep(wait / 1e9)
        asked_ns = perf_counter_ns()
        data = screen.look(*line)
        now_ns = perf_counter_ns()
        looks += 1
        if now_ns - answered_ns > _HELD_NS:  # it may have begun any time since the last answer
            held.append(Held((answered_ns + asked_ns) // 2, now_ns))
        answered_ns = now_ns
        if data != before:
            pixels = pixels_of(screen.look(*area), area[2], area[3])
            answered_ns = perf_counter_ns()
            if answered_ns - now_ns > _HELD_NS:  # of looks that are held these are a few in a hundred
                held.append(Held(now_ns, answered_ns))
            mark = read_mark(grey_of(pixels))
            if mark is None:
                unread += 1  # half of it: the next look has it whole
            else:
                before = data
                if not seen or seen[-1].number != mark.number:
                    seen.append(Sighting(mark.number, mark.at, last_ns, now_ns))
        if looks % 64 == 0 and select.select([sys.stdin], [], [], 0)[0]:
            return Sightings(tuple(seen), held=tuple(held), looks=looks, unread=unread)
        last_ns = asked_ns if data != before else now_ns


def _stop(server: int, played: Played) -> list[Stop]:
    """Stop the X server where the surface is to stall."""
    start, stops = perf_counter_ns(), []
    for frame, ms in sorted(played.of("surface").items()):
        due_ns = start + round(frame / played.fps * 1e9)
        if (wait := due_ns - perf_counter_ns()) > 0:
            time.sleep(wait / 1e9)
        os.kill(server, signal.SIGSTOP)
        stopped_ns = perf_counter_ns()
        time.sleep(max(0.0, ms / 1000 - 0.002))
        stalled_until(stopped_ns, ms)
        os.kill(server, signal.SIGCONT)
        stops.append(Stop(frame, (perf_counter_ns() - stopped_ns) / 1e6, stopped_ns))
    return stops


def _rate(sightings: Sightings) -> float:
    """Looks a second."""
    seen = sightings.seen
    seconds = (seen[-1].by_ns - seen[0].by_ns) / 1e9 if len(seen) > 1 else 0.0
    return sightings.looks / seconds if seconds else 0.0
