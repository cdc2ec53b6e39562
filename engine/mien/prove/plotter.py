"""uPlot, which draws the plots of the page: taken from an installed package, none of it is kept here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from mien.errors import PackageMissing
from mien.installing import pip_install

_PACKAGE: Final = "metaflow-card-uplot"
"""The package of the Python index that carries uPlot's files, and nothing else that is used here."""
_SCRIPT: Final = "uPlot.iife.min.js"
_STYLE: Final = "uPlot.min.css"


@dataclass(frozen=True, slots=True)
class Plotter:
    """What a page needs to plot."""

    script: str
    style: str
    version: str


def plotter() -> Plotter:
    """uPlot as it is installed. Raises PackageMissing."""
    try:
        found = distribution(_PACKAGE)
    except PackageNotFoundError:
        raise PackageMissing(
            "--html needs uPlot, which draws the page's plots; install it with "
            f"`{pip_install('mien[prove]')}`, or leave --html out."
        ) from None
    places = {path.name: Path(str(found.locate_file(path))) for path in found.files or ()}
    try:
        script, style = (places[name].read_text(encoding="utf-8") for name in (_SCRIPT, _STYLE))
    except (KeyError, OSError):
        raise PackageMissing(
            f"the package {_PACKAGE}, which has uPlot for --html, is not whole; install it again with "
            f"`{pip_install(_PACKAGE, again=True)}`."
        ) from None
    version = re.search(r"\(v([\d.]+)\)", script[:200])
    return Plotter(script, style, version[1] if version else "")
