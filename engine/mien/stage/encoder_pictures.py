"""Pictures as encoders take them: without alpha, with it, or in the few colours of a GIF."""

from __future__ import annotations

from typing import Any, Final

import av
import av.filter
import numpy as np
from av.video.reformatter import VideoReformatter

from mien.stage.straight import straight
from mien.types import U8

# BT.709, limited range. Divided among threads this costs more than it gains.
_TO_YUV: Final = {"dst_colorspace": "ITU709", "dst_color_range": "MPEG", "threads": 1}
_OF_FILTERS: Final = (
    ("palettegen", "reserve_transparent=1:stats_mode=single"),
    ("paletteuse", "new=1:dither=sierra2_4a:alpha_threshold=128"),
)


class Pictures:
    """Makes frames of PyAV of pictures, (h, w, 4) uint8, premultiplied. Belongs to the encoder's thread.

    Parameters: `pix_fmt` of the encoder: `yuv420p`; with alpha `yuva420p` or `rgba`; or `pal8`, where each
    picture has a palette of its own and is clear or opaque.
    """

    def __init__(self, pix_fmt: str) -> None:
        self._pix_fmt = pix_fmt
        self._straight: U8 | None = None
        # Kept: each one made anew sets its tables up anew.
        self._reformatter = VideoReformatter()
        self._graph: Any = None

    def frame(self, pixels: U8) -> Any:
        """A picture in memory of its own."""
        if self._pix_fmt == "yuv420p":
            return self._reformatted(pixels)
        if self._straight is None:
            self._straight = np.empty_like(pixels)
        separate = straight(pixels, self._straight)
        if self._pix_fmt == "pal8":
            return self._paletted(separate)
        return self._reformatted(separate)

    def _reformatted(self, pixels: U8) -> Any:
        frame: Any = av.VideoFrame.from_numpy_buffer(pixels, format="rgba")
        if self._pix_fmt == "rgba":
            return av.VideoFrame.from_ndarray(pixels, format="rgba")
        return self._reformatter.reformat(frame, format=self._pix_fmt, **_TO_YUV)  # type: ignore[arg-type]

    def _paletted(self, pixels: U8) -> Any:
        if self._graph is None:
            self._graph = _palette_graph(pixels)
        frame: Any = av.VideoFrame.from_ndarray(pixels, format="rgba")
        frame.pts = None
        self._graph.push(frame)
        return self._graph.pull()


def _palette_graph(pixels: U8) -> Any:
    graph: Any = av.filter.Graph()
    height, width = pixels.shape[:2]
    source = graph.add_buffer(width=width, height=height, format="rgba", time_base="1/100")
    split, end = graph.add("split"), graph.add("buffersink")
    made, used = (graph.add(name, settings) for name, settings in _OF_FILTERS)
    source.link_to(split)
    split.link_to(used, 0, 0)
    split.link_to(made, 1, 0)
    made.link_to(used, 0, 1)
    used.link_to(end)
    graph.configure()
    return graph
