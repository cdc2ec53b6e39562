"""The session's timeline: turns one behind the other, apart or over each other's ends, to the sample.

Pulled by exactly one thread. Everything that others ask for crosses over in one deque and takes effect
at the next pull; what happened crosses back in another. Nothing here locks or waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from mien.audio.arrival import START, DelayHistogram
from mien.audio.commands import FADE, Interrupt, Queued
from mien.audio.counters import JitterCounters
from mien.audio.events import Coming, Cut, Ended, SequencerEvent, Started
from mien.audio.mixing import Part, Unmixed
from mien.audio.outlook import ANNOUNCED, are_here, end_of, uneventful
from mien.audio.progress import Progress
from mien.audio.turn import TurnAudio
from mien.audio.voice import Pan, Voice
from mien.clock import SAMPLE_RATE
from mien.types import F32

_AHEAD: Final = 2
"""Most chunks of the next turn that a pull takes in: some 0.2 ms."""

MAX_OVERLAP: Final = 30 * SAMPLE_RATE
"""Most by which a turn may begin before the end of those before it: well within what is decoded ahead."""


class Sequencer:
    """Turns in, stereo samples out.

    Parameters: `nudge` is called when a turn was dropped, `taken` when samples were played; the decode
    worker's. `queue` and `interrupt` belong to one thread, `pull` and `ready` to one (the same or another).
    """

    def __init__(
        self, nudge: Callable[[], object] | None = None, taken: Callable[[], object] | None = None
    ) -> None:
        self.events: deque[SequencerEvent | Cut] = deque()
        """What happened, oldest first; a `Cut` says what of it did not. One thread takes from its left."""
        self.coming: deque[Coming] = deque()
        """What is to happen, in the order in which it became known. One thread takes from its left."""
        self.position = 0
        """Samples pulled since the start."""
        self.progress = Progress()
        """How far the turns have been played."""
        self.jitter = JitterCounters()
        self.underruns = 0
        """Times that playing went on without sound that should have been there: a turn that ran dry, or
        one that was not ready when its predecessor ended."""
        self.added_gap = 0
        """Samples of silence that the engine added between two queued turns."""
        self.held: int | None = None
        """Samples held for the turn that played last time; None when none did."""
        self.target = START
        """Samples gathered before that turn starts, or starts again."""
        self.delays = DelayHistogram()
        """Arrival delays of the session's live feeds."""
        self.turns_queued = self.turns_ended = 0
        self.prepares = False
        """Whether the next turn is taken in ahead. Not offline: what is seen depended on the decoder."""
        self._commands: deque[Queued | Interrupt] = deque()
        self._waiting: deque[Queued] = deque()
        self._playing: list[Voice] = []  # in the order in which they started
        self._joining = False  # the turn before ended in this session without the queue running empty
        self._late = False
        self._nudge = nudge or _nothing
        self._taken = taken or _nothing

    @property
    def idle(self) -> bool:
        """Every queued turn has ended."""
        return self.turns_ended >= self.turns_queued

    def queue(self, turn: TurnAudio, gap_samples: int = 0, pan: Pan = 0.0) -> None:
        """Play `turn` behind the others, after `gap_samples` of silence; its first sample follows the last
        of theirs at once when that is 0.

        A negative gap lets it begin that much before their end, at the earliest when they are all playing;
        while that end is not known (a feed that goes on), it waits until it is. `pan`: where it comes
        from, or what says so when it begins.
        """
        self.turns_queued += 1
        self._commands.append(Queued(turn, max(-MAX_OVERLAP, gap_samples), pan))

    def interrupt(
        self, fade: int = FADE, clear: bool = True, taken_back: Callable[[], int | None] | None = None
    ) -> None:
        """From the next pull on, fade whoever plays within `fade` samples to silence and end it.

        `clear`: also drop the turns queued so far, at once; otherwise the next one follows the fade.
        `taken_back`, asked then, says from which sample of the session on nothing is heard of what was
        pulled: who spoke ended behind the fade that begins there.
        """
        self._commands.append(Interrupt(fade, clear, taken_back))

    def ready(self, n: int) -> bool:
        """Whether the next n samples are here: nothing of them would have to be waited for or made up.

        A feed is as ready as what the host has pushed; only files are waited for.
        """
        self._take_commands()
        self._drain(self.position)
        return are_here(self._playing, self._waiting, n, self._drained)

    def uneventful(self, most: int) -> int:
        """How many of the next samples, up to `most`, can be pulled at once, and tell of nothing: as of
        `outlook.uneventful`."""
        self._take_commands()
        self._drain(self.position)
        return uneventful(self._playing, self._waiting, most)

    def pull(self, n: int) -> F32:
        """The next n samples: (n, 2) float32 in -1..1, silence where nothing plays. Never waits."""
        return self.pass_over(n).mixed()

    def pass_over(self, n: int) -> Unmixed:
        """The same of n samples that nobody hears for now."""
        self._take_commands()
        out = Unmixed()
        while (done := len(out)) < n and (self._playing or self._waiting):
            now, room = self.position + done, n - done
            self._drain(now)
            self._announce(now, room)
            due = self._due()
            if due == 0 and self._begin(now):
                continue
            if due == 0:
                self._late_by(room if not self._playing else 0)
            if self._playing:
                ends = (voice.remaining for voice in self._playing)
                step, parts = self._play(min([room, *(k for k in (due, *ends) if k)]), now)
            elif due:
                step, parts = min(due, room), ()
                self._waiting[0].gap -= step
            else:
                break
            out.add(step, parts)
        out.add(n - len(out), ())
        self._prepare(self.position)
        self.progress.pulled(self.position + n, self._playing)
        self.position += n
        self.held = self._playing[0].jitter.held if self._playing else None
        self.target = self._playing[0].jitter.target if self._playing else self.target
        self._taken()
        return out

    def stand(self) -> None:
        """Be pulled no further for now. What is asked for is obeyed: who is interrupted ends here, with the
        last sample that was pulled."""
        self._take_commands()
        self._drain(self.position)
        for voice in [one for one in self._playing if one.interrupted]:
            self._end(voice, self.position)
        self.progress.pulled(self.position, self._playing)
        if not self._playing:
            self.held = None

    def _drain(self, now: int) -> None:
        for voice in self._playing:
            voice.drain(now)

    def _prepare(self, now: int) -> None:
        """Take some of what is decoded of the next turn: all of it in the pull in which that begins would
        make everybody wait for it, the picture as well."""
        # Of a live one it is told when it came.
        if self.prepares and self._waiting and not self._waiting[0].turn.live:
            self._voice_of(self._waiting[0]).drain(now, _AHEAD)

    def _due(self) -> int | None:
        """Samples until the next turn is to begin; None while that is not known, or nobody waits."""
        if not self._waiting:
            return None
        gap = self._waiting[0].gap
        end = end_of(self._playing)
        if end is None or (self._playing and gap >= 0):
            return None
        return max(0, end + gap)

    def _announce(self, now: int, room: int) -> None:
        """Say that the next turn is coming, if that is to be known within the next `room` samples."""
        if not self._waiting or self._waiting[0].announced:
            return
        queued, end = self._waiting[0], end_of(self._playing)
        if end is None:
            return
        starts = now + max(0, end + queued.gap)
        at = max(now, starts - ANNOUNCED)
        if at < min(starts, now + room):
            queued.announced = True
            self.coming.append(Coming(at, queued.turn.key, starts))

    def _begin(self, now: int) -> bool:
        """Start the next turn, if enough of it is here."""
        voice = self._voice_of(self._waiting[0])
        voice.drain(now)
        if not voice.jitter.startable:
            return False
        voice.began = now
        self._waiting.popleft()
        voice.place()
        self._playing.append(voice)
        self._late = False
        self.events.append(Started(now, voice.turn.key))
        return True

    def _play(self, n: int, now: int) -> tuple[int, Sequence[Part]]:
        """What plays in the next n samples, and how many these are: less than n if all have ended."""
        parts: list[Part] = []
        events = self.jitter.concealment_events
        for voice in list(self._playing):
            samples = voice.pull(n, now)
            parts.append((samples, voice.gains))
            if voice.finished:
                self._end(voice, now + len(samples))
        self.underruns += self.jitter.concealment_events - events
        return max(len(samples) for samples, _ in parts), parts

    def _late_by(self, n: int) -> None:
        """The next turn should begin and is not decoded far enough: n samples of silence come of it.

        Not an underrun when there was silence before it.
        """
        if self._joining or self._playing:
            self.underruns += not self._late
            self._late = True
            self.added_gap += n

    def _take_commands(self) -> None:
        while self._commands:
            command = self._commands.popleft()
            if isinstance(command, Queued):
                self._joining = self._joining and bool(self._playing or self._waiting)
                self._waiting.append(command)
            else:
                self._stop(command)

    def _stop(self, command: Interrupt) -> None:
        while command.clear and self._waiting:
            queued = self._waiting.popleft()
            if queued.voice is not None:
                queued.voice.jitter.flush(0)  # what it holds is counted
            self._finish(queued.turn, -1, 0, interrupted=True)
        self._nudge()  # once: each call may hand the GIL to the worker
        taken_back = command.taken_back() if command.taken_back is not None else None
        if taken_back is not None and taken_back < self.position:
            self._cut(min(self.position, taken_back + command.fade))
            return
        for voice in self._playing:
            voice.flush(command.fade)

    def _cut(self, at: int) -> None:
        """Whoever was played from sample `at` on was not heard there."""
        self.events.append(Cut(at))
        self.progress.cut(at)
        for voice in list(self._playing):
            voice.flush(0)
            self._end(voice, max(at, voice.began), self.position)
        self.held = None

    def _end(self, voice: Voice, at: int, played: int | None = None) -> None:
        """It was heard to before sample `at`, and `played` to before another."""
        self._playing.remove(voice)
        unheard = 0 if played is None else played - at
        interrupted = voice.interrupted or played is not None
        self.progress.ended(voice, at, max(0, voice.position - unheard))
        self._joining = bool(self._waiting) and not interrupted
        voice.end()
        self._finish(voice.turn, at, max(0, voice.jitter.position - unheard), interrupted=interrupted)
        if interrupted:
            self._nudge()

    def _finish(self, turn: TurnAudio, at: int, position: int, *, interrupted: bool) -> None:
        self.events.append(Ended(at, turn.key, position, interrupted))
        self.turns_ended += 1
        if interrupted:
            turn.dropped = True
            turn.track.finish()

    def _drained(self, queued: Queued) -> Voice:
        voice = self._voice_of(queued)
        voice.drain(self.position)
        return voice

    def _voice_of(self, queued: Queued) -> Voice:
        if queued.voice is None:
            queued.voice = Voice(queued.turn, queued.pan, self.jitter, self.delays)
        return queued.voice


def _nothing() -> None:
    return None
