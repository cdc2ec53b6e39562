"""Golden frames: what a conversation has looked like, and whether it still does.

A folder of them is `golden.json` and a PNG for each, which `write` makes and a user looks at and keeps. Those
that Mien brings have no pictures but their means over blocks of 20 x 20 pixels, so that another driver's
rounding is no difference and another mouth is.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from mien.catalog import bundled_or_path
from mien.clock import samples_to_s
from mien.errors import MienError
from mien.messages import quoted, shown_path
from mien.part_file import write_whole
from mien.stage.offline import Stage
from mien.talk import load_conversation
from mien.types import F64, U8, Size

BLOCK: Final = 20
"""Pixels of a block's side."""
TOLERANCE: Final = 4
"""Of 255, by which a channel may differ: drivers round otherwise."""
BEYOND: Final = 0.001
"""Share of pixels that may differ by more: edges that another driver places otherwise."""
LIST: Final = "golden.json"
"""The file of a folder of golden frames that says which they are."""
_LAST: Final = 100_000


class GoldenUnreadable(MienError, ValueError):
    """A folder of golden frames is none, or does not hold what it says."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Which frames of what, and what they looked like."""

    conversation: str
    size: Size
    seed: int
    frames: Mapping[str, int]
    """Name -> number of the frame."""
    means: Mapping[str, U8] = field(default_factory=dict)
    """By name, (h / BLOCK, w / BLOCK, 3) uint8; of those that have no picture."""
    folder: Path | None = None
    """Where pictures are."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One golden frame and how it is drawn now."""

    name: str
    frame: int
    worst: int
    """Largest difference of a channel, of 255; of blocks where there is no picture."""
    beyond: float
    """Share of pixels (or blocks) that differ by more than the tolerance."""
    same: bool

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def means(picture: U8) -> U8:
    """The colours of blocks: (h, w, 4) uint8 -> (h / BLOCK, w / BLOCK, 3) uint8. Sides are multiples of
    BLOCK."""
    rows, columns = picture.shape[0] // BLOCK, picture.shape[1] // BLOCK
    blocks: F64 = picture[..., :3].reshape(rows, BLOCK, columns, BLOCK, 3).mean(axis=(1, 3))
    return np.rint(blocks).astype(np.uint8)


def drawn(golden: Golden) -> Iterator[tuple[str, U8]]:
    """The frames as they are drawn now: name and (h, w, 4) uint8, in their order. Raises MienError."""
    conversation = load_conversation(bundled_or_path("conversations", golden.conversation))
    wanted: dict[int, list[str]] = {}
    for name, number in golden.frames.items():
        wanted.setdefault(number, []).append(name)
    with Stage.of(replace(conversation, seed=golden.seed), size=golden.size) as stage:
        drawn = 0
        for number in sorted(wanted):
            # A picture is a function of time. What lies behind all that is known is gone to frame by frame.
            known = min(number, int(stage.timeline.last_s * float(stage.fps)))
            if known > drawn:
                stage.seek(samples_to_s(stage.fps.sample(known)))
                drawn = known
            for _ in range(drawn, number):
                stage.draw()
            picture, drawn = stage.frame(), number + 1
            for name in wanted[number]:
                yield name, picture


def compare(
    golden: Golden, tolerance: int = TOLERANCE, say: Callable[[str], object] = lambda _: None
) -> tuple[Compared, ...]:
    """Draw them, and hold them to what they looked like. Raises MienError."""
    found = []
    for name, picture in drawn(golden):
        say(f"golden frame {name}")
        if name in golden.means:
            now, then = means(picture), golden.means[name]
        else:
            assert golden.folder is not None
            now, then = picture[..., :3], _picture(golden.folder / name, golden.size)
        off = np.abs(now.astype(int) - then.astype(int)).max(axis=2)
        beyond = float((off > tolerance).mean())
        most = 0.0 if name in golden.means else BEYOND
        found.append(Compared(name, golden.frames[name], int(off.max()), beyond, beyond <= most))
    return tuple(found)


def write(folder: Path, golden: Golden) -> None:
    """Make a folder of golden frames. Raises NotWritable, MienError."""
    for name, picture in drawn(golden):
        data = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(picture[..., :3])).save(data, "PNG")
        write_whole(folder / name, data.getvalue())
    told = {
        "conversation": golden.conversation,
        "size": list(golden.size),
        "seed": golden.seed,
        "frames": dict(golden.frames),
    }
    write_whole(folder / LIST, (json.dumps(told, indent=2) + "\n").encode())


def bundled() -> Golden:
    """Those that Mien brings."""
    return _golden(json.loads(files("mien.prove").joinpath(LIST).read_bytes()), None)


def read(folder: Path) -> Golden:
    """A folder that `write` made. Raises GoldenUnreadable."""
    path = folder / LIST
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        golden = _golden(told, folder)
    except OSError as error:
        raise GoldenUnreadable(
            f"{shown_path(folder)}: holds no golden frames ({LIST}: {error.strerror or error}); "
            "make them with `mien prove --golden-new FOLDER`."
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = f"{quoted(str(error.args[0]))} is missing" if isinstance(error, KeyError) else str(error)
        raise GoldenUnreadable(
            f"{shown_path(path)} is no list of golden frames ({what}); make it anew with "
            "`mien prove --golden-new FOLDER`."
        ) from None
    for name in golden.frames:
        _picture(folder / name, golden.size)
    return golden


def chosen(conversation: str, size: Size, seed: int | None, seconds: float, count: int = 8) -> Golden:
    """`count` frames of the first `seconds`, evenly spread. Raises MienError."""
    told = load_conversation(bundled_or_path("conversations", conversation))
    last = max(1, min(_LAST, round(seconds * float(told.fps))))
    numbers = np.unique(np.linspace(0, last - 1, count + 1).astype(int)[1:])
    return Golden(
        conversation,
        size,
        told.seed if seed is None else seed,
        {f"frame-{number:05d}.png": int(number) for number in numbers},
    )


def _golden(told: dict[str, Any], folder: Path | None) -> Golden:
    size = Size(*(int(side) for side in told["size"]))
    frames = {str(name): int(number) for name, number in told["frames"].items()}
    if not frames:
        raise ValueError("it names no frames")
    for name, number in frames.items():
        if Path(name).name != name:
            raise ValueError(f"{quoted(name)} is no name of a file beside it")
        if not 0 <= number <= _LAST:
            raise ValueError(f"{quoted(name)}: frame {number} is not 0 to {_LAST}")
    shape = (size.height // BLOCK, size.width // BLOCK, 3)
    decoded = {name: base64.b64decode(text) for name, text in told.get("means", {}).items()}
    kept = {name: np.frombuffer(data, np.uint8).reshape(shape) for name, data in decoded.items()}
    if folder is None and kept.keys() != frames.keys():
        raise ValueError("a frame has neither a picture nor means")
    return Golden(str(told["conversation"]), size, int(told["seed"]), frames, kept, folder)


def encoded(golden: Golden, pictures: Sequence[tuple[str, U8]]) -> str:
    """The list with means, as Mien brings it: for `tools/golden_frames.py`."""
    return json.dumps(
        {
            "conversation": golden.conversation,
            "size": list(golden.size),
            "seed": golden.seed,
            "frames": dict(golden.frames),
            "means": {name: base64.b64encode(means(p).tobytes()).decode() for name, p in pictures},
        },
        indent=1,
    )


def _picture(path: Path, size: Size) -> U8:
    """(h, w, 3) uint8. Raises GoldenUnreadable."""
    try:
        with Image.open(path) as image:
            if image.size != tuple(size):
                raise GoldenUnreadable(
                    f"{shown_path(path)} is {image.width}x{image.height} and its list says "
                    f"{size.width}x{size.height}; make the folder anew with `mien prove --golden-new FOLDER`."
                )
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, GoldenUnreadable):
            raise
        raise GoldenUnreadable(
            f"{shown_path(path)}: cannot be read as a picture ({error}); make the folder anew with "
            "`mien prove --golden-new FOLDER`."
        ) from None
