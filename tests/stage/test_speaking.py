"""Texts are made into speech beside the frames, in order, until somebody says stop; what fails is told."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from threading import Event
from typing import Any

import pytest

import mien
from art.build import tiny_character
from mien.errors import Closed, ScriptError, SynthesizerFailed
from mien.speech.speech import Speech, as_wav
from mien.stage.speaking import Speaking

SIZE = (64, 48)


class Voice(mien.Synthesizer):
    """One that makes a tenth of a second of each sentence, when it may."""

    def __init__(self) -> None:
        super().__init__("espeak-ng", "en")
        self.asked: Queue[str] = Queue()
        self.may = Event()
        self.may.set()
        self.closed = False

    def voices(self) -> tuple[str, ...]:
        return ("en",)

    def close(self) -> None:
        self.closed = True
        self.may.set()

    def _part(self, text: str, *, last: bool) -> Speech | None:
        self.asked.put(text)
        self.may.wait()
        if self.closed:
            raise Closed("it is closed.")
        if "break" in text:
            raise SynthesizerFailed("it broke.")
        return Speech(text, as_wav(bytes(2 * 1600), 16_000), 0.1, (mien.Word(text.split()[0], 0.0, 0.1),))


@pytest.fixture
def stage(tmp_path: Any) -> Any:
    with mien.open_stage({"a": tiny_character(tmp_path / "a")}, size=SIZE) as stage:
        yield stage


def told() -> tuple[Queue[tuple[str, str]], Callable[[str, str], object]]:
    queue: Queue[tuple[str, str]] = Queue()
    return queue, lambda who, wrong: queue.put((who, wrong))


def test_each_sentence_is_a_turn_in_order_and_a_failure_is_told(stage: mien.Stage) -> None:
    heard, tell = told()
    with Speaking(stage, Voice(), tell) as speaking:
        speaking.say("a", "One. [happy] Two.")
        speaking.say("a", "Three. Now break. Four.")
        speaking.say("a", "Five.")
        assert [heard.get(timeout=60) for _ in range(3)] == [("a", ""), ("a", "it broke."), ("a", "")]
        speaking.close()  # its thread has ended
        assert not speaking.busy
    for _ in stage.frames(tail_s=0.0):
        pass
    assert [e.kind for e in stage.events()].count("finished") == 4
    assert stage.position_s >= 0.4


def test_what_is_stopped_is_not_said_and_what_comes_after_is(stage: mien.Stage) -> None:
    heard, tell = told()
    voice = Voice()
    with Speaking(stage, voice, tell) as speaking:
        voice.may.clear()
        speaking.say("a", "One. Two.")
        speaking.say("a", "Three.")
        assert voice.asked.get(timeout=60) == "One." and speaking.busy
        speaking.stop()
        voice.may.set()
        speaking.say("a", "Four.")
        assert heard.get(timeout=60) == ("a", "")
    stage.frame()
    assert voice.asked.get_nowait() == "Four." and voice.asked.empty() and not voice.closed
    assert [event.kind for event in stage.events()].count("started") == 1


def test_who_interrupts_the_stage_drops_what_is_not_made_yet(stage: mien.Stage) -> None:
    heard, tell = told()
    voice = Voice()
    with Speaking(stage, voice, tell) as speaking:
        voice.may.clear()
        speaking.say("a", "One. Two.")
        speaking.say("a", "Three.")
        assert voice.asked.get(timeout=60) == "One."
        stage.interrupt()
        speaking.say("a", "Four.")
        voice.may.set()
        assert heard.get(timeout=60) == ("a", "")
    assert voice.asked.get_nowait() == "Four." and voice.asked.empty()


def test_closing_ends_what_waits_and_only_its_own_synthesizer(
    stage: mien.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = Voice()
    voice.may.clear()
    monkeypatch.setattr("mien.stage.speaking.opened", lambda begun: begun(voice) or voice)
    speaking = Speaking(stage)
    speaking.close()  # before anything was said
    with Speaking(stage) as speaking:
        speaking.say("a", "One.")
        voice.asked.get(timeout=60)
    assert voice.closed
    speaking.close()
    with pytest.raises(Closed, match="this Speaking is closed"):
        speaking.say("a", "Two.")


def test_closing_ends_a_synthesizer_that_is_being_started(
    stage: mien.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was waited for, as long as it might take to start: 30 s."""
    started = Event()
    voice = Voice()
    voice.may.clear()

    def starting(begun: Callable[[mien.Synthesizer], object]) -> None:
        begun(voice)
        started.set()
        voice.may.wait()
        raise Closed("it is closed.")

    monkeypatch.setattr("mien.stage.speaking.opened", starting)
    with Speaking(stage) as speaking:
        speaking.say("a", "One.")
        assert started.wait(60)
    assert voice.closed


def test_one_that_could_not_be_started_is_started_anew_for_the_next_text(
    stage: mien.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, tell = told()
    voices = [Voice(), Voice()]

    def starting(begun: Callable[[mien.Synthesizer], object]) -> Voice:
        begun(voice := voices.pop())
        if voices:
            raise SynthesizerFailed("it broke.")
        return voice

    monkeypatch.setattr("mien.stage.speaking.opened", starting)
    with Speaking(stage, tell=tell) as speaking:
        speaking.say("a", "One.")
        assert heard.get(timeout=60) == ("a", "it broke.")
        speaking.say("a", "Two.")
        assert heard.get(timeout=60) == ("a", "")


def test_without_a_synthesizer_each_text_is_told_why(
    stage: mien.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: object) -> None:
        raise SynthesizerFailed("no speech synthesizer is installed: install one.")

    monkeypatch.setattr("mien.stage.speaking.opened", none)
    heard, tell = told()
    with Speaking(stage, tell=tell) as speaking:
        speaking.say("a", "One.")
        assert heard.get(timeout=60) == ("a", "no speech synthesizer is installed: install one.")


def test_a_stage_that_was_closed_and_a_tell_that_fails_end_no_thread(stage: mien.Stage) -> None:
    heard, tell = told()
    calls = list[str]()

    def fails(who: str, wrong: str) -> None:
        tell(who, wrong)
        calls.append(wrong)
        if len(calls) == 1:
            raise ValueError("mine alone")

    with Speaking(stage, Voice(), fails) as speaking:
        speaking.say("a", "One.")
        heard.get(timeout=60)
        speaking.say("a", "Two.")
        assert heard.get(timeout=60) == ("a", "")
        assert "tell= of a Speaking failed" in stage.warnings[0] and "mine alone" in stage.warnings[0]
        stage.close()
        with pytest.raises(Closed):
            speaking.stop()
        speaking.say("a", "Three.")
        who, wrong = heard.get(timeout=60)
        assert who == "a" and "this stage is closed" in wrong


def test_who_cannot_speak_and_what_is_no_text_is_refused_at_once(stage: mien.Stage) -> None:
    with Speaking(stage, Voice()) as speaking:
        for who in ("b", None, 3, ["a"]):
            with pytest.raises(ScriptError):
                speaking.say(who, "One.")  # type: ignore[arg-type]
        for text in ("", None, b"One", "[happy]", "a\0", "\ud800", "x" * 30_000):
            with pytest.raises(ScriptError, match="text cannot"):
                speaking.say("a", text)  # type: ignore[arg-type]
    for arguments in ((None,), (stage, "espeak-ng"), (stage, None, 3)):
        with pytest.raises(ScriptError, match="cannot be"):
            Speaking(*arguments)  # type: ignore[arg-type]
