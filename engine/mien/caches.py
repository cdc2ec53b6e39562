"""Where Mien keeps what the next start need not make again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CACHE: Final = "MIEN_CACHE"
"""The environment variable that names the folder, or says that nothing is kept."""
_NO: Final = ("0", "no", "off", "false", "none")
"""What it says then, capitals aside."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder for it, which need not be there; None where nothing is to be kept, or there is no place."""
    named = environ.get(CACHE, "").strip()
    if named:
        # Not by pathlib, which raises where there is no home.
        return None if named.lower() in _NO else Path(os.path.expanduser(named))  # noqa: PTH111
    own = _users(environ)
    return None if own is None or not own.is_absolute() else own / "mien"


def _users(environ: Mapping[str, str]) -> Path | None:
    """Where programs of this user keep such things."""
    if sys.platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return Path(local) if local else None
    # https://specifications.freedesktop.org/basedir-spec: a relative one does not count.
    named = environ.get("XDG_CACHE_HOME", "")
    if Path(named).is_absolute():
        return Path(named)
    home = environ.get("HOME")
    if not home:
        return None
    return Path(home, "Library", "Caches") if sys.platform == "darwin" else Path(home, ".cache")
