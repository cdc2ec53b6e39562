"""In live frames joints that hardly move are held; what is drawn again is less, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pytest

import mien
from mien.audio import AudioSession
from mien.catalog import bundled_or_path
from mien.composite.plan.coverage import Coverage
from mien.composite.plan.planner import Planner
from mien.composite.rows import BLEND, FLOATS, IDENTITY, INVERSE_X, INVERSE_Y, OPACITY, SAMPLES, WEIGHTS
from mien.stage.live import LiveStage
from mien.stage.show import Show
from mien.talk import load_conversation
from mien.talk.turns import Cue
from mien.types import F32, Size

SIZE = Size(640, 360)
INTERVAL = 1600
PICKED = np.r_[OPACITY, BLEND, WEIGHTS, SAMPLES, IDENTITY]
"""Columns that say which drawings show, not where."""


@contextmanager
def showing(hold_every: int | None, reach_px: float = 0.0) -> Iterator[Show]:
    """The bundled conversation, at its beginning."""
    conversation = load_conversation(bundled_or_path("conversations", "night_shift"))
    with AudioSession("offline") as audio:
        show = Show({"wren": "wren", "otto": "otto"}, SIZE, audio, hold_every=hold_every)
        if show.player.held is not None:
            show.player.held.reach_px = reach_px
        for turn in conversation.turns[:5]:  # of those that come later all would be decoded
            show.session.queue(turn)
        yield show
        show.close()


def frames(show: Show, times: range) -> Iterator[F32]:
    """Rows of the frames at these samples; the sound before them is heard first."""
    heard = 0
    for at in times:
        show.audio.pull(at + 1 - heard)
        heard = at + 1
        frame = show.tick(at)
        yield frame.rows[: frame.count].copy()


SECONDS = range(5 * 48_000 + 700, 9 * 48_000, INTERVAL)
"""Both speak in it."""


@pytest.fixture(scope="module")
def exact() -> tuple[list[F32], int]:
    """Rows with nothing held, and the pixels of layers drawn for them."""
    with showing(None) as show:
        return recorded(show)


def recorded(show: Show) -> tuple[list[F32], int]:
    coverage = Coverage(Size(show.page_size, show.page_size), len(show.pages))
    for number, page in enumerate(show.pages):
        coverage.set_page(number, page)
    planner, work = Planner(SIZE, coverage, "fused"), 0
    found: list[F32] = []
    for rows in frames(show, SECONDS):
        plan = planner.plan(show.player.frame, rows)
        work += plan.work if plan is not None and found else 0
        found.append(rows)
    return found, work


def changed(rows: list[F32]) -> float:
    """Share of rows that are not those of the frame before."""
    pairs = [(a, b) for a, b in pairwise(rows) if a.shape == b.shape]
    return float(np.mean([(a[1:] != b[1:]).any(axis=1).mean() for a, b in pairs]))


def test_fewer_rows_change_in_a_conversation_and_less_is_drawn(exact: tuple[list[F32], int]) -> None:
    assert changed(exact[0]) > 0.95
    with showing(INTERVAL, 1 / 2) as show:
        held, drawn = recorded(show)
    assert changed(held) < 0.65
    assert drawn < 0.75 * exact[1]


def test_what_shows_is_never_held(exact: tuple[list[F32], int]) -> None:
    """Drawings of mouths and lids, fades and all: only where they are."""
    with showing(INTERVAL, 1 / 2) as show:
        for rows, wanted in zip(frames(show, SECONDS), exact[0], strict=True):
            assert rows.shape == wanted.shape
            assert np.array_equal(rows[:, PICKED], wanted[:, PICKED])


def off_px(rows: F32, wanted: F32) -> float:
    """How far apart the places are that rows show in the corners of their first drawing, in pixels of the
    frame. (Bounds of what is turned reach far beyond it.)"""
    mirror, left, top, _, *limits = wanted[:, SAMPLES][:, :8].T
    xs, ys = (mirror * (limits[0] - left), mirror * (limits[2] - left)), (limits[1] - top, limits[3] - top)
    corners = np.stack([np.stack((x, y), axis=1) for x in xs for y in ys], axis=1)
    maps = np.stack((wanted[:, INVERSE_X], wanted[:, INVERSE_Y]), axis=1)
    off = np.stack((rows[:, INVERSE_X], rows[:, INVERSE_Y]), axis=1) - maps
    at = np.linalg.solve(maps[:, None, :, :2].astype(float), (corners - maps[:, None, :, 2])[..., None])
    at = np.concatenate((at[..., 0], np.ones_like(corners[:, :, :1])), axis=2)
    on_canvas = np.einsum("rcx,rix->rci", at, off)
    # What is drawn smaller, as a jaw that closes may be, has more of the canvas in a pixel of the frame.
    on_frame = np.linalg.solve(maps[:, None, :, :2].astype(float), on_canvas[..., None])[..., 0]
    return float(np.linalg.norm(on_frame, axis=2).max())


def test_no_pixel_comes_from_further_away_than_allowed(exact: tuple[list[F32], int]) -> None:
    with showing(INTERVAL, 1 / 4) as show:
        pairs = zip(frames(show, SECONDS), exact[0], strict=True)
        seen = max(off_px(rows, wanted) for rows, wanted in pairs)
    assert 0.2 < seen <= 1.001 / 4


def test_with_nothing_allowed_and_without_a_grid_rows_are_the_same_to_the_bit(
    exact: tuple[list[F32], int],
) -> None:
    with showing(INTERVAL, 0.0) as show:
        for rows, wanted in zip(frames(show, SECONDS), exact[0], strict=True):
            assert np.array_equal(rows, wanted)
    assert exact[0][0].shape[1] == FLOATS


def test_a_frame_is_the_same_whatever_frames_were_shown_before_it() -> None:
    """All of them, and one in five."""
    with showing(INTERVAL, 1 / 4) as show, showing(INTERVAL, 1 / 4) as other:
        every = list(frames(show, SECONDS))[::5]
        for rows, wanted in zip(frames(other, SECONDS[::5]), every, strict=True):
            assert np.array_equal(rows, wanted)


def test_a_cue_ends_a_hold_in_its_first_frame() -> None:
    times = range(700, 20 * INTERVAL, INTERVAL)
    with showing(INTERVAL, 1 / 8) as show, showing(None) as exact:
        for one in (show, exact):
            one.session.post(Cue(0.0, "nod", 1.0), "otto", 10 * INTERVAL + 800)
        held, still = show.player.held, []
        assert held is not None
        for rows, wanted in zip(frames(show, times), frames(exact, times), strict=True):
            still.append(held.count)
            assert off_px(rows, wanted) < 1.05 / 8
        assert sum(still[5:10]) > 1.3 * sum(still[15:20])  # arms hang as still as before


def test_files_and_fixed_quality_hold_nothing() -> None:
    with mien.open_stage({"otto": "otto"}, size=(96, 72)) as stage:
        assert stage._show.player.held is None
    with LiveStage({"otto": "otto"}, size=(96, 72), playout="null", quality="fixed") as live:
        assert live._show.player.held is None
    with LiveStage({"otto": "otto"}, size=(96, 72), playout="null") as live:
        held, levels = live._show.player.held, live._levels
        assert held is not None and held.reach_px == live._level.reach_px
        assert levels[0].hold_px == 0.0 < levels[1].hold_px


def test_with_frames_far_apart_nothing_is_held() -> None:
    with LiveStage({"otto": "otto"}, size=(96, 72), playout="null", fps=4) as live:
        assert live._show.player.held is None
        assert [level.hold_px for level in live._levels] == [0.0, 0.0, 0.0]
