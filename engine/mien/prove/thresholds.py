"""What Mien is held to, from one data file, and how figures stand to it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Literal

from mien.prove.plain import plain
from mien.prove.statistics import Interval

State = Literal["met", "missed", "not shown", "disturbed", "not looked at"]
"""`not shown`: the figure keeps the bound, and its interval does not: there were too few frames. `disturbed`:
it was missed, or could only be met, while something else had the machine."""
Figure = Interval | float | None
"""None: nobody looked."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One bound. The data file says what its fields mean."""

    figure: str
    says: str
    why: str
    most: float | None = None
    least: float | None = None
    in_intervals: bool = False
    depends: Literal["", "time", "both"] = ""

    def bound(self, interval_ms: float) -> float:
        """The bound in the figure's unit."""
        told = self.most if self.most is not None else self.least
        assert told is not None
        return told * (interval_ms if self.in_intervals else 1.0)

    def text(self, interval_ms: float) -> str:
        """The bound in words."""
        unit = " ms" if self.in_intervals else ""
        return f"at {'most' if self.most is not None else 'least'} {plain(self.bound(interval_ms), 4)}{unit}"

    def state(self, figure: Figure, interval_ms: float, disturbed: Mapping[str, bool]) -> State:
        """How a figure stands to it. `disturbed`: whether `mien`'s runs and those of the `observer` were, and
        whether something helped one of the two `rivals` or was in its way."""
        if figure is None:
            return "not looked at"
        bound = self.bound(interval_ms)
        value, low, high = (
            (figure.value, figure.low, figure.high) if isinstance(figure, Interval) else (figure,) * 3
        )
        if self.most is not None:
            state: State = "met" if high <= bound else "not shown" if value <= bound else "missed"
        else:
            state = "met" if low >= bound else "not shown" if value >= bound else "missed"
        if self.depends == "both" and disturbed["rivals"]:
            return "disturbed"
        whose = "observer" if self.figure.startswith("observer.") else "mien"
        if self.depends and disturbed[whose] and state != "met":
            return "disturbed"
        return state


@dataclass(frozen=True, slots=True)
class Disturbed:
    """From when on a run is called disturbed. The data file says what the fields mean."""

    others: float
    worst_second: float
    stolen: float
    throttled: float
    slowed: float
    work: float
    hot: float
    paused_s: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The data file."""

    claims: tuple[Claim, ...]
    disturbed: Disturbed
    sha256: str
    """Of its bytes, in hexadecimal."""


def read(data: bytes) -> Thresholds:
    """Read a file of thresholds. Raises ValueError for one that means nothing."""
    told = tomllib.loads(data.decode())
    known = {field.name for field in fields(Claim)}
    claims = []
    for entry in told["claim"]:
        if unknown := entry.keys() - known:
            raise ValueError(f"{entry.get('figure')}: {sorted(unknown)[0]!r} is no key of a claim")
        if ("most" in entry) == ("least" in entry):
            raise ValueError(f"{entry['figure']}: a claim has one bound, `most` or `least`")
        claims.append(Claim(**entry))
    return Thresholds(tuple(claims), Disturbed(**told["disturbed"]), hashlib.sha256(data).hexdigest())


def bundled() -> Thresholds:
    """Those that Mien is held to."""
    return read(files("mien.prove").joinpath("thresholds.toml").read_bytes())
