"""The published JSON Schema and the loader accept the same documents."""

from __future__ import annotations

import copy
import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from art.build import box, tiny_document, write_png
from mien.art import load_character
from mien.art.read_manifest import read_manifest
from mien.errors import FormatError

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "assets/schemas/character.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
BUNDLED = sorted((ROOT / "assets/characters").glob("*/character.toml"))


def loads(document: dict[str, Any]) -> bool:
    try:
        read_manifest(document, "character.toml")
    except FormatError:
        return False
    return True


def test_the_schema_is_valid_itself() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.parent.name)
def test_bundled_characters_fit_the_schema_and_load(path: Path) -> None:
    VALIDATOR.validate(tomllib.loads(path.read_text("utf-8")))
    loaded = load_character(path.parent, scale=0.125, page_size=1024)
    assert loaded.pages


def test_the_example_in_the_documentation_fits_the_schema() -> None:
    text = (ROOT / "docs/character-format.md").read_text("utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    VALIDATOR.validate(tomllib.loads(example[1]))


def test_the_smallest_character_in_the_documentation_loads_and_has_the_stated_defaults(
    tmp_path: Path,
) -> None:
    text = (ROOT / "docs/character-format.md").read_text("utf-8")
    example = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[1]
    VALIDATOR.validate(tomllib.loads(example))
    (tmp_path / "character.toml").write_text(example, "utf-8")
    for part in ("body/main", "mouth/rest", "mouth/open"):
        write_png(tmp_path / f"parts/{part}.png", box(200, 260, (200, 90, 40, 255)))
    character = load_character(tmp_path).character
    assert character.anchor == (100.0, 260.0)
    assert character.eye_line == (100.0, 104.0)
    assert character.slots[0].fade_ms == 140.0
    assert character.expressions["neutral"].fade_ms == 220.0
    assert character.gaze.glint_follow == 0.35


def test_every_key_of_the_schema_is_explained_in_the_documentation() -> None:
    text = (ROOT / "docs/character-format.md").read_text("utf-8")
    keys = {key for node in objects(SCHEMA) for key in node.get("properties", {})}
    assert {key for key in keys if not re.search(rf"\b{key}\b", text)} == set()


def objects(node: Any) -> list[dict[str, Any]]:
    """Every object in a schema."""
    if isinstance(node, dict):
        return [node, *(found for child in node.values() for found in objects(child))]
    return [found for child in node for found in objects(child)] if isinstance(node, list) else []


def full_document() -> dict[str, Any]:
    """The tiny document with every optional key used."""
    document = tiny_document()
    for slot in document["slot"]:
        slot.setdefault("default", slot["drawings"][0])
        slot.setdefault("blend", "normal")
        slot.setdefault("opacity", 1.0)
        slot.setdefault("clip", False)
        slot.setdefault("fade_ms", 140)
        slot.setdefault("change", "cut")
        slot["files"] = {slot["drawings"][0]: "a/b.png"}
        slot["offsets"] = {slot["drawings"][0]: [1, 2]}
        slot["origins"] = [
            {
                "drawings": slot["drawings"][:1],
                "how": "guessed",
                "layers": ["Face/Layer 4"],
                "taken_for": "iris left",
                "why": "on an eye",
                "under": "hair",
                "missing": "iris right",
                "perhaps": "Face/Layer 5",
                "doubt": "'Layer 4' is given as a brow and lies below the eyes",
                "undo": "take that line out",
            }
        ]
        slot["mask"] = "masks/a.png"
        slot["mask_offset"] = [1, 2]
    document["mouth"]["halves"] = {"neutral": {"grin": ["aa"]}}
    document["group"] = [
        {
            "name": "face",
            "first": "head",
            "last": "iris",
            "blend": "multiply",
            "opacity": 0.5,
            "pass_through": False,
            "clip": False,
            "mask": "masks/face.png",
            "mask_offset": [3, 4],
            "joint": "head",
        }
    ]
    document["meshes"] = {
        "face": {
            "slots": ["head"],
            "joint": "head",
            "grid": [3, 4],
            "box": [0, 0, 16, 16],
            "ball": {"centre": [8, 8], "radius": [8, 8], "move": {"head_yaw": [2, 0]}},
            "rows": {"breath": [[0, 0], [0, 1]]},
            "columns": {"head_pitch": [[0, 0], [0, 1]]},
            "hang": [
                {
                    "from": [8, 0],
                    "to": [8, 16],
                    "width": 4,
                    "gravity": 0.5,
                    "periods": [1.5, 1],
                    "damping": 0.3,
                    "swing": 12,
                }
            ],
        }
    }
    document["gestures"]["wave"].update(
        keys=[{"at_ms": 120, "channels": {"elbow_left": -0.1}}, {"at_ms": 500, "channels": {"jaw": 0.5}}],
        change_ms=200,
        retract_ms=900,
        drift=0.01,
        beat={"elbow_left": 0.1},
    )
    document["expressions"]["happy"].update(override_gaze="none", override_mouth="blend", hold_lids=True)
    return document


def tables(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if isinstance(value, dict) else []
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            found += tables(child, (*path, key))
    return found


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            found += leaves(child, (*path, key))
    return found


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        document = document[part]
    return document


def distinct(paths: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Without places that the schema describes with the same words as others that stay."""
    same = [("slot", i) for i in range(1, 6)] + [("joints", "iris"), ("mouth", "moods", "smile")]
    return [path for path in paths if not any(path[: len(other)] == other for other in same)]


def test_the_full_document_is_accepted_by_both_and_uses_every_key() -> None:
    document = full_document()
    VALIDATOR.validate(document)
    assert loads(document)
    used = {part for path in leaves(document) for part in path}
    keys = {key for node in objects(SCHEMA) for key in node.get("properties", {})}
    assert keys <= used


def test_a_key_that_one_does_not_know_the_other_does_not_know() -> None:
    differ = []
    for path in distinct(tables(full_document())):
        document = full_document()
        at(document, path)["surprise"] = "text"
        if loads(document) != VALIDATOR.is_valid(document) and path not in MEANING:
            differ.append(path)
    assert differ == []


MEANING = [
    ("aliases",),  # an alias to an expression that is not there: only the loader knows the names
    *[p for p in tables(full_document()) if p and p[-1] in ("slots", "files")],
]

WRONG: list[Any] = [
    True,
    3,
    -5,
    1e9,
    0.25,
    "text",
    "",
    [],
    [1],
    [1, 2, 3],
    ["a", "a"],
    {},
    {"a": 1},
    math.inf,
]


def test_a_value_that_the_schema_refuses_is_refused_by_the_loader() -> None:
    taken = []
    for path in distinct(leaves(full_document())):
        for wrong in WRONG:
            document = full_document()
            at(document, path[:-1])[path[-1]] = copy.deepcopy(wrong)
            # The loader first: it is ten times as quick, and refuses most of them.
            if loads(document) and not VALIDATOR.is_valid(document):
                taken.append((path, wrong))
    assert taken == []


def test_a_key_that_the_schema_requires_is_required_by_the_loader_and_the_reverse() -> None:
    differ = []
    for path in distinct(leaves(full_document())):
        document = full_document()
        parent = at(document, path[:-1])
        if isinstance(parent, list) or path in NAMED:
            continue
        del parent[path[-1]]
        if loads(document) != VALIDATOR.is_valid(document):
            differ.append(path)
    assert differ == []


NAMED = [  # other places of the document name these
    ("expressions",),
    ("expressions", "happy"),
    *[("joints", name) for name in ("body", "head", "iris")],
    ("mouth", "moods", "smile"),
    ("mouth", "moods", "neutral", "rest"),
]
