"""The `character.toml` of what has been made, as a document, and the pictures that it names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from mien.art.layered.tree import Mask, union
from mien.importing.drafts import Draft, Drafts, GroupDraft
from mien.importing.face import Face
from mien.importing.flatten import Picture, shares
from mien.importing.mouths import MadeMouth
from mien.importing.naming import own_name, plain_name
from mien.importing.rig import Rig
from mien.types import Blend, Rect, Size

LIDS: Final = ("wide", "open", "three_quarter", "half", "nearly", "closed", "happy", "sad")


def slot_names(drafts: Drafts) -> None:
    """Give every slot, and every drawing of each, a name that the format takes; no two the same."""
    taken = {"mouth"}
    for slot in drafts.slots:
        base = plain_name(slot.name, "layer")
        if slot.side and slot.side not in base and slot.role != "mouth":
            base = f"{base}_{slot.side}"
        slot.name = "mouth" if slot.role == "mouth" else own_name(base, taken)
        drawn: set[str] = set()
        names = {name: own_name(plain_name(name, "drawing"), drawn) for name in slot.drawings}
        slot.drawings = {names[name]: picture for name, picture in slot.drawings.items()}
        slot.default = names.get(slot.default, "")


Pictures = dict[str, Picture]
"""Path in the folder, with forward slashes -> what lies there."""


PARTS: Final = "parts/"
"""What the paths of drawings begin with; masks of groups lie elsewhere."""


def parts_of(drafts: Drafts) -> Pictures:
    """The PNGs of all drawings and masks of groups."""
    return {
        f"{PARTS}{slot.name}/{name}.png": picture
        for slot in drafts.slots
        for name, picture in slot.drawings.items()
    }


def document(
    name: str,
    canvas: Size,
    drafts: Drafts,
    rig: Rig,
    mouth: MadeMouth,
    face: Face,
    expressions: Mapping[str, Any],
    about: Mapping[str, str],
) -> tuple[dict[str, Any], Pictures]:
    """What `character.toml` says, table by table, and the pictures of masks."""
    figure = face.figure
    foot = min(canvas.height, figure.y + figure.height)
    anchor = [
        round(figure.x + figure.width / 2),
        foot - (round(8 * face.unit) if foot == canvas.height else 0),
    ]
    made: dict[str, Any] = {
        "format": 1,
        "name": name,
        "canvas": [canvas.width, canvas.height],
        "anchor": anchor,
        "eye_line": [round(face.centre), round(face.eyes)],
        "about": dict(about),
        "joints": rig.joints,
        "slot": [_slot(slot) for slot in drafts.slots],
    }
    groups, masks = _groups(drafts, canvas)
    if groups:
        made["group"] = groups
    if rig.meshes:
        made["meshes"] = rig.meshes
    made["mouth"] = {"slot": "mouth", "moods": mouth.moods} | (
        {"halves": mouth.halves} if mouth.halves else {}
    )
    lids = {side: _lids(drafts, side) for side in ("left", "right")}
    # Of one eye both sides have the lids.
    made["lids"] = {"left": lids["left"] or lids["right"], "right": lids["right"] or lids["left"]}
    if rig.irises:
        made["gaze"] = {**rig.gaze, "irises": rig.irises, "glints": rig.glints, "glint_follow": 0.6}
        if not rig.glints:
            del made["gaze"]["glints"], made["gaze"]["glint_follow"]
    made["expressions"] = dict(expressions)
    return made, masks


def _slot(slot: Draft) -> dict[str, Any]:
    made: dict[str, Any] = {"name": slot.name, "joint": slot.joint, "drawings": list(slot.drawings)}
    if slot.default != next(iter(slot.drawings)):
        made["default"] = slot.default
    if slot.blend != Blend.NORMAL:
        made["blend"] = slot.blend.label
    if slot.opacity < 1.0:
        made["opacity"] = round(slot.opacity, 4)
    if slot.clip:
        made["clip"] = True
    if slot.role == "mouth":
        made["fade_ms"] = 70
    elif _is_lid(slot):
        made["fade_ms"] = 60
    elif slot.role == "brow" and len(slot.drawings) > 1:
        made["change"] = "cut"
    return made


def _is_lid(slot: Draft) -> bool:
    return slot.default == "open" and len(slot.drawings) > 1


def _lids(drafts: Drafts, side: str) -> list[str]:
    return [slot.name for slot in drafts.slots if slot.side == side and _is_lid(slot)]


def _groups(drafts: Drafts, canvas: Size) -> tuple[list[dict[str, Any]], Pictures]:
    """Groups around the slots that lie in them, and their masks."""
    spans: dict[int, tuple[GroupDraft, list[int]]] = {}
    for index, slot in enumerate(drafts.slots):
        group = slot.group
        while group is not None:
            spans.setdefault(id(group), (group, []))[1].append(index)
            group = group.parent
    taken: set[str] = set()
    made, masks = [], Pictures()
    for group, within in sorted(spans.values(), key=lambda span: (span[1][0], -len(span[1]))):
        first, last = drafts.slots[within[0]], drafts.slots[within[-1]]
        name = own_name(plain_name(group.name, "group"), taken)
        entry: dict[str, Any] = {"name": name, "first": first.name, "last": last.name}
        if group.pass_through:
            entry["pass_through"] = True
        elif group.blend != Blend.NORMAL:
            entry["blend"] = group.blend.label
        if group.opacity < 1.0:
            entry["opacity"] = round(group.opacity, 4)
        if group.clip and not group.pass_through:
            entry["clip"] = True
        if group.mask is not None:
            file = f"masks/{name}.png"
            slots = drafts.slots[within[0] : within[-1] + 1]
            masks[file] = _mask(group.mask, union(slot.box for slot in slots), canvas)
            entry |= {"mask": file, "joint": first.joint}
        made.append(entry)
    return made, masks


def _mask(mask: Mask, box: Rect, canvas: Size) -> Picture:
    """A mask as a picture: what it shows of a box is its alpha."""
    if not mask.outside:
        box = Rect(*mask.offset, mask.pixels.shape[1], mask.pixels.shape[0])
    share = shares(mask, box)
    pixels = np.full((box.height, box.width, 4), 255, np.uint8)
    pixels[..., 3] = np.rint(share * 255)
    return Picture(pixels, (box.x, box.y)).trimmed(canvas)


def toml_text(made: Mapping[str, Any], head: Sequence[str]) -> str:
    """A document as TOML, with comments in front."""
    lines = [f"# {line}" for line in head]
    _write(made, (), lines)
    return "\n".join(lines).strip() + "\n"


def _write(table: Mapping[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    deep = {key: value for key, value in table.items() if _is_table(value, path)}
    for key, value in table.items():
        if key not in deep:
            lines.append(f"{_key(key)} = {_value(value)}")
    for key, value in deep.items():
        inner = (*path, key)
        heading = ".".join(_key(part) for part in inner)
        if isinstance(value, list):
            for row in value:
                lines += ["", f"[[{heading}]]"]
                _write(row, inner, lines)
        else:
            if any(not _is_table(v, inner) for v in value.values()) or not value:
                lines += ["", f"[{heading}]"]
            _write(value, inner, lines)


def _is_table(value: Any, path: tuple[str, ...]) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(row, dict) for row in value) and not path
    # From the third level on tables stand on a line: `move = { head_yaw = [8, 0] }`.
    return isinstance(value, dict) and (len(path) < 2 or path[0] == "meshes")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_string(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return toml_string(value) if isinstance(value, str) else str(value)


def toml_string(text: str) -> str:
    """A text as TOML has it, in quotes."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return (
        '"'
        + "".join(escapes.get(c, c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in text)
        + '"'
    )
