"""A run's ledger and its like, whose loss never costs the run."""

from __future__ import annotations

from types import TracebackType

from mien.errors import NotWritable
from mien.observe import Observation


class Watch:
    """An observation that goes on as if nothing were wrong when it cannot be written. A context manager.

    What was lost is in `unwritten`, to be told after the verdict: leaving the context raises nothing for it,
    or a full disk under the ledger would take the video with it.
    """

    def __init__(self, observation: Observation) -> None:
        self._observation = observation

    @property
    def unwritten(self) -> tuple[NotWritable, ...]:
        """What could not be written, each with its reason."""
        return self._observation.unwritten

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be known of what was written."""
        return self._observation.remarks

    def __enter__(self) -> Watch:
        self._observation.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._observation.__exit__(kind, error, trace)
        except NotWritable:
            if error is not None:
                raise
