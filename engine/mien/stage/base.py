"""What all stages share: what they own, one frame step, when a run is over, and how it is closed.

Kinds of stage differ in their clock and in where frames go: `offline`, `live`, `window`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing, nullcontext
from functools import partial
from types import TracebackType
from typing import Final, Literal, Self, Unpack

import moderngl

from mien.arguments import refuse
from mien.audio import AudioSession
from mien.clock import FrameRate, RealClock, s_to_samples
from mien.composite.gl import Compositor, is_software, open_headless
from mien.composite.gl.forked import is_forked
from mien.errors import ScriptError
from mien.interrupts import HeldBack
from mien.stage.cast import cast_of
from mien.stage.cast_tables import Room
from mien.stage.conversing import Conversing
from mien.stage.dropped import Holdings, give_back_if_dropped
from mien.stage.governor import EXACT, Governor, Level, levels_for
from mien.stage.instruments import Instruments
from mien.stage.loader import Loader
from mien.stage.meter import FrameMeter
from mien.stage.options import Cast, StageKeywords, StageOptions, of_conversation
from mien.stage.paging import Paging
from mien.stage.ready import make_ready, stream_pages
from mien.stage.show import Show
from mien.stage.slot_view import SlotView
from mien.stage.transport import Transport
from mien.talk import Conversation
from mien.thread_priority import ahead
from mien.types import Size


class BaseStage(Conversing, SlotView, Paging, Transport):
    """Owns audio, show, GL context, compositor and meter. Belongs to the thread that opens it.

    Parameters: `cast`; `options`, or the same as keywords, which win. Raises MienError of several kinds, each
    with a remedy.
    """

    _mode: Literal["offline", "live"] = "live"
    _moves = True
    """Its own context may be released on any thread."""
    _meanwhile: Callable[[], object] | None = None
    """Called between the steps that make it ready."""
    _at_first: Callable[[Compositor], object] | None = None
    """Shows a first picture, before all is ready for others."""

    def __init__(
        self, cast: Cast, options: StageOptions | None = None, **keywords: Unpack[StageKeywords]
    ) -> None:
        super().__init__()
        self.options: Final = StageOptions.of(options, keywords)
        self.size: Final[Size] = self.options.frame_size
        self.fps: Final[FrameRate] = self.options.rate
        self.ledger: Final = self.options.ledger_for(realtime=self._mode == "live")
        self._clock = self.options.clock or RealClock()
        self._open = False
        self._step = self.fps.sample(1)
        history = s_to_samples(self.options.history_s)
        # What a live stage's threads do, its frames wait for: they inherit the priority.
        with ahead() if self._mode == "live" else nullcontext(), ExitStack() as opened:
            self._audio = opened.enter_context(
                AudioSession(self._mode, self.options.playout, spans=self.ledger.spans, history=history)
            )
            if self.options.marks:
                self._audio.beep()
            make = partial(
                Show,
                cast,
                self.size,
                self._audio,
                background=self.options.background,
                seed=self.options.seed,
                page_budget=self.options.page_budget,
                room=Room(self.options.fades, self.options.room, self.options.marks),
                hold_every=self.fps.sample(1) if self._governed else None,
            )
            self._show, self._context, screen = self._open_show(opened, make)
            self._show.player.dim = self.options.dim_listeners
            private = self.options.context is None
            get_ready = partial(make_ready, self._context, self._show, screen, private=private)
            self._compositor: Compositor = opened.enter_context(
                get_ready(scales=self._scales, meanwhile=self._meanwhile, at_first=self._at_first)
            )
            if self._mode == "live":
                self._audio.get_ready()  # the first picture of a window is there; frames have not begun
            opened.callback(self._show.close)
            # Only now: what it takes would hold up the first picture.
            opened.enter_context(self._show.cache.keeping())
            self._governing: Governor | None = None
            """Who picks the level of live frames."""
            stream = partial(stream_pages, self._show, self._compositor)
            self._loader = opened.enter_context(closing(Loader(self._show, self.options.room, stream)))
            # A clock of the host's or a test's own says itself what time is.
            self._stops = self._audio.stops if isinstance(self._clock, RealClock) else None
            by = Instruments.of(self._clock, self._stops, is_software=self.is_software)
            self._meter = FrameMeter(self.ledger, self._show, self._compositor, by)
            self._draw_as(self._levels[0])
            self._opened = opened.pop_all()
        self._open = True
        holdings = Holdings(
            self._opened, self._audio, self._compositor, self._context, private, self._moves, self._owner
        )
        self._finalizer = give_back_if_dropped(self, holdings)

    @classmethod
    def of(
        cls, conversation: Conversation, *, queued: bool = True, **keywords: Unpack[StageKeywords]
    ) -> Self:
        """A stage with a conversation's cast, background, rate and seed, and all of its turns queued.

        What the cast cannot follow is in `foreseen`, and left out. `queued` False: none is, before `queue` is
        told to. Raises as opening a stage does.
        """
        if not isinstance(conversation, Conversation):
            refuse("conversation", conversation, "what mien.load_conversation gives")
        stage = cls(cast_of(conversation), of_conversation(conversation, keywords))
        try:
            if queued:
                stage.queue(conversation)
        except BaseException:
            stage.close()
            raise
        return stage

    @property
    def renderer(self) -> str:
        """The GL renderer's name."""
        # Of the compositor's own: a program's knows its name only while it is current.
        return str(self._compositor.current().ctx.info["GL_RENDERER"])

    @property
    def is_software(self) -> bool:
        """Whether the renderer runs on the CPU, where large frames cost time."""
        return is_software(self._compositor.current().ctx)

    @property
    def output(self) -> str:
        """Where the sound goes, for people."""
        return self._audio.output

    @property
    def fallback(self) -> str | None:
        """Why there is no sound although a device was wanted."""
        return self._audio.fallback

    @property
    def time_s(self) -> float:
        """Session time of the next frame, in seconds."""
        return self._next_at() / 48_000

    @property
    def texture(self) -> moderngl.Texture:
        """The last frame drawn, for a program in whose context the stage draws: to be read, never written.

        RGBA at 8 bits, premultiplied, sRGB-encoded; its first row (v = 0) is the top. Raises ScriptError for
        a stage in a context of its own.
        """
        self._check_shared("texture")
        self._check_owner("texture")
        return self._compositor.texture

    def draw_to(
        self,
        framebuffer: moderngl.Framebuffer | int,
        viewport: tuple[int, int, int, int],
        *,
        over: bool = True,
    ) -> None:
        """Show the last frame in a framebuffer of the program's, in whose context the stage draws.

        `viewport`: left, bottom, width, height, scaled to fit; `over`: blended over what is there, False: in
        its place. Raises ScriptError for a stage in a context of its own, WrongThread, ContextNotCurrent.
        """
        self._check_shared("draw_to")
        self._check_owner("draw_to")
        with self._told.busied():
            self._compositor.blit_to(framebuffer, viewport, over=over)

    def close(self) -> None:
        """Free the GL objects and end the threads. Turns that are not over end where they were heard to, and
        `events()` tells so, also after this. Idempotent.

        Raises WrongThread on any thread but the one that opened it, and is open still; and ContextNotCurrent
        where the program's context is not current.
        """
        if not self._open:
            return
        self._check_owner("close")
        try:
            self._ending()
        finally:  # Ctrl-C ends a stage as well
            with self._told.busied():
                # First what can be refused: then the stage is open still.
                self._compositor.close()
                self._open = False
                self._finalizer.detach()
                try:
                    self._hear()
                    self._show.session.close()  # `events` tells how far each turn was heard
                finally:
                    self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or not is_forked():  # a child that ends within the block has nothing to close
            self.close()

    # -- for the kinds of stage -------------------------------------------------------------------

    def _open_show(
        self, opened: ExitStack, make: Callable[[], Show]
    ) -> tuple[Show, moderngl.Context, moderngl.Framebuffer | None]:
        """What `make` loads and `_open_context` opens: the characters first, whose lack is told at once."""
        return make(), *self._open_context(opened)

    def _open_context(self, opened: ExitStack) -> tuple[moderngl.Context, moderngl.Framebuffer | None]:
        """The context to draw in, and the framebuffer that frames are shown in, if there is one."""
        if self.options.context is not None:
            return self.options.context, None
        context = open_headless()
        opened.callback(context.release)
        return context, None

    @property
    def _governed(self) -> bool:
        """Whether anything may be saved, to have frames in time."""
        return self._mode == "live" and self.options.quality == "auto"

    @property
    def _levels(self) -> tuple[Level, ...]:
        """As which frames may be drawn, from the best; in a program's context always of the frame's size."""
        holds, scales = self._show.player.held is not None, self.options.context is None
        return levels_for(holds=holds, scales=scales) if self._governed else (EXACT,)

    @property
    def _scales(self) -> tuple[float, ...]:
        """At which frames may be drawn."""
        return tuple(dict.fromkeys(level.scale for level in self._levels))

    def _governor(self) -> Governor | None:
        """Who picks the level of live frames; None where it is always the same."""
        return Governor(self.fps.interval_ns, self._levels) if len(self._levels) > 1 else None

    def _draw_as(self, level: Level) -> None:
        """The next frames are drawn so."""
        self._level = level
        self._compositor.scale = level.scale
        if (held := self._show.player.held) is not None:
            held.reach_px = level.reach_px

    def _ending(self) -> None:
        """The stage is about to be closed."""

    def _draw(self, at: int) -> bool:
        """The frame step: hear what was told, fill the rows of sample `at`, have them drawn.

        False if the target shows the frame already. The context is current.
        """
        with self._loader.gaps.frame():
            self._hear()
            self._show.session.again = self._again
            spare_ms = 0.0 if self._governing is None else self._governing.spare_ms
            if not self._audio.replays:
                self._loader.advance(spare_ms)
            with self._audio.undisturbed(room=spare_ms > 0.0), HeldBack():
                rows = self._show.tick(at)
                self._meter.built()
                return self._compositor.draw(rows)

    @property
    def _quiet(self) -> bool:
        """No turn is queued or playing, and the last has been heard to its end: `events` tells of it."""
        floor = self._show.script.floor
        return self.idle and not self._again and (not floor or floor[-1].at <= self._next_at())

    def _check_shared(self, what: str) -> None:
        self._check()
        if self.options.context is None:
            raise ScriptError(
                f"{what} is for a stage that draws in your program's GL context: open it with context=, or "
                "take pictures with frame()."
            )
