"""Parts of a face that were found on one side alone, or hidden on both, and what may be what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mien.art.layered.tree import union
from mien.art.phrases import MOUTHS, or_call_it, or_draw_it, show_in_art, side_first
from mien.importing.document import toml_string
from mien.importing.drafts import Draft, Drafts
from mien.importing.names import EYE_ROLES, family_of
from mien.importing.seen import are_alike, middle
from mien.importing.sides import OTHER_SIDE, is_on_both_sides
from mien.importing.source import Path, path_text
from mien.importing.specks import BARE
from mien.messages import quoted
from mien.origin import BY_FOLDER
from mien.types import Rect

_PIECES: Final[dict[str, tuple[str, ...]]] = {
    "eye": EYE_ROLES,
    "white": ("white",),
    "iris": ("iris", "pupil"),
    "lash": ("lash",),
    "brow": ("brow",),
}
"""What each part is drawn of: roles."""
_OF_EYES: Final = ("white", "iris", "lash")
_AROUND: Final = ("face", "head", "body")
"""Roles of what a face lies in."""
_ASIDE: Final = 0.6
"""How far from where the missing one would be another layer may lie, in widths of the one that is there."""


@dataclass(frozen=True, slots=True)
class Lone:
    """A brow, an eye, or the white, iris, lashes or lids of one, or a mouth, that is missing."""

    part: str
    """`brow`, `eye`, `white`, `iris`, `lash` or `lid`; `shut mouth` or `open mouth`."""
    side: str
    """The character's own, of the one that is missing; empty for both."""
    found: tuple[Path, ...]
    """The layers of the one that was found."""
    perhaps: Path = ()
    """A layer that lies where the missing one would, and plays no part; empty for none."""
    is_hidden: bool = False
    """Whether the art hides that."""
    hidden: tuple[tuple[Path, str], ...] = ()
    """Layers that are it, and that the art hides: each with what it is, in the words of corrections."""

    @property
    def missing(self) -> str:
        """What is missing: `right brow`, `irises`."""
        return self.part if self.part in MOUTHS else side_first(f"{self.part} {self.side}".strip())

    @property
    def found_as(self) -> str:
        """What is there: `left brow`."""
        return f"{OTHER_SIDE[self.side]} {self.part}"

    @property
    def role(self) -> str:
        """What is missing, in the words of corrections: `brow right`, `eye right closed`, `iris`."""
        if self.part in MOUTHS:
            return MOUTHS[self.part]
        return f"eye {self.side} closed" if self.part == "lid" else f"{self.part} {self.side}".strip()

    def is_beside(self, slot: Draft) -> bool:
        """Whether a slot shows the one that was found, or is of eyes without whites or irises."""
        if self.part in MOUTHS:
            return slot.role == "mouth"
        family = family_of(slot.role) in (("brow",) if self.part == "brow" else ("eye", "shut"))
        return family and slot.side != self.side

    def is_of(self, slot: Draft) -> bool:
        """Whether a slot is of the part that is missing."""
        return slot.role in _PIECES.get(self.part, ())

    @property
    def remark(self) -> str:
        """That it is missing, the layer of the other one, and what to do."""
        hidden = self.hidden or ((self.perhaps, self.role),)
        lines = (f'{toml_string(path_text(path) or "LAYER")} = "{what}"' for path, what in hidden)
        if self.hidden:
            what = f"{show_in_art(_named([path for path, _ in hidden]), len(hidden))}, or write"
        else:
            which = f"{_named([self.perhaps])}{', which the art hides,' if self.is_hidden else ''}"
            what = f"If {which} is it, write" if self.perhaps else "Write its layer"
        told = f"no {self.missing} {'was' if self.part in MOUTHS else 'were'} found"
        if self.side:
            other = _named(self.found) or "made up"
            told = f"no {self.missing} was found; the {OTHER_SIDE[self.side]} one is {other}"
        line = " and in the next line ".join(lines)
        where = "under [layers] in a file for `mien import --map`"
        else_do = or_call_it if self.hidden or self.perhaps else or_draw_it
        return f"{told}. {what} {where}: {line}{else_do(self.role)}"


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(quoted(path_text(path)) for path in paths)


def lone_features(drafts: Drafts) -> list[Lone]:
    """Eyes, whites, irises, lashes and brows of one side alone, and whites and irises that are hidden on
    both; `sides.set_sides` has given them their sides. Of a face that shows one eye none."""
    if drafts.is_one_eyed:
        return []
    eyes = [slot for slot in drafts.of(*EYE_ROLES) if not slot.lid_state]
    brows = list(drafts.of("brow", shown=False))
    pieces = [lone for part in _OF_EYES for lone in _lone_pieces(part, drafts)]
    return [*_lone("eye", eyes, drafts), *pieces, *_lone("brow", brows, drafts)]


def lone_lids(drafts: Drafts, missing: Sequence[Lone]) -> list[Lone]:
    """Lids of one side alone, or drawn on one alone; `joining.join_eyes` has made what can be made.
    `missing`: the eyes that are, which have none."""
    if drafts.is_one_eyed or any(lone.part == "eye" for lone in missing):
        return []
    shut = [slot for slot in drafts.of(*EYE_ROLES, "shut", shown=False) if "closed" in slot.drawings]
    drawn = [slot for slot in shut if slot.drawings["closed"].layers]  # beside it a made one looks otherwise
    return _lone("lid", drawn or shut, drafts)


def _lone_pieces(part: str, drafts: Drafts) -> list[Lone]:
    """Whites, irises or lashes of eyes that are there and show none. An eye that is one layer needs none of
    its own, but where the other one has it. Many eyes have no lashes: none on both sides are not missing."""
    own = {side: [s for s in drafts.of(*_PIECES[part], side=side) if not s.lid_state] for side in OTHER_SIDE}
    lacking = []
    for side, other in OTHER_SIDE.items():
        pieces = {slot.role for slot in drafts.of(*EYE_ROLES, side=side) if not slot.lid_state}
        hidden = _hidden(_PIECES[part], side, drafts)
        reasons = (own[other], hidden, "eye" not in pieces)
        if pieces and not own[side] and sum(map(bool, reasons)) > 1:
            lacking.append((side, hidden))
    if len(lacking) == len(OTHER_SIDE) and part != "lash":
        return [
            Lone(part, "", (), hidden=tuple(dict.fromkeys(one for _, hidden in lacking for one in hidden)))
        ]
    return [lone for side, _ in lacking for lone in _lone(part, own[OTHER_SIDE[side]], drafts)]


def _lone(part: str, slots: Sequence[Draft], drafts: Drafts) -> list[Lone]:
    sides = {slot.side for slot in slots}
    if len(slots) == 1 and is_on_both_sides(slots[0]):  # and told as that
        return []
    if len(sides) != 1 or (side := sides.pop()) not in OTHER_SIDE:
        return []
    found = tuple(dict.fromkeys(path for slot in slots for path in slot.paths))
    box = union(slot.box for slot in slots)
    twin = None if part == "lid" else _twin(box, drafts)
    perhaps, is_hidden = (twin.paths[0], twin.hidden) if twin is not None else ((), False)
    hidden = () if part == "lid" else _hidden(_PIECES[part], OTHER_SIDE[side], drafts)
    return [Lone(part, OTHER_SIDE[side], found, perhaps, is_hidden, hidden)]


def _hidden(roles: Sequence[str], side: str, drafts: Drafts) -> tuple[tuple[Path, str], ...]:
    """Layers of a side that play a part and that the art hides, with what they are."""
    own = [slot for slot in drafts.of(*roles, side=side, shown=False) if slot.hidden and not slot.default]
    others = {path for slot in drafts.of(*roles, side=OTHER_SIDE[side], shown=False) for path in slot.paths}
    return tuple(
        (path, slot.role if path in others else f"{slot.role} {side}") for slot in own for path in slot.paths
    )


def is_free(slot: Draft) -> bool:
    """Whether a layer may be a part of a face: it plays no part, or that of its folder alone, as `face`,
    which says little of what is small."""
    is_unknown = not slot.role or (slot.role in _AROUND and slot.why == BY_FOLDER)
    is_unknown = is_unknown and slot.why != BARE
    return is_unknown and slot.how != "given" and not slot.costume and len(slot.paths) == 1


def _twin(box: Rect, drafts: Drafts) -> Draft | None:
    """A layer without a part to play that is like a box, and lies as far at the other side of the face; None
    for none."""
    face = union(slot.box for slot in drafts.of(*EYE_ROLES)) if any(drafts.of(*EYE_ROLES)) else None
    if face is None:
        return None
    x = 2 * middle(face)[0] - middle(box)[0]
    for slot in reversed(drafts.slots):
        if is_free(slot) and are_alike(slot.box, box) and abs(middle(slot.box)[0] - x) < _ASIDE * box.width:
            return slot
    return None
