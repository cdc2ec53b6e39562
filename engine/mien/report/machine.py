"""What the machine had left for the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.report.records import number
from mien.report.run_file import RunFile

CROWDED = 0.25
"""A second is crowded when other programs and other machines took more than this share of the cores..."""
ROOM = 0.25
"""... and nobody used less than this share."""


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """Shares of the time of all cores that the run did not have."""

    others: float
    """Used by other processes: 0..1."""
    stolen: float
    """Given to other machines by the hypervisor: 0..1."""
    worst: float
    """The two together, in the second with most of them: 0..1."""
    worst_at_s: float
    crowded: npt.NDArray[np.bool_]
    """Which frames were due in a crowded second: (n,)."""

    def as_dict(self) -> dict[str, float]:
        """Plain values for JSON."""
        return {
            "others_share": self.others,
            "stolen_share": self.stolen,
            "worst_share": self.worst,
            "worst_at_s": self.worst_at_s,
        }

    def __str__(self) -> str:
        text = f"other programs used {self.others:.0%} of the cores"
        if round(self.stolen, 2):
            text += f" and the hypervisor gave {self.stolen:.0%} to other machines"
        if self.worst > CROWDED:
            text += f"; in the worst second, at {self.worst_at_s:.0f} s, others had {self.worst:.0%}"
        return text


def machine_of(run: RunFile) -> Machine | None:
    """Worked out from `others_ms` and `stolen_ms`; None when the run did not record them."""
    others, stolen, cores = run.column("others_ms"), run.column("stolen_ms"), number(run.header.get("cores"))
    if others is None or stolen is None or cores is None or cores < 1:
        return None
    others, stolen = np.nan_to_num(others), np.nan_to_num(stolen)
    # Whole seconds, of which the last takes the rest.
    since_s = run.at_s - run.at_s[0]
    number_of = np.minimum(since_s.astype(np.int64), max(0, int(run.seconds) - 1))
    # Only those that have frames: of a schedule with holes there may be many more.
    seconds, second = np.unique(number_of, return_inverse=True)
    span_s = np.ones(len(seconds))
    span_s[-1] = max(1.0, run.seconds - seconds[-1])
    second_ms = 1000 * cores * span_s
    taken = np.bincount(second, others + stolen) / second_ms
    idle = run.column("cores_idle_ms")
    # Files that do not tell what nobody used are taken to tell of a machine without room.
    room = 0.0 if idle is None else np.bincount(second, np.nan_to_num(idle)) / second_ms
    crowded = (taken > CROWDED) & (room < ROOM)
    whole_ms = 1000 * cores * run.seconds
    worst = int(np.argmax(taken))
    return Machine(
        float(min(1.0, others.sum() / whole_ms)),
        float(min(1.0, stolen.sum() / whole_ms)),
        float(min(1.0, taken[worst])),
        float(run.at_s[0] + seconds[worst]),
        np.asarray(crowded[second]),
    )
