"""A virtual camera: what a video device gives that another process writes frames to (v4l2loopback, Linux)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final

import av

import mien
from mien.errors import SurfaceMissing
from mien.frame_mark import ACROSS, DOWN, read_mark, side_of
from mien.observe import Observation, Outputs
from mien.prove.comparing import Allowed, recount
from mien.prove.played import LONGEST_START_S, Played
from mien.prove.processes import Part, hear_line, say
from mien.prove.recount import Recount
from mien.prove.sightings import Sighting, Sightings
from mien.prove.told import told_by

_MODULE: Final = "mien.prove.surfaces.camera"
_DEVICES: Final = Path("/sys/class/video4linux")
_MORE_S: Final = 1.0
_EARLY_MS: Final = 1.0


def observe_camera(played: Played, devices: Path = _DEVICES) -> Recount:
    """Play the run into a virtual camera, and recount what that gives. Raises SurfaceMissing."""
    told: dict[str, Any] = {**played.as_json(), "device": device_of(devices)}
    with Part("who writes to the camera", _MODULE, "play", told, played.environment) as player:
        player.hear(LONGEST_START_S)
        with Part("who looks at the camera", _MODULE, "watch", told) as watcher:
            player.tell("go")
            sightings = Sightings.of_json(watcher.hear(LONGEST_START_S + played.seconds))
            player.hear(LONGEST_START_S)
    run = told_by(played.ledger)
    by = "another process, from the camera"
    return recount("virtual camera", by, run, sightings, Allowed(_EARLY_MS, run.interval_ms))


def device_of(devices: Path = _DEVICES) -> str:
    """The first virtual camera. `devices`: the folder in which the system lists video devices. Raises
    SurfaceMissing."""
    if "v4l2" not in av.formats_available:
        raise SurfaceMissing(
            "this PyAV can neither read nor write cameras; prove another surface, or use one that has v4l2."
        )
    for device in sorted(devices.iterdir()) if devices.is_dir() else ():
        name = (device / "name").read_text(encoding="utf-8", errors="replace").strip()
        # A true camera hangs on a bus, and has a device of its own.
        if "loopback" in name.lower() or not (device / "device" / "driver").exists():
            return f"/dev/{device.name}"
    raise SurfaceMissing(
        "there is no virtual camera: load v4l2loopback (`modprobe v4l2loopback`), or prove another surface."
    )


def play(told: Mapping[str, Any]) -> None:
    """In the process that plays."""
    played = Played.of_json(dict(told))
    options = played.options(realtime=True)
    ledger, conversation = options["ledger"], played.loaded()
    assert ledger is not None
    with (
        mien.LiveStage.of(conversation, queued=False, **options) as stage,
        Observation(ledger, Outputs(ledger=played.ledger), {}),
        av.open(told["device"], "w", format="v4l2") as camera,
    ):
        stream = camera.add_stream("rawvideo", Fraction(played.fps).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = played.size.width, played.size.height, "yuv420p"
        number = 0

        def show(picture: Any) -> None:
            nonlocal number
            frame = av.VideoFrame.from_ndarray(picture[..., :3], format="rgb24")
            frame.pts, number = number, number + 1
            camera.mux(stream.encode(frame))

        show(stage.frame())  # a camera without a picture cannot be opened
        stage.rest()
        say(ready=True)
        hear_line()
        stage.queue(conversation)
        for picture in stage.frames(seconds=played.seconds + _MORE_S):
            show(picture)
    say(over=True)


def watch(told: Mapping[str, Any]) -> None:
    """In the process that looks."""
    played = Played.of_json(dict(told))
    side, unread = side_of(played.size), 0
    seen: list[Sighting] = []
    with av.open(told["device"], format="v4l2") as camera:
        until: int | None = None
        for frame in camera.decode(video=0):
            at_ns = perf_counter_ns()
            mark = read_mark(frame.to_ndarray(format="rgb24")[: DOWN * side, : ACROSS * side, 1])
            if mark is None:
                unread += 1
            elif not seen or seen[-1].number != mark.number:
                seen.append(Sighting(mark.number, mark.at, at_ns, at_ns))
            until = at_ns + round(played.seconds * 1e9) if until is None else until
            if at_ns > until:
                break
    say(**Sightings(tuple(seen), looks=len(seen) + unread, unread=unread).as_json())
