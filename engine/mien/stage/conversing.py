"""A whole conversation told to a stage at once."""

from __future__ import annotations

from mien.arguments import refuse
from mien.errors import ScriptError
from mien.interrupts import HeldBack
from mien.stage.placing import Placed
from mien.talk import Conversation, check_conversation
from mien.talk.check import without_what_fails
from mien.talk.turns import already_queued


class Conversing(Placed):
    """The part of a stage that a conversation is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.foreseen: tuple[str, ...] = ()
        """What of a conversation the cast cannot follow, one sentence each: known before the first frame."""

    def queue(self, conversation: Conversation) -> None:
        """Queue all turns of a conversation behind the others. On the stage's own thread.

        For a stage that was opened with `of(conversation, queued=False)`, once the program is ready. What the
        cast cannot follow is added to `foreseen`, and left out. Raises ScriptError for a speaker who is not
        in the cast, and a turn that cannot be queued; those before it stay queued.
        """
        self._check()
        self._check_owner("queue")
        if not isinstance(conversation, Conversation):
            refuse("conversation", conversation, "what mien.load_conversation gives")
        with self._told.busied():
            self._hear()
            session, characters, fades = self._show.session, self._show.characters, self._show.fades
            for turn in conversation.turns:
                self._check_in_cast(turn.speaker)
                if turn.key in self._coming or session.is_queued(turn.key):
                    raise ScriptError(already_queued(turn.key))
            foreseen = check_conversation(conversation, characters, fades=fades)
            said = [
                without_what_fails(turn, characters[turn.speaker], fades=fades) for turn in conversation.turns
            ]
            for turn in said:
                with HeldBack():
                    session.queue(turn)
            self.foreseen += tuple(foreseen)
