"""Rows of real frames: what the performer gives in a conversation, where everything moves in every frame.

`1280x720-2-real` is the bundled conversation `night_shift` from its sixth second on; `-idle` is the same cast
with nothing to say. More than two characters are Wren and Otto by turns, all listening to the two that speak.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil

import numpy as np
import numpy.typing as npt

from bench_compositor.timeline import HOLD_PX, Kind, Scenario, Timeline
from mien.audio import AudioSession
from mien.catalog import bundled_or_path
from mien.clock import FrameRate
from mien.composite import FrameRows
from mien.composite.reference import composite, to_bytes
from mien.composite.rows import FLOATS, IDENTITY, WARP
from mien.stage.cast import CastEntry
from mien.stage.show import Show
from mien.talk import load_conversation
from mien.types import F32, Size

CONVERSATION = "night_shift"
FROM_S = 6.0
"""Where in it the frames begin: both have spoken by then."""
_CAST = ("wren", "otto")


def shows(
    size: Size, characters: int, modes: str, reach_px: float = 0.0, frames: int | None = None
) -> Iterator[tuple[Show, FrameRows]]:
    """A show and the rows of its frames, 30 a second, for ever; those of a frame are gone with the next.
    Joints are held as long as they are off by no more than `reach_px`. `frames` that are wanted from FROM_S
    on, None for all: turns that come later need not be decoded."""
    conversation = load_conversation(bundled_or_path("conversations", CONVERSATION))
    entries = [
        CastEntry(_CAST[k] if k < 2 else f"extra {k - 1}", _CAST[k % 2]) for k in range(max(1, characters))
    ]
    rate = FrameRate.of(30)
    with AudioSession("offline", None) as audio:
        show = Show(
            entries,
            size,
            audio,
            background=conversation.background,
            hold_every=rate.sample(1) if reach_px else None,
        )
        # The peers know no tint: listeners stay as bright.
        show.player.dim = 0.0
        if show.player.held is not None:
            show.player.held.reach_px = reach_px
        if modes == "real":
            turns = [turn for turn in conversation.turns if turn.speaker in show.cast]
            # Each is longer than a second.
            for turn in turns[: None if frames is None else ceil(FROM_S + frames / 30)]:
                show.session.queue(turn)
        k = 0
        while True:
            at = rate.sample(k)
            audio.pull(rate.sample(k + 1) - at)
            yield show, show.tick(at)
            k += 1


def recorded(scenario: Scenario, frames: int) -> Timeline:
    """The timeline of a `real` or `idle` scenario."""
    show, frame, rows = _rolled(scenario, frames)
    block, counts = _blocks(show, rows)
    held, _, held_rows = _rolled(scenario, frames, HOLD_PX)
    below = FrameRows(1, scenario.size, frame.clear)
    below.claim(1)[:] = rows[0][:1]
    kinds: list[Kind] = ["first"]
    kinds += ["unchanged" if np.array_equal(one, before) else "real" for before, one in pairwise(rows)]
    return Timeline(
        scenario,
        block,
        counts,
        tuple(kinds),
        np.stack(show.pages),
        to_bytes(composite(below, show.pages)),
        frame.clear,
        np.zeros(frames),
    ).with_held(*_blocks(held, held_rows))


def _rolled(scenario: Scenario, frames: int, reach_px: float = 0.0) -> tuple[Show, FrameRows, list[F32]]:
    """A show, and the rows of so many of its frames."""
    first = round(FROM_S * 30)
    rows: list[F32] = []
    rolling = shows(scenario.size, scenario.characters, scenario.modes, reach_px, frames)
    show, frame = next(rolling)
    for k, (_, frame) in enumerate(rolling, start=1):
        if k >= first:
            rows.append(frame.rows[: frame.count].copy())
            # Drawn by all engines, of which the others bend nothing.
            rows[-1][np.abs(rows[-1][:, WARP]) >= 2.0, WARP] = 0.0
        if len(rows) == frames:
            break
    return show, frame, rows


def _blocks(show: Show, rows: list[F32]) -> tuple[F32, npt.NDArray[np.intp]]:
    """Rows and counts, as they stand in a timeline."""
    block = np.zeros((len(rows), max(len(one) for one in rows), FLOATS), np.float32)
    # Rows are numbered: the background, then the slots of one character after another.
    slots = [1, *(len(one.slots) for one in show.characters.values())]
    counts = np.zeros((len(rows), len(slots)), np.intp)
    for k, one in enumerate(rows):
        block[k, : len(one)] = one
        counts[k] = np.searchsorted(one[:, IDENTITY], np.cumsum(slots))
    return block, counts
