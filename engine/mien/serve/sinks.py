"""What a stream is written with: raw bytes, or FFmpeg, into files, pipes and addresses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, NamedTuple, Protocol

import av

from mien.clock import SAMPLE_RATE, FrameRate
from mien.serve.links import Link, link_of, opened, whole
from mien.serve.steady import Samples
from mien.stage.encoder_pictures import Pictures
from mien.stage.encoders import encoder_for, options_of
from mien.types import U8, Size

_HLS: Final = {"hls_time": "2", "hls_list_size": "6", "hls_flags": "delete_segments+temp_file"}
_WEBM: Final = {"live": "1", "flush_packets": "1", "cluster_time_limit": "30"}
"""A cluster is sent when it is whole: one of a second would hold each picture back for as long."""
_X264: Final = {"preset": "superfast", "tune": "zerolatency", "crf": "20", "maxrate": "6M", "bufsize": "6M"}
_BT709: Final = (("color_range", 1), ("colorspace", 1), ("color_primaries", 1), ("color_trc", 1))
"""With limited range."""
_KEY_S: Final = 2
"""Seconds from one whole picture to the next: what services ask for."""
_TIME_BASE: Final = Fraction(1, SAMPLE_RATE)
AAC_BLOCK, OPUS_BLOCK = 1024, 960
"""Samples that each takes at a time."""


class Writing(Protocol):
    """What a stream is written with. Each call raises what its breaking off is: OSError, FFmpegError."""

    def picture(self, at: int, pixels: U8) -> None:
        """(h, w, 4) uint8 RGBA, premultiplied, shown at a sample."""

    def sound(self, start: int, block: Samples) -> None:
        """Sound from a sample on."""

    def close(self) -> None:
        """All that was written is sent."""


class Raw:
    """Pictures behind each other, (h, w, 4) uint8 each; no sound. Parameter: `address`, a path or OUT."""

    def __init__(self, address: str) -> None:
        self._file = opened(address)

    def picture(self, at: int, pixels: U8) -> None:
        """Write it."""
        whole(self._file.write, pixels.data)

    def sound(self, start: int, block: Samples) -> None:
        """Is left out."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Coded(NamedTuple):
    """How a stream is encoded."""

    container: str
    """Of FFmpeg."""
    video: str
    """Its encoder, as that of the sound."""
    audio: str
    pix_fmt: str
    told: dict[str, str]
    """What the encoder of the picture is told."""
    options: dict[str, str]
    """The same of the container."""


def coded_as(container: str, *, alpha: bool = False) -> Coded:
    """How a container is written. `alpha`: what is transparent stays so, in WebM."""
    if container == "webm":
        video = encoder_for(".webm", "video") or "libvpx"
        pix_fmt = "yuva420p" if alpha else "yuv420p"
        # Else libvpx keeps 25 pictures to look ahead.
        told = options_of(video, "", alpha=alpha, live=True) | {"b": "4M", "lag-in-frames": "0"}
        return Coded(container, video, encoder_for(".webm", "audio") or "opus", pix_fmt, told, _WEBM)
    video = encoder_for(".mp4", "video") or "mpeg4"
    options = _HLS if container == "hls" else {}
    return Coded(container, video, "aac", "yuv420p", _X264 if video == "libx264" else {}, options)


class Encoded:
    """Encoded, in a container. Parameters: `target`, what has `write`, or of HLS the path of its list; how it
    is `coded`; `size` and `rate` of the pictures."""

    def __init__(self, target: str | Any, coded: Coded, size: Size, rate: FrameRate) -> None:
        exact = Fraction(rate.exact)
        self._pictures = Pictures(coded.pix_fmt)
        self._container: Any = av.open(target, "w", format=coded.container, options=coded.options)
        video: Any = self._container.add_stream(coded.video, rate=exact, options=coded.told)
        video.width, video.height, video.pix_fmt = size.width, size.height, coded.pix_fmt
        video.codec_context.time_base = _TIME_BASE
        video.codec_context.gop_size = max(1, round(_KEY_S * float(exact)))
        for name, value in _BT709:
            setattr(video.codec_context, name, value)
        self._video = video
        self._audio: Any = self._container.add_stream(coded.audio, rate=SAMPLE_RATE, layout="stereo")
        self._container.start_encoding()

    def picture(self, at: int, pixels: U8) -> None:
        """Encode it; without alpha, over black."""
        frame = self._pictures.frame(pixels)
        frame.pts, frame.time_base = at, _TIME_BASE
        for packet in self._video.encode(frame):
            self._container.mux(packet)

    def sound(self, start: int, block: Samples) -> None:
        """Encode it."""
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, _TIME_BASE
        for packet in self._audio.encode(frame):
            self._container.mux(packet)

    def close(self) -> None:
        """What the encoders hold is sent."""
        try:
            for stream in (self._video, self._audio):
                for packet in stream.encode(None):
                    self._container.mux(packet)
        finally:
            self._container.close()


class Linked(Encoded):
    """Encoded, into a file, a pipe, or an address of TCP or HTTP. Parameters as of `Encoded`. Connects."""

    def __init__(self, target: str, coded: Coded, size: Size, rate: FrameRate) -> None:
        self._link = link_of(target)
        try:
            super().__init__(_Written(self._link), coded, size, rate)
        except BaseException:
            self._link.close()
            raise

    def close(self) -> None:
        """What the encoders hold is sent."""
        try:
            super().close()
        finally:
            self._link.close()


class _Written:
    """What PyAV is given of a link: a pipe, too, has a `seek`, and must not be asked for it."""

    def __init__(self, link: Link) -> None:
        self.write = link.write
