"""The mark of a frame: what is read off it is what was drawn, or nothing."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

import mien
from mien.errors import ScriptError
from mien.frame_mark import ACROSS, DOWN, Mark, cells_of, drawn, grey_of, mark_of, read_mark, side_of
from mien.types import U8, Size

MARKS = st.builds(mark_of, st.integers(0, 2**25), st.integers(0, 2**32))
SIDES = st.sampled_from((4, 8, 16))
CAST = {"wren": "wren", "otto": "otto"}


def pictured(mark: Mark, side: int) -> Image.Image:
    return Image.fromarray(drawn(mark, side))


def read(picture: Image.Image) -> Mark | None:
    return read_mark(np.asarray(picture.convert("L")))


@given(MARKS, SIDES)
def test_what_is_drawn_is_read(mark: Mark, side: int) -> None:
    assert read_mark(drawn(mark, side)) == mark


@given(MARKS, SIDES, st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_noise_and_a_narrow_range_change_nothing(mark: Mark, side: int, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 20, drawn(mark, side).shape)
    assert read_mark(np.clip(16 + drawn(mark, side) * (219 / 255) + noise, 0, 255)) == mark


@given(MARKS, st.sampled_from((8, 16)), st.floats(0.5, 2.5), st.floats(0.5, 2.0))
@settings(deadline=None)
def test_blur_and_scaling_change_nothing(mark: Mark, side: int, scale: float, radius: float) -> None:
    size = (round(ACROSS * side * scale), round(DOWN * side * scale))
    scaled = pictured(mark, side).resize(size, Image.Resampling.BILINEAR)
    assert read(scaled.filter(ImageFilter.GaussianBlur(radius * scale * side / 8))) == mark


@given(MARKS, SIDES, st.integers(15, 95))
@settings(deadline=None, max_examples=50)
def test_jpeg_with_chroma_subsampling_changes_nothing(mark: Mark, side: int, quality: int) -> None:
    file = io.BytesIO()
    pictured(mark, side).convert("RGB").save(file, "JPEG", quality=quality, subsampling=2)
    assert read(Image.open(file)) == mark


@given(MARKS, MARKS, SIDES, st.data())
@settings(deadline=None)
def test_a_mark_torn_between_two_frames_is_neither_read_nor_misread(
    before: Mark, after: Mark, side: int, data: st.DataObject
) -> None:
    torn = drawn(before, side)
    down = data.draw(st.integers(1, DOWN * side - 1))
    torn[down:] = drawn(after, side)[down:]
    assert read_mark(torn) in (None, before, after)


def test_no_tear_between_successive_frames_is_misread() -> None:
    """At every row, column and half cell, for frames as they follow one another."""
    for number in range(0, 3000, 61):
        one, two = mark_of(number, 1600 * number), mark_of(number + 1, 1600 * (number + 1))
        first, second = drawn(one, 4), drawn(two, 4)
        for cut in range(2, 4 * ACROSS, 2):
            across, down = first.copy(), first.copy()
            across[:, cut:] = second[:, cut:]
            down[cut:] = second[cut:]
            assert read_mark(across) in (None, one, two)
            assert read_mark(down) in (None, one, two)


@given(MARKS, SIDES, st.integers(1, DOWN * ACROSS))
def test_cells_that_are_half_way_are_not_read(mark: Mark, side: int, count: int) -> None:
    """As of a frame that is faded into the next."""
    half = drawn(mark, side).astype(np.float64)
    places = np.random.default_rng(count).permutation(DOWN * ACROSS)[:count]
    for place in places:
        row, column = divmod(int(place), ACROSS)
        half[row * side : (row + 1) * side, column * side : (column + 1) * side] = 128
    assert read_mark(half) is None


@given(MARKS, st.integers(0, DOWN * ACROSS - 1), st.integers(1, 24), st.integers(0, 2**24 - 1))
def test_an_error_within_24_bits_is_found(mark: Mark, first: int, length: int, pattern: int) -> None:
    cells = cells_of(mark).ravel().copy()
    span = slice(first, min(first + length, cells.size))
    cells[span] ^= np.array([pattern >> k & 1 for k in range(24)], bool)[: span.stop - span.start]
    grey = np.where(cells, 255, 0).astype(np.uint8).reshape(DOWN, ACROSS).repeat(4, 0).repeat(4, 1)
    changed = not np.array_equal(cells, cells_of(mark).ravel())
    assert read_mark(grey) == (None if changed else mark)


@given(st.integers(0, 2**32 - 1))
def test_a_picture_of_something_else_is_no_mark(seed: int) -> None:
    chance = np.random.default_rng(seed)
    assert read_mark(chance.integers(0, 256, (64, 80)).astype(np.uint8)) is None
    assert read_mark(np.full((64, 80), chance.choice((0, 255)), np.uint8)) is None
    assert read_mark(np.zeros((3, 3), np.uint8)) is None


WEBRTC = {"cpu-used": "-6", "deadline": "realtime", "noise-sensitivity": "4", "static-thresh": "1"}
"""What aiortc and Chromium ask of VP8."""


@pytest.mark.parametrize(
    ("codec", "bits", "options", "noisy"),
    [
        ("libx264", 150_000, {}, True),
        ("libvpx", 150_000, {}, True),
        ("libvpx", 500_000, WEBRTC, False),
        ("mpeg4", 400_000, {}, True),
    ],
)
def test_codecs_at_a_low_rate_change_nothing(
    codec: str, bits: int, options: dict[str, str], noisy: bool, tmp_path: Path
) -> None:
    """320 x 180; behind the mark noise that changes with each frame and takes all the bits, or a still."""
    file, size = tmp_path / "marks.mkv", Size(320, 180)
    side = side_of(size)
    marks = [mark_of(number, 1600 * number) for number in range(60)]
    chance = np.random.default_rng(1)
    behind = np.full((180, 320, 3), 90, np.uint8)
    with av.open(str(file), "w") as out:
        stream = out.add_stream(codec, 30, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *size, "yuv420p", bits
        stream.codec_context.time_base = Fraction(1, 30)
        for number, mark in enumerate(marks):
            picture = chance.integers(0, 256, behind.shape).astype(np.uint8) if noisy else behind.copy()
            picture[: DOWN * side, : ACROSS * side] = drawn(mark, side)[..., None]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    with av.open(str(file)) as back:
        pictures = [frame.to_ndarray(format="rgb24") for frame in back.decode(video=0)]
    assert [read_mark(grey_of(one[: DOWN * side, : ACROSS * side])) for one in pictures] == marks


def of_stage(picture: U8, size: tuple[int, int]) -> tuple[Mark | None, U8]:
    side = side_of(Size(*size))
    corner = picture[: DOWN * side, : ACROSS * side]
    return read_mark(grey_of(corner)), corner


@pytest.mark.parametrize("size", [(320, 180), (160, 90), (41, 33)])
def test_the_engine_draws_it_to_the_pixel_and_changes_no_other(size: tuple[int, int]) -> None:
    with (
        mien.open_stage(CAST, size=size, marks=True, background="evening_room") as marked,
        mien.open_stage(CAST, size=size, background="evening_room") as plain,
    ):
        records, others = marked.ledger.subscribe(), plain.ledger.subscribe()
        for number in range(4):
            picture, other = marked.frame(), plain.frame()
            mark, corner = of_stage(picture, size)
            assert mark == mark_of(number, 1600 * number)
            assert (corner[..., :3] == drawn(mark, side_of(Size(*size)))[..., None]).all()
            assert (corner[..., 3] == 255).all()
            corner[:] = other[: corner.shape[0], : corner.shape[1]]
            assert (picture == other).all()
        assert [getattr(record, "mark", None) for record in records] == [0, 1, 2, 3]
        assert {getattr(record, "mark", None) for record in others} == {None}


def test_it_is_there_on_a_transparent_stage_with_a_page_budget_and_after_others_have_come() -> None:
    options = {"size": (320, 180), "marks": True, "background": mien.TRANSPARENT, "room": 1}
    with mien.open_stage({"otto": "otto"}, page_budget=80_000_000, **options) as stage:  # type: ignore[arg-type]
        for number in range(3):
            assert of_stage(stage.frame(), (320, 180))[0] == mark_of(number, 1600 * number)
        stage.load("wren", "wren")
        stage.enter("wren")
        for number in range(3, 20):
            assert of_stage(stage.frame(), (320, 180))[0] == mark_of(number, 1600 * number)


def test_a_beep_is_heard_at_each_full_second_and_the_mark_flashes_with_it() -> None:
    with mien.open_stage({"otto": "otto"}, size=(160, 90), marks=True) as stage:
        flashes, sound = [], []
        for _ in range(70):
            mark, _ = of_stage(stage.frame(), (160, 90))
            assert mark is not None
            flashes.append(mark.flash)
            sound.append(stage.sound)
    heard = np.concatenate(sound)
    loud = np.flatnonzero(np.abs(heard[:, 0]) > 1e-3)
    assert set((loud // 48_000).tolist()) == {0, 1, 2}
    assert (loud % 48_000 < 960).all()
    assert [k for k, on in enumerate(flashes) if on] == [0, 1, 2, 30, 31, 32, 60, 61, 62]


def test_a_stage_that_is_too_small_says_so_and_so_do_stalls_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ScriptError, match="marks=True needs frames of 40 x 32 pixels at least"):
        mien.open_stage({"otto": "otto"}, size=(39, 40), marks=True)
    for stalls in ("3:ten", "3:nan", "3:inf", "3:-1"):
        monkeypatch.setenv("MIEN_STALLS", stalls)
        with pytest.raises(ScriptError, match=f"MIEN_STALLS is '{stalls}'"):
            mien.open_stage({"otto": "otto"}, size=(160, 90), marks=True)
