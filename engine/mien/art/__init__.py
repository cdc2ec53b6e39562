"""Characters as data: reading, checking, packing and inspecting them.

Layout: `reading` checks documents; `plan` holds what they say; `manifest`, `grouping`, `picture_keys` and
`face` read it; `png`, `cells`, `packing` and `atlas` turn PNG parts into pages; `folder` and `baked` read the
two forms of a character, `build` makes the value, `describe` is its inverse; `load` and `bake` are the way in
and out, and `repage` gives pages one size; `lint`, `layer_lint` and `summary` are for authors.
"""

from __future__ import annotations

from mien.art.bake import PackReport, pack_character
from mien.art.load import LoadedCharacter, LoadedPicture, load_character, load_picture
from mien.art.repage import repaged
from mien.art.summary import GroupSummary, SlotSummary, Summary, inspect, summarize

__all__ = [
    "GroupSummary",
    "LoadedCharacter",
    "LoadedPicture",
    "PackReport",
    "SlotSummary",
    "Summary",
    "inspect",
    "load_character",
    "load_picture",
    "pack_character",
    "repaged",
    "summarize",
]
