"""A source becomes a character: every step in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.art.doubts import Doubt
from mien.art.phrases import SAY_SO, no_mouth
from mien.importing.assign import Assigner
from mien.importing.dissolving import dissolve
from mien.importing.document import Pictures, document, parts_of, slot_names
from mien.importing.doubts import doubts, hidden_of
from mien.importing.drafts import NOT_SHOWN, STATUS_OF, Draft, Drafts, Row, Status, known_by
from mien.importing.expressions import ALIASES, expressions_of, tell_shown
from mien.importing.extras import NOTHING, Extras
from mien.importing.face import Face, face_of
from mien.importing.flatten import Picture
from mien.importing.gestures import dress, gestures_of
from mien.importing.guess import Guess, Guesses, guess
from mien.importing.joining import join_brows, join_eyes
from mien.importing.joining_mouths import join_mouth
from mien.importing.labels import Label, Labels, as_labelled, label
from mien.importing.lone import lone_features, lone_lids
from mien.importing.lone_mouths import lone_mouths, mouth_below, painted_on
from mien.importing.mood_folders import Opened, open_mood_folders, strange_face
from mien.importing.mouths import MadeMouth
from mien.importing.origins import tell_origins
from mien.importing.painted import find_painted
from mien.importing.pictures.apart import NO_BOXES, Boxes
from mien.importing.raised import raised_brows
from mien.importing.rig import hang, rig
from mien.importing.sides import irises_on_whites, set_sides
from mien.importing.source import Path, Source, path_text
from mien.importing.specks import take_specks
from mien.importing.stray import leave_out_strays
from mien.importing.summary import found_line, missing_parts
from mien.importing.thinning import thin
from mien.types import VISEMES


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A character that is not written yet."""

    document: dict[str, Any]
    """What `character.toml` says."""
    pictures: Pictures
    """PNGs by their paths in the folder."""
    rows: tuple[Row, ...]
    """What became of every layer, and what was made up."""
    remarks: tuple[str, ...]
    """One line each of what a user should know."""
    labels: Labels = field(default_factory=dict)
    found: str = ""
    """In one line what of a face was found, guessed and not found."""
    guesses: tuple[Guess, ...] = ()
    """Parts of the face that were guessed by place and shape."""
    missing: tuple[str, ...] = ()
    """Of `eyes`, `brows` and `mouth` those that were not found; of a brow, an eye, a white, an iris, a
    lash or a lid that is there on one side alone the other one, `right brow`; `whites` or `irises` where both
    are hidden; `shut mouth` and `open mouth` where one was made up and a layer may be it."""
    lacks: tuple[str, ...] = ()
    """Of each of the latter a sentence: which layer is the other one, and what to write in a map."""
    covers: tuple[Doubt, ...] = ()
    """What lies over parts of the face that so are not seen."""
    hidden: tuple[str, ...] = ()
    """Of layers that somebody has corrected those that the art hides."""

    @property
    def covered(self) -> tuple[str, ...]:
        """A sentence for each of `covers`, with what to do."""
        return tuple(cover.line for cover in self.covers)


def make(
    source: Source,
    name: str,
    given: Mapping[Path, Label] | None = None,
    about: Mapping[str, str] | None = None,
    extras: Extras = NOTHING,
    boxes: Boxes = NO_BOXES,
) -> Made:
    """The character of a source. `given`: labels that somebody said, by path. `extras`: what its format says
    beside them. `boxes`: where eyes and mouth are that no layer is, in pixels of the file. Raises FormatError
    for a box beyond the canvas."""
    known = _known(source, given or {}, extras, boxes)
    source, labels, extras = known.source, known.labels, known.extras
    drafts = Assigner(source, labels).drafts
    leave_out_strays(drafts, source)
    take_specks(drafts, labels)
    _check_background(drafts, source)
    for folder in known.strange:
        drafts.doubt((folder,), strange_face(folder))
    remarks = [*source.warnings, *known.remarks]
    remarks += set_sides(drafts, labels)
    irises_on_whites(drafts, labels)
    doubted = doubts(drafts, labels)
    remarks += dict.fromkeys(doubt.line for doubt in doubted.values())
    lone = lone_features(drafts)
    face = face_of(drafts, source.canvas)
    join_eyes(drafts)
    lone += lone_lids(drafts, lone)
    join_brows(drafts)
    below = mouth_below(drafts)
    mouth = join_mouth(drafts, 0.75 * (face.chin - face.mouth), below is not None)
    if mouth is not None:
        lone += (lone_of_mouth := lone_mouths(drafts, mouth))
        if below is not None and not lone_of_mouth:
            drafts.doubt(below.paths, painted_on(below))
    else:
        mouth = _no_mouth(drafts, face)
        mend = no_mouth(doubt.mend for doubt in drafts.doubts.values())
        remarks.append("; ".join(filter(None, ("no mouth was found, so it does not speak", mend))))
    if not any(slot.default == "open" for slot in drafts.slots):
        remarks.append(f"no eyes were found, so it does not blink; {SAY_SO.format('eye', 'eye_left')}")
    extras.slots(drafts)
    dress(drafts)
    hang(drafts, face, source.canvas)
    dissolve(drafts, source.canvas)
    remarks += drafts.remarks
    _tell_rest(drafts)
    thin(drafts)
    slot_names(drafts)
    rigged = rig(drafts, face, source.canvas)
    extras.joints(drafts, rigged, face)
    expressions, left_out = expressions_of(drafts, mouth, rigged)
    remarks += left_out
    tell_shown(drafts, expressions)
    raised = dict(raised_brows(drafts, rigged.joints, expressions, {*drafts.doubts, *doubted}))
    remarks += dict.fromkeys(doubt.line for doubt in raised.values())
    made, masks = document(name, source.canvas, drafts, rigged, mouth, face, expressions, about or {})
    made["aliases"] = {alias: of for alias, of in ALIASES.items() if of in expressions}
    if gestures := gestures_of(drafts, expressions):
        made["gestures"] = gestures
    covered = tell_origins(made, drafts, labels, extras.is_made, lone, {**drafts.doubts, **doubted, **raised})
    extras.finish(made, drafts)
    missing = (*missing_parts(labels, known.guesses.parts, known.corrections), *(one.missing for one in lone))
    return Made(
        made,
        {**parts_of(drafts), **masks},
        tuple(drafts.rows),
        tuple(remarks),
        labels,
        found_line(labels, known.guesses.parts, missing, lone),
        tuple(known.guesses.parts),
        missing,
        tuple(one.remark for one in lone),
        covered,
        known.hidden,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a source before anything is made of it."""

    source: Source
    labels: dict[Path, Label]
    extras: Extras
    guesses: Guesses
    corrections: Mapping[Path, Label]
    """What somebody has said of its layers, and not its format."""
    hidden: tuple[str, ...]
    """Of layers that somebody has corrected those that the art hides."""
    strange: tuple[Path, ...]
    """As of `Opened`."""
    remarks: tuple[str, ...]


def _known(source: Source, given: Mapping[Path, Label], extras: Extras, boxes: Boxes) -> _Known:
    """What everything in a source is taken for, and what is painted on it. Arguments as of `make`."""
    labels, hidden = label(source, given), hidden_of(given, source)
    is_plain = extras is NOTHING
    opened = open_mood_folders(source, labels) if is_plain else Opened(source, {})
    source, known = opened.source, opened.labels
    labels = label(source, {**known, **given})
    source = as_labelled(source, labels)
    corrections = given if is_plain else {}
    guesses = guess(source, labels, corrections)
    if guesses.labels:
        labels = label(source, {**guesses.labels, **known, **given})
    painted = find_painted(source, labels, boxes) if is_plain else None
    if painted is None:
        return _Known(source, labels, extras, guesses, corrections, hidden, opened.strange, ())
    labels = label(painted.source, {**guesses.labels, **known, **given, **painted.labels})
    remarks = tuple(painted.remarks)
    return _Known(painted.source, labels, painted, guesses, corrections, hidden, opened.strange, remarks)


def _no_mouth(drafts: Drafts, face: Face) -> MadeMouth:
    """A mouth of which nothing is seen, which every character must have."""
    clear = Picture(np.zeros((1, 1, 4), np.uint8), (round(face.centre), round(face.mouth)))
    drafts.slots.append(Draft("mouth", "mouth", "", {"none": clear}, "none"))
    drafts.rows.append(Row("", "made", "mouth: none", "none was found"))
    return MadeMouth({"none": clear}, {"neutral": {"none": list(VISEMES)}}, {}, [], "none", {})


def _check_background(drafts: Drafts, source: Source) -> None:
    """What programs call Background is often a figure: a background stands still, and fills the canvas."""
    area = source.canvas.width * source.canvas.height
    for slot in drafts.slots:
        if slot.role == "background":
            covered = sum(float(picture.pixels[..., 3].sum()) / 255 for picture in slot.drawings.values())
            if covered < 0.9 * area:
                slot.role = ""


def _tell_rest(drafts: Drafts) -> None:
    """Rows for the slots that are what they were in the file."""
    told = {row.layer for row in drafts.rows}
    for slot in drafts.slots:
        for path in slot.paths:
            if path_text(path) not in told:
                drafts.rows.append(_row(slot, path))


def _row(slot: Draft, path: Path) -> Row:
    became = f"{slot.role or 'a slot of its own'}{' ' + slot.side if slot.side else ''}"
    is_known = bool(slot.role) or slot.how == "given"
    by = known_by(slot.how, slot.why) if is_known else slot.why
    if slot.hidden and not slot.default:
        by = _joined(NOT_SHOWN, by) if is_known or not by else by
        return Row(path_text(path), "hidden", became, _joined(by, slot.done))
    status: Status = STATUS_OF.get(slot.how, "mapped") if is_known else "kept"
    return Row(path_text(path), status, became, _joined(by, slot.done))


def _joined(*words: str) -> str:
    return "; ".join(word for word in words if word)
