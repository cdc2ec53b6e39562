"""`inspect` says what a character is made of."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

from mien.art import inspect, pack_character


def test_the_summary_counts_what_there_is(tiny: Path) -> None:
    summary = inspect(tiny, page_size=128)
    assert summary.name == "Tiny"
    assert summary.canvas == (64, 80)
    assert [slot.name for slot in summary.slots] == ["body", "head", "iris", "lid", "mouth", "blush"]
    assert summary.drawings == 10
    assert summary.regions == 10
    assert (summary.pages, summary.page_size, summary.bytes) == (1, 128, 128 * 128 * 4)
    assert summary.slots[0].pixels == 40 * 30
    assert 0 < summary.fill < 1


def test_the_table_lists_slots_from_the_top_and_marks_defaults(tiny: Path) -> None:
    lines = inspect(tiny, page_size=128).text().splitlines()
    names = [line.split()[0] for line in lines[3:9]]
    assert names == ["blush", "mouth", "lid", "iris", "head", "body"]
    assert "[rest], open, grin" in lines[4]
    assert "multiply, clip" in lines[6]
    assert "6 slots, 10 drawings in 10 regions, 3 joints" in lines
    assert any(line.startswith("warning: lids right") for line in lines)


def test_one_of_a_kind_is_counted_as_one(tiny: Path) -> None:
    summary = inspect(tiny, page_size=128)
    single = replace(summary, slots=summary.slots[:1], drawings=1, regions=1, joints=("body",))
    assert "1 slot, 1 drawing in 1 region, 1 joint" in single.text().splitlines()


def test_a_folder_and_its_baked_file_have_the_same_summary_but_for_their_source(
    tiny: Path, tmp_path: Path
) -> None:
    baked = pack_character(tiny, tmp_path / "tiny.mien", page_size=128).path
    a, b = (asdict(inspect(path, page_size=128)) for path in (tiny, baked))
    for key in ("source", "warnings"):
        a.pop(key), b.pop(key)
    assert a == b


def test_the_summary_can_be_written_as_json(tiny: Path) -> None:
    assert json.loads(json.dumps(asdict(inspect(tiny, page_size=128))))["name"] == "Tiny"
