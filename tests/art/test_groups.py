"""Groups: slots drawn as one layer, read in any order, nested, and never across a clip."""

# ruff: noqa: E501 (one line per case: the list reads as a table)

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from art.build import box, layered_character, tiny_character, tiny_document, write_png
from mien.art import inspect, load_character, pack_character
from mien.art.read_manifest import read_manifest
from mien.character import Group
from mien.errors import FormatError
from mien.types import Blend

PAGE = 128
SLOTS = ("body", "head", "iris", "lid", "mouth", "blush")


def group(name: str, first: str, last: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "first": first, "last": last, **keys}


def grouped(*groups: dict[str, Any]) -> dict[str, Any]:
    """The tiny document with groups."""
    return {**tiny_document(), "group": list(groups)}


def read(*groups: dict[str, Any], **slots: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Name, first and stop of every group read; `slots` changes slots."""
    document = grouped(*groups)
    for name, change in slots.items():
        document["slot"][SLOTS.index(name)].update(change)
    return [(g.name, g.first, g.stop) for g in read_manifest(document, "character.toml").groups]


def test_a_group_has_what_its_table_says(tmp_path: Path) -> None:
    face = group("face", "head", "mouth", blend="linear-burn", opacity=0.25, mask="m.png", joint="head")
    folder = tiny_character(tmp_path / "c", grouped(face))
    write_png(folder / "m.png", box(10, 12, (0, 0, 0, 90)), (20, 20))
    (found,) = load_character(folder, page_size=PAGE).character.groups
    assert found.mask is not None
    assert (found.mask.offset, found.mask.region[2:]) == ((20, 20), (10, 12))
    assert found == Group("face", 1, 5, Blend.LINEAR_BURN, 0.25, False, False, found.mask, 1)


def test_what_a_group_leaves_out_gets_its_documented_default(tmp_path: Path) -> None:
    folder = tiny_character(tmp_path / "c", grouped(group("all", "body", "blush")))
    assert load_character(folder, page_size=PAGE).character.groups == (Group("all", 0, 6),)


def test_a_character_without_groups_has_none(tiny: Path) -> None:
    assert load_character(tiny, page_size=PAGE).character.groups == ()


def test_groups_come_by_their_lowest_slot_and_the_outer_first_however_they_are_written() -> None:
    groups = [group("eyes", "iris", "lid"), group("top", "mouth", "blush"), group("all", "body", "blush")]
    groups.append(group("face", "head", "lid"))
    expected = [("all", 0, 6), ("face", 1, 4), ("eyes", 2, 4), ("top", 4, 6)]
    assert read(*groups, iris={"clip": False}) == expected
    assert read(*reversed(groups), iris={"clip": False}) == expected


def test_of_two_groups_with_the_same_slots_the_earlier_is_the_outer() -> None:
    a, b = group("a", "lid", "mouth"), group("b", "lid", "mouth")
    assert read(a, b) == [("a", 3, 5), ("b", 3, 5)]
    assert read(b, a) == [("b", 3, 5), ("a", 3, 5)]


def test_a_group_may_have_the_name_of_a_slot_and_hold_only_one() -> None:
    assert read(group("mouth", "mouth", "mouth")) == [("mouth", 4, 5)]


def test_what_is_above_a_group_may_be_clipped_to_it() -> None:
    assert read(group("g", "body", "head"), iris={"clip": True}) == [("g", 0, 2)]


def test_a_group_may_be_clipped_to_what_is_below_it() -> None:
    assert read(group("g", "lid", "mouth", clip=True)) == [("g", 3, 5)]


MISTAKES: list[tuple[str, list[dict[str, Any]], str]] = [
    ("no name", [{"first": "body", "last": "head"}], r"group\[0\] name is missing"),
    ("a path as name", [group("a/b", "body", "head")], r"group\[0\] name is named 'a/b'"),
    ("a name twice", [group("a", "lid", "lid"), group("A", "mouth", "mouth")], r'group\[1\] "A" name has the name of group\[0\]'),
    ("no first", [{"name": "g", "last": "head"}], r'group\[0\] "g" first is missing'),
    ("an unknown slot", [group("g", "bdy", "head")], r"first is 'bdy', which is not known; did you mean 'body'\?"),
    ("an unknown last", [group("g", "body", "haed")], r"last is 'haed'.* did you mean 'head'\?"),
    ("upside down", [group("g", "head", "body")], "last is 'body', which is below `first`, 'head'; exchange them"),
    ("a slot list", [group("g", "body", "head", slots=["body"])], "slots is not a key of this format"),
    ("an unknown blend", [group("g", "body", "head", blend="multiplied")], "did you mean 'multiply'"),
    ("pass-through as a blend", [group("g", "body", "head", blend="pass-through")], "write `pass_through = true`"),
    ("pass-through with a blend", [group("g", "body", "head", blend="screen", pass_through=True)], "blend is 'screen' beside `pass_through = true`"),
    ("pass-through with a clip", [group("g", "lid", "lid", clip=True, pass_through=True)], "clip is true beside `pass_through = true`"),
    ("opacity above 1", [group("g", "body", "head", opacity=2)], "opacity is 2, but must be 0 to 1"),
    ("an unknown joint", [group("g", "body", "head", mask="m.png", joint="hed")], "joint is 'hed'.* did you mean 'head'"),
    ("a mask without a joint", [group("g", "body", "head", mask="m.png")], "joint is missing; add it"),
    ("a joint without a mask", [group("g", "body", "head", joint="head")], "joint moves the mask, and there is none"),
    ("a part in common", [group("a", "body", "iris"), group("b", "iris", "mouth")], r'group\[1\] "b" shares the slots \'iris\' to \'iris\' with group \'a\'.* neither holds the other'),
    ("a part in common, written the other way", [group("b", "head", "mouth"), group("a", "body", "lid")], r'group\[0\] "b" shares the slots \'head\' to \'lid\' with group \'a\''),
    ("a group between a base and its clip", [group("g", "iris", "lid")], r'slot\[2\] "iris" clip is true, but this is the lowest in group \'g\''),
    ("a clipped group at the bottom", [group("g", "body", "iris", clip=True)], r'group\[0\] "g" clip is true, but this is the lowest slot'),
    ("a clipped group at the bottom of another", [group("a", "lid", "blush"), group("b", "lid", "mouth", clip=True)], r'group\[1\] "b" clip is true, but this is the lowest in group \'a\''),
    ("a clip to what passes through", [group("g", "body", "head", pass_through=True)], r'slot\[2\] "iris" clip is true, but below is group \'g\', which passes through'),
    ("no table", [3], r"group\[0\] is 3, but must be a table"),  # type: ignore[list-item]
    ("many", [group(f"g{i}", "lid", "lid") for i in range(65)], "group has 65 groups, and 64 is the limit"),
]  # fmt: skip


@pytest.mark.parametrize(("groups", "message"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_the_error_names_file_group_value_and_remedy(groups: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(FormatError, match=rf"^wren/character\.toml: .*{message}") as caught:
        read_manifest(grouped(*groups), "wren/character.toml")
    assert "\n" not in str(caught.value)


def test_groups_by_the_wrong_name_are_recognized() -> None:
    document = {**tiny_document(), "groups": [group("g", "body", "head")]}
    with pytest.raises(FormatError, match="groups is not a key of this format; did you mean 'group'"):
        read_manifest(document, "character.toml")


def test_a_slot_cannot_pass_through() -> None:
    document = tiny_document()
    document["slot"][0]["blend"] = "pass-through"
    with pytest.raises(FormatError, match=r'slot\[0\] "body" blend is \'pass-through\'; write `pass_thr'):
        read_manifest(document, "character.toml")


@pytest.mark.parametrize(
    "mode", [mode for mode in Blend if mode != Blend.PASS_THROUGH], ids=lambda m: m.label
)
def test_every_blend_mode_can_be_asked_for_by_slots_and_groups(mode: Blend) -> None:
    document = grouped(group("g", "lid", "mouth", blend=mode.label))
    document["slot"][0]["blend"] = mode.label
    manifest = read_manifest(document, "character.toml")
    assert (manifest.slots[0].blend, manifest.groups[0].blend) == (mode, mode)


spans = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans(), st.booleans()), min_size=1, max_size=5
)


@settings(max_examples=200, deadline=None)
@given(spans, st.lists(st.booleans(), min_size=6, max_size=6))
def test_whatever_is_read_is_nested_and_whatever_is_clipped_has_a_base(
    groups: list[tuple[int, int, bool, bool]], clips: list[bool]
) -> None:
    document = grouped(
        *(
            group(f"g{i}", SLOTS[a], SLOTS[b], pass_through=through, clip=clip)
            for i, (a, b, through, clip) in enumerate(groups)
        )
    )
    for slot, clip in zip(document["slot"], clips, strict=True):
        slot["clip"] = clip
    try:
        found = read_manifest(document, "character.toml").groups
    except FormatError:
        return
    assert list(found) == sorted(found, key=lambda g: (g.first, -g.stop))
    for i, outer in enumerate(found):
        for inner in found[i + 1 :]:
            assert inner.first >= outer.stop or inner.stop <= outer.stop
    for at, clip in enumerate(clips):
        # The lowest of a group is not clipped, so neither is the lowest of all.
        assert not (clip and (at == 0 or any(g.first == at for g in found)))
    assert not any(g.clip and (g.first == 0 or g.pass_through) for g in found)


def test_a_baked_character_has_the_groups_of_its_folder(tmp_path: Path) -> None:
    folder = layered_character(tmp_path / "c")
    baked = pack_character(folder, tmp_path / "c.mien", page_size=PAGE).path
    a, b = (load_character(path, page_size=PAGE) for path in (folder, baked))
    assert a.character == b.character
    assert [g.name for g in a.character.groups] == ["all", "face", "eyes"]
    for scale, page in ((0.5, PAGE), (1.0, 256)):
        c, d = (load_character(path, scale=scale, page_size=page) for path in (folder, baked))
        assert c.character.groups == d.character.groups
        assert all((x == y).all() for x, y in zip(c.pages, d.pages, strict=True))


def test_a_character_without_groups_bakes_as_it_did_before_there_were_any(tiny: Path, tmp_path: Path) -> None:
    path = pack_character(tiny, tmp_path / "c.mien", page_size=PAGE).path
    with zipfile.ZipFile(path) as archive:
        document = json.loads(archive.read("character.json"))
    assert "group" not in document
    assert all("mask" not in slot for slot in document["slot"])


def test_the_summary_shows_groups_and_masks(tmp_path: Path) -> None:
    summary = inspect(layered_character(tmp_path / "c"), page_size=PAGE)
    lines = [line.rstrip() for line in summary.text().splitlines()[3:12]]
    assert [line[: len(line) - len(line.lstrip())] + line.split()[0] for line in lines] == [
        "all/",
        "  face/",
        "    blush",
        "    mouth",
        "    eyes/",
        "      lid",
        "    iris",
        "    head",
        "  body",
    ]
    assert lines[0].endswith("pass-through, 75%, mask")
    assert lines[1].endswith("screen, 50%")
    assert lines[4].endswith("normal, clip, mask")
    assert "normal, mask" in lines[7]
    assert "6 slots, 3 groups, 3 masks, 10 drawings in 11 regions, 3 joints" in summary.text()
    assert json.loads(json.dumps(asdict(summary)))["groups"][1]["opacity"] == 0.5


def warnings(folder: Path, *groups: dict[str, Any]) -> list[str]:
    made = tiny_character(folder, grouped(*groups))
    write_png(made / "m.png", box(64, 80, (0, 0, 0, 255)))
    write_png(made / "far.png", box(4, 4, (0, 0, 0, 255)), (60, 0))
    return [
        warning for warning in load_character(made, page_size=PAGE).warnings if warning.startswith("group")
    ]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([group("g", "mouth", "mouth")], "looks the same as its slots without it"),
        ([group("g", "lid", "blush")], "looks the same"),
        ([group("g", "head", "iris", pass_through=True)], "looks the same"),
        ([group("g", "lid", "lid", opacity=0)], "has opacity 0"),
        ([group("g", "lid", "lid", mask="m.png", joint="head")], "mask is opaque all over and hides nothing"),
        ([group("g", "lid", "lid", mask="far.png", joint="head")], "its mask covers nothing that it shows"),
    ],
)
def test_a_group_that_changes_nothing_or_hides_all_is_remarked(
    tmp_path: Path, groups: list[dict[str, Any]], expected: str
) -> None:
    (found,) = warnings(tmp_path / "c", *groups)
    assert found.startswith("group 'g': ")
    assert expected in found


@pytest.mark.parametrize(
    "groups",
    [
        [group("g", "lid", "blush", opacity=0.5)],
        [group("g", "lid", "blush", blend="multiply")],
        [group("g", "lid", "lid", clip=True)],
        [group("g", "head", "iris", pass_through=True, opacity=0.5)],
        [group("g", "head", "iris")],  # it keeps the iris's multiply to itself
        [group("g", "body", "head")],  # the iris is clipped to it
    ],
)
def test_a_group_that_does_something_is_not_remarked(tmp_path: Path, groups: list[dict[str, Any]]) -> None:
    assert warnings(tmp_path / "c", *groups) == []


def test_a_joint_that_only_moves_a_mask_is_used(tmp_path: Path) -> None:
    document = grouped(group("g", "lid", "blush", mask="m.png", joint="frame"))
    document["joints"]["frame"] = {"pivot": [1, 1]}
    folder = tiny_character(tmp_path / "c", document)
    write_png(folder / "m.png", box(30, 30, (0, 0, 0, 200)), (15, 15))
    assert not any("joints" in warning for warning in load_character(folder, page_size=PAGE).warnings)
