"""How slots and groups are layered: blend modes, groups read and put in order, clips checked."""

from __future__ import annotations

from collections.abc import Sequence

from mien.art.manifest import GroupPlan, SlotPlan
from mien.art.picture_keys import read_mask
from mien.documents.table import Table
from mien.messages import quoted
from mien.types import Blend

MAX_GROUPS = 64
"""Most groups of a character. Each that is drawn needs a picture as large as what it covers."""

BLEND_LABELS = (*(mode.label for mode in Blend if mode != Blend.PASS_THROUGH), "additive")


def read_blend(table: Table) -> Blend:
    """The blend mode of a slot or group."""
    if table.take("blend") == Blend.PASS_THROUGH.label:
        raise table.error("is 'pass-through'; write `pass_through = true` in a [[group]] instead", "blend")
    return Blend.from_label(table.choice("blend", "normal", BLEND_LABELS))


def read_groups(
    root: Table, slots: Sequence[SlotPlan], joints: Sequence[str], page_size: int, page_count: int
) -> tuple[GroupPlan, ...]:
    """The groups, by their lowest slot and the outer before the inner.

    Checks that they nest, and that whatever is clipped, in a group or not, has something to be clipped to.
    """
    rows = root.rows("group") if root.has("group") else []
    if len(rows) > MAX_GROUPS:
        raise root.error(f"has {len(rows)} groups, and {MAX_GROUPS} is the limit; merge some", "group")
    groups: list[GroupPlan] = []
    first: dict[str, int] = {}
    names = [slot.name for slot in slots]
    for i, row in enumerate(rows):
        table = root.child(f"group[{i}]", row)
        name = table.check_name(table.text("name", None), "name")
        table.place = f'group[{i}] "{name}"'
        if name.lower() in first:
            raise table.error(f"has the name of group[{first[name.lower()]}]; give it another", "name")
        first[name.lower()] = i
        groups.append(_group(table, name, names, joints, page_size, page_count))
        table.finish()
    # A stable sort: of two groups with the same slots the earlier in the file is the outer.
    ordered = sorted(groups, key=lambda group: (group.first, -group.stop))
    places = {group.name: f'group[{first[group.name.lower()]}] "{group.name}"' for group in groups}
    _check_nesting(root, slots, ordered, places)
    _check_clips(root, slots, ordered, places)
    return tuple(ordered)


def _group(
    table: Table, name: str, slots: Sequence[str], joints: Sequence[str], page_size: int, page_count: int
) -> GroupPlan:
    lowest = slots.index(table.choice("first", None, slots))
    highest = slots.index(table.choice("last", None, slots))
    if highest < lowest:
        raise table.error(
            f"is {quoted(slots[highest])}, which is below `first`, {quoted(slots[lowest])}; exchange them",
            "last",
        )
    pass_through = table.flag("pass_through", False)
    blend = read_blend(table)
    if pass_through and blend != Blend.NORMAL:
        what = "and what passes through is blended slot by slot; leave one of them out"
        raise table.error(f"is {quoted(blend.label)} beside `pass_through = true`, {what}", "blend")
    clip = table.flag("clip", False)
    if pass_through and clip:
        what = "and what passes through has no picture of its own to cut; leave one of them out"
        raise table.error(f"is true beside `pass_through = true`, {what}", "clip")
    mask = read_mask(table, page_size, page_count)
    if table.has("joint") and mask is None:
        raise table.error("moves the mask, and there is none; add `mask`, or take it out", "joint")
    return GroupPlan(
        name=name,
        first=lowest,
        stop=highest + 1,
        blend=blend,
        opacity=table.number("opacity", 1.0, 0.0, 1.0),
        pass_through=pass_through,
        clip=clip,
        mask=mask,
        joint=joints.index(table.choice("joint", None, joints)) if mask is not None else 0,
    )


def _check_nesting(
    root: Table, slots: Sequence[SlotPlan], groups: Sequence[GroupPlan], places: dict[str, str]
) -> None:
    """Refuse groups that share a part of their slots."""
    around: list[GroupPlan] = []
    for group in groups:
        while around and around[-1].stop <= group.first:
            around.pop()
        if around and group.stop > around[-1].stop:
            shared = f"{quoted(slots[group.first].name)} to {quoted(slots[around[-1].stop - 1].name)}"
            raise root.error(
                f"shares the slots {shared} with group {quoted(around[-1].name)}, and neither holds "
                "the other; let one end earlier, or hold the other whole",
                places[group.name],
            )
        around.append(group)


def _check_clips(
    root: Table, slots: Sequence[SlotPlan], groups: Sequence[GroupPlan], places: dict[str, str]
) -> None:
    """Refuse what is clipped to nothing: the lowest of its group, or above a group that passes through."""

    def level(at: int, stop: int, inside: str, pending: list[GroupPlan]) -> None:
        """The layers of one group: slots and inner groups, each of which is gone into."""
        base: SlotPlan | GroupPlan | None = None
        while at < stop:
            layer: SlotPlan | GroupPlan
            if pending and pending[0].first == at:
                group = layer = pending.pop(0)
                at = group.stop
                place = places[group.name]
                level(group.first, group.stop, f"in group {quoted(group.name)}", pending)
            else:
                layer = slots[at]
                place = f'slot[{at}] "{layer.name}"'
                at += 1
            if not layer.clip:
                base = layer
            elif base is None:
                raise root.error(
                    f"is true, but this is the lowest {inside}, with nothing below to clip to; set it to "
                    "false",
                    f"{place} clip",
                )
            elif isinstance(base, GroupPlan) and base.pass_through:
                raise root.error(
                    f"is true, but below is group {quoted(base.name)}, which passes through and has no "
                    "picture to clip to; isolate that group, or set this to false",
                    f"{place} clip",
                )

    level(0, len(slots), "slot", list(groups))
