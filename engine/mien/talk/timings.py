"""Word times and viseme times of a turn, inline or from a JSON file, in the shapes that synthesizers give.

Besides Mien's own `[label, start, end]` in seconds: Rhubarb's `{"mouthCues": [...]}`, Azure's
`[{"visemeId": 1, "audioOffset": 500000}, ...]` (100 ns ticks), and TalkingHead's
`{"visemes": [...], "vtimes": [...], "vdurations": [...]}` and its `words` (milliseconds).
"""

from __future__ import annotations

import json
from typing import cast

from mien.documents.toml import shown
from mien.lipsync.phones import shapes_of
from mien.lipsync.schemes import PHONE_SCHEMES, labels_of
from mien.talk.reading import Place, Table
from mien.talk.turns import VISEME_SCHEMES, VisemeScheme, VisemeTimings, Word

LAST_SHAPE_S = 0.1
"""How long the last mark lasts where a scheme gives only starts."""

MAX_FILE_BYTES = 16 << 20

Mark = tuple[str, float, float]


def read_words(turn: Table) -> tuple[Word, ...]:
    """The words of a turn's `words` or `words_file`; none when it has neither."""
    if "words" in turn:
        marks = _marks(turn.at("words"), turn.get("words"), None)
    elif "words_file" in turn:
        place, value = _json(turn.at("words_file"), turn.get("words_file"))
        if isinstance(value, dict):
            value = _parallel(place, value, ("words", "wtimes", "wdurations"))
        marks = _marks(place, value, None)
    else:
        return ()
    return tuple(Word(*mark) for mark in marks)


def read_timings(turn: Table) -> VisemeTimings | None:
    """The mouth shapes of a turn's `visemes`; None when it has none."""
    if "visemes" not in turn:
        return None
    table = turn.at("visemes").table(turn.get("visemes"), ("scheme", "file", "marks"), ("scheme",))
    scheme = cast(VisemeScheme, table.at("scheme").choice(table.get("scheme"), VISEME_SCHEMES))
    if ("file" in table) == ("marks" in table):
        table.place.wrong("give the times in `marks = [[label, start, end], ...]`, or the name of a `file`.")
    place, value = table.at("marks"), table.get("marks")
    if "file" in table:
        place, value = _json(table.at("file"), table.get("file"))
        if isinstance(value, dict) and "mouthCues" in value:
            place, value = place.at("mouthCues"), _rhubarb(place.at("mouthCues"), value["mouthCues"])
        elif isinstance(value, dict):
            value = _parallel(place, value, ("visemes", "vtimes", "vdurations"))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            value = _azure(place, value)
    return VisemeTimings(scheme, _marks(place, value, scheme))


def _json(place: Place, name: object) -> tuple[Place, object]:
    path = place.inside(name)
    inner = Place(path)
    if path.stat().st_size > MAX_FILE_BYTES:
        inner.wrong("is larger than 16 MiB, which is no list of times; check the name.")
    try:
        return inner, json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # also UnicodeDecodeError, and numbers of 4300 digits
        return inner.wrong(f"is not valid JSON: {error}.")


def _marks(place: Place, value: object, scheme: VisemeScheme | None) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for i, row in enumerate(place.array(value)):
        at = place.at(i)
        parts = at.array(row)
        if len(parts) != 3:
            at.wrong(f"{shown(row)} has {len(parts)} parts; write [text, start, end] with times in seconds.")
        label = parts[0]
        if scheme in ("azure", "sapi") and isinstance(label, int) and not isinstance(label, bool):
            label = shown(label)
        text = _label(at.at(0), label, scheme)
        start, end = at.at(1).seconds(parts[1]), at.at(2).seconds(parts[2])
        if end < start:
            at.wrong(f"{shown(text)} ends at {end:g} s, before it starts at {start:g} s; correct the times.")
        if marks and start < marks[-1][1]:
            at.wrong(
                f"{shown(text)} at {start:g} s is out of order: {shown(marks[-1][0])} before it starts at "
                f"{marks[-1][1]:g} s; sort the list by time."
            )
        marks.append((text, start, end))
    return tuple(marks)


def _label(place: Place, label: object, scheme: VisemeScheme | None) -> str:
    if scheme is not None and (labels := labels_of(scheme)) is not None:
        return place.choice(label, labels)
    text = place.text(label)
    if scheme in PHONE_SCHEMES and shapes_of(text, scheme) is None:
        place.wrong(f"{shown(text)} is no phone of the scheme {scheme}; correct it, or the scheme.")
    return text


def _parallel(place: Place, value: object, keys: tuple[str, str, str]) -> list[object]:
    """Rows of three equally long arrays: labels, starts and durations in milliseconds."""
    table = place.table(value, keys, keys)
    columns = [place.at(key).array(table.get(key)) for key in keys]
    if len({len(column) for column in columns}) != 1:
        lengths = ", ".join(f"{key} has {len(column)}" for key, column in zip(keys, columns, strict=True))
        place.wrong(f"the arrays differ in length: {lengths}; give one entry each.")
    rows: list[object] = []
    for i, (label, start, duration) in enumerate(zip(*columns, strict=True)):
        start_s = place.at(keys[1]).at(i).number(start, 0.0, 86_400_000.0) / 1000
        rows.append(
            [label, start_s, start_s + place.at(keys[2]).at(i).number(duration, 0.0, 86_400_000.0) / 1000]
        )
    return rows


def _rhubarb(place: Place, value: object) -> list[object]:
    keys = ("start", "end", "value")
    tables = [place.at(i).table(row, keys, keys) for i, row in enumerate(place.array(value))]
    return [[table.get("value"), table.get("start"), table.get("end")] for table in tables]


def _azure(place: Place, value: list[object]) -> list[object]:
    keys = ("visemeId", "audioOffset")
    tables = [place.at(i).table(row, (*keys, "animation"), keys) for i, row in enumerate(value)]
    starts = [table.at("audioOffset").number(table.get("audioOffset"), 0.0, 864e9) / 1e7 for table in tables]
    ends = [*starts[1:], starts[-1] + LAST_SHAPE_S]
    return [
        [table.get("visemeId"), start, end] for table, start, end in zip(tables, starts, ends, strict=True)
    ]
