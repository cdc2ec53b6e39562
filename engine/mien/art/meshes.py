"""Meshes: grids that bend slots. Read from a character's text, and completed once its pictures are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, hypot
from typing import Any

from mien.art.manifest import BallPlan, HangPlan, MeshPlan, SlotPlan
from mien.documents.problems import Problems
from mien.documents.table import Table
from mien.errors import FormatError
from mien.mesh import Ball, Hang, Mesh, Segment
from mien.messages import quoted
from mien.types import CHANNELS, Size

Box = tuple[int, int, int, int]
"""Authored pixels around a picture: left, top, right, bottom."""

MAX_MESHES = 64
"""Most meshes of a character."""
MIN_POINTS, MAX_POINTS = 2, 64
"""Points of a grid along x and y."""
MAX_SPREAD = 16
"""Most entries of what moves rows or columns."""
MAX_HANGS, MAX_SEGMENTS = 16, 4
"""Most chains of a mesh, segments of a chain."""
STEP = 32.0
"""Authored pixels between the points of a grid whose size is not given."""
MOST_OF_RADIUS = 0.6
"""Of the radius of a ball, how far its middle may move: beyond it what is at its side folds over."""

_Vectors = dict[str, tuple[tuple[float, float], ...]]


def read_meshes(root: Table, slots: Sequence[SlotPlan], joints: Sequence[str]) -> tuple[MeshPlan, ...]:
    """The meshes, in the order of the file."""
    table = root.table("meshes")
    tables = dict(table.tables())
    if len(tables) > MAX_MESHES:
        raise table.error(f"has {len(tables)} meshes, and {MAX_MESHES} is the limit; let some share one")
    found: list[MeshPlan] = []
    owner: dict[int, str] = {}
    problems = Problems()
    for name, mesh in tables.items():
        with problems.gathered():
            plan = _mesh(mesh, name, slots, joints)
            mesh.finish()
            for i, slot in enumerate(plan.slots):
                if slot in owner:
                    what = (
                        f"is {quoted(slots[slot].name)}, which the mesh {quoted(owner[slot])} bends already"
                    )
                    raise mesh.error(f"{what}; take it out of one of them", f"slots[{i}]")
                owner[slot] = name
            found.append(plan)
    problems.tell()
    return tuple(found)


def complete(plan: MeshPlan, drawn: Sequence[Box], scale: float, file: str) -> Mesh:
    """The mesh in pixels of the scaled canvas, with what was left out: by where its slots' pictures lie.

    Raises FormatError, which calls the character `file`, for a ball that folds over.
    """
    own = _around(drawn)
    box = plan.box or own
    (left, top), (right, bottom) = box[:2], box[2:]
    grid = plan.grid or Size(_points(right - left), _points(bottom - top))
    ball = None
    if plan.ball is not None:
        radius = plan.ball.radius or ((right - left) / 2, (bottom - top) / 2)
        _check_ball(plan, plan.ball, radius, file)
        ball = Ball(
            _times(plan.ball.centre or ((left + right) / 2, (top + bottom) / 2), scale),
            _times(radius, scale),
            {channel: _times(by, scale) for channel, by in plan.ball.move.items()},
        )
    hangs = tuple(
        Hang(
            _times(hang.root or ((own[0] + own[2]) / 2, own[1]), scale),
            _times(hang.tip or ((own[0] + own[2]) / 2, own[3]), scale),
            hang.width * scale,
            hang.gravity,
            tuple(Segment(period, hang.damping, hang.swing) for period in hang.periods_s),
        )
        for hang in plan.hangs
    )
    return Mesh(
        name=plan.name,
        slots=plan.slots,
        joint=plan.joint,
        grid=grid,
        box=(left * scale, top * scale, right * scale, bottom * scale),
        ball=ball,
        rows=_scaled(plan.rows, scale),
        columns=_scaled(plan.columns, scale),
        hangs=hangs,
    )


def _check_ball(plan: MeshPlan, ball: BallPlan, radius: tuple[float, float], file: str) -> None:
    for channel, by in ball.move.items():
        for moved, most in zip(by, (MOST_OF_RADIUS * one for one in radius), strict=True):
            if abs(moved) > most + 1e-9:
                raise FormatError(
                    f"{file}: meshes.{plan.name}.ball.move {channel} moves the middle by {moved:g} px, and a "
                    f"ball of this radius folds over beyond {most:g}; move it less, or enlarge the radius."
                )


def document_of(mesh: Mesh, slots: Sequence[str], joints: Sequence[str]) -> dict[str, Any]:
    """The table that `read_meshes` reads back as the same mesh, at scale 1."""
    document: dict[str, Any] = {
        "slots": [slots[s] for s in mesh.slots],
        "joint": joints[mesh.joint],
        "grid": list(mesh.grid),
        "box": list(mesh.box),
        "rows": {channel: [list(by) for by in values] for channel, values in mesh.rows.items()},
        "columns": {channel: [list(by) for by in values] for channel, values in mesh.columns.items()},
    }
    if mesh.hangs:
        document["hang"] = [_hang_document(hang) for hang in mesh.hangs]
    if mesh.ball is not None:
        document["ball"] = {
            "centre": list(mesh.ball.centre),
            "radius": list(mesh.ball.radius),
            "move": {channel: list(by) for channel, by in mesh.ball.move.items()},
        }
    return document


def _hang_document(hang: Hang) -> dict[str, Any]:
    return {
        "from": list(hang.root),
        "to": list(hang.tip),
        "width": hang.width,
        "gravity": hang.gravity,
        "periods": [segment.period_s for segment in hang.segments],
        "damping": hang.segments[0].damping,
        "swing": hang.segments[0].swing,
    }


def _mesh(table: Table, name: str, slots: Sequence[SlotPlan], joints: Sequence[str]) -> MeshPlan:
    names = [slot.name for slot in slots]
    chosen = [table.index(f"slots[{i}]", one, names) for i, one in enumerate(table.names("slots"))]
    if not chosen:
        raise table.error("names no slot; list those that the mesh bends", "slots")
    grid = box = None
    if table.has("grid"):
        grid = _grid(table)
    if table.has("box"):
        box = _box(table)
    plan = MeshPlan(
        name=name,
        slots=tuple(sorted(chosen)),
        joint=joints.index(table.choice("joint", joints[slots[chosen[0]].joint], joints)),
        grid=grid,
        box=box,
        ball=_ball(table.table("ball")) if table.has("ball") else None,
        rows=_vectors(table.table("rows")),
        columns=_vectors(table.table("columns")),
        hangs=_hangs(table),
    )
    if not (plan.ball or plan.rows or plan.columns or plan.hangs):
        raise table.error("moves nothing; add a ball, rows, columns or [[...hang]], or take it out")
    return plan


def _grid(table: Table) -> Size:
    value = table.take("grid")
    if not isinstance(value, list) or len(value) != 2:
        raise table.error(f"is {quoted(value)}, but must be [points across, points down]", "grid")
    across, down = (table.as_whole(f"grid[{i}]", one, MIN_POINTS, MAX_POINTS) for i, one in enumerate(value))
    return Size(across, down)


def _box(table: Table) -> tuple[float, float, float, float]:
    value = table.take("box")
    if not isinstance(value, list) or len(value) != 4:
        raise table.error(f"is {quoted(value)}, but must be [left, top, right, bottom]", "box")
    left, top, right, bottom = (table.as_number(f"box[{i}]", one) for i, one in enumerate(value))
    if right - left < 1.0 or bottom - top < 1.0:
        raise table.error(
            f"is {quoted(value)}, which is empty; write [left, top, right, bottom] in canvas pixels", "box"
        )
    return left, top, right, bottom


def _ball(table: Table) -> BallPlan:
    centre = table.point("centre", None) if table.has("centre") else None
    radius = None
    if table.has("radius"):
        radius = table.point("radius", None)
        if min(radius) < 1.0:
            raise table.error(f"is {quoted(list(radius))}; give at least 1 pixel each way", "radius")
    moves = table.table("move")
    move = {channel: moves.point(channel, None) for channel in _channels(moves)}
    if not move:
        raise table.error(
            "is empty; say by which channels the ball turns, as in { head_yaw = [20, 0] }", "move"
        )
    table.finish()
    return BallPlan(centre, radius, move)


def _hangs(table: Table) -> tuple[HangPlan, ...]:
    rows = table.rows("hang") if table.has("hang") else []
    if len(rows) > MAX_HANGS:
        raise table.error(f"has {len(rows)} entries, and {MAX_HANGS} is the limit; leave some out", "hang")
    return tuple(_hang(table.child(f"hang[{i}]", row)) for i, row in enumerate(rows))


def _hang(table: Table) -> HangPlan:
    root = table.point("from", None) if table.has("from") else None
    tip = table.point("to", None) if table.has("to") else None
    if root is not None and tip is not None and hypot(root[0] - tip[0], root[1] - tip[1]) < 1.0:
        raise table.error("is where it hangs from; write where its tip is", "to")
    periods = [1.4, 1.0]
    if table.has("periods"):
        periods = [
            table.as_number(f"periods[{i}]", one, 0.1, 20.0) for i, one in enumerate(table.items("periods"))
        ]
    if not 1 <= len(periods) <= MAX_SEGMENTS:
        raise table.error(
            f"has {len(periods)} entries, a segment each, but must have 1 to {MAX_SEGMENTS}", "periods"
        )
    plan = HangPlan(
        root=root,
        tip=tip,
        width=table.number("width", 0.0, 0.0, 1e5),
        gravity=table.number("gravity", 0.0, 0.0, 1.0),
        periods_s=tuple(periods),
        damping=table.number("damping", 0.3, 0.05, 0.95),
        swing=table.number("swing", 10.0, -60.0, 60.0),
    )
    table.finish()
    return plan


def _channels(table: Table) -> list[str]:
    return [table.known("", key, CHANNELS) for key in table.keys()]  # noqa: SIM118 (Table is no mapping)


def _vectors(table: Table) -> _Vectors:
    found: _Vectors = {}
    for channel in _channels(table):
        values = table.items(channel)
        if not 2 <= len(values) <= MAX_SPREAD:
            what = f"has {len(values)} entries, but must have 2 to {MAX_SPREAD}"
            raise table.error(f"{what}, from one end to the other, as in [[0, 0], [0, -4]]", channel)
        found[channel] = tuple(table.as_point(f"{channel}[{i}]", one) for i, one in enumerate(values))
    return found


def _around(boxes: Sequence[Box]) -> tuple[float, float, float, float]:
    """What holds all boxes; not empty."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    left, top = float(min(lefts)), float(min(tops))
    return left, top, max(float(max(rights)), left + 1.0), max(float(max(bottoms)), top + 1.0)


def _points(length: float) -> int:
    return min(MAX_POINTS, max(MIN_POINTS, ceil(length / STEP) + 1))


def _times(point: tuple[float, float], scale: float) -> tuple[float, float]:
    return (point[0] * scale, point[1] * scale)


def _scaled(values: Mapping[str, Sequence[tuple[float, float]]], scale: float) -> _Vectors:
    return {channel: tuple(_times(by, scale) for by in own) for channel, own in values.items()}
