"""What OpenRaster's composite-op names mean, those of Krita, MyPaint and Drawpile among them.

The format knows the W3C's operators as `svg:NAME`. Krita writes its own identifiers as `krita:NAME`, Drawpile
writes `svg:-dp-NAME` and `-dp-NAME`, and MyPaint 2 gives new layers `mypaint:spectral-wgm`.
"""

from __future__ import annotations

from dataclasses import dataclass

from mien.types import Blend

ATOP = "svg:src-atop"
"""Drawn where there is something below, and normally: how alpha lock and "inherit alpha" are stored."""

_PREFIXES = ("svg:-dp-", "-dp-", "krita:", "svg:", "mypaint:")
_SUFFIXES = ("-alpha", "-wash")
"""Drawpile's names of the same colour formula with another rule for what is transparent."""

_CUTTERS = frozenset(
    {
        "dst-in",
        "dst-out",
        "dst-atop",
        "dst-over",
        "dst",
        "src-in",
        "src-out",
        "clear",
        "xor",
        "erase",
        "cerase",
    }
    | {"color-erase", "destination-in", "destination-atop", "behind", "light-to-alpha", "dark-to-alpha"}
)
"""They cut into what is below, or go behind it: drawn over it, such a layer would hide the picture."""

_SAME = {
    "src-over": Blend.NORMAL,
    "over": Blend.NORMAL,
    "src-atop": Blend.NORMAL,
    "burn": Blend.COLOR_BURN,
    "dodge": Blend.COLOR_DODGE,
    "diff": Blend.DIFFERENCE,
    "luminize": Blend.LUMINOSITY,
    "soft-light-svg": Blend.SOFT_LIGHT,
    "hard-mix-photoshop": Blend.HARD_MIX,
    "minus": Blend.SUBTRACT,
    "add": Blend.LINEAR_DODGE,
    "krita:plus": Blend.LINEAR_DODGE,  # adds colour alone; the W3C's plus adds alpha as well
    "recolor": Blend.NORMAL,
}
"""Names of modes that Mien has under another name."""

_NEAR = {
    "hard-mix": Blend.HARD_MIX,
    "hard-mix-softer-photoshop": Blend.HARD_MIX,
    "krita:soft-light": Blend.SOFT_LIGHT,  # with a root where the W3C has a polynomial
    "soft-light-pegtop-delphi": Blend.SOFT_LIGHT,
    "soft-light-ifs-illusions": Blend.SOFT_LIGHT,
    "value": Blend.LUMINOSITY,
    "lightness": Blend.LUMINOSITY,
    "intensity": Blend.LUMINOSITY,
    "luminosity-sai": Blend.LINEAR_DODGE,
    "shade-sai": Blend.LINEAR_BURN,
    "burn-sai": Blend.COLOR_BURN,
    "dodge-sai": Blend.COLOR_DODGE,
    "difference-sai": Blend.DIFFERENCE,
    "hard-mix-sai": Blend.HARD_MIX,
    "burn-dodge-sai": Blend.VIVID_LIGHT,
    "shade-shine-sai": Blend.LINEAR_LIGHT,
    **{
        f"{mode.label}-{space}": mode
        for space in ("hsv", "hsl", "hsi")
        for mode in (Blend.HUE, Blend.SATURATION, Blend.COLOR)
    },
}
"""Modes that are nearly one of Mien's."""


@dataclass(frozen=True, slots=True)
class Operator:
    """How a layer or stack with a composite-op is drawn."""

    blend: Blend | None
    """None: it cannot be drawn, and drawn otherwise it would hide what is below."""
    remark: str = ""
    """What to tell its author: the rest of a sentence that begins with the layer; empty when it is drawn as
    the file says."""


def operator_of(op: str, shown: str) -> Operator:
    """What a composite-op asks for. `shown`: the name as messages show it."""
    prefix = next((known for known in _PREFIXES if op.startswith(known)), "")
    name = op.removeprefix(prefix).replace("_", "-").replace(" ", "-")
    if name in _CUTTERS:
        return Operator(None, f"is left out: its composite-op {shown} is not drawn")
    near = _NEAR.get(prefix + name, _NEAR.get(name, Blend.NORMAL))
    if near == Blend.NORMAL:
        for spelt in (prefix + name, name, *(name.removesuffix(suffix) for suffix in _SUFFIXES)):
            mode = _mode(spelt)
            if mode is not None:
                return Operator(mode)
    return Operator(near, f"is drawn with {near.label} blending: its composite-op {shown} is not known")


def _mode(name: str) -> Blend | None:
    if name in _SAME:
        return _SAME[name]
    try:
        return Blend.from_label(name)
    except KeyError:
        return None
