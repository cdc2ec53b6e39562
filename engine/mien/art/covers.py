"""What lies over parts of a face, which so are not seen: told alike by an import and by its character."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mien.art.doubts import Doubt
from mien.character import Character, Slot
from mien.origin import Origin, named_layers


def covers(
    shown: Iterable[tuple[str, Origin | None]], layers: Mapping[str, tuple[str, ...]]
) -> tuple[Doubt, ...]:
    """What lies over parts of a face: `mouth is under face`; `put 'face' below 'mouth closed' in the art and
    save`. `shown`: slots, and where what they show comes from; `layers`: all slots, bottom to top, and the
    layers that say where each lies (`layers_at_rest`)."""
    under: dict[str, set[str]] = {}
    for slot, origin in shown:
        if origin is not None and origin.under:
            under.setdefault(origin.under, set()).add(slot)
    return tuple(_cover(over, own, layers) for over, own in under.items())


def _cover(over: str, own: set[str], layers: Mapping[str, tuple[str, ...]]) -> Doubt:
    under = [slot for slot in layers if slot in own]
    below = dict.fromkeys(layer for slot in under for layer in layers[slot])
    placed = f"{named_layers(layers.get(over, (over,)))} below {named_layers(tuple(below))}"
    told = f"{', '.join(under)} {'is' if len(under) == 1 else 'are'} under {over}"
    return Doubt(told, f"put {placed} in the art and save")


def layers_at_rest(slot: str, origins: Mapping[str, Origin], default: str) -> tuple[str, ...]:
    """The layers of what a slot shows at rest, or of its first drawing: it lies where they do. Where none are
    known its name. `origins`: of its drawings; `default`: the one at rest, "" for none."""
    origin = origins.get(default) or next(iter(origins.values()), None)
    return (origin.layers if origin is not None else ()) or (slot,)


def layers_of(character: Character) -> dict[str, tuple[str, ...]]:
    """The same of all slots of a character, bottom to top."""
    return {slot.name: layers_at_rest(slot.name, slot.origins, at_rest(slot)) for slot in character.slots}


def at_rest(slot: Slot) -> str:
    """What a slot shows by itself; "" for nothing."""
    return slot.drawings[slot.default].name if slot.default >= 0 else ""
