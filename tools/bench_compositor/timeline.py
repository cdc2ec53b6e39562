"""The timeline: the rows of all frames, computed once and saved, so that all engines draw the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from bench_compositor.acting import Actor, moments
from mien.art import load_character, load_picture, repacked
from mien.catalog import bundled_or_path
from mien.composite import CharacterRows, FrameRows, PictureRows
from mien.composite.reference import composite, to_bytes
from mien.composite.rows import BLEND, FLOATS
from mien.types import F32, F64, U8, Affine, Blend, Pose, Size

Kind = Literal["first", "unchanged", "talk", "fade", "sway", "real"]
"""`sway` holds breath too: all of a character moves in both. `first` follows nothing and is not timed.
`real`: of a conversation, where everything moves."""

HOLD_PX = 1 / 2
"""By how many pixels joints may be off where they are held, as in live stages that are short of time."""

PAGE_SIZE = 2048
"""Side of pages in pixels, unless a drawing is larger."""
_CAST = ("wren", "otto")
_BACKGROUND = "evening_room"
_PLACES = {1: (0.5,), 2: (0.285, 0.715)}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One setting that all engines draw."""

    size: Size
    characters: int
    modes: Literal["mixed", "normal", "real", "idle"]
    """`mixed`: blend modes as drawn (normal, multiply, screen). `normal`: all normal, clips kept. Both are a
    script in which little moves. `real`, `idle`: see `bench_compositor.real`."""

    @property
    def scripted(self) -> bool:
        """Whether its frames are of the script, not of a conversation."""
        return self.modes in ("mixed", "normal")

    @property
    def name(self) -> str:
        """Such as `1280x720-1-mixed`."""
        return f"{self.size.width}x{self.size.height}-{self.characters}-{self.modes}"

    @classmethod
    def parse(cls, name: str) -> Scenario:
        """The scenario of a name. Raises ValueError."""
        try:
            size, characters, modes = name.split("-")
            width, height = (int(number) for number in size.split("x"))
            cast = int(characters)
        except ValueError:
            raise ValueError(f"{name!r} is no scenario: write one like 1280x720-1-mixed") from None
        if not (1 <= cast <= 64 and min(width, height) >= 16):
            raise ValueError(f"{name!r} is no scenario: sizes start at 16, and 1 to 64 characters act")
        for known in ("mixed", "normal", "real", "idle"):
            if modes == known:
                return cls(Size(width, height), cast, known)  # type: ignore[arg-type]
        raise ValueError(f"{name!r} is no scenario: its modes are mixed, normal, real or idle, not {modes}")


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """All frames of a scenario, and the pictures they show."""

    scenario: Scenario
    rows: F32
    """(frames, capacity, FLOATS) float32."""
    counts: npt.NDArray[np.intp]
    """(frames, 1 + characters): rows of the background, then rows up to and with each character."""
    kinds: tuple[Kind, ...]
    pages: U8
    """(pages, side, side, 4) uint8 premultiplied."""
    background: U8
    """(h, w, 4) uint8: the frame with its fixed bottom rows only; opaque."""
    clear: tuple[float, float, float, float]
    fill_ms: F64
    """(frames,) float64: time that Mien took to fill the rows of each frame from its poses, best of three."""
    held: Timeline | None = None
    """The same frames with joints held; of real frames only."""

    def frame(self, k: int) -> FrameRows:
        """Frame `k` as Mien's own value, with the rows in place."""
        frame = FrameRows(self.rows.shape[1], self.scenario.size, self.clear)
        frame.rows = self.rows[k]
        frame.count = int(self.counts[k, -1])
        return frame

    def save(self, path: Path) -> None:
        """Write an .npz that `load` reads."""
        held = {} if self.held is None else {"held_rows": self.held.rows, "held_counts": self.held.counts}
        np.savez(
            path,
            name=self.scenario.name,
            rows=self.rows,
            counts=self.counts,
            kinds=self.kinds,
            pages=self.pages,
            background=self.background,
            clear=self.clear,
            fill_ms=self.fill_ms,
            **held,
        )

    def with_held(self, rows: F32, counts: npt.NDArray[np.intp]) -> Timeline:
        """With the rows and counts of the same frames with joints held."""
        return replace(self, held=replace(self, rows=rows, counts=counts))

    @classmethod
    def load(cls, path: Path) -> Timeline:
        """Read what `save` wrote."""
        with np.load(path) as data:
            read = cls(
                Scenario.parse(str(data["name"])),
                data["rows"],
                data["counts"],
                tuple(str(kind) for kind in data["kinds"]),  # type: ignore[misc]
                data["pages"],
                data["background"],
                tuple(float(v) for v in data["clear"]),  # type: ignore[arg-type]
                data["fill_ms"],
            )
            return read.with_held(data["held_rows"], data["held_counts"]) if "held_rows" in data else read


def build(scenario: Scenario, frames: int) -> Timeline:
    """Load the bundled cast at the scale of the frame, act, and fill the rows of every frame."""
    size, cast = scenario.size, scenario.characters
    picture = load_picture(
        bundled_or_path("backgrounds", _BACKGROUND), scale=_cover(size), page_size=PAGE_SIZE
    )
    loaded = [
        load_character(
            bundled_or_path("characters", _CAST[number % len(_CAST)]),
            scale=lambda canvas: min(size.height / canvas.height, 1.35 * size.width / (cast * canvas.width)),
            page_size=PAGE_SIZE,
        )
        for number in range(cast)
    ]
    side = max(picture.page_size, *(one.page_size for one in loaded))
    picture = repacked(picture, side)
    pages: list[U8] = [*picture.pages]
    places = _PLACES.get(cast) or tuple((i + 0.5) / cast for i in range(cast))
    actors: list[tuple[Actor, CharacterRows, Affine]] = []
    slots = 0
    for number, (one, x) in enumerate(zip(loaded, places, strict=True)):
        one = repacked(one, side)
        character = one.character
        anchor_x, anchor_y = character.anchor
        placement = Affine(tx=round(x * size.width - anchor_x), ty=round(size.height - anchor_y))
        rows = CharacterRows(character, len(pages))
        actors.append((Actor(character, number, cast), rows, placement))
        pages += one.pages
        slots += len(character.slots)
    frame = FrameRows(slots + 1, size, (0.0, 0.0, 0.0, 1.0))
    stretch = max(1.0, size.width / picture.size.width, size.height / picture.size.height)
    x0 = (size.width - picture.size.width * stretch) // 2
    y0 = (size.height - picture.size.height * stretch) // 2
    PictureRows(picture.drawing).fill(frame, Affine(a=stretch, d=stretch, tx=x0, ty=y0))
    frame.keep()
    background = to_bytes(composite(frame, pages))
    block = np.zeros((frames, frame.capacity, FLOATS), np.float32)
    counts = np.zeros((frames, 1 + cast), np.intp)
    counts[:, 0] = frame.count
    script = moments(frames)
    poses = [[actor.pose(k, at) for actor, _, _ in actors] for k, at in enumerate(script)]
    kinds: list[Kind] = []
    for k, at in enumerate(script):
        _fill(frame, actors, poses[k], counts[k])
        if scenario.modes == "normal":
            frame.rows[: frame.count, BLEND] = float(Blend.NORMAL)
        block[k, : frame.count] = frame.rows[: frame.count]
        same = k > 0 and np.array_equal(block[k], block[k - 1])
        kind: Kind = "unchanged" if same else "sway" if at.segment == "breath" else at.segment
        kinds.append(kind if k else "first")
    return Timeline(
        scenario,
        block,
        counts,
        tuple(kinds),
        np.stack(pages),
        background,
        frame.clear,
        _fill_times(frame, actors, poses, counts),
    )


def _fill(
    frame: FrameRows,
    actors: list[tuple[Actor, CharacterRows, Affine]],
    poses: list[Pose],
    counts: npt.NDArray[np.intp],
) -> None:
    frame.rewind()
    for number, ((_, rows, placement), pose) in enumerate(zip(actors, poses, strict=True)):
        rows.fill(frame, pose, placement)
        counts[1 + number] = frame.count


def _fill_times(
    frame: FrameRows,
    actors: list[tuple[Actor, CharacterRows, Affine]],
    poses: list[list[Pose]],
    counts: npt.NDArray[np.intp],
) -> F64:
    """Milliseconds to fill each frame, best of three passes: machines are shared."""
    times = np.empty((3, len(poses)))
    spare = counts[0].copy()
    for line in times:
        for k, pose in enumerate(poses):
            begun = time.perf_counter()
            _fill(frame, actors, pose, spare)
            line[k] = (time.perf_counter() - begun) * 1e3
    best: F64 = times.min(axis=0)
    return best


def _cover(size: Size) -> Callable[[Size], float]:
    """The scale at which a picture covers the frame, as far as it fits on a page."""

    def fit(picture: Size) -> float:
        cover = max(size.width / picture.width, size.height / picture.height)
        return min(cover, (PAGE_SIZE - 4) / max(picture))

    return fit
