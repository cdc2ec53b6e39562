"""Which plugins may drive the stage: tokens, of which only hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mien.errors import AssetMissing, FormatError
from mien.messages import shown_path
from mien.part_file import write_whole

_LEAST_NAME: Final = 3
_MOST_NAME: Final = 32
_MOST: Final = 200
"""Plugins that are kept; the oldest makes room."""
_KEYS: Final = ("name", "developer", "token_sha256")


@dataclass(frozen=True, slots=True)
class Plugin:
    """Who was granted."""

    name: str
    developer: str
    token_sha256: str
    """In hexadecimal."""


def plugins_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where this user's are kept; None where there is no place."""
    # https://specifications.freedesktop.org/basedir-spec: a relative one does not count.
    named = environ.get("XDG_CONFIG_HOME", "")
    if Path(named).is_absolute():
        return Path(named, "mien", "vts-plugins.json")
    home = environ.get("HOME", "")
    if not Path(home).is_absolute():
        return None
    own = ("Library", "Application Support") if sys.platform == "darwin" else (".config",)
    return Path(home, *own, "mien", "vts-plugins.json")


def is_name(name: str) -> bool:
    """Whether a plugin or a developer may be called that."""
    return _LEAST_NAME <= len(name) <= _MOST_NAME and name.isprintable()


class Plugins:
    """Parameters: `file`, where they are kept, None for nowhere: then they are known until the server ends;
    `granted`, names of plugins that are let in without asking. Raises FormatError, AssetMissing for a file
    that cannot be read."""

    def __init__(self, file: Path | None = None, granted: Iterable[str] = ()) -> None:
        self._file: Final = file
        self.granted: Final = frozenset(granted)
        self._known: list[Plugin] = [] if file is None else _read(file)

    def __len__(self) -> int:
        return len(self._known)

    def grant(self, name: str, developer: str) -> str:
        """A token for a plugin, in place of the one it had. Raises NotWritable; it is granted then too, until
        the server ends."""
        token = secrets.token_urlsafe(32)
        others = [one for one in self._known if (one.name, one.developer) != (name, developer)]
        self._known = [*others[1 - _MOST :], Plugin(name, developer, _hash(token))]
        if self._file is not None:
            _write(self._file, self._known)
        return token

    def knows(self, name: str, developer: str, token: str) -> bool:
        """Whether a token is that plugin's, in the same time whatever it is."""
        asked = _hash(token)
        return any(
            hmac.compare_digest(one.token_sha256, asked) and (one.name, one.developer) == (name, developer)
            for one in self._known
        )


def _hash(token: str) -> str:
    # 32 bytes of chance need no salt, and no slow hash.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _read(file: Path) -> list[Plugin]:
    try:
        data = json.loads(file.read_bytes())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AssetMissing(f"{shown_path(file)}: cannot be read ({error.strerror}); mend that.") from None
    except (ValueError, RecursionError):
        raise _bad(file) from None
    listed = data.get("plugins") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise _bad(file)
    return [_plugin(file, one) for one in listed]


def _plugin(file: Path, told: Any) -> Plugin:
    values = [told.get(key) for key in _KEYS] if isinstance(told, dict) else []
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(_KEYS) or not texts[-1].isascii():  # hashes are compared as ASCII
        raise _bad(file)
    return Plugin(*texts)


def _bad(file: Path) -> FormatError:
    return FormatError(
        f"{shown_path(file)} is no list of plugins as Mien writes it; mend it, or remove it: plugins then "
        "ask anew."
    )


def _write(file: Path, known: Iterable[Plugin]) -> None:
    listed = [{key: getattr(one, key) for key in _KEYS} for one in known]
    file.parent.parent.mkdir(parents=True, exist_ok=True)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    write_whole(file, json.dumps({"plugins": listed}, indent=2).encode())
