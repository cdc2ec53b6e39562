"""What is wrong in a character's files is said in one sentence: file, key, value, remedy."""

# ruff: noqa: E501 (one line per case: the list reads as a table)

from __future__ import annotations

import copy
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from art.build import box, chunk, layered_document, tiny_character, tiny_document, write_png
from mien.art import load_character
from mien.art.read_manifest import read_manifest
from mien.character import Character
from mien.errors import AssetMissing, FormatError, ImageRejected, MienError

Change = Callable[[dict[str, Any]], object]

CASES: list[tuple[str, Change, str]] = [
    ("an unknown key", lambda d: d.update(colour=1), "colour is not a key of this format"),
    ("a misspelt slot key", lambda d: d["slot"][1].update(fade=1), r'slot\[1\] "head" fade .* did you mean \'fade_ms\'\?'),
    ("a misspelt required key", lambda d: d.update(canvass=d.pop("canvas")), r"canvas is missing; is 'canvass' meant to be it\?"),
    ("a misspelt slot name", lambda d: d["mouth"].update(slot="mout"), "mouth slot is 'mout'.* did you mean 'mouth'?"),
    ("another version", lambda d: d.update(format=2), "format is 2, but this Mien reads 1"),
    ("no version", lambda d: d.pop("format"), "format is missing"),
    ("no name", lambda d: d.pop("name"), "name is missing; add it"),
    ("an empty name", lambda d: d.update(name=" "), "name is ' '"),
    ("a large canvas", lambda d: d.update(canvas=[4097, 64]), r"canvas\[0\] is 4097, but must be 16 to 4096"),
    ("a small canvas", lambda d: d.update(canvas=[64, 15]), r"canvas\[1\] is 15, but must be 16 to 4096"),
    ("a broken canvas", lambda d: d.update(canvas=64), r"canvas is 64, but must be \[width, height\]"),
    ("half a pixel", lambda d: d.update(canvas=[64.5, 64]), r"canvas\[0\] is 64.5, but must be a whole number"),
    ("NaN", lambda d: d.update(anchor=[math.nan, 1]), r"anchor\[0\] is nan, but must be a finite number"),
    ("infinity", lambda d: d["gaze"].update(x=[0, math.inf]), r"gaze x\[1\] is inf, but must be a finite number"),
    ("text for a number", lambda d: d["slot"][0].update(opacity="1"), r'slot\[0\] "body" opacity is \'1\', but must be a number'),
    ("a flag for a number", lambda d: d["slot"][0].update(opacity=True), "opacity is True, but must be a number"),
    ("opacity above 1", lambda d: d["slot"][5].update(opacity=1.5), r'slot\[5\] "blush" opacity is 1.5, but must be 0 to 1'),
    ("negative fade", lambda d: d["slot"][5].update(fade_ms=-1), "fade_ms is -1, but must be 0 to 60000"),
    ("an unknown blend", lambda d: d["slot"][0].update(blend="multiplied"), "'multiplied'.* did you mean 'multiply'?"),
    ("an unknown joint", lambda d: d["slot"][0].update(joint="bod"), "joint is 'bod'.* did you mean 'body'?"),
    ("an unknown default", lambda d: d["slot"][4].update(default="grim"), "default is 'grim'.* did you mean 'grin'?"),
    ("a slot twice", lambda d: d["slot"][5].update(name="Mouth"), r'slot\[5\] "Mouth" name has the name of slot\[4\]'),
    ("a drawing twice", lambda d: d["slot"][4].update(drawings=["rest", "rest"]), r"drawings\[1\] is 'rest' a second time"),
    ("a drawing twice but for case", lambda d: d["slot"][4].update(drawings=["rest", "Rest"]), "differs from 'rest' in case alone"),
    ("a drawing that is a path", lambda d: d["slot"][4].update(drawings=["../x"]), r"drawings\[0\] is named '../x'"),
    ("no drawings", lambda d: d["slot"][4].update(drawings=[]), "drawings has 0 entries"),
    ("no slots", lambda d: d.update(slot=[]), "slot is .*, but must be a list"),
    ("a slot that is no table", lambda d: d.update(slot=[3]), r"slot\[0\] is 3, but must be a table"),
    ("clip on the lowest slot", lambda d: d["slot"][0].update(clip=True), r'slot\[0\] "body" clip is true, but this is the lowest slot'),
    ("an absolute path", lambda d: d["slot"][0].update(files={"main": "/etc/passwd"}), "files main is '/etc/passwd'"),
    ("a path out", lambda d: d["slot"][0].update(files={"main": "a/../../b.png"}), "give a path inside"),
    ("a Windows path", lambda d: d["slot"][0].update(files={"main": "C:\\b.png"}), "give a path inside"),
    ("a file of no drawing", lambda d: d["slot"][0].update(files={"mian": "b.png"}), "names 'mian'.* did you mean 'main'?"),
    ("an offset of no drawing", lambda d: d["slot"][0].update(offsets={"mian": [0, 0]}), "names 'mian'"),
    ("half an offset", lambda d: d["slot"][0].update(offsets={"main": [0.5, 0]}), r"offsets main\[0\] is 0.5"),
    ("joints by another name", lambda d: d.update(joint=d.pop("joints")), "joints is missing; is 'joint' meant to be it"),
    ("no joints", lambda d: d.update(joints={}), "joints has 0 joints"),
    ("an unknown parent", lambda d: d["joints"]["head"].update(parent="bdy"), "joints.head parent is 'bdy'.* 'body'?"),
    ("a cycle", lambda d: d["joints"]["body"].update(parent="iris"), r"makes a cycle \(body -> iris -> head -> body\)"),
    ("its own parent", lambda d: d["joints"]["body"].update(parent="body"), r"cycle \(body -> body\)"),
    ("an unknown channel", lambda d: d["joints"]["head"].update(rotate={"head_rol": 1}), "rotate names 'head_rol'.* 'head_roll'?"),
    ("a number for a vector", lambda d: d["joints"]["head"].update(move={"head_yaw": 4}), "must be two numbers"),
    ("a viseme twice", lambda d: d["mouth"]["moods"]["neutral"].update(open=["aa", "PP"]), r"neutral open\[1\] gives 'PP', which 'rest' shows already"),
    ("an unknown viseme", lambda d: d["mouth"]["moods"]["neutral"].update(open=["ah"]), r"open\[0\] is 'ah', which is not known"),
    ("an unknown mouth drawing", lambda d: d["mouth"]["moods"]["smile"].update(gring=[]), "moods.smile names 'gring'.* 'grin'?"),
    ("no neutral mood", lambda d: d["mouth"]["moods"].pop("neutral"), 'must give `neutral` a drawing for "sil"'),
    ("no mouth", lambda d: d.pop("mouth"), "mouth is missing; add it"),
    ("an unknown lid slot", lambda d: d["lids"].update(left=["lidd"]), r"lids left\[0\] is 'lidd'.* did you mean 'lid'?"),
    ("an unknown iris", lambda d: d["gaze"].update(irises=["iriss"]), r"gaze irises\[0\] is 'iriss'.* 'iris'?"),
    ("an unknown slot in an expression", lambda d: d["expressions"]["happy"].update(slots={"blus": "soft"}), "expressions.happy.slots names 'blus'.* 'blush'?"),
    ("an unknown drawing in an expression", lambda d: d["expressions"]["happy"].update(slots={"blush": "sof"}), "blush is 'sof'.* 'soft'?"),
    ("an unknown mood", lambda d: d["expressions"]["happy"].update(mood="smiel"), "happy mood is 'smiel'.* 'smile'?"),
    ("an unknown lid state", lambda d: d["expressions"]["happy"].update(lids="clsed"), "lids is 'clsed'.* 'closed'?"),
    ("an unknown side", lambda d: d["expressions"]["happy"].update(lids={"lift": "open"}), "lift is not a key.* 'left'?"),
    ("an unknown override", lambda d: d["expressions"]["happy"].update(override_gaze="stop"), "known: blend, block, none"),
    ("a channel far out", lambda d: d["expressions"]["happy"].update(channels={"jaw": 3}), "jaw is 3, but must be -2 to 2"),
    ("an alias to nothing", lambda d: d["aliases"].update(glad="hapy"), "aliases glad is 'hapy'.* 'happy'?"),
    ("an alias that hides", lambda d: d["aliases"].update(happy="neutral"), "happy is an expression itself"),
    ("an unknown slot in a gesture", lambda d: d["gestures"].update(x={"slots": {"boddy": "main"}}), "gestures.x.slots names 'boddy'"),
    ("an unknown channel in a key", lambda d: d["gestures"]["wave"].update(keys=[{"at_ms": 9, "channels": {"elbow": 1}}]), r"wave.keys\[0\].channels names 'elbow'.* 'elbow_left'"),
    ("keys out of order", lambda d: d["gestures"]["wave"].update(keys=[{"at_ms": 9}, {"at_ms": 9}]), r"wave.keys\[1\] at_ms is 9, not later than the key before"),
    ("a key at once", lambda d: d["gestures"]["wave"].update(keys=[{"at_ms": 0}]), "at_ms is 0, but must be 1 to 3000"),
    ("no keys", lambda d: d["gestures"]["wave"].update(keys=[]), "wave keys is .*at least one entry"),
    ("too many keys", lambda d: d["gestures"]["wave"].update(keys=[{"at_ms": i + 1} for i in range(65)]), "has 65 entries, and 64 is the limit"),
    ("a drift without keys", lambda d: d["gestures"]["wave"].update(drift=0.1), "wave drift is not a key"),
    ("an unknown way to change", lambda d: d["slot"][0].update(change="snap"), "change is 'snap', which is not known; known: cut, fade"),
    ("a number for about", lambda d: d["about"].update(year=2020), "about year is 2020, but must be text"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_error_names_file_key_value_and_remedy(change: Change, message: str) -> None:
    document = tiny_document()
    change(document)
    with pytest.raises(FormatError, match=rf"^wren/character\.toml: .*{message}") as caught:
        read_manifest(document, "wren/character.toml")
    assert "\n" not in str(caught.value)


def test_a_required_key_that_is_misspelt_is_recognized() -> None:
    document = tiny_document()
    document["joints"]["body"]["pivott"] = document["joints"]["body"].pop("pivot")
    with pytest.raises(FormatError, match=r"joints.body pivot is missing; is 'pivott' meant to be it\?"):
        read_manifest(document, "character.toml")


def test_a_syntax_error_names_its_line(tiny: Path) -> None:
    toml = tiny / "character.toml"
    toml.write_text(toml.read_text("utf-8").replace('"canvas" = [64, 80]', '"canvas" = [64, 80'), "utf-8")
    with pytest.raises(FormatError, match=r"character\.toml is not valid TOML: .*line \d+"):
        load_character(tiny)


def test_an_empty_manifest_is_called_empty(tiny: Path) -> None:
    (tiny / "character.toml").write_bytes(b"")
    with pytest.raises(FormatError, match=r"character\.toml is empty; write it"):
        load_character(tiny)


def test_text_that_is_not_utf8_names_its_line(tiny: Path) -> None:
    (tiny / "character.toml").write_bytes(b'format = 1\nname = "\xff"\n')
    with pytest.raises(FormatError, match="line 2 is not UTF-8"):
        load_character(tiny)


def test_deep_nesting_is_an_error_and_not_a_crash(tiny: Path) -> None:
    (tiny / "character.toml").write_text("format = " + "[" * 100_000, "utf-8")
    with pytest.raises(FormatError, match="not valid TOML"):
        load_character(tiny)


def test_a_missing_png_names_slot_drawing_and_path(tiny: Path) -> None:
    (tiny / "parts/mouth/open.png").unlink()
    with pytest.raises(
        AssetMissing, match=r'slot\[4\] "mouth" drawing \'open\' needs .*parts/mouth/open\.png'
    ):
        load_character(tiny)


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (lambda name: name.upper(), "capitals count, rename it to"),
        (lambda name: "x" + name.lower(), "rename it if that is meant"),
    ],
    ids=["capitals", "a letter too many"],
)
def test_a_missing_png_names_the_file_beside_it_that_may_be_meant(
    tmp_path: Path, change: Callable[[str], str], remedy: str
) -> None:
    folder = tiny_character(tmp_path / "tiny")
    png = sorted(folder.rglob("*.png"), key=lambda path: -len(path.name))[0]
    renamed = png.with_name(change(png.name))
    png.rename(renamed)
    with pytest.raises(AssetMissing, match=f"holds '{renamed.name}': {remedy}"):
        load_character(folder)


def test_an_empty_png_is_called_empty(tiny: Path) -> None:
    png = sorted(tiny.rglob("*.png"))[0]
    png.write_bytes(b"")
    with pytest.raises(ImageRejected, match=f"{png.name} is empty; export it again"):
        load_character(tiny)


def test_a_missing_folder_and_an_empty_one_say_what_a_character_is(tmp_path: Path) -> None:
    with pytest.raises(AssetMissing, match=r"nobody: does not exist; .*\.mien file"):
        load_character(tmp_path / "nobody")
    with pytest.raises(AssetMissing, match=r"character\.toml: does not exist"):
        load_character(tmp_path)


def test_a_path_that_cannot_be_looked_up_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(AssetMissing, match="cannot be looked up"):
        load_character(tmp_path / ("n" * 300))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mien")
    with pytest.raises(FormatError, match="neither a folder nor a regular file"):
        load_character(tmp_path / "pipe.mien")


def test_a_truncated_png_is_refused(tiny: Path) -> None:
    path = tiny / "parts/mouth/open.png"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ImageRejected, match=r"mouth/open\.png is truncated"):
        load_character(tiny)


def test_a_png_bomb_is_refused_before_it_is_decoded(tiny: Path) -> None:
    path = tiny / "parts/mouth/open.png"
    png = path.read_bytes()
    header = (60_000).to_bytes(4, "big") * 2 + png[24:29]
    path.write_bytes(png[:8] + chunk(b"IHDR", header) + png[33:])
    with pytest.raises(ImageRejected, match=r"mouth/open\.png: declares 60000 x 60000 pixels"):
        load_character(tiny)


def test_a_link_out_of_the_folder_is_refused(tiny: Path, tmp_path: Path) -> None:
    outside = write_png(tmp_path / "outside.png", box(4, 4, (1, 2, 3, 255)))
    path = tiny / "parts/mouth/open.png"
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(FormatError, match="does not lead into the folder"):
        load_character(tiny)


def test_links_in_a_circle_are_refused(tiny: Path) -> None:
    path = tiny / "parts/mouth/open.png"
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(MienError):
        load_character(tiny)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(child, (*path, key))
    return found


PLACES = places(layered_document())
WORDS = sorted(
    {str(part) for place in PLACES for part in place} | {"sil", "aa", "E", "open", "closed", "none", ""}
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(WORDS)
    | st.sampled_from([0, 1, -1, 2**80, 10**400, math.nan, math.inf, "\0", "..", "/", "a" * 300]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def has(parent: Any, key: Any) -> bool:
    """Whether a dict or list has this place; earlier changes may have taken it away."""
    if isinstance(parent, list):
        return isinstance(key, int) and key < len(parent)
    return isinstance(parent, dict) and key in parent


def mutate(document: dict[str, Any], place: tuple[Any, ...], how: str, value: Any, key: str) -> None:
    """Change one place of a document: its value, its key, its presence."""
    parent: Any = document
    for part in place[:-1]:
        parent = parent[part] if has(parent, part) else None
    last = place[-1]
    if not has(parent, last):
        return
    if how == "replace":
        parent[last] = value
    elif how == "remove":
        del parent[last]
    elif how == "double" and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    elif isinstance(parent, dict):
        parent[key] = parent.pop(last) if how == "rename" else value


mutations = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.sampled_from(["replace", "remove", "double", "rename", "add"]),
        values,
        st.sampled_from(WORDS) | st.text(max_size=5),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=400, deadline=None)
@given(mutations)
def test_any_mutation_of_a_document_loads_or_raises_one_of_our_errors(
    changes: list[tuple[Any, str, Any, str]],
) -> None:
    document = layered_document()
    for place, how, value, key in changes:
        mutate(document, place, how, copy.deepcopy(value), key)
    try:
        read_manifest(document, "character.toml")
    except MienError as error:
        assert str(error).startswith("character.toml: ")
        assert len(str(error)) < 1500


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_character(tmp_path_factory.mktemp("shared") / "tiny")


@settings(max_examples=150, deadline=None)
@given(
    at=st.floats(0, 1),
    length=st.integers(0, 12),
    text=st.text(max_size=6) | st.sampled_from(["\n", "]", '"', "= 1", "[[slot]]\n"]),
)
def test_any_edit_of_the_text_loads_or_raises_one_of_our_errors(
    shared: Path, at: float, length: int, text: str
) -> None:
    toml = shared / "character.toml"
    original = toml.read_text("utf-8")
    start = int(at * len(original))
    toml.write_bytes((original[:start] + text + original[start + length :]).encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(load_character(shared, page_size=128).character, Character)
    except MienError as error:
        assert str(shared) in str(error)
    finally:
        toml.write_bytes(original.encode())
