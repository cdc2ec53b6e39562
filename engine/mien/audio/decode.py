"""The decode worker: one thread that decodes and analyses turns ahead of their playing."""

from __future__ import annotations

import threading
from collections import deque
from queue import Empty, SimpleQueue
from time import thread_time_ns
from typing import Self

from mien.audio.addresses import reason_of
from mien.audio.readers import Readers
from mien.audio.resolution import resolve
from mien.audio.resting import Rest
from mien.audio.sources import AudioInput, Sound, Source
from mien.audio.turn import End, TurnAudio, TurnState
from mien.audio.turn_decoding import MOST, MUCH, FirstUse, Job, decode
from mien.clock import SAMPLE_RATE, Clock, RealClock
from mien.errors import AudioRejected, Closed, MienError
from mien.interrupts import Flag
from mien.lipsync.timed import TimedMouth
from mien.messages import quoted
from mien.observe import Spans
from mien.switching import Hurry, RightOfWay
from mien.threads import start_thread

MAX_OUTSTANDING = 75 * SAMPLE_RATE
"""Most samples decoded ahead of playing, over a turn and those before it: 14.4 MB. Once so
much is, a minute can be passed over without waiting for any."""

_AHEAD = 2 * SAMPLE_RATE // 5
"""What is nearer than this to being played is decoded beside a frame's work as well: gestures look so far for
the syllable that they strike (`talk/strokes.py`)."""
_BEGINNING = SAMPLE_RATE // 4
"""A turn begins with this much."""
_SHARE = 0.25
"""Live, a piece is gathered until it is this share of what is ahead of it, so that one that takes long is no
gap: many small pieces take twice the processor time of few large ones, from the first frames of a turn on."""
_FADES = 0.9
"""How much of what the longest piece took is expected of the next."""
_LEFT_AT_ONCE = 20
"""Turns that nobody plays any more and that are left for each piece of work on those that are played."""

_LEAVE_S = 1.0
"""Longest that closing waits for the thread. One that a file keeps waiting ends when the file answers."""


class DecodeWorker:
    """Decodes turns in the order of `submit`, each as a stream, on one thread. A context manager.

    Parameters: `clock` measures; `max_outstanding` bounds, in samples, what is decoded ahead; `rest` is for
    what share of a piece of sound to rest after it, for each second that is decoded ahead; `spans` is told of
    every piece of work; `quick`: other threads give it the GIL sooner while a first sound is due; `early`: as
    of `FirstUse`, at once. A feed that has nothing to give lets the turns behind it be decoded. Whatever goes
    wrong with a turn is written on the turn, and the next one goes on.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        max_outstanding: int = MAX_OUTSTANDING,
        rest: float = 0.0,
        spans: Spans | None = None,
        *,
        quick: bool = False,
        early: bool = True,
    ) -> None:
        self.progress = Flag()
        """Set after every piece of work; for an offline pull, which may wait. Nobody else should."""
        self.first_use = FirstUse(self.nudge, wanted=early)
        self.failure: BaseException | None = None
        """What ended the thread, should it ever die."""
        self._clock = clock or RealClock()
        self._spans = spans or Spans()
        self._max_outstanding = max_outstanding
        self._wake: SimpleQueue[Job | None] = SimpleQueue()  # None: look again
        self._jobs: list[Job] = []
        self._dropped: deque[Job] = deque()
        self._readers = Readers(self.nudge, self._clock)
        self.rest = Rest(rest)
        self._rests_s = 0.0  # as the last look found it: by the time of the wait it may be over
        self._took_ns = 0
        """Processor time of the longest of the last pieces of work."""
        self._closing = False
        self._hungry = self._full = False
        self.way = RightOfWay(self.nudge)
        """While it is wanted nothing is decoded that has time; while it waits, everything without a rest."""
        self._asked: deque[TurnAudio] = deque()  # and not seen by the thread yet
        self._quick = quick
        self._hurry = Hurry()
        if not quick:
            self._hurry.close()
        self._thread = threading.Thread(target=self._run, name="mien-decode", daemon=True)
        start_thread(self._thread)

    @property
    def alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    @property
    def begins(self) -> bool:
        """Whether the first quarter of a second of a turn is being decoded that is heard soon: no more than
        that is ahead of it. From any thread."""
        ahead = sum(job.turn.outstanding for job in self._jobs if job.turn.done)
        due = bool(self._asked) or self._is_due(_BEGINNING)
        return self.alive and due and ahead < _BEGINNING

    def submit(
        self, source: AudioInput | Source, turn: TurnAudio, mouth: TimedMouth | None = None
    ) -> TurnAudio:
        """Decode `source` into `turn`, which is returned at once, and on which errors are found.

        `mouth`: given timings, which win over the sound. Raises Closed after `close()`, AudioRejected for
        what can be no source, and when a feed already belongs to another turn."""
        if self._closing:
            raise Closed("the decode worker is closed; open another session.")
        resolved = resolve(source)
        resolved.attach(self.nudge)
        turn.live, turn.catches_up = resolved.live, resolved.catches_up
        turn.steady, turn.told = resolved.steady, resolved.told
        turn.caught_up = lambda: resolved.starved
        self._asked.append(turn)
        self._hurry(True)  # from here on: the thread needs the GIL to see what is put
        self._wake.put(Job(turn, resolved, decode(resolved, turn, mouth, self._open)))
        return turn

    def nudge(self) -> None:
        """Have the thread look again: something was pushed, dropped or played. Never waits."""
        self._wake.put(None)

    def taken(self) -> None:
        """Say that samples were played; wakes the thread only when it stands for lack of room, and may."""
        if self._hungry and not self.way.put_off():
            self._hungry = False
            self._wake.put(None)

    def close(self) -> None:
        """Stop, close every file and join the thread, unless a file keeps it waiting. Idempotent."""
        self._closing = True
        self._wake.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(_LEAVE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- on the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            worked = False
            while not self._closing:
                if self.first_use.step():
                    self.progress.set()
                if self._take_messages(not worked, self._rests_s or self._readers.look_s):
                    self._set_dropped_aside()
                self._readers.look()
                worked = self._step()
                worked = self._leave_dropped() or worked
                self._hurry(self._is_due(1))
                if self._asked:  # meanwhile
                    self._hurry(True)
                self.progress.set()
        except BaseException as error:
            self.failure = error  # a defect, which the offline pull raises
        finally:
            self._take_messages(wait=False, timeout=None)  # those that were given at the very end
            for job in (*self._jobs, *self._dropped):
                if not job.turn.done:
                    self._leave(job, TurnState.CANCELLED)
            self._jobs.clear()
            self._dropped.clear()
            self._readers.join(_LEAVE_S)
            self._hurry.close()
            self.progress.set()

    def _take_messages(self, wait: bool, timeout: float | None) -> bool:
        """Take new jobs; wait for a message first when there is nothing (urgent) to do. Whether any came."""
        told = False
        try:
            message = self._wake.get(wait, timeout)
            while True:
                told = True
                if message is not None:
                    self._jobs.append(message)
                    self._asked.popleft()
                message = self._wake.get(block=False)
        except Empty:
            return told

    def _step(self) -> bool:
        """One piece of work on the first turn that can go on. False: none can."""
        # Before the look: a sample played from here on wakes the thread again.
        self._hungry = True
        self._full, self._rests_s, outstanding = False, 0.0, 0
        for job in self._jobs:
            turn = job.turn
            outstanding += turn.outstanding
            if turn.done:
                continue
            if outstanding >= self._max_outstanding:
                self._full = True
                return False
            if outstanding >= _AHEAD:
                begins = turn.state is TurnState.DECODING and not turn.samples_decoded
                rest_s = 0.0 if begins else self.rest.left_s
                if not self.way.waits and (left_s := rest_s or self.way.soon_s(self._took_ns)):
                    # Over long before what is ahead is played.
                    self._hungry, self._rests_s = False, left_s
                    return False
                if self.way.given():
                    return False
            enough = min(MUCH, round(_SHARE * outstanding)) if self._quick else MUCH
            turn.gathers = MOST if self.way.waits else enough
            before = turn.samples_decoded
            if self._work(job):
                self.rest.begin((turn.samples_decoded - before) / SAMPLE_RATE, outstanding / SAMPLE_RATE)
                return True
        return False

    def _is_due(self, n: int) -> bool:
        """Whether the turn that is next has not given n samples yet, and not for lack of any, or of room."""
        turn = next((job.turn for job in self._jobs if not job.turn.done), None)
        return turn is not None and not self._full and turn.samples_decoded < n and not turn.caught_up()

    def _set_dropped_aside(self) -> None:
        """Have what nobody plays any more out of the way, all of it at once: who is queued behind an
        interruption waits for none of those before it. What was opened gives its reader's place back."""
        kept = []
        for job in self._jobs:
            if job.turn.dropped and not job.turn.done:
                if job.turn.state is TurnState.WAITING:
                    self._dropped.append(job)
                else:
                    self._leave(job, TurnState.CANCELLED)
            elif not job.turn.done or job.turn.outstanding:
                kept.append(job)
        self._jobs = kept

    def _leave_dropped(self) -> bool:
        """Leave a few of them; of 1000 all at once would take 5 to 12 ms from who speaks next. Whether there
        were any."""
        few = min(_LEFT_AT_ONCE, len(self._dropped))
        for _ in range(few):
            job = self._dropped.popleft()
            if not job.turn.done:
                self._leave(job, TurnState.CANCELLED)
        return few > 0

    def _work(self, job: Job) -> bool:
        turn = job.turn
        start_ns, began_ns = self._clock.now_ns(), thread_time_ns()
        try:
            worked = next(job.steps)
        except StopIteration:
            worked = True
            self._leave(job, TurnState.DECODED)
        except MienError as error:
            worked = True
            turn.error = error
            self._leave(job, TurnState.FAILED)
        except Exception as error:
            worked = True
            turn.error = AudioRejected(f"turn {quoted(turn.key)} could not be decoded: {reason_of(error)}")
            self._leave(job, TurnState.FAILED)
        if worked:
            end_ns = self._clock.now_ns()
            self._took_ns = max(thread_time_ns() - began_ns, round(_FADES * self._took_ns))
            turn.decode_ms += (end_ns - start_ns) / 1e6
            self._spans.add("decode", start_ns, end_ns, turn=turn.key)
            if turn.first_pcm_ms is None and turn.samples_decoded:
                turn.first_pcm_ms = turn.decode_ms
        return worked

    def _leave(self, job: Job, state: TurnState) -> None:
        job.steps.close()
        job.source.abandon()  # also one that was never opened: a host may push into it
        turn = job.turn
        if state is TurnState.FAILED and turn.samples_decoded:
            # What was decoded is played: that is a damaged turn, not a failed one.
            turn.damaged, turn.error, state = str(turn.error), None, TurnState.DECODED
        elif state is TurnState.FAILED:
            turn.damaged = None
        # In this order: who sees that it is done finds all of it.
        turn.inbox.append(End(turn.samples_decoded))
        turn.state = state

    def _open(self, source: Source, turn: TurnAudio) -> Sound | None:
        """The source's sound, read on a thread of its own where that may take long; None if too many are."""
        if not source.waits:
            return source.open()
        reader = self._readers.open(source)
        if reader is not None:
            turn.caught_up = lambda: source.starved and not reader.pending
        return reader
