"""The field of the panel has whom it names speak what is typed, and says why nobody can."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from slimgui import imgui

from mien.errors import SynthesizerFailed
from mien.preview import speech
from preview.rig import Rig, Stage, rig

ENTER = 257


class Speaker:
    """Writes down what it is to speak."""

    def __init__(self, told: Callable[[str, str], object]) -> None:
        self.told, self.said, self.busy, self.closed = told, list[tuple[str, str]](), False, 0

    def say(self, speaker: str, text: str) -> None:
        self.said.append((speaker, text))
        self.busy = True

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Speaker]:
    speakers: list[Speaker] = []

    def make(_stage: object, told: Callable[[str, str], object]) -> Speaker:
        speakers.append(Speaker(told))
        return speakers[-1]

    monkeypatch.setattr(speech, "_speaking", make)
    return speakers


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch, made: list[Speaker]) -> Iterator[Rig]:
    with rig(monkeypatch, Stage()) as one:
        yield one


def typed(panel: Rig, text: str) -> None:
    panel.click("##text")
    panel.gui.type(text)
    panel.lay_out(3)


def test_what_is_typed_is_spoken_by_whom_is_chosen(panel: Rig, made: list[Speaker]) -> None:
    assert not made, "no synthesizer is opened before it is asked for"
    typed(panel, "[happy] Hello!")
    panel.click("speak")
    panel.click("otto##who/otto")
    typed(panel, "Good evening.")
    for down in (True, False):
        panel.gui.press(ENTER, 0, down=down)
        panel.lay_out(2)
    (speaker,) = made
    assert speaker.said == [("wren", "[happy] Hello!"), ("otto", "Good evening.")]
    panel.click("speak")
    assert len(speaker.said) == 2, "the field is empty again"
    panel.board.end()
    panel.board.end()
    assert speaker.closed == 1


def test_enter_leaves_the_field_ready_for_the_next_text(panel: Rig, made: list[Speaker]) -> None:
    typed(panel, "One.")
    for down in (True, False):
        panel.gui.press(ENTER, 0, down=down)
        panel.lay_out(3)
    panel.gui.type("Two.")
    panel.lay_out(3)
    for down in (True, False):
        panel.gui.press(ENTER, 0, down=down)
        panel.lay_out(2)
    assert [text for _, text in made[0].said] == ["One.", "Two."]


def test_what_is_typed_fast_is_there_in_the_next_frame(panel: Rig, made: list[Speaker]) -> None:
    panel.click("##text")
    shift, text = 340, "Good Evening, [sad] 42"
    for letter in text:
        key, mods = ord(letter.upper()), int(letter.isupper())
        for which in (shift, key) if mods else (key,):
            panel.gui.press(which, mods, down=True)
        panel.gui.type(letter)
        for which in (key, shift) if mods else (key,):
            panel.gui.press(which, 0, down=False)
    panel.gui.press(ENTER, 0, down=True)
    panel.lay_out(2)  # the second with what ends it
    assert [said for _, said in made[0].said] == [text]


def test_keys_that_were_down_before_a_field_was_typed_into_are_let_go(panel: Rig) -> None:
    assert not panel.gui.wants_text
    panel.gui.press(340, 1, down=True)
    panel.click("##text")
    assert imgui.is_key_down(imgui.Key.KEY_LEFT_SHIFT)
    panel.gui.press(340, 0, down=False)
    panel.lay_out(2)
    assert not imgui.is_key_down(imgui.Key.KEY_LEFT_SHIFT)


def test_what_is_typed_after_control_and_a_letter_is_taken(panel: Rig, made: list[Speaker]) -> None:
    """X11 tells modifiers as they were before: Control is held when it is let go."""
    panel.gui.copied = "Good "
    panel.click("##text")
    for key, mods, down in ((341, 0, True), (86, 2, True), (86, 2, False), (341, 2, False)):
        panel.gui.press(key, mods, down=down)
    panel.lay_out(3)
    for letter in "evening":
        panel.gui.press(ord(letter.upper()), 0, down=True)
        panel.gui.type(letter)
        panel.gui.press(ord(letter.upper()), 0, down=False)
    panel.gui.press(ENTER, 0, down=True)
    panel.lay_out(2)
    assert [said for _, said in made[0].said] == ["Good evening"]


def test_shift_that_selected_letters_is_let_go(panel: Rig) -> None:
    panel.click("##text")
    for key, mods, down in ((340, 0, True), (263, 1, True), (263, 1, False), (340, 1, False)):
        panel.gui.press(key, mods, down=down)
        panel.lay_out()
    panel.lay_out(2)
    assert not imgui.is_key_down(imgui.Key(imgui.Key.MOD_SHIFT))


def test_why_nothing_is_heard_is_told_below_the_field(
    panel: Rig, made: list[Speaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    section = panel.board._speech
    typed(panel, "Hello!")
    panel.click("speak")
    made[0].told("wren", "espeak-ng did not speak: install it again.")
    panel.lay_out()
    assert section.wrong == "espeak-ng did not speak: install it again."

    def none(*_: object) -> Speaker:
        raise SynthesizerFailed("no synthesizer is installed: install espeak-ng.")

    monkeypatch.setattr(speech, "_speaking", none)
    panel.board.end()
    typed(panel, "Hello again!")
    panel.click("speak")
    assert section.wrong == "no synthesizer is installed: install espeak-ng."
    panel.board.asking.refused = ""
    places = dict(panel.places)
    panel.lay_out(2)
    section.wrong = ""
    panel.lay_out(2)
    assert panel.places == places, "nothing in the panel moves for a sentence"
    assert section._text == "Hello again!", "what was typed is not lost"
