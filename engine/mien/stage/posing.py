"""What a host takes into its own hand: channels that it overrides, a mouth shape that it shows."""

from __future__ import annotations

from mien.stage.shown import ChannelState, Repertoire
from mien.stage.talking import Talking


class Posing(Talking):
    """The part of a stage on which channels are seen and overridden."""

    def channels(self, who: str) -> tuple[ChannelState, ...]:
        """Every channel of a character: its range, the value shown in the last frame, and who has the say.

        Beside those of `mien.types.CHANNELS` there are `lid_left` and `lid_right`, 0 wide .. 1 closed, of the
        character's own left and right eye. Worked out when asked for: frames cost nothing more. On the
        stage's own thread. Raises ScriptError, WrongThread.
        """
        raise NotImplementedError

    def hold(self, who: str, channel: str, value: float, *, seconds: float = 0.1) -> None:
        """Override a channel from the next frame on, until it is held elsewhere or let go.

        It goes to `value` from where it is, in `seconds` (0 to 5; 0: at once), whatever its behaviours say,
        and what hangs on it follows. An event of the script, as `set_expression` is: may be told every frame,
        from any thread. Raises ScriptError for a channel that there is not, or a value out of its range.
        """
        raise NotImplementedError

    def let_go(self, who: str, channel: str | None = None, *, seconds: float = 0.1) -> None:
        """Give a channel back to its behaviours, in `seconds` (0 to 5); None: all that are held, the mouth of
        `show_viseme` too. What is not held stays as it is. From any thread."""
        raise NotImplementedError

    def show_viseme(self, who: str, viseme: str | None) -> None:
        """Show a mouth shape, in the mood of the face, whatever is spoken; None: the voice has it again.

        `viseme`: one of `repertoire(who).visemes`. At once, as all changes of the mouth's drawing. From any
        thread. Raises ScriptError.
        """
        raise NotImplementedError

    def repertoire(self, who: str) -> Repertoire:
        """What a character has: expressions, visemes, gestures, drawings, slots, channels. From any
        thread."""
        raise NotImplementedError
