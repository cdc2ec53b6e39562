"""Which encoders a video file is written with, and how they are set."""

from __future__ import annotations

from typing import Final, NamedTuple


class Encoders(NamedTuple):
    """Names of FFmpeg's encoders, first choice first."""

    video: tuple[str, ...]
    audio: tuple[str, ...]
    """None: these files are silent."""
    plain: str = "yuv420p"
    """How pixels are handed over."""
    alpha: str = ""
    """The same with alpha; "": these files have none."""


# What every player opens, then what every FFmpeg build has.
BY_SUFFIX: Final = {
    ".mp4": Encoders(("libx264", "libopenh264", "mpeg4"), ("aac",)),
    ".m4v": Encoders(("libx264", "libopenh264", "mpeg4"), ("aac",)),
    ".mov": Encoders(("libx264", "libopenh264", "mpeg4"), ("aac",)),
    ".mkv": Encoders(("libx264", "libopenh264", "mpeg4"), ("aac", "libopus", "opus")),
    ".webm": Encoders(("libvpx-vp9", "libvpx"), ("libopus", "opus"), alpha="yuva420p"),
    ".apng": Encoders(("apng",), (), "rgba", "rgba"),
    ".gif": Encoders(("gif",), (), "pal8", "pal8"),
}
SUFFIXES: Final = tuple(BY_SUFFIX)
WITH_ALPHA: Final = tuple(suffix for suffix, one in BY_SUFFIX.items() if one.alpha)
MOST_GIF_FPS: Final = 25
"""Above that players of GIFs slow down: of faster frames every second one is written, or every third."""

PRESETS: Final = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow")
"""x264's, the quickest first: each takes more time for a better picture at the same number of bytes."""
DEFAULT_PRESET: Final = "superfast"
WITH_PRESETS: Final = "libx264"
"""The encoder that has them."""

# Drawn art has flat fills and sharp lines: `animation` tuning and a low crf keep both.
_X264: Final = {"crf": "17", "tune": "animation"}
# The two quickest leave out x264's macroblock tree. For drawn art it halves the file and costs no time: with
# a short look ahead `superfast` writes files of the size that `veryfast` does, in two thirds of its time
# (docs/benchmarks/render.md).
_TREE: Final = {"mbtree": "1", "rc-lookahead": "10"}
_OTHERS: Final = {
    "libopenh264": {"rc_mode": "quality"},
    "mpeg4": {"q": "3"},
    "libvpx-vp9": {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"},
    "libvpx": {"crf": "10", "deadline": "realtime"},
    "apng": {"pred": "mixed"},
}
# By the side of a stage that must not be late. At 1280x720 on two cores of a cloud machine, in ms of
# processor time a picture: VP9 with alpha 15 where it was 30, APNG 150 where it was 440, for files a tenth
# larger.
# One thread of x264's leaves the renderer a core: of its own accord it makes half as many again as there are
# cores, and all of them work at once where pictures come one at a time.
_LIVE: Final = {
    "libx264": {"threads": "1"},
    "libvpx-vp9": {"cpu-used": "8", "tile-columns": "1"},
    "libvpx": {"cpu-used": "8"},
    "apng": {"pred": "up", "compression_level": "1"},
}
_ALPHA: Final = {"auto-alt-ref": "0"}
"""VP8 and VP9 have no alpha in the frames that this makes."""


class Chosen(NamedTuple):
    """How one file is encoded."""

    codecs: tuple[str, ...]
    """Names of the encoders of picture and, unless the file is silent, of sound."""
    pix_fmt: str
    """As which pictures are handed over."""
    preset: str
    """Of H.264, one of PRESETS."""
    live: bool
    """Beside frames that must not be late: behind all other threads, and with the quickest settings."""

    @property
    def options(self) -> dict[str, str]:
        """What the encoder of the picture is told."""
        return options_of(self.codecs[0], self.preset, alpha=self.pix_fmt == "yuva420p", live=self.live)


def options_of(encoder: str, preset: str, *, alpha: bool = False, live: bool = False) -> dict[str, str]:
    """What the encoder is told. `preset`: one of PRESETS, for those that have them; `live`: the quickest."""
    if encoder == WITH_PRESETS:
        told = {"preset": preset} | _X264 | (_TREE if preset in ("ultrafast", "superfast") else {})
    else:
        told = dict(_OTHERS.get(encoder, {}))
    if live:
        told |= _LIVE.get(encoder, {})
    return told | (_ALPHA if alpha and encoder.startswith("libvpx") else {})


def encoder_for(suffix: str, kind: str) -> str | None:
    """The encoder that would be used for `video` or `audio` in files of this suffix, if there is one."""
    wanted = BY_SUFFIX[suffix]
    names = wanted.video if kind == "video" else wanted.audio
    return next((name for name in names if _can_encode(name)), None)


def _can_encode(name: str) -> bool:
    import av  # with what first needs it: a window's first picture does not wait for it

    try:
        return bool(av.Codec(name, "w"))
    except ValueError:
        return False
