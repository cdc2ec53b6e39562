"""A person at the terminal is asked whether a plugin may drive the stage. One question at a time."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeAlias

if sys.platform != "win32":
    import termios

Ask: TypeAlias = Callable[[str, str], Awaitable[bool | None]]
"""(plugin, developer) -> whether it may; None: nobody can be asked."""
_YES: Final = ("y", "yes")
_LONGEST: Final = 1024


async def nobody(plugin: str, developer: str) -> bool | None:
    """There is no terminal."""
    return None


def asker(tell: Callable[[str], object], fd: int | None = None) -> Ask:
    """Asks on a terminal: `tell` writes a line there; `fd` is read, standard input unless told. Where that is
    no terminal of ours, nobody is asked. Nothing but a line with `y` or `yes` says yes."""

    async def ask(plugin: str, developer: str) -> bool | None:
        place = _terminal() if fd is None else fd
        if place is None:
            return None
        _forget_typed(place)
        tell(f"the plugin {plugin} by {developer} asks to drive this stage: let it? [y/N]")
        try:
            return (await _line(place)).strip().lower() in _YES
        except asyncio.CancelledError:
            tell(f"the plugin {plugin} has gone; no answer is needed.")
            raise

    return ask


def _terminal() -> int | None:
    """Standard input, where a person types into it and this program has the terminal."""
    try:
        fd = sys.stdin.fileno()
        # Who reads a terminal from the background is stopped by the system.
        return fd if os.isatty(fd) and os.tcgetpgrp(fd) == os.getpgrp() else None
    except (AttributeError, OSError, ValueError):
        return None


def _forget_typed(fd: int) -> None:
    """What was typed before a question, as for one whose plugin has gone, is no answer to it."""
    if sys.platform != "win32":
        with suppress(termios.error):  # it is no terminal
            termios.tcflush(fd, termios.TCIFLUSH)


async def _line(fd: int) -> str:
    """What is typed next, to the end of the line. By the loop, not a thread: one that waits for a key would
    not end with the program."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(fd, ready.set)
    typed = b""
    try:
        while b"\n" not in typed and len(typed) < _LONGEST:
            await ready.wait()
            ready.clear()
            more = os.read(fd, _LONGEST)
            if not more:  # it is closed
                break
            typed += more
    except OSError:  # the terminal is gone
        return ""
    finally:
        loop.remove_reader(fd)
    return typed.decode("utf-8", "replace")
