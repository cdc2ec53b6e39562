"""Characters as data: reading, checking, packing and inspecting them.

Layout: `manifest` holds what a character's document says; `read_manifest`, `grouping`, `picture_keys` and
`face` read it; `png`, `sprites`, `packing` and `atlas` turn PNG parts into pages; `folder` and `baked` read
the two forms of a character, `build` makes the value, `describe` is its inverse; `load` and `bake` are the
way in and out, and `repack` gives pages one size; `lint`, `layer_lint` and `summary` are for authors.
"""

from __future__ import annotations

from mien.art.bake import PackReport, pack_character
from mien.art.load import LoadedCharacter, LoadedPicture, load_character, load_picture
from mien.art.repack import repacked
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
    "repacked",
    "summarize",
]
