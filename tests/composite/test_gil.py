"""A GL call that may wait long releases the GIL; one that cannot holds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import moderngl
import numpy as np
import pytest

from composite.scenes import Atlas, frame_of, noise, slot
from composite.waiting import finish, taken
from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions, functions
from mien.types import U8, Affine, Blend, Size

SIZE = Size(128, 96)
SMALLER = 16
"""As many times fewer pixels than the limits in `functions` are for: the slowest renderer shall draw them."""
DRAWS = ("_draw_elements", "_draw_arrays")
CALLS = (*DRAWS, "_write_buffer", "_write_texture", "_fence", "_flush", "_read_pixels")


class Watched:
    """A compositor of which the calls are noted by whether they hold the GIL (0) or release it (1)."""

    def __init__(self, ctx: moderngl.Context, strategy: str, buffered: bool) -> None:
        self.compositor = Compositor(
            ctx,
            SIZE,
            64,
            1,
            64,
            options=CompositorOptions(
                strategy="fetch" if strategy == "fetch" else "loop", pixel_buffers=buffered
            ),
        )
        self.functions = self.compositor._gl.functions
        self.made: dict[str, list[int]] = {name: [] for name in CALLS}
        self._atlas = Atlas(64, 64)
        self._drawing = self._atlas.add(noise(np.random.default_rng(1), 10, 10))
        self.compositor.upload_page(0, self._atlas.page)
        self.compositor.warm_up()
        for name in CALLS:
            pair = getattr(self.functions, name)
            setattr(self.functions, name, tuple(self._noting(name, k, pair[k]) for k in range(2)))

    def frame(self, step: int, layers: int = 1, scale: float = 1.0, blend: Blend = Blend.NORMAL) -> FrameRows:
        slots = [slot(self._drawing, opacity=0.5, blend=blend)] * layers
        return frame_of(slots, SIZE, Affine(a=scale, d=scale, tx=step))

    def take(self) -> dict[str, set[int]]:
        """How each call was made since the last time."""
        made = {name: set(how) for name, how in self.made.items() if how}
        made["draw"] = made.pop("_draw_elements", set()) | made.pop("_draw_arrays", set())
        for how in self.made.values():
            how.clear()
        return made

    def _noting(self, name: str, how: int, call: Any) -> Any:
        def noted(*arguments: Any) -> Any:
            self.made[name].append(how)
            return call(*arguments)

        return noted


@pytest.fixture(params=[False, True], ids=["target", "pixel buffers"])
def watched(
    ctx: moderngl.Context, strategy: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watched]:
    for limit in ("_SHORT", "_QUEUED"):
        monkeypatch.setattr(functions, limit, getattr(functions, limit) // SMALLER)
    opened = Watched(ctx, strategy, bool(request.param))
    with opened.compositor:
        opened.compositor.draw(opened.frame(0))  # the first is drawn whole
        opened.compositor.read()
        opened.take()
        yield opened


def test_a_small_frame_keeps_the_lock_throughout(watched: Watched) -> None:
    compositor = watched.compositor
    for step in range(1, 4):
        assert compositor.draw(watched.frame(step))
        compositor.begin_read(step)
        taken(compositor)
    made = watched.take()
    assert set(made) == {"draw", *CALLS[2:]}
    assert all(how == {0} for how in made.values()), made


def test_a_frame_of_much_work_lets_go_in_all_that_may_wait_for_it(watched: Watched) -> None:
    compositor = watched.compositor
    assert compositor.draw(watched.frame(1, layers=60, scale=12.0))
    compositor.begin_read(1)
    made = watched.take()
    # Its rows are written before anything is owed.
    assert made["_write_texture"] == made["_write_buffer"] == {0}
    assert made["draw"] == made["_fence"] == made["_flush"] == {1}
    compositor.read()
    assert watched.take()["_read_pixels"] == {1}


def test_of_a_frame_of_some_work_what_waits_for_its_draws_lets_go(watched: Watched) -> None:
    compositor = watched.compositor
    assert compositor.draw(watched.frame(1, layers=20, scale=6.0, blend=Blend.DARKEN))
    made = watched.take()
    # `fetch` rounds to 8 bits with a draw that samples the sum of the layers.
    assert made["draw"] == ({0, 1} if compositor.strategy == "fetch" else {0})
    assert made["_fence"] == made["_flush"] == {1}


def test_while_the_gpu_is_behind_writes_let_go_too_and_no_longer_when_it_is_done(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    compositor = watched.compositor
    with monkeypatch.context() as patched:
        patched.setattr(watched.functions, "reached", lambda fence: False)
        compositor.draw(watched.frame(1, layers=60, scale=12.0))
        watched.take()
        compositor.draw(watched.frame(2))
        made = watched.take()
        assert made["_write_texture"] == made["_write_buffer"] == made["draw"] == {1}
    finish(compositor)
    assert compositor.draw(watched.frame(3))
    assert all(how == {0} for how in watched.take().values())


def test_what_is_owed_is_what_was_asked_and_not_finished(watched: Watched) -> None:
    functions, compositor = watched.functions, watched.compositor
    assert functions.asked == functions.done > 0
    compositor.draw(watched.frame(1))
    assert functions.asked > functions.done
    picture: U8 = np.empty((SIZE.height, SIZE.width, 4), np.uint8)
    compositor.read_into(picture)
    assert functions.asked == functions.done
