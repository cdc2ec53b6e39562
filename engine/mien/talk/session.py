"""A session: what the host says and what was heard, turned into the script.

Sample positions come from the audio (a turn starts where its first sample was emitted). Cues, and what
the director makes of them, wait here until their time is near, so that an interruption can drop those
that will never happen; the script itself is append-only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import attrgetter

from mien.audio import AudioSession, Coming, Ended, Started, TurnAudio
from mien.audio.voice import Pan
from mien.character import Character
from mien.clock import SAMPLE_RATE, s_to_samples
from mien.errors import ScriptError
from mien.lipsync.track import SpeechTrack
from mien.messages import quoted
from mien.observe import TurnRecord
from mien.script import Script, TurnComing, TurnEnded, TurnStarted
from mien.talk.behind import TimesBehind
from mien.talk.blocking import Blocking
from mien.talk.cues import not_in_cast
from mien.talk.director import Director
from mien.talk.ended import duration_s, record_of
from mien.talk.events import MOST, Events, TurnEvent, TurnPosition
from mien.talk.heard import HeardBursts
from mien.talk.planned_gestures import foreseen
from mien.talk.running_cues import RunningCues
from mien.talk.scripting import Scripting
from mien.talk.tags import cues_of, text_by
from mien.talk.timed import Timed
from mien.talk.turn_log import TurnLog
from mien.talk.turns import Turn, already_queued, check_gap
from mien.talk.warnings import Warnings

_REMEMBERED = 10 * SAMPLE_RATE
"""Samples after a turn's end for which its speech track is kept. Faces look back on it for 1 s."""

_FADE = s_to_samples(0.008)
"""Samples that who is interrupted is heard for still; those who waited are dropped behind."""


class Session(Scripting):
    """Turns in, script out. Owned by the thread that draws.

    Parameters: `audio` plays or pulls the turns; `cast` by key; `director` derives events; `script` receives
    everything; `pans`: where voices come from; `blocking`: who stands where; `fades`: whether they can fade.
    """

    def __init__(
        self,
        audio: AudioSession,
        cast: Mapping[str, Character],
        director: Director,
        script: Script,
        pans: Mapping[str, Pan] | None = None,
        blocking: Blocking | None = None,
        *,
        fades: bool = True,
    ) -> None:
        self.ended: deque[TurnRecord] = deque(maxlen=MOST)
        """What is known of turns that have ended, for the ledger; taken from its left."""
        self.warnings = Warnings(audio.failure)
        """Cues that could not be followed or are not seen, audio that is not whole, a sound device that went
        away or came back."""
        self._audio = audio
        self._cast = cast
        self._pans = {} if pans is None else pans
        self._turns: dict[str, tuple[Turn, TurnAudio]] = {}
        self._events = Events()
        super().__init__(cast, director, script, blocking, self.warnings.append, fades=fades)
        self._cues = RunningCues(self.reader, self._agenda, self.warnings.of_turn)
        self._heard = HeardBursts(script, self._agenda, self._events)
        self._behind = TimesBehind(self.warnings.of_turn)
        self._speakers: dict[str, str] = {}
        self._spoken: deque[tuple[int, str, SpeechTrack]] = deque()
        self._interrupted_at = 0
        self.log = TurnLog()
        """All turns that are known of."""
        self._remembered = max(_REMEMBERED, script.kept)

    @property
    def idle(self) -> bool:
        """Nothing queued, nothing playing. (Live, up to a device's buffer before the last word is heard.)"""
        return not self._turns

    def queue(self, turn: Turn, known: Iterable[str] = ()) -> TurnAudio:
        """Queue a turn behind the others; it is decoded while they play. Raises ScriptError. `known`: what of
        it cannot be done, one sentence each, which is told at once."""
        self.check_turn(turn)
        if turn.gap_s < 0 and self._turns and next(reversed(self._turns.values()))[0].speaker == turn.speaker:
            raise ScriptError(
                f"turn {quoted(turn.key)} begins before {quoted(turn.speaker)} has ended the turn before it; "
                "give it a gap of 0 or more."
            )
        pan, source = self._pans.get(turn.speaker, 0.0), turn.source
        assert source is not None  # or it was refused
        audio = self._audio.say(turn.key, source, gap_s=turn.gap_s, pan=pan, timings=turn.timings)
        # Without its sound: a feed that only we remember would never end.
        self._turns[turn.key] = (replace(turn, audio=None), audio)
        self._speakers[turn.key] = turn.speaker
        self.log.queued(turn, audio)
        self.warnings.of_queued(turn.key, known)
        self._behind.add(turn, audio)
        return audio

    def check_turn(self, turn: Turn) -> None:
        """Raises ScriptError for a turn that cannot be queued, whatever is before it. From any thread."""
        if turn.speaker not in self._cast:
            raise ScriptError(f"turn {quoted(turn.key)}: {not_in_cast(turn.speaker, self._cast)}")
        if turn.key in self._turns:
            raise ScriptError(already_queued(turn.key))
        if turn.audio is None:
            raise ScriptError(f"turn {quoted(turn.key)} has no audio; give a file, an URL, bytes or a feed.")
        check_gap(turn)

    def refuse(self, turn: Turn, reason: str) -> None:
        """A turn that was told from another thread cannot be queued after all: who waits for it hears so."""
        self.warnings.of_turn(turn.key, reason)
        self._events.drop(TurnEvent("dropped", turn.key, turn.speaker, None, damaged=reason))

    def is_queued(self, key: str) -> bool:
        """Whether a turn of that key plays or waits. From any thread."""
        return key in self._turns

    @property
    def upcoming(self) -> list[Turn]:
        """The turn that plays, if one does, and those queued behind it, in their order. From any thread."""
        return [turn for turn, _ in list(self._turns.values())]

    def playing(self) -> tuple[TurnPosition, ...]:
        """The turns that are heard now, the last to begin last; from any thread, at any time."""
        return tuple(
            TurnPosition(heard.key, self._speakers.get(heard.key, ""), heard.samples / SAMPLE_RATE)
            for heard in self._audio.heard()
        )

    def interrupt(self) -> None:
        """Stop the speaker at once (a fade of a few ms) and forget the turns still queued."""
        self._interrupted_at = self._audio.position()
        self._audio.interrupt()

    def forget(self, key: str) -> None:
        """Somebody is not of the cast any more: another may go by that key."""
        super().forget(key)
        self.log.forget(key)

    def take_events(self, heard: int) -> list[TurnEvent]:
        """What has happened to turns since the last call, as far as it has been heard: before `heard`."""
        # Live, playout emits ahead of what is heard: the host is told when it is.
        return self._events.take(heard)

    def advance(self, at: int) -> None:
        """Bring the script up to date for a frame that shows sample `at`."""
        for coming in self._audio.drain_coming():
            self._coming(coming)
        self._behind.advance()
        for heard in self._audio.drain_events(at + 1):  # an end is the sample behind the last
            if isinstance(heard, Started):
                self._started(heard)
            else:
                self._ended(heard)
        self.warnings.of_device(self._audio.failure)
        self.warnings.of_stops(self._audio.stops)
        self._cues.advance(at)
        self._heard.advance(at)
        self._follow(at)
        while self._spoken and self._spoken[0][0] < at - self._remembered:
            _, key, track = self._spoken.popleft()
            track.forget()
            self._forget_speaker(key)

    @property
    def due(self) -> int:
        """Until the sound tells of more, `advance` has nothing to do for a frame before this sample."""
        return min(self._next_due, self._cues.due, self._heard.due)

    def close(self) -> None:
        """Nothing more is heard: turns that are not over end where they were heard to, as events tell."""
        now = self._audio.position()
        heard = {one.key: one.samples for one in self._audio.heard()}
        self._interrupted_at = now
        for event in self._audio.drain_events(now + 1):
            self._started(event) if isinstance(event, Started) else self._ended(event)
        for key in list(self._turns):
            begun = self.log.began(key)
            at = -1 if begun is None else max(now, begun, self.script.sealed)
            self._ended(Ended(at, key, 0 if begun is None else heard.get(key, 0), interrupted=True))
        self._events.close()

    def _coming(self, coming: Coming) -> None:
        known_at = max(coming.at, self.script.sealed + 1)
        if coming.key in self._turns and known_at < coming.starts:
            turn, audio = self._turns[coming.key]
            self.script.append(TurnComing(known_at, turn.speaker, turn.key, coming.starts, audio.track))

    def _started(self, heard: Started) -> None:
        turn, audio = self._turns[heard.key]
        self.log.started(heard.key, heard.at)
        speaker, lasts_s = turn.speaker, duration_s(turn, audio)
        cues, words = cues_of(turn, lasts_s), sorted(turn.words, key=attrgetter("start_s"))
        cue_times = [heard.at + s_to_samples(at_s) for at_s, _ in cues]
        said = Timed([heard.at + s_to_samples(word.start_s) for word in words], words)
        outcomes = self._cues.begin(turn.key, speaker, Timed(cue_times, cues))
        self._events.begin(
            TurnEvent("started", turn.key, speaker, heard.at), Timed(cue_times, cues), said, outcomes.followed
        )
        track, plan = audio.track, foreseen(lasts_s, words)
        started = TurnStarted(heard.at, speaker, turn.key, track, None, *plan)
        self._heard.begin(started, cue_times, cues)
        self._now(started, turn.key)

    def _ended(self, heard: Ended) -> None:
        turn, audio = self._turns.pop(heard.key)
        self.log.ended(heard.key, heard.at, heard.position, interrupted=heard.interrupted)
        if heard.at < 0:
            self._dropped(turn, audio, heard)
            return
        self._heard.end(turn.key, None if heard.interrupted else heard.at)
        cut_short = audio.live or audio.damaged is not None or audio.error is not None
        if heard.interrupted or cut_short:
            self._agenda.cut(turn.key, None if heard.interrupted else heard.at)
            self._cues.cut(turn.key, None if heard.interrupted else heard.at)
        reason = self._recorded(turn, audio, heard)
        self._spoken.append((heard.at, turn.key, audio.track))
        played_s = heard.position / SAMPLE_RATE
        self._behind.ended(turn, None if heard.interrupted or reason else played_s)
        text = text_by(turn, played_s, duration_s(turn, audio)) if heard.interrupted else turn.text
        self._events.end(
            TurnEvent("finished", turn.key, turn.speaker, heard.at, played_s, heard.interrupted, reason, text)
        )
        self._now(TurnEnded(heard.at, turn.speaker, turn.key, heard.interrupted))

    def _dropped(self, turn: Turn, audio: TurnAudio, heard: Ended) -> None:
        """It never began: nothing of it is on the agenda. There may be a thousand of them in one frame."""
        reason = self._recorded(turn, audio, heard)
        self._behind.ended(turn, None)
        dropped = TurnEvent("dropped", turn.key, turn.speaker, None, 0.0, True, reason)
        self._events.drop(dropped, self._interrupted_at + _FADE)
        self._forget_speaker(turn.key)

    def _recorded(self, turn: Turn, audio: TurnAudio, heard: Ended) -> str | None:
        """Write an ended turn down; why its audio was not whole, None when it was."""
        reason = str(audio.error) if audio.error else audio.damaged
        if reason:
            self.warnings.of_turn(turn.key, reason)
        if audio.told is not None and audio.told.late:
            self.warnings.of_turn(
                turn.key,
                f"{audio.told.late} mouth shapes were told when their sound had been heard, and the mouth "
                "went by the sound there: push timings before it, or with it.",
            )
        self.ended.append(record_of(turn, audio, heard, self._interrupted_at))
        return reason

    def _forget_speaker(self, key: str) -> None:
        if key not in self._turns and all(key != spoken for _, spoken, _ in self._spoken):
            self._speakers.pop(key, None)
