"""What an engine is given, as a stage takes it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

from mien.audio import Address, AddressPolicy
from mien.audio.path_source import PathSource
from mien.audio.sources import AudioInput
from mien.backend import calls, messages
from mien.backend.feeding import Feeds
from mien.clock import FrameRate
from mien.errors import MienError
from mien.observe.ledger import Ledger
from mien.stage.cast import CastEntry
from mien.stage.live import LiveStage
from mien.stage.options import StageKeywords
from mien.talk import Turn

_GONE_FRAMES: Final = 2
"""After so many nothing of somebody who was told to leave is seen any more."""


def stage_of(first: messages.Open) -> LiveStage:
    """The stage that is asked for. Raises as opening one does."""
    cast = [CastEntry(one.key, one.character, one.place, one.size, one.on_stage) for one in first.cast]
    options: StageKeywords = {**first.options}  # type: ignore[typeddict-item]
    options["seed"] = int(first.options["seed"])
    background: Any = first.options["background"]
    options["background"] = tuple(background) if isinstance(background, list) else background
    rate = FrameRate.of(options["fps"])
    options["ledger"] = Ledger(1000 / rate.exact, realtime=True, keep=bool(first.ledger))
    return LiveStage(cast, **options)


def recast(stage: LiveStage, call: messages.Call) -> None:
    """A change of the cast that the engine before this one has made: it is made to its end, and nobody waits
    for frames meanwhile. On the thread that draws."""
    with suppress(MienError):  # what could not be read is in the warnings
        if call.name == "unload":
            stage.leave(call.arguments["key"], seconds=0)
            for _ in range(_GONE_FRAMES):
                stage.frame()
        calls.make(stage, call.name, call.arguments)
        with stage._told.busied(), stage._compositor.current():
            stage._hear()
            stage._loader.finish()


def refusal(number: int, error: Exception) -> messages.Refusal:
    """What a host is told of an error."""
    kind = type(error).__name__
    if isinstance(error, MienError):
        return messages.Refusal(number, kind, str(error))
    return messages.Refusal(number, "", f"{kind}: {error}")


def turn_of(say: messages.Say, feeds: Feeds) -> Turn:
    """A turn whose tags have been read."""
    file = say.sound if isinstance(say.sound, messages.FileSound) else None
    return Turn(
        key=say.key or "",
        speaker=say.speaker,
        audio=sound_of(say.sound, feeds) if file is None else Path(file.path),
        text=say.text,
        words=say.words,
        cues=say.cues,
        gap_s=say.gap_s,
        timings=say.timings,
        folder=Path(file.folder) if file is not None and file.folder else None,
    )


def sound_of(sound: messages.Sound, feeds: Feeds) -> AudioInput:
    """Where a turn's sound comes from; what is pushed is given to `feeds`."""
    match sound:
        case messages.FileSound(path=path, folder=folder):
            # A source is taken wherever a name is, and looks where the file lies when it is opened.
            return cast("AudioInput", PathSource(path, Path(folder))) if folder else Path(path)
        case messages.AddressSound(url=url, private=private, hosts=hosts, public=public):
            return Address(url, AddressPolicy(private, hosts, public))
        case messages.BytesSound(data=data):
            return data
        case messages.PcmSound() | messages.EncodedSound():
            return feeds.open(sound)
