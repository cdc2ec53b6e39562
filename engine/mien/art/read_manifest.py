"""The manifest: what character.toml (or a baked character.json) says, checked, with names resolved.

All checks of a character's text are here and in `face`, made once, when it is built.
"""

from __future__ import annotations

from typing import cast

from mien.art import face
from mien.art.gesturing import read_gestures
from mien.art.grouping import read_blend, read_groups
from mien.art.manifest import Baked, Manifest, SlotPlan
from mien.art.meshes import read_meshes
from mien.art.origins import read_origins
from mien.art.picture_keys import read_baked, read_file, read_mask, read_offset
from mien.character import CHANGES, Change, Joint
from mien.documents.problems import Problems
from mien.documents.table import Table
from mien.messages import quoted
from mien.types import CHANNELS, Size

FORMAT = 1
"""The version of the format that this module reads and writes."""

MIN_CANVAS, MAX_CANVAS = 16, 4096
"""Smallest and largest canvas side in authored pixels."""

MAX_SLOTS, MAX_DRAWINGS, MAX_JOINTS = 256, 256, 256
"""Most slots of a character, drawings of a slot, joints of a character."""

MAX_BAKED_BYTES = 1 << 30
"""Largest pages of a baked character in memory: a few kilobytes of PNG can claim far more."""


def read_manifest(document: object, file: str, *, baked: bool = False) -> Manifest:
    """Check a parsed document and resolve its names. Raises FormatError naming key, value and remedy."""
    root = Table(document, file)
    root.version(FORMAT)
    name = root.text("name", None)
    if not name.strip() or not name.isprintable() or len(name) > 200:
        raise root.error(f"is {quoted(name)}; give the character a short printable name", "name")
    canvas = _canvas(root)
    middle = (canvas.width / 2, float(canvas.height))
    anchor = root.point("anchor", middle)
    eye_line = root.point("eye_line", (canvas.width / 2, canvas.height * 0.4))
    about = root.table("about")
    texts = {key: about.text(key, None) for key in about.keys()}  # noqa: SIM118 (Table is no mapping)
    page_size = root.whole("page_size", None, 16, 8192) if baked else 0
    page_count = root.whole("pages", None, 1, 32) if baked else 0
    if 4 * page_count * page_size**2 > MAX_BAKED_BYTES:
        what = f"is {page_count}, of {page_size} px each, more than {MAX_BAKED_BYTES >> 20} MiB together"
        raise root.error(f"{what}; bake it smaller", "pages")
    joints = _joints(root.child("joints", root.need("joints")))
    joint_names = tuple(joint.name for joint in joints)
    slots = _slots(root, joint_names, page_size, page_count)
    mouth, substituted = face.read_mouth(root.child("mouth", root.need("mouth")), slots)
    gestures, motions = read_gestures(root.table("gestures"), slots)
    manifest = Manifest(
        file=file,
        name=name,
        canvas=canvas,
        anchor=anchor,
        eye_line=eye_line,
        slots=slots,
        joints=joints,
        expressions=(expressions := face.read_expressions(root.table("expressions"), slots, mouth)),
        aliases=face.read_aliases(root.table("aliases"), expressions),
        mouth=mouth,
        lids=face.read_lids(root.table("lids"), slots),
        gaze=face.read_gaze(root.table("gaze"), joints),
        gestures=gestures,
        motions=motions,
        about=texts,
        groups=read_groups(root, slots, joint_names, page_size, page_count),
        meshes=read_meshes(root, slots, joint_names),
        substituted=substituted,
        page_size=page_size,
        page_count=page_count,
    )
    root.finish()
    return manifest


def _canvas(root: Table) -> Size:
    value = root.need("canvas")
    if not isinstance(value, list) or len(value) != 2:
        raise root.error(f"is {quoted(value)}, but must be [width, height]", "canvas")
    return Size(
        root.as_whole("canvas[0]", value[0], MIN_CANVAS, MAX_CANVAS),
        root.as_whole("canvas[1]", value[1], MIN_CANVAS, MAX_CANVAS),
    )


def _joints(table: Table) -> tuple[Joint, ...]:
    """Joints with parents before children, otherwise in the order of the file."""
    tables = dict(table.tables())
    if not 1 <= len(tables) <= MAX_JOINTS:
        raise table.error(f"has {len(tables)} joints, but must have 1 to {MAX_JOINTS}; add [joints.NAME]")
    parents: dict[str, str] = {}
    for name, joint in tables.items():
        parents[name] = joint.choice("parent", None, tables) if joint.has("parent") else ""
    order: list[str] = []
    for name in tables:
        path: list[str] = []
        while name and name not in order:
            if name in path:
                cycle = " -> ".join([*path[path.index(name) :], name])
                raise tables[name].error(f"makes a cycle ({cycle}); take one of these parents out", "parent")
            path.append(name)
            name = parents[name]
        order += reversed(path)
    joints = []
    for name in order:
        joint = tables[name]
        rotate = joint.table("rotate")
        joints.append(
            Joint(
                name=name,
                parent=order.index(parents[name]) if parents[name] else -1,
                pivot=joint.point("pivot", None),
                rotate={c: rotate.number(c, None, -360.0, 360.0) for c in _channels(rotate)},
                move=_vectors(joint.table("move")),
                scale=_vectors(joint.table("scale")),
            )
        )
        joint.take("parent")
        joint.finish()
    return tuple(joints)


def _channels(table: Table) -> list[str]:
    return [table.known("", key, CHANNELS) for key in table.keys()]  # noqa: SIM118 (Table is no mapping)


def _vectors(table: Table) -> dict[str, tuple[float, float]]:
    return {channel: table.point(channel, None) for channel in _channels(table)}


def _slots(root: Table, joints: tuple[str, ...], page_size: int, page_count: int) -> tuple[SlotPlan, ...]:
    rows = root.rows("slot")
    if len(rows) > MAX_SLOTS:
        raise root.error(f"has {len(rows)} slots, and {MAX_SLOTS} is the limit; merge some", "slot")
    slots: list[SlotPlan] = []
    first: dict[str, int] = {}
    problems = Problems()
    for i, row in enumerate(rows):
        with problems.gathered():
            table = root.child(f"slot[{i}]", row)
            name = table.check_name(table.text("name", None), "name")
            table.place = f'slot[{i}] "{name}"'
            if name.lower() in first:  # PNG folders are named after slots, and some systems ignore case
                raise table.error(f"has the name of slot[{first[name.lower()]}]; give it another", "name")
            first[name.lower()] = i
            slots.append(_slot(table, name, joints, page_size, page_count))
            table.finish()
    problems.tell()
    return tuple(slots)


def _slot(table: Table, name: str, joints: tuple[str, ...], page_size: int, page_count: int) -> SlotPlan:
    drawings = tuple(table.names("drawings"))
    if not 1 <= len(drawings) <= MAX_DRAWINGS:
        raise table.error(f"has {len(drawings)} entries, but must have 1 to {MAX_DRAWINGS}", "drawings")
    spelt: dict[str, str] = {}
    for j, drawing in enumerate(drawings):
        key = f"drawings[{j}]"
        other = spelt.setdefault(table.check_name(drawing, key).lower(), drawing)
        if other != drawing:  # they would be one file on systems that ignore case
            raise table.error(
                f"is {quoted(drawing)}, which differs from {quoted(other)} in case alone; rename one", key
            )
    default = table.choice("default", drawings[0], ("", *drawings))
    baked: dict[str, Baked] = {}
    files: dict[str, str] = {}
    offsets: dict[str, tuple[int, int]] = {}
    if page_size:
        regions = table.table("regions")
        baked = {drawing: read_baked(regions, drawing, page_size, page_count) for drawing in drawings}
        regions.finish()
    else:
        named = table.table("files")
        files = {drawing: f"parts/{name}/{drawing}.png" for drawing in drawings}
        for drawing in named.keys():  # noqa: SIM118 (Table is no mapping)
            files[named.known("", drawing, drawings)] = read_file(named, drawing)
        placed = table.table("offsets")
        for drawing in placed.keys():  # noqa: SIM118 (Table is no mapping)
            offsets[placed.known("", drawing, drawings)] = read_offset(placed, drawing)
    return SlotPlan(
        name=name,
        drawings=drawings,
        default=drawings.index(default) if default else -1,
        joint=joints.index(table.choice("joint", None, joints)),
        blend=read_blend(table),
        opacity=table.number("opacity", 1.0, 0.0, 1.0),
        clip=table.flag("clip", False),
        fade_ms=table.number("fade_ms", 140.0, 0.0, 60_000.0),
        change=cast(Change, table.choice("change", "fade", CHANGES)),
        mask=read_mask(table, page_size, page_count),
        files=files,
        offsets=offsets,
        baked=baked,
        origins=read_origins(table, drawings),
    )
