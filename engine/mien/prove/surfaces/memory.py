"""Shared memory: a host takes a backend's frames as they are given, and reads what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter_ns
from typing import Any, Final

import numpy as np

from mien.backend import Backend
from mien.clock import SAMPLE_RATE
from mien.frame_mark import ACROSS, DOWN, grey_of, read_mark, side_of
from mien.prove.comparing import Allowed, recount
from mien.prove.hearing import find_beeps
from mien.prove.played import LONGEST_START_S, Played, stalled_until
from mien.prove.processes import Part, say
from mien.prove.recount import Recount
from mien.prove.sightings import Put, Sighting, Sightings
from mien.prove.told import told_by
from mien.types import F32

_MODULE: Final = "mien.prove.surfaces.memory"
_EARLY_MS: Final = 1.0
"""A picture is given away a moment before the ledger's thread stamps it, or behind it."""


class Marked(Backend):
    """A backend whose engine writes its ledger to a file: `with_ledger` makes the class for one."""

    @classmethod
    def with_ledger(cls, file: str) -> type[Marked]:
        """The class of those that write to this file."""
        return type("Marked", (cls,), {"_ledger_file": file})


def observe_memory(played: Played) -> Recount:
    """Play the run by a backend, and recount what its host finds in the memory that they share."""
    with Part("the host of shared memory", _MODULE, "watch", played.as_json(), played.environment) as host:
        heard = host.hear(LONGEST_START_S + played.seconds)
    told = replace(told_by(played.ledger), restarts=heard.pop("restarts"))
    allowed = Allowed(_EARLY_MS, told.interval_ms)
    by = "a host in another process, from the memory that it shares with the engine"
    return recount("shared memory", by, told, Sightings.of_json(heard), allowed)


def watch(told: Mapping[str, Any]) -> None:
    """In the host's process."""
    played = Played.of_json(dict(told))
    options = played.options(realtime=True)
    options.pop("ledger")
    kind = Marked.with_ledger(str(played.ledger))
    side, interval_ns = side_of(played.size), round(1e9 / played.fps)
    # Who takes the frames is the surface, too.
    held = sorted((at, ms, where) for where in ("host", "surface") for at, ms in played.of(where).items())
    seen: list[Sighting] = []
    sounds: list[tuple[int, F32]] = []
    put: list[Put] = list(played.engine_puts)
    unread = 0
    with kind.of(played.loaded(), spare=False, **options) as backend:
        first_ns: int | None = None
        away_ns = 0  # since when it has not looked
        while first_ns is None or perf_counter_ns() < first_ns + round(played.seconds * 1e9):
            picture = backend.frame()
            at_ns = perf_counter_ns()
            mark = read_mark(grey_of(picture[: DOWN * side, : ACROSS * side]))
            sounds.append((at_ns, backend.sound.copy()))
            if mark is None:
                unread += 1
                continue
            first_ns = at_ns if first_ns is None else first_ns
            if not seen or seen[-1].number != mark.number:
                seen.append(Sighting(mark.number, mark.at, away_ns or at_ns, at_ns))
            away_ns = 0
            # The next one is due, and is taken so much later.
            if held and at_ns - first_ns >= (held[0][0] - 0.5) * interval_ns:
                frame, ms, where = held.pop(0)
                away_ns = at_ns
                size_ms = stalled_until(at_ns + interval_ns, ms)
                put.append(Put(where, frame, size_ms, mark.number + 1, at_ns + interval_ns))
        dropped, restarts = backend.dropped, backend.restarts
    sightings = Sightings(
        tuple(seen), _beeps(sounds), looks=len(seen) + unread, unread=unread, dropped=dropped, put=tuple(put)
    )
    say(**sightings.as_json(), restarts=restarts)


def _beeps(sounds: list[tuple[int, F32]]) -> tuple[int, ...]:
    """When beeps were heard: what comes with a picture was heard up to then."""
    lengths = np.array([len(sound) for _, sound in sounds])
    ends = lengths.cumsum()
    found = find_beeps(np.concatenate([sound[:, 0] for _, sound in sounds]))
    told = []
    for at in found.tolist():
        nth = int(np.searchsorted(ends, at, side="right"))
        told.append(sounds[nth][0] - round((int(ends[nth]) - at) / SAMPLE_RATE * 1e9))
    return tuple(told)
