"""Frames drawn with fewer pixels, and filtered up to their size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import moderngl
import numpy as np
import pytest

from composite.scenes import Atlas, frame_of, slot
from composite.timeline import PAGE, PAGE_COUNT, SIZE, Timeline, page
from composite.waiting import finish, taken
from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions, is_software
from mien.composite.gl.functions import Functions
from mien.composite.gl.rectangles import touched
from mien.composite.rows import BOUNDS, INVERSE_X, INVERSE_Y
from mien.composite.scaled import scaled_rows, scaled_size
from mien.errors import ScriptError
from mien.types import U8, Affine, Size

SCALES = (1.0, 0.75, 0.5)


def opened(ctx: moderngl.Context, scene: Timeline, strategy: str, **options: Any) -> Compositor:
    """A compositor for the scene, ready."""
    frame = scene.frame
    compositor = Compositor(
        ctx,
        SIZE,
        PAGE,
        PAGE_COUNT,
        frame.capacity,
        offscreens=frame.offscreens,
        options=CompositorOptions(strategy="fetch" if strategy == "fetch" else "loop", **options),
    )
    rng = np.random.default_rng(5)
    for index in range(PAGE_COUNT):
        compositor.upload_page(index, page(rng, index))
    compositor.warm_up()
    return compositor


@pytest.mark.parametrize("buffered", [False, True], ids=["target", "pixel buffers"])
def test_what_is_drawn_bit_by_bit_at_changing_scales_is_what_is_drawn_whole(
    ctx: moderngl.Context, strategy: str, buffered: bool
) -> None:
    """And nothing is compiled or made meanwhile; at 1 the picture is that of a compositor without scales."""
    scene, rng = Timeline(3), np.random.default_rng(3)
    with (
        opened(ctx, scene, strategy, scales=SCALES, pixel_buffers=buffered) as one,
        opened(ctx, scene, strategy, scales=SCALES, damage=False) as whole,
        opened(ctx, scene, strategy) as plain,
    ):
        made = one.counters.allocations, one.counters.compiles
        for k in range(40):
            scene.step()
            if k % 5 == 0:
                one.scale = whole.scale = float(rng.choice(SCALES))
            for compositor in (one, whole, plain):
                compositor.draw(scene.frame)
            one.begin_read(k)
            number, picture = taken(one)
            wanted = plain.read() if one.scale == 1.0 else whole.read()
            apart = np.abs(picture.astype(np.int16) - wanted)
            assert number == k
            # Texture coordinates of a part are rounded otherwise than those of the whole.
            assert apart.max() <= (0 if one.scale == 1.0 else 2), (k, one.scale)
        assert (one.counters.allocations, one.counters.compiles) == made
    assert one.counters.freed == one.counters.allocations


def smooth(size: Size) -> tuple[FrameRows, U8]:
    """A frame filled with a picture without edges, turned a little."""
    y, x = np.mgrid[0:128, 0:256]
    picture = np.full((128, 256, 4), 255, np.uint8)
    picture[..., 0] = 100 + 90 * np.sin(x / 40)
    picture[..., 1] = 120 + 90 * np.cos(y / 30)
    picture[..., 2] = 60 + (x + y) / 4
    atlas = Atlas(260, 132)
    drawing = atlas.add(picture)
    turn = Affine(0.999, 0.04, -0.04, 0.999, -40.3, -20.7)
    return frame_of([slot(drawing)], size, turn), atlas.page


@pytest.mark.parametrize("size", [Size(160, 96), Size(99, 77)])
@pytest.mark.parametrize("scale", [0.75, 0.5])
def test_what_is_smooth_lies_where_it_did_with_fewer_pixels(
    ctx: moderngl.Context, strategy: str, size: Size, scale: float
) -> None:
    frame, picture = smooth(size)
    with Compositor(
        ctx,
        size,
        (260, 132),
        1,
        4,
        options=CompositorOptions(strategy="fetch" if strategy == "fetch" else "loop", scales=SCALES),
    ) as compositor:
        compositor.upload_page(0, picture)
        compositor.draw(frame)
        full = compositor.read().astype(np.int16)
        assert full[..., 3].min() == 255
        compositor.scale = scale
        assert compositor.draw(frame)
        apart = np.abs(compositor.read() - full)
        # At the edge the last pixel is repeated.
        assert apart.max() <= 6
        assert apart[2:-2, 2:-2].max() <= 3
        # A shift by half a pixel would make 1.6.
        assert apart.mean() < 0.6
        finish(compositor)


def of_one_page(ctx: moderngl.Context, frame: FrameRows, strategy: str) -> Compositor:
    """Of a page for the picture of `smooth`, at every scale."""
    options = CompositorOptions(strategy="fetch" if strategy == "fetch" else "loop", scales=SCALES)
    return Compositor(ctx, frame.size, (260, 132), 1, 4, options=options)


def test_fewer_pixels_are_drawn(ctx: moderngl.Context, strategy: str) -> None:
    frame, picture = smooth(Size(160, 96))
    with of_one_page(ctx, frame, strategy) as compositor:
        compositor.upload_page(0, picture)
        asked = []
        for scale in SCALES:
            before = compositor._gl.functions.asked
            compositor.scale = scale
            assert compositor.draw(frame)
            asked.append(compositor._gl.functions.asked - before)
        assert asked[1] == pytest.approx(asked[0] * 0.75**2, abs=1)
        assert asked[2] == pytest.approx(asked[0] * 0.5**2, abs=1)
        # The same again: nothing to draw.
        assert not compositor.draw(frame)


def test_a_program_is_shown_what_was_drawn_smaller(ctx: moderngl.Context, strategy: str) -> None:
    """In a window the smaller picture is filtered once, to where it is shown."""
    frame, picture = smooth(Size(160, 96))
    with of_one_page(ctx, frame, strategy) as compositor:
        compositor.upload_page(0, picture)
        with ctx:
            texture = ctx.texture(frame.size, 4)
            screen = ctx.framebuffer([texture])
        compositor.draw(frame)
        shown = []
        for scale in (1.0, 0.5):
            compositor.scale = scale
            compositor.draw(frame)
            compositor.blit_to(screen, (0, 0, *frame.size), over=False)
            with ctx:
                shown.append(np.frombuffer(screen.read(components=4), np.uint8).astype(np.int16))
        assert np.abs(shown[0] - shown[1]).max() <= 4
        assert (shown[0] != shown[1]).any()
        with ctx:
            screen.release()
            texture.release()


def test_rows_in_fewer_pixels_show_the_same_places() -> None:
    frame, _ = smooth(Size(160, 96))
    rows = frame.rows[: frame.count]
    small = scaled_rows(rows, 0.75)
    at, at_small = np.array((40.0, 60.0, 1.0)), np.array((30.0, 45.0, 1.0))
    for inverse in (INVERSE_X, INVERSE_Y):
        assert small[0, inverse] @ at_small == pytest.approx(rows[0, inverse] @ at, abs=1e-3)
    assert (small[:, BOUNDS] == rows[:, BOUNDS] * 0.75).all()


def test_parts_of_pixels_are_left_out_and_what_is_touched_stays_in_the_frame() -> None:
    assert scaled_size(Size(99, 77), 0.75) == (74, 57)
    assert touched([(0, 16, 32, 32)], 0.5, Size(33, 77)) == [(0, 14, 33, 34)]


def test_of_a_smaller_frame_no_more_is_read_than_around_what_was_drawn(
    ctx: moderngl.Context, strategy: str
) -> None:
    """Of two high layers far apart: not all that lies between them; and a pixel that is drawn counts once."""
    size, atlas = Size(320, 256), Atlas(64, 256)
    drawing = atlas.add(np.full((250, 8, 4), 255, np.uint8))
    options = CompositorOptions(strategy="fetch" if strategy == "fetch" else "loop", scales=SCALES)
    counted, read = [], []
    with Compositor(ctx, size, (64, 256), 1, 4, options=options) as compositor:
        compositor.upload_page(0, atlas.page)
        for scale in SCALES:
            compositor.scale = scale
            for move in (0, 1):
                both = [slot(replace(drawing, offset=(x, 2 + move))) for x in (4, 300)]
                before, bytes_before = compositor.counters.pixels, compositor.counters.read_bytes
                compositor.draw(frame_of(both, size))
                compositor.read()
            counted.append(compositor.counters.pixels - before)
            read.append(compositor.counters.read_bytes - bytes_before)
    assert len(set(counted)) == 1
    assert max(read) < 4 * 256 * 160


def test_textures_of_an_opening_that_fails_half_way_are_freed(
    ctx: moderngl.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, delete = Functions.make_bgra_texture, Functions.delete_texture
    there: list[int] = []

    def made(functions: Functions, size: tuple[int, int]) -> int:
        if len(there) == 2:
            raise moderngl.Error("incomplete")
        there.append(make(functions, size))
        return there[-1]

    def deleted(functions: Functions, name: int) -> None:
        there.remove(name)
        delete(functions, name)

    monkeypatch.setattr(Functions, "make_bgra_texture", made)
    monkeypatch.setattr(Functions, "delete_texture", deleted)
    if is_software(ctx):
        with pytest.raises(moderngl.Error, match="incomplete"):
            Compositor(ctx, SIZE, PAGE, 1, 4, options=CompositorOptions(scales=SCALES))
    assert there == []


@pytest.mark.parametrize("scales", [(0.5,), (1.0, 0.7), (1.0, 0.0), (1.0, 2.0), (1.0, "half")])
def test_scales_that_no_tile_can_have_are_refused(scales: Any) -> None:
    with pytest.raises(ScriptError, match=r"scales cannot be .*: give multiples of 1/16 from 1/4 to 1"):
        CompositorOptions(scales=scales)


def test_a_scale_that_it_was_not_opened_for_is_refused(ctx: moderngl.Context) -> None:
    with (
        Compositor(ctx, SIZE, PAGE, 1, 4) as compositor,
        pytest.raises(ScriptError, match=r"scale cannot be 0\.5: give one of 1"),
    ):
        compositor.scale = 0.5
