"""What was changed by hand in a `character.toml`, put into the one that a later import makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]


def merged(
    written: Mapping[str, Any], now: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Document, list[str]]:
    """The new document with what differs between the one that was written and the one that is there now.

    A value that somebody changed, added or took out stays so; everything else is as it is made now. Lists of
    tables with names (slots, groups) are merged by name, in the order of the new ones. Returns it, and the
    keys that were kept.
    """
    kept: list[str] = []
    return _table(_named(written), _named(now), _named(new), "", kept), kept


def _table(
    written: Mapping[str, Any], now: Mapping[str, Any], new: Mapping[str, Any], place: str, kept: list[str]
) -> Document:
    out: Document = {}
    for key in dict.fromkeys((*new, *now)):
        here = f"{place}.{key}".lstrip(".")
        was, is_now, is_new = (table.get(key) for table in (written, now, new))
        if isinstance(is_now, dict) and isinstance(is_new, dict):
            out[key] = _table(was if isinstance(was, dict) else {}, is_now, is_new, here, kept)
        elif is_now == was:
            if is_new is not None:
                out[key] = is_new
        elif is_now is None:
            kept.append(f"{here} (taken out)")
        else:
            out[key] = is_now
            if is_now != is_new:
                kept.append(here)
    return {key: _unnamed(value) for key, value in out.items()} if not place else out


def _named(document: Mapping[str, Any]) -> Document:
    """Lists of tables with names as tables by name."""
    return {key: _by_name(value) for key, value in document.items()}


def _by_name(value: Any) -> Any:
    is_list = (
        isinstance(value, list) and value and all(isinstance(row, dict) and "name" in row for row in value)
    )
    return {"[]": {row["name"]: row for row in value}} if is_list else value


def _unnamed(value: Any) -> Any:
    return list(value["[]"].values()) if isinstance(value, dict) and "[]" in value else value
