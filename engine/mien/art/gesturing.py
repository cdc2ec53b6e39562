"""The gestures of a manifest: slots that change together, and timed keys of channels."""

from __future__ import annotations

from mien.art.face import read_channels, read_picks
from mien.art.manifest import SlotPlan
from mien.character import GestureKey, GestureMotion
from mien.documents.table import Table

MAX_KEYS = 64
"""Most keys of one gesture."""

LONGEST_MS = 3000.0
"""Latest key, longest retract: what was begun longer ago than this is not looked back on."""

Gestures = dict[str, dict[int, int]]


def read_gestures(table: Table, slots: tuple[SlotPlan, ...]) -> tuple[Gestures, dict[str, GestureMotion]]:
    """`[gestures.NAME]`: what each shows by slot, and how those that have keys move."""
    gestures: Gestures = {}
    motions: dict[str, GestureMotion] = {}
    for name, entry in table.tables():
        gestures[name] = read_picks(entry.table("slots"), slots)
        if entry.has("keys"):
            motions[name] = _motion(entry)
        entry.finish()
    return gestures, motions


def _motion(table: Table) -> GestureMotion:
    rows = table.rows("keys")
    if len(rows) > MAX_KEYS:
        raise table.error(f"has {len(rows)} entries, and {MAX_KEYS} is the limit; leave some out", "keys")
    keys: list[GestureKey] = []
    for i, row in enumerate(rows):
        key = table.child(f"keys[{i}]", row)
        at_ms = key.number("at_ms", None, 1.0, LONGEST_MS)
        if keys and at_ms <= keys[-1].at_ms:
            raise key.error(
                f"is {at_ms:g}, not later than the key before; put keys in order of time", "at_ms"
            )
        keys.append(GestureKey(at_ms, read_channels(key.table("channels"))))
        key.finish()
    return GestureMotion(
        keys=tuple(keys),
        change_ms=table.number("change_ms", 0.0, 0.0, LONGEST_MS),
        retract_ms=table.number("retract_ms", 800.0, 1.0, LONGEST_MS),
        drift=table.number("drift", 0.0, 0.0, 1.0),
        beat=read_channels(table.table("beat")),
    )
