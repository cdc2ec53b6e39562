"""Where a frame lies in a window."""

from __future__ import annotations

from typing import NamedTuple

from mien.types import Size


class Fit(NamedTuple):
    """Where the frame lies in the window, in pixels of the framebuffer."""

    left: int
    bottom: int
    """As much as above it, or none."""
    width: int
    """0 where there is nothing to draw to, as of a window that is minimised."""
    height: int

    @classmethod
    def of(cls, frame: Size, window: tuple[int, int], taken: int = 0, *, stands: bool = False) -> Fit:
        """As large as fits, centred, its shape kept. `taken`: pixels at the right of something else;
        `stands`: on the lower edge."""
        width, height = window[0] - taken, window[1]
        if width <= 0 or height <= 0:
            return cls(0, 0, 0, 0)
        scale = min(width / frame.width, height / frame.height)
        wide, high = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        return cls((width - wide) // 2, 0 if stands else (height - high) // 2, wide, high)

    def in_frame(
        self, x: float, y: float, frame: Size, high: int, *, beside: bool = False
    ) -> tuple[float, float] | None:
        """A place of the framebuffer, `high` pixels high, from its top left, as one of the frame; None
        beside it, unless that is meant, too."""
        if not self.width or not self.height:
            return None
        top = high - self.bottom - self.height
        along, down = (x - self.left) / self.width, (y - top) / self.height
        if not beside and not (0 <= along < 1 and 0 <= down < 1):
            return None
        return (along * frame.width, down * frame.height)
