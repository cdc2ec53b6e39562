"""Word times and viseme times of a turn, inline or from a JSON file, in the shapes that synthesizers give.

Besides Mien's own `[label, start, end]` in seconds: Rhubarb's `{"mouthCues": [...]}`, Azure's
`[{"visemeId": 1, "audioOffset": 500000}, ...]` (100 ns ticks), and TalkingHead's
`{"visemes": [...], "vtimes": [...], "vdurations": [...]}` and its `words` (milliseconds).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from mien.documents.paths import inside
from mien.documents.table import MAX_SECONDS, Table
from mien.lipsync.phones import shapes_of
from mien.lipsync.schemes import PHONE_SCHEMES, labels_of
from mien.messages import printable, quoted
from mien.talk.turns import VISEME_SCHEMES, VisemeScheme, VisemeTimings, Word

LAST_SHAPE_S = 0.1
"""How long the last mark lasts where a scheme gives only starts."""

MAX_FILE_BYTES = 4 << 20
"""Largest JSON file with the times of a turn: some 17 hours of words."""

Mark = tuple[str, float, float]


def read_words(turn: Table, folder: Path) -> tuple[Word, ...]:
    """The words of a turn's `words`, or of its `words_file` in the folder; none when it has neither."""
    if turn.has("words") and turn.has("words_file"):
        raise turn.error("is given, and words as well; keep one of the two", "words_file")
    if turn.has("words"):
        marks = _marks(turn, "words", turn.take("words"), None)
    elif turn.has("words_file"):
        file, value = _json(turn, "words_file", folder)
        if isinstance(value, dict):
            value = _parallel(file.child("", value), ("words", "wtimes", "wdurations"))
        marks = _marks(file, "", value, None)
    else:
        return ()
    return tuple(Word(*mark) for mark in marks)


def read_timings(turn: Table, folder: Path) -> VisemeTimings | None:
    """The mouth shapes of a turn's `visemes`; None when it has none."""
    if not turn.has("visemes"):
        return None
    table = turn.table("visemes")
    scheme = cast(VisemeScheme, table.choice("scheme", None, VISEME_SCHEMES))
    named = table.has("file")
    if named == table.has("marks"):
        raise table.error("needs times: `marks = [[label, start, end], ...]`, or the name of a `file`")
    table.finish()
    if not named:
        return VisemeTimings(scheme, _marks(table, "marks", table.take("marks"), scheme))
    file, value = _json(table, "file", folder)
    key = ""
    if isinstance(value, dict) and "mouthCues" in value:
        key = "mouthCues"
        value = _rhubarb(file, file.as_list(key, value[key]))
    elif isinstance(value, dict):
        value = _parallel(file.child("", value), ("visemes", "vtimes", "vdurations"))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        value = _azure(file, value)
    return VisemeTimings(scheme, _marks(file, key, value, scheme))


def _json(turn: Table, key: str, folder: Path) -> tuple[Table, object]:
    """What the JSON file that is named at a key holds, and a table whose errors name that file."""
    path = inside(turn, key, folder)
    file = Table({}, str(path))
    if path.stat().st_size > MAX_FILE_BYTES:
        raise file.error(
            f"is larger than {MAX_FILE_BYTES >> 20} MiB, which is no list of times; check the name"
        )
    if path.stat().st_size == 0:
        raise file.error("is empty; it may not have been written completely: write it again")
    try:
        return file, json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise file.error(f"cannot be read ({error.strerror}); check its permissions") from error
    except (ValueError, RecursionError) as error:  # also UnicodeDecodeError, and numbers of 4300 digits
        raise file.error(f"is not valid JSON ({printable(str(error), 200)}); write it again") from error


def _marks(table: Table, key: str, value: object, scheme: VisemeScheme | None) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for i, row in enumerate(table.as_list(key, value)):
        at = f"{key}[{i}]"
        parts = table.as_list(at, row)
        if len(parts) != 3:
            raise table.error(
                f"is {quoted(row)}, of {len(parts)} parts; write [text, start, end] with times in seconds", at
            )
        text = _label(table, f"{at}[0]", parts[0], scheme)
        start = table.as_number(f"{at}[1]", parts[1], 0.0, MAX_SECONDS)
        end = table.as_number(f"{at}[2]", parts[2], 0.0, MAX_SECONDS)
        if end < start:
            raise table.error(
                f"is {quoted(text)}, which ends at {end:g} s and starts at {start:g} s; correct the times",
                at,
            )
        if marks and start < marks[-1][1]:
            raise table.error(
                f"is {quoted(text)} at {start:g} s, out of order: {quoted(marks[-1][0])} before it starts at "
                f"{marks[-1][1]:g} s; sort the list by time",
                at,
            )
        marks.append((text, start, end))
    return tuple(marks)


def _label(table: Table, key: str, label: object, scheme: VisemeScheme | None) -> str:
    if scheme in ("azure", "sapi") and isinstance(label, int) and not isinstance(label, bool):
        label = str(label) if 0 <= label < 100 else quoted(label)
    if scheme is not None and (labels := labels_of(scheme)) is not None:
        return table.known(key, label, labels)
    text = table.as_text(key, label)
    if scheme in PHONE_SCHEMES and shapes_of(text, scheme) is None:
        raise table.error(f"is {quoted(text)}, no phone of scheme {scheme}; correct one of them", key)
    return text


def _parallel(table: Table, keys: tuple[str, str, str]) -> list[object]:
    """Rows of three equally long arrays: labels, starts and durations in milliseconds."""
    columns = [table.as_list(key, table.need(key)) for key in keys]
    table.finish()
    if len({len(column) for column in columns}) != 1:
        lengths = ", ".join(f"{key} has {len(column)}" for key, column in zip(keys, columns, strict=True))
        raise table.error(f"holds arrays of different lengths: {lengths}; give one entry each")
    rows: list[object] = []
    for i, (label, start, duration) in enumerate(zip(*columns, strict=True)):
        start_s = table.as_number(f"{keys[1]}[{i}]", start, 0.0, 1000 * MAX_SECONDS) / 1000
        lasts_s = table.as_number(f"{keys[2]}[{i}]", duration, 0.0, 1000 * MAX_SECONDS) / 1000
        rows.append([label, start_s, start_s + lasts_s])
    return rows


def _rhubarb(file: Table, rows: list[object]) -> list[object]:
    found: list[object] = []
    for i, row in enumerate(rows):
        table = file.child(f"mouthCues[{i}]", row)
        found.append([table.need("value"), table.need("start"), table.need("end")])
        table.finish()
    return found


def _azure(file: Table, rows: list[object]) -> list[object]:
    labels, starts = [], []
    for i, row in enumerate(rows):
        table = file.child(f"[{i}]", row)
        table.has("animation")
        labels.append(table.need("visemeId"))
        starts.append(table.number("audioOffset", None, 0.0, 1e7 * MAX_SECONDS) / 1e7)
        table.finish()
    ends = [*starts[1:], starts[-1] + LAST_SHAPE_S]
    return [list(row) for row in zip(labels, starts, ends, strict=True)]
