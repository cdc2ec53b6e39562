"""A process of its own, which passes a stream on to an address.

FFmpeg keeps the interpreter to itself while it connects: a service that does not answer would hold up all of
a server. Reads the container from standard input, and the address, which may hold a key, from its
environment.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import av

ADDRESS: Final = "MIEN_STREAM_ADDRESS"
_AT_ONCE: Final = {"fflags": "nobuffer", "probesize": "100000", "analyzeduration": "0"}


class _Input:
    """Standard input, which PyAV reads as it comes."""

    def read(self, most: int) -> bytes:
        """What is there, once something is."""
        return os.read(0, most)


def main(container: str) -> int:
    """Until the input ends; what went wrong is said in a line."""
    try:
        pass_on(_Input(), os.environ[ADDRESS], container)
    except (OSError, ValueError, LookupError, av.FFmpegError) as error:
        why = getattr(error, "strerror", None) or str(error)
        sys.stderr.write(f"{why}\n")
        return 1
    return 0


def pass_on(source: Any, address: str, container: str) -> None:
    """Write to an address what is read, as it is encoded."""
    with (
        av.open(source, format=container, options=_AT_ONCE) as come,
        av.open(address, "w", format=container) as gone,
    ):
        streams = {stream.index: gone.add_stream_from_template(stream) for stream in come.streams}
        for packet in come.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                gone.mux(packet)
