"""One turn from its source to chunks of sound with what the mouth does, step by step."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Final

import numpy as np

from mien.audio.pushed import PcmStream, Place
from mien.audio.reader import Reader
from mien.audio.resolution import resolve
from mien.audio.sources import Sound, Source
from mien.audio.turn import Chunk, TurnAudio, TurnState
from mien.clock import SAMPLE_RATE
from mien.errors import AudioRejected
from mien.lipsync.analyser import MouthAnalyser
from mien.lipsync.pitch import PitchTracker
from mien.lipsync.shapes import ShapesAhead
from mien.lipsync.timed import TimedMouth
from mien.types import F32, VISEMES

LEAST: Final = SAMPLE_RATE // 100
"""Samples (10 ms) of a file that are listened to and handed on at once: FLAC may come in blocks of 16, and
Python's work on a block is the same for all sizes. What is live is handed on as it comes."""

MUCH: Final = SAMPLE_RATE // 10
"""Samples (100 ms) of a file that are, where there is time: a second of sound takes half as much work as in
packets of 20 ms one by one."""

MOST: Final = SAMPLE_RATE // 4
"""Samples (250 ms) that are, where much is waited for: another eighth less."""

FIRST: Final = SAMPLE_RATE // 50
"""Samples (20 ms) of a turn that are listened to and handed on before the rest of their block: one of FLAC or
WAV is 100 ms and more, whose mouth takes 2 to 3 ms to find."""

HOLDS: Final = 3 * SAMPLE_RATE // 50
"""Samples (three packets of 20 ms) that may be missing, or late, before the mouth closes for it."""

_NO_ROWS: Final = (np.zeros((0, len(VISEMES)), np.float32), np.zeros(0, np.float32))

Steps = Generator[bool, None, None]
"""Yields after each piece of work: True when something was done, False when there was nothing to do."""


@dataclass(slots=True)
class Job:
    """A turn that is decoded."""

    turn: TurnAudio
    source: Source
    steps: Steps


def decode(
    source: Source,
    turn: TurnAudio,
    mouth: TimedMouth | None,
    open_sound: Callable[[Source, TurnAudio], Sound | None],
) -> Steps:
    """Decode a source into a turn. `mouth`: given timings, which win over what the sound says, or, where they
    are guessed from words, tell it what to expect; `open_sound` opens the source, or gives None while it
    cannot be opened yet. Raises MienError for what cannot be played.
    """
    listener = _Listener(turn, mouth)
    while (opened := open_sound(source, turn)) is None:
        yield False
    turn.state = TurnState.DECODING
    with closing(opened) as sound:
        turn.samples_expected = sound.expected
        yield True
        least = partial(_least, turn)
        for piece in sound.pieces() if turn.live else begun_small(gathered(sound.pieces(), least)):
            if piece is None:
                yield False
                continue
            turn.samples_expected = sound.expected
            if isinstance(sound, Reader):
                turn.first_pcm_ms = sound.first_pcm_ms
            if isinstance(sound, PcmStream):
                listener.take(piece, sound.place, sound.at)
            else:
                listener.take(piece)
            yield True
        if sound.faults:
            turn.damaged = f"{source.name} is damaged: {', '.join(sound.faults)}."
        if not turn.samples_decoded and not source.may_be_empty:
            raise AudioRejected(turn.damaged or f"{source.name} holds no sound; record it again.")
    listener.finish()


class _Listener:
    """Listens to a turn's sound for its mouth, and hands both on."""

    def __init__(self, turn: TurnAudio, mouth: TimedMouth | None) -> None:
        is_guessed = mouth is not None and mouth.is_guessed
        self._turn, self._mouth = turn, None if is_guessed else mouth
        self._shapes = ShapesAhead()
        self._analyser = MouthAnalyser(mouth.aligned() if mouth is not None else None)
        self._is_told = turn.told is not None
        if self._is_told:
            self._analyser.take_likely()
        self._tracker = PitchTracker()
        self._pitch = np.zeros(0, np.float32)  # of frames whose mouth is not known yet
        self._row = 0
        self._last = np.zeros(0, np.float32)  # sound before what is missing
        self._missing = 0

    def take(self, piece: F32, place: Place = Place.NEXT, at: int = 0) -> None:
        """(n,) float32 mono at 48 kHz that belongs at `place`, a late one at the turn's sample `at`."""
        if place is Place.LATE:
            # Its time is over for the mouth, which goes by one sound behind the other.
            self._hand_over(piece, *_NO_ROWS, at)
            return
        sound, heard = (piece, piece) if place is Place.NEXT else (piece[:0], self._instead(piece))
        self._pitch = np.concatenate((self._pitch, self._tracker.push(heard)))
        self._hand_over(sound, *self._analyser.push(heard), self._turn.samples_decoded)
        self._turn.samples_decoded += len(piece)
        self._missing = 0 if place is Place.NEXT else self._missing + len(piece)
        self._last = piece[-HOLDS:] if place is Place.NEXT else self._last

    def _instead(self, silence: F32) -> F32:
        """What the mouth goes by where sound is missing: for a moment by what was before, as lips do."""
        if self._missing + len(silence) > HOLDS or not len(self._last):
            return silence
        return np.resize(self._last, len(silence))

    def finish(self) -> None:
        """The turn is over."""
        nothing = np.zeros(0, np.float32)
        self._pitch = np.concatenate((self._pitch, self._tracker.finish()))
        self._hand_over(nothing, *self._analyser.finish(), self._turn.samples_decoded)

    def _hand_over(self, samples: F32, visemes: F32, loudness: F32, at: int) -> None:
        row, self._row = self._row, self._row + len(loudness)
        pitch, self._pitch = self._pitch[: len(loudness)], self._pitch[len(loudness) :]
        if self._mouth is not None:
            visemes = self._mouth.rows(row, self._row)
        heard, shapes = self._analyser.take_heard(), self._shapes.push(visemes, loudness)
        if len(samples) or len(loudness):
            likely = self._analyser.take_likely() if self._is_told else None
            self._turn.inbox.append(Chunk(at, samples, row, visemes, loudness, pitch, shapes, heard, likely))


def _least(turn: TurnAudio) -> int:
    return max(LEAST, turn.gathers) if turn.samples_decoded else LEAST


def gathered(pieces: Iterable[F32 | None], least: Callable[[], int] = lambda: LEAST) -> Iterator[F32 | None]:
    """The pieces, (n,) float32 each, small ones joined to `least()` samples and more. None and nothing come
    at once where nothing was gathered; else what was does, and the pieces are asked anew: more may have come
    by then, and of that nobody is told a second time."""
    few: list[F32] = []
    for piece in pieces:
        if piece is not None and len(piece):
            few.append(piece)
            if sum(map(len, few)) < least():
                continue
        if few:
            yield few[0] if len(few) == 1 else np.concatenate(few)
            few.clear()
        else:
            yield piece
    if few:
        yield np.concatenate(few)


def begun_small(pieces: Iterable[F32 | None]) -> Iterator[F32 | None]:
    """The pieces, (n,) float32 each, the first that holds more than `FIRST` samples in two."""
    begun = False
    for piece in pieces:
        if begun or piece is None or not len(piece):
            yield piece
            continue
        begun = True
        yield piece[:FIRST]
        if len(piece) > FIRST:
            yield piece[FIRST:]


class FirstUse:
    """What decoding loads and makes the first time, FFmpeg above all, so that no turn has to wait for it.

    Parameters: `nudge` has the worker look again; `wanted` at once, otherwise from `ask` on. A turn that
    comes sooner waits for what it needs of it.
    """

    def __init__(self, nudge: Callable[[], object], *, wanted: bool) -> None:
        self._nudge, self._wanted = nudge, wanted
        self.is_here = False
        """No turn waits for it any more."""

    def ask(self) -> None:
        """Load what takes long on this thread, and have the worker do the rest."""
        import_module("mien.audio.opening")
        self._wanted = True
        self._nudge()

    def step(self) -> bool:
        """Have it here if it is wanted, on the worker's thread. Whether anything was done."""
        if self.is_here or not self._wanted:
            return False
        _listen_to_nothing()
        self.is_here = True
        return True


def _listen_to_nothing() -> None:
    """Decode 20 ms of nothing, and listen to it. The first turn's sound would come some 10 ms later."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, SAMPLE_RATE, 0, "NONE", "NONE"))
        out.writeframes(bytes(2 * SAMPLE_RATE // 50))
    analyser, tracker = MouthAnalyser(), PitchTracker()
    with closing(resolve(file.getvalue()).open()) as sound:
        for piece in sound.pieces():
            if piece is not None:
                analyser.push(piece)
                tracker.push(piece)
    analyser.finish()
    tracker.finish()
