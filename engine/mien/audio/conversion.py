"""Decoded frames brought to 48 kHz float planes, by FFmpeg's resampler."""

from __future__ import annotations

from typing import Any

from av.error import BlockingIOError as NothingYet
from av.error import EOFError as Ended
from av.filter import Graph

from mien.clock import SAMPLE_RATE


class Converter:
    """Converts frames that all have the form of `first`: as `av.AudioResampler`, without its threads.

    That one starts a thread for every core and each turn, and waits for them: half a millisecond, and 10
    while another thread is busy with Python.
    """

    def __init__(self, first: Any) -> None:
        self._passes = first.format.name == "fltp" and first.sample_rate == SAMPLE_RATE
        if self._passes:
            return
        rate, layout = str(first.sample_rate), first.layout.name
        self._graph = Graph()  # kept: the filters do not keep it
        if hasattr(self._graph, "threads"):  # not in PyAV 15
            self._graph.threads = 1
        self._source = self._graph.add(
            "abuffer",
            sample_rate=rate,
            sample_fmt=first.format.name,
            channel_layout=layout,
            time_base=f"1/{rate}",
        )
        form = self._graph.add(
            "aformat", sample_rates=str(SAMPLE_RATE), sample_fmts="fltp", channel_layouts=layout
        )
        self._sink = self._graph.add("abuffersink")
        self._source.link_to(form)
        form.link_to(self._sink)
        self._graph.configure()

    def push(self, frame: Any) -> list[Any]:
        """What became known with a frame, or, for None, at the end: frames of fltp at 48 kHz."""
        if self._passes:
            return [frame] if frame is not None else []
        self._source.push(frame)
        frames = []
        while True:
            try:
                frames.append(self._sink.pull())
            except (NothingYet, Ended):
                return frames
