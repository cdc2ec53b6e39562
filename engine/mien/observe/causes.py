"""What a frame can be blamed on, as the table of metrics says it; blame.py chooses."""

from __future__ import annotations

from typing import Final

from mien.observe.blame import SUM
from mien.observe.metric import rows_of
from mien.observe.record import FrameRecord

_WITH_A_CAUSE: Final = [metric for metric in rows_of(FrameRecord) if metric.cause]
CAUSES: Final = (*(metric.cause for metric in _WITH_A_CAUSE), SUM)
"""What made a frame take too long."""
FOREIGN: Final = frozenset(metric.cause for metric in _WITH_A_CAUSE if metric.foreign)
"""Those that others do to a frame: nothing of them is usual."""
BECAUSE: Final = {metric.cause: metric.because for metric in _WITH_A_CAUSE} | {
    SUM: "several things together took too long"
}
"""In plain words, behind the word "because"."""
