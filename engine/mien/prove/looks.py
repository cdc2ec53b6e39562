"""What observers see of each surface: first as it is, then with stalls put in on purpose."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, get_args

from mien.errors import SurfaceMissing
from mien.prove.others import Others, Watch
from mien.prove.recount import Recount, Stall, Surface
from mien.types import Size

SURFACES: Final[tuple[Surface, ...]] = get_args(Surface)
STALLS: Final = (
    Stall("engine", 75, 120.0, None),
    Stall("host", 135, 160.0, None),
    Stall("surface", 195, 185.0, None),
)
"""Put in to see whether the observer finds them: each some intervals long, but no whole number of them
(behind that it would be chance which frame is the next); and two seconds apart."""
_STALLED_S: Final = 8.0
_CAN_STALL: Final[Mapping[str, tuple[str, ...]]] = {"file": (), "webrtc": ("surface",)}
"""Where only some of them can be found: a file has each frame however long it took, and a browser's buffer is
longer than a short stall of what feeds it."""
STALLED_SIZE: Final = Size(320, 180)
"""At most, where stalls are put in. To draw larger frames takes a processor long, now more and now less, and
that adds to a stall."""
_LEAST_SIZE: Final[Mapping[str, Size]] = {"webrtc": Size(320, 180)}
"""Of smaller frames a browser's codec keeps no marks."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What observers saw, and beside what."""

    recounts: tuple[Recount, ...] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)
    """Surfaces of which nothing was seen, and why."""
    others: Mapping[str, Others] = field(default_factory=dict)
    """What else the machine did meanwhile, by surface."""
    aside: Sequence[tuple[str, str]] = ()
    """Surfaces that were disturbed and watched again: of each time the name, and what disturbed it."""


class Again(NamedTuple):
    """When a surface is watched again."""

    disturbed: Callable[[Others], Sequence[str]]
    """What disturbed it: a clause each."""
    times: int
    """At most, all surfaces together."""


class Observe(Protocol):
    """`mien.prove.surfaces.observe`."""

    def __call__(
        self,
        surface: Surface,
        *,
        conversation: str,
        size: Size,
        seconds: float,
        stalls: Sequence[Stall] = ...,
    ) -> Recount:
        """What was seen. Raises SurfaceMissing."""


def unwatchable(
    names: Sequence[Surface], size: Size, lacks: Callable[[Surface], str | None] | None = None
) -> dict[str, str]:
    """Those of these surfaces of which it is known before anything runs that they cannot be watched, and why:
    a sentence each. `size`: of frames; `lacks`: `mien.prove.surfaces.lacks`."""
    if lacks is None and names:
        from mien.prove import surfaces

        lacks = surfaces.lacks
    found: dict[str, str] = {}
    for name in names:
        assert lacks is not None
        least = _LEAST_SIZE.get(name, size)
        if size.width < least.width or size.height < least.height:
            found[name] = f"it needs frames of {least.width}x{least.height} or more; give a larger --size."
        elif why := lacks(name):
            found[name] = why
    return found


def looked_at(
    names: Sequence[Surface],
    conversation: str,
    size: Size,
    seconds: float,
    say: Callable[[str], object] = lambda _: None,
    observe: Observe | None = None,
    known: Mapping[str, str] | None = None,
    again: Again | None = None,
) -> Looked:
    """What observers saw of these surfaces, twice each where stalls can be put in. `known`: those that cannot
    be watched, and why, as `unwatchable` has them; `again`: when one is watched again. Raises MienError."""
    if observe is None and names:
        from mien.prove import surfaces

        observe = surfaces.observe
    found: list[Recount] = []
    unseen = dict(known or {})
    others: dict[str, Others] = {}
    aside: list[tuple[str, str]] = []
    for name in names:
        assert observe is not None
        if name in unseen:
            continue
        while True:
            try:
                with Watch(os.getpid(), tree=True) as watch:
                    recounts = _watched(name, conversation, size, seconds, say, observe)
            except SurfaceMissing as missing:
                unseen[name] = str(missing)
                say(f"the surface {name} was not watched: {missing}")
                break
            seen = watch.seen()
            why = again.disturbed(seen) if again and len(aside) < again.times else ()
            if not why:
                found += recounts
                others[name] = seen
                break
            say(f"the surface {name} was disturbed and is watched again: {why[0]}")
            aside.append((name, "; ".join(why)))
    return Looked(tuple(found), unseen, others, tuple(aside))


def _watched(
    name: Surface,
    conversation: str,
    size: Size,
    seconds: float,
    say: Callable[[str], object],
    observe: Observe,
) -> list[Recount]:
    """As it is, and with stalls put in."""
    say(f"an observer of the surface {name}")
    found = [observe(name, conversation=conversation, size=size, seconds=seconds)]
    stalls = [s for s in STALLS if s.where in _CAN_STALL.get(name, (s.where,))]
    if stalls:
        say(f"an observer of the surface {name}, with stalls put in")
        small = min(size, STALLED_SIZE, key=lambda one: one.width * one.height)
        found.append(observe(name, conversation=conversation, size=small, seconds=_STALLED_S, stalls=stalls))
    return found
