"""Shader sources, with `#include "name.glsl"` resolved: a file, or one of the generated parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from mien.composite.gl.generated_source import GENERATED
from mien.errors import AssetMissing

_INCLUDE = re.compile(r'^[ \t]*#include "([^"]+)"[ \t]*$', re.MULTILINE)


def shader_folder() -> Traversable:
    """Where the shaders are: in the installed package, or beside `engine/` in a checkout not installed."""
    try:
        return resources.files("mien.shaders")
    except ModuleNotFoundError:
        return Path(__file__).resolve().parents[4] / "shaders"


def shader_source(name: str, defines: Mapping[str, str | int] | None = None) -> str:
    """The text of a shader, each file included once, where it is first asked for. Raises AssetMissing.

    `defines` become macros right after the `#version` and `#extension` lines that the file starts with.
    """
    lines = _expanded(name).splitlines()
    start = next(i for i, line in enumerate(lines) if not line.startswith(("#version", "#extension")))
    macros = [f"#define {macro} {value}" for macro, value in (defines or {}).items()]
    return "\n".join([*lines[:start], *macros, *lines[start:], ""])


@cache
def _expanded(name: str) -> str:
    """Without macros. Kept, for every compositor asks for all of them again."""
    return _expand(shader_folder(), name, set())


def _expand(folder: Traversable, name: str, seen: set[str]) -> str:
    seen.add(name)
    if name in GENERATED:
        return GENERATED[name]()
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        raise AssetMissing(
            f"the shader {name} is missing from {folder}: install mien again, its package data is incomplete"
        ) from error

    def include(match: re.Match[str]) -> str:
        return "" if match[1] in seen else _expand(folder, match[1], seen)

    return _INCLUDE.sub(include, text)
