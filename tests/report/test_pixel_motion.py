"""Motion in pictures: steps are found to parts of a pixel, and what was made uneven is found uneven."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import ScriptError
from mien.report.pixel_motion import steps_of, uniformity
from mien.types import F64, U8

HEIGHT, WIDTH = 96, 160


def cloud(seed: int, side: int) -> F64:
    """(side, side) in 0..255: smooth, and with edges all ways."""
    noise = np.random.default_rng(seed).random((side, side))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    smooth = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-((frequency * 14) ** 2))).real
    return np.asarray(255 * (smooth - smooth.min()) / (smooth.max() - smooth.min()))


FIELD = cloud(1, 512)


def picture(x: float, y: float, channels: int = 4) -> U8:
    """A cloud that was moved right and down by so many pixels, exactly as far as bilinear filtering is."""
    left, top = 256 - x, 200 - y
    i, j = int(np.floor(left)), int(np.floor(top))
    part = FIELD[j : j + HEIGHT + 1, i : i + WIDTH + 1]
    rows = part[:, :-1] * (1 - (left - i)) + part[:, 1:] * (left - i)
    grey = (rows[:-1] * (1 - (top - j)) + rows[1:] * (top - j)).round().astype(np.uint8)
    return np.repeat(grey[..., None], channels, axis=2)


def at(places: list[float], slope: float = 0.25) -> list[U8]:
    return [picture(x, slope * x) for x in places]


def test_steps_are_found_to_some_hundredths_of_a_pixel() -> None:
    places = np.cumsum([0, 0.3, 2.7, 2.5, -1.4, 11.6, -9.0, 0.0])
    steps = steps_of(at(places.tolist()), (60, 30, 40, 32))
    assert steps[:, 0] == pytest.approx(np.diff(places), abs=0.05)
    assert steps[:, 1] == pytest.approx(0.25 * np.diff(places), abs=0.05)


@pytest.mark.parametrize("channels", [3, 4])
def test_even_motion_is_even_also_while_it_gets_faster(channels: int) -> None:
    constant = uniformity(picture(2.3 * n, 0.8 * n, channels) for n in range(16))
    assert (constant.judged, constant.janky, constant.worst, constant.janky_percent) == (13, 0, 0.0, 0.0)
    faster = uniformity(at([0.12 * n * n for n in range(20)]))
    assert faster.judged > 10 and faster.janky == 0


def test_a_picture_that_was_shown_twice_is_found_where_it_was() -> None:
    pictures = at([3.0 * n for n in range(14)])
    pictures[6] = pictures[5]
    found = uniformity(pictures, (60, 30, 40, 32))
    assert found.steps_px[5] == pytest.approx([0, 0], abs=0.02)
    # No step, and a leap of two behind it.
    assert np.flatnonzero(found.excess > 0).tolist() == [5, 6]
    assert found.worst > 0.5


def test_a_picture_of_a_time_that_is_off_is_found() -> None:
    """A third of a step: an animation that goes by the clock, and not by the screen's refresh."""
    places = [4.0 * n for n in range(14)]
    places[7] += 4.0 / 3
    found = uniformity(at(places), (60, 30, 40, 32))
    assert set(np.flatnonzero(found.excess > 0)) <= {6, 7} and found.janky >= 1


def test_pictures_that_stay_for_unlike_times_move_evenly_by_those_times() -> None:
    """30 a second on 75 Hz: 2, 3, 2, 3 refreshes."""
    times = np.cumsum([0, *[2, 3] * 7]) * 1000 / 75
    pictures = at((times * 0.09).tolist())
    assert uniformity(pictures, times_ms=times.tolist()).janky == 0
    assert uniformity(pictures).janky > 5


def test_what_stands_still_or_is_lost_is_not_judged() -> None:
    still = uniformity([picture(0, 0)] * 8)
    assert (still.judged, still.janky_percent, still.worst) == (0, None, 0.0)
    other = np.repeat(cloud(7, 256)[:HEIGHT, :WIDTH, None].astype(np.uint8), 4, axis=2)
    pictures = [*at([2.0 * n for n in range(5)]), other, other]
    steps = steps_of(pictures, (60, 30, 40, 32))
    assert np.isnan(steps[4]).all() and steps[5] == pytest.approx([0, 0], abs=0.02)
    assert np.isnan(steps_of([np.zeros((64, 64, 4), np.uint8)] * 3)).all()
    grey = np.full_like(other, 128)
    cut = steps_of([*pictures[:2], grey, grey, *pictures[:2]], (60, 30, 40, 32))
    assert np.isnan(cut[1:4]).all() and not np.isnan(cut[[0, 4]]).any()


def test_a_feature_that_leaves_the_picture_is_followed_by_another() -> None:
    steps = steps_of(at([6.0 * n for n in range(24)], slope=0), (110, 30, 32, 32))
    lost = np.isnan(steps[:, 0])
    assert lost.sum() <= 4 and steps[~lost, 0] == pytest.approx(6.0, abs=0.05)


def test_what_cannot_be_followed_is_refused() -> None:
    pictures = at([0.0, 1.0, 2.0])
    assert steps_of([]).shape == (0, 2) and steps_of(pictures[:1]).shape == (0, 2)
    with pytest.raises(ScriptError, match="region"):
        steps_of(pictures, (150, 10, 40, 40))
    for none in ((1, 2, 3), (1.5, 2, 20, 20), "here"):
        with pytest.raises(ScriptError, match=r"region cannot be .*whole numbers of pixels"):
            steps_of(pictures, none)  # type: ignore[arg-type]
    with pytest.raises(ScriptError, match="most_px cannot be -3"):
        steps_of(pictures, most_px=-3)
    with pytest.raises(ScriptError, match="all of one size"):
        steps_of([pictures[0], pictures[1][:50]], (10, 10, 20, 20))
    with pytest.raises(ScriptError, match="pictures"):
        steps_of([np.zeros((9, 9, 4), np.uint8)])
    with pytest.raises(ScriptError, match="times_ms"):
        uniformity(pictures, times_ms=[0.0, 1.0])
