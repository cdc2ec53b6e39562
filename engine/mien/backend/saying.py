"""The part of a backend that turns are told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from mien.arguments import number_of, refuse, text_of
from mien.audio import AudioInput
from mien.backend import messages
from mien.backend.asking import Asking
from mien.backend.child import EngineProcess, Gone
from mien.backend.coding import decoded, encoded, from_host
from mien.backend.sounds import sent
from mien.errors import MienError, ScriptError
from mien.messages import quoted
from mien.talk import Conversation, Cue, VisemeTimings, Word
from mien.talk.events import TurnEvent
from mien.talk.said import check_timings, cues_given, words_of
from mien.talk.turns import GAPS, MAX_GAP_S, MAX_OVERLAP_S, already_queued
from mien.types import Size


class Saying(Asking):
    """Parameters as of `Asking`."""

    def __init__(self, first: messages.Open, size: Size, *, spare: bool) -> None:
        self._named = count(1)
        self.foreseen: tuple[str, ...] = ()
        """What of a conversation the cast cannot follow, one sentence each."""
        super().__init__(first, size, spare=spare)

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
        """Queue a turn behind the others and return its key: as `LiveStage.say`.

        A path is opened by the engine; an address, too. A feed, a pipe and an iterable are read here, and
        sent on. Until the turn is over its sound is kept here, for an engine that takes the other's place.
        """
        self._check()
        text_of("speaker", speaker, "a key of the cast")
        text_of("text", text, "what is said")
        gap_s = number_of("gap_s", gap_s, -MAX_OVERLAP_S, MAX_GAP_S, GAPS)
        check_timings(timings)
        told_words, told_cues = words_of(words), cues_given(cues)
        with self._lock:
            key = self._key(key)
            sound, pump = sent(audio, self._sends)
            say = messages.Say(0, speaker, sound, text, told_words, told_cues, gap_s, timings, key)
            try:
                from_host(encoded(say))
            except (TypeError, ValueError) as error:
                if pump is not None:
                    pump.give_back(perhaps=False)
                raise ScriptError(
                    f"a turn of {quoted(speaker)} cannot be sent to the engine: {error}."
                ) from None
            self._journal.begin(say, pump)
        try:
            self._ask_turns([key], lambda number: messages.Say(number, *_values(say)[1:]))
        except BaseException as error:  # Ctrl-C too
            with self._lock:
                self._journal.withdraw(key, perhaps=not isinstance(error, MienError))
            raise
        if pump is not None:
            pump.start()
        return key

    def queue(self, conversation: Conversation) -> None:
        """Queue all turns of a conversation behind the others: as `LiveStage.queue`."""
        self._check()
        if not isinstance(conversation, Conversation):
            refuse("conversation", conversation, "what mien.load_conversation gives")
        says = []
        with self._lock:
            for turn in conversation.turns:
                if turn.key in self._journal:
                    raise ScriptError(already_queued(turn.key))
            for turn in conversation.turns:
                assert turn.audio is not None
                sound, _ = sent(turn.audio, self._sends, turn.folder)
                says.append(
                    messages.Say(
                        0, turn.speaker, sound, turn.text, turn.words, turn.cues, turn.gap_s, turn.timings,
                        turn.key, plain=True,
                    )
                )  # fmt: skip
            for say in says:
                self._journal.begin(say, None)
        keys = [turn.key for turn in conversation.turns]
        try:
            raw = self._ask_turns(keys, lambda number: messages.Queue(number, tuple(says)))
        except BaseException:
            with self._lock:
                for key in keys:
                    self._journal.withdraw(key)
            raise
        self.foreseen += decoded(raw, tuple[str, ...]) if raw is not None else ()

    def events(self) -> list[TurnEvent]:
        """What happened to turns since the last call, as `LiveStage.events`; of each turn that began one
        `finished`, of each other one `dropped`, whatever becomes of engines; also after `close`."""
        with self._lock:
            told = list(self._events)
            self._events.clear()
        return told

    def _key(self, given: str | None) -> str:
        """A turn's key, which no other has. The lock is held."""
        if given is not None:
            if not text_of("key", given, "the turn a name"):
                raise ScriptError("key cannot be '': give the turn a name, or leave the key out.")
            if given in self._journal:
                raise ScriptError(already_queued(given))
            return given
        return next(key for n in self._named if (key := f"turn-{n}") not in self._journal)

    def _ask_turns(self, keys: list[str], make: Callable[[int], object]) -> Any:
        """The same of turns. Of an engine that ended with an answer under way it may be known by what it told
        that it had them; None then."""
        before: EngineProcess | None = None
        while True:
            self._check()
            engine = self._keeper.current(after=before)
            with self._lock:
                if before is not None and all(map(self._journal.is_known, keys)):
                    return None
            try:
                return engine.ask(make, lambda _: self._confirm(keys))
            except Gone:
                before = engine

    def _confirm(self, keys: list[str]) -> None:
        with self._lock:
            for key in keys:
                self._journal.confirm(key)


def _values(say: messages.Say) -> list[Any]:
    return [getattr(say, name) for name in say.__struct_fields__]
