"""What a client may name: files and addresses that the server was told to allow, and nothing else.

A client is a stranger. A file is judged by where it really lies, links and `..` followed, when it is named
and once more when it is opened; an address by scheme, host, port and the beginning of its path, and whatever
it redirects to by its host.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from mien.audio import Address, AddressPolicy
from mien.audio.path_source import PathSource
from mien.errors import AssetMissing, AudioRejected, NotAllowed, ScriptError
from mien.messages import quoted, shown_path

_ANYWHERE: Final = ("http://", "https://")
"""Every public machine, by that scheme."""


@dataclass(frozen=True, slots=True)
class _Prefix:
    scheme: str
    host: str
    """`""`: every public machine."""
    port: int
    path: str

    def covers(self, address: Address) -> bool:
        parts = address.parts
        if parts.scheme.lower() != self.scheme:
            return False
        if not self.host:
            return True
        path = parts.path or "/"
        within = path == self.path or path.startswith(
            self.path if self.path.endswith("/") else self.path + "/"
        )
        return (address.host, address.port) == (self.host, self.port) and within


class Allowed:
    """Parameter: `named`, paths of files and folders, and addresses: `https://host/folder/`, or `https://`
    for every public machine. Raises AssetMissing for a path that is not there; ScriptError for an address
    that is none."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        self._paths: list[Path] = []
        self._prefixes: list[_Prefix] = []
        for one in named:
            if "://" in one:
                self._prefixes.append(_prefix_of(one))
            else:
                self._paths.append(_real(one))

    def path(self, name: str) -> Path:
        """Where a file or a folder really lies that may be opened. Raises NotAllowed, whether there is
        something or not: a client learns nothing of what lies elsewhere."""
        try:
            path = Path(name).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):  # not there, no name, a loop of links
            path = None
        if path is None or not any(path.is_relative_to(one) for one in self._paths):
            raise NotAllowed(
                f"{quoted(name)} is not opened: it is in no folder that this server allows; whoever started "
                "it names one with --allow."
            )
        return path

    def sound(self, name: str) -> PathSource:
        """A sound file that may be opened, and is looked at once more then. Raises NotAllowed."""
        path = self.path(name)
        if not path.is_file():
            raise AudioRejected(f"{shown_path(path)} is no file; name a sound file.")
        return PathSource(path, path.parent)

    def address(self, url: str) -> Address:
        """An address that may be opened. Raises NotAllowed; AudioRejected for what is no address."""
        address = Address.of(url)
        parts = address.parts
        odd = "\\" in url or ".." in _plain(parts.path).replace("\\", "/").split("/")
        covering = (
            [] if odd or "@" in parts.netloc else [one for one in self._prefixes if one.covers(address)]
        )
        if not covering:
            raise NotAllowed(
                f"{address.name} is not opened: it begins with no address that this server allows; whoever "
                "started it names one with --allow."
            )
        hosts = tuple(sorted({one.host for one in self._prefixes if one.host}))
        return Address(url, AddressPolicy(hosts=hosts, public=any(not one.host for one in covering)))


def _plain(path: str) -> str:
    """A path as whoever undoes its escapes last sees it, however often they were escaped."""
    while (plain := unquote(path)) != path:
        path = plain
    return path


def _real(name: str) -> Path:
    try:
        return Path(name).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise AssetMissing(f"--allow {quoted(name)}: there is no such file or folder; name one.") from None


def _prefix_of(url: str) -> _Prefix:
    if url.lower() in _ANYWHERE:
        return _Prefix(url.lower().removesuffix("://"), "", 0, "/")
    try:
        address = Address.of(url)
    except AudioRejected as error:
        raise ScriptError(f"--allow {quoted(url)}: {error}") from None
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ScriptError(
            f"--allow {address.name.removeprefix('audio at ')}: give scheme, host, port and the beginning of "
            "a path, as https://host/folder/, and nothing more."
        )
    return _Prefix(parts.scheme.lower(), address.host, address.port, parts.path or "/")
