"""Values in messages are short and printable, whatever they are; misspelt names find what was meant."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.catalog import bundled_or_path
from mien.errors import AssetMissing
from mien.messages import LONGEST, did_you_mean, listed, near_file, nearest, printable, quoted, shown_path
from mien.types import VISEMES

DEEP: list[object] = []
for _ in range(5000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "value",
    [
        "x" * 1_000_000,
        "\x1b[31m" * 50,
        ["y" * 5000] * 3,
        list(range(10**5)),
        10**5000,
        {"k": "v" * 999},
        DEEP,
    ],
    ids=["text", "escapes", "texts", "list", "number", "table", "deep"],
)
def test_a_quoted_value_is_at_most_as_long_as_a_line(value: object) -> None:
    assert len(quoted(value)) <= LONGEST
    assert quoted(value).isprintable()


@given(st.text() | st.binary() | st.lists(st.text()) | st.dictionaries(st.text(), st.floats()))
def test_any_value_is_quoted_printably(value: object) -> None:
    assert quoted(value).isprintable() and len(quoted(value)) <= LONGEST


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_any_text_is_made_printable(text: str) -> None:
    assert printable(text).isprintable() and len(printable(text)) <= LONGEST


def test_a_value_whose_own_code_fails_is_named_by_its_type() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise KeyError("x")

    assert "Odd" in quoted(Odd())
    assert quoted([1] * 100) == "[1, 1, 1, 1, 1, 1, ...]"


def test_a_short_value_is_quoted_as_it_is() -> None:
    assert quoted("喜び") == "'喜び'"
    assert quoted([1, "a"]) == "[1, 'a']"
    assert printable("émue") == "émue"
    assert printable("a\x1b[2J\u202eb\n") == "a\\x1b[2J\\u202eb\\n"


def test_capitals_do_not_hide_the_name_that_was_meant() -> None:
    assert nearest("AA", ["E", "aa"]) == "aa"
    assert did_you_mean("Hapy", ["happy", "sad"]) == "did you mean 'happy'?"
    assert did_you_mean("xyz", ["b", "a"]) == "known: a, b."
    assert did_you_mean("xyz", ["b", "a"], "write a or b.") == "write a or b."
    assert did_you_mean("xyz", []) == "nothing is known here."


def test_of_short_names_one_letter_is_enough_and_the_first_says_most() -> None:
    assert did_you_mean("ah", VISEMES) == "did you mean 'aa'?"
    assert did_you_mean("ee", VISEMES) == "did you mean 'E'?"
    assert nearest("by", VISEMES) is None
    assert nearest("face", ["jacket"]) is None and nearest("acket", ["jacket"]) == "jacket"


def test_of_many_names_a_few_are_compared_and_listed() -> None:
    many = (f"name{i}" * 20 for i in range(10**9))  # would not end
    assert nearest("zzz", many) is None
    assert len(listed(f"name{i}" * 9 for i in range(10**6))) < 600
    assert listed(f"n{i:02}" for i in range(30)) == "n00, n01, n02, n03, n04, n05, n06, n07 and 22 more"


def test_of_many_names_those_most_like_the_wrong_one_are_listed_in_order_of_the_alphabet() -> None:
    names = [f"slot{i}" for i in range(40)] + ["brow_right", "brow_left", "a", "the_brow"]
    told = listed(names, "brow_middle")
    assert told.startswith("brow_left, brow_right, slot") and told.endswith(" and 36 more")
    first = told.removesuffix(" and 36 more").split(", ")
    assert first == sorted(first) and first[-1] == "the_brow"
    assert did_you_mean("eyebrow!!", names).startswith("known: brow_left, brow_right, ")
    assert listed(["b", "a", "c"], "c") == "a, b, c"  # few need no order of their own
    assert listed(names, 10**5000).endswith(" and 36 more")  # more digits than Python prints


def test_of_a_very_long_path_the_end_is_shown() -> None:
    path = "/folder" * 100 + "/\x1b[31m/file.png"
    assert shown_path("a/b.png") == "a/b.png"
    assert len(shown_path(path)) <= 400 and shown_path(path).isprintable()
    assert shown_path(path).startswith("...") and shown_path(path).endswith("/file.png")


def test_a_file_of_other_capitals_is_found(tmp_path: Path) -> None:
    (tmp_path / "Wren.MIEN").write_bytes(b"")
    (tmp_path / "hello.toml").write_bytes(b"")
    assert near_file(tmp_path / "wren.mien") == "Wren.MIEN"
    assert near_file(tmp_path / "helo.toml") == "hello.toml"
    assert near_file(tmp_path / "nothing") is None
    (tmp_path / "g.wav").touch()
    assert near_file(tmp_path / "2.wav") is None  # the ending alone is alike
    assert near_file(tmp_path / "g.wave") == "g.wav"
    assert near_file(tmp_path / "no" / "where") is None
    with pytest.raises(
        AssetMissing, match=r"wren\.mien: no such file or folder; did you mean 'Wren\.MIEN'\?"
    ):
        bundled_or_path("characters", tmp_path / "wren.mien")


@pytest.mark.parametrize("name", ["n" * 5000, "a\0b", "dir/" + "n" * 300, "x\x1b[31m.mien"])
def test_a_name_that_no_file_can_have_is_a_sentence(name: str) -> None:
    with pytest.raises(AssetMissing) as caught:
        bundled_or_path("characters", name, "conversations")
    assert str(caught.value).isprintable() and len(str(caught.value)) < 1000


def test_what_may_be_a_character_or_a_conversation_names_both() -> None:
    with pytest.raises(
        AssetMissing, match=r"characters \(mizzle, otto, wren\) and conversations \(forecast, hello"
    ):
        bundled_or_path("characters", "nosuch", "conversations")
    assert bundled_or_path("characters", "hello", "conversations").name == "hello"


def test_of_a_thousand_names_few_are_compared_letter_by_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    ratio = SequenceMatcher.ratio

    def counted(self: SequenceMatcher[str]) -> float:
        compared.append(self.a)  # type: ignore[attr-defined]
        return ratio(self)

    monkeypatch.setattr(SequenceMatcher, "ratio", counted)
    names = [*(f"{'a' * 58}{i:05d}" for i in range(999)), "friendly"]
    for name in names:
        (tmp_path / name).touch()
    assert did_you_mean("Frendly", names) == "did you mean 'friendly'?"
    did_you_mean("ab" * 30, names)
    near_file(tmp_path / ("ab" * 30))
    assert 0 < len(compared) <= 5 * 16


def test_a_bundled_name_of_another_kind_is_told_with_the_command_that_shows_it() -> None:
    with pytest.raises(AssetMissing, match="'wren' is a bundled character, no conversation: mien still wren"):
        bundled_or_path("conversations", "wren")
    with pytest.raises(AssetMissing, match="'hello' is a bundled conversation, no character: mien play "):
        bundled_or_path("characters", "hello")
