"""Mien: GPU compositing for expressive layered 2D characters in live conversation.

    errors messages types arguments clock part_file character script documents catalog  shared; 0
    lipsync    mouth shapes from sound, or from given timings                            0
    art        characters as data: reading, checking, packing                            1
    motion     (script, time) -> pose: expressions, blink, gaze, breath, mouth           1
    composite  blend specification, reference compositor, layer rows; gl/ draws them     1-2
    observe    the ledger of frames                                                      1
    audio      sources, decode worker, jitter buffer, playout                            2
    talk       turns, conversations, director, session                                   3
    speech     text to sound with its times, by synthesizers that are installed          3
    stage      cast, session and compositor put together: offline, live, window, files   4
    backend    a live stage in a process of its own                                      4
    agents     the face of voice agents: LiveKit, pipecat, Vision-Agents                 4
    preview    the panel of a window                                                     4
    serve      a stage for programs elsewhere: `mien serve`                              4
    prove      whether the ledger is true: frames recounted by another process           4
    cli        the `mien` command                                                        5

Names below are loaded when they are first used, so that `import mien` costs next to nothing.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from mien.art import load_character, pack_character
    from mien.audio import Address, AddressPolicy, EncodedFeed, PcmFeed
    from mien.backend import Backend
    from mien.catalog import bundled
    from mien.clock import FrameRate
    from mien.errors import (
        AssetMissing,
        AtlasFull,
        AudioRejected,
        Closed,
        ContextLost,
        ContextNotCurrent,
        FeedFull,
        FormatError,
        FrameFull,
        ImageRejected,
        MienError,
        NotAllowed,
        NoThreads,
        NotWritable,
        OutOfGpuMemory,
        PackageMissing,
        PageMissing,
        RendererUnavailable,
        ScriptError,
        SurfaceMissing,
        SynthesizerFailed,
        WrongThread,
    )
    from mien.observe import Ledger
    from mien.preview import Panel
    from mien.speech import Speech, Synthesizer, open_synthesizer, synthesizers
    from mien.stage.cast import CastEntry
    from mien.stage.live import LiveStage, open_live
    from mien.stage.offline import Stage, open_stage
    from mien.stage.on_thread import AsyncFrame, AsyncStage
    from mien.stage.options import TRANSPARENT, StageOptions
    from mien.stage.shown import (
        AtlasPage,
        ChannelState,
        CharacterFaults,
        ExpressionState,
        Origin,
        Repertoire,
        Residency,
        SlotOutline,
        SlotState,
        TimelineSpan,
        TurnStatus,
    )
    from mien.stage.speaking import Speaking
    from mien.stage.watching import Watching
    from mien.stage.window import Window, open_window
    from mien.talk import Cue, Staging, Turn, VisemeTimings, Word, load_conversation
    from mien.talk.events import TurnEvent, TurnPosition
    from mien.talk.service_timings import (
        timings_of_azure,
        timings_of_cartesia,
        timings_of_elevenlabs,
        timings_of_kokoro,
    )

_HOME = {
    "Address": "mien.audio",
    "AddressPolicy": "mien.audio",
    "AssetMissing": "mien.errors",
    "AsyncFrame": "mien.stage.on_thread",
    "AsyncStage": "mien.stage.on_thread",
    "AtlasFull": "mien.errors",
    "AtlasPage": "mien.stage.shown",
    "AudioRejected": "mien.errors",
    "Backend": "mien.backend",
    "CastEntry": "mien.stage.cast",
    "ChannelState": "mien.stage.shown",
    "CharacterFaults": "mien.stage.shown",
    "Closed": "mien.errors",
    "ContextLost": "mien.errors",
    "ContextNotCurrent": "mien.errors",
    "Cue": "mien.talk",
    "EncodedFeed": "mien.audio",
    "ExpressionState": "mien.stage.shown",
    "FeedFull": "mien.errors",
    "FormatError": "mien.errors",
    "FrameFull": "mien.errors",
    "FrameRate": "mien.clock",
    "ImageRejected": "mien.errors",
    "Ledger": "mien.observe",
    "LiveStage": "mien.stage.live",
    "MienError": "mien.errors",
    "NoThreads": "mien.errors",
    "NotAllowed": "mien.errors",
    "NotWritable": "mien.errors",
    "Origin": "mien.stage.shown",
    "OutOfGpuMemory": "mien.errors",
    "PackageMissing": "mien.errors",
    "PageMissing": "mien.errors",
    "Panel": "mien.preview",
    "PcmFeed": "mien.audio",
    "RendererUnavailable": "mien.errors",
    "Repertoire": "mien.stage.shown",
    "Residency": "mien.stage.shown",
    "ScriptError": "mien.errors",
    "SlotOutline": "mien.stage.shown",
    "SlotState": "mien.stage.shown",
    "Speaking": "mien.stage.speaking",
    "Speech": "mien.speech",
    "Stage": "mien.stage.offline",
    "StageOptions": "mien.stage.options",
    "Staging": "mien.talk",
    "SurfaceMissing": "mien.errors",
    "Synthesizer": "mien.speech",
    "SynthesizerFailed": "mien.errors",
    "TRANSPARENT": "mien.stage.options",
    "TimelineSpan": "mien.stage.shown",
    "Turn": "mien.talk",
    "TurnEvent": "mien.talk.events",
    "TurnPosition": "mien.talk.events",
    "TurnStatus": "mien.stage.shown",
    "VisemeTimings": "mien.talk",
    "Watching": "mien.stage.watching",
    "Window": "mien.stage.window",
    "Word": "mien.talk",
    "WrongThread": "mien.errors",
    "bundled": "mien.catalog",
    "load_character": "mien.art",
    "load_conversation": "mien.talk",
    "open_live": "mien.stage.live",
    "open_stage": "mien.stage.offline",
    "open_synthesizer": "mien.speech",
    "open_window": "mien.stage.window",
    "pack_character": "mien.art",
    "synthesizers": "mien.speech",
    "timings_of_azure": "mien.talk.service_timings",
    "timings_of_cartesia": "mien.talk.service_timings",
    "timings_of_elevenlabs": "mien.talk.service_timings",
    "timings_of_kokoro": "mien.talk.service_timings",
}

__all__ = [
    "TRANSPARENT",
    "Address",
    "AddressPolicy",
    "AssetMissing",
    "AsyncFrame",
    "AsyncStage",
    "AtlasFull",
    "AtlasPage",
    "AudioRejected",
    "Backend",
    "CastEntry",
    "ChannelState",
    "CharacterFaults",
    "Closed",
    "ContextLost",
    "ContextNotCurrent",
    "Cue",
    "EncodedFeed",
    "ExpressionState",
    "FeedFull",
    "FormatError",
    "FrameFull",
    "FrameRate",
    "ImageRejected",
    "Ledger",
    "LiveStage",
    "MienError",
    "NoThreads",
    "NotAllowed",
    "NotWritable",
    "Origin",
    "OutOfGpuMemory",
    "PackageMissing",
    "PageMissing",
    "Panel",
    "PcmFeed",
    "RendererUnavailable",
    "Repertoire",
    "Residency",
    "ScriptError",
    "SlotOutline",
    "SlotState",
    "Speaking",
    "Speech",
    "Stage",
    "StageOptions",
    "Staging",
    "SurfaceMissing",
    "Synthesizer",
    "SynthesizerFailed",
    "TimelineSpan",
    "Turn",
    "TurnEvent",
    "TurnPosition",
    "TurnStatus",
    "VisemeTimings",
    "Watching",
    "Window",
    "Word",
    "WrongThread",
    "bundled",
    "load_character",
    "load_conversation",
    "open_live",
    "open_stage",
    "open_synthesizer",
    "open_window",
    "pack_character",
    "synthesizers",
    "timings_of_azure",
    "timings_of_cartesia",
    "timings_of_elevenlabs",
    "timings_of_kokoro",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'mien' has no attribute {name!r}")
    try:
        return getattr(import_module("mien.uncollected").imported(_HOME[name]), name)
    except (AttributeError, ImportError) as error:
        if not _is_within_import():
            raise
        # Or what is being imported is the errors.
        kind = getattr(import_module("mien.errors"), "WrongThread", ImportError)
        raise kind(
            f"mien.{name} was asked for while it is imported for the first time, as by a signal's handler: "
            f"set a flag there and use it later, or name mien.{name} once before."
        ) from error


def _is_within_import() -> bool:
    """Whether this is called within an import of a part of Mien, on the thread that imports it."""
    loading = (
        getattr(module.__spec__, "_initializing", False)
        for name, module in tuple(sys.modules.items())
        if name.startswith("mien.")
    )
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_globals.get("__name__") != "importlib._bootstrap":
        frame = frame.f_back
    return frame is not None and any(loading)
