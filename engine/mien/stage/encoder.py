"""The container of a video file, and the encoders that write into it."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import av

from mien.clock import SAMPLE_RATE, FrameRate
from mien.stage.encoder_pictures import Pictures
from mien.stage.encoders import MOST_GIF_FPS, Chosen
from mien.types import F32, U8, Size

_BT709: Final = (("color_range", 1), ("colorspace", 1), ("color_primaries", 1), ("color_trc", 1))
"""With limited range."""


class Frame(NamedTuple):
    """A frame on its way to the encoder: a picture, with its sound."""

    pixels: U8
    """(h, w, 4) uint8, a copy of the encoder's own."""
    sound: F32
    """(2, n) float32, C-contiguous, in -1..1."""


class NotTaken(Exception):
    """The encoders do not take pictures of that size or rate."""


class Encoder:
    """Belongs to one thread. Parameters: `path` of the file; `size` in pixels and `rate` of the pictures;
    `chosen`, how it is encoded. Raises OSError where the file cannot be opened; NotTaken."""

    def __init__(self, path: Path, size: Size, rate: FrameRate, chosen: Chosen) -> None:
        self._every = max(1, -(-rate.exact // MOST_GIF_FPS)) if chosen.pix_fmt == "pal8" else 1
        self._interval = self._every / rate.exact
        self._frames = self._samples = 0
        self._pictures: Pictures | None = None
        self._pix_fmt = chosen.pix_fmt
        self._container: Any = av.open(
            # With its protocol, or FFmpeg takes what is before a colon in a folder's name for one.
            f"file:{path}",
            "w",
            options={"movflags": "+faststart"} if path.suffix in (".mp4", ".m4v", ".mov") else {},
        )
        try:
            self._add_streams(size, rate, chosen)
        except BaseException as error:
            with suppress(Exception):
                self._container.close()
            if isinstance(error, OSError | ValueError):
                raise NotTaken(str(error)) from error
            raise

    def encode(self, frame: Frame) -> None:
        """A frame more. Raises what encoders and disks do."""
        if self._pictures is None:  # on the thread that encodes
            self._pictures = Pictures(self._pix_fmt)
        if self._frames % self._every == 0:
            picture = self._pictures.frame(frame.pixels)
            picture.pts, picture.time_base = self._frames // self._every, self._interval
            self._container.mux(self.video.encode(picture))
        self._frames += 1
        if frame.sound.size and self._audio is not None:
            block: Any = av.AudioFrame.from_ndarray(frame.sound, format="fltp", layout="stereo")
            block.sample_rate, block.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
            block.pts = self._samples
            self._samples += frame.sound.shape[1]
            self._container.mux(self._audio.encode(block))

    def flush(self) -> None:
        """Write what the encoders hold back. Raises as `encode`."""
        for stream in (self.video, self._audio):
            if stream is not None:
                self._container.mux(stream.encode(None))

    def close(self) -> None:
        """Finish the container: of one without a frame nothing is written. Raises as `encode`."""
        self._container.close()

    def drop(self) -> None:
        """Let go of a file that is not kept. Raises as `encode`."""
        self._container.close()

    def _add_streams(self, size: Size, rate: FrameRate, chosen: Chosen) -> None:
        # PyAV types a stream by the literal name of its codec; here the name is chosen.
        self.video: Any = cast(Any, self._container).add_stream(
            chosen.codecs[0], rate=rate.exact / self._every, options=chosen.options
        )
        self.video.width, self.video.height = size
        self.video.pix_fmt = chosen.pix_fmt
        self.video.codec_context.time_base = self._interval
        self.video.codec_context.gop_size = max(1, rate.frames(2.0))
        if chosen.pix_fmt.startswith("yuv"):
            for name, value in _BT709:
                setattr(self.video.codec_context, name, value)
        self._audio: Any = None
        for audio in chosen.codecs[1:]:
            self._audio = cast(Any, self._container).add_stream(audio, rate=SAMPLE_RATE, layout="stereo")
            self._audio.bit_rate = 160_000
