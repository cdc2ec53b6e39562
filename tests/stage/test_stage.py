"""The embedding surface: what a host may rely on."""

from __future__ import annotations

import threading
import wave
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

import mien
from art.build import box, tiny_character, tiny_document, tiny_parts
from mien.errors import AssetMissing, Closed, ScriptError
from mien.observe import totals_of
from mien.types import U8

SIZE = (192, 108)
FPS = 30
TWO = {"wren": "wren", "otto": "otto"}


def tone(seconds: float, level: float = 0.4) -> bytes:
    """A WAV of a voice-like tone: 16-bit mono at 24 kHz."""
    t = np.arange(round(seconds * 24_000)) / 24_000
    samples = level * np.sin(2 * np.pi * 140 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def shoot(stage: mien.Stage, count: int) -> U8:
    return np.stack([stage.frame() for _ in range(count)])


def test_frames_are_opaque_pictures_of_the_size_asked_for() -> None:
    with mien.open_stage(TWO, size=SIZE) as stage:
        picture = stage.frame()
        assert (picture.shape, picture.dtype) == ((108, 192, 4), np.uint8)
        assert (picture[..., 3] == 255).all()
        again = np.zeros_like(picture)
        assert stage.frame(again) is again
        assert again.any()


def test_a_stage_of_its_own_costs_no_thread_once_closed() -> None:
    before = threading.active_count()
    for _ in range(3):
        with mien.open_stage({"otto": "otto"}, size=SIZE) as stage:
            stage.frame()
            stage.close()
        stage.close()
    assert threading.active_count() == before
    with pytest.raises(Closed, match="open another"):
        stage.frame()


def test_a_wrong_array_is_refused_before_any_sound_is_taken() -> None:
    with (
        mien.open_stage({"wren": "wren"}, size=SIZE) as stage,
        mien.open_stage({"wren": "wren"}, size=SIZE) as same,
    ):
        for one in (stage, same):
            one.say("wren", tone(0.5))
            one.frame()
        for wrong in (np.empty((108, 192, 3), np.uint8), np.empty((108, 192, 4), np.float32)):
            with pytest.raises(ValueError, match=r"\(108, 192, 4\) uint8"):
                stage.frame(wrong)  # type: ignore[arg-type]
        assert np.array_equal(stage.frame(), same.frame())
        assert np.array_equal(stage.sound, same.sound)


@pytest.mark.parametrize(("size", "fps"), [((0, 108), 30), ((192, -1), 30), (SIZE, 0)])
def test_a_stage_of_no_size_or_rate_is_refused(size: tuple[int, int], fps: int) -> None:
    with pytest.raises(ScriptError, match=r"no frame rate|from 1 to 16384 pixels"):
        mien.open_stage(TWO, size=size, fps=fps)


def test_queued_turns_join_to_the_sample_and_a_gap_is_kept_exactly() -> None:
    with mien.open_stage(TWO, size=SIZE, fps=FPS) as stage:
        for speaker, gap_s in (("wren", 0.0), ("otto", 0.0), ("wren", 0.25)):
            stage.say(speaker, tone(0.5), gap_s=gap_s)
        for _ in stage.frames():
            pass
        started = [event.at for event in stage.events() if event.kind == "started"]
    assert started == [0, 24_000, 48_000 + 12_000]


def test_each_frame_comes_with_its_own_sound() -> None:
    with mien.open_stage({"wren": "wren"}, size=SIZE, fps=FPS) as stage:
        stage.say("wren", tone(1.0))
        heard = np.concatenate([stage.sound.copy() for _ in stage.frames()])
    assert len(heard) % (48_000 // FPS) == 0
    loud = np.abs(heard).max(axis=1) > 0.05
    assert abs(int(np.flatnonzero(loud).max()) - 48_000) < 480


def test_a_speaker_stands_where_he_is_heard_from() -> None:
    with mien.open_stage(TWO, size=SIZE) as stage:
        stage.say("wren", tone(0.4))
        stage.say("otto", tone(0.4))
        heard = np.concatenate([stage.sound.copy() for _ in stage.frames()])
    power = (heard**2).reshape(-1, 480, 2).sum(axis=1)
    assert power[:35, 0].sum() > 1.5 * power[:35, 1].sum()
    assert power[45:75, 1].sum() > 1.5 * power[45:75, 0].sum()


def test_the_same_script_gives_the_same_frames() -> None:
    films = []
    for _ in range(2):
        with mien.open_stage(TWO, size=SIZE, seed=5) as stage:
            stage.say("otto", tone(0.8), "[surprised] What?")
            films.append(shoot(stage, 40))
    assert np.array_equal(films[0], films[1])


def test_another_seed_moves_otherwise() -> None:
    films = []
    for seed in (1, 2):
        with mien.open_stage(TWO, size=SIZE, seed=seed) as stage:
            films.append(shoot(stage, 30))
    assert not np.array_equal(films[0], films[1])


def test_the_picture_depends_on_time_and_not_on_the_frame_rate() -> None:
    films = {}
    for fps in (30, 60):
        with mien.open_stage(TWO, size=SIZE, fps=fps) as stage:
            stage.say("wren", tone(0.7), "[joy] Ha!")
            films[fps] = shoot(stage, fps)
    assert np.array_equal(films[30], films[60][::2])


def test_what_a_host_says_by_hand_is_seen() -> None:
    def film(act: str) -> U8:
        with mien.open_stage(TWO, size=SIZE) as stage:
            stage.frame()
            if act == "expression":
                stage.set_expression("wren", "nervousness")
            elif act == "gaze":
                stage.look_at("wren", (1.0, 0.0))
            elif act == "gesture":
                stage.gesture("wren", "explain")
            elif act == "wear":
                stage.wear("wren", "clip_star", "")
            elif act == "nod":
                stage.nod("wren")
            return shoot(stage, 15)

    quiet = film("")
    for act in ("expression", "gaze", "gesture", "wear", "nod"):
        assert not np.array_equal(film(act)[-1], quiet[-1]), act


def test_a_name_that_is_not_there_is_refused_with_those_that_are() -> None:
    with mien.open_stage(TWO, size=SIZE) as stage:
        for call, message in (
            (lambda: stage.say("anna", tone(0.1)), "not in the cast; known: otto, wren"),
            (lambda: stage.set_expression("anna", "happy"), "not in the cast; known: otto, wren"),
            (lambda: stage.set_expression("wren", "gloopy"), "no expression for 'gloopy'"),
            (lambda: stage.look_at("wren", "anna"), "viewer"),
            (lambda: stage.gesture("otto", "somersault"), "no gesture 'somersault'"),
            (lambda: stage.wear("otto", "hat", "red"), "no slot 'hat'; known: "),
            (lambda: stage.bounds("otto", "moth"), "no slot 'moth'; did you mean 'mouth'"),
        ):
            with pytest.raises(ScriptError, match=message):
                call()
        stage.say("wren", tone(0.1), key="one")
        with pytest.raises(ScriptError, match="already queued"):
            stage.say("wren", tone(0.1), key="one")
        stage.frame()


def test_a_cast_that_cannot_stand_is_refused(tmp_path: Path) -> None:
    for cast, message in (
        ({}, "empty"),
        ([mien.CastEntry("a", "wren"), mien.CastEntry("a", "otto")], "twice"),
        ([mien.CastEntry("a", "wren", "upstairs")], "left, center, right"),
    ):
        with pytest.raises(ScriptError, match=message):
            mien.open_stage(cast, size=SIZE)
    with pytest.raises(AssetMissing, match="bundled"):
        mien.open_stage({"a": tmp_path / "nobody"}, size=SIZE)
    with pytest.raises(AssetMissing, match="evening_room"):
        mien.open_stage(TWO, size=SIZE, background="evening_rom")


def test_sound_that_cannot_be_read_ends_its_turn_and_the_next_one_is_spoken() -> None:
    with mien.open_stage(TWO, size=SIZE) as stage:
        stage.say("wren", b"this is no sound file", key="broken")
        stage.say("otto", tone(0.3), key="whole")
        for _ in stage.frames():
            pass
        events = {(event.kind, event.turn): event for event in stage.events()}
        assert events["finished", "broken"].damaged
        assert events["finished", "broken"].position_s == 0.0
        assert events["finished", "whole"].damaged is None
        assert events["finished", "whole"].position_s == pytest.approx(0.3, abs=1e-3)
        assert any("broken" in warning for warning in stage.warnings)


def test_a_missing_sound_file_is_told_when_its_turn_is_queued_and_not_again() -> None:
    with mien.open_stage(TWO, size=SIZE) as stage:
        stage.say("otto", tone(0.3), key="whole")
        stage.say("wren", "nowhere.wav", key="gone")
        (told,) = stage.warnings
        assert told == "turn 'gone': audio file 'nowhere.wav' does not exist; check the path."
        for _ in stage.frames():
            pass
        ends = {event.turn: event for event in stage.events() if event.kind == "finished"}
        assert ends["whole"].damaged is None and ends["gone"].damaged
        assert stage.warnings == (told,)


def test_cues_that_cannot_be_followed_are_told_when_their_turn_is_queued_and_not_again() -> None:
    with mien.open_stage({"wren": "wren"}, size=SIZE) as stage:
        cues = [mien.Cue(0.1, "drawing", "", slot="mowth"), mien.Cue(0.1, "swap", "wren")]
        text = "[gloopy] Hello [gaze:anna] there.[gestur:point]"  # the last comes behind the turn
        stage.say("wren", tone(0.3), text, cues=cues, key="odd")
        told = stage.warnings
        assert len(told) == 5 and all("turn 'odd': " in one for one in told)
        assert "no expression for 'gloopy'" in told[0] and "cannot look at 'anna'" in told[1]
        assert told[2:] == (
            "turn 'odd': 'wren' cannot follow 'gestur:point': did you mean 'gesture:point'?",
            "turn 'odd': 'wren' has no slot 'mowth'; did you mean 'mouth'?",
            "turn 'odd': 'wren' cannot swap places with itself; name somebody else.",
        )
        for _ in stage.frames():
            pass
        assert stage.warnings == told


def test_on_a_stage_with_room_who_is_not_there_yet_is_told_of_when_a_cue_is_due(tmp_path: Path) -> None:
    with mien.open_stage({"a": tiny_character(tmp_path / "tiny")}, size=(48, 48), room=1) as stage:
        stage.say("a", tone(0.1), "[gloopy] [gaze:guest] Hello.", key="odd")
        (told,) = stage.warnings
        assert "'gloopy'" in told
        for _ in stage.frames(tail_s=0.0):
            pass
        assert "cannot look at 'guest'" in stage.warnings[-1]


def test_an_interruption_is_silent_within_ten_milliseconds_and_drops_what_was_queued() -> None:
    with mien.open_stage(TWO, size=SIZE, fps=FPS) as stage:
        stage.say("wren", tone(2.0), "[happy] One [sad] two.", key="cut")
        stage.say("otto", tone(1.0), key="never")
        for _ in range(20):
            stage.frame()
        stage.interrupt()
        stage.frame()
        after = np.abs(stage.sound).max(axis=1)
        assert after[480:].max() == 0.0
        events = {(event.kind, event.turn): event for event in stage.events()}
        assert events["finished", "cut"].interrupted
        assert events["finished", "cut"].position_s == pytest.approx(20 / FPS, abs=0.011)
        assert events["dropped", "never"].at is None
        assert stage.idle
        stage.say("otto", tone(0.2))
        for _ in stage.frames():
            pass
        assert [event.kind for event in stage.events()] == ["started", "finished"]


def test_a_feed_is_spoken_as_it_is_pushed() -> None:
    feed = mien.PcmFeed(rate=48_000, channels=1)
    with mien.open_stage({"otto": "otto"}, size=SIZE, fps=FPS) as stage:
        stage.say("otto", feed)
        pushed = 0.3 * np.sin(2 * np.pi * 200 * np.arange(48_000) / 48_000).astype(np.float32)
        for part in np.split(pushed, 10):
            feed.push(part)
        feed.end()
        heard = np.concatenate([stage.sound.copy() for _ in stage.frames()])
        (finished,) = [event for event in stage.events() if event.kind == "finished"]
    assert finished.position_s == pytest.approx(1.0, abs=1e-3)
    assert np.abs(heard).max() > 0.1


def test_after_ready_nothing_is_compiled_allocated_or_missed() -> None:
    ledger = mien.Ledger(1000 / FPS, realtime=False)
    with mien.Stage(TWO, size=SIZE, fps=FPS, background="abstract_stage", ledger=ledger) as stage:
        stage.say("wren", tone(0.8), "[joy] One [angry] two [surprised] three.")
        for _ in stage.frames():
            pass
    totals = totals_of(ledger)
    assert totals["frames_produced_total"] == totals["frames_expected_total"] > 50  # type: ignore[operator]
    for zero in (
        "l1_miss_total",
        "shader_compile_after_ready_total",
        "gl_alloc_after_ready_total",
        "upload_events_total",
        "frames_dropped_total",
    ):
        assert totals[zero] == 0, zero
    assert totals["l1_rebuild_total"] > 0  # type: ignore[operator]


def test_a_stage_larger_than_an_atlas_page_still_stands() -> None:
    with mien.open_stage({"otto": "otto"}, size=(2400, 400), background="evening_room") as stage:
        picture = stage.frame()
    assert (picture[..., 3] == 255).all()
    assert picture[:, -1, :3].any(axis=1).all(), "the background reaches the far edge"


def test_a_cast_without_places_is_spread_over_the_stage(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(tone(0.2))
    (tmp_path / "conversation.toml").write_text(
        "format = 1\n"
        '[[cast]]\nkey = "a"\ncharacter = "wren"\n[[cast]]\nkey = "b"\ncharacter = "otto"\n'
        '[[turn]]\nkey = "one"\nspeaker = "a"\naudio = "a.wav"\n',
        encoding="utf-8",
    )
    with mien.Stage.of(mien.load_conversation(tmp_path), size=SIZE) as stage:
        a, b = stage.bounds("a", "mouth"), stage.bounds("b", "mouth")
    assert a.x + a.width < SIZE[0] / 2 < b.x


def test_a_key_of_its_own_is_never_one_that_is_in_use() -> None:
    with mien.open_stage({"otto": "otto"}, size=SIZE) as stage:
        assert stage.say("otto", tone(0.1), key="turn-2") == "turn-2"
        assert [stage.say("otto", tone(0.1)) for _ in range(3)] == ["turn-1", "turn-3", "turn-4"]


def test_a_conversation_that_cannot_be_queued_leaves_nothing_behind() -> None:
    conversation = mien.load_conversation(mien.bundled("conversations", "hello"))
    twice = replace(conversation, turns=(conversation.turns[0], conversation.turns[0]))
    before = threading.active_count()
    with pytest.raises(ScriptError, match="already queued"):
        mien.Stage.of(twice, size=SIZE)
    assert threading.active_count() == before


def test_a_conversations_turns_are_queued_when_the_program_is_ready() -> None:
    conversation = mien.load_conversation(mien.bundled("conversations", "hello"))
    first = replace(conversation.turns[0], cues=(mien.Cue(0.0, "expression", "no such face"),))
    few = replace(conversation, turns=(first, conversation.turns[1]))
    with mien.Stage.of(few, queued=False, size=SIZE) as stage:
        assert (stage.idle, stage.foreseen) == (True, ())
        stage.queue(few)
        assert not stage.idle
        (told,) = stage.foreseen
        assert "no such face" in told
        with pytest.raises(ScriptError, match="already queued"):
            stage.queue(few)
        with pytest.raises(ScriptError, match="nobody"):
            stage.queue(replace(few, turns=(replace(first, key="new", speaker="nobody"),)))
        with pytest.raises(ScriptError, match="load_conversation"):
            stage.queue("hello")  # type: ignore[arg-type]
        assert stage.foreseen == (told,)


def test_two_who_speak_at_once_both_move_their_mouths_by_the_timings_they_were_given(tmp_path: Path) -> None:
    parts = tiny_parts()
    parts["mouth/open"] = (box(32, 40, (255, 255, 255, 255)), (16, 12))
    who = tiny_character(tmp_path / "tiny", tiny_document(), parts)
    wide = mien.VisemeTimings("oculus", (("sil", 0.0, 0.2), ("aa", 0.2, 0.8), ("sil", 0.8, 1.0)))
    with mien.open_stage({"a": who, "b": who}, size=SIZE, fps=FPS) as stage:
        stage.say("a", tone(1.0), timings=wide)
        stage.say("b", tone(1.0), timings=wide, gap_s=-0.6)  # b's mouth is open from 0.6 to 1.2 s
        white = (shoot(stage, 48)[..., :3].min(axis=3) > 200).sum(axis=1)
        started = [(event.turn, event.at) for event in stage.events() if event.kind == "started"]
    assert started == [("turn-1", 0), ("turn-2", 19_200)]
    left, right = white[:, :96].sum(axis=1) > 300, white[:, 96:].sum(axis=1) > 300
    frames = {"a": np.flatnonzero(left), "b": np.flatnonzero(right)}
    for key, begun_s in (("a", 0.2), ("b", 0.6)):
        assert abs(frames[key][0] - begun_s * FPS) <= 2 and abs(frames[key][-1] - (begun_s + 0.6) * FPS) <= 2
    assert (left & right).sum() >= 4


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (("aa", 0.3, 0.1), "the end of mouth shape 'aa' cannot be 0.1"),
        (("O", -5.0, 2.0), "the start of mouth shape 'O' cannot be -5.0"),
    ],
)
def test_mouth_shapes_are_held_to_times_as_words_are(mark: tuple[str, float, float], said: str) -> None:
    with mien.open_stage({"otto": "otto"}, size=SIZE) as stage:
        with pytest.raises(ScriptError, match=said):
            stage.say("otto", tone(0.2), timings=mien.VisemeTimings("oculus", (("E", 0, 90), mark)))
        assert stage.idle


def test_an_interruption_is_told_in_the_order_of_the_turns() -> None:
    with mien.open_stage({"otto": "otto"}, size=SIZE) as stage:
        for key in "abc":
            stage.say("otto", tone(0.5), key=key)
        stage.frame()
        stage.interrupt()
        stage.say("otto", tone(0.1), key="d")
        for _ in range(10):
            stage.frame()
        told = [(event.kind, event.turn) for event in stage.events()]
    assert told == [
        ("started", "a"),
        ("finished", "a"),
        ("dropped", "b"),
        ("dropped", "c"),
        ("started", "d"),
        ("finished", "d"),
    ]
