"""Numbers as people write them."""

from __future__ import annotations

from math import floor, isfinite, log10


def plain(value: float, digits: int = 3) -> str:
    """So many digits that count, without zeros that say nothing, and never with an exponent: 0.25, 116, 1234
    (whole numbers are whole)."""
    if not value or not isfinite(value):
        return f"{value or 0:g}"
    text = f"{value:.{max(0, digits - 1 - floor(log10(abs(value))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
