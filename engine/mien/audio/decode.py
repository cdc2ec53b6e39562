"""The decode worker: one thread that decodes and analyses turns ahead of their playing."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import AsyncIterable, Generator
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType

import numpy as np

from mien.audio.decoder import Decoder
from mien.audio.pushed import PcmStream
from mien.audio.reader import MOST_READERS, Reader
from mien.audio.sources import AudioInput, EncodedFeed, PcmFeed, may_wait, name_of
from mien.audio.turn import Chunk, End, TurnAudio, TurnState
from mien.clock import SAMPLE_RATE, Clock, RealClock
from mien.errors import AudioRejected, Closed, MienError
from mien.lipsync.analyser import MouthAnalyser
from mien.lipsync.timed import TimedMouth
from mien.observe import Spans
from mien.types import F32

MAX_OUTSTANDING = 60 * SAMPLE_RATE
"""Most samples decoded ahead of playing, over a turn and those before it: 11.5 MB."""

REST_S = 0.004
"""Live, the thread rests this long between packets for each second that is decoded ahead, up to
`_WELL_AHEAD`: Python's own work on a packet of 20 ms takes about 1 ms, and at full speed a conversation of
minutes would take a core from the picture for seconds. Well ahead, it decodes about as fast as is played."""

_AHEAD = SAMPLE_RATE
"""What is nearer than this to being played is decoded without any rest."""

_WELL_AHEAD = 4
"""Seconds ahead beyond which the rest grows no longer."""

_LEAVE_S = 1.0
"""Longest that closing waits for the thread. One that a file keeps waiting ends when the file answers."""

_Steps = Generator[bool, None, None]
"""Yields after each piece of work: True when something was done, False when there was nothing to do."""


@dataclass(slots=True)
class _Job:
    turn: TurnAudio
    steps: _Steps


class DecodeWorker:
    """Decodes turns in the order of `submit`, each as a stream, on one thread. A context manager.

    Parameters: `clock` measures; `max_outstanding` bounds, in samples, what is decoded ahead; `rest_s` is
    how long to rest between packets for each second that is decoded ahead; `spans` is told of every piece
    of work. A feed that has nothing to give lets the turns behind it be decoded. Whatever goes wrong with a
    turn is written on the turn, and the next one goes on.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        max_outstanding: int = MAX_OUTSTANDING,
        rest_s: float = 0.0,
        spans: Spans | None = None,
    ) -> None:
        self.progress = threading.Event()
        """Set after every piece of work; for an offline pull, which may wait. Nobody else should."""
        self.failure: BaseException | None = None
        """What ended the thread, should it ever die."""
        self._clock = clock or RealClock()
        self._spans = spans or Spans()
        self._max_outstanding = max_outstanding
        self._wake: SimpleQueue[_Job | None] = SimpleQueue()  # None: look again
        self._jobs: list[_Job] = []
        self._readers: list[Reader] = []
        self._rest_s = rest_s
        self._rest = 0.0
        self._closing = False
        self._hungry = False
        self._thread = threading.Thread(target=self._run, name="mien-decode", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def submit(self, source: AudioInput, turn: TurnAudio, mouth: TimedMouth | None = None) -> TurnAudio:
        """Decode `source` into `turn`. `mouth`: given timings, which win over what the sound says.

        Returns `turn` at once. Errors are found on the turn. Raises Closed after `close()`, AudioRejected
        when a feed already belongs to another turn.
        """
        if self._closing:
            raise Closed("the decode worker is closed; open another session.")
        if isinstance(source, PcmFeed):
            source.attach(self.nudge)
            feed = source
            turn.live = True
            turn.caught_up = lambda: not feed.pending and not feed.ended
        elif isinstance(source, EncodedFeed):
            source.attach(self.nudge)
            turn.live = True
        elif isinstance(source, AsyncIterable):
            raise AudioRejected(
                "an async iterator needs its loop: say an EncodedFeed instead, and await feed.pump(chunks)."
            )
        self._wake.put(_Job(turn, self._decode(source, turn, mouth)))
        return turn

    def nudge(self) -> None:
        """Have the thread look again: something was pushed, dropped or played. Never waits."""
        self._wake.put(None)

    def taken(self) -> None:
        """Say that samples were played; wakes the thread only when it stands for lack of room."""
        if self._hungry:
            self._hungry = False
            self._wake.put(None)

    def close(self) -> None:
        """Stop, close every file and join the thread, unless a file keeps it waiting. Idempotent."""
        self._closing = True
        self._wake.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(_LEAVE_S)

    def __enter__(self) -> DecodeWorker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- on the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            _warm_up()
            worked = False
            while not self._closing:
                rest = self._rest if worked else 0.0
                self._take_messages(wait=not worked or rest > 0, timeout=rest or None)
                worked = self._step()
                self.progress.set()
        except BaseException as error:
            # `_step` catches what a turn can cause; this is a defect, which the offline pull raises.
            self.failure = error
        finally:
            for job in self._jobs:
                if not job.turn.done:
                    self._leave(job, TurnState.CANCELLED)
            self._jobs.clear()
            for reader in self._readers:
                reader.thread.join(_LEAVE_S / MOST_READERS)
            self.progress.set()

    def _take_messages(self, wait: bool, timeout: float | None) -> None:
        """Take new jobs; wait for a message first when there is nothing (urgent) to do."""
        try:
            message = self._wake.get(wait, timeout)
            while True:
                if message is not None:
                    self._jobs.append(message)
                message = self._wake.get(block=False)
        except Empty:
            return

    def _step(self) -> bool:
        """One piece of work on the first turn that can go on. False: none can."""
        # Before the look: a sample played from here on wakes the thread again.
        self._hungry = True
        self._readers = [reader for reader in self._readers if reader.thread.is_alive()]
        outstanding = 0
        for job in list(self._jobs):
            turn = job.turn
            outstanding += turn.outstanding
            if turn.done:
                if not turn.outstanding:
                    self._jobs.remove(job)
                continue
            if turn.dropped:
                self._leave(job, TurnState.CANCELLED)
                return True
            if outstanding >= self._max_outstanding:
                return False
            if self._work(job):
                ahead_s = outstanding / SAMPLE_RATE if outstanding >= _AHEAD else 0.0
                self._rest = self._rest_s * min(ahead_s, _WELL_AHEAD)
                return True
        return False

    def _work(self, job: _Job) -> bool:
        turn = job.turn
        start_ns = self._clock.now_ns()
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
            turn.error = AudioRejected(f"turn {turn.key!r} could not be decoded: {error}")
            self._leave(job, TurnState.FAILED)
        if worked:
            end_ns = self._clock.now_ns()
            turn.decode_ms += (end_ns - start_ns) / 1e6
            self._spans.add("decode", start_ns, end_ns, turn=turn.key)
            if turn.first_pcm_ms is None and turn.samples_decoded:
                turn.first_pcm_ms = turn.decode_ms
        return worked

    def _leave(self, job: _Job, state: TurnState) -> None:
        job.steps.close()
        turn = job.turn
        if state is TurnState.FAILED and turn.samples_decoded:
            # What was decoded is played: that is a damaged turn, not a failed one.
            turn.damaged, turn.error, state = str(turn.error), None, TurnState.DECODED
        elif state is TurnState.FAILED:
            turn.damaged = None
        turn.state = state
        turn.inbox.append(End(turn.samples_decoded))

    def _decode(self, source: AudioInput, turn: TurnAudio, mouth: TimedMouth | None) -> _Steps:
        analyser = MouthAnalyser()
        row = 0

        def hand_over(samples: F32, visemes: F32, loudness: F32) -> None:
            nonlocal row
            if mouth is not None:
                visemes = mouth.rows(row, row + len(loudness))
            if len(samples) or len(loudness):
                turn.inbox.append(Chunk(turn.samples_decoded, samples, row, visemes, loudness))
            row += len(loudness)
            turn.samples_decoded += len(samples)

        turn.state = TurnState.DECODING
        while may_wait(source) and len(self._readers) >= MOST_READERS:
            yield False
        with closing(self._open(source, turn)) as stream:
            yield True
            for piece in stream.pieces():
                if piece is None:
                    yield False
                    continue
                turn.samples_expected = stream.expected
                if isinstance(stream, Reader):
                    turn.first_pcm_ms = stream.first_pcm_ms
                hand_over(piece, *analyser.push(piece))
                yield True
            if stream.faults:
                turn.damaged = f"{name_of(source)} is damaged: {', '.join(stream.faults)}."
            if not turn.samples_decoded and not isinstance(source, PcmFeed):
                raise AudioRejected(turn.damaged or f"{name_of(source)} holds no sound; record it again.")
        hand_over(np.zeros(0, np.float32), *analyser.finish())

    def _open(self, source: AudioInput, turn: TurnAudio) -> PcmStream | Reader | Decoder:
        """The source's sound in pieces; one that may wait is read on a thread of its own."""
        if isinstance(source, PcmFeed):
            return PcmStream(source)
        if not may_wait(source):
            decoder = Decoder(source)
            turn.samples_expected = decoder.expected
            return decoder
        reader = Reader(source, self.nudge, self._clock)
        self._readers.append(reader)
        if isinstance(source, EncodedFeed):
            feed = source
            turn.caught_up = lambda: feed.starved and not reader.pending
        return reader


def _warm_up() -> None:
    """Decode and listen to 20 ms of nothing: what is loaded and made at the first use is here before the
    first turn, whose sound would otherwise come some 10 ms later."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, SAMPLE_RATE, 0, "NONE", "NONE"))
        out.writeframes(bytes(2 * SAMPLE_RATE // 50))
    analyser = MouthAnalyser()
    with closing(Decoder(file.getvalue())) as decoder:
        for piece in decoder.pieces():
            analyser.push(piece)
    analyser.finish()
