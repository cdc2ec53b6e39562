"""The sections of the panel, one below the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import moderngl
from slimgui import imgui

from mien.errors import MienError
from mien.messages import shown_path
from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.canvas import Canvas
from mien.preview.channels import Channels
from mien.preview.faces import Faces
from mien.preview.frames import Frames
from mien.preview.letters import letters
from mien.preview.outlines import Lines
from mien.preview.pages import Pages
from mien.preview.slots import Slots
from mien.preview.speech import Speech
from mien.preview.style import BAD
from mien.preview.turns import Turns
from mien.stage.fit import Fit
from mien.types import Size

if TYPE_CHECKING:
    from mien.stage.window import Window


_READ: Final = 120
"""Layouts, ten a second, for which a sentence is shown."""


class Board:
    """All that the panel shows of one window, and asks of it. Parameters: `stage`."""

    def __init__(self, stage: Window) -> None:
        self.asking = asking = Asking(stage)
        self._told, self._told_for = "", 0
        self._turn = False
        self._held = False
        """Something was held, or typed into, when it was laid out last: it is told when that is over."""
        self._heights: dict[str, float] = {}
        """Of sections, in points, as they were laid out last."""
        self.took_ms = 0.0
        """What the panel takes of a frame."""
        self._frames = Frames(stage)
        self._turns = Turns(asking)
        self._speech = Speech(asking)
        self._faces = Faces(asking)
        self._channels = Channels(asking)
        self._slots = Slots(asking)
        self._pages = Pages(asking)

    def open(self) -> None:
        """The panel is shown from now on."""
        self._frames.open()

    def close(self) -> None:
        """It is hidden."""
        self._frames.close()
        self._turns.let_go()

    def end(self) -> None:
        """It is gone for good. Idempotent."""
        self._speech.end()

    @property
    def outlined(self) -> bool:
        """Whether there are boxes to be drawn over the picture."""
        return any(self._slots.outlined.values())

    def outline(
        self, canvas: Canvas, screen: moderngl.Framebuffer, size: Size, left: int, scale: float
    ) -> None:
        """Draw them. `size`: of the window in pixels; `left`: where the panel begins; `scale`: of a point."""
        stage = self.asking.stage
        stands = stage.options.companion and stage.plain_because is None
        place = Fit.of(stage.size, size, size.width - left, stands=stands)
        lines = Lines(stage.size, size, place, 1.5 * scale)
        for who, slots in self._slots.outlined.items():
            if slots and who in stage.cast:
                lines.add(stage.outlines(who, tuple(slots)))
        if lines.count:
            canvas.over(screen, size, lines.vertices(), lines.indices())

    @property
    def unread(self) -> bool:
        """More is to be read of the stage than a look does."""
        return self._pages.unread

    def look(self, canvas: Canvas) -> None:
        """Ask the stage what takes it long to say, some of it: in a frame in which the panel has nothing else
        to do."""
        self._turn = not self._turn
        if self._pages.unread and (self._turn or not self.asking.sees):
            with suppress(MienError):  # which its section says
                self._pages.read(canvas)
        else:
            self.asking.look()

    def draw(self, canvas: Canvas) -> None:
        """Lay all of them out."""
        for _ in self.parts(canvas):
            pass

    def parts(self, canvas: Canvas) -> Iterator[None]:
        """Lay all of them out, a little with each step."""
        self._head()
        self._frames.take()  # also where it is out of sight: else it would hold a gap for frames left out
        yield from self._section("frames", self._frames.parts)
        yield
        yield from self._section("turns", _whole(self._turns.draw))
        yield
        asking = self.asking
        cast = asking.stage.cast
        if asking.who not in cast:
            asking.who = cast[0] if cast else ""
        if cast:
            self._cast(cast)
            yield from self._section("speech", _whole(self._speech.draw))
            yield from self._section("faces", self._faces.parts)
            yield
            yield from self._section("channels", self._channels.parts)
            yield
            yield from self._section("slots", self._slots.parts)
            yield
        else:
            widgets.quiet("nobody is in the cast")
        is_seen = yield from self._section("pages", _whole(lambda: self._pages.draw(canvas)))
        if not is_seen:
            self._pages.leave()
        self._held = imgui.is_any_item_active()
        if lacking := letters.complaint():
            asking.refused = lacking
        self._tell(asking.refused or self._speech.wrong)

    def _tell(self, wrong: str) -> None:
        """Say what could not be done, for long enough to be read."""
        self._told_for = self._told_for + 1 if wrong and wrong == self._told else 0
        self._told = wrong
        if self._told_for > _READ:
            self.asking.refused = self._speech.wrong = wrong = ""
        if wrong:
            widgets.bar(wrong)
        elif noted := self.asking.stage.noted:  # which the window's title may not have room for
            widgets.bar(noted, wrong=False)

    def _head(self) -> None:
        stage = self.asking.stage
        imgui.text("Mien")
        imgui.same_line()
        if stage.recording is None:
            imgui.text_disabled(f"{stage.size.width}x{stage.size.height}, {float(stage.fps):g} fps")
        else:
            widgets.lamp("recording", BAD)
            widgets.tip(f"to {shown_path(stage.recording)}; R ends it")
        told = f"panel {self.took_ms:.1f} ms   H hides it"
        left = imgui.get_cursor_pos_x() + imgui.get_content_region_avail()[0]
        imgui.same_line(left - imgui.calc_text_size(told)[0])
        imgui.text_disabled(told)
        widgets.tip("what this panel takes of a frame, in processor time: a mean of the last ones")

    def _cast(self, cast: tuple[str, ...]) -> None:
        """Who speaks what is typed, and of whom the sections below tell."""
        widgets.rule()
        widgets.label("character")
        imgui.same_line()
        clicked = widgets.flow((f"who/{key}", key, key == self.asking.who) for key in cast)
        if clicked is not None:
            self.asking.who = clicked.partition("/")[2]

    def _section(self, name: str, parts: Callable[[], Iterator[None]]) -> Generator[None, None, bool]:
        """Lay a section out in its parts; what a stage refuses to tell is said in its place. One that was
        seen nowhere the last time, and is not now, is as high as it was, and nothing is asked of the stage
        for it: False."""
        before = self._heights.get(name, 0.0)
        gap = imgui.get_style().item_spacing[1]
        # What is typed into, or held, is laid out wherever it is.
        if before > gap and not self._held and not imgui.is_rect_visible((1.0, before)):
            imgui.dummy((1.0, before - gap))
            return False
        top = imgui.get_cursor_pos_y()
        try:
            yield from parts()
        except MienError as error:
            widgets.quiet(str(error))
        self._heights[name] = imgui.get_cursor_pos_y() - top
        return True


def _whole(draw: Callable[[], None]) -> Callable[[], Iterator[None]]:
    """A section that is laid out at once."""

    def parts() -> Iterator[None]:
        draw()
        yield from ()

    return parts
