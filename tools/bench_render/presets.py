"""What x264's presets take and give for pictures of this kind."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from mien.stage.encoders import PRESETS, options_of
from mien.types import F64, U8

BLOCK, STEP = 8, 4
"""Pixels: side of the windows that SSIM compares, and between two of them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One encoder setting, on some frames."""

    name: str
    cpu_ms: float
    """Processor time a frame of the encoder alone."""
    mbit_s: float
    psnr_db: float
    """Of luma, over all frames."""
    worst_db: float
    """Of luma, of the worst frame."""
    ssim: float
    """Of luma, the mean over windows of 8x8 pixels."""


def settings() -> dict[str, dict[str, str]]:
    """Each preset as Mien uses it, and the two quickest as x264 has them."""
    table = {preset: options_of("libx264", preset) for preset in PRESETS}
    for preset in ("ultrafast", "superfast"):
        plain = {
            name: value for name, value in table[preset].items() if name not in ("mbtree", "rc-lookahead")
        }
        table[f"{preset}, without the tree"] = plain
    return table


def try_presets(pictures: list[U8], fps: int, folder: Path) -> list[Trial]:
    """Encode the pictures, (h, w, 4) uint8 RGBA each, with each setting."""
    reformatter = VideoReformatter()
    frames = []
    for picture in pictures:
        frame = av.VideoFrame.from_ndarray(picture, format="rgba")
        frames.append(reformatter.reformat(frame, format="yuv420p", dst_colorspace=1, dst_color_range="MPEG"))
    return [_try(name, options, frames, fps, folder / "a.mp4") for name, options in settings().items()]


def _try(name: str, options: dict[str, str], frames: list[Any], fps: int, path: Path) -> Trial:
    height = frames[0].height
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, height, "yuv420p"
        stream.codec_context.gop_size = 2 * fps
        began = time.process_time()
        for i, frame in enumerate(frames):
            frame.pts, frame.time_base = i, Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        cpu_s = time.process_time() - began
    with av.open(str(path)) as made:
        decoded = [frame.to_ndarray()[:height] for frame in made.decode(video=0)]
    wanted = [frame.to_ndarray()[:height] for frame in frames]
    errors = [_mean_square(ours, theirs) for ours, theirs in zip(decoded, wanted, strict=True)]
    likeness = [ssim(ours, theirs) for ours, theirs in list(zip(decoded, wanted, strict=True))[::6]]
    return Trial(
        name,
        1000 * cpu_s / len(frames),
        path.stat().st_size * 8e-6 * fps / len(frames),
        psnr(float(np.mean(errors))),
        psnr(max(errors)),
        float(np.mean(likeness)),
    )


def psnr(mean_square: float) -> float:
    """Decibels below 255; of pictures that are equal 100."""
    return 10 * math.log10(255**2 / mean_square) if mean_square else 100.0


def _mean_square(one: U8, other: U8) -> float:
    return float(np.mean((one.astype(np.float64) - other) ** 2))


def ssim(one: U8, other: U8) -> float:
    """Structural similarity of two (h, w) uint8 pictures, 1 where they are equal."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    mean_a, mean_b = _windows(a), _windows(b)
    var_a, var_b = _windows(a * a) - mean_a**2, _windows(b * b) - mean_b**2
    common = _windows(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * common + c2)
    return float(np.mean(top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))))


def _windows(values: F64) -> F64:
    """The mean of each window."""
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    rows = np.arange(0, values.shape[0] - BLOCK + 1, STEP)[:, None]
    columns = np.arange(0, values.shape[1] - BLOCK + 1, STEP)
    ends = sums[rows + BLOCK, columns + BLOCK] + sums[rows, columns]
    means: F64 = (ends - sums[rows + BLOCK, columns] - sums[rows, columns + BLOCK]) / BLOCK**2
    return means
