"""The part of a window that saves stills and clips of what it shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from mien.arguments import refuse, text_of
from mien.errors import MienError
from mien.interrupts import HeldBack
from mien.messages import printable, shown_path
from mien.stage.camera import Camera
from mien.stage.companion import Companion
from mien.stage.encoders import SUFFIXES
from mien.stage.glfw_window import glfw
from mien.stage.governor import EXACT
from mien.stage.notes import Notes
from mien.stage.window_surface import Surface
from mien.writable import check_suffix

_CLIP: Final = "the clip"
"""What sentences on one that is recorded, or written to its end, are about."""
_LONGEST_TITLE: Final = 500
"""Characters of a title with a sentence in it: a path has up to 400 (`mien.messages.LONGEST_PATH`)."""


class Filmed(Surface):
    """Stills and clips, from any thread: files are written beside the frames. The frame after a still waits
    until that is read."""

    _redrawn = False
    """A still was drawn over the last frame: the next is another picture."""

    on_note: Callable[[str], object] | None = None
    """Hears, on the window's thread, in a sentence what became of what its user did: a file was written, or
    cannot be. To be set."""
    _meter: Any
    on_drop: Callable[[list[Path], str | None], object] | None = None
    """Takes files that are dropped on the window, and on whom of those on stage; `mien.dropping.Dropping`
    does with each what fits it. On the window's thread, within a call of it. To be set."""
    _told_as_title = ""
    _notes: Notes
    _told_writing: Path | None = None
    _lit: Companion | None = None
    """The companion that shows that a clip is recorded."""

    def _load_camera(self) -> None:
        background = self.options.background
        self._record_as = ".mp4"
        self._notes = Notes()
        self._camera = Camera(
            self._compositor,
            self._audio,
            self.size,
            self.fps,
            alpha=isinstance(background, tuple) and background[3] < 1,
            title=self.options.title,
            dropped=self._meter.clips,
        )

    def save_still(self, path: str | Path | None = None) -> Path:
        """Have the next frame written as a PNG, with its alpha, and exact: one that was shown with fewer
        pixels or in coarser steps is drawn once more, which may make the frame after it late.

        None: in the current folder, by title and time. Returns where it goes; when it is there `on_note`
        tells. Closing the window waits for it. Raises NotWritable.
        """
        self._check()
        return self._camera.still(path)

    def record(self, path: str | Path | None = None) -> Path:
        """Record a clip of what is shown from now on, with the sound that is heard.

        By its suffix: .mp4, .m4v, .mov, .mkv, .webm, and without sound .apng and .gif; those three keep the
        alpha of a transparent stage. None: in the current folder, by title and time, as `record_as` says. No
        frame waits for it: where the encoder is too slow the clip shows the picture before, and the ledger
        counts it. Returns where it goes; when it is there `on_note` tells. Closing the window ends it, and
        waits. Raises NotWritable, and ScriptError where a clip is being recorded.
        """
        self._check()
        return self._camera.record(path, self._record_as)

    def stop_recording(self) -> None:
        """The clip ends with the last frame. Does not wait for it to be written. Idempotent."""
        self._check()
        self._camera.stop()

    @property
    def recording(self) -> Path | None:
        """The clip that is being recorded."""
        return self._camera.recording

    @property
    def writing(self) -> Path | None:
        """The clip that has ended and is being written to its end: the newest of several. None: all are
        there."""
        return self._camera.writing

    @property
    def record_as(self) -> str:
        """The suffix of clips that are given no name; to be set: `.webm`, or `webm`."""
        return self._record_as

    @record_as.setter
    def record_as(self, suffix: str) -> None:
        suffix = f".{suffix.lstrip('.').lower()}"
        check_suffix(Path(f"clip{suffix}"), SUFFIXES, "a video")
        self._record_as = suffix

    def _film(self, *, still: bool) -> None:
        """The user wants a still, or a clip to begin or to end."""
        try:
            if still:
                self.save_still()
            elif self.recording is None:
                self.note(_recording(self.record()), _CLIP)
            else:
                self.stop_recording()
        except MienError as error:
            self.note(str(error))

    def _draw_still(self, at: int) -> bool:
        """Draw the frame of sample `at`, which is on the screen, once more where a still is wanted of it and
        it was not exact; whether it was. The next is drawn as before."""
        if not self._camera.wants_still:
            return False
        level = self._level
        with self._compositor.current():
            self._camera.look(wait=True)  # a clip has it as it was shown
            with HeldBack():
                self._draw_as(EXACT)
                try:
                    self._compositor.draw(self._show.tick_again(at))
                    self._camera.drawn_exact(at)
                finally:
                    self._draw_as(level)
        return True

    @property
    def title(self) -> str:
        """What is shown, by name: so the window is called, and files that are given no name; to be set, from
        any thread. Raises ScriptError."""
        return self._camera.title

    @title.setter
    def title(self, title: str) -> None:
        self._called = self._camera.title = text_of("title", title, "a text")

    def note(self, sentence: str, about: str = "", *, stays: bool = False) -> None:
        """Tell a sentence to whoever looks at the window: `on_note` hears it with the next frame, and the
        window's title shows it for 8 s, one of more than 120 letters for longer.

        `about`: what it is of, in any words. It takes the place of what was told about the same, and "" takes
        that back. `stays`: it is shown until then, however long that is. From any thread. Raises ScriptError.
        """
        for name, value in (("sentence", sentence), ("about", about)):
            if not isinstance(value, str):
                refuse(name, value, "text")
        if not isinstance(stays, bool) or (stays and not about):
            refuse("stays", stays, "False, or True of a sentence that is about something")
        self._notes.tell(sentence, about, stays=stays)

    @property
    def noted(self) -> str:
        """The sentence of `note`, or on a clip, that the title shows now; "" for none. As long as a clip is
        written to its end one says so."""
        return self._notes.newest or _writing(self._told_writing)

    def _tell_notes(self) -> None:
        """Whoever listens hears what was noted; the title says whether a clip is recorded, or written."""
        if (writing := self.writing) != self._told_writing:
            self._told_writing = writing
            if writing is not None:
                self._notes.tell(_writing(writing), _CLIP)
        while self._camera.said:
            self._notes.tell(self._camera.said.popleft())
        for said in self._notes.heard(self._clock.now_ns()):
            if self.on_note is not None:
                self.on_note(said)
        lit = None if self.recording is None else self._companion
        if lit is not self._lit:
            self._lit, self._shown = lit, None
        title = self._title + self._invitation
        if self.recording is not None and self.noted != _recording(self.recording):
            title = f"recording: {title}"
        if self.noted:
            title = printable(f"{self.noted} - {title}", _LONGEST_TITLE)
        if title != self._told_as_title:
            self._told_as_title = title
            glfw.set_window_title(self._handle, title)

    def _show_frame(self, *, changed: bool) -> bool:
        """As of the surface, and over a companion a red dot while a clip is recorded: no part of the frame,
        and so of no clip or still."""
        brought = super()._show_frame(changed=changed)
        if brought and self._lit is not None and self._shown is not None:  # the panel has its own
            self._lit.draw_lamp(self._context.screen, self._shown)
        return brought

    @property
    def _invitation(self) -> str:
        return " (drop files here)" if self.on_drop is not None else ""


def _recording(path: Path) -> str:
    return f"recording {shown_path(path)}"


def _writing(path: Path | None) -> str:
    return "" if path is None else f"writing {shown_path(path)} …"
