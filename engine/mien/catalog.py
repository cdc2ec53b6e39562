"""What ships with Mien: characters, conversations, backgrounds, schemas; found by name."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from mien.arguments import choice_of, text_of
from mien.errors import AssetMissing

Kind = Literal["characters", "conversations", "backgrounds", "schemas"]

DEFAULT_CHARACTER = "wren"
DEFAULT_CONVERSATION = "hello"
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
        close = get_close_matches(name, names, 1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise AssetMissing(f"{name!r} is not among the bundled {kind} ({', '.join(names) or 'none'}).{hint}")
    return Path(str(files("mien.assets"))) / kind / f"{name}{_SUFFIX[kind]}"


def bundled_or_path(kind: Kind, name: str | Path) -> Path:
    """A path as it is, or the bundled asset of that name.

    A bare name (no separator, no suffix) means a bundled asset unless a file or folder of that name is
    in the current folder. Raises AssetMissing.
    """
    path = Path(name)
    if path.exists():
        return path
    if isinstance(name, str) and "/" not in name and not path.suffix:
        return bundled(kind, name)
    raise AssetMissing(
        f"{path}: no such file or folder; name one that exists, or a bundled one: "
        f"{', '.join(bundled_names(kind))}."
    )
