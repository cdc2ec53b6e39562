"""Where a drawing comes from, of a character that was made of art."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from mien.messages import quoted

How: TypeAlias = Literal["named", "given", "guessed", "kept", "made"]
"""How it is known what a layer of the art is: by its name or that of its folder; because somebody, or the
file, says so; by its place and shape; not at all, it is shown as it is. `made`: no layer shows this, Mien has
drawn it."""
HOWS: Final[tuple[How, ...]] = ("named", "given", "guessed", "kept", "made")
BY_FOLDER: Final = "by the name of its folder"
"""Why a layer is taken for what its folder is called."""
_MOST_NAMED: Final = 3
"""Most layers that are named."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a drawing comes from."""

    how: How
    layers: tuple[str, ...] = ()
    """Paths of the layers, or names of the pictures, that it shows, as corrections name them; of what was
    made those that it was made of, as far as known."""
    taken_for: str = ""
    """What they were taken for, in the words of corrections: `iris left`, `mouth aa`; "" for no part of a
    figure that is known."""
    why: str = ""
    """More of how it is known, or of what it was made."""
    under: str = ""
    """The slot that covers most of it at rest, or of lashes the iris or the white that cuts them; "" for
    none."""
    missing: str = ""
    """What was not found at the other side, in the words of corrections: of a left brow alone `brow right`,
    of eyes of which both irises are hidden `iris`, both whites `white`; of a mouth that was made up and that
    a layer may be `mouth sil` or `mouth aa`; "" for nothing."""
    perhaps: str = ""
    """The layer that may be what is missing, as corrections name it; "" for none."""
    doubt: str = ""
    """What is odd about the layer (`'mouth' has a stray dot, ...`), or about the correction that says what it
    is: `'chin' is given as a brow and lies below the eyes`; "" for nothing."""
    undo: str = ""
    """What to do about that."""

    @property
    def brief(self) -> str:
        """The layers, what they were taken for, and how that is known: `'Layer 4' as eye left, guessed`."""
        if self.how == "made":
            return f"made of {named_layers(self.layers)}" if self.layers else "made by Mien"
        known = {"named": self.why or "by name", "kept": "no known part", "given": self.why}.get(
            self.how
        ) or self.how
        return f"{self._told}, {known}" if self._told else self.why or known

    def __str__(self) -> str:
        """In words: `'Layer 4' as eye left, guessed: a pair beside each other`."""
        if self.how == "made":
            of = f" of {named_layers(self.layers)}" if self.layers else ""
            return f"made by Mien{of}{f' ({self.why})' if self.why else ''}"
        known = {
            "named": self.why or "by its name",
            "given": self.why or "given",
            "guessed": f"guessed: {self.why}" if self.why else "guessed",
        }.get(self.how, "with no part to play")
        return f"{self._told}, {known}" if self._told else known

    @property
    def _told(self) -> str:
        layers = named_layers(self.layers)
        return f"{layers} as {self.taken_for}" if layers and self.taken_for else layers or self.taken_for


def named_layers(layers: tuple[str, ...]) -> str:
    """Layers in quotes, the first of many."""
    shown = ", ".join(map(quoted, layers[:_MOST_NAMED]))
    left = len(layers) - _MOST_NAMED
    return f"{shown} and {left} more" if left > 0 else shown


def by_kind(origins: Iterable[Origin]) -> Iterator[Origin]:
    """Origins, the layers of those together that are known alike."""
    kinds: dict[tuple[str, str], list[Origin]] = {}
    for one in origins:
        kinds.setdefault((one.how, one.taken_for), []).append(one)
    for first, *others in kinds.values():
        layers = (layer for one in (first, *others) for layer in one.layers)
        yield replace(first, layers=tuple(dict.fromkeys(layers)))
