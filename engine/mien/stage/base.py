"""What a host says to a stage and asks of it, the same for every surface that a program embeds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from mien.audio import AudioSession
from mien.clock import SAMPLE_RATE, Clock, FrameRate, RealClock
from mien.composite.gl import is_software, open_headless
from mien.errors import Closed, ScriptError
from mien.observe import Ledger
from mien.stage.meter import FrameMeter
from mien.stage.ready import make_ready
from mien.stage.show import CastEntry, Show
from mien.talk import AudioInput, Conversation, Cue, Word, say
from mien.talk.events import TurnEvent
from mien.talk.turns import VisemeTimings
from mien.types import Rect, Size


class Host:
    """The part of a stage that a host talks to. One thread owns it."""

    def __init__(
        self,
        cast: Mapping[str, str | Path] | Sequence[CastEntry],
        audio: Callable[[], AudioSession],
        size: tuple[int, int],
        fps: int | float | str | FrameRate,
        background: str | Path | None,
        seed: int,
        ledger: Ledger,
        page_budget: int | None,
        clock: Clock | None = None,
    ) -> None:
        if min(size) < 1:
            raise ScriptError(f"a stage of {tuple(size)} cannot be: width and height start at 1 pixel.")
        self.size, self.fps, self.ledger = Size(*size), FrameRate(fps), ledger
        with ExitStack() as stack:
            self._audio = stack.enter_context(audio())
            self._show = Show(
                cast, self.size, self._audio, background=background, seed=seed, page_budget=page_budget
            )
            self._context = open_headless()
            stack.callback(self._context.release)
            self._compositor = stack.enter_context(make_ready(self._context, self._show))
            stack.callback(self._show.close)
            self._resources = stack.pop_all()
        self._clock = clock or RealClock()
        self._meter = FrameMeter(ledger, self._show, self._compositor, now_ns=self._clock.now_ns)
        self._open = True

    def _queue_all(self, conversation: Conversation) -> Self:
        """Queue all its turns, or close and raise."""
        try:
            for turn in conversation.turns:
                self._show.session.queue(turn)
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Free the GL objects and end the threads. Idempotent."""
        self._open = False
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _next_at(self) -> int:
        """The sample of the next frame: when what a host asks for happens."""

    # -- what a host says -------------------------------------------------------------------------

    def say(
        self,
        speaker: str,
        audio: AudioInput,
        text: str = "",
        *,
        words: Sequence[Word] = (),
        cues: Sequence[Cue] = (),
        gap_s: float = 0.0,
        timings: VisemeTimings | None = None,
        key: str | None = None,
    ) -> str:
        """Queue a turn behind the others and return its key.

        `audio`: a path, an URL, the bytes of a file, a binary file object, a PcmFeed or EncodedFeed that the
        host pushes into, or an iterable of encoded bytes. `text` may carry inline tags (`[happy] Hello!`),
        placed by `words` where those are given. `timings`: mouth shapes with their times, which win over
        what the sound says. `gap_s`: seconds of silence before it; negative, it begins that long before the
        end of those before it (of a feed, once that end is known). Raises ScriptError for an unknown
        speaker, a key that is still in use, or a gap that cannot be kept. Audio that cannot be decoded ends
        its turn and is reported by `events()`.
        """
        self._check()
        key = key or self._show.next_key()
        turn = say(speaker, audio, text, key=key, words=words, cues=cues, gap_s=gap_s, timings=timings)
        self._show.session.queue(turn)
        return key

    def set_expression(self, who: str, expression: str) -> None:
        """From the next frame on. Any of the character's names, or a label that maps to one.

        Raises ScriptError when the character has nothing like it.
        """
        self._post(who, Cue(0.0, "expression", expression))

    def look_at(self, who: str, target: str | tuple[float, float]) -> None:
        """Turn the eyes to another member of the cast, to `"viewer"`, or to gaze (x, y) in -1..1, y down."""
        self._post(who, Cue(0.0, "gaze", target))

    def gesture(self, who: str, gesture: str) -> None:
        """Move the arms to one of the character's gestures; `""` is rest."""
        self._post(who, Cue(0.0, "gesture", gesture))

    def nod(self, who: str, depth: float = 1.0) -> None:
        """Nod once; depth in -1..1, negative is a small upward nod."""
        self._post(who, Cue(0.0, "nod", depth))

    def wear(self, who: str, slot: str, drawing: str | None) -> None:
        """Show another drawing in a slot until told otherwise: `""` shows nothing, None lets go."""
        self._post(who, Cue(0.0, "drawing", drawing, slot=slot))

    def interrupt(self) -> None:
        """Stop the speaker at the next frame, and forget the turns that are still queued."""
        self._check()
        self._show.session.interrupt()

    # -- what a host gets -------------------------------------------------------------------------

    @property
    def time_s(self) -> float:
        """Session time of the next frame, in seconds."""
        return self._next_at() / SAMPLE_RATE

    @property
    def idle(self) -> bool:
        """No turn is queued or playing."""
        return self._show.session.idle

    @property
    def renderer(self) -> str:
        """The GL renderer's name."""
        return str(self._context.info["GL_RENDERER"])

    @property
    def is_software(self) -> bool:
        """Whether the renderer runs on the CPU, where large frames cost time."""
        return is_software(self._context)

    def bounds(self, who: str, slot: str) -> Rect:
        """Where a slot's drawings land on the frame at rest: to crop a face, or to place a subtitle."""
        return self._show.bounds(who, slot)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be followed so far, one sentence each."""
        return tuple(self._show.session.warnings)

    def events(self) -> list[TurnEvent]:
        """What happened to turns since the last call: started, finished(position, interrupted)."""
        return self._show.session.take_events(self._next_at())

    def _post(self, who: str, cue: Cue) -> None:
        self._check()
        self._show.post(who, cue, self._next_at())

    def _check(self) -> None:
        if not self._open:
            raise Closed("this stage is closed; open another with mien.open_stage().")
