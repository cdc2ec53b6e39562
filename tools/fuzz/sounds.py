"""Good samples of sound, in every container that FFmpeg here writes."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np

RATE = 48_000

FORMS = {
    "wav": (("wav", "pcm_s16le"), ("wav", "adpcm_ms"), ("wav", "pcm_f32le")),
    "flac": (("flac", "flac"),),
    "ogg": (("ogg", "libopus"), ("ogg", "flac")),
    "mp3": (("mp3", "libmp3lame"),),
    "m4a": (("mp4", "aac"), ("mp4", "alac")),
    "aac": (("adts", "aac"),),
    "webm": (("webm", "libopus"), ("matroska", "pcm_s16le")),
    "wavpack": (("wv", "wavpack"),),
    "aiff": (("aiff", "pcm_s16be"),),
}
"""By format: container and codec of each sample."""


LURES = (
    b"ffconcat version 1.0\nfile canary/secret.wav\n",
    b"ffconcat version 1.0\nfile ../outside/secret.wav\n",
    b"ffconcat version 1.0\nfile 'file:../outside/secret.wav'\nduration 1\n",
    b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n../outside/secret.wav\n#EXT-X-ENDLIST\n",
    b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.wav\n#EXT-X-ENDLIST\n",
    b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=a\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    b'<?xml version="1.0"?><MPD><Period><BaseURL>../outside/secret.wav</BaseURL></Period></MPD>',
    b"[playlist]\nFile1=../outside/secret.wav\n",
)
"""Texts that FFmpeg takes for sound, and that name other files and addresses."""


def samples(name: str) -> list[bytes]:
    """Half a second of a tone, mono and stereo."""
    return [
        encoded(container, codec, layout) for container, codec in FORMS[name] for layout in ("mono", "stereo")
    ]


def encoded(container: str, codec: str, layout: str) -> bytes:
    """A small file."""
    times = np.arange(RATE // 2) / RATE
    tone = (0.4 * np.sin(2 * np.pi * (200 + 300 * times) * times)).astype(np.float32)
    file = io.BytesIO()
    # Else the index of an MP4 comes last, and it is not read as it comes.
    options = {"movflags": "frag_keyframe+empty_moov"} if container == "mp4" else {}
    with av.open(file, "w", format=container, options=options) as out:
        stream: Any = out.add_stream(codec, rate=RATE, layout=layout)
        channels = 2 if layout == "stereo" else 1
        frame = av.AudioFrame.from_ndarray(np.tile(tone, (channels, 1)), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        kind = stream.codec_context.codec.audio_formats[0].name
        resampler = av.AudioResampler(kind, layout, RATE, frame_size=stream.codec_context.frame_size or 1024)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()
