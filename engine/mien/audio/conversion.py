"""Decoded frames brought to 48 kHz mono floats, by FFmpeg's mixer and resampler.

Mixed down in there too: PyAV hands out one plane too many of sound with eight channels and more, and numpy
would read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as Ended
from av.filter import Graph

from mien.audio.feeds import bounded
from mien.audio.levels import FULL, MOST_CHANNELS, bend, mono_gains
from mien.clock import SAMPLE_RATE
from mien.errors import AudioRejected
from mien.types import F32

NOTHING: Final = np.zeros(0, np.float32)
"""No samples."""


class Converter:
    """Converts frames that all have the form of `first`: as `av.AudioResampler`, without its threads.

    That one starts a thread for every core and each turn, and waits for them: half a millisecond, and 10
    while another thread is busy with Python. `names`: FFmpeg's, of the channels, where the frames do not say
    them. Raises AudioRejected for more channels than can be mixed.
    """

    def __init__(self, first: Any, names: Sequence[str] = ()) -> None:
        channels = first.layout.nb_channels
        if not 1 <= channels <= MOST_CHANNELS:
            raise AudioRejected(f"sound of {channels} channels: give 1 to {MOST_CHANNELS}.")
        own = [channel.name for channel in first.layout.channels]
        gains = mono_gains(names if set(own) == {"NONE"} and len(names) == len(own) else own)
        self._loud = sum(gains) > FULL
        self._passes = channels == 1 and first.format.name == "fltp" and first.sample_rate == SAMPLE_RATE
        if self._passes:
            return
        self._graph = Graph()  # kept: the filters do not keep it
        if hasattr(self._graph, "threads"):  # not in PyAV 15
            self._graph.threads = 1
        self._source = self._graph.add(
            "abuffer",
            sample_rate=str(first.sample_rate),
            sample_fmt=first.format.name,
            channel_layout=first.layout.name,
            time_base=f"1/{first.sample_rate}",
        )
        floats = self._graph.add("aformat", sample_fmts="fltp")
        mixed = "+".join(f"{gain:.9f}*c{index}" for index, gain in enumerate(gains))
        mixer = self._graph.add("pan", f"mono|c0={mixed}")
        form = self._graph.add("aformat", sample_rates=str(SAMPLE_RATE), sample_fmts="fltp")
        self._sink = self._graph.add("abuffersink")
        for filtered, into in pairwise((self._source, floats, mixer, form, self._sink)):
            filtered.link_to(into)
        self._graph.configure()

    def push(self, frame: Any) -> F32:
        """What became known with a frame, or, for None, at the end: (n,) float32, mono at 48 kHz, finite,
        within -MAX_AMPLITUDE..MAX_AMPLITUDE."""
        parts = [_plane(part) for part in self._converted(frame) if part.samples]
        if not parts:
            return NOTHING
        samples = bounded(parts[0] if len(parts) == 1 else np.concatenate(parts))
        if self._loud:
            bend(samples)
        return samples

    def _converted(self, frame: Any) -> list[Any]:
        if self._passes:
            return [frame] if frame is not None else []
        self._source.push(frame)
        frames = []
        try:
            frames.append(self._sink.pull())
            # Before the end these filters make at most one of one: asking for more would only cost time.
            while frame is None:
                frames.append(self._sink.pull())
        except (NothingYet, Ended):
            pass
        return frames


def _plane(frame: Any) -> F32:
    """The one plane of mono floats: (n,) float32, a copy, as decoders may go back to theirs."""
    return np.frombuffer(frame.planes[0], np.float32, frame.samples).copy()
