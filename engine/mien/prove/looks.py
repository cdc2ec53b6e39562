"""What observers see of each surface: first as it is, then with stalls put in on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol, get_args

from mien.errors import SurfaceMissing
from mien.prove.recount import Recount, Stall, Surface
from mien.types import Size

SURFACES: Final[tuple[Surface, ...]] = get_args(Surface)
STALLS: Final = (
    Stall("engine", 75, 120.0, None),
    Stall("host", 135, 160.0, None),
    Stall("surface", 195, 200.0, None),
)
"""Put in to see whether the observer finds them: each some intervals long, and two seconds apart."""
_STALLED_S: Final = 8.0


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


def looked_at(
    names: Sequence[Surface],
    conversation: str,
    size: Size,
    seconds: float,
    say: Callable[[str], object] = lambda _: None,
    observe: Observe | None = None,
) -> tuple[list[Recount], dict[str, str]]:
    """What observers saw of these surfaces, twice each; and why nothing was seen of the others. Raises
    MienError."""
    if observe is None and names:
        from mien.prove import surfaces

        observe = surfaces.observe
    found: list[Recount] = []
    unseen: dict[str, str] = {}
    for name in names:
        assert observe is not None
        try:
            say(f"an observer of the surface {name}")
            found.append(observe(name, conversation=conversation, size=size, seconds=seconds))
            say(f"an observer of the surface {name}, with stalls put in")
            found.append(
                observe(name, conversation=conversation, size=size, seconds=_STALLED_S, stalls=STALLS)
            )
        except SurfaceMissing as missing:
            unseen[name] = str(missing)
    return found, unseen
