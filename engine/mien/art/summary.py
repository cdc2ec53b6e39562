"""A character at a glance, for `mien inspect`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mien.art.covers import at_rest
from mien.art.load import LoadedCharacter, load_character
from mien.art.looks import ExpressionState, expression_state
from mien.character import Character
from mien.mesh import Mesh
from mien.origin import Origin
from mien.types import Blend


@dataclass(frozen=True, slots=True)
class SlotSummary:
    """One slot."""

    name: str
    joint: str
    drawings: tuple[str, ...]
    default: str
    blend: str
    clip: bool
    mask: bool
    """Has one."""
    change: str
    """`fade` or `cut`: how one drawing gives way to another."""
    apart: int
    """Pairs of its drawings that are never shown together."""
    pixels: int
    """Pixels of all its drawings; shared regions count each time."""
    origins: dict[str, Origin]
    """Drawing -> where it comes from, of a character that was made of art."""


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """One group."""

    name: str
    first: str
    """Its lowest slot."""
    last: str
    """Its highest slot."""
    blend: str
    """`pass-through` when it is not isolated."""
    opacity: float
    clip: bool
    mask: bool


@dataclass(frozen=True, slots=True)
class MeshSummary:
    """One mesh."""

    name: str
    joint: str
    slots: tuple[str, ...]
    grid: tuple[int, int]
    """Points across and down."""
    channels: tuple[str, ...]
    """Those that move it."""
    segments: int
    """Of all that hangs on it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a loaded character is made of. Plain values: `dataclasses.asdict` gives what JSON can hold."""

    name: str
    source: str
    canvas: tuple[int, int]
    scale: float
    slots: tuple[SlotSummary, ...]
    """Bottom to top."""
    groups: tuple[GroupSummary, ...]
    """By the lowest slot, and the outer before the inner."""
    joints: tuple[str, ...]
    meshes: tuple[MeshSummary, ...]
    """In the order of the file."""
    drawings: int
    masks: int
    regions: int
    """Different regions on the pages."""
    expressions: tuple[str, ...]
    looks: tuple[ExpressionState, ...]
    """Why each of these looks as it does, at rest."""
    moods: tuple[str, ...]
    gestures: tuple[str, ...]
    motions: dict[str, int]
    """Gestures that move -> how many keys each has."""
    pages: int
    page_size: int
    bytes: int
    """Memory of the pages, on the GPU as here."""
    fill: float
    """Share of the pages' pixels that regions take, 0..1."""
    warnings: tuple[str, ...]

    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """A table with one line per slot, topmost first and indented in its groups, and the totals."""
        rows = [("slot", "joint", "blend", "kpx", "art", "drawings")]
        depth = 0
        for slot in reversed(self.slots):
            for group in self.groups:  # the outer before the inner
                if group.last == slot.name:
                    rows.append(("  " * depth + f"{group.name}/", "", _layering(group), "", "", ""))
                    depth += 1
            drawings = ", ".join(f"[{d}]" if d == slot.default else d for d in slot.drawings)
            kilopixels = f"{slot.pixels / 1000:.1f}"
            name = "  " * depth + slot.name
            rows.append((name, slot.joint, _layering(slot), kilopixels, _art(slot), drawings))
            depth -= sum(group.first == slot.name for group in self.groups)
        if not any(slot.origins for slot in self.slots):
            rows = [(*row[:4], "", row[5]) for row in rows]
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        lines = [
            f"{self.name}: {self.canvas[0]} x {self.canvas[1]} px at scale {self.scale:g}  ({self.source})",
            "",
        ]
        for name, joint, blend, pixels, art, drawings in rows:
            sprites = (
                name.ljust(widths[0]),
                joint.ljust(widths[1]),
                blend.ljust(widths[2]),
                pixels.rjust(widths[3]),
                *((art.ljust(widths[4]),) if widths[4] else ()),
            )
            lines.append("  ".join((*sprites, drawings)).rstrip())
        counts = ((len(self.groups), "group"), (self.masks, "mask"))
        layers = "".join(f"{_counted(count, what)}, " for count, what in counts if count)
        lines += [
            "topmost first; [shown at rest]; clip: to what is below; cut: its drawings never mix",
            "",
            f"{_counted(len(self.slots), 'slot')}, {layers}{_counted(self.drawings, 'drawing')} in "
            f"{_counted(self.regions, 'region')}, {_counted(len(self.joints), 'joint')}",
            f"{_counted(self.pages, 'page')} of {self.page_size} px, "
            f"{self.bytes / 2**20:.1f} MiB, {self.fill:.0%} filled",
            f"expressions: {', '.join(self.expressions)}",
            f"moods: {', '.join(self.moods)}",
        ]
        if self.gestures:
            moving = {name: f"{name} ({_counted(keys, 'key')})" for name, keys in self.motions.items()}
            lines.append(f"gestures: {', '.join(moving.get(name, name) for name in self.gestures)}")
        for mesh in self.meshes:
            hanging = f", {_counted(mesh.segments, 'hanging segment')}" if mesh.segments else ""
            moved = f", moved by {', '.join(mesh.channels)}" if mesh.channels else ""
            lines.append(
                f"mesh {mesh.name}: {mesh.grid[0]} x {mesh.grid[1]} points on {mesh.joint}{moved}{hanging}; "
                f"bends {', '.join(mesh.slots)}"
            )
        return lines + [f"warning: {warning}" for warning in self.warnings]


def inspect(path: str | Path, *, scale: float = 1.0, page_size: int = 2048) -> Summary:
    """Load a character and summarize it. Raises as `load_character`."""
    return summarize(load_character(path, scale=scale, page_size=page_size))


def summarize(loaded: LoadedCharacter) -> Summary:
    """The summary of a loaded character."""
    character = loaded.character
    drawings = sum(len(slot.drawings) for slot in character.slots)
    regions = {(drawing.page, drawing.region) for drawing in character.drawings()}
    size = sum(page.nbytes for page in loaded.pages)
    return Summary(
        name=character.name,
        source=str(loaded.source),
        canvas=(character.canvas.width, character.canvas.height),
        scale=character.scale,
        slots=tuple(
            SlotSummary(
                name=slot.name,
                joint=character.joints[slot.joint].name,
                drawings=tuple(drawing.name for drawing in slot.drawings),
                default=at_rest(slot),
                blend=slot.blend.label,
                clip=slot.clip,
                mask=slot.mask is not None,
                change=slot.change,
                apart=sum(pair[0] >= 0 for pair in slot.apart),
                pixels=sum(drawing.region.width * drawing.region.height for drawing in slot.drawings),
                origins=dict(slot.origins),
            )
            for slot in character.slots
        ),
        groups=tuple(
            GroupSummary(
                name=group.name,
                first=character.slots[group.first].name,
                last=character.slots[group.stop - 1].name,
                blend=Blend.PASS_THROUGH.label if group.pass_through else group.blend.label,
                opacity=group.opacity,
                clip=group.clip,
                mask=group.mask is not None,
            )
            for group in character.groups
        ),
        joints=tuple(joint.name for joint in character.joints),
        meshes=tuple(_mesh(character, mesh) for mesh in character.meshes),
        drawings=drawings,
        masks=sum(1 for _ in character.drawings()) - drawings,
        regions=len(regions),
        expressions=tuple(character.expressions),
        looks=tuple(expression_state(character, name) for name in character.expressions),
        moods=tuple(character.mouth.moods),
        gestures=tuple(character.gestures),
        motions={name: len(motion.keys) for name, motion in character.motions.items()},
        pages=len(loaded.pages),
        page_size=loaded.page_size,
        bytes=size,
        fill=4 * sum(region.width * region.height for _, region in regions) / size,
        warnings=loaded.warnings,
    )


def _mesh(character: Character, mesh: Mesh) -> MeshSummary:
    moved = [*(mesh.ball.move if mesh.ball else ()), *mesh.rows, *mesh.columns]
    return MeshSummary(
        name=mesh.name,
        joint=character.joints[mesh.joint].name,
        slots=tuple(character.slots[s].name for s in mesh.slots),
        grid=(mesh.grid.width, mesh.grid.height),
        channels=tuple(dict.fromkeys(moved)),
        segments=sum(len(hang.segments) for hang in mesh.hangs),
    )


def _layering(layer: SlotSummary | GroupSummary) -> str:
    """How a layer is blended: `multiply, 50 %, clip, mask`."""
    opacity = f", {layer.opacity:.0%}" if isinstance(layer, GroupSummary) and layer.opacity < 1.0 else ""
    cut = ", cut" * (isinstance(layer, SlotSummary) and layer.change == "cut")
    return layer.blend + opacity + ", clip" * layer.clip + ", mask" * layer.mask + cut


def _art(slot: SlotSummary) -> str:
    """Of which layers of the art a slot is, and how that is known: of what it shows at rest, else of its
    first drawing."""
    origin = slot.origins.get(slot.default) or next(iter(slot.origins.values()), None)
    return "" if origin is None else origin.brief


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
