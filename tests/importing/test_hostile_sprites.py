"""Sprites and models of strangers: one sentence, nothing half written, little memory."""

from __future__ import annotations

import base64
import json
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from importing import sprites
from mien.cli import main
from mien.errors import MienError
from mien.importing.kinds import read_artwork
from mien.importing.models.godot import read_var


def refused(path: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["import", str(path), "-o", str(target)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mien: ")
    assert not target.exists()
    return line


@pytest.mark.parametrize(
    "kind", [sprites.plus, sprites.remix, sprites.veado, sprites.tachie], ids=lambda kind: kind.__name__
)
def test_damaged_files_end_in_one_sentence(
    tmp_path: Path, kind: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    suffix = {"plus": ".save", "remix": ".pngRemix", "veado": ".veado", "tachie": ".tachie.zip"}
    end = suffix[kind.__name__]
    whole = kind(tmp_path / f"whole{end}").read_bytes()
    chance = random.Random(5)
    for number in range(24):
        data = bytearray(whole[: chance.randrange(1, len(whole))] if number % 3 == 0 else whole)
        for _ in range(chance.randrange(1, 8)):
            data[chance.randrange(min(len(data), 4096 if number % 2 else len(data)))] = chance.randrange(256)
        path = tmp_path / f"bad{number}{end}"
        path.write_bytes(bytes(data))
        try:
            read_artwork(path)
        except MienError as error:
            assert str(path) in str(error)
            assert "\n" not in str(error)
    assert capsys.readouterr().err == ""


def bomb(side: int = 30_000) -> bytes:
    """A PNG that declares far more pixels than it holds."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(9999))) + chunk(b"IEND", b"")


def first(entries: dict[str, dict[str, object]], **changes: object) -> None:
    entries["0"] |= changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"imageData": base64.b64encode(bomb()).decode()}, "declares 30000 x 30000"),
        ({"imageData": "====" * 9}, "no base64"),
        ({"imageData": None}, "has no picture"),
        ({"pos": "Vector2(999999, 0)"}, "move them together"),
        ({"parentId": 101}, "hangs on itself"),
        ({"pos": "Vector2(inf, nan)", "zindex": "x", "frames": -3, "costumeLayers": "[" * 999}, ""),
    ],
)
def test_a_save_that_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object], words: str
) -> None:
    def change(entries: dict[str, dict[str, object]]) -> None:
        first(entries, **changes)
        if "parentId" in changes:
            entries["1"]["parentId"] = 100

    path = sprites.plus(tmp_path / "a.save", change)
    if words:
        assert words in refused(path, tmp_path / "made", capsys)
    else:
        assert main(["import", str(path), "-o", str(tmp_path / "made")]) == 0


def test_cut_and_bottomless_json_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = sprites.plus(tmp_path / "a.save")
    path.write_bytes(path.read_bytes()[:-90])
    assert "no whole JSON" in refused(path, tmp_path / "made", capsys)
    path.write_text("[" * 100_000, "utf-8")
    assert "PNGTuber-Plus" in refused(path, tmp_path / "made", capsys)
    path.write_text(json.dumps({"a": 3}), "utf-8")
    assert "holds no sprite" in refused(path, tmp_path / "made", capsys)


def test_counts_that_a_file_cannot_hold_take_no_memory(tmp_path: Path) -> None:
    bombs = [
        struct.pack("<III", 28, 0x7FFFFFFF, 0),
        struct.pack("<III", 35, 0x7FFFFFFF, 0),
        struct.pack("<II", 29, 0xFFFFFFFF),
        struct.pack("<II", 28, 1) * 400,
        struct.pack("<I", 99),
    ]
    tracemalloc.start()
    for body in bombs:
        with pytest.raises(MienError, match=r"^x (is|holds) .*save it again"):
            read_var(struct.pack("<I", len(body)) + body, "x")
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_names_in_zips_and_models_lead_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    path = inner / "evil.tachie.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../neutral.png", sprites.png(sprites.FACES["neutral"]))
        archive.writestr("/happy.png", sprites.png(sprites.FACES["joy"]))
    assert main(["import", str(path), "-o", str(inner / "made"), "--name", "x"]) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["inner"]
    capsys.readouterr()
    model = sprites.livepng(inner / "live")
    text = (model / "model.json").read_text("utf-8").replace('"0.png"', '"../../../../0.png"')
    (model / "model.json").write_text(text, "utf-8")
    assert "leads out of" in refused(model, inner / "other", capsys)


def test_bombs_in_packs_are_seen_before_they_are_decoded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sprites.pack(tmp_path / "girl")
    (folder / "fear.png").write_bytes(bomb())
    assert "declares 30000 x 30000" in refused(folder, tmp_path / "made", capsys)
    path = tmp_path / "many.tachie.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("neutral.png", bytes(300 << 20))
    assert "neutral.png" in refused(path, tmp_path / "made", capsys)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("happy.png", sprites.png(sprites.FACES["joy"]))
    assert "called neutral" in refused(path, tmp_path / "made", capsys)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04", "1.4 or earlier"),
        (b"VEADOTUBE" + bytes(12), "holds no states"),
        (b"VEADOTUBE" + struct.pack("<I4sI", 1, b"DART", 4) + bytes(4), "dynamic avatar"),
        (b"VEADOTUBE" + struct.pack("<I4sI", 1, b"MLST", 4000), "is cut"),
        (b"something else", "no veadotube avatar"),
    ],
)
def test_other_files_of_veadotube_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, words: str
) -> None:
    path = tmp_path / "a.veado"
    path.write_bytes(data)
    assert words in refused(path, tmp_path / "made", capsys)


def test_scripts_are_read_and_never_run(tmp_path: Path) -> None:
    folder = sprites.renpy(tmp_path / "game")
    script = folder / "script.rpy"
    mark = tmp_path / "ran"
    call = f'open({str(mark)!r}, "w")'
    evil = f"\ninit python:\n    {call}\nlayeredimage x:\n    always Image({call})\n"
    script.write_text(script.read_text("utf-8") + evil, "utf-8")
    read_artwork(script)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["a\x00.png", "\ud800.png", "b" * 100_000, "../a.png", "\x1b[1m.png"])
def test_a_livepng_model_that_names_what_no_file_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    model = tmp_path / "model.json"
    model.write_text(json.dumps({"styles": {"one": {"expressions": {"idle": {"0": [name]}}}}}), "utf-8")
    line = refused(model, tmp_path / "made", capsys)
    assert len(line) < 500
