"""Every thing of a source, with its label, as slots bottom to top; those of mouths and eyes not put together
yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mien.importing.drafts import Draft, Drafts, GroupDraft, Row
from mien.importing.flatten import Picture, masked, picture_of
from mien.importing.labels import HIDDEN, OPEN, Label, Labels
from mien.importing.names import family_of, is_numbered, lid_state, mouth_shape
from mien.importing.source import Item, Source, path_text
from mien.types import Blend, Size

_PIECES = frozenset(
    {"upper", "lower", "inner", "inside", "line", "in", "base", "fill", "上", "下", "中", "線"}
)
"""Words of what a mouth is made of, which is no mouth by itself."""


class Assigner:
    """Walks a tree. `slots` of role `mouth` and of eyes with a state are single drawings, to be joined
    later."""

    def __init__(self, source: Source, labels: Labels) -> None:
        self._canvas: Size = source.canvas
        self._labels = labels
        self.drafts = Drafts()
        self._walk(source.root, None)

    def _walk(self, items: Sequence[Item], group: GroupDraft | None) -> None:
        for index, item in enumerate(items):
            followed = index + 1 < len(items) and items[index + 1].clipped
            self._item(item, group, is_base=followed and not item.clipped)

    def _item(self, item: Item, group: GroupDraft | None, is_base: bool = False) -> None:
        label = self._labels[item.path]
        if label.reading.pivot_of:
            self._pivot(item, label)
            return
        family = family_of(label.role)
        if label.state == HIDDEN or (not item.visible and family not in ("mouth", "eye", "brow")):
            self._hidden(item, label, group)
        elif family == "mouth":
            self._mouth(item, label, group)
        elif family == "eye":
            self._eye(item, label, group)
        elif family == "brow":
            self._brow(item, label, group)
        elif item.is_folder:
            self._walk(item.children, self._group(item, group, is_base))
        else:
            self._slot(item, label, group)

    def _pivot(self, item: Item, label: Label) -> None:
        box = item.box
        if box.width:
            self.drafts.pivots[label.reading.pivot_of.casefold()] = float(box.x), float(box.y)
        became = f"the pivot of {label.reading.pivot_of}" if box.width else "nothing: the marker is empty"
        self.drafts.rows.append(Row(path_text(item.path), "mapped", became, "by its name"))

    def _group(self, item: Item, outer: GroupDraft | None, is_base: bool) -> GroupDraft | None:
        """A group for a folder that needs one: that is more than its layers one after the other."""
        through = item.blend == Blend.PASS_THROUGH
        mixes = not through and any(child.blend != Blend.NORMAL for child in item.pictures())
        plain = item.opacity >= 1.0 and item.mask is None and not item.clipped and not is_base and not mixes
        if plain and item.blend in (Blend.PASS_THROUGH, Blend.NORMAL):
            return outer
        name = self._labels[item.path].reading.text or item.name
        # What is clipped, or clipped to, is drawn apart in any case.
        through = through and not item.clipped and not is_base
        blend = Blend.NORMAL if item.blend == Blend.PASS_THROUGH else item.blend
        return GroupDraft(name, outer, blend, item.opacity, item.mask, item.clipped, through)

    def _slot(self, item: Item, label: Label, group: GroupDraft | None, role: str = "") -> Draft | None:
        """A slot that shows one picture, or what is in a folder, as it is."""
        picture = replace(self._picture(item), layers=(item.path,))
        if picture.is_empty:
            self.drafts.rows.append(Row(path_text(item.path), "kept", "nothing: the layer is empty"))
            if item.pixels is not None and label.how == "named" and item.visible:
                state = _shape(label) if family_of(label.role) == "mouth" else ""
                self.drafts.empty[item.path] = role or label.role, label.side, state
            return None
        opacity = 1.0 if item.is_folder else item.opacity
        blend = Blend.NORMAL if item.blend == Blend.PASS_THROUGH else item.blend
        draft = Draft(
            item.name,
            role or label.role,
            label.side,
            {"main": picture},
            "main",
            (item.path,),
            label.how,
            label.why,
            blend,
            opacity,
            item.clipped,
            group,
            costume=label.reading.costume,
            mood=label.mood,
        )
        self.drafts.slots.append(draft)
        return draft

    def _picture(self, item: Item) -> Picture:
        """What it shows; of a picture the opacity is left to its slot."""
        if item.pixels is None:
            return picture_of(item).trimmed(self._canvas)
        at = (item.box.x, item.box.y)
        return Picture(masked(item.pixels(), at, item.mask), at).trimmed(self._canvas)

    def _hidden(self, item: Item, label: Label, group: GroupDraft | None) -> None:
        """What the file hides: a slot that shows nothing, with the drawing in it."""
        draft = self._slot(item, label, group)
        if draft is not None:
            draft.drawings = {"on": draft.drawings.pop("main")}
            draft.default, draft.hidden = "", True

    def _mouth(
        self, item: Item, label: Label, group: GroupDraft | None, mood: str = "", shown: bool = True
    ) -> None:
        if self._is_other(item, label, "mouth", group):
            return
        shown = shown and item.visible
        if not item.is_folder:
            self._mouth_drawing(item, label, group, mood, shown)
            return
        children = item.children
        labels = [self._labels[child.path] for child in children]
        shapes = [_shape(own) for own in labels]
        radio = any(own.reading.radio for own in labels)
        pieces = any(own.role in ("teeth", "tongue") or _PIECES & {*own.reading.words} for own in labels)
        told = sum(bool(shape) or is_numbered(own.reading) for shape, own in zip(shapes, labels, strict=True))
        hides = any(not c.visible and own.state != HIDDEN for c, own in zip(children, labels, strict=True))
        several = radio or told > 1 or (not pieces and hides)
        if several:
            inner = self._group(item, group, False)
            for child, own, shape in zip(children, labels, shapes, strict=True):
                beside = radio and child.visible and not own.reading.radio
                if own.reading.forced or (beside and not child.is_folder):
                    self._slot(child, own, inner)
                else:
                    folder_mood = shape if child.is_folder and _is_set(child, self._labels) else mood
                    self._mouth(child, own, inner, folder_mood, shown)
        elif len(children) == 1 and children[0].is_folder:
            self._mouth(children[0], labels[0], group, mood, shown)
        else:
            self._hide_some(children, group)
            self._mouth_drawing(item, label, group, mood, shown)

    def _hide_some(self, items: Sequence[Item], group: GroupDraft | None) -> None:
        """Keep apart what is not shown in a folder that becomes one drawing, as notes."""
        for item in items:
            if (label := self._labels[item.path]).state == HIDDEN:
                self._hidden(item, label, group)

    def _mouth_drawing(
        self, item: Item, label: Label, group: GroupDraft | None, mood: str, shown: bool
    ) -> None:
        draft = self._slot(item, label, group, "mouth")
        if draft is not None:
            draft.hidden = not shown
            own = _shape(label) or ("" if mood else label.state)
            draft.lid_state = f"{mood}/{own}" if mood and "/" not in own else own

    def _eye(self, item: Item, label: Label, group: GroupDraft | None, shown: bool = True) -> None:
        if self._is_other(item, label, "eye", group):
            return
        shown = shown and item.visible
        state = label.state if label.says_state else lid_state(label.reading) or label.state
        if state not in OPEN or not item.is_folder:
            self._eye_drawing(item, label, group, state, shown)
            return
        children = item.children
        labels = [self._labels[child.path] for child in children]
        states = [lid_state(own.reading) for own in labels]
        radio = any(own.reading.radio for own in labels)
        if not (radio or any(states) or self._has_pieces(children) or len(children) == 1):
            self._hide_some(children, group)
            self._eye_drawing(item, label, group, state, shown)
            return
        inner = self._group(item, group, False)
        has_open = "open" in states
        for child, own, of_child in zip(children, labels, states, strict=True):
            if family_of(own.role) != "eye":
                self._item(child, inner)
            elif of_child or not radio or not own.reading.radio or (child.visible and not has_open):
                self._eye(child, own, inner, shown)
            else:
                self._hidden(child, own, inner)

    def _has_pieces(self, children: Sequence[Item]) -> bool:
        """Whether things in a folder of eyes say what of an eye they are, or of which eye: by themselves, or
        in folders that say neither."""
        labels = [self._labels[child.path] for child in children]
        return any(
            family_of(own.role) == "eye"
            and ((own.own and own.role != "eye") or own.reading.side or self._has_pieces(child.children))
            for child, own in zip(children, labels, strict=True)
        )

    def _eye_drawing(
        self, item: Item, label: Label, group: GroupDraft | None, state: str, shown: bool
    ) -> None:
        if state in OPEN and not shown:
            self._hidden(item, label, group)
            return
        draft = self._slot(item, label, group)
        if draft is not None:
            draft.lid_state = "" if state in OPEN else state
            draft.hidden = not shown

    def _is_other(self, item: Item, label: Label, family: str, group: GroupDraft | None) -> bool:
        """Take what lies in a folder of mouths or eyes, and somebody said is hidden, or something else."""
        if label.state == HIDDEN:
            self._hidden(item, label, group)
        elif label.how == "given" and family_of(label.role) != family:
            self._item(item, group)
        else:
            return False
        return True

    def _brow(self, item: Item, label: Label, group: GroupDraft | None) -> None:
        if not item.is_folder:
            draft = self._slot(item, label, group)
            if draft is not None:
                draft.hidden, draft.lid_state = not item.visible, label.state
            return
        inner = self._group(item, group, False)
        for child in item.children:
            own = self._labels[child.path]
            if (
                own.role == "brow"
                and own.state != HIDDEN
                and (not child.is_folder or own.reading.radio or own.state)
            ):
                draft = self._slot(child, own, inner)
                if draft is not None:
                    draft.hidden = not (child.visible and item.visible)
                    draft.lid_state = own.state
            else:
                self._item(child, inner)


def _shape(label: Label) -> str:
    """What a mouth says: as somebody said, else by its name; empty for nothing."""
    return label.state if label.says_state else mouth_shape(label.reading)


def _is_set(item: Item, labels: Labels) -> bool:
    """Whether a folder holds several mouths."""
    shapes = [mouth_shape(labels[child.path].reading) for child in item.children]
    return sum(map(bool, shapes)) > 1
