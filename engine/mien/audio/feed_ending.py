"""How feeds end: by a call, at the end of a block, or by what goes wrong in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from mien.audio.addresses import reason_of


class EndsWithBlock(ABC):
    """A feed that a block ends: `with mien.PcmFeed(24_000) as feed:`. What leaves the block early damages the
    turn by its reason, once what came has been played."""

    def end(self) -> None:
        """Say that no more will come: the turn ends once what came has been played. Idempotent."""
        self._ended(None)

    def close(self) -> None:
        """As `end`."""
        self.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended(None if error is None else f"its host stopped: {reason_of(error)}")

    @abstractmethod
    def _ended(self, failure: str | None) -> None:
        """No more will come; `failure`: why not."""
