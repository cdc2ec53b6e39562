"""Compositing: rig, frame rows, the reference compositor. The GPU's part is `mien.composite.gl`."""

from mien.composite.cast_rows import CastRows
from mien.composite.character_rows import CharacterRows
from mien.composite.picture_rows import PictureRows
from mien.composite.rig import Rig
from mien.composite.rows import RGBA, FrameRows
from mien.composite.slot_rows import SlotRows

__all__ = ["RGBA", "CastRows", "CharacterRows", "FrameRows", "PictureRows", "Rig", "SlotRows"]
