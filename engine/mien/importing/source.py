"""Art as a value: a canvas and a tree of pictures and folders, whatever file it came from.

Coordinates are whole pixels on the canvas, origin at its top left, y down. Sequences run bottom to top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mien.art.layered.tree import Mask, union
from mien.types import U8, Blend, Rect, Size

Path = tuple[str, ...]
"""Names from the outermost folder to the thing itself; no two things of a source have the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A picture, or a folder of pictures."""

    name: str
    path: Path
    visible: bool
    """Whether it is shown, where all that it lies in is shown."""
    box: Rect
    """What it covers on the canvas; may be empty. Of a folder: what all in it covers, hidden things too."""
    pixels: Callable[[], U8] | None = None
    """Of a picture: gives (h, w, 4) uint8 RGBA, straight alpha, as large as `box`. None for a folder."""
    children: tuple[Item, ...] = ()
    blend: Blend = Blend.NORMAL
    """`Blend.PASS_THROUGH`, of a folder: what is in it blends with what is below it."""
    opacity: float = 1.0
    mask: Mask | None = None
    clipped: bool = False
    """Shows only where the nearest thing below it in its folder that is not clipped does."""

    @property
    def is_folder(self) -> bool:
        """Whether it has children instead of pixels."""
        return self.pixels is None

    def pictures(self) -> Iterator[Item]:
        """The picture itself, or all that lie in the folder, bottom to top, hidden ones too."""
        if self.is_folder:
            for child in self.children:
                yield from child.pictures()
        else:
            yield self


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What is to become a character."""

    canvas: Size
    root: tuple[Item, ...]
    """Bottom to top, over nothing."""
    warnings: tuple[str, ...] = ()
    """One line for each thing in the file that was left out, or is drawn differently."""
    scale: float = 1.0
    """Pixels of `canvas` per pixel of the file."""

    def items(self) -> Iterator[Item]:
        """Everything, folders before what is in them."""
        yield from _all(self.root)


def _all(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _all(item.children)


def hidden_in(source: Source) -> set[Path]:
    """What a source hides, also as the folder that it lies in is hidden."""

    def walk(items: Sequence[Item], shown: bool) -> Iterator[Path]:
        for item in items:
            if not (shown and item.visible):
                yield item.path
            yield from walk(item.children, shown and item.visible)

    return set(walk(source.root, True))


def path_text(path: Path) -> str:
    """How a path is written in tables and in files: names with slashes between them."""
    return "/".join(path)


def own_names(names: Sequence[str]) -> list[str]:
    """Names of siblings, bottom to top, made different: of equal ones the lower get ` (2)`, ` (3)`; of those
    without one `layer 1`, counted from the bottom."""
    taken: set[str] = set()
    made: list[str] = []
    for number, name in reversed(list(enumerate(names, 1))):
        base = name.strip() or f"layer {number}"
        own, count = base, 1
        while own in taken:
            count += 1
            own = f"{base} ({count})"
        taken.add(own)
        made.append(own)
    return made[::-1]


def box_of(items: Sequence[Item]) -> Rect:
    """What all of them cover together."""
    return union(item.box for item in items)
