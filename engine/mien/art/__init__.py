"""Characters as data: reading, checking, packing and inspecting them.

Layout: `reading` checks documents; `plan` holds what they say, `manifest` and `face` read it; `png`,
`cells`, `packing` and `atlas` turn PNG parts into pages; `folder` and `baked` are the two forms of a
character; `load` and `bake` are the way in and out; `lint` and `inspect` are for authors.
"""

from __future__ import annotations

from mien.art.load import LoadedCharacter, LoadedPicture, load_character, load_picture

__all__ = ["LoadedCharacter", "LoadedPicture", "load_character", "load_picture"]
