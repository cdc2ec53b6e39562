"""What is listened to: the same speech in every codec, and a server for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np

from mien.audio import resolve
from mien.catalog import bundled
from mien.types import F32

SECONDS, RATE = 10, 48_000


def speech() -> F32:
    """(480000,) float32: the bundled conversation, as long as it is needed."""
    parts: list[F32] = []
    for path in sorted((bundled("conversations", "hello") / "audio").iterdir()):
        with closing(resolve(path).open()) as decoder:
            parts.extend(decoder.pieces())  # type: ignore[arg-type]
    return np.resize(np.concatenate(parts), SECONDS * RATE)


def encode(samples: F32, path: Path, container: str, codec: str) -> None:
    """Write an audio file."""
    options = {"movflags": "faststart"} if container == "mp4" else {}
    with av.open(str(path), "w", format=container, options=options) as out:
        stream: Any = out.add_stream(codec, rate=RATE, layout="mono")
        kind = stream.codec_context.codec.audio_formats[0].name
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(kind, "mono", RATE, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))


@contextmanager
def served(folder: str) -> Iterator[str]:
    """The address at which a folder is served."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Who listens hangs up after the first sample."""

    with Server(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
