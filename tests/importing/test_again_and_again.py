"""Art that is imported whenever it is saved: as if for the first time, for the work of what has changed."""

from __future__ import annotations

import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from importing import drawn, sprites
from mien.art.layered.psd_pixels import Pixels
from mien.art.layered.svg_drawing import Drawing
from mien.errors import Closed, FormatError, ImageRejected
from mien.importing import importer
from mien.importing.again import Again
from mien.importing.importer import Importer
from mien.importing.whole import import_art

LAYERS = ("body", "face", "eye_left", "eye_right", "iris_left", "iris_right", "mouth")
BOXES = ((60, 160, 80, 100), (50, 40, 100, 130), (65, 85, 24, 14), (110, 85, 24, 14), (72, 86, 9, 12))
BOXES += ((117, 86, 9, 12), (85, 135, 30, 8))  # type: ignore[assignment]


def svg(path: Path, colours: dict[str, str] | None = None, names: tuple[str, ...] = LAYERS) -> Path:
    """A face of one shape a layer; `colours` of those that are not as they were first."""
    shown = "".join(
        f'<g id="{name}"><ellipse cx="{x + w / 2}" cy="{y + h / 2}" rx="{w / 2}" ry="{h / 2}" '
        f'fill="{(colours or {}).get(name, f"#{40 * k:02x}5a46")}"/></g>'
        for k, (name, (x, y, w, h)) in enumerate(zip(LAYERS, BOXES, strict=True))
        if name in names
    )
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="260">{shown}</svg>')
    return path


def painted(colour: int) -> list[drawn.Thing]:
    """The layers of a face, of which the first is of another colour each time."""
    things = list(drawn.plain())
    pixels = things[0].pixels
    assert pixels is not None
    other = pixels.copy()
    other[..., 0] = colour
    things[0] = replace(things[0], pixels=other)
    return things


def psd(path: Path, colour: int) -> Path:
    """A face as Photoshop has it."""
    return drawn.psd(path, painted(colour))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The layers that are drawn or decoded."""
    found: list[str] = []

    def counted(function: Callable[..., Any], what: Callable[..., str]) -> Callable[..., Any]:
        def call(self: Any, *arguments: Any) -> Any:
            found.append(what(*arguments))
            return function(self, *arguments)

        return call

    monkeypatch.setattr(Drawing, "png", counted(Drawing.png, lambda document, what: what))
    monkeypatch.setattr(Pixels, "read", counted(Pixels.read, lambda layer, window: str(layer.name)))
    return found


def as_at_first(path: Path, folder: Path, tmp_path: Path) -> None:
    """The folder holds what an import into a new one writes."""
    import_art(path, tmp_path / "fresh")
    fresh, found = files(tmp_path / "fresh"), files(folder)
    assert found.keys() == fresh.keys()
    assert [name for name in fresh if found[name] != fresh[name]] == []
    shutil.rmtree(tmp_path / "fresh")


def test_of_a_drawing_only_what_has_changed_is_drawn_and_written(tmp_path: Path, asked: list[str]) -> None:
    pytest.importorskip("resvg_py")
    path, folder = svg(tmp_path / "art.svg"), tmp_path / "made"
    again = Again(path, folder)
    assert again.make() == again.make()
    assert (len(asked), again.drawn, again.written) == (2 * len(LAYERS), 0, 1)
    again.get_ready()
    for k in range(2):
        svg(path, {"face": f"#{k}0ffa0"})
        before = {name: (folder / name).stat().st_mtime_ns for name in files(folder)}
        asked.clear()
        again.make()
        assert asked == ["layer 'face'"] * 2, "once small, to see where it is"
        assert again.drawn >= 1
        changed = [name for name, then in before.items() if (folder / name).stat().st_mtime_ns != then]
        assert "import.toml" in changed and len(changed) <= again.drawn + 1 < len(before)
        as_at_first(path, folder, tmp_path)
    again.close()


def test_of_layers_only_what_has_changed_is_decoded(tmp_path: Path, asked: list[str]) -> None:
    pytest.importorskip("psd_tools")
    path, folder = psd(tmp_path / "art.psd", 1), tmp_path / "made"
    again = Again(path, folder)
    again.make()
    assert len(asked) > 5
    for colour in (20, 40):
        psd(path, colour)
        asked.clear()
        again.make()
        assert asked == [drawn.plain()[0].name]
        as_at_first(path, folder, tmp_path)
    again.close()


def ora(path: Path, colour: int) -> Path:
    return drawn.ora(path, painted(colour))


def kra(path: Path, colour: int) -> Path:
    return drawn.kra(path, painted(colour))


def layers(path: Path, colour: int) -> Path:
    path.mkdir(exist_ok=True)
    for thing in painted(colour):
        assert thing.pixels is not None
        (path / f"{thing.name.replace(' ', '_')}.png").write_bytes(sprites.png(thing.pixels))
    return path


def pack(path: Path, colour: int) -> Path:
    """Whole pictures, of which one face's colour is another each time."""
    path.mkdir(exist_ok=True)
    for name, pixels in sprites.FACES.items():
        shown = pixels.copy()
        shown[:8, :8] = (colour if name == "joy" else 9, 9, 9, 255)
        (path / f"{name}.png").write_bytes(sprites.png(shown))
    return path


@pytest.mark.parametrize(
    ("made", "decoder"),
    [
        (ora, "mien.art.png.decode_trimmed"),
        (kra, "mien.art.layered.kra_tiles.Tiles.read"),
        (layers, "mien.importing.renpy.layeredimage.decode_raster"),
        (pack, "mien.importing.pictures.packs.decode_raster"),
    ],
)
def test_of_other_art_too_only_what_has_changed_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[Path, int], Path], decoder: str
) -> None:
    decoded: list[int] = []
    where, _, name = decoder.rpartition(".")
    holder = pkgutil.resolve_name(where.replace(".Tiles", ":Tiles"))
    real = getattr(holder, name)
    monkeypatch.setattr(holder, name, lambda *given: (decoded.append(1), real(*given))[1])
    path, folder = tmp_path / f"art.{made.__name__}", tmp_path / "made"
    again = Again(made(path, 1), folder)
    again.make()
    first = len(decoded)
    assert first >= 4
    for colour in (20, 40):
        made(path, colour)
        decoded.clear()
        again.make()
        assert len(decoded) == 1, "the one that has changed"
        decoded.clear()
        again.make()
        assert not decoded
        as_at_first(path, folder, tmp_path)
    again.close()


def test_a_layer_that_is_gone_and_what_is_changed_by_hand(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    path, folder = svg(tmp_path / "art.svg"), tmp_path / "made"
    again = Again(path, folder)
    again.make()
    svg(path, names=LAYERS[:3] + LAYERS[4:5] + LAYERS[6:])
    again.make()
    as_at_first(path, folder, tmp_path)
    manifest = folder / "character.toml"
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace('name = "art"', 'name = "Ann"'), "utf-8")
    for k in range(2):
        svg(path, {"face": f"#{k}0ffa0"})
        assert any("kept what was changed by hand: name" in remark for remark in again.make())
        assert 'name = "Ann"' in manifest.read_text("utf-8")
    manifest.write_text(manifest.read_text("utf-8").replace('name = "Ann"', 'name = "art"'), "utf-8")
    svg(path)
    again.make()
    svg(path, {"face": "#a0ffa0"})
    again.make()
    as_at_first(path, folder, tmp_path)


def test_what_is_broken_is_told_and_the_folder_stays_as_it_was(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    path, folder = svg(tmp_path / "art.svg"), tmp_path / "made"
    with_process, here = Importer(path, folder), Again(path, tmp_path / "other")
    for one in (with_process, here):
        one.make()
    before = files(folder)
    path.write_text("<svg")
    told = []
    for one in (with_process, here):
        with pytest.raises(ImageRejected, match="not valid XML") as error:
            one.make()
        told.append(str(error.value))
    assert told[0] == told[1] and files(folder) == before
    svg(path, {"face": "#a0ffa0"})
    with_process.make()
    as_at_first(path, folder, tmp_path)
    with_process.close()


def test_a_process_that_ends_is_told_of_and_replaced_and_none_is_left(tmp_path: Path) -> None:
    path, folder = drawn.ora(tmp_path / "art.ora", drawn.plain()), tmp_path / "made"
    one = Importer(path, folder)
    one.make()
    first = one.pid
    assert first is not None and one._process is not None
    one._process.kill()
    one._process.wait()
    one.make()
    second = one.pid
    assert second is not None and second != first
    one.close()
    one.close()
    assert one._process.returncode is not None
    with pytest.raises(Closed):
        one.make()


def test_where_none_can_be_started_it_is_done_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*arguments: object, **keywords: object) -> None:
        raise OSError(11, "no more processes")

    monkeypatch.setattr(importer.subprocess, "Popen", refuses)
    path = drawn.ora(tmp_path / "art.ora", drawn.plain())
    one = Importer(path, tmp_path / "made")
    assert one.make() == one.make() and one.pid is None
    path.write_bytes(b"no zip")
    with pytest.raises(ImageRejected):
        one.make()
    one.close()


_IMPORTS = """
import os, sys
from pathlib import Path
from mien.importing.importer import Importer
one = Importer(Path(sys.argv[1]), Path(sys.argv[2]))
one.make()
print(one.pid, flush=True)
os._exit(3) if sys.argv[3] == "exits" else os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("how", ["exits", "is killed"])
def test_however_the_program_ends_its_importing_process_does(tmp_path: Path, how: str) -> None:
    path = drawn.ora(tmp_path / "art.ora", drawn.plain())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _IMPORTS, str(path), str(tmp_path / "made"), how]
    # Its standard error is that of the process it starts, too: it is at an end when both are.
    ran = subprocess.run(command, capture_output=True, env=environment, timeout=120)
    assert ran.returncode in (3, -9) and int(ran.stdout) > 0, ran.stderr


def test_an_answer_that_is_none_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "_CODE", "import sys; sys.stdin.readline(); sys.exit(7)  # {path}")
    one = Importer(tmp_path / "art.ora", tmp_path / "made")
    with pytest.raises(FormatError, match=r"art\.ora: the process that imports it ended \(status 7\)"):
        one.make()
    one.close()


def test_pictures_that_are_equal_are_the_same(tmp_path: Path) -> None:
    from mien.importing.again import _same
    from mien.importing.flatten import Picture

    pixels = np.ones((3, 4, 4), np.uint8)
    one = Picture(pixels, (1, 2))
    others = [Picture(pixels, (2, 2)), Picture(pixels[:2], (1, 2)), Picture(2 * pixels, (1, 2))]
    assert _same(one, Picture(pixels.copy(), (1, 2))) and not any(_same(one, other) for other in others)


def test_what_is_drawn_together_is_drawn_once_of_the_same_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.art.kept import KeptFiles
    from mien.importing import flatten
    from mien.importing.flatten import Picture, flattened_with, over

    drawn_together: list[int] = []
    whole = flatten._over

    def counted(pictures: Any) -> Picture:
        drawn_together.append(len(pictures))
        return whole(pictures)

    monkeypatch.setattr(flatten, "_over", counted)
    rng = np.random.default_rng(2)
    pictures = [Picture(rng.integers(0, 256, (9, 8, 4)).astype(np.uint8), (k, 2 * k)) for k in range(3)]
    moved = [Picture(pictures[0].pixels, (7, 7)), *pictures[1:]]
    kept, plain = KeptFiles(), [over(pictures), over(moved)]
    for _ in range(3):
        with flattened_with(kept):
            for found, expected in zip((over(pictures), over(moved)), plain, strict=True):
                assert found.offset == expected.offset and np.array_equal(found.pixels, expected.pixels)
        kept.forget_others()
    assert len(drawn_together) == 4
    over(pictures)
    assert len(drawn_together) == 5
