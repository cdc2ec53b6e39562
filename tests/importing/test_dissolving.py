"""Folders of art that a character needs no offscreen picture for: it looks the same without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from mien import bundled
from mien.art.layered.tree import Mask
from mien.art.png import premultiply
from mien.importing.flatten import together
from mien.importing.kinds import read_artwork
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections
from mien.importing.source import Item, Source, box_of
from mien.importing.write import write
from mien.motion.still import still_pose
from mien.stage.picture import Portrait
from mien.types import U8, Blend, Rect, Size

SIZE = Size(*drawn.SIZE)
WHOLE = Rect(0, 0, *SIZE)
CLOTH = drawn.ellipse(100, 250, 70, 60, drawn.CLOTH)
SHADE = drawn.ellipse(120, 250, 30, 40, (120, 120, 160))
FAR = drawn.ellipse(60, 250, 20, 30, (200, 220, 120))


def layer(name: str, pixels: U8, blend: Blend = Blend.NORMAL, clipped: bool = False) -> Item:
    """A picture as large as the canvas."""
    return Item(name, (name,), True, WHOLE, lambda: pixels, (), blend, clipped=clipped)


@dataclass(frozen=True)
class Asks:
    """What a folder asks for."""

    blend: Blend = Blend.NORMAL
    opacity: float = 1.0
    mask: Mask | None = None
    clipped: bool = False

    def folder(self, *inside: Item, name: str = "fold") -> Item:
        """A folder with these, bottom to top."""
        own = tuple(replace(item, path=(name, *item.path)) for item in inside)
        return Item(
            name,
            (name,),
            True,
            box_of(inside),
            None,
            own,
            self.blend,
            self.opacity,
            self.mask,
            self.clipped,
        )


def imported(folder: Path, *above: Item) -> tuple[Made, int]:
    """A character of a face, a body and these above it, which looks at rest as the art does; and how many of
    its groups are offscreen pictures."""
    body = (layer("body", drawn.BODY), layer("face", drawn.HEAD))
    source = Source(SIZE, (*body, *above))
    made = make(source, "A")
    write(made, folder, "a.psd", Corrections(), None, True)
    with Portrait(folder) as portrait:
        seen = portrait.draw(still_pose(portrait.character)).copy()
        groups = len(portrait.character.groups)
    art = premultiply(together(source.root).within(WHOLE))
    assert np.abs(seen.astype(int) - art).max() <= 1
    return made, groups


HALF = Mask(np.linspace(0, 255, SIZE.width * SIZE.height).astype(np.uint8).reshape(SIZE[::-1]), (0, 0), 0)


@pytest.mark.parametrize(
    "asks",
    [
        Asks(Blend.MULTIPLY),
        Asks(Blend.SCREEN, 0.5),
        Asks(opacity=0.4),
        Asks(Blend.OVERLAY, 0.7, HALF),
        Asks(Blend.PASS_THROUGH, 0.5, HALF),
        Asks(mask=HALF),
        Asks(Blend.MULTIPLY, clipped=True),
    ],
)
def test_what_a_folder_asks_for_is_asked_of_the_one_layer_in_it(tmp_path: Path, asks: Asks) -> None:
    made, groups = imported(tmp_path / "a", asks.folder(layer("mark", SHADE)))
    assert groups == 0
    assert [row.why for row in made.rows if row.layer == "fold/mark"] != [""]


@pytest.mark.parametrize("asks", [Asks(Blend.MULTIPLY), Asks(opacity=0.4), Asks(Blend.SCREEN, 0.5)])
def test_and_of_several_that_lie_apart(tmp_path: Path, asks: Asks) -> None:
    made, groups = imported(tmp_path / "a", asks.folder(layer("one", FAR), layer("other", SHADE)))
    assert groups == 0
    assert {"one", "other"} <= {slot["name"] for slot in made.document["slot"]}


@pytest.mark.parametrize(
    "asks", [Asks(Blend.MULTIPLY), Asks(opacity=0.4), Asks(mask=HALF), Asks(Blend.MULTIPLY, clipped=True)]
)
def test_of_those_that_overlap_and_move_alike_one_picture_is_made(tmp_path: Path, asks: Asks) -> None:
    inside = (layer("shirt", CLOTH), layer("shirt shade", SHADE))
    made, groups = imported(tmp_path / "a", asks.folder(*inside))
    assert groups == 0
    assert sum("shirt" in slot["name"] for slot in made.document["slot"]) == 1
    for name in ("shirt", "shirt shade"):
        assert "one picture with" in next(row.why for row in made.rows if row.layer == f"fold/{name}")


def test_a_shade_that_reaches_beyond_what_it_lies_on_becomes_part_of_it(tmp_path: Path) -> None:
    inside = (layer("shirt", SHADE), layer("shirt shade", CLOTH, Blend.MULTIPLY))
    _, groups = imported(tmp_path / "a", Asks().folder(*inside, layer("button", FAR)))
    assert groups == 0


def test_a_shade_on_what_is_opaque_stays_a_layer(tmp_path: Path) -> None:
    small = drawn.ellipse(100, 240, 12, 9, (120, 120, 160))
    inside = (layer("shirt", CLOTH), layer("mark", small, Blend.MULTIPLY))
    made, groups = imported(tmp_path / "a", Asks().folder(*inside))
    assert groups == 0
    assert "mark" in {slot["name"] for slot in made.document["slot"]}


def test_a_folder_that_something_is_clipped_to_becomes_one_picture(tmp_path: Path) -> None:
    folder = Asks().folder(layer("shirt", CLOTH), layer("shirt stripe", SHADE))
    line = drawn.ellipse(100, 255, 90, 12, (250, 240, 90))
    _, groups = imported(tmp_path / "a", folder, layer("line", line, Blend.SCREEN, clipped=True))
    assert groups == 0


def test_what_moves_apart_keeps_the_opacity_that_it_shares(tmp_path: Path) -> None:
    folder = Asks(opacity=0.5).folder(layer("shirt", CLOTH), layer("hat", SHADE))
    made, groups = imported(tmp_path / "a", folder)
    assert groups == 1
    assert made.document["group"][0]["opacity"] == 0.5


def test_no_group_of_the_bundled_vectors_is_drawn_by_itself() -> None:
    pytest.importorskip("resvg_py")
    art = read_artwork(bundled("characters", "wren") / "wren.svg")
    made = make(art.source, "Wren", art.given, extras=art.extras)
    assert "group" not in made.document
    assert sum("of folder" in row.why for row in made.rows) >= 12
