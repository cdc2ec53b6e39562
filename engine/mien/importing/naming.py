"""Names of slots and drawings as the format takes them, from what layers are called."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

from mien.documents.table import is_name

_NOT_IN_NAMES: Final = re.compile(r"[^\w.-]+")
_MOST_LETTERS: Final = 48


def plain_name(text: str, otherwise: str) -> str:
    """A name as the format takes it, from any text."""
    text = normalize("NFC", normalize("NFKC", text))
    name = _NOT_IN_NAMES.sub("_", text).strip("_.-")[:_MOST_LETTERS].strip("_.-")
    name = re.sub(r"_+", "_", name)
    while name and len(name.encode()) > 150:
        name = name[:-1]
    return name if name and is_name(name) else otherwise


def own_name(base: str, taken: set[str]) -> str:
    """A name that is not taken, in whatever case, and is from now on."""
    name, count = base, 1
    while name.casefold() in taken:
        count += 1
        name = f"{base}_{count}"
    taken.add(name.casefold())
    return name
