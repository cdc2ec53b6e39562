"""Text that is spoken on a stage by a synthesizer, beside the frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import RLock
from types import TracebackType

from mien.arguments import refuse
from mien.errors import Closed, MienError, ScriptError
from mien.interrupts import Bell, RejoinableThread
from mien.messages import quoted
from mien.speech import Synthesizer
from mien.speech.opening import opened
from mien.speech.synthesizer import checked
from mien.stage.talking import Talking
from mien.talk.cues import not_in_cast
from mien.threads import start_thread


class Speaking:
    """Has members of a stage's cast speak texts. Speech is made on a thread of its own: no frame waits for
    it. A context manager.

    Parameters: `stage`; `synthesizer`, None: `mien.open_synthesizer()`, opened when it is first needed and
    closed with this; `tell(who, wrong)` is called by that thread whenever a text was queued whole (`wrong`
    is `""`) or could not be spoken (a sentence).
    """

    def __init__(
        self,
        stage: Talking,
        synthesizer: Synthesizer | None = None,
        tell: Callable[[str, str], object] | None = None,
    ) -> None:
        if not isinstance(stage, Talking):
            refuse("stage", stage, "a stage")
        if synthesizer is not None and not isinstance(synthesizer, Synthesizer):
            refuse("synthesizer", synthesizer, "what mien.open_synthesizer() gives, or None")
        if tell is not None and not callable(tell):
            refuse("tell", tell, "a function that takes a key and a sentence, or None")
        self._stage, self._tell = stage, tell
        self._synthesizer, self._owns = synthesizer, synthesizer is None
        self._wanted = deque[tuple[str, str, tuple[int, int]]]()
        """Who speaks, what, and what `_mark` was then."""
        self._dropped = 0
        self._making = False
        self._closed = False
        self._bell = Bell()
        self._step = RLock()  # which a handler of a signal may take again
        self._thread = RejoinableThread(self._make, "mien-speaking")

    def say(self, speaker: str, text: str) -> None:
        """Have a text spoken behind those before it, a turn for each sentence. From any thread, and at once.

        Raises ScriptError for an unknown speaker, or what is no text; Closed.
        """
        if not isinstance(speaker, str) or speaker not in self._stage.cast:
            raise ScriptError(not_in_cast(speaker, self._stage.cast))
        checked(text)
        with self._step:
            if self._closed:
                raise Closed("this Speaking is closed; make another.")
            self._wanted.append((speaker, text, self._mark))
            if self._thread.ident is None:
                try:
                    start_thread(self._thread)
                except BaseException:  # or Ctrl-C: it may be tried again
                    self._wanted.clear()
                    if self._thread.ident is None:
                        self._thread = RejoinableThread(self._make, "mien-speaking")
                    raise
        self._bell.ring()

    def stop(self) -> None:
        """Forget what is not spoken yet, and interrupt the stage. From any thread."""
        with self._step:
            self._dropped += 1
            self._wanted.clear()
            self._stage.interrupt()

    @property
    def busy(self) -> bool:
        """Whether speech is being made, or will be. From any thread."""
        return self._making or bool(self._wanted)

    def close(self) -> None:
        """Forget the texts that are not made yet, and end the thread, and the synthesizer where it was opened
        here. What the stage was given is spoken. Idempotent."""
        with self._step:
            self._closed = True
            self._dropped += 1
            self._wanted.clear()
            synthesizer = self._synthesizer if self._owns else None
        self._bell.ring()
        if synthesizer is not None:
            synthesizer.close()  # also has the thread go on that waits for it
        self._thread.wait()

    def __enter__(self) -> Speaking:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _mark(self) -> tuple[int, int]:
        """Another after what was wanted has been dropped: here, or by who has interrupted the stage."""
        return self._dropped, self._stage._interrupts

    def _make(self) -> None:
        while True:
            self._bell.wait_until(lambda: self._closed or bool(self._wanted))
            with self._step:
                if self._closed:
                    break
                if not self._wanted:
                    continue
                self._making = True
                speaker, text, mark = self._wanted.popleft()
            try:
                wrong = self._spoken(speaker, text, mark) if mark == self._mark else None
            finally:
                self._making = False
            if wrong is not None and self._tell is not None:
                try:
                    self._tell(speaker, wrong)
                except Exception as error:  # a host's own
                    said = f"tell= of a Speaking failed: {quoted(repr(error))}"
                    self._stage._show.session.warnings.append(said)
        if self._owns and self._synthesizer is not None:
            self._synthesizer.close()

    def _opened(self) -> Synthesizer:
        if self._synthesizer is None:
            try:
                return opened(self._begun)
            except BaseException:
                self._synthesizer = None
                raise
        return self._synthesizer

    def _begun(self, synthesizer: Synthesizer) -> None:
        """Hear of the synthesizer that is opened here, before it is."""
        with self._step:
            if self._closed:
                raise Closed("this Speaking is closed; make another.")
            self._synthesizer = synthesizer

    def _spoken(self, speaker: str, text: str, mark: tuple[int, int]) -> str | None:
        """What was wrong with a text, `""` for nothing; None where nobody asks any more."""
        try:
            for speech in self._opened().sentences(text):
                with self._step:
                    if mark != self._mark:
                        return None
                    self._stage.say(
                        speaker, speech.audio, speech.text, words=speech.words, timings=speech.timings
                    )
        except MienError as error:
            return str(error) if mark == self._mark else None
        return ""
