"""What ships with Mien: characters, conversations, backgrounds, schemas; found by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, get_args

from mien.arguments import choice_of, text_of
from mien.errors import AssetMissing
from mien.messages import did_you_mean, listed, near_file, nearest, quoted, shown_path, suggestion

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

Kind = Literal["characters", "conversations", "backgrounds", "schemas"]

DEFAULT_CHARACTER = "wren"
DEFAULT_CONVERSATION = "hello"
_SHOWN_BY: dict[Kind, str] = {"characters": "mien still", "conversations": "mien play"}
_SUFFIX = {"characters": "", "conversations": "", "backgrounds": ".png", "schemas": ".schema.json"}


def bundled_names(kind: Kind) -> tuple[str, ...]:
    """Names of everything of a kind, sorted."""
    folder = Path(str(files("mien.assets"))) / kind
    suffix = _SUFFIX[kind]
    found = (p.name.removesuffix(suffix) for p in folder.iterdir() if p.name.endswith(suffix))
    return tuple(sorted(name for name in found if suffix or (folder / name).is_dir()))


def bundled(kind: Kind, name: str) -> Path:
    """Path of the bundled asset of that name. Raises AssetMissing with the names there are."""
    choice_of("kind", kind, get_args(Kind))
    text_of("name", name, "the name of something bundled")
    names = bundled_names(kind)
    if name not in names:
        raise AssetMissing(_not_bundled(name, (kind,)))
    return Path(str(files("mien.assets"))) / kind / f"{name}{_SUFFIX[kind]}"


def bundled_or_path(kind: Kind, name: str | Path, *others: Kind) -> Path:
    """A path as it is, or the bundled asset of that name, of `kind` or else of one of the `others`.

    A bare name (no separator, no suffix) means a bundled asset unless a file or folder of that name is
    in the current folder. Raises AssetMissing.
    """
    path = Path(name)
    kinds = (kind, *others)
    if name == "":
        raise AssetMissing(f"an empty name names nothing; name a file, a folder, or one of {_all_of(kinds)}.")
    refuse_address(name)
    with suppress(OSError, ValueError):  # a name too long for the system, or none that it takes
        if path.exists():
            return path
    if isinstance(name, str) and "/" not in name and not path.suffix:
        for one in kinds:
            if name in bundled_names(one):
                return bundled(one, name)
        raise AssetMissing(_not_bundled(name, kinds))
    remedy = suggestion(near_file(path), f"name one that exists, or a bundled one: {_all_of(kinds)}.")
    raise AssetMissing(f"{shown_path(path)}: no such file or folder; {remedy}")


def bundled_remedy(kind: Kind, path: Path) -> str | None:
    """What to give where a bundled name was given and only a path will do, without a full stop; else None."""
    names = bundled_names(kind) if path.parent == Path() else ()
    name = path.name if path.name in names else nearest(path.name, names, 0.75)
    if name is None or path.exists():
        return None
    return f"for what is bundled give mien.bundled({quoted(kind)}, {quoted(name)})"


def address_of(name: str) -> str | None:
    """How an address begins, up to its host: what follows may hold a password. None for what is none."""
    found = _ADDRESS.match(name)
    return found and found[0]


def refuse_address(name: str | Path) -> None:
    """Raises AssetMissing for the name of a file that is an address."""
    if isinstance(name, str) and (address := address_of(name)) is not None:
        raise AssetMissing(f"{quoted(address)} begins an address; download what is there, and name the file.")


def _not_bundled(name: str, kinds: Sequence[Kind]) -> str:
    for kind, command in _SHOWN_BY.items():
        if kind not in kinds and name in bundled_names(kind):
            own, *wanted = (one.removesuffix("s") for one in (kind, *kinds))
            return f"{quoted(name)} is a bundled {own}, no {' or '.join(wanted)}: {command} {name} shows it."
    known = [one for kind in kinds for one in bundled_names(kind)]
    remedy = did_you_mean(name, known, "name one of these.")
    return f"{quoted(name)} is not among the bundled {_all_of(kinds)}; {remedy}"


def _all_of(kinds: Sequence[Kind]) -> str:
    """What there is of each kind: `characters (mizzle, otto, wren) and conversations (hello)`."""
    return " and ".join(f"{kind} ({listed(bundled_names(kind))})" for kind in kinds)
