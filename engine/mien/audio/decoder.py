"""One audio stream out of a file as mono at 48 kHz, in pieces, with what was damaged counted."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.error import ExitError, FFmpegError

from mien.audio.containers import Opened
from mien.audio.conversion import Converter
from mien.audio.feeds import MAX_RATE_HZ, MIN_RATE_HZ, bounded
from mien.audio.headers import ogg_end_missing, states_length, wav_length
from mien.clock import SAMPLE_RATE
from mien.errors import AudioRejected
from mien.types import F32

MAX_HOLE = 10 * SAMPLE_RATE
"""A jump in a file's times of more than this is taken for a damaged time, not for missing sound."""

_HOLE_S = 0.02
"""Smaller jumps than this are rounding of the container's times."""

_EXACT = ("pcm_", "flac", "alac", "wavpack", "tta")
"""Codecs that decode to exactly the samples that were encoded."""


class Decoder:
    """Gives the sound of a container that has been opened, and closes it. Owned by one thread.

    Parameters: `name` of the source, for messages; what was `opened` of it. Raises AudioRejected when there
    is nothing to decode.
    """

    def __init__(self, name: str, opened: Opened) -> None:
        self.name = name
        self.expected = opened.samples
        """Samples at 48 kHz that the file says it has."""
        self.faults: list[str] = []
        """What was found damaged, one clause each."""
        self._errors = 0
        self._lost = 0
        self._given = 0
        self._exact = False
        self._ogg_cut = False
        self._container: Any = opened.container
        self._stalled = False
        self._pipe = opened.pipe
        self._timeout_s = opened.timeout_s
        try:
            self._enter()
            if self.expected is None:
                self._expect(*opened.ends())
        except BaseException:
            self.close()
            raise

    def _enter(self) -> None:
        if not self._container.streams.audio:
            raise AudioRejected(f"{self.name} has no audio stream; give a file with sound.")
        self._stream = self._container.streams.audio[0]
        codec = self._stream.codec_context
        if codec is None:
            raise AudioRejected(
                f"{self.name} is in a codec that is not known here; give WAV, FLAC, MP3 or Ogg."
            )
        codec.thread_count = 1  # more threads add latency, not speed, for audio
        if not MIN_RATE_HZ <= codec.sample_rate <= MAX_RATE_HZ:
            raise AudioRejected(f"{self.name} claims {codec.sample_rate} Hz; its header is damaged.")
        self._exact = codec.name.startswith(_EXACT)
        self._format = self._container.format.name

    def _expect(self, head: bytes, tail: bytes) -> None:
        """Find out how long it says it is; `head` and `tail` are its first and last bytes, where known."""
        duration, base = self._stream.duration, self._stream.time_base
        if self._format == "aac" or (self._format == "mp3" and not states_length(head)):
            return  # no length in the file: FFmpeg guesses it from the bit rate
        if duration is None and "matroska" in self._format and len(self._container.streams) == 1:
            duration, base = self._container.duration, Fraction(1, av.time_base)  # of the whole file
        if duration is not None and base is not None and duration > 0:
            self.expected = round(duration * base * SAMPLE_RATE)
            opus = head.find(b"OpusHead")
            if self._format == "ogg" and opus >= 0:
                # The duration counts the pre-skip (RFC 7845, 5.1), which is decoded and thrown away.
                self.expected -= int.from_bytes(head[opus + 10 : opus + 12], "little")
        if self._format == "wav":
            stated = wav_length(head)
            if stated is not None:
                self.expected = max(self.expected or 0, stated)
        if self._format == "ogg" and tail:
            self._ogg_cut = ogg_end_missing(tail)

    def pieces(self) -> Iterator[F32]:
        """The sound, (n,) float32 mono at 48 kHz, a packet at a time; missing parts are silent.

        An empty piece is given where a packet held nothing, so that the caller gets to breathe.
        """
        converter: Converter | None = None
        shape: Any = None
        due: float | None = None  # when the next frame should start, in seconds of the stream's own time
        for packet in self._packets():
            try:
                frames = packet.decode()
            except (FFmpegError, ValueError):
                self._errors += 1
                continue
            for frame in frames:
                if frame.samples <= 0 or not MIN_RATE_HZ <= frame.sample_rate <= MAX_RATE_HZ:
                    self._errors += 1
                    continue
                start = None if frame.pts is None else float(frame.pts * frame.time_base)
                if start is not None and due is not None and start - due > _HOLE_S:
                    hole = round((start - due) * SAMPLE_RATE)
                    if hole <= MAX_HOLE:
                        self._lost += hole
                        yield self._give(np.zeros(hole, np.float32))
                origin = start if start is not None else due
                due = (origin or 0.0) + frame.samples / frame.sample_rate
                form = (frame.format.name, frame.layout.name, frame.sample_rate)
                if converter is None or form != shape:
                    if converter is not None:
                        yield self._mono(converter.push(None))
                    converter, shape = Converter(frame), form
                frame.pts = None  # the resampler would fill or cut where times jump
                yield self._mono(converter.push(frame))
            if not frames:
                yield np.zeros(0, np.float32)
        if converter is not None:
            yield self._mono(converter.push(None))
        self._judge()

    def _packets(self) -> Iterator[Any]:
        demuxed = self._container.demux(self._stream)
        while True:
            try:
                packet = next(demuxed)
            except StopIteration:
                return
            except ExitError:
                self._stalled = True
                return
            except (FFmpegError, OSError, ValueError):
                self._errors += 1
                return
            yield packet

    def _mono(self, frames: list[Any]) -> F32:
        with np.errstate(over="ignore", invalid="ignore"):
            parts = [frame.to_ndarray().mean(axis=0, dtype=np.float32) for frame in frames if frame.samples]
        if not parts:
            return np.zeros(0, np.float32)
        return self._give(bounded(parts[0] if len(parts) == 1 else np.concatenate(parts)))

    def _give(self, samples: F32) -> F32:
        self._given += len(samples)
        return samples

    def _judge(self) -> None:
        if self._errors:
            self.faults.append(f"{self._errors} damaged packet{'s' if self._errors > 1 else ''}")
        if self._stalled:
            self.faults.append(f"nothing more came for {self._timeout_s or 0:g} s")
        if self._pipe is not None and self._pipe.failure:
            self.faults.append(self._pipe.failure)
        if self._lost:
            self.faults.append(f"{self._lost / SAMPLE_RATE:.2f} s missing inside")
        # Lossy codecs round to whole packets, and containers state times in ms.
        slack = SAMPLE_RATE // 500 if self._exact else SAMPLE_RATE // 16
        if self.expected is not None and self._given < self.expected - slack:
            got, wanted = self._given / SAMPLE_RATE, self.expected / SAMPLE_RATE
            self.faults.append(f"only {got:.2f} s of {wanted:.2f} s could be decoded")
        if self._ogg_cut or (
            self._pipe is not None and self._format == "ogg" and ogg_end_missing(self._pipe.tail)
        ):
            self.faults.append("its end is missing")

    @property
    def given(self) -> int:
        """Samples given so far."""
        return self._given

    def close(self) -> None:
        """Close the container (an unclosed one leaks some 46 KiB). Idempotent."""
        if self._container is not None:
            self._container.close()
            self._container = None
