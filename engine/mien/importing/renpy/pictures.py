"""Where Ren'Py finds the pictures of a layered image: by name, in `images`, by pattern."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from mien.art.rasters import RASTERS
from mien.importing.renpy.rpy import Layer, LayeredImage

_MOST_FILES: Final = 4096
_MOST_LAYERS: Final = 512
_MOST_GROUPS: Final = 128

Files = Mapping[str, FilePath]
"""The name of a picture as Ren'Py has it, in small letters -> its file."""


def files_about(folder: FilePath) -> dict[str, FilePath]:
    """All pictures that a script may name: by path from the folder and by bare name."""
    found: dict[str, FilePath] = {}
    roots = [folder, folder / "images", folder.parent / "images"]
    for root in roots:
        if not root.is_dir() or root.is_symlink():
            continue
        for count, path in enumerate(sorted(root.rglob("*"))):
            if count > _MOST_FILES:
                break
            if path.suffix.lower() in RASTERS and path.is_file():
                found.setdefault(path.stem.lower(), path)
                found.setdefault(path.relative_to(root).as_posix().lower(), path)
                found.setdefault(f"images/{path.relative_to(root).as_posix()}".lower(), path)
    return found


def found_layers(image: LayeredImage, files: Files) -> tuple[list[tuple[Layer, FilePath]], list[str]]:
    """The layers with their files, those of `auto` groups among them; and names of what is not there."""
    by_at: dict[int, list[Layer]] = {}
    stems = sorted(key for key, path in files.items() if path.stem.lower() == key and "/" not in key)
    known: dict[str, set[str]] = {}
    for layer in image.layers:
        known.setdefault(layer.group, set()).add(layer.attribute)
    for group in image.groups[:_MOST_GROUPS]:
        pattern = _joined(image.name, group.name, group.variant) + "_"
        said = known.get(group.name, set())
        for stem in stems:
            rest = stem[len(pattern) :]
            if stem.startswith(pattern.lower()) and rest and " " not in rest and rest not in said:
                layer = Layer(group.name, rest, image=stem, variant=group.variant, offset=group.offset)
                by_at.setdefault(group.at, []).append(layer)
    layers: list[Layer] = []
    for index, layer in enumerate(image.layers[: 4 * _MOST_LAYERS]):
        layers += by_at.get(index, [])
        layers.append(layer)
    layers += by_at.get(len(image.layers), [])
    found, missing = [], []
    for layer in layers[:_MOST_LAYERS]:
        if layer.is_null:
            continue
        name = layer.image or _joined(image.name, layer.group, layer.variant, layer.attribute)
        path = _file_of(name, image, files)
        if path is None:
            missing.append(name)
        else:
            found.append((layer, path))
    return found, missing


def _joined(*parts: str) -> str:
    return "_".join(part.replace(" ", "_") for part in parts if part)


def _file_of(name: str, image: LayeredImage, files: Files) -> FilePath | None:
    spelt = [name]
    if image.image_format:
        spelt.insert(0, image.image_format.replace("{image}", name).replace("{name}", image.name))
    for one in spelt:
        key = one.replace("\\", "/").lower()
        for form in (key, key.replace(" ", "_"), key.rsplit("/", 1)[-1].rsplit(".", 1)[0]):
            if form in files:
                return files[form]
    return None
