"""Messages: what they mean, and one sentence for each that means nothing."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.serve import commands as told
from mien.serve.coding import COMMANDS, BadMessage, Chunk, chunk_bytes, chunk_of, command_of, text_of
from mien.serve.replies import Answer, Error

WRONG = (
    ("{", None, "", r"not valid JSON"),
    ("[" * 100_000, None, "", r"JSON"),
    ("[]", None, "", r"a JSON object with a type"),
    ('{"id": 3}', 3, "", r"needs a type"),
    ('{"id": true, "type": 3}', None, "", r"needs a type"),
    ('{"id": "x", "type": "nood", "who": "wren"}', "x", "", r"no type 'nood'; did you mean 'nod'\?"),
    ('{"id": 3, "type": "nod"}', 3, "nod", r"nod: it lacks the field who; give it\."),
    ('{"id": 3, "type": "nod", "who": 7}', 3, "nod", r"nod: who is a whole number; give a text\."),
    (
        '{"id": 3, "type": "nod", "who": "wren", "dept": 1}',
        3,
        "nod",
        r"no field 'dept'; did you mean 'depth'",
    ),
    ('{"type": "seek", "seconds": 1e400}', None, "seek", r"seek: seconds"),
    ('{"type": "turn", "speaker": "w", "audio": {"kind": "base64", "data": "A"}}', None, "turn", r"base64"),
    (
        '{"type": "turn", "speaker": "w", "audio": {"kind": "pcm", "stream": 1, "rate": 1}}',
        None,
        "turn",
        r"audio\.rate",
    ),
    (
        '{"type": "turn", "speaker": "w", "cues": [{"kind": "nodd"}], "audio": {"kind": "file", "path": ""}}',
        None,
        "turn",
        r"cues\[0\]\.kind is 'nodd'; give burst, drawing, enter, .* nod or swap\.",
    ),
    (
        '{"type": "frames", "format": "gif"}',
        None,
        "frames",
        r"format is 'gif'; give jpeg, png, raw or webp\.",
    ),
    (
        '{"type": "frames", "format": 3}',
        None,
        "frames",
        r"format is a whole .*; give jpeg, png, raw or webp\.",
    ),
    (
        '{"type": "frames", "quality": 101}',
        None,
        "frames",
        r"quality is 101; .* whole number of 100 or less\.",
    ),
    ('{"type": "frames", "fps": 0}', None, "frames", r"fps is 0; give a number above 0\."),
    ('{"type": "gaze", "who": "w", "at": [1]}', None, "gaze", r"at is \[1\]; give a list of at least 2\."),
    ('{"type": "nod", "who": ""}', None, "nod", r"who is ''; give a text of at least 1 character\."),
    (
        '{"type": "turn", "speaker": "w", "audio": {"kind": "tape"}}',
        None,
        "turn",
        r"audio\.kind is 'tape'; give stream, pcm, base64, url or file\.",
    ),
    (
        '{"type": "turn", "speaker": "w", "audio": {}}',
        None,
        "turn",
        r"audio lacks the field kind; give stream, pcm,",
    ),
    (
        '{"type": "turn", "speaker": "w", "audio": {"kind": "file", "path": "x"}, '
        '"cues": [{"kind": "nod", "slt": 1}]}',
        None,
        "turn",
        r"cues\[0\] has no field 'slt'; did you mean 'slot'\?",
    ),
)


@pytest.mark.parametrize(("text", "id", "about", "sentence"), WRONG)
def test_a_message_that_means_nothing_is_answered_in_one_sentence_with_its_id(
    text: str, id: object, about: str, sentence: str
) -> None:
    with pytest.raises(BadMessage, match=sentence) as raised:
        command_of(text)
    error = raised.value.error
    assert (error.id, error.about, error.code) == (id, about, "bad_message")
    assert error.sentence.endswith((".", "?", "more")) and "\n" not in error.sentence
    assert "`" not in error.sentence and "$" not in error.sentence


def test_every_type_has_its_structure() -> None:
    for name, kind in COMMANDS.items():
        assert name == name.lower() and issubclass(kind, told.Command) and kind.__doc__


def test_a_command_says_what_it_holds() -> None:
    command = command_of(
        '{"type": "turn", "id": 1, "speaker": "wren", "audio": {"kind": "base64", "data": "AAEC"}, "cues": ['
        '{"kind": "gaze", "value": [0.5, -1], "at_s": 2}, {"kind": "enter", "value": {"side": "left"}}], '
        '"timings": {"scheme": "oculus", "marks": [["aa", 0, 0.25]]}}'
    )
    assert isinstance(command, told.Turn)
    assert command.cues[0].value == (0.5, -1.0) and command.timings is not None
    assert command.timings.marks == (("aa", 0.0, 0.25),)


def test_decoders_survive_the_collector() -> None:
    """msgspec 0.23 crashes in it for a tuple of fixed length beside a text of limited length."""
    command_of('{"type": "gaze", "who": "wren", "at": [0, 0]}')
    for _ in range(3):
        gc.collect()


def test_a_chunk_goes_there_and_back() -> None:
    chunk = Chunk(7, b"abc", 2**40, last=True)
    assert chunk_of(chunk_bytes(chunk)) == chunk


@pytest.mark.parametrize(
    "data", [b"", b"\1" * 15, b"\2" + bytes(15), b"\1\2" + bytes(14), b"\1\0\1" + bytes(13)]
)
def test_a_binary_message_that_is_none_is_answered(data: bytes) -> None:
    with pytest.raises(BadMessage):
        chunk_of(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({field for kind in COMMANDS.values() for field in kind.__struct_fields__} | {"type", "nope"})


@given(
    st.sampled_from(sorted(COMMANDS)),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5),
    st.integers() | st.text(max_size=300) | VALUES,
)
def test_whatever_is_sent_is_a_command_or_one_sentence(type: str, fields: dict[str, Any], id: object) -> None:
    text = json.dumps({"type": type, **fields, "id": id})
    try:
        command_of(text)
    except BadMessage as bad:
        sent = json.loads(text)["id"]
        known = isinstance(sent, str | int) and not isinstance(sent, bool)
        assert bad.error.id in ((sent, None) if known else (None,))
        assert bad.error.sentence and "\n" not in bad.error.sentence
        text_of(bad.error)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_message_or_one_sentence(data: bytes) -> None:
    for read in (command_of, chunk_of):
        try:
            read(data)
        except BadMessage as bad:
            assert bad.error.sentence


def test_what_is_told_is_one_line() -> None:
    text = text_of(Error(id="a", code="refused", sentence='"quoted"\nand more'))
    assert "\n" not in text and json.loads(text)["sentence"] == '"quoted"\nand more'
    assert json.loads(text_of(Answer(id=2, value={"x": [1]}))) == {
        "type": "answer", "n": 0, "id": 2, "value": {"x": [1]},
    }  # fmt: skip
