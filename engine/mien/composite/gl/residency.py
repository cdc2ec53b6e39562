"""Which pages are on the GPU: rows never wait for one that is not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mien.composite.gl.counters import Counters
from mien.composite.rows import MASK_PAGE, NO_MASK, TAP_COUNT, TAPS, WEIGHTS
from mien.types import F32, MAX_TAPS


class Residency:
    """Pages 0..page_count-1, none of them here at first."""

    def __init__(self, page_count: int, counters: Counters) -> None:
        self._here = np.zeros(page_count, np.bool_)
        self._counters = counters

    def add(self, page: int) -> None:
        """The page is on the GPU."""
        self._here[page] = True

    def without_missing(self, rows: F32) -> F32:
        """The rows, or a copy in which taps on pages that are not here have no weight: misses, counted."""
        if self._here.all() or not len(rows):
            return rows
        taps = rows[:, TAPS].reshape(len(rows), MAX_TAPS, 8)
        page = taps[:, :, 3].astype(np.intp)
        missing = (np.arange(MAX_TAPS) < rows[:, TAP_COUNT, None]) & self._missing(page)
        unmasked = self._missing(rows[:, MASK_PAGE].astype(np.intp))
        self._counters.misses += int(np.count_nonzero(missing)) + int(np.count_nonzero(unmasked))
        rows = rows.copy()
        rows[:, WEIGHTS][missing] = 0.0
        rows[unmasked, WEIGHTS] = 0.0
        rows[unmasked, MASK_PAGE] = NO_MASK
        return rows

    def _missing(self, page: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Atlas pages that are not here; surfaces always are, and numbers of no page are refused later."""
        known = (page >= 0) & (page < len(self._here))
        missing: npt.NDArray[np.bool_] = known & ~self._here[np.where(known, page, 0)]
        return missing
