"""Frames as files."""

from __future__ import annotations

import io
import queue
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mien.errors import NoThreads
from mien.serve.commands import Frames as Wanted
from mien.serve.frames import Frames, Shown
from mien.serve.media import Picture, Sound
from mien.serve.renditions import Rendition, Renditions, encoded
from mien.types import U8, Size


def half_clear() -> U8:
    """Left half white at half opacity, right half clear: premultiplied, (24, 32, 4)."""
    pixels = np.zeros((24, 32, 4), np.uint8)
    pixels[:, :16] = 128
    return pixels


def opened(data: bytes) -> U8:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("size", [Size(16, 12), Size(13, 11), Size(32, 24)])
def test_what_is_premultiplied_stays_so_however_it_is_shrunk(size: Size) -> None:
    data = encoded(half_clear(), Rendition("raw", size, 80), opaque=False)
    pixels = np.frombuffer(data, np.uint8).reshape(size.height, size.width, 4)
    assert (pixels == pixels[..., 3:]).all()  # white at some opacity everywhere, also between the two
    assert (pixels[:, 0] == 128).all() and (pixels[:, -1] == 0).all()


@pytest.mark.parametrize("format", ["png", "webp"])
def test_a_transparent_stage_has_straight_alpha(format: str) -> None:
    pixels = opened(encoded(half_clear(), Rendition(format, Size(32, 24), 100), opaque=False))
    assert pixels.shape == (24, 32, 4)
    assert (
        pixels[:, :12, :3].min() >= 250
        and (pixels[:, :12, 3] == 128).all()
        and (pixels[:, 20:, 3] == 0).all()
    )


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_an_opaque_stage_has_its_colours_and_no_alpha(format: str) -> None:
    full = np.full((24, 32, 4), (200, 100, 50, 255), np.uint8)
    pixels = opened(encoded(full, Rendition(format, Size(16, 12), 95), opaque=True))
    assert pixels.shape == (12, 16, 3) and np.abs(pixels.astype(int) - (200, 100, 50)).max() <= 4


# -- what fails -------------------------------------------------------------------------------------


class Kept:
    """What was delivered, and what was said to have failed."""

    def __init__(self) -> None:
        self.came: queue.Queue[tuple[dict[str, int], Picture | Sound]] = queue.Queue()
        self.failed: queue.Queue[str] = queue.Queue()
        self.frames = Frames()
        self.renditions: Renditions[str] = Renditions(
            self.frames, Size(32, 24), 30.0, opaque=True, most=2,
            deliver=lambda whom, piece: self.came.put((dict(whom), piece)), failed=self.failed.put,
        )  # fmt: skip

    def show(self, number: int) -> None:
        self.renditions.show(Shown(number, number / 30, half_clear(), np.zeros((0, 2), np.float32)))


def test_an_encoder_that_fails_is_told_once_and_the_next_picture_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, fails = Kept(), [True, True, False]

    def encode(*given: Any, **named: Any) -> bytes:
        if fails.pop(0):
            raise OSError("encoder error -2")
        return encoded(*given, **named)

    monkeypatch.setattr("mien.serve.renditions.encoded", encode)
    kept.renditions.want("a", Wanted(format="png"))
    kept.show(1)
    told = kept.failed.get(timeout=60)
    assert "pictures as png of 32x24 could not be made (OSError: encoder error -2)" in told
    kept.show(2)
    while len(fails) > 1:
        pass
    kept.show(3)
    whom, picture = kept.came.get(timeout=60)
    assert isinstance(picture, Picture) and picture.number == 3
    assert whom == {"a": 2} and kept.failed.empty()
    kept.renditions.close()


def test_without_a_thread_to_make_them_nobody_has_other_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept()
    kept.renditions.want("a", Wanted(format="jpeg"))

    def none(thread: object) -> None:
        raise NoThreads("no thread more could be started.")

    with monkeypatch.context() as patched:
        patched.setattr("mien.serve.renditions.start_thread", none)
        for who in ("a", "b"):
            with pytest.raises(NoThreads):
                kept.renditions.want(who, Wanted(format="png"))
    kept.show(1)
    whom, picture = kept.came.get(timeout=60)
    assert whom == {"a": 0} and isinstance(picture, Picture) and picture.format == "jpeg"
    kept.renditions.close()
