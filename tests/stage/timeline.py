"""The clock of `mien.testing`, for the tests beside this."""

from __future__ import annotations

from mien.testing.timeline import Timeline, decoded, with_a_quick_gpu

__all__ = ["Timeline", "decoded", "with_a_quick_gpu"]
