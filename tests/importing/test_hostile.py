"""Files of strangers: one sentence, and nothing is written."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.cli import main
from mien.errors import MienError
from mien.importing.layered import read_source
from mien.importing.make import make
from mien.importing.mapping import Corrections
from mien.importing.write import write


@pytest.mark.parametrize("file", [drawn.ora, drawn.psd, drawn.kra])
def test_a_damaged_file_ends_in_a_sentence_and_leaves_nothing(
    tmp_path: Path, file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    if file is drawn.psd:
        pytest.importorskip("psd_tools")
    suffix = {drawn.ora: "ora", drawn.psd: "psd", drawn.kra: "kra"}[file]
    whole = file(tmp_path / f"art.{suffix}", drawn.named()).read_bytes()
    chance = random.Random(7)
    for number in range(12):
        data = bytearray(whole[: chance.randrange(1, len(whole))] if number % 2 else whole)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = tmp_path / f"bad{number}.{suffix}"
        path.write_bytes(bytes(data))
        target = tmp_path / f"made{number}"
        try:
            write(make(read_source(path), "bad"), target, path.name, Corrections(), None, False)
        except MienError as error:
            assert str(path) in str(error)
            assert not target.exists()
    assert not list(tmp_path.glob(".*part"))
    assert capsys.readouterr().err == ""


def test_names_lead_nowhere(tmp_path: Path) -> None:
    evil = tuple(
        thing.called(name) if (name := names.get(thing.name)) else thing
        for names in [
            {"body": "../../../body", "front hair": "/etc/hair", "back hair": "..\\back hair\x00\x1b[2J"}
        ]
        for thing in drawn.plain()
        if "\x00" not in thing.name
    )
    evil = tuple(thing.called(thing.name.replace("\x00\x1b[2J", "")) for thing in evil)
    inner = tmp_path / "inner"
    inner.mkdir()
    path = drawn.ora(inner / "art.ora", evil)
    assert main(["import", str(path), "-o", str(inner / "made")]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["inner"]
    assert sorted(p.name for p in inner.iterdir()) == ["art.ora", "made"]


def test_hundreds_of_layers_are_taken(tmp_path: Path) -> None:
    dots = tuple(
        Thing(f"dot {i}", drawn.ellipse(20 + i % 160, 200 + i % 50, 3, 3, (i % 256, 90, 90)))
        for i in range(320)
    )
    path = drawn.ora(tmp_path / "art.ora", (*dots, *drawn.plain()))
    assert main(["import", str(path), "-o", str(tmp_path / "made")]) == 0


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("maindoc.xml", b"<DOC", "not valid XML"),
        ("maindoc.xml", b"<!DOCTYPE a [<!ENTITY x 'y'>]><DOC/>", "document type"),
        ("maindoc.xml", b"<DOC/>", "no <IMAGE>"),
        ("maindoc.xml", b'<DOC><IMAGE width="99999" height="5" name="a"/></DOC>', "99999 x 5 pixels"),
        ("maindoc.xml", b'<DOC><IMAGE width="x" height="5" name="a"/></DOC>', "width is 'x'"),
        ("other.txt", b"", "holds no 'maindoc.xml'"),
    ],
)
def test_a_krita_file_that_says_nonsense_is_told_so(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    path = tmp_path / "art.kra"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, data)
    with pytest.raises(MienError, match=words):
        read_source(path)


def test_a_file_that_is_no_art_and_one_that_is_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("x", "utf-8")
    for name, words in (
        ("a.txt", "no kind that can be imported"),
        ("gone.psd", "no such file"),
        (".", "no picture and no model"),
    ):
        assert main(["import", str(tmp_path / name), "-o", str(tmp_path / "made")]) == 1
        assert words in capsys.readouterr().err
