"""Mien: GPU compositing for expressive layered 2D characters in live conversation.

    errors types clock character script documents catalog   shared values; floor 0
    lipsync    mouth shapes from sound, or from given timings                            0
    art        characters as data: reading, checking, packing                            1
    motion     (script, time) -> pose: expressions, blink, gaze, breath, mouth           1
    composite  blend specification, reference compositor, layer rows; gl/ draws them     1-2
    observe    the ledger of frames                                                      1
    audio      sources, decode worker, jitter buffer, playout                            2
    talk       turns, conversations, director, session                                   3
    stage      cast, session and compositor put together: offline, live, window, files   4
    cli        the `mien` command                                                        5

Names below are loaded when they are first used, so that `import mien` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mien.art import load_character, pack_character
    from mien.audio import EncodedFeed, PcmFeed
    from mien.catalog import bundled
    from mien.errors import MienError
    from mien.observe import Ledger
    from mien.stage.live import LiveStage
    from mien.stage.offline import Stage, open_stage
    from mien.stage.show import CastEntry
    from mien.talk import Cue, Turn, VisemeTimings, Word, load_conversation
    from mien.talk.events import TurnEvent

_HOME = {
    "CastEntry": "mien.stage.show",
    "Cue": "mien.talk",
    "EncodedFeed": "mien.audio",
    "Ledger": "mien.observe",
    "LiveStage": "mien.stage.live",
    "MienError": "mien.errors",
    "PcmFeed": "mien.audio",
    "Stage": "mien.stage.offline",
    "Turn": "mien.talk",
    "TurnEvent": "mien.talk.events",
    "VisemeTimings": "mien.talk",
    "Word": "mien.talk",
    "bundled": "mien.catalog",
    "load_character": "mien.art",
    "load_conversation": "mien.talk",
    "open_stage": "mien.stage.offline",
    "pack_character": "mien.art",
}

__all__ = [
    "CastEntry",
    "Cue",
    "EncodedFeed",
    "Ledger",
    "LiveStage",
    "MienError",
    "PcmFeed",
    "Stage",
    "Turn",
    "TurnEvent",
    "VisemeTimings",
    "Word",
    "bundled",
    "load_character",
    "load_conversation",
    "open_stage",
    "pack_character",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'mien' has no attribute {name!r}")
