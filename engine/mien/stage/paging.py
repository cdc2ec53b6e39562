"""Looking at the atlas: its pages, what is on them, and which are on the GPU."""

from __future__ import annotations

from mien.stage.shown import AtlasPage, Residency
from mien.stage.talking import Talking
from mien.types import U8


class Paging(Talking):
    """The part of a stage on which atlas pages are looked at. On the stage's own thread."""

    def atlas_pages(self) -> tuple[AtlasPage, ...]:
        """Every page in use, by number, the background's first. Raises WrongThread."""
        raise NotImplementedError

    def page_picture(self, number: int, size: int = 256) -> U8 | None:
        """A page as a picture: (h, w, 4) uint8 RGBA, premultiplied, top row first, no side over `size`
        pixels.

        The caller's own. Read from the GPU, which takes milliseconds: for a thumbnail that is made once. None
        for a page that is not resident. Raises ScriptError for a number that is no page's, WrongThread.
        """
        raise NotImplementedError

    def residency(self) -> Residency:
        """How many pages and bytes there are, how many are on the GPU, and how they came and went."""
        raise NotImplementedError
