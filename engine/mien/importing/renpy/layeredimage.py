"""Ren'Py's layered images as a source: groups as folders, their default shown, the others hidden.

Pictures are those of the script's folder and of `images` beside it or above it; one that is not named is
called `name_group_variant_attribute`. A folder without a script is read by that pattern alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path as FilePath
from typing import Final

from mien.art.layered.kept_layers import KeptLayers, content_of
from mien.art.layered.shrinking import Shrinking
from mien.art.layered.tree import MAX_TOTAL_PIXELS, check_file
from mien.art.rasters import RASTERS, decode_raster, raster_size, read_raster
from mien.errors import FormatError, ImageRejected
from mien.importing.artwork import Artwork
from mien.importing.labels import Label
from mien.importing.layered import MOST_SIDE
from mien.importing.names import family_of, lid_state, mood_of, mouth_shape, read_name
from mien.importing.pictures.apart import take_apart
from mien.importing.renpy.faces import face_frames, face_group
from mien.importing.renpy.pictures import Files, files_about, found_layers
from mien.importing.renpy.rpy import Layer, LayeredImage, layered_images
from mien.importing.source import Item, Path, Source, box_of, own_names
from mien.messages import printable, quoted
from mien.types import U8, Blend, Rect, Size

_MOST_SCRIPT: Final = 8 << 20


def has_layers(script: FilePath) -> bool:
    """Whether a script declares a layered image."""
    return bool(_statements(script))


def _statements(script: FilePath) -> list[LayeredImage]:
    check_file(script)
    if script.stat().st_size > _MOST_SCRIPT:
        raise FormatError(
            f"{script} is longer than {_MOST_SCRIPT} bytes; cut the layeredimage out into its own."
        )
    try:
        return layered_images(script.read_text("utf-8-sig", errors="replace"))
    except OSError as error:
        raise FormatError(f"{script}: cannot be read ({error}); check its permissions.") from error


def read_rpy(script: FilePath, kept: KeptLayers | None = None) -> Artwork:
    """The first layered image of a script that has its pictures. `kept`: as of `read_layered`. Raises
    AssetMissing, FormatError, ImageRejected."""
    images = _statements(script)
    if not images:
        raise FormatError(f"{script}: declares no layeredimage; name the script that does.")
    files = files_about(script.parent)
    best: tuple[LayeredImage, list[tuple[Layer, FilePath]], list[str]] | None = None
    for image in images:
        layers, missing = found_layers(image, files)
        if layers and (best is None or len(layers) > len(best[1])):
            best = image, layers, missing
    if best is None:
        raise FormatError(
            f"{script}: none of the pictures of layeredimage {quoted(images[0].name)} lies beside it "
            "or in images; put them there."
        )
    image, layers, missing = best
    warnings = [f"{printable(name)}: its picture was not found" for name in missing]
    warnings += [
        f"layeredimage {printable(other.name)} was left out" for other in images if other is not image
    ]
    warnings += [f"not understood, and left out: {printable(line)}" for line in image.ignored]
    return _artwork(image, layers, warnings, str(script), kept)


def read_layered_folder(folder: FilePath, kept: KeptLayers | None = None) -> Artwork:
    """A folder of layers without a script. `kept`: as of `read_layered`. Raises FormatError,
    ImageRejected."""
    files = {p.stem: p for p in _pictures(folder)}
    if not files:
        raise FormatError(
            f"{folder}: holds no picture and no model; name a folder of PNGs, or a file of a kind "
            "that can be imported."
        )
    image = LayeredImage(folder.name)
    layers = []
    parted = {stem: _parts(stem, files) for stem in files}
    for stem, (group, attribute) in sorted(parted.items(), key=lambda item: _rank(item[1])):
        layers.append((Layer(group, attribute if group else "", image=stem), files[stem]))
    first: set[str] = set()
    for layer, _ in layers:
        if (
            layer.group
            and (_is_rest(layer) or not any(_is_rest(o) for o, _ in layers if o.group == layer.group))
            and layer.group not in first
        ):
            layer.default = True
            first.add(layer.group)
    return _artwork(image, layers, [], str(folder), kept)


def _is_rest(layer: Layer) -> bool:
    """Whether an attribute shows its group as it mostly is."""
    role = read_name(layer.group).role
    reading = read_name(layer.attribute, role)
    match family_of(role):
        case "eye":
            return lid_state(reading) == "open"
        case "mouth":
            return mouth_shape(reading) == "sil"
    return layer.attribute in ("neutral", "default", "normal", "calm", "plain")


_ORDER: Final = (
    ("background",),
    ("hair_back", "wing", "tail"),
    ("body", "neck", "leg", "arm", "hand", "forearm", "base"),
    ("clothes",),
    ("head", "face", "ear"),
    ("blush", "nose"),
    ("eye", "white", "iris", "pupil", "glint", "lash", "mouth", "teeth", "tongue"),
    ("brow", "tear", "sweat"),
    ("hair", "hair_side", "hair_front", "ahoge", "glasses", "hat", "horn"),
)


def _rank(parted: tuple[str, str]) -> tuple[int, str, str]:
    """Where a layer lies by what it is, as names in a folder have no order of their own; numbers first."""
    group, attribute = parted
    name = group or attribute
    number = re.match(r"\d+", name)
    role = read_name(name).role or ("base" if "base" in name.lower() else "")
    rank = next((i for i, roles in enumerate(_ORDER) if role in roles), 4)
    return (int(number[0]) if number else rank + 10_000), group, attribute


def _parts(stem: str, files: Files) -> tuple[str, str]:
    """(group, attribute) of a name: what all share in front is the character's, what several share behind it
    is the group."""
    shared = _shared(list(files))
    words = [w for w in re.split(r"[_ ]+", stem) if w][shared:]
    if len(words) < 2:
        return "", words[0] if words else stem
    group = words[0]
    if family_of(read_name(stem).role) == "hair":
        return "", "_".join(words)  # what lies before and behind is seen at once
    alike = sum(
        1 for other in files if [w for w in re.split(r"[_ ]+", other) if w][shared : shared + 1] == [group]
    )
    return (group, "_".join(words[1:])) if alike > 1 else ("", "_".join(words))


def _shared(stems: list[str]) -> int:
    parted = [[w for w in re.split(r"[_ ]+", stem) if w] for stem in stems]
    shortest = min(len(words) for words in parted)
    if len(parted) < 2 or shortest < 2:
        return 0
    first = {words[0] for words in parted}
    return 1 if len(first) == 1 and not read_name(parted[0][0]).role else 0


def _pictures(folder: FilePath) -> list[FilePath]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in RASTERS and not p.name.startswith("."))


def _artwork(
    image: LayeredImage,
    layers: list[tuple[Layer, FilePath]],
    warnings: list[str],
    file: str,
    kept: KeptLayers | None,
) -> Artwork:
    data = {path: read_raster(path) for _, path in layers}
    sizes = {path: raster_size(found, str(path)) for path, found in data.items()}
    if sum(sizes[path].width * sizes[path].height for _, path in layers) > MAX_TOTAL_PIXELS:
        raise ImageRejected(
            f"{file}: its pictures have more than {MAX_TOTAL_PIXELS >> 20} Mpx together; make them smaller."
        )
    canvas = Size(
        max(sizes[path].width + max(0, layer.offset[0]) for layer, path in layers),
        max(sizes[path].height + max(0, layer.offset[1]) for layer, path in layers),
    )
    if max(canvas) > 8192:
        raise ImageRejected(
            f"{file}: its layers lie on {canvas.width} x {canvas.height} pixels, and 8192 is the limit."
        )
    shrinking = Shrinking.to(canvas, MOST_SIDE)
    shown = _defaults(image, [layer for layer, _ in layers])
    if group := face_group(layers):
        frames, left = face_frames(
            layers, group, shown, lambda path: decode_raster(data[path], str(path)), canvas
        )
        warnings += [f"{printable(name)}: no part of any face, and left out" for name in left]
        return take_apart(replace(frames(), warnings=tuple(warnings)))
    given: dict[Path, Label] = {}
    items: list[Item] = []
    kept = KeptLayers() if kept is None else kept
    for group, members in _runs(layers):
        inner = []
        names = own_names([layer.attribute or FilePath(layer.image).stem or "always" for layer, _ in members])
        for (layer, path), name in zip(members, names, strict=True):
            visible = (
                (layer.attribute in shown or not layer.attribute)
                and layer.fits(shown)
                and not layer.condition
            )
            if layer.condition:
                warnings.append(
                    f"{name} is shown {'if ' + printable(layer.condition)[:60]}; kept, and not shown"
                )
            where = (group, name) if group else (name,)
            key = ("raster", content_of(data[path]), layer.offset, canvas, shrinking.scale)
            drawn = kept.made(key, partial(_drawn, data[path], str(path), layer.offset, shrinking))
            inner.append(_item(where, visible, drawn, layer))
            label = _label(group, layer)
            if label is not None:
                given[where] = label
        if group:
            items.append(Item(group, (group,), True, box_of(inner), None, tuple(inner), Blend.PASS_THROUGH))
        else:
            items += inner
    items = _unique(items)
    return Artwork(Source(shrinking.size, tuple(items), tuple(warnings), shrinking.scale), given)


def _unique(items: list[Item]) -> list[Item]:
    names = own_names([item.path[0] for item in items])
    return [
        item if item.path[0] == name else _moved(item, name) for item, name in zip(items, names, strict=True)
    ]


def _moved(item: Item, name: str) -> Item:
    return replace(item, path=(name, *item.path[1:]), children=tuple(_moved(c, name) for c in item.children))


def _drawn(
    data: bytes, file: str, offset: tuple[int, int], shrinking: Shrinking
) -> tuple[U8, tuple[int, int]]:
    return shrinking.pixels(decode_raster(data, file), offset)


def _item(path: Path, visible: bool, drawn: tuple[U8, tuple[int, int]], layer: Layer) -> Item:
    pixels, offset = drawn
    box = Rect(*offset, pixels.shape[1], pixels.shape[0])
    name = f"{layer.group} {layer.attribute}" if layer.group and len(path) > 1 else path[-1]
    return Item(name, path, visible, box, lambda: pixels)


def _defaults(image: LayeredImage, layers: list[Layer]) -> set[str]:
    """The attributes that are shown when none is asked for; of a group of a face that has none, the first."""
    shown = {layer.attribute for layer in layers if layer.default}
    for group in dict.fromkeys(layer.group for layer in layers if layer.group):
        own = [layer for layer in layers if layer.group == group]
        role = family_of(read_name(group).role)
        if not any(layer.default for layer in own) and group not in image.multiple and role in _NEEDED:
            rest = [layer for layer in own if _is_rest(layer)]
            shown.add((rest or own)[0].attribute)
    return shown


_NEEDED: Final = ("eye", "mouth", "brow", "face", "head", "body", "clothes")


def _runs(layers: list[tuple[Layer, FilePath]]) -> list[tuple[str, list[tuple[Layer, FilePath]]]]:
    """Layers of one group that follow each other, together."""
    runs: list[tuple[str, list[tuple[Layer, FilePath]]]] = []
    for layer, path in layers:
        group = layer.group if layer.group != layer.attribute else ""
        if group and runs and runs[-1][0] == group:
            runs[-1][1].append((layer, path))
        else:
            runs.append((group, [(layer, path)]))
    return runs


def _label(group: str, layer: Layer) -> Label | None:
    """What an attribute of a group is, where its group says it and its own name would say something else."""
    outer = read_name(group)
    reading = read_name(layer.attribute, outer.role)
    match family_of(outer.role):
        case "mouth":
            state = mouth_shape(reading) or mouth_shape(read_name(f"mouth {layer.attribute}"))
            return Label("mouth", state=state, how="named") if state else None
        case "brow":
            return Label("brow", reading.side or outer.side, mood_of(reading), "named")
        case "eye" if not reading.role:
            state = lid_state(reading)
            if state == "wink":
                why = "it shows one eye shut, and the other open"
                return Label(state="hidden", how="given", why=why)
            return Label(
                "eye",
                reading.side or outer.side,
                "" if state == "open" else state or layer.attribute,
                "named",
            )
    return None
