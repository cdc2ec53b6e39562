"""Remarks about a character that loads, but could be better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mien.art.known import is_aside
from mien.art.layer_lint import lint_layers
from mien.art.shown_by import picked
from mien.character import LID_SHAPES, LID_SLANTS, LID_STATES, Character
from mien.lipsync.track import WIDE
from mien.messages import listed, quoted
from mien.types import U8, UNSIGNED_CHANNELS, VISEMES

LARGE_BYTES = 256 * 1024 * 1024
"""Pages that together are larger than this get a warning: two such characters fill a small GPU."""

LOW_FILL = 0.4
"""Share of several pages in use below which fewer or smaller pages would do."""

BLINK = ("open", "half", "closed")
"""Lid states that a blink needs to look like one."""


def lint(character: Character, pages: Sequence[U8]) -> tuple[str, ...]:
    """One sentence per warning, naming what it is about."""
    warnings = (*_lids(character), *_faces(character), *_unused(character), *_doubles(character))
    warnings += (*_apart(character), *_motions(character), *_beyond(character))
    return (*warnings, *_pivots(character), *lint_layers(character, pages), *_pages(character, pages))


def _lids(character: Character) -> Iterator[str]:
    for number, side in enumerate(("left", "right")):
        slots = [character.slots[i] for i in (character.lids.left, character.lids.right)[number]]
        if not slots:
            yield f"lids {side}: names no slots, so this eye never blinks; add its lids."
            continue
        drawn = {drawing.name for slot in slots for drawing in slot.drawings}
        wanted = dict.fromkeys(BLINK, "a blink")
        for expression in character.expressions.values():
            wanted.setdefault(expression.lids[number], f"expression {expression.name}")
        for state, user in wanted.items():
            if state not in drawn:
                needed = f"{quoted(state)}, which {user} needs"
                yield f"lids {side}: no slot draws {needed}; the nearest stands in."


def _faces(character: Character) -> Iterator[str]:
    if not character.gaze.irises:
        yield "gaze: names no irises, so the eyes never move; add their joints."
    spoken = character.slots[character.mouth.slot].name
    mouth = character.mouth
    if len(character.slots[mouth.slot].drawings) == 1:
        yield "mouth: has one drawing, so it never moves; draw it open as well."
    for mood, halves in mouth.halves.items():
        missing = [v for v in WIDE if halves[(i := VISEMES.index(v))] == mouth.moods[mood][i]]
        if missing:
            jumps = f"has no in-between for {listed(missing)}, so the mouth jumps; draw one"
            yield f"mouth.halves.{mood}: {jumps}."
    lids = {character.slots[i].name for i in (*character.lids.left, *character.lids.right)}
    for expression in character.expressions.values():
        for i in expression.slots:
            name = character.slots[i].name
            sets = f"expressions {expression.name}: sets slot {quoted(name)}"
            if name == spoken:
                yield f"{sets}, which speech sets; use a mood."
            elif name in lids:
                yield f"{sets}, which blinks set; use lids."


def _unused(character: Character) -> Iterator[str]:
    named = picked(character)
    lids = {*character.lids.left, *character.lids.right}
    for i, slot in enumerate(character.slots):
        idle = [
            drawing.name
            for d, drawing in enumerate(slot.drawings)
            if d != slot.default
            and (i, d) not in named
            and not (i in lids and drawing.name in (*LID_STATES, *LID_SLANTS, *LID_SHAPES))
        ]
        if idle and not is_aside(slot):
            yield f"slot {quoted(slot.name)}: nothing shows {listed(idle)} unless the host does."
    parents = {joint.parent for joint in character.joints}
    used = {slot.joint for slot in character.slots} | parents
    used |= {*character.gaze.irises, *character.gaze.glints}
    used |= {group.joint for group in character.groups if group.mask is not None}
    for i, joint in enumerate(character.joints):
        if i not in used:
            yield f"joints {joint.name}: nothing hangs on it; take it out, or hang a slot on it."


def _doubles(character: Character) -> Iterator[str]:
    """Equal pictures at the same place of one slot: one name would do, or one was not drawn yet. Not those
    that an import has made, which are nobody's to draw."""
    lids = {*character.lids.left, *character.lids.right}  # these must name every state, equal or not
    for i, slot in enumerate(character.slots):
        names: dict[object, list[str]] = {}
        for drawing in slot.drawings:
            names.setdefault((drawing.page, drawing.region, drawing.offset, drawing.flip_x), []).append(
                drawing.name
            )
        made = {name for name, origin in slot.origins.items() if origin.how == "made"}
        doubles = [" = ".join(same) for same in names.values() if len(same) > 1 and not made.issuperset(same)]
        if doubles and i not in lids:
            yield f"slot {quoted(slot.name)}: draws the same picture twice: {listed(doubles)}."


def _apart(character: Character) -> Iterator[str]:
    """Drawings too far apart to be mixed, in slots that do not say so. Marks on nothing fade through it."""
    for slot in character.slots:
        pairs = sorted(pair for pair in slot.apart if pair[0] >= 0)
        if slot.change == "cut" or slot.default < 0 or not pairs:
            continue
        names = [f"{slot.drawings[i].name} and {slot.drawings[j].name}" for i, j in pairs]
        yield (
            f"slot {quoted(slot.name)}: drawings that hardly overlap are cut, not mixed: {listed(names)}; "
            'draw them nearer to each other, split what moves at a joint, or say change = "cut".'
        )


def _motions(character: Character) -> Iterator[str]:
    """Gestures that drive what no joint follows."""
    driven = {c for joint in character.joints for by in (joint.rotate, joint.move, joint.scale) for c in by}
    for name, motion in character.motions.items():
        named = dict.fromkeys((*(c for key in motion.keys for c in key.channels), *motion.beat))
        idle = [c for c in named if c not in driven and not c.startswith("gaze_")]
        if idle:
            yield f"gestures {name}: moves {listed(idle)}, which no joint follows; let one, or take it out."


def _beyond(character: Character) -> Iterator[str]:
    """Offsets that go beyond the range of their channel by themselves."""
    offsets = {f"expressions {e.name}: channels": e.channels for e in character.expressions.values()}
    for name, motion in character.motions.items():
        offsets |= {f"gestures {name}: keys[{i}]": key.channels for i, key in enumerate(motion.keys)}
        offsets[f"gestures {name}: beat"] = motion.beat
    for where, channels in offsets.items():
        for channel, value in channels.items():
            if abs(value) > 1.0:
                low = 0 if channel in UNSIGNED_CHANNELS else -1
                yield (
                    f"{where} {channel} = {value:g} is cut at {value / abs(value):g}, as the channel goes "
                    f"from {low} to 1; give a value between."
                )


def _pages(character: Character, pages: Sequence[U8]) -> Iterator[str]:
    size = sum(page.nbytes for page in pages)
    if size > LARGE_BYTES:
        yield f"pages: {len(pages)} take {size / 2**20:.0f} MiB; load at a smaller scale, or draw smaller."
    regions = {(drawing.page, drawing.region) for drawing in character.drawings()}
    fill = 4 * sum(region.width * region.height for _, region in regions) / max(size, 1)
    if len(pages) > 1 and fill < LOW_FILL:
        yield f"pages: drawings fill {fill:.0%} of {len(pages)} pages; another page size may need fewer."


def _pivots(character: Character) -> Iterator[str]:
    """Joints whose pivot is so far outside that what hangs on them flies off when it turns."""
    width, height = character.canvas
    for joint in character.joints:
        x, y = joint.pivot
        if not (-width <= x <= 2 * width and -height <= y <= 2 * height):
            yield (
                f"joint {quoted(joint.name)}: its pivot is at ({x:g}, {y:g}), far outside the canvas of "
                f"{width}x{height}; give a point that it turns about, in canvas pixels."
            )
