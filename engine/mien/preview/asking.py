"""How sections ask things of a stage: what it refuses is told in the panel, in its own sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

from mien.errors import MienError

if TYPE_CHECKING:
    from mien.stage.window import Window

P = ParamSpec("P")


class Asking:
    """What all sections of a panel have in common. Parameters: `stage`."""

    def __init__(self, stage: Window) -> None:
        self.stage = stage
        self.who = ""
        """Of whose face and slots the panel tells; "" while nobody is in the cast."""
        self.refused = ""
        """Why the last thing asked could not be done; "" when it could."""

    def ask(self, call: Callable[P, object], /, *arguments: P.args, **keywords: P.kwargs) -> bool:
        """Make a call of the stage's; False where it is refused."""
        try:
            call(*arguments, **keywords)
        except MienError as error:
            self.refused = str(error)
            return False
        self.refused = ""
        return True
