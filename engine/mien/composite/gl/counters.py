"""What a compositor has done, as numbers that tests and reports read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """What the compositor has done since it was opened. All only ever grow."""

    frames: int = 0
    unchanged: int = 0
    """Those of them that the target showed already."""
    draws: int = 0
    """Draw calls."""
    pixels: int = 0
    """Pixels of the frame drawn again."""
    uploads: int = 0
    """Writes to the GPU: rows and rectangles of a frame, and pages."""
    upload_bytes: int = 0
    page_uploads: int = 0
    """Those of them that were pages."""
    page_bytes: int = 0
    part_uploads: int = 0
    """Those of them that were parts of a page: a part takes one or more."""
    reads: int = 0
    """Rectangles read back."""
    read_bytes: int = 0
    reads_begun: int = 0
    """Readings begun that nobody waits for."""
    reads_finished: int = 0
    """Those of them that have arrived in memory."""
    reads_merged: int = 0
    """Readings that became part of a later one: the ring was full, or the next frame was drawn too soon."""
    fences: int = 0
    """Fences made, and freed again."""
    fences_freed: int = 0
    fence_polls: int = 0
    """Times that the driver was asked whether a fence is reached."""
    compiles: int = 0
    """Programs compiled."""
    allocations: int = 0
    """GL objects made: textures, buffers, framebuffers, vertex arrays, programs."""
    freed: int = 0
    """Those of them that were freed, or went with their context."""
    misses: int = 0
    """Taps whose page was not on the GPU when they were to be drawn; they show nothing."""
    scale_changes: int = 0
    """Times that frames came to be drawn at another scale."""
    evictions: int = 0
    """Pages that made room for another."""

    def uploaded(self, count: int, *, page: bool = False) -> None:
        """One write to the GPU, of so many bytes."""
        self.uploads += 1
        self.upload_bytes += count
        if page:
            self.page_uploads += 1
            self.page_bytes += count

    def uploaded_part(self, count: int) -> None:
        """The same, of a part of a page."""
        self.uploaded(count)
        self.part_uploads += 1
