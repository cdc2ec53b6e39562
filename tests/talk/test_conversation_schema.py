"""The published schema and the loader agree: what loads is valid, and any document loads or is named."""

from __future__ import annotations

import copy
import datetime
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mien.errors import MienError
from mien.talk import load_conversation
from talk.documents import DOCUMENT, Folder

ASSETS = Path(__file__).parents[2] / "assets"


@cache
def _schema() -> jsonschema.Draft202012Validator:
    schema = json.loads((ASSETS / "schemas" / "conversation.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("conversation"))


def _loads(folder: Folder, document: dict[str, Any]) -> bool:
    try:
        load_conversation(folder.write(document))
    except MienError:
        return False
    return True


@pytest.mark.parametrize("name", ["hello", "night_shift", "open_door"])
def test_the_bundled_conversations_are_valid(name: str) -> None:
    _schema().validate(tomllib.loads((ASSETS / "conversations" / name / "conversation.toml").read_text()))


def test_the_documented_example_is_valid_and_loads(tmp_path: Path) -> None:
    page = (ASSETS.parent / "docs" / "conversation-format.md").read_text()
    example = page.split("```toml\n")[1].split("```")[0]
    _schema().validate(tomllib.loads(example))
    for name in ("audio/1.opus", "audio/2.wav", "timing/1-words.json", "timing/1-visemes.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("[]")
    (tmp_path / "conversation.toml").write_text(example)
    assert load_conversation(tmp_path).turns[1].words[2].text == "no"


def test_a_document_with_every_key_is_valid_and_loads(folder: Folder) -> None:
    _schema().validate(DOCUMENT)
    assert _loads(folder, DOCUMENT)


@pytest.mark.parametrize(
    ("scheme", "label"),
    [
        ("oculus", "PP"),
        ("rhubarb", "X"),
        ("azure", 21),
        ("sapi", "0"),
        ("vrm", "ou"),
        ("vrm", "PP"),
        ("azure", 22),
    ],
)
def test_both_know_the_same_viseme_labels(folder: Folder, scheme: str, label: str | int) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["turn"][0]["visemes"] = {"scheme": scheme, "marks": [[label, 0, 0.5]]}
    assert (
        _schema().is_valid(document)
        == _loads(folder, document)
        == (label not in (22,) and (scheme, label) != ("vrm", "PP"))
    )


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in _places(child, (*path, key)))]


PLACES = [place for place in _places(DOCUMENT) if place]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 30),
    st.sampled_from(
        [10**30, -(10**20), 1e300, -0.5, 0.5, float("inf"), float("nan"), datetime.date(2020, 1, 1)]
    ),
    st.sampled_from(
        [
            "",
            " ",
            "wren",
            "otto",
            "viewer",
            "left",
            "..",
            "/",
            "a/../b",
            "audio",
            "[gaze:x]",
            "\\",
            "\x7f",
            "é",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.lists(st.one_of(st.integers(-2, 2), st.just("aa"), st.floats(0, 2)), max_size=4),
    st.dictionaries(
        st.sampled_from(["at_s", "nod", "slot", "file", "key", "x"]), st.integers(-1, 2), max_size=3
    ),
)


@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(["set", "drop", "rename", "twice"]), VALUES),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_document_is_refused_by_name_or_loads_and_is_valid(
    folder: Folder, changes: list[tuple[tuple[Any, ...], str, Any]]
) -> None:
    document = copy.deepcopy(DOCUMENT)
    for (*steps, last), change, value in changes:
        at: Any = document
        for step in steps:
            known = (
                step in at
                if isinstance(at, dict)
                else isinstance(at, list) and isinstance(step, int) and step < len(at)
            )
            at = at[step] if known else None
        if isinstance(at, dict):
            old = at.pop(last, 0)
            if change in ("set", "twice") and value is not None:
                at[last] = value if change == "set" else [old, old]
            elif change == "rename":
                at[f"{last}s"] = old
        elif isinstance(at, list) and isinstance(last, int) and last < len(at):
            if change == "set" and value is not None:
                at[last] = value
            elif change == "twice":
                at.append(at[last])
            else:
                del at[last]
    if _loads(folder, document):
        _schema().validate(document)


@given(st.binary(max_size=80))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused_by_name(folder: Folder, content: bytes) -> None:
    file = folder.path / "conversation.toml"
    file.write_bytes(content)
    with pytest.raises(MienError):
        load_conversation(file)
