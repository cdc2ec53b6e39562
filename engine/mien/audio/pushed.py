"""Sound that a host pushes as PCM, brought to 48 kHz chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator

import av

from mien.audio.conversion import Converter
from mien.audio.feeds import PcmFeed
from mien.types import F32


class PcmStream:
    """A feed's sound, as `Decoder` and `Reader` give theirs."""

    def __init__(self, feed: PcmFeed) -> None:
        self.expected: int | None = None
        self.faults: list[str] = []
        self._feed = feed

    def pieces(self) -> Iterator[F32 | None]:
        """(n,) float32 mono at 48 kHz, chunk by chunk; None while nothing is there."""
        feed = self._feed
        converter: Converter | None = None
        while True:
            ended = feed.ended  # read before the chunks: what was pushed before the end is seen
            chunk = feed.peek()
            if chunk is not None:
                # Dropped once the consumer has come back for more, so that `pending` covers the hand-over.
                frame = _frame(chunk, feed.rate)
                converter = converter or Converter(frame)
                yield converter.push(frame)
                feed.drop()
            elif ended:
                break
            else:
                yield None
        if converter is not None:
            yield converter.push(None)

    def close(self) -> None:
        """Free what nobody will take. Idempotent."""
        self._feed.abandon()


def _frame(samples: F32, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
    frame.sample_rate = rate
    return frame
