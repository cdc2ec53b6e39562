"""The parts of a manifest that make a face: mouth, lids, gaze, expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from mien.art.manifest import SlotPlan
from mien.character import LID_SHAPES, LID_SLANTS, LID_STATES, Expression, Gaze, Joint, Lids, Mouth, Override
from mien.documents.table import Table
from mien.lipsync.fallback import complete
from mien.lipsync.track import WIDE
from mien.messages import quoted
from mien.types import CHANNELS, VISEMES

LID_NAMES = (*LID_STATES, *LID_SLANTS, *LID_SHAPES)
OVERRIDES = ("none", "blend", "block")


def read_mouth(table: Table, slots: tuple[SlotPlan, ...]) -> tuple[Mouth, tuple[str, ...]]:
    """`[mouth]`, every mood completed to 15 visemes; and the visemes that neutral does not draw itself."""
    slot_names = [slot.name for slot in slots]
    slot = slots[table.index("slot", table.text("slot", None), slot_names)]
    moods_table = table.table("moods")
    moods = {name: _mood(mood, slot) for name, mood in moods_table.tables()}
    if "sil" not in moods.get("neutral", {}):
        raise moods_table.error('must give `neutral` a drawing for "sil"; add e.g. `rest = ["sil"]`')
    halves_table = table.table("halves")
    given = {
        halves_table.known("", name, moods): _mood(half, slot, WIDE) for name, half in halves_table.tables()
    }
    table.finish()
    neutral = moods["neutral"]
    shapes = {name: complete(mood, neutral) for name, mood in moods.items()}
    halves = {
        mood: tuple(given.get(mood, {}).get(v, own) for v, own in zip(VISEMES, drawn, strict=True))
        for mood, drawn in (shapes.items() if given else ())
    }
    mouth = Mouth(slots.index(slot), shapes, halves)
    return mouth, tuple(viseme for viseme in VISEMES if viseme not in neutral)


def _mood(table: Table, slot: SlotPlan, allowed: tuple[str, ...] = VISEMES) -> dict[str, int]:
    """Viseme -> drawing index, only those that the mood names, all of them `allowed`."""
    shown_by: dict[str, str] = {}
    for drawing in table.keys():  # noqa: SIM118 (Table is no mapping)
        table.known("", drawing, slot.drawings)
        for i, viseme in enumerate(table.names(drawing)):
            key = f"{drawing}[{i}]"
            if table.known(key, viseme, allowed) in shown_by:
                other = shown_by[viseme]
                raise table.error(
                    f"gives {quoted(viseme)}, which {quoted(other)} shows already; give it to one of them",
                    key,
                )
            shown_by[viseme] = drawing
    return {viseme: slot.find(drawing) for viseme, drawing in shown_by.items()}


def read_lids(table: Table, slots: tuple[SlotPlan, ...]) -> Lids:
    """`[lids]`; both sides are empty when it is left out."""
    names = [slot.name for slot in slots]
    sides = []
    for side in ("left", "right"):
        sides.append(tuple(table.index(f"{side}[{i}]", n, names) for i, n in enumerate(table.names(side))))
    table.finish()
    return Lids(*sides)


def read_gaze(table: Table, joints: tuple[Joint, ...]) -> Gaze:
    """`[gaze]`; eyes that do not move when it is left out."""
    names = [joint.name for joint in joints]
    moved = []
    for key in ("irises", "glints"):
        moved.append(tuple(table.index(f"{key}[{i}]", n, names) for i, n in enumerate(table.names(key))))
    gaze = Gaze(
        x=table.point("x", (0.0, 0.0)),
        y=table.point("y", (0.0, 0.0)),
        irises=moved[0],
        glints=moved[1],
        glint_follow=table.number("glint_follow", 0.35, 0.0, 1.0),
    )
    table.finish()
    return gaze


def read_expressions(table: Table, slots: tuple[SlotPlan, ...], mouth: Mouth) -> dict[str, Expression]:
    """`[expressions.NAME]`; `neutral` is added when it is left out."""
    expressions = {name: _expression(name, entry, slots, mouth) for name, entry in table.tables()}
    expressions.setdefault("neutral", Expression("neutral", {}))
    return expressions


def _expression(name: str, table: Table, slots: tuple[SlotPlan, ...], mouth: Mouth) -> Expression:
    overrides = {
        f"override_{part}": cast(Override, table.choice(f"override_{part}", "none", OVERRIDES))
        for part in ("blink", "gaze", "mouth")
    }
    expression = Expression(
        name=name,
        slots=read_picks(table.table("slots"), slots),
        lids=_lid_states(table),
        mood=table.choice("mood", "neutral", mouth.moods),
        rest_viseme=VISEMES.index(table.choice("rest_viseme", "sil", VISEMES)),
        channels=read_channels(table.table("channels")),
        fade_ms=table.number("fade_ms", 220.0, 0.0, 60_000.0),
        hold_lids=table.flag("hold_lids", False),
        **overrides,
    )
    table.finish()
    return expression


def _lid_states(table: Table) -> tuple[str, str]:
    value = table.take("lids")
    if value is None:
        return ("open", "open")
    if not isinstance(value, dict):
        state = table.known("lids", value, LID_NAMES)
        return (state, state)
    sides = table.child("lids", value)
    states = (sides.choice("left", "open", LID_NAMES), sides.choice("right", "open", LID_NAMES))
    sides.finish()
    return states


def read_channels(table: Table) -> dict[str, float]:
    """Channel -> offset."""
    return {
        table.known("", c, CHANNELS): table.number(c, None, -2.0, 2.0)
        for c in table.keys()  # noqa: SIM118 (Table is no mapping)
    }


def read_picks(table: Table, slots: tuple[SlotPlan, ...]) -> dict[int, int]:
    """Slot index -> drawing index."""
    names = [slot.name for slot in slots]
    picks = {}
    for key in table.keys():  # noqa: SIM118 (Table is no mapping)
        slot = slots[table.index("", key, names)]
        picks[names.index(key)] = slot.find(table.choice(key, None, ("", *slot.drawings)))
    return picks


def read_aliases(table: Table, expressions: Mapping[str, Expression]) -> dict[str, str]:
    """`[aliases]`: other name -> expression."""
    aliases = {}
    for alias in table.keys():  # noqa: SIM118 (Table is no mapping)
        if alias in expressions:
            raise table.error("is an expression itself; take the alias out", alias)
        aliases[alias] = table.choice(alias, None, expressions)
    return aliases
