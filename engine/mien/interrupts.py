"""Ctrl-C held back from what has to be done to its end."""

from __future__ import annotations

from collections.abc import Callable


def held_back(*steps: Callable[[], object]) -> KeyboardInterrupt | None:
    """Do the steps, whatever the user presses; what they pressed, if they did, to be raised when all is done.

    A step that is interrupted is done again from its beginning.
    """
    interrupted = None
    for step in steps:
        while True:
            try:
                step()
                break
            except KeyboardInterrupt as error:
                interrupted = error
    return interrupted
