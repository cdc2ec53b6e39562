"""What a process that draws ranges is told, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mien.observe import FrameRecord
from mien.stage.options import StageKeywords
from mien.talk import Conversation
from mien.types import Size


@dataclass(frozen=True, slots=True)
class Job:
    """A conversation, and how its stage is opened. Sent to every process that draws of it."""

    name: str
    """Told from all others by it."""
    conversation: Conversation
    keywords: StageKeywords
    """Without a ledger, a clock or a context: those are each process's own."""
    size: Size
    """Of a frame in pixels."""
    version: str
    """Of Mien, which is to be the same everywhere."""
    files: Mapping[str, bytes] | None = None
    """What the conversation reads, by paths that count from a folder of the job's; None where whoever draws
    has the same files."""


@dataclass(frozen=True, slots=True)
class Range:
    """Frames that one process draws in a row."""

    first: int
    """The index of its first frame."""
    count: int
    place: str | None
    """A file to put the pictures in, count x (h, w, 4) uint8; None to have them sent, packed."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A range that was drawn."""

    records: tuple[FrameRecord, ...]
    """What each frame took."""
    packed: bytes | None
    """Its pictures, as `packing.packed` makes them; None where they are in the range's file."""
    renderer: str
    """Of the process that drew it."""
    version: str
    """Its version of Mien."""
    worker: str = ""
    """Its address in a cluster."""
