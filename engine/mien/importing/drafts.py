"""Slots and groups of a character while it is made: what the tree of a source becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from mien.art.doubts import Doubt
from mien.art.layered.tree import Mask, union
from mien.importing.flatten import Picture
from mien.importing.labels import How
from mien.importing.source import Path
from mien.types import Blend, Rect

Status = Literal["mapped", "guessed", "kept", "hidden", "made", "given"]
"""What became of a layer: known by its name; guessed; shown without a part to play; kept, and not shown;
made up here; as somebody, or its file, says. Which of these it is `Row.why` tells."""


DoubtsOf = Iterator[tuple[tuple[Path, ...], Doubt]]
"""Doubts, each with the layers that it is of."""
NOT_SHOWN: Final = "kept, not shown"
"""What is said of a layer that the file hides."""
STATUS_OF: dict[How, Status] = {"guessed": "guessed", "given": "given", "named": "mapped"}
"""What to say of a layer with a part to play, by how that is known."""


def known_by(how: How, why: str) -> str:
    """Where it is known from what a layer is, in words for the table. `why`: what more is known of that."""
    if how == "named":
        return why or "by its name"
    return f"by its place: {why}" if how == "guessed" else why


@dataclass(slots=True, eq=False)
class GroupDraft:
    """A group of slots that is drawn as one."""

    name: str
    parent: GroupDraft | None
    blend: Blend
    opacity: float
    mask: Mask | None
    clip: bool
    pass_through: bool


@dataclass(slots=True, eq=False)
class Draft:
    """A slot."""

    name: str
    role: str
    side: str
    drawings: dict[str, Picture]
    default: str
    """The drawing that is shown; empty for none."""
    paths: tuple[Path, ...] = ()
    """The layers that it shows."""
    how: How = ""
    why: str = ""
    blend: Blend = Blend.NORMAL
    opacity: float = 1.0
    clip: bool = False
    group: GroupDraft | None = None
    joint: str = ""
    lid_state: str = ""
    """Of an eye that is drawn shut, or otherwise than open."""
    hidden: bool = False
    """Not shown in the file."""
    costume: str = ""
    mood: str = ""
    """The mood of the hidden face that it is of; empty for none."""
    of_moods: dict[str, bool] = field(default_factory=dict)
    """Of what shows eyes that are not open: moods that have eyes of their own in it, and whether these are
    lines, as shut ones are."""
    done: str = ""
    """What became of the folder that it lies in, for the table; empty for nothing."""
    made: str = ""
    """Of drawings that were made up: from what, or why."""
    made_of: tuple[Path, ...] = ()
    """Of these the layers that they were made of, where not of all that it shows."""

    @property
    def box(self) -> Rect:
        """What all of its drawings cover."""
        return union(picture.box for picture in self.drawings.values())

    @property
    def shown(self) -> Picture | None:
        """The drawing that is shown; None for none."""
        return self.drawings.get(self.default)


@dataclass(slots=True)
class Row:
    """A line of the table of what became of what."""

    layer: str
    """The path of a layer; empty for what was made up."""
    status: Status
    became: str
    """A slot, with the drawing where it has several; a joint's pivot."""
    why: str = ""
    """Where that is known from (its name, its place, a correction, its file), and what else is to be said."""


@dataclass(slots=True, eq=False)
class Drafts:
    """All of them, bottom to top."""

    slots: list[Draft] = field(default_factory=list)
    pivots: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Of layers, by their names in small letters: where markers in the file lie."""
    empty: dict[Path, tuple[str, str, str]] = field(default_factory=dict)
    """Layers on which nothing is drawn -> role, side and state of what they are called."""
    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """One line each of what a user should know, beside what rows say."""
    doubts: dict[Path, Doubt] = field(default_factory=dict)
    """Of layers: what of them, or of the correction that says what they are, may not be meant."""
    is_one_eyed: bool = False
    """One eye is all that is drawn, as of somebody seen from the side."""

    def of(self, *roles: str, side: str | None = None, shown: bool = True) -> Iterator[Draft]:
        """Those of any of these roles. `shown`: only those that are shown."""
        for slot in self.slots:
            fits = slot.role in roles and (side is None or slot.side == side)
            if fits and (slot.default or not shown):
                yield slot

    def doubt(self, paths: Iterable[Path], doubt: Doubt) -> None:
        """Tell a doubt of layers, now and with all that is drawn of these."""
        self.remarks.append(doubt.line)
        self.doubts |= dict.fromkeys(paths, doubt)

    def place(self, draft: Draft, after: Draft) -> None:
        """Put a slot right above another one, in the same group."""
        draft.group = after.group
        self.slots.insert(self.slots.index(after) + 1, draft)
