"""What a conversation names is found among what is bundled, or beside its file, or is named as missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mien.art import load_character, pack_character
from mien.clock import FrameRate
from mien.errors import AssetMissing
from mien.talk import (
    CastMember,
    Conversation,
    background_path,
    character_path,
    check_conversation,
    load_conversation,
)

ASSETS = Path(__file__).parents[2] / "assets"


@pytest.fixture
def conversation(tmp_path: Path) -> Conversation:
    (tmp_path / "room.png").write_bytes(b"")
    (tmp_path / "mia").mkdir()
    cast = (CastMember("a", "wren", "left"), CastMember("b", "./mia", "right"))
    return Conversation("", tmp_path / "conversation.toml", "room.png", FrameRate.of(30), 0, cast, ())


def test_a_bare_name_is_bundled_and_a_path_is_beside_the_file(conversation: Conversation) -> None:
    assert character_path(conversation, conversation.cast[0]).samefile(ASSETS / "characters" / "wren")
    assert character_path(conversation, conversation.cast[1]) == conversation.source.parent / "mia"
    assert background_path(conversation) == conversation.source.parent / "room.png"
    bundled = background_path(replace(conversation, background="evening_room"))
    assert bundled is not None
    assert bundled.samefile(ASSETS / "backgrounds" / "evening_room.png")
    assert background_path(replace(conversation, background=None)) is None


@pytest.mark.parametrize("name", ["evning_room", "./evening_room.png"])
def test_what_is_not_there_is_named_with_the_file_and_key(conversation: Conversation, name: str) -> None:
    with pytest.raises(AssetMissing, match=r"conversation\.toml: stage\.background: .*evn?e?ning_room"):
        background_path(replace(conversation, background=name))


@pytest.mark.parametrize(
    ("load", "name", "remedy"),
    [
        (load_character, "wren", "mien.bundled('characters', 'wren')"),
        (load_character, "Wern", "mien.bundled('characters', 'wren')"),
        (lambda name: pack_character(name, "out.mien"), "otto", "mien.bundled('characters', 'otto')"),
        (load_conversation, "hello", "mien.bundled('conversations', 'hello')"),
    ],
)
def test_where_only_a_path_will_do_a_bundled_name_is_told_how_to_be_one(
    load: Callable[[str], object], name: str, remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssetMissing, match=f"does not exist; for what is bundled give {re.escape(remedy)}.$"):
        load(name)
    for other in ("nobody", f"./{name}x/y", str(tmp_path / name)):
        with pytest.raises(AssetMissing) as told:
            load(other)
        assert "mien.bundled" not in str(told.value)


def test_a_character_in_other_capitals_is_found(conversation: Conversation) -> None:
    (conversation.source.parent / "Otto.MIEN").write_bytes(b"")
    member = replace(conversation.cast[0], character="./otto.mien")
    with pytest.raises(AssetMissing, match=r"cast 'a': character: .*; did you mean 'Otto\.MIEN'\?"):
        character_path(conversation, member)


@pytest.mark.parametrize("name", ["forecast", "hello", "night_shift"])
def test_the_bundled_cast_can_do_all_that_the_bundled_conversations_ask(name: str) -> None:
    conversation = load_conversation(ASSETS / "conversations" / name)
    cast = {
        m.key: load_character(character_path(conversation, m), scale=1 / 16).character
        for m in conversation.cast
    }
    assert check_conversation(conversation, cast) == []
