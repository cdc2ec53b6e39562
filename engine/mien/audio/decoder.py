"""One audio stream out of a file as mono at 48 kHz, in pieces, with what was damaged counted."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from mien.audio.addresses import without_secrets
from mien.audio.containers import Opened
from mien.audio.conversion import NOTHING, Converter
from mien.audio.feeds import MAX_RATE_HZ, MIN_RATE_HZ
from mien.audio.headers import ogg_end_missing, states_length, wav_length
from mien.audio.holes import Holes
from mien.audio.layouts import harmful, settle
from mien.audio.levels import MOST_CHANNELS
from mien.clock import SAMPLE_RATE
from mien.errors import AudioRejected
from mien.types import F32

_EXACT = ("pcm_", "flac", "alac", "wavpack", "tta")
"""Codecs that decode to exactly the samples that were encoded."""

_ROUNDED = ("avi",)
"""Containers that state more than such a codec has: AVI counts whole packets, also of the last."""

_FROM_ZERO = ("matroska,webm", "ogg")
"""Containers whose length counts from time 0, also where their first packet comes later."""


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
        self._broke_off = False
        self._pipe = opened.pipe
        self._failure = opened.failure
        self._close = opened.close
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
        self._names = settle(codec)
        if len(self._names) > MOST_CHANNELS:
            raise AudioRejected(
                f"{self.name} has {len(self._names)} channels; give 1 to {MOST_CHANNELS} of them."
            )
        self._format = self._container.format.name
        self._exact = codec.name.startswith(_EXACT) and self._format not in _ROUNDED

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
        holes = Holes(self._format)
        for packet in self._packets():
            frames = self._frames(packet, holes)
            for frame in frames:
                begun = converter is not None
                if hole := holes.before(frame, self._room):
                    self._lost += hole
                    yield self._give(np.zeros(hole, np.float32))
                if not begun:
                    self._begin(holes.first_s)
                form = (frame.format.name, frame.layout.name, frame.sample_rate)
                if converter is None or form != shape:
                    if converter is not None:
                        yield self._give(converter.push(None))
                        if not holes.stamped:
                            self._rate_changed(shape[2], frame.sample_rate)
                    converter, shape = Converter(frame, self._names), form
                frame.pts = None  # the resampler would fill or cut where times jump
                yield self._give(converter.push(frame))
            if not frames:
                yield NOTHING
        if converter is not None:
            yield self._give(converter.push(None))
        self._judge()

    def _frames(self, packet: Any, holes: Holes) -> list[Any]:
        """What a packet holds, without what can be no sound."""
        holes.packet(packet)
        try:
            frames = packet.decode()
        except (FFmpegError, ValueError):
            frames = []
            self._errors += 1
            holes.damaged()
        if harmful(frames):
            raise AudioRejected(f"{self.name} lists its channels one by one; give it in a common layout.")
        sound = [frame for frame in frames if _plausible(frame)]
        for _ in range(len(frames) - len(sound)):
            self._errors += 1
            holes.damaged()
        return sound

    @property
    def _room(self) -> int | None:
        """Samples that it says it has and has not given."""
        return None if self.expected is None else self.expected - self._given

    def _begin(self, first_s: float) -> None:
        """The first frame is heard at `first_s` of its own time: a clip cut out of something longer."""
        if self.expected is not None and first_s > 0 and self._format in _FROM_ZERO:
            self.expected = max(0, self.expected - round(first_s * SAMPLE_RATE))

    def _rate_changed(self, before_hz: int, hz: int) -> None:
        """What counts samples states its length in the first rate of several."""
        if self.expected is not None:
            self.expected = self._given + (self.expected - self._given) * before_hz // hz

    def _packets(self) -> Iterator[Any]:
        demuxed, ended = self._container.demux(self._stream), False
        while True:
            try:
                packet = next(demuxed)
            except StopIteration:
                return
            except IndexError:
                # PyAV stumbles over streams that begin later than it did.
                if ended:
                    return
                demuxed = self._container.demux(self._stream)
                continue
            except (FFmpegError, OSError, ValueError):
                # Some demuxers, WavPack's among them, take the end of a stream for a damaged header.
                self._broke_off = True
                return
            ended = not packet.size
            yield packet

    def _give(self, samples: F32) -> F32:
        self._given += len(samples)
        return samples

    def _judge(self) -> None:
        if self._pipe is not None and self._format.startswith("mov") and not self._given:
            raise AudioRejected(
                f"{self.name} is no readable audio (an MP4 whose index comes behind its sound cannot be "
                "heard as it comes); give a file or its bytes, or write the index in front (faststart)."
            )
        if self._broke_off and (self.expected is None or self._given < self.expected):
            self._errors += 1
        if self._errors:
            self.faults.append(f"{self._errors} damaged packet{'s' if self._errors > 1 else ''}")
        if (failure := self._failure()) is not None:
            self.faults.append(without_secrets(failure))
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
            self._close()


def _plausible(frame: Any) -> bool:
    """Whether a frame can be sound: headers that were damaged claim anything."""
    samples, rate, channels = int(frame.samples), int(frame.sample_rate), int(frame.layout.nb_channels)
    return samples > 0 and MIN_RATE_HZ <= rate <= MAX_RATE_HZ and 1 <= channels <= MOST_CHANNELS
