"""Text on a page: what a ledger says, whatever it holds, is text and no markup, and not endless."""

from __future__ import annotations

from html import escape
from typing import Final

from mien.messages import printable

LONGEST: Final = 400
"""Characters of one text: a verdict has some 200, and a ledger of another's can hold a megabyte in a name."""


def written(text: str) -> str:
    """The text for HTML and SVG, also in attributes: printable, cut, escaped."""
    return escape(printable(text, LONGEST))
