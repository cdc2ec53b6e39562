"""What is known of the art that a character was made of."""

from __future__ import annotations

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


def is_hidden_by_hand(slot: Slot) -> bool:
    """Whether a correction says that it is not to be shown."""
    return any(one.how == "given" and one.taken_for == "hidden" for one in slot.origins.values())


def is_aside(slot: Slot) -> bool:
    """Whether its layer is no part of the figure, by its name: a note, a sketch, a guide."""
    return any(one.how == "named" and one.taken_for == "hidden" for one in slot.origins.values())


def always_blushes(character: Character) -> tuple[str, ...]:
    """The layers of a blush that is always shown, of a character that was made of art."""
    slots = (slot for slot in character.slots if slot.default >= 0)
    found = (one for slot in slots for one in slot.origins.values() if one.taken_for.startswith("blush"))
    return tuple(dict.fromkeys(layer for one in found for layer in one.layers))


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
