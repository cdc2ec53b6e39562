"""Whatever is clicked in the panel is a call of the stage's, and what the stage refuses is told there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from slimgui import imgui

import mien
import mien.preview
from mien.errors import ScriptError
from mien.observe.causes import BECAUSE
from mien.origin import Origin
from mien.preview import widgets
from mien.preview.style import ACCENT_UNDER, HELD
from mien.preview.why import origins_told
from mien.stage.shown import ExpressionState
from observe.test_ledger import record
from preview.rig import POINTS, Rig, Stage, rig


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    with rig(monkeypatch, Stage()) as one:
        yield one


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("happy##expressions/happy", ("set_expression", "wren", "happy")),
        ("very sad##expressions/very_sad", ("set_expression", "wren", "very_sad")),
        ("wave##gestures/wave", ("gesture", "wren", "wave")),
        ("rest##gestures/", ("gesture", "wren", "")),
        ("nod##nod", ("nod", "wren")),
        ("laugh##laugh", ("burst", "wren", "laugh")),
        ("viewer##looks/viewer", ("look_at", "wren", "viewer")),
        ("otto##looks/otto", ("look_at", "wren", "otto")),
        ("aa##visemes/aa", ("show_viseme", "wren", "aa")),
        ("as spoken##visemes/", ("show_viseme", "wren", None)),
        ("stand", ("pause",)),
        ("interrupt", ("interrupt",)),
        ("S", ("solo", "wren", ("hat",))),
    ],
)
def test_a_button_is_a_call(panel: Rig, label: str, told: tuple[object, ...]) -> None:
    panel.stage.told.clear()
    panel.click(label)
    assert [one for one in panel.stage.told if one[0] != "page_picture"] == [told]


def test_what_is_muted_is_given_back(panel: Rig) -> None:
    # The rows of slots lie from the front to the back: the last M is the hat's, the mouth is muted.
    panel.click("M")
    (told,) = [one for one in panel.stage.told if one[0] == "mute"]
    assert sorted(told[2]) == ["hat", "mouth"]


def test_a_slider_holds_a_channel_until_it_is_let_go(panel: Rig) -> None:
    panel.click("##head_yaw", across=0.75)
    held = [one for one in panel.stage.told if one[0] == "hold"]
    assert held and held[-1][1:3] == ("wren", "head_yaw") and 0.3 < held[-1][3] < 0.7
    panel.click("\N{MULTIPLICATION SIGN}##head_yaw")
    assert panel.stage.told[-1] == ("let_go", "wren", "head_yaw")
    panel.click("##breath", across=0.2)
    panel.click("let all go")
    assert panel.stage.told[-1] == ("let_go", "wren", None)


def test_time_goes_on_where_the_panel_is_hidden_while_the_timeline_is_held(panel: Rig) -> None:
    panel.point("timeline", across=0.25)
    panel.gui.click(0, 0, down=True)
    panel.lay_out(2)
    told = [one[0] for one in panel.stage.told]
    assert "pause" in told and "resume" not in told
    panel.board.close()
    assert panel.stage.told[-1] == ("resume",)


def test_the_timeline_seeks_and_stands_still_meanwhile(panel: Rig) -> None:
    panel.stage.told.clear()
    panel.click("timeline", across=0.25)
    told = [one for one in panel.stage.told if one[0] != "page_picture"]
    assert told[0] == ("pause",) and told[-1] == ("resume",)
    assert told[1][0] == "seek" and abs(told[1][1] - 2.5) < 0.1
    panel.click("stand")
    assert panel.stage.paused
    panel.stage.told.clear()
    panel.click("timeline", across=0.5)
    assert {one[0] for one in panel.stage.told} == {"seek"}, "it stood still before, and does afterwards"


def test_a_drawing_is_worn_and_given_back(panel: Rig) -> None:
    panel.click("##wear/hat")
    panel.click("blue")
    assert panel.stage.told[-1] == ("wear", "wren", "hat", "blue")
    panel.click("##wear/hat")
    panel.click("as it comes")
    assert panel.stage.told[-1] == ("wear", "wren", "hat", None)


def test_the_other_one_is_asked_once_chosen(panel: Rig) -> None:
    panel.click("otto##who/otto")
    panel.click("happy##expressions/happy")
    assert panel.stage.told[-1] == ("set_expression", "otto", "happy")


def test_a_page_is_read_once_and_again_only_when_it_comes(panel: Rig) -> None:
    panel.lay_out(5)
    assert [one for one in panel.stage.told if one[0] == "page_picture"] == [("page_picture", 0)]
    panel.stage.shown = {0, 1}
    panel.lay_out(5)
    assert [one[1] for one in panel.stage.told if one[0] == "page_picture"] == [0, 1]
    panel.click("page/1")
    panel.lay_out()


def test_a_page_is_read_a_little_at_a_time(panel: Rig) -> None:
    panel.lay_out(2)
    assert panel.stage.parts == [(0, (k, 64)) for k in range(64)]
    panel.stage.shown = {0, 1}
    panel.lay_out()
    before = len(panel.stage.parts)
    for _ in range(3):
        panel.board._pages.read(panel.gui.canvas)
        before += 1
        assert len(panel.stage.parts) == before and panel.board.unread


def test_what_a_stage_refuses_is_told_in_the_panel(panel: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **_keywords: object) -> None:
        raise ScriptError("there is no such thing.")

    monkeypatch.setattr(panel.stage, "set_expression", refuse, raising=False)
    panel.click("happy##expressions/happy")
    assert panel.board.asking.refused == "there is no such thing."
    panel.click("wave##gestures/wave")
    assert panel.board.asking.refused == ""
    panel.click("happy##expressions/happy")
    panel.lay_out(150)
    assert panel.board.asking.refused == "", "it was there for long enough to be read"
    monkeypatch.setattr(Stage, "channels", refuse)
    panel.board.asking.forget()
    panel.lay_out(2)
    assert "##head_yaw" not in panel.places and "page/0" in panel.places, "the other sections are there"


def test_what_is_dear_is_read_in_its_turn_and_only_while_it_is_seen(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    for kind in ("channels", "slots", "expression"):
        real = getattr(Stage, kind)
        monkeypatch.setattr(
            Stage, kind, lambda self, who, kind=kind, real=real, **_: (read.append(kind), real(self, who))[1]
        )
    panel.lay_out(5)
    assert read == [], "a layout reads nothing anew"
    for _ in range(6):
        panel.board.asking.look()
    assert sorted(read) == ["channels", "expression", "slots"], "each once, until it is seen again"
    for _ in range(6):
        panel.lay_out()
        panel.board.asking.look()
    assert read.count("channels") == read.count("slots") == read.count("expression") == 3
    panel.click("S")
    assert read.count("slots") == 4, "what was changed by hand is read at once"


def coloured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, str]]:
    """What is laid out in a colour of its own from now on."""
    told: list[tuple[object, str]] = []
    real = imgui.text_colored
    monkeypatch.setattr(
        imgui, "text_colored", lambda colour, text: (told.append((colour, text)), real(colour, text))[1]
    )
    return told


def test_a_row_of_a_slot_says_from_which_layer_its_drawing_is_and_how_that_is_known(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = coloured(monkeypatch)
    panel.lay_out(2)
    assert not [text for _, text in told if "Layer 4" in text], "of who was not imported nothing is told"
    below = panel.places["page/0"][1]
    hat, mouth = Stage.slots(panel.stage, "wren")
    guessed, made = Origin("guessed", ("Layer 4",), "hat", "it is on top"), Origin("made", ("Layer 4",))
    hats = replace(hat, origins={"red": guessed, "blue": made})
    for shown, line in (("red", "'Layer 4' as hat, guessed"), ("blue", "made of 'Layer 4' as hat, guessed")):
        state = replace(hats, shown=((shown, 1.0),))
        monkeypatch.setattr(Stage, "slots", lambda self, who, state=state: (state, mouth))
        panel.board.asking.forget()
        told.clear()
        panel.lay_out(2)
        colour = HELD if shown == "red" else ACCENT_UNDER
        assert (colour, line) in told
    assert panel.places["page/0"][1] > below, "it has a line of its own"
    assert origins_told(hats) == [
        "red: 'Layer 4' as hat, guessed: it is on top", "blue: made by Mien of 'Layer 4'",
    ]  # fmt: skip


def test_the_button_of_the_expression_that_is_shown_is_lit_whoever_asked(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    lit: list[str] = []
    button = widgets.button

    def noted(label: str, **keywords: Any) -> bool:
        if keywords.get("lit") and "##expressions/" in label:
            lit.append(label.partition("##expressions/")[2])
        return button(label, **keywords)

    monkeypatch.setattr(widgets, "button", noted)

    def shown(name: str) -> None:
        monkeypatch.setattr(Stage, "expression", lambda self, who: ExpressionState(name, (), (), (), (), ()))
        for _ in range(12):  # each kind of what is shown is read in its turn
            panel.board.look(panel.gui.canvas)
            panel.lay_out()
        lit.clear()
        panel.lay_out()

    shown("neutral")
    assert lit == [], "the rig's character has no button for it"
    shown("very_sad")
    assert lit == ["very_sad"], "as by a tag of what is said"
    panel.click("happy##expressions/happy")
    lit.clear()
    panel.lay_out()
    assert lit == ["happy"], "as soon as it was asked for"
    shown("very_sad")
    assert lit == ["very_sad"]


def test_under_the_expressions_stands_why_the_one_that_is_shown_looks_so(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = coloured(monkeypatch)
    panel.lay_out()
    mends = ['- "Layer 9" = "brow"', "- draw it"]
    assert [text for _, text in told[-4:]] == ["happy: mouth: smile", "lacks brows", *mends]
    told.clear()
    place = panel.places["wave##gestures/wave"]
    monkeypatch.setattr(Stage, "expression", lambda self, who: ExpressionState("neutral", (), (), (), (), ()))
    panel.board.asking.forget()
    panel.lay_out(2)
    assert "neutral: as it is drawn" in [text for _, text in told]
    assert panel.places["wave##gestures/wave"] == place, "what lies below stays where it is"


def test_a_stage_with_nobody_has_a_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    stage.cast = ()
    with rig(monkeypatch, stage) as one:
        assert "stand" in one.places and "speak" not in one.places


def test_the_panel_calls_nothing_of_a_stage_that_is_not_public() -> None:
    asked = set()
    for path in Path(mien.preview.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value).split(".")[-1] in (
                "stage",
                "_stage",
            ):
                asked.add(node.attr)
    assert {"hold", "seek", "set_expression", "solo"} <= asked
    assert not [name for name in asked if name.startswith("_")]
    of_each = {"size", "fps", "ledger", "options"}  # attributes of a stage, not of its class
    assert not [name for name in asked - of_each if not hasattr(mien.Window, name)]


def test_frames_that_were_late_are_told_with_why_also_when_they_have_left_the_graph(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    real = imgui.text_disabled
    monkeypatch.setattr(imgui, "text_disabled", lambda text: (told.append(text), real(text))[1])
    ledger = panel.stage.ledger
    panel.lay_out()
    assert not [text for text in told if "because" in text]
    ledger.add(record(0, draw_ms=50.0))
    for frame in range(1, 500):
        ledger.add(record(frame))
    told.clear()
    panel.lay_out()
    (why,) = [text for text in told if "took too long because" in text]
    assert why == f"1 frame took too long because {BECAUSE['gpu_wait']}."


def test_the_mouth_is_beside_no_sound_while_time_stands_still(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    real = imgui.text_colored
    monkeypatch.setattr(
        imgui, "text_colored", lambda colour, text: (told.append(text), real(colour, text))[1]
    )
    plain: list[str] = []
    text = imgui.text
    monkeypatch.setattr(imgui, "text", lambda one: (plain.append(one), text(one))[1])
    panel.stage.ledger.add(record(0, av_skew_ms=4.0))
    panel.lay_out()
    assert "+4.0 ms" in told
    panel.stage.paused = True
    panel.stage.ledger.add(record(1, av_skew_ms=-91_234.0))
    panel.lay_out()
    assert "-" in plain and not [one for one in (*told, *plain) if "91234" in one]
    panel.stage.paused = False
    panel.stage.ledger.add(record(2, av_skew_ms=-91_234.0, stopped_ms=91_000.0))
    panel.lay_out()
    assert not [one for one in (*told, *plain) if "91234" in one]


def test_a_folded_section_tells_what_a_hand_has_changed_in_it(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: dict[str, str] = {}
    real = widgets.heading
    monkeypatch.setattr(
        widgets, "heading", lambda title, *, mark="", **_: marks.update({title: mark}) or real(title)
    )
    panel.lay_out()
    assert marks["Channels"] == "" and marks["Slots"] == "1 muted"
    panel.click("O")
    panel.stage.held["breath"] = 0.5
    for _ in range(60):  # by the program: read now and then, also where it is not seen
        panel.board.asking.look()
    panel.lay_out()
    assert marks["Channels"] == "1 held" and marks["Slots"] == "1 muted, 1 boxed"


def test_what_lies_out_of_sight_asks_nothing_and_is_as_high(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    with rig(monkeypatch, stage) as one:
        turns: list[int] = []
        real = stage.turns
        monkeypatch.setattr(stage, "turns", lambda: (turns.append(1), real())[1], raising=False)
        one.lay_out()
        assert turns
        high = imgui_height(one)
        for _ in range(200):
            one.gui.point(100.0, 100.0)
            one.gui.scroll(0.0, -20.0)
            one.gui.lay_out(lambda: one.board.draw(one.gui.canvas), (380.0, 120.0), 1.0, 1 / 30)
        turns.clear()
        one.gui.lay_out(lambda: one.board.draw(one.gui.canvas), (380.0, 120.0), 1.0, 1 / 30)
        assert not turns and imgui_height(one) == high


def imgui_height(one: Rig) -> float:
    """How high all sections are, in points."""
    return sum(one.board._heights.values())


def test_the_wheel_shows_less_of_the_timeline_and_moves_nothing_else(panel: Rig) -> None:
    before = panel.places["happy##expressions/happy"]
    panel.point("timeline", across=0.5)
    for _ in range(6):
        panel.gui.scroll(0.0, 1.0)
        panel.lay_out(2)
    assert panel.places["happy##expressions/happy"] == before
    panel.stage.told.clear()
    panel.click("timeline", across=0.5)
    seeks = [one[1] for one in panel.stage.told if one[0] == "seek"]
    assert abs(seeks[-1] - 5.0) < 0.1, "about the pointer"
    panel.click("timeline", across=0.98)
    seeks = [one[1] for one in panel.stage.told if one[0] == "seek"]
    assert 6.0 < seeks[-1] < 6.5, "the end of what is seen, and not of all"
    for _ in range(12):
        panel.gui.scroll(0.0, -1.0)
        panel.lay_out(2)
    panel.click("timeline", across=0.25)
    assert abs([one[1] for one in panel.stage.told if one[0] == "seek"][-1] - 2.5) < 0.1


def test_a_click_on_a_turn_goes_to_its_beginning(panel: Rig) -> None:
    panel.stage.told.clear()
    panel.click("turn/turn-2")
    assert ("seek", 2.5) in panel.stage.told
    panel.stage.told.clear()
    panel.click("turn/turn-3")
    assert panel.stage.told == [], "nobody knows yet when it begins"


def test_what_lies_below_stays_in_its_place_however_many_causes_there_are(panel: Rig) -> None:
    panel.lay_out()
    before = panel.places["happy##expressions/happy"]
    for frame, late in enumerate(("draw_ms", "build_ms", "upload_ms", "swap_ms", "gil_ms")):
        panel.stage.ledger.add(record(2 * frame, **{late: 50.0}))
    panel.lay_out(2)
    assert panel.places["happy##expressions/happy"] == before


def test_turns_that_come_and_go_move_nothing(panel: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    one = panel.stage.turns()[0]
    written: list[str] = []
    for name in ("text_colored", "text_wrapped"):
        write = getattr(imgui, name)

        def told(*given: Any, _write: Any = write) -> None:
            written.append(given[-1])
            _write(*given)

        monkeypatch.setattr(imgui, name, told)
    places = set()
    for over, coming in ((0, 0), (1, 0), (0, 1), (9, 0), (2, 3), (1, 4), (1, 5), (9, 20)):
        turns = tuple(
            replace(one, key=f"{nth}", text=f"text {nth}", state="done" if nth < over else "queued")
            for nth in range(over + coming)
        )
        monkeypatch.setattr(panel.stage, "turns", lambda turns=turns: turns)
        panel.lay_out(2)
        written.clear()
        panel.lay_out()
        places.add(panel.places["##text"])
        listed = [text for text in written if text.startswith("text ")]
        more = [text for text in written if text.endswith("more that wait")]
        assert len(listed) == min(5 - len(more), over + coming)
        assert more == ([f"and {over + coming - (over - 1) - 4} more that wait"] if coming > 4 else [])
    assert len(places) == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, "red 100 %, because of: default"),
        ({"shown": (), "because": "hidden in the art"}, "nothing, because of: hidden in the art"),
    ],
)
def test_a_slot_tells_why_under_its_name_as_under_its_drawing(
    panel: Rig, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], why: str
) -> None:
    states = tuple(
        replace(state, **changed) if state.name == "hat" else state for state in panel.stage.slots("wren")
    )
    monkeypatch.setattr(panel.stage, "slots", lambda who: states)
    panel.board.asking.forget()
    told: list[str] = []
    real = widgets.tip

    def tip(text: str, *, pointed: bool | None = None) -> None:
        told.extend([text] if pointed else [])
        real(text, pointed=pointed)

    monkeypatch.setattr(widgets, "tip", tip)
    _, top, right, bottom = panel.places["O"]  # of the last slot: its name follows
    for x in (right + 16.0, right + 135.0):
        told.clear()
        panel.gui.point(x, (top + bottom) / 2)
        panel.lay_out(2)
        assert told and set(told) == {f"hat shows {why}"}, x


def test_what_o_draws_is_called_a_box(panel: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    for name in ("tip", "label"):
        real = getattr(widgets, name)
        note = lambda text, *rest, _real=real, **more: told.append(text) or _real(text, *rest, **more)  # noqa: E731
        monkeypatch.setattr(widgets, name, note)
    panel.lay_out()
    assert {"draw the box of hat over the picture", "S alone, M muted, O boxed"} <= {*told}
    assert not any("outline" in text for text in told)


def test_every_figure_says_what_it_is_in_lines_that_the_panel_has_room_for(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes: dict[str, tuple[float, float]] = {}
    shown: list[tuple[str, float, float]] = []
    real, over = imgui.text_disabled, imgui.end_tooltip

    def placed(text: str) -> None:
        real(text)
        boxes[text] = imgui.get_item_rect_min()

    text = imgui.text

    def told(words: str) -> None:
        text(words)
        shown.append((words, *imgui.get_item_rect_size()))

    def ended() -> None:
        left, wide = imgui.get_window_pos()[0], imgui.get_window_size()[0]
        assert left >= 0.0 and left + wide <= POINTS[0], "nothing of it is cut"
        over()

    monkeypatch.setattr(imgui, "text_disabled", placed)
    monkeypatch.setattr(imgui, "end_tooltip", ended)
    panel.lay_out()
    monkeypatch.setattr(imgui, "text", told)
    for name in ("last frame", "over budget", "shown late", "left out", "mouth to sound", "missed"):
        x, y = boxes[name]
        panel.gui.point(x + 5.0, y + 5.0)
        panel.lay_out(2)
        panel.gui.point(x + 5.0, y + 5.0)
        shown.clear()
        panel.lay_out(20)
        tips = [(wide, high) for words, wide, high in shown if len(words) > 30]
        assert tips and all(wide <= 300.0 for wide, _ in tips), name
        assert any(high > 20.0 for _, high in tips) or name == "last frame", "in several lines"


@pytest.mark.parametrize("lines", [1, 15, 30, 60])
@pytest.mark.parametrize("place", [(4.0, 4.0), (370.0, 300.0), (120.0, 290.0), (190.0, 716.0)])
def test_a_tip_of_any_height_is_in_the_panel_wherever_the_pointer_is(
    panel: Rig, monkeypatch: pytest.MonkeyPatch, lines: int, place: tuple[float, float]
) -> None:
    size = (380.0, 720.0)
    boxes: list[tuple[float, float, float, float]] = []
    over = imgui.end_tooltip

    def ended() -> None:
        (left, top), (wide, high) = imgui.get_window_pos(), imgui.get_window_size()
        boxes.append((left, top, left + wide, top + high))
        over()

    monkeypatch.setattr(imgui, "end_tooltip", ended)
    panel.gui.point(*place)
    for _ in range(3):
        panel.gui.run(lambda: widgets.tip("word " * 12 * lines, pointed=True), size, 1.0, 0.1)
    left, top, right, bottom = boxes[-1]
    assert left >= 0.0 and right <= size[0] and top >= 0.0
    assert bottom <= size[1] or (lines == 60 and top == 0.0), "what is too tall for it begins at its top"
    x, y = place
    assert lines > 1 or not (left <= x <= right and top <= y <= bottom), "the pointer hides nothing of it"


def test_however_many_causes_there_are_the_sentence_on_late_frames_is_whole(
    panel: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: dict[str, float] = {}
    real = imgui.text_disabled

    def sized(text: str) -> None:
        real(text)
        sizes[text] = imgui.get_item_rect_size()[1]

    monkeypatch.setattr(imgui, "text_disabled", sized)
    causes = ("draw_ms", "build_ms", "upload_ms", "swap_ms", "gil_ms", "gc_ms", "readback_ms", "cores_ms")
    for frame, late in enumerate(causes):
        panel.stage.ledger.add(record(frame, **{late: 50.0}))
    panel.lay_out(2)
    ((sentence, high),) = [(text, high) for text, high in sizes.items() if "frames took too long" in text]
    assert sentence.startswith("8 frames took too long: 1 because ") and sentence.endswith(" other reasons.")
    assert high <= 3 * 14.0
    named = sentence.count("because")
    assert f"{8 - named} for {8 - named} other reasons" in sentence, "all of them are counted"


def test_a_frame_that_was_only_shown_late_is_not_blamed(panel: Rig) -> None:
    panel.stage.ledger.add(record(0))
    panel.stage.ledger.add(record(1, presented_ms=150.0))
    panel.lay_out()
    assert [mark.text for mark in panel.board._frames._marks()] == ["shown late 1"]


def test_the_panel_says_that_a_clip_is_recorded(panel: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    write = imgui.text_colored
    monkeypatch.setattr(imgui, "text_colored", lambda *given: (written.append(given[-1]), write(*given)))
    panel.lay_out()
    assert "recording" not in written
    panel.stage.recording = Path("a.mp4")
    panel.lay_out()
    assert "recording" in written


def test_what_the_window_notes_is_in_the_panel_all_of_it(panel: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, bool]] = []
    real = widgets.bar

    def bar(text: str, *, wrong: bool = True) -> None:
        told.append((text, wrong))
        real(text, wrong=wrong)

    monkeypatch.setattr(widgets, "bar", bar)
    panel.stage.noted = f"kept what is shown: {'a/long/path/' * 20}character.toml is broken."
    panel.lay_out()
    assert told == [(panel.stage.noted, False)]
    panel.stage.noted = ""
    panel.lay_out()
    assert len(told) == 1
