"""What a host says to a stage: from any thread, heard by the frame that comes next."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Sequence
from itertools import count

from mien.arguments import choice_of, number_of, text_of
from mien.audio import AudioInput, resolve
from mien.clock import SAMPLE_RATE
from mien.composite.gl.forked import check_not_forked
from mien.errors import Closed, MienError, ScriptError, WrongThread
from mien.interrupts import HeldBack
from mien.lipsync.timed import TimedMouth
from mien.messages import quoted
from mien.script import BURSTS, BurstKind
from mien.stage.inbox import Inbox
from mien.stage.show import Show
from mien.stage.staging import Directed
from mien.talk import Cue, Turn, Word, say
from mien.talk.cues import not_in_cast
from mien.talk.events import TurnEvent, TurnPosition
from mien.talk.said import check_timings, target_of
from mien.talk.turns import GAPS, MAX_GAP_S, MAX_OVERLAP_S, VisemeTimings, already_queued
from mien.types import Rect


class Talking(Directed):
    """The part of a stage that a host talks to.

    On the stage's own thread a call takes effect at once, for the next frame. From another thread, and from a
    handler of a signal that came within a call of the stage, it is put in a queue, which the next frame
    empties: nobody waits for anybody. What a call was given is checked where
    it is made; what only the session can know (a turn over the end of the speaker's own, a feed that has been
    spoken) is told by `events()` then, as a dropped turn, and in `warnings`.
    """

    _show: Show
    _open: bool

    def __init__(self) -> None:
        self._owner = threading.get_ident()
        self._told = Inbox()
        self._named = 0
        """The number of the last turn that was given a key here."""
        self._coming: dict[str, object] = {}
        """Keys of turns that the session has not heard of yet, each with a mark of who told of it."""
        self._interrupts = 0
        """How often the speaker was stopped: who makes speech for later drops what was wanted before."""
        self._naming = threading.RLock()  # which a handler of a signal may take again

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
        its turn and is reported by `events()`. `warnings` tells at once of a file that is not there, and of
        cues that the speaker cannot follow; of the first 200 of a turn.
        """
        self._check()
        self._check_in_cast(speaker)
        gap_s = number_of("gap_s", gap_s, -MAX_OVERLAP_S, MAX_GAP_S, GAPS)
        if key is not None and not text_of("key", key, "the turn a name"):
            raise ScriptError("key cannot be '': give the turn a name, or leave the key out.")
        source = resolve(audio)  # refuses what can be no sound here, where it was given
        check_timings(timings)
        if timings is not None:
            TimedMouth.of(timings)  # and unknown mouth shapes
        with self._naming:
            key, number = self._key_of_turn(key)
            try:
                turn = say(
                    speaker, audio, text, key=key, words=words, cues=cues, gap_s=gap_s, timings=timings
                )
                self._queue(turn, self._known_of(turn, source.missing()))
            except BaseException:
                self._coming.pop(key, None)
                raise
            # In one step: a handler of a signal may have named others meanwhile.
            self._named = number if number > self._named else self._named
        return key

    def set_expression(self, who: str, expression: str) -> None:
        """From the next frame on. Any of the character's names, or a label that maps to one.

        Raises ScriptError when the character has nothing like it.
        """
        self._post(who, Cue(0.0, "expression", text_of("expression", expression, "its name")))

    def look_at(self, who: str, target: str | tuple[float, float]) -> None:
        """Turn the eyes to another member of the cast, to `"viewer"`, or to gaze (x, y) in -1..1, y down."""
        self._post(who, Cue(0.0, "gaze", target_of(target)))

    def gesture(self, who: str, gesture: str) -> None:
        """Move the arms to one of the character's gestures; `""` is rest."""
        self._post(who, Cue(0.0, "gesture", text_of("gesture", gesture, 'its name, or "" for rest')))

    def nod(self, who: str, depth: float = 1.0) -> None:
        """Nod once; depth in -1..1, negative is a small upward nod."""
        self._post(who, Cue(0.0, "nod", number_of("depth", depth, -1, 1, "a number from -1 to 1")))

    def burst(self, who: str, kind: BurstKind) -> None:
        """Laugh, sigh or breathe in with the body; the mouth follows the sound, where there is one.

        A host that waits for its words, as for a language model's, may have who will speak breathe in: half a
        second before they come.
        """
        self._post(who, Cue(0.0, "burst", choice_of("the kind of a burst", kind, BURSTS)))

    def wear(self, who: str, slot: str, drawing: str | None) -> None:
        """Show another drawing in a slot until told otherwise: `""` shows nothing, None lets go."""
        if drawing is not None:
            text_of("drawing", drawing, 'its name, "" for nothing, or None to give the slot back')
        self._post(who, Cue(0.0, "drawing", drawing, slot=text_of("slot", slot, "its name")))

    def interrupt(self) -> None:
        """Stop the speaker now, with a fade of 8 ms, and forget the turns that are still queued."""
        self._check()
        self._interrupts += 1
        if self._is_free:
            self._tell(self._show.session.interrupt)
        else:
            # What is heard stops at once; turns that were told from here before go with the others.
            self._told.put(self._show.session.interrupt, at_once=True)
            self._show.audio.interrupt()

    # -- what a host asks -------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """No turn is queued or playing. From any thread."""
        # In this order: a call is in the queue until what it does has been done.
        return not self._told and self._show.session.idle

    @property
    def position_s(self) -> float:
        """How much of the session has been heard, in seconds: now, not at the last frame. From any thread."""
        return self._show.audio.position() / SAMPLE_RATE

    def playing(self) -> tuple[TurnPosition, ...]:
        """The turns that are heard now, and how much of each has been. From any thread, at any time."""
        return self._show.session.playing()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be followed so far, one sentence each. From any thread."""
        return tuple(self._show.session.warnings)

    def events(self) -> list[TurnEvent]:
        """What happened to turns since the last call, each told once heard. One thread at a time.

        Raises ContextLost in a process that was forked off.
        """
        check_not_forked()  # before any lock, as in `_check`
        return self._show.session.take_events(self._shown_to())

    def bounds(self, who: str, slot: str) -> Rect:
        """Where a slot's drawings land on the frame at rest: to crop a face, or to place a subtitle."""
        self._check_in_cast(who)
        return self._show.bounds(who, text_of("slot", slot, "its name"))

    # -- the crossing -----------------------------------------------------------------------------

    @property
    def _is_owner(self) -> bool:
        return threading.get_ident() == self._owner

    @property
    def _is_free(self) -> bool:
        """What is told now can be done now: this is the stage's thread, and not within a call of it."""
        return self._is_owner and not self._told.busy

    @abstractmethod
    def _next_at(self) -> int:
        """The sample of the next frame: when what a host asks for happens."""

    def _shown_to(self) -> int:
        """The sample to which the host has been given frames."""
        return self._next_at()

    def _key_of_turn(self, given: str | None) -> tuple[str, int]:
        """A turn's key, kept for it in `_coming`, and its number where it has one. Raises ScriptError."""
        if given is not None:
            if not self._keeps(given):
                raise ScriptError(already_queued(given))
            return given, 0
        number = next(n for n in count(self._named + 1) if self._keeps(f"turn-{n}"))
        return f"turn-{number}", number

    def _keeps(self, key: str) -> bool:
        """Keep a key for whoever asks; False where somebody has it."""
        mine = object()
        if self._coming.setdefault(key, mine) is not mine:  # one step: nobody comes in between
            return False
        # In this order: who crosses is queued before they have left.
        if self._show.session.is_queued(key):
            del self._coming[key]
            return False
        return True

    def _known_of(self, turn: Turn, missing: str) -> list[str]:
        """What of a turn cannot be done, as far as is known when it is said; `missing`: why it has no sound.

        On a stage with room a cue may be for somebody who joins the cast before its time comes.
        """
        reader, settled = self._show.session.reader, not self._loader.room
        complaints = reader.complaints(turn.cues, turn.speaker, settled=settled)
        return [missing, *complaints] if missing else complaints

    def _queue(self, turn: Turn, known: list[str]) -> None:
        """Queue a turn; `known`: what of it cannot be done."""
        session = self._show.session
        if self._is_free:
            with self._told.busied():
                self._hear()
                with HeldBack():
                    session.queue(turn, known)
            self._coming.pop(turn.key, None)
            return
        session.check_turn(turn)

        def cross() -> None:
            with HeldBack():
                if turn.key in self._coming:  # or it has been done
                    try:
                        session.queue(turn, known)
                    except MienError as error:
                        session.refuse(turn, str(error))
                    self._coming.pop(turn.key, None)

        self._told.put(cross)

    def _post(self, who: str, cue: Cue) -> None:
        self._check()
        self._check_in_cast(who)
        self._show.session.check(cue, who)
        self._tell(lambda: self._show.session.post(cue, who, self._next_at()))

    def _take(self, who: str, cue: Cue) -> None:
        self._show.session.check(cue, who)
        self._show.session.post(cue, who, self._next_at())

    def _tell(self, call: Callable[[], object]) -> None:
        if self._is_free:
            with self._told.busied():
                self._hear()
                call()
        else:
            self._told.put(call)

    def _hear(self) -> None:
        """Do what other threads have told."""
        self._told.read(self._show.session.warnings.append)

    def _check_in_cast(self, who: object) -> None:
        if not isinstance(who, str) or who not in self._show.cast:
            if who in self._loader.loading:
                raise ScriptError(f"{quoted(who)} is being loaded; until it is there it can only `enter`.")
            raise ScriptError(not_in_cast(who, self._show.cast))

    def _check(self) -> None:
        check_not_forked()  # before any lock: who held it may not be there
        if not self._open:
            raise Closed("this stage is closed; open another with mien.open_stage().")

    def _check_owner(self, call: str) -> None:
        """Whether `call`, by its name, is made where it may be. Raises WrongThread, ContextLost."""
        check_not_forked()
        if not self._is_owner:
            raise WrongThread(
                f"{call} was called on another thread than the one that opened the stage: call it there; "
                "say, look_at and what else a host tells it may come from any thread."
            )
        if self._told.busy:
            raise WrongThread(
                f"{call} was called within another call of the stage, as by a handler of a signal: set a "
                "flag there, and call it later; say, look_at and what else a host tells it may come from "
                "there."
            )
