"""A video file: played by a stage on its own timeline, decoded by another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

import mien
from mien.errors import ScriptError
from mien.frame_mark import ACROSS, DOWN, read_mark, side_of
from mien.observe import Observation, Outputs
from mien.prove.comparing import Allowed, recount
from mien.prove.hearing import find_beeps
from mien.prove.played import Played
from mien.prove.processes import Part, say
from mien.prove.recount import Recount
from mien.prove.sightings import Sighting, Sightings
from mien.prove.told import Told, told_by
from mien.stage.video_file import VideoFile
from mien.types import F32, Size

_MODULE: Final = "mien.prove.surfaces.file"
_EXACT: Final = Allowed(0.6, 0.6)
"""Milliseconds: containers count in thousandths of a second, some of them."""
_WRITES_S: Final = 600.0
_A_SECOND_S: Final = 30.0
"""Longest that a second of the file may take beside that: drawn in software, decoded by one core."""


def observe_file(played: Played, folder: Path) -> Recount:
    """Render the run into a file, and recount it. Raises ScriptError where stalls are to be put in: a file
    has no time that anything could stall in."""
    if played.stalls:
        raise ScriptError(
            "a file can't be stalled: each frame is drawn however long it takes; leave the stalls out."
        )
    file = folder / "proof.mp4"
    longest_s = _WRITES_S + _A_SECOND_S * played.seconds
    with Part("the render", _MODULE, "write", {**played.as_json(), "file": str(file)}) as writer:
        writer.hear(longest_s)
    with Part("the decoder", _MODULE, "watch", {"file": str(file), "size": list(played.size)}) as reader:
        sightings = Sightings.of_json(reader.hear(longest_s))
    return recount("file", "a decoder in another process", exactly(told_by(played.ledger)), sightings, _EXACT)


def exactly(told: Told) -> Told:
    """A ledger of frames that each have their own time, whenever they were drawn."""
    lines = tuple(
        replace(
            line,
            scheduled_ms=line.frame * told.interval_ms,
            presented_ms=line.frame * told.interval_ms,
            begun_ms=None,
        )
        for line in told.lines
    )
    return replace(told, lines=lines, origin_ns=0)


def write(told: Mapping[str, Any]) -> None:
    """In the process that plays."""
    played = Played.of_json(dict(told))
    options = played.options(realtime=False)
    ledger = options["ledger"]
    assert ledger is not None
    with (
        mien.Stage.of(played.loaded(), **options) as stage,
        Observation(ledger, Outputs(ledger=played.ledger), {}),
        VideoFile(told["file"], played.size, played.fps) as video,
    ):
        for picture in stage.frames_ahead(seconds=played.seconds):
            video.write(picture, stage.sound)
    say(written=True)


def watch(told: Mapping[str, Any]) -> None:
    """In the process that looks."""
    side = side_of(Size(*told["size"]))
    with av.open(told["file"]) as video:
        seen: list[Sighting] = []
        unread = 0
        for frame in video.decode(video=0):
            corner = frame.to_ndarray(format="rgb24")[: DOWN * side, : ACROSS * side, 1]
            mark = read_mark(corner)
            if mark is None or frame.pts is None or frame.time_base is None:
                unread += 1
                continue
            at_ns = round(frame.pts * frame.time_base * 10**9)
            if not seen or seen[-1].number != mark.number:
                seen.append(Sighting(mark.number, mark.at, at_ns, at_ns))
        looks = len(seen) + unread
    say(**Sightings(tuple(seen), _beeps(told["file"]), looks=looks, unread=unread).as_json())


def _beeps(file: str) -> tuple[int, ...]:
    """When beeps begin in the file's sound, in ns of its time."""
    with av.open(file) as video:
        if not video.streams.audio:
            return ()
        rate = video.streams.audio[0].rate
        start: float | None = None
        heard: list[F32] = []
        for frame in video.decode(audio=0):
            if start is None:
                start = float(frame.time or 0.0)
            one = frame.to_ndarray()
            heard.append((one[0] if one.ndim > 1 else one).astype(np.float32))
    if start is None:
        return ()
    return tuple(round((start + at / rate) * 1e9) for at in find_beeps(np.concatenate(heard), rate).tolist())
