"""What a character can be asked for by name: expressions, mouth shapes, gestures, drawings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, cast

from slimgui import imgui

from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.letters import letters
from mien.preview.style import ACCENT, HELD
from mien.preview.why import Why
from mien.script import BURSTS, BurstKind
from mien.stage.shown import Repertoire, SlotState

if TYPE_CHECKING:
    from mien.stage.window import Window

REST: Final = "rest"
LOOKS: Final = ("viewer",)
_ROWS: Final = 6
"""Rows that are laid out with one step."""
_BURSTS: Final = {"laugh": "laugh", "sigh": "sigh", "breath": "breathe in"}


class Faces:
    """Buttons. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._last: dict[tuple[str, str], str] = {}
        """(who, kind) -> the button that was clicked last."""
        self._known: tuple[str, Repertoire] | None = None
        self._why = Why(asking)

    def parts(self) -> Iterator[None]:
        """Lay it out, a few buttons with each step."""
        asking = self._asking
        stage, who = asking.stage, asking.who
        has = asking.repertoire()
        if widgets.heading("Expressions and gestures"):
            self._expressions(has)
            self._why.draw()
            yield
            self._kind("gestures")
            self._gestures(stage, who, has)
            self._kind("body")
            self._body(stage, who)
            self._kind("looks at")
            others = [key for key in stage.cast if key != who]
            self._buttons("looks", (*LOOKS, *others), stage.look_at)
            yield
        shown = self._lit("visemes")
        if widgets.heading("Mouth shapes", is_open=False, mark=f"{shown} held" if shown else ""):
            self._visemes(stage, who, has)
            yield
        worn = sum(state.worn is not None for state in asking.known_slots())
        mark = f"{worn} worn" if worn else ""
        if has.drawings and widgets.heading("Drawings to wear", is_open=False, mark=mark):
            states = {state.name: state for state in asking.slots()}
            rows = 0
            for slot in has.drawings:
                if slot not in states or slot == has.mouth:
                    continue
                if not imgui.is_rect_visible((100.0, 24.0)):
                    imgui.dummy((1.0, imgui.get_frame_height()))
                else:
                    self._wear(stage, who, states[slot])
                    rows += 1
                    if rows % _ROWS == 0:
                        yield

    @staticmethod
    def _kind(text: str) -> None:
        imgui.dummy((0.0, 2.0))
        imgui.text_disabled(text)

    def _lit(self, kind: str) -> str:
        return self._last.get((self._asking.who, kind), "")

    def _buttons(self, kind: str, names: Iterable[str], call: object) -> None:
        """One of several, by name."""
        who, lit = self._asking.who, self._lit(kind)
        clicked = widgets.flow((f"{kind}/{name}", name.replace("_", " "), name == lit) for name in names)
        if clicked is not None:
            name = clicked.partition("/")[2]
            if self._asking.ask(cast("_Named", call), who, name):
                self._last[who, kind] = name

    def _expressions(self, has: Repertoire) -> None:
        """Lit is the one that is shown, whoever asked for it: a hand, a tag of what is said, a program."""
        lit = ""
        if imgui.is_rect_visible((100.0, imgui.get_frame_height())):
            self._asking.see("expression")
            lit = self._asking.expression_name()
        clicked = widgets.flow((f"expressions/{n}", n.replace("_", " "), n == lit) for n in has.expressions)
        if clicked is not None:
            self._asking.express(clicked.partition("/")[2])

    def _gestures(self, stage: Window, who: str, has: Repertoire) -> None:
        lit = self._lit("gestures")
        names = [("gestures/", REST, lit == "")]
        names += [
            (f"gestures/{name}", name.replace("_", " "), name == lit) for name in has.gestures if name != REST
        ]
        clicked = widgets.flow(names)
        if clicked is not None:
            name = clicked.partition("/")[2]
            if self._asking.ask(stage.gesture, who, name):
                self._last[who, "gestures"] = name

    def _body(self, stage: Window, who: str) -> None:
        names = [("nod", "nod", False), *((kind, _BURSTS.get(kind, kind), False) for kind in BURSTS)]
        clicked = widgets.flow(names)
        if clicked == "nod":
            self._asking.ask(stage.nod, who)
        elif clicked is not None:
            self._asking.ask(stage.burst, who, cast(BurstKind, clicked))

    def _visemes(self, stage: Window, who: str, has: Repertoire) -> None:
        held = self._lit("visemes")
        names = [("visemes/", "as spoken", held == "")]
        names += [(f"visemes/{name}", name, name == held) for name in has.visemes]
        clicked = widgets.flow(names, HELD if held else ACCENT)
        if clicked is not None:
            name = clicked.partition("/")[2]
            if self._asking.ask(stage.show_viseme, who, name or None):
                self._last[who, "visemes"] = name

    def _wear(self, stage: Window, who: str, state: SlotState) -> None:
        """One of a slot's drawings, nothing, or what the character does by itself."""
        self._asking.see("slots")
        widgets.label(state.name.replace("_", " "))
        imgui.same_line(120.0)
        imgui.set_next_item_width(-1.0)
        current = "as it comes" if state.worn is None else _name(state.worn)
        if imgui.begin_combo(f"##wear/{state.name}", letters.shown(current)):
            choices: list[str | None] = [None, "", *(one for one in state.drawings if one)]
            for choice in choices:
                text = "as it comes" if choice is None else _name(choice)
                if imgui.selectable(letters.shown(text), choice == state.worn)[0]:
                    self._asking.ask(stage.wear, who, state.name, choice)
                    self._asking.forget()
            imgui.end_combo()


def _name(drawing: str) -> str:
    return drawing.replace("_", " ") if drawing else "nothing"


if TYPE_CHECKING:
    from collections.abc import Callable

    _Named = Callable[[str, str], object]
