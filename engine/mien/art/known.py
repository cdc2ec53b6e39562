"""What is known of the art that a character was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from mien.character import Character, Slot

EYE_PIECES: Final = ("white", "iris", "pupil", "glint", "lash", "lash_lower", "lid", "eye")
"""What layers of eyes are taken for, in the words of corrections."""


def is_of_art(character: Character) -> bool:
    """Whether an import has made it."""
    return any(slot.origins for slot in character.slots)


def needs_brows(character: Character) -> bool:
    """Whether brows are missed where there are none: whole pictures, without layers of eyes, have them."""
    found = (one for slot in character.slots for one in slot.origins.values() if one.layers)
    eyes = [one for one in found if one.taken_for.split(" ")[0] in EYE_PIECES]
    is_own = any(one.how in ("named", "guessed") or one.why.startswith("given by") for one in eyes)
    return is_own or not is_of_art(character)


def shown_layers(slot: Slot) -> tuple[str, ...]:
    """The layers that a slot shows in any of its drawings."""
    return tuple(dict.fromkeys(layer for origin in slot.origins.values() for layer in origin.layers))


def kept_layers(slots: Iterable[Slot]) -> Iterator[str]:
    """Layers of slots that play no part that is known."""
    for slot in slots:
        free = (one for one in slot.origins.values() if one.how == "kept" and not one.doubt)
        yield from (layer for origin in free for layer in origin.layers)


def driven(character: Character) -> set[str]:
    """Channels that something moves with."""
    joints, meshes = character.joints, character.meshes
    found = {c for joint in joints for by in (joint.rotate, joint.move, joint.scale) for c in by}
    found |= {c for mesh in meshes for by in (mesh.rows, mesh.columns) for c in by}
    found |= {c for mesh in meshes if mesh.ball is not None for c in mesh.ball.move}
    return found | ({"gaze_x", "gaze_y"} if character.gaze.irises else set())


def is_brow(slot: Slot) -> bool:
    """Whether a slot shows brows, by what it was made of, or by its name."""
    if slot.origins:
        return any(origin.taken_for.startswith("brow") for origin in slot.origins.values())
    return "brow" in slot.name.lower().replace("brown", "")  # as hair often is
