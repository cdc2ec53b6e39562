"""The table says of each layer where it is known from what it is: its name, its place, somebody, its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from importing import drawn, sprites
from importing.drawn import Thing
from mien.importing.drafts import Row
from mien.importing.kinds import read_artwork
from mien.importing.make import make
from mien.importing.whole import import_art

LAYERED: dict[str, Callable[[], tuple[Thing, ...]]] = {
    "named": drawn.named,
    "unnamed": drawn.unnamed,
    "japanese": drawn.japanese,
    "all_shown": drawn.all_shown,
}
SPRITES: dict[str, Callable[[Path], Path]] = {
    "pack": sprites.pack,
    "livepng": sprites.livepng,
    "girl.veado": sprites.veado,
    "girl.save": sprites.plus,
    "girl.pngRemix": sprites.remix,
    "renpy": sprites.renpy,
    "layers": sprites.layers,
}


def all_say(rows: tuple[Row, ...]) -> None:
    """Each row of a layer with a part to play says where that is from."""
    known = [row for row in rows if row.layer and row.status in ("mapped", "guessed", "given")]
    assert known
    assert not [row for row in known if not row.why]
    assert all(row.why.startswith("by its place: ") for row in known if row.status == "guessed")
    assert not [row for row in known if row.status == "given" and "by its place" in row.why]


@pytest.mark.parametrize("kind", LAYERED)
def test_layers_say_by_which_name_or_place_they_are_known(tmp_path: Path, kind: str) -> None:
    path = drawn.ora(tmp_path / "art.ora", LAYERED[kind]())
    all_say(import_art(path, tmp_path / "made", dry_run=True).rows)


@pytest.mark.parametrize("kind", SPRITES)
def test_sprites_say_what_of_their_file_says_it(tmp_path: Path, kind: str) -> None:
    artwork = read_artwork(SPRITES[kind](tmp_path / kind))
    all_say(make(artwork.source, "Girl", artwork.given, {}, artwork.extras).rows)


def test_names_of_folders_count_as_such(tmp_path: Path) -> None:
    eye = Thing(
        "left eye", inside=(Thing("a", drawn.white(drawn.LEFT)), Thing("iris", drawn.iris(drawn.LEFT)))
    )
    path = drawn.ora(tmp_path / "art.ora", (eye, Thing("face", drawn.HEAD)))
    why = {row.layer: row.why for row in import_art(path, tmp_path / "made", dry_run=True).rows}
    assert why["left eye/a"] == "by the name of its folder"
    assert why["left eye/iris"] == why["face"] == "by its name"


def test_what_is_wrong_with_a_file_is_told_with_its_name(tmp_path: Path) -> None:
    pytest.importorskip("psd_tools")
    path = drawn.psd(tmp_path / "girl.psd", drawn.plain())
    path.write_bytes(path.read_bytes()[:-100])
    told = import_art(path, tmp_path / "made", dry_run=True).remarks
    assert [line for line in told if line.startswith(f"{path}: ends within the picture")], told


def test_what_a_name_says_in_a_folder_that_says_the_rest_is_known_by_both(tmp_path: Path) -> None:
    mouth = Thing("mouth", inside=(Thing("shut thing", drawn.LINE), Thing("open", drawn.WIDE).hidden()))
    eyes = Thing(
        "eyes",
        inside=(
            Thing("closed right", drawn.shut_eye(drawn.RIGHT)).hidden(),
            Thing("right", drawn.whole_eye(drawn.RIGHT)),
            Thing("left", drawn.whole_eye(drawn.LEFT)),
        ),
    )
    path = drawn.ora(tmp_path / "art.ora", (mouth, eyes, Thing("face", drawn.HEAD)))
    why = {row.layer: row.why for row in import_art(path, tmp_path / "made", dry_run=True).rows}
    by_both = "by its name and that of its folder"
    assert [why[name] for name in ("mouth/shut thing", "eyes/closed right", "eyes/left")] == [by_both] * 3


def test_what_somebody_says_is_told_as_theirs_and_later_as_what_was_kept(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "art.ora", drawn.unnamed())
    (tmp_path / "map.toml").write_text('[layers]\n"Layer 6" = "mouth aa"\n"Layer 8" = "plain"\n')
    first = import_art(path, tmp_path / "made", map_file=tmp_path / "map.toml")
    again = import_art(path, tmp_path / "made")
    for imported, by in ((first, "given by --map"), (again, "given by import.toml")):
        given = {row.layer: row for row in imported.rows if row.status == "given"}
        assert given.keys() == {"Layer 6", "Layer 8"}
        assert {row.why for row in given.values()} == {by}
        all_say(imported.rows)
