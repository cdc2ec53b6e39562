"""Conversation files load into values, or say in one sentence what is wrong with them."""

from __future__ import annotations

import copy
import io
import json
import os
import wave
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mien.audio import resolve
from mien.audio.addresses import PUBLIC, Address, AddressPolicy
from mien.documents.paths import open_regular
from mien.documents.toml import read_toml
from mien.errors import AssetMissing, AudioRejected, FormatError, MienError
from mien.talk import Cue, Word, load_conversation
from mien.talk.turns import Staging
from talk.documents import DOCUMENT, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_whole_file_becomes_values(folder: Folder) -> None:
    conversation = load_conversation(folder.write(DOCUMENT))
    assert (conversation.title, conversation.seed, float(conversation.fps)) == ("Soup", 7, 30.0)
    assert conversation.background == "evening_room"
    assert conversation.source == folder.path / "conversation.toml"
    assert [(m.key, m.character, m.place, m.voice) for m in conversation.cast] == [
        ("wren", "wren", "left", "flite slt"),
        ("otto", "../otto", (0.75, 1.1), ""),
    ]
    assert [m.size for m in conversation.cast] == [1.0, 0.8]
    assert conversation.dim_listeners == 0.1
    first, second = conversation.turns
    assert (first.key, first.speaker, first.audio) == ("hi", "wren", folder.path / "audio" / "a.opus")
    assert (first.text, first.gap_s) == ("Oh, hello! Wait...", 0.12)
    assert first.words == (Word("Oh,", 0.1, 0.3), Word("hello!", 0.3, 0.9), Word("Wait...", 1.2, 1.8))
    assert first.cues == (
        Cue(0.0, "expression", "happy"),
        Cue(1.2, "expression", "surprised"),
        Cue(0.5, "nod", 0.6),
        Cue(0.7, "gaze", (0.25, -0.5)),
        Cue(0.9, "gesture", ""),
        Cue(1.0, "drawing", None, slot="glasses"),
        Cue(1.1, "nod", 1.0),
        Cue(1.2, "enter", Staging("otto", ("left", 1.1), 0.9, "left")),
        Cue(1.3, "move", Staging("", 0.5, 2.0, seconds=0.5)),
        Cue(1.4, "swap", Staging("wren", other="otto")),
        Cue(1.5, "swap", Staging("", other="otto")),
        Cue(1.6, "leave", Staging("otto", side="right", transition="fade")),
    )
    assert first.timings is not None
    assert first.timings.marks == (("sil", 0.0, 0.1), ("aa", 0.1, 0.4))
    assert (second.words, second.timings, second.gap_s) == ((), None, 0.0)
    assert [cue.fraction for cue in second.cues] == [None, 6 / 11]


def test_a_folder_and_its_file_are_the_same(folder: Folder) -> None:
    file = folder.write(DOCUMENT)
    assert load_conversation(str(folder.path)) == load_conversation(file)


def test_a_byte_order_mark_is_passed_over(folder: Folder) -> None:
    file = folder.write(DOCUMENT)
    plain = load_conversation(file)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_conversation(file) == plain


def test_what_is_left_out_has_its_default(folder: Folder) -> None:
    document = {
        "format": 1,
        "cast": [{"key": "wren", "character": "wren"}],
        "turn": [{"key": "a", "speaker": "wren", "audio": "audio/a.opus"}],
    }
    conversation = load_conversation(folder.write(document))
    assert (conversation.title, conversation.seed, conversation.background) == (folder.path.name, 0, None)
    assert conversation.cast[0].place is None


WORDS = [["Oh,", 0.1, 0.3], ["hello!", 0.3, 0.9]]


@pytest.mark.parametrize(
    ("content", "marks"),
    [
        ('[["sil", 0, 0.1], ["aa", 0.1, 0.4]]', (("sil", 0.0, 0.1), ("aa", 0.1, 0.4))),
        (
            '{"visemes": ["PP", "aa"], "vtimes": [0, 100], "vdurations": [100, 250]}',
            (("PP", 0.0, 0.1), ("aa", 0.1, 0.35)),
        ),
    ],
)
def test_oculus_visemes_are_read_from_json(folder: Folder, content: str, marks: object) -> None:
    assert _visemes(folder, "oculus", content) == marks


def test_rhubarb_and_azure_files_are_read_as_their_tools_write_them(folder: Folder) -> None:
    rhubarb = (
        '{"mouthCues": [{"start": 0.0, "end": 0.5, "value": "X"}, {"start": 0.5, "end": 1, "value": "B"}]}'
    )
    assert _visemes(folder, "rhubarb", rhubarb) == (("X", 0.0, 0.5), ("B", 0.5, 1.0))
    azure = '[{"visemeId": 0, "audioOffset": 500000}, {"visemeId": 21, "audioOffset": 2500000}]'
    assert _visemes(folder, "azure", azure) == (("0", 0.05, 0.25), ("21", 0.25, 0.35))


def test_phones_and_words_are_read_as_they_are(folder: Folder) -> None:
    assert _visemes(folder, "ipa", '[["oʊ", 0, 0.2], ["", 0.2, 0.3]]') == (("oʊ", 0.0, 0.2), ("", 0.2, 0.3))
    assert _visemes(folder, "words", '[["Good", 0, 0.2]]') == (("Good", 0.0, 0.2),)
    with pytest.raises(FormatError, match=r"'K', no phone of scheme espeak; correct one"):
        _visemes(folder, "espeak", '[["b", 0, 0.2], ["K", 0.2, 0.3]]')


def _visemes(folder: Folder, scheme: str, content: str) -> object:
    (folder.path / "v.json").write_text(content)
    document = copy.deepcopy(DOCUMENT)
    document["turn"][0]["visemes"] = {"scheme": scheme, "file": "v.json"}
    timings = load_conversation(folder.write(document)).turns[0].timings
    assert timings is not None
    assert timings.scheme == scheme
    return timings.marks


def test_words_are_read_from_json(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    del document["turn"][0]["words"]
    document["turn"][0]["words_file"] = "w.json"
    for content in (
        json.dumps(WORDS),
        "\ufeff" + json.dumps(WORDS),
        '{"words": ["Oh,", "hello!"], "wtimes": [100, 300], "wdurations": [200, 600]}',
    ):
        (folder.path / "w.json").write_text(content, encoding="utf-8")
        words = load_conversation(folder.write(document)).turns[0].words
        assert [(w.text, round(w.start_s, 6), round(w.end_s, 6)) for w in words] == [tuple(w) for w in WORDS]


Change = Callable[[dict[str, Any]], object]


def _set(path: str, value: object) -> Change:
    def change(document: dict[str, Any]) -> None:
        *steps, last = path.split(".")
        at: Any = document
        for step in steps:
            at = at[int(step) if step.isdigit() else step]
        at[int(last) if last.isdigit() else last] = value

    return change


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (_set("format", 2), ("format is 2", "format = 1")),
        (_set("titel", "x"), ("titel is not a key", "did you mean 'title'?")),
        (_set("seed", -1), ("seed is -1", "0 to")),
        (_set("seed", 1.5), ("seed is 1.5, but must be a whole number",)),
        (_set("fps", float("nan")), ("fps: nan",)),
        (_set("stage", {"backdrop": "x"}), ("stage backdrop is not a key",)),
        (
            _set("stage.background", "/etc/x.png"),
            ("stage background", "absolute", "relative to conversation.toml"),
        ),
        (_set("cast", []), ("cast is []", "at least one")),
        (_set("cast", {"key": "wren"}), ("cast is one table", "[[cast]]")),
        (_set("cast.1.key", "wren"), ("cast[1] key is 'wren', which is used twice",)),
        (_set("cast.0.place", "lefft"), ("cast[0] place is 'lefft'", "did you mean 'left'?")),
        (_set("cast.0.place", 1.5), ("cast[0] place is 1.5", "0 to 1")),
        (_set("cast.0.place", ["lft", 1.0]), ("cast[0] place[0] is 'lft'", "did you mean 'left'?")),
        (_set("cast.0.place", ["left", 2.5]), ("cast[0] place[1] is 2.5", "0 to 2")),
        (_set("cast.0.place", ["left"]), ("cast[0] place is ['left'], no place", "[x, y]")),
        (_set("cast.0.size", 0), ("cast[0] size is 0", "0.05 to 4")),
        (_set("cast.0.size", "large"), ("cast[0] size is 'large'", "number")),
        (_set("stage.dim_listeners", 6), ("stage dim_listeners is 6", "0 to 1")),
        (lambda d: d["cast"][0].pop("character"), ("cast[0] character is missing",)),
        (_set("turn.1.key", "hi"), ("turn[1] key is 'hi', which is used twice",)),
        (_set("turn.1.speaker", "oto"), ("turn[1] speaker is 'oto'", "did you mean 'otto'?")),
        (_set("turn.0.audio", "../x.opus"), ("turn[0] audio is '../x.opus', which leaves",)),
        (_set("turn.0.audio", "C:/x.opus"), ("turn[0] audio", "absolute")),
        (_set("turn.0.audio", "audio\\a.opus"), ("turn[0] audio", "forward slashes")),
        (_set("turn.0.gap_ms", -30001), ("turn[0] gap_ms is -30001", "-30000")),
        (_set("turn.0.text", 5), ("turn[0] text is 5, but must be text",)),
        (_set("turn.0.text", "[gaze:oto] Hm."), ("turn[0] text", "'oto'", "did you mean 'otto'?")),
        (_set("turn.0.words_file", "w.json"), ("turn[0] words_file", "keep one")),
        (_set("turn.0.words.1", ["hello!", 0.05, 0.9]), ("turn[0] words[1]", "out of order", "sort")),
        (_set("turn.0.words.1", ["hello!", 0.9, 0.3]), ("turn[0] words[1]", "ends at 0.3 s")),
        (_set("turn.0.words.0", ["Oh,", -0.1, 0.3]), ("turn[0] words[0][1] is -0.1", "0 to 86400")),
        (_set("turn.0.words.0", ["Oh,", 0.1]), ("turn[0] words[0]", "2 parts")),
        (_set("turn.0.cues.0", {"at_s": 1}), ("turn[0].cues[0] has nothing to do",)),
        (_set("turn.0.cues.0", {"nod": 1}), ("turn[0].cues[0] at_s is missing",)),
        (_set("turn.0.cues.0", {"at_s": 1, "nod": 1, "gesture": "x"}), ("gesture and nod",)),
        (_set("turn.0.cues.0", {"at_s": -1, "nod": 1}), ("turn[0].cues[0] at_s is -1",)),
        (_set("turn.0.cues.0", {"at_s": 1, "gaze": [2, 0]}), ("turn[0].cues[0] gaze[0] is 2", "-1 to 1")),
        (_set("turn.0.cues.0", {"at_s": 1, "gaze": "oto"}), ("turn[0] cues[0] gaze", "did you mean 'otto'?")),
        (_set("turn.0.cues.0", {"at_s": 1, "drawing": "x"}), ("only one of slot and drawing",)),
        (_set("turn.0.visemes.scheme", "oculos"), ("visemes scheme", "did you mean 'oculus'?")),
        (_set("turn.0.visemes.marks.0", ["ah", 0, 1]), ("visemes marks[0][0] is 'ah'",)),
        (_set("turn.0.visemes.file", "v.json"), ("turn[0].visemes", "or the name of a `file`")),
        (_set("seed", 10**30), ("seed is 1000",)),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_a_remedy(
    folder: Folder, change: Change, parts: tuple[str, ...]
) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    with pytest.raises(FormatError) as raised:
        load_conversation(folder.write(document))
    message = str(raised.value)
    assert str(folder.path / "conversation.toml") in message
    assert message.endswith((".", "?"))
    assert "\n" not in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    "line",
    ["a" + ".a" * 50_000 + " = 1", "[" + '"a" . ' * 50_000 + "a]", "x = {y = 1, " + "a." * 200 + "b = 2}"],
)
def test_a_key_of_thousands_of_parts_is_refused_before_it_is_parsed(
    folder: Folder, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.documents.toml.tomllib.loads", lambda text: pytest.fail("takes minutes"))
    file = folder.path / "conversation.toml"
    file.write_text(f"format = 1\n{line}\n")
    with pytest.raises(
        FormatError, match=r"conversation\.toml: line 2 has more than 100 names joined by dots"
    ):
        load_conversation(file)


@pytest.mark.parametrize("line", ["[t{}.a.b.c.d]", "a{}.b.c = 1", 't{} = {{ a.b.c.d = 1, "e" . f = 2 }}'])
def test_more_joined_names_than_any_document_has_are_refused_before_they_take_the_memory(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / "conversation.toml"
    path.write_text("\n".join(line.format(i) for i in range(60_000)))
    with pytest.raises(FormatError, match="joins more than 100000 names by dots"):
        load_conversation(path)


def test_times_and_texts_with_dots_in_them_are_not_taken_for_joined_names(tmp_path: Path) -> None:
    rows = ",\n".join(f'  ["a.b = c", {i / 100}, {i / 100}]' for i in range(60_000))
    path = tmp_path / "a.toml"
    path.write_text(f"words = [\n{rows}\n]")
    words = read_toml(path, "write it", 4 << 20)["words"]
    assert isinstance(words, list) and len(words) == 60_000


def test_a_text_of_many_short_sentences_is_no_long_key(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["turn"][1]["text"] = (
        "[happy] 1. 2. 3. 4. " * 90 + "It is 3.14.15 o'clock... www.a.b.c.d, e.g. " * 100
    )
    assert load_conversation(folder.write(document)).turns[1].text.startswith("1. 2. 3.")


def test_a_megabyte_of_a_key_is_cut_in_the_sentence(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["turn"][1]["key"] = "k" * 1_000_000
    document["k" * 1_000_000] = 1
    document["cast"][0]["key"] = "\x1b[31m" * 1000
    with pytest.raises(FormatError) as caught:
        load_conversation(folder.write(document))
    assert len(str(caught.value)) < 1000
    assert all(line.isprintable() for line in str(caught.value).splitlines())


def test_of_thousands_of_wrong_turns_the_first_are_read_and_told(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    wrong = {"key": "x", "speaker": "oto", "audio": "audio/a.opus"}
    document["turn"] = [dict(wrong, key=f"t{i}") for i in range(3000)]
    with pytest.raises(FormatError) as caught:
        load_conversation(folder.write(document))
    lines = str(caught.value).splitlines()
    assert len(lines) == 21 and lines[-1] == "... and more." and "turn[19]" in lines[-2]


def test_everything_that_is_wrong_with_cast_and_turns_is_told_at_once(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    wren = document["cast"][0]
    wren.update(charcter=wren.pop("character"), place="centre", size=9)
    first, second = document["turn"]
    first.update(speeker=first.pop("speaker"), gap_ms="long", text="[gaze:oto] Hello.")
    second.update(key="hi", audio="audio/none.wav")
    with pytest.raises(FormatError) as caught:
        load_conversation(folder.write(document))
    told = [line.partition("conversation.toml: ")[2] for line in str(caught.value).splitlines()]
    assert told == [
        "cast[0] character is missing; is 'charcter' meant to be it?",
        "cast[0] place is 'centre', which is not known; did you mean 'center'?",
        "cast[0] size is 9, but must be 0.05 to 4.",
        "turn[0] speaker is missing; is 'speeker' meant to be it?",
        "turn[0] gap_ms is 'long', but must be a number.",
        "turn[0] text has a gaze at 'oto', who is not there; did you mean 'otto'?",
        f"turn[1] audio is 'audio/none.wav', and no such file is in {folder.path / 'audio'}; add the file or "
        "correct the name.",
        "turn[1] key is 'hi', which is used twice; give each its own key.",
    ]


def test_nobody_is_missed_in_a_cast_of_which_somebody_has_no_key(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    del document["cast"][1]["key"]
    with pytest.raises(FormatError) as caught:
        load_conversation(folder.write(document))
    assert str(caught.value).endswith("cast[1] key is missing; add it.")


def test_a_missing_audio_file_is_named_with_its_likely_neighbour(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["turn"][0]["audio"] = "audio/a.opsu"
    with pytest.raises(
        AssetMissing, match=r"turn\[0\] audio is 'audio/a.opsu', and no .* did you mean 'audio/a.opus'\?"
    ):
        load_conversation(folder.write(document))


@pytest.mark.parametrize("name", [".", "./", "audio", "audio/."])
def test_a_folder_is_no_audio_file(folder: Folder, name: str) -> None:
    (folder.path.parent / f"{folder.path.name}x").mkdir(exist_ok=True)  # a name that is alike
    document = copy.deepcopy(DOCUMENT)
    document["turn"][0]["audio"] = name
    with pytest.raises(FormatError, match=rf"turn\[0\] audio is '{name}', a folder; name a file in it"):
        load_conversation(folder.write(document))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_a_file_that_is_missing(folder: Folder) -> None:
    os.mkfifo(folder.path / "audio" / "pipe.wav")
    document = copy.deepcopy(DOCUMENT)
    document["turn"][0]["audio"] = "audio/pipe.wav"
    with pytest.raises(FormatError, match=r"'audio/pipe\.wav', a pipe or a device; put a regular file there"):
        load_conversation(folder.write(document))
    os.mkfifo(folder.path / "pipe.toml")
    with pytest.raises(AssetMissing, match=r"pipe\.toml is no regular file; name"):
        load_conversation(folder.path / "pipe.toml")


def test_a_link_out_of_the_folder_is_refused(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.opus"
    outside.write_bytes(b"x")
    (folder.path / "audio" / "link.opus").symlink_to(outside)
    document = copy.deepcopy(DOCUMENT)
    document["turn"][0]["audio"] = "audio/link.opus"
    with pytest.raises(FormatError, match="a link out of the folder"):
        load_conversation(folder.write(document))


def wav() -> bytes:
    """A tenth of a second of nothing."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 48_000, 0, "NONE", "NONE"))
        out.writeframes(bytes(9600))
    return file.getvalue()


def exchange_for_link(folder: Folder, at: str, to: Path) -> None:
    """What is there goes, and a link stands there."""
    path = folder.path / at
    path.rename(path.with_name("was"))
    path.symlink_to(to)


@pytest.mark.parametrize("at", ["audio/a.opus", "audio"])
def test_a_link_that_leads_out_of_the_folder_once_all_was_checked_is_not_followed(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory, at: str
) -> None:
    outside = tmp_path_factory.mktemp("secret") / "a.opus"
    outside.write_bytes(wav())
    turn = load_conversation(folder.write(DOCUMENT)).turns[0]
    exchange_for_link(folder, at, outside if at.endswith(".opus") else outside.parent)
    source = turn.source
    assert source is not None
    with pytest.raises(AudioRejected, match=r"cannot be read \(it leads out of its folder\)"):
        resolve(source).open()


def test_a_file_that_was_exchanged_for_another_or_a_link_within_the_folder_is_heard(folder: Folder) -> None:
    turn = load_conversation(folder.write(DOCUMENT)).turns[0]
    (folder.path / "take2.wav").write_bytes(wav())
    exchange_for_link(folder, "audio/a.opus", folder.path / "take2.wav")
    source = turn.source
    assert source is not None
    with closing(resolve(source).open()) as sound:
        assert sound.expected == 4800


def test_what_became_a_pipe_is_no_file_that_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"):
        open_regular(tmp_path / "pipe")


def test_toml_that_does_not_parse_is_named_with_its_line(folder: Folder) -> None:
    file = folder.path / "conversation.toml"
    file.write_text('format = 1\ntitle = "Soup\n')
    with pytest.raises(FormatError, match=r"conversation\.toml is not valid TOML: .*line 2"):
        load_conversation(file)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"x = " + b"9" * 5000, b"a = " + b"[" * 5000, b"", b"format = 1"],
    ids=["not UTF-8", "a huge number", "too deep", "empty", "hardly anything"],
)
def test_a_file_that_is_no_conversation_is_a_format_error(folder: Folder, content: bytes) -> None:
    file = folder.path / "conversation.toml"
    file.write_bytes(content)
    with pytest.raises(FormatError):
        load_conversation(file)


@pytest.mark.parametrize(
    "content", ["[", "[[1, 2, 3]]", "{}", "null", '{"mouthCues": 3}', "[" * 100_000, "[{}]"]
)
def test_a_wrong_viseme_file_is_named_itself(folder: Folder, content: str) -> None:
    (folder.path / "v.json").write_text(content)
    document = copy.deepcopy(DOCUMENT)
    document["turn"][0]["visemes"] = {"scheme": "oculus", "file": "v.json"}
    with pytest.raises(FormatError, match=r"v\.json"):
        load_conversation(folder.write(document))


def test_an_empty_file_of_times_is_called_empty(folder: Folder) -> None:
    (folder.path / "w.json").write_text("")
    document = copy.deepcopy(DOCUMENT)
    del document["turn"][0]["words"]
    document["turn"][0]["words_file"] = "w.json"
    with pytest.raises(FormatError, match=r"w\.json is empty; .* write it again"):
        load_conversation(folder.write(document))


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.toml"):
        with pytest.raises(AssetMissing, match=str(path)):
            load_conversation(path)
    assert issubclass(AssetMissing, MienError)


def test_a_negative_gap_lets_a_turn_begin_early_over_somebody_else_only(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["turn"][1]["gap_ms"] = -400
    assert load_conversation(folder.write(document)).turns[1].gap_s == -0.4
    document["turn"][1]["speaker"] = document["turn"][0]["speaker"]
    with pytest.raises(FormatError, match=r"turn\[1\] gap_ms .* 'wren' speaks the turn before it as well"):
        load_conversation(folder.write(document))


def test_audio_may_be_an_address_on_the_web_and_nowhere_else(folder: Folder) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["turn"][0]["audio"] = "https://example.org/a.mp3"
    path = folder.write(document)
    assert load_conversation(path).turns[0].audio == Address("https://example.org/a.mp3", PUBLIC)
    trusting = AddressPolicy(private=True)
    turn = load_conversation(path, addresses=trusting).turns[0]
    assert turn.audio == Address("https://example.org/a.mp3", trusting)
    for address, words in (
        ("file:///etc/passwd", "only http and https"),
        ("rtsp://example.org/a", "only http and https"),
        ("concat://a.wav", "only http and https"),
        ("http://127.0.0.1:8000/a.mp3", "leads to 127.0.0.1, which is not public"),
        ("http://[::1]/a.mp3", "leads to ::1, which is not public"),
        ("http://169.254.169.254/latest/meta-data", "which is not public"),
        ("https://me:hush@/a.mp3", "no valid host"),
        ("https://me:hu/sh@example.org/a.mp3", "no valid host"),
    ):
        document["turn"][0]["audio"] = address
        with pytest.raises(FormatError, match=r"turn\[0\] audio cannot be read: ") as refused:
            load_conversation(folder.write(document))
        assert words in str(refused.value) and "hush" not in str(refused.value)


def test_all_unknown_keys_of_a_table_are_told_and_a_table_for_a_list_of_tables_says_how(
    tmp_path: Path,
) -> None:
    file = tmp_path / "conversation.toml"
    file.write_text('format = 1\nvershun = 2\nspeeker = 3\n[cast]\nwren = "wren"\n[[turn]]\nkey = "a"\n')
    with pytest.raises(FormatError) as caught:
        load_conversation(file)
    assert "vershun is not a key" in str(caught.value) and "speeker is not a key" in str(caught.value)
    file.write_text('format = 1\n[cast]\nwren = "wren"\n[[turn]]\nkey = "a"\n')
    with pytest.raises(FormatError, match=r"cast is one table, .* write \[\[cast\]\] for each"):
        load_conversation(file)
    file.write_text("format = 1\n[turn]\nx = 1\n[[turn]]\ny = 2\n")
    with pytest.raises(FormatError, match=r"is written \[\[name\]\] each time"):
        load_conversation(file)
