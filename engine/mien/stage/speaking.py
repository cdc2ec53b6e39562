"""Text that is spoken on a stage by a synthesizer, beside the frames."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from mien.speech import Synthesizer
from mien.stage.talking import Talking


class Speaking:
    """Has members of a stage's cast speak texts, on a thread of its own: no frame waits for it. A context manager.

    Parameters: `stage`; `synthesizer`, None: `mien.open_synthesizer()`, opened by the thread and closed with
    this; `tell(who, wrong)` is called by that thread whenever a text was queued whole (`wrong` is `""`) or
    could not be spoken (a sentence).
    """

    def __init__(
        self,
        stage: Talking,
        synthesizer: Synthesizer | None = None,
        tell: Callable[[str, str], object] | None = None,
    ) -> None:
        raise NotImplementedError

    def say(self, speaker: str, text: str) -> None:
        """Have a text spoken behind those before it, as one turn a sentence. From any thread; returns at once.

        Raises ScriptError for an unknown speaker, or what is no text.
        """

    def stop(self) -> None:
        """Forget the texts that are not spoken yet, and interrupt the stage."""

    @property
    def busy(self) -> bool:
        """Whether a text is still being made. From any thread."""
        return False

    def close(self) -> None:
        """Forget what is not spoken yet, and end the thread and the synthesizer. Idempotent."""

    def __enter__(self) -> Speaking:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
