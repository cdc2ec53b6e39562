"""Where drivers keep the shaders that they compile, by Mesa's rules, and whether they can.

Mesa 22.3 writes the index of its cache through a mapped file with holes, and a hole that the disk has no room
for ends the process (SIGBUS). Later versions have the room first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final, NamedTuple

from mien.environment import Variable

OFF: Final = "MESA_SHADER_CACHE_DISABLE"
"""The environment variable that turns it off."""
_OFF: Final = Variable(OFF)
_YES: Final = ("1", "true", "t", "yes", "y")
"""What it says then, capitals aside."""
_PLACES: Final = ("MESA_SHADER_CACHE_DIR", "XDG_CACHE_HOME", "HOME")
"""Environment variables that say where, in the order in which Mesa asks: the first counts, whatever it says.
Before version 23 it takes the account's home for HOME."""
_FOLDERS: Final = ("mesa_shader_cache", "mesa_shader_cache_db", "mesa_shader_cache_sf")
"""What Mesa makes there. Each may be a link, or a disk of its own, writable where nothing beside it is."""
FULL: Final = "its disk is full"
_ROOM_BYTES: Final = 16 << 20
"""Less is a full disk: the index takes 1.3 MB, and others write there, too."""


class Kept(NamedTuple):
    """Where compiled shaders are kept."""

    variable: str
    """The environment variable that says so."""
    folder: Path
    """Of the cache, or the one that it is made in."""
    lack: str
    """Why nothing can be kept there, as FULL; empty where it can."""


def is_off(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether whoever started this program has turned it off."""
    return environ.get(OFF, "").lower() in _YES


def kept_shaders(environ: Mapping[str, str] = os.environ) -> Kept:
    """Where they are kept, or would be."""
    name = next((name for name in _PLACES if name in environ), "HOME")
    value = environ.get(name, os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
    folder = Path(value, ".cache") if name == "HOME" else Path(value)
    own = _written(folder) if value else []
    home = _account_home() if name == "HOME" else None
    others = [] if home is None else _written(home / ".cache")
    if any(_free(there) < _ROOM_BYTES for there in (*own, *others)):
        return Kept(name, folder, FULL)
    return Kept(name, folder, "" if own else "no folder can be written there")


@contextmanager
def shader_cache() -> Iterator[None]:
    """While the block opens a context, the driver is told to keep no shaders where their disk is full.

    The variable is taken back: programs that this one starts are not to inherit it.
    """
    full = sys.platform.startswith("linux") and kept_shaders().lack == FULL
    with _OFF.set_to("true") if full else nullcontext():
        yield


def _written(folder: Path) -> list[Path]:
    """The folders that are there and may be written, of those to which a cache in `folder` would go."""
    there = folder if os.path.lexists(folder) else folder.parent
    return [
        one
        for one in (there, *(folder / name for name in _FOLDERS))
        if _is_there(one) and os.access(one, os.W_OK)
    ]


def _is_there(folder: Path) -> bool:
    """Whether it is a folder; not where nobody may look, as in another's home, or of a name too long."""
    try:
        return folder.is_dir()
    except OSError:
        return False


def _account_home() -> Path | None:
    """The home of this user's account, if it has one."""
    try:
        import pwd

        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):
        return None


def _free(folder: Path) -> int:
    """Bytes that may still be written there."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize
