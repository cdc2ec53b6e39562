"""What the elements of an SVG are called, and how they are shown: names, opacity, modes, what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from mien.types import Blend

SVG: Final = "{http://www.w3.org/2000/svg}"
XLINK: Final = "{http://www.w3.org/1999/xlink}"
_INKSCAPE: Final = "{http://www.inkscape.org/namespaces/inkscape}"

_NAMES: Final = (f"{_INKSCAPE}label", "data-name", "{http://www.serif.com/}id", "id")
"""Attributes that name an element, the best first: Inkscape's, Illustrator's, Affinity's, everybody's."""
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{2,4})_")
"""How Illustrator writes letters that an id may not have."""
_COUNTED: Final = re.compile(r"(?<=.)_(?:\d{1,24}_)+$")
"""What Illustrator puts behind an id that is there already."""
_AUTOMATIC: Final = re.compile(
    r"(?:g|path|rect|circle|ellipse|line|polyline|polygon|use|image|text|tspan|svg|group|layer|vector|shape|"
    r"object|frame|union|subtract|intersect|clip|artboard|surface|xmlid|svgid)?(?:[-_. ]*\d+)*[-_. ]*",
    re.IGNORECASE,
)
"""Names that programs give by themselves."""
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_READ: Final = (
    *("display", "visibility", "opacity", "mix-blend-mode", "isolation"),
    *("filter", "clip-path", "mask"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """How an element is shown as a whole."""

    visible: bool
    opacity: float
    blend: Blend
    isolated: bool
    """Whether it is drawn apart from what is below it."""
    filtered: bool
    cut: bool
    """Whether it has a clip or a mask."""


class Styles:
    """The rules of all `<style>` elements of a document: those for one class, id or kind of element."""

    def __init__(self, root: Element) -> None:
        self._rules: dict[str, dict[str, str]] = {}
        for element in root.iter(f"{SVG}style"):
            text = _COMMENT.sub("", "".join(element.itertext()))
            for selectors, body in _RULE.findall(text):
                declared = {key: value for key, value in _declared(body) if key in _READ}
                for selector in selectors.split(",") if declared else ():
                    self._rules.setdefault(selector.strip(), {}).update(declared)

    def look(self, element: Element) -> Look:
        """How one is shown, by its attributes, the rules and its own style, the last winning."""
        found = {key: element.get(key, "") for key in _READ if element.get(key)}
        kind = element.tag.rpartition("}")[2]
        classes = (f".{name}" for name in element.get("class", "").split())
        for selector in (kind, *classes, f"#{element.get('id', '')}"):
            found |= self._rules.get(selector, {})
        found |= dict(_declared(element.get("style", "")))
        return _look(found)


def _look(found: Mapping[str, str]) -> Look:
    hidden = found.get("display") == "none" or found.get("visibility") in ("hidden", "collapse")
    opacity = _share(found.get("opacity", "1"))
    mode = found.get("mix-blend-mode", "normal")
    blend = Blend.PLUS if mode == "plus-lighter" else Blend.NORMAL
    with suppress(KeyError):
        blend = Blend.from_label(mode)
    if blend == Blend.PASS_THROUGH:
        blend = Blend.NORMAL
    isolated = opacity < 1.0 or blend != Blend.NORMAL or found.get("isolation") == "isolate"
    filtered, *cuts = (found.get(key, "none") not in ("none", "") for key in ("filter", "clip-path", "mask"))
    return Look(not hidden, opacity, blend, isolated or any(cuts), filtered, any(cuts))


def _declared(style: str) -> Iterator[tuple[str, str]]:
    for part in style.split(";"):
        key, colon, value = part.partition(":")
        if colon:
            yield key.strip().lower(), value.replace("!important", "").strip()


def _share(text: str) -> float:
    """An opacity, 0..1; 1 for what is none."""
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return 1.0
    return min(1.0, max(0.0, share)) if share == share else 1.0


def shown_whole(element: Element, more: str = "") -> None:
    """Have an element drawn opaque, normally, and not hidden: what a layer says of that is done later.

    `more`: declarations beside those.
    """
    style = element.get("style", "").rstrip("; ")
    whole = f"display:inline;visibility:visible;opacity:1;mix-blend-mode:normal;{more}".rstrip(";")
    element.set("style", f"{style};{whole}" if style else whole)


def name_of(element: Element) -> str:
    """What an element is called by whoever drew it; empty where a program named it, or nobody."""
    for key in _NAMES:
        text = element.get(key, "").strip()
        if key == "id":
            text = _COUNTED.sub("", _ESCAPED.sub(_letter, text))
        if text and not _AUTOMATIC.fullmatch(text):
            return text
    return ""


def _letter(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if not 0xD800 <= code < 0xE000 and code >= 32 else found[0]


_UNITS: Final = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "em": 16.0, "ex": 8.0,
    "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0,
}  # fmt: skip


def length_of(text: str | None) -> float | None:
    """A length in pixels; None for a share of something, and for what is no length."""
    found = re.fullmatch(r"\s*\+?(\d{0,9}\.?\d{1,9}(?:[eE][+-]?\d)?)\.?\s*([a-z]{0,2})\s*", text or "")
    if found is None or found[2] not in _UNITS:
        return None
    return float(found[1]) * _UNITS[found[2]]
