"""Sound that a host pushes as PCM, brought to 48 kHz chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from mien.audio.sources import PcmFeed
from mien.clock import SAMPLE_RATE
from mien.types import F32


class PcmStream:
    """A feed's sound, as `container.Decoder` and `reader.Reader` give theirs."""

    def __init__(self, feed: PcmFeed) -> None:
        self.expected: int | None = None
        self.faults: list[str] = []
        self._feed = feed

    def pieces(self) -> Iterator[F32 | None]:
        """(n,) float32 mono at 48 kHz, chunk by chunk; None while nothing is there."""
        feed = self._feed
        resampler: Any = None
        if feed.rate != SAMPLE_RATE:
            resampler = av.AudioResampler("fltp", "mono", SAMPLE_RATE)
        while True:
            ended = feed.ended  # read before the chunks: what was pushed before the end is seen
            chunk = feed.peek()
            if chunk is not None:
                # Dropped once the consumer has come back for more, so that `pending` covers the hand-over.
                yield chunk if resampler is None else _resampled(resampler, chunk, feed.rate)
                feed.drop()
            elif ended:
                break
            else:
                yield None
        if resampler is not None:
            yield _resampled(resampler, None, feed.rate)

    def close(self) -> None:
        """Let go of what nobody will take. Idempotent."""
        self._feed.abandon()


def _resampled(resampler: Any, samples: F32 | None, rate: int) -> F32:
    frame = None
    if samples is not None:
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate = rate
    parts = [out.to_ndarray()[0] for out in resampler.resample(frame) if out.samples]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
