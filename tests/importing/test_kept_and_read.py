"""Pictures are read once, two at a time, and as few as there is room for."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

import mien
from art.build import write_png
from importing import drawn, sprites
from mien.art import folder, png
from mien.art.kept import KeptFiles
from mien.art.png import premultiply
from mien.cli import importing as command
from mien.cli import main
from mien.importing.kinds import read_artwork
from mien.importing.pictures import livepng
from mien.importing.pictures.differences import apart
from mien.importing.pictures.frames import Frame, read_ahead
from mien.motion.still import still_pose
from mien.stage.picture import Portrait
from mien.types import U8

T = TypeVar("T")


class Counted(KeptFiles):
    """Counts what is read."""

    reads: Counter[Path]

    def __init__(self) -> None:
        super().__init__()
        self.reads = Counter()

    def file(self, path: Path, kind: Hashable, read: Callable[[], T]) -> T:
        def counted() -> T:
            self.reads[path] += 1
            return read()

        return super().file(path, kind, counted)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    art = drawn.ora(tmp_path / "art.ora", drawn.named())
    assert main(["import", str(art), "-o", str(tmp_path / "made")]) == 0
    return tmp_path / "made"


def test_a_second_portrait_reads_nothing_that_has_not_changed_and_looks_the_same(made: Path) -> None:
    kept, pictures = Counted(), []
    for height in (130, 130, 260):
        with Portrait(made, height, kept=kept) as portrait:
            pictures.append(portrait.draw(still_pose(portrait.character)).copy())
    assert len(kept.reads) > 10
    assert max(kept.reads.values()) == 1
    assert (pictures[0] == pictures[1]).all()
    with Portrait(made, 260) as portrait:
        assert (portrait.draw(still_pose(portrait.character)) == pictures[2]).all()


def test_a_drawing_that_has_changed_is_read_anew(made: Path) -> None:
    kept, pictures = Counted(), []
    (part,) = (made / "parts" / "Body").glob("*.png")
    for _ in range(2):
        with Portrait(made, kept=kept) as portrait:
            pictures.append(portrait.draw(still_pose(portrait.character)).copy())
        write_png(part, np.full((9, 9, 4), 255, np.uint8))
    assert kept.reads[part] == 2
    assert (pictures[0] != pictures[1]).any()


def test_what_is_kept_must_be_of_its_type(made: Path) -> None:
    with pytest.raises(mien.ScriptError, match="kept cannot be 'x'"):
        Portrait(made, kept="x")  # type: ignore[arg-type]


def test_for_a_contact_sheet_no_picture_is_decoded_and_it_looks_as_if_all_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []

    def counted(data: bytes, name: str) -> U8:
        decoded.append(name)
        return png.decode(data, name)

    monkeypatch.setattr(folder, "decode", counted)
    art = drawn.ora(tmp_path / "art.ora", drawn.named())
    assert main(["import", str(art), "-o", str(tmp_path / "made")]) == 0
    assert not decoded
    kept = KeptFiles()
    assert command._draw_sheet(tmp_path / "made", kept) == []
    assert len(decoded) == len(set(decoded)) > 10
    again = (tmp_path / "made" / "sheet.png").read_bytes()
    assert main(["import", str(art), "-o", str(tmp_path / "made")]) == 0
    assert (tmp_path / "made" / "sheet.png").read_bytes() == again


def test_what_was_drawn_by_hand_is_decoded_and_is_on_the_sheet(made: Path) -> None:
    (part,) = (made / "parts" / "Body").glob("*.png")
    before = (made / "sheet.png").read_bytes()
    write_png(part, np.full((90, 90, 4), (0, 255, 0, 255), np.uint8))
    assert main(["import", str(made.parent / "art.ora"), "-o", str(made)]) == 0
    assert png.decode(part.read_bytes(), "it")[45, 45].tolist() == [0, 255, 0, 255]
    assert (made / "sheet.png").read_bytes() != before


def test_pictures_are_decoded_two_at_a_time_in_order_and_no_sooner_than_they_are_asked_for() -> None:
    both = threading.Barrier(2, timeout=20)
    begun: list[int] = []

    def reader(number: int) -> Callable[[], U8]:
        def read() -> U8:
            begun.append(number)
            both.wait()  # each waits for another that is being read
            return np.full((2, 2, 4), number, np.uint8)

        return read

    frames = [Frame(str(i), "neutral", reader(i), 0.0, False) for i in range(6)]
    found = read_ahead(frames)
    assert begun == []
    for number, (frame, pixels) in enumerate(found):
        assert frame is frames[number]
        assert pixels[0, 0, 0] == number
        assert len(begun) == number // 2 * 2 + 2


def test_an_error_in_a_picture_that_is_read_ahead_is_told() -> None:
    def bad() -> U8:
        raise mien.ImageRejected("joy.png is no picture; export it again.")

    frames = [
        Frame("a", "a", lambda: np.zeros((2, 2, 4), np.uint8), 0, False),
        Frame("b", "b", bad, 0, False),
    ]
    with pytest.raises(mien.ImageRejected, match=r"joy\.png"):
        list(read_ahead(frames))


def test_how_far_pictures_are_apart_does_not_depend_on_where_they_differ() -> None:
    chance = np.random.default_rng(4)
    one = chance.integers(0, 256, (40, 50, 4), np.uint8)
    one[:5, :, 3] = 0
    for rows, columns in (
        (slice(0, 0), slice(0, 0)),
        (slice(3, 9), slice(0, 7)),
        (slice(0, 40), slice(0, 50)),
    ):
        other = one.copy()
        other[rows, columns] = chance.integers(0, 256, other[rows, columns].shape, np.uint8)
        a, b = premultiply(one).astype(int), premultiply(other).astype(int)
        assert (apart(one, other) == np.abs(a - b).max(axis=-1)).all()


def with_variants(folder: Path, count: int, picture: Callable[[int], U8]) -> Path:
    """A LivePNG model with so many more variants of one expression."""
    sprites.livepng(folder)
    model: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
    expressions = model["styles"]["default"]["expressions"]
    for number in range(1, count + 1):
        inside = folder / "assets" / "default" / "angry" / str(number)
        inside.mkdir()
        (inside / "0.png").write_bytes(sprites.png(picture(number)))
        expressions["angry"][str(number)] = ["0.png"]
    (folder / "model.json").write_text(json.dumps(model), "utf-8")
    return folder


def faces(number: int) -> U8:
    return sprites.face(sprites.NARROW, drawn.arc(100, drawn.MOUTH, 12, -4 - number, 3, drawn.LIPS))


def poses(number: int) -> U8:
    """The figure elsewhere, all of which is to be kept."""
    return np.roll(faces(number), 40 + number, axis=1)


@pytest.mark.parametrize(("picture", "kept"), [(faces, 8), (poses, 2)])
def test_a_variant_counts_for_what_is_kept_of_it_and_for_a_quarter_at_least(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: Callable[[int], U8], kept: int
) -> None:
    wide, high = drawn.SIZE
    monkeypatch.setattr(livepng, "_MOST_WHOLE", round(2.1 * wide * high))
    art = read_artwork(with_variants(tmp_path / "girl", 12, picture))
    (told,) = (line for line in art.source.warnings if "were left out" in line)
    assert told.startswith(f"{12 - kept} of its variants were left out")
