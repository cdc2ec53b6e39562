"""Where drawings come from, as a slot's `origins` in a document: a table for those that have it in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from mien.documents.table import Table
from mien.origin import HOWS, How, Origin

_TEXTS: Final = ("taken_for", "why", "under", "missing", "perhaps", "doubt", "undo")
"""Fields that are written where they are not empty."""


def read_origins(slot: Table, drawings: Sequence[str]) -> dict[str, Origin]:
    """Drawing -> where it comes from. Drawings that the slot does not have (any more) are passed over."""
    found: dict[str, Origin] = {}
    for i, row in enumerate(slot.items("origins")):
        table = slot.child(f"origins[{i}]", row)
        # As they are: corrections name them so.
        layers = [table.as_text(f"layers[{k}]", name) for k, name in enumerate(table.items("layers"))]
        origin = Origin(
            how=cast(How, table.choice("how", None, HOWS)),
            layers=tuple(layers),
            **{key: table.text(key, "") for key in _TEXTS},
        )
        found.update({name: origin for name in table.names("drawings") if name in drawings})
        table.finish()
    return found


def origins_document(origins: Mapping[str, Origin]) -> list[dict[str, Any]]:
    """What `read_origins` reads back."""
    drawings: dict[Origin, list[str]] = {}
    for drawing, origin in origins.items():
        drawings.setdefault(origin, []).append(drawing)
    return [
        {
            "drawings": names,
            "how": origin.how,
            **({"layers": list(origin.layers)} if origin.layers else {}),
            **{key: text for key in _TEXTS if (text := getattr(origin, key))},
        }
        for origin, names in drawings.items()
    ]
