"""What is read again with what was kept of the last time is, to the bit, what is read for the first time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from art.build import box, tiny_character, tiny_document, tiny_parts, write_png
from mien.art import atlas, folder, load, load_character
from mien.art.kept import KeptFiles
from mien.errors import FormatError


def same(folder: Path, kept: KeptFiles, scale: float) -> None:
    """The character with what was kept is as without it."""
    again = load_character(folder, scale=scale, joined=True, kept=kept)
    first = load_character(folder, scale=scale, joined=True)
    assert again.character == first.character and again.warnings == first.warnings
    assert len(again.pages) == len(first.pages)
    assert all(map(np.array_equal, again.pages, first.pages))


def joined_document() -> dict[str, Any]:
    """With a slot that is clipped to the body, and so joined with it."""
    document = tiny_document()
    body = next(i for i, slot in enumerate(document["slot"]) if slot["name"] == "body")
    document["slot"].insert(
        body + 1, {**document["slot"][body], "name": "shade", "clip": True, "blend": "multiply"}
    )
    return document


def edits() -> list[Callable[[Path, dict[str, Any]], object]]:
    red, part = (200, 30, 40, 255), Path("parts", "body", "main.png")
    return [
        lambda top, document: None,
        lambda top, document: write_png(top / part, box(40, 30, red), (12, 50)),
        lambda top, document: write_png(top / part, box(50, 20, red), (7, 60)),
        lambda top, document: write_png(top / part, box(50, 20, red), (9, 60)),
        lambda top, document: write_png(top / "parts" / "shade" / "main.png", box(9, 9, red), (20, 60)),
        lambda top, document: document["slot"].reverse(),
        lambda top, document: document["slot"].reverse(),
        lambda top, document: write_png(top / "parts" / "more.png", box(9, 9, red), (0, 0)),
        lambda top, document: document.update(canvas=[70, 90]),
    ]


@pytest.mark.parametrize("scale", [1.0, 0.7])
def test_whatever_was_changed_it_is_as_if_it_had_always_been_so(tmp_path: Path, scale: float) -> None:
    document, parts = joined_document(), tiny_parts()
    parts["shade/main"] = (box(20, 20, (90, 90, 90, 200)), (15, 55))
    top, kept = tiny_character(tmp_path / "a", document, parts), KeptFiles()
    for edit in edits():
        edit(top, document)
        (tmp_path / "other").mkdir(exist_ok=True)
        tiny_character(tmp_path / "other", document, parts)
        (top / "character.toml").write_bytes((tmp_path / "other" / "character.toml").read_bytes())
        for _ in range(2):
            same(top, kept, scale)


def test_what_has_not_changed_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = dict.fromkeys(("decode", "resampled", "pack", "_digest", "read_manifest", "join"), 0)

    def counted(module: Any, name: str) -> None:
        call = getattr(module, name)

        def counts(*arguments: Any) -> Any:
            made[name] += 1
            return call(*arguments)

        monkeypatch.setattr(module, name, counts)

    for module, name in (
        (folder, "decode"), (load, "resampled"), (atlas, "pack"), (atlas, "_digest"),
        (folder, "read_manifest"), (load, "join"),
    ):  # fmt: skip
        counted(module, name)
    parts = tiny_parts()
    parts["shade/main"] = (box(20, 20, (90, 90, 90, 200)), (15, 55))
    top, kept = tiny_character(tmp_path / "a", joined_document(), parts), KeptFiles()

    def read() -> dict[str, int]:
        for name in made:
            made[name] = 0
        load_character(top, scale=0.7, joined=True, kept=kept)
        return {name: count for name, count in made.items() if count}

    assert read()["decode"] == len(parts)
    assert read() == {}
    write_png(top / "parts" / "shade" / "main.png", box(20, 20, (90, 10, 90, 200)), (15, 55))
    assert read() == {"decode": 1, "resampled": 1, "_digest": 3, "join": 1}, (
        "its own, mirrored, and the join's"
    )
    (top / "character.toml").write_bytes((top / "character.toml").read_bytes() + b"\n# more\n")
    assert read() == {"read_manifest": 1}


def test_a_folder_that_cannot_be_read_costs_nothing_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, kept = tiny_character(tmp_path / "a"), KeptFiles()
    load_character(top, kept=kept)
    good = (top / "character.toml").read_bytes()
    (top / "character.toml").write_bytes(b"canvas = 7")
    with pytest.raises(FormatError):
        load_character(top, kept=kept)
    (top / "character.toml").write_bytes(good)
    monkeypatch.setattr(folder, "decode", None)
    load_character(top, kept=kept)


def test_what_is_kept_is_of_an_object_and_not_of_its_like() -> None:
    kept, made = KeptFiles(), list[int]()
    one, like = np.zeros(3), np.zeros(3)
    for what in (one, one, like):
        kept.made_of([what], "sum", lambda: made.append(1))
        kept.forget_others()
    assert len(made) == 2
    kept.forget_others()  # nothing was asked for
    kept.made_of([like], "sum", lambda: made.append(1))
    assert len(made) == 3
