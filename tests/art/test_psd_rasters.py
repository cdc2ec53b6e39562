"""What a Photoshop file stores comes out as it shows it: samples, masks, colours, and its own picture."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from art.icc import grey_inks, linear_profile
from art.psd_file import Channel, FileLayer, mask_record, psd_file, raw, rgba, runs, zipped
from mien.art.layered import Layer, LayeredArt, planes, read_layered, tree
from mien.art.layered.planes import Damaged, Plane
from mien.art.layered.psd_pixels import Pixels
from mien.errors import FormatError, ImageRejected
from mien.types import U8

psd_tools = pytest.importorskip("psd_tools", reason="reading PSD files needs psd-tools: mien[layered]")

from psd_tools.compression import compress  # noqa: E402
from psd_tools.constants import Compression, Tag  # noqa: E402
from psd_tools.psd.descriptor import Bool, Descriptor, DescriptorBlock2  # noqa: E402
from psd_tools.psd.tagged_blocks import TaggedBlock  # noqa: E402

ICC = 1039
VERSION_INFO = 1057
VECTOR_MASK = b"vmsk"
NO_PATH = struct.pack(">II", 3, 0)
Open = Callable[[bytes], LayeredArt]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def read(data: bytes) -> LayeredArt:
        path = tmp_path / "art.psd"
        path.write_bytes(data)
        return read_layered(path)

    return read


def grey(alpha: Any, value: int = 90) -> U8:
    """A grey picture of the given alpha."""
    alpha = np.asarray(alpha, np.uint8)
    return np.dstack([np.full((*alpha.shape, 3), value, np.uint8), alpha])


def only(art: LayeredArt) -> Layer:
    (layer,) = art.root
    assert isinstance(layer, Layer)
    return layer


# Samples.


@pytest.mark.parametrize("depth", [8, 16, 32])
@pytest.mark.parametrize("compression", list(Compression))
def test_samples_are_the_same_however_they_are_packed(
    monkeypatch: pytest.MonkeyPatch, depth: Literal[8, 16, 32], compression: Compression
) -> None:
    monkeypatch.setattr(planes, "BAND_BYTES", 100)  # a few rows, or a part of the last channel
    values = np.random.default_rng(3).integers(0, 256, (3, 23, 9)).astype(np.uint8)
    values[1] = 7  # something that gets smaller
    wide = {8: values, 16: values.astype(">u2") * 257, 32: (values / 255).astype(">f4")}[depth]
    data = compress(wide.astype(wide.dtype.newbyteorder(">")).tobytes(), compression, 9, 69, depth)
    plane = Plane(data, int(compression), 9, 23, depth, 1, channels=3)
    for wanted in (range(3), range(1), range(1, 3)):
        out = np.zeros_like(values)
        for channel, top, rows in plane.bands(wanted):
            out[channel, top : top + len(rows)] = rows
        assert (out[wanted.start : wanted.stop] == values[wanted.start : wanted.stop]).all()


@pytest.mark.parametrize("compression", list(Compression))
def test_samples_that_end_early_are_damage(compression: Compression) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (40, 50), np.uint8).tobytes()
    data = compress(noise, compression, 50, 40, 8)
    for length in (0, 5, len(data) // 2, len(data) - 30):
        plane = Plane(data[:length], int(compression), 50, 40, 8, 1)
        with pytest.raises(Damaged, match=r"pixels (end|cannot)"):
            list(plane.bands())


def test_no_more_is_unpacked_than_the_layer_has() -> None:
    bomb = zlib.compress(bytes(64 << 20), 9)
    tracemalloc.start()
    ((_, _, rows),) = Plane(bomb, 2, 4, 3, 8, 1).bands()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows.shape == (3, 4)
    assert peak < 1 << 20


def test_16_bits_are_rounded_and_32_are_linear_light(opened: Open) -> None:
    alpha = 257 * np.array([[255, 128]])
    deep = {-1: raw(alpha, ">u2"), **{n: raw([[0x7F7F, 0x80FF]], ">u2") for n in range(3)}}
    stored = raw(np.full((3, 2), 0x8080), ">u2")
    layer = only(opened(psd_file((2, 1), [FileLayer((0, 0, 2, 1), deep)], stored, depth=16)))
    assert layer.pixels.tolist() == [[[127, 127, 127, 255], [128, 128, 128, 128]]]

    light = [raw([[value / 255, 0.5]], ">f4") for value in (242, 210, 71)]
    floats = {-1: raw([[1.0, 0.5]], ">f4"), **dict(enumerate(light))}
    stored = raw(np.full((3, 2), np.nan), ">f4")
    art = opened(psd_file((2, 1), [FileLayer((0, 0, 2, 1), floats)], stored, depth=32))
    assert only(art).pixels.tolist() == [[[249, 234, 144, 255], [188, 188, 188, 128]]]
    assert art.warnings == (
        "its 32 bits a channel are drawn with 8, and its linear light is blended as sRGB",
    )


def test_numbers_that_are_none_are_black_or_white(opened: Open) -> None:
    planes_ = {n: raw([[np.nan, np.inf, -np.inf, -3.0]], ">f4") for n in range(3)}
    stored = raw(np.zeros((3, 4)), ">f4")
    layer = only(opened(psd_file((4, 1), [FileLayer((0, 0, 4, 1), planes_)], stored, depth=32)))
    assert layer.pixels[0, :, 0].tolist() == [0, 255, 0, 0]


# Layers.


def test_a_layer_is_cut_to_the_canvas_while_it_is_decoded(opened: Open) -> None:
    pixels = grey(np.arange(1, 31).reshape(5, 6))
    pixels[:, 0, 3] = 0
    part = FileLayer((-1, -1, 5, 4), rgba(pixels))
    layer = only(opened(psd_file((4, 3), [part], raw(np.zeros((9, 4))))))
    assert layer.box == (0, 0, 4, 3)
    assert (layer.pixels == pixels[1:4, 1:5]).all()


def test_a_layer_with_damaged_pixels_is_left_out_and_named(opened: Open) -> None:
    good, bad = rgba(grey([[255]])), rgba(grey([[255]]))
    bad[1] = (1, b"\0")
    layers = [FileLayer((0, 0, 1, 1), good, "good"), FileLayer((0, 0, 1, 1), bad, "bad")]
    art = opened(psd_file((1, 1), layers, raw(np.zeros((3, 1)))))
    assert [node.name for node in art.root] == ["good"]
    (warning,) = art.warnings
    assert warning.startswith("layer 'bad' is left out: its pixels cannot be read (the pixels end within")


def test_what_is_kept_is_counted_before_colours_are_decoded(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MAX_TOTAL_PIXELS", 8 * 64 * 64)
    decoded: list[object] = []
    monkeypatch.setattr(Pixels, "read", lambda *_: decoded.append(_))
    solid = {-1: runs(255, 64, 64), 0: runs(9, 64, 64), 1: runs(9, 64, 64), 2: runs(9, 64, 64)}
    nine = [FileLayer((0, 0, 64, 64), solid)] * 9
    with pytest.raises(ImageRejected, match="its layers have more than"):
        opened(psd_file((64, 64), nine, raw(np.zeros((192, 64)))))
    assert not decoded


def test_what_is_claimed_is_counted_before_anything_is_decoded(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MAX_CLAIMED_PIXELS", 100 * 100)
    layer = FileLayer((-5000, 0, 5000, 2), rgba(grey([[255]])))
    with pytest.raises(ImageRejected, match="says that its layers have over"):
        opened(psd_file((1, 1), [layer], raw(np.zeros((3, 1)))))


def test_reading_takes_little_memory_beside_what_is_kept(opened: Open) -> None:
    size = 2048
    solid = {-1: runs(255, size, size), **{n: runs(40 * n, size, size) for n in range(3)}}
    data = psd_file((size, size), [FileLayer((0, 0, size, size), solid)], zipped(np.zeros((3 * size, size))))
    opened(data)  # what is imported is not counted
    tracemalloc.start()
    art = opened(data)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert only(art).pixels.nbytes == 16 << 20
    assert peak < (16 << 20) + 16 * (1 << 20)
    assert kept < (16 << 20) + 4 * (1 << 20)


def test_thousands_of_layers_are_refused_before_one_is_parsed(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psd_tools.PSDImage.open", lambda *_: pytest.fail("was parsed"))
    data = psd_file((1, 1), [FileLayer((0, 0, 0, 0), {})] * 8193, raw(np.zeros((3, 1))))
    minus = data.replace(struct.pack(">h", 8193), struct.pack(">h", -8193), 1)
    too_long = data[:38] + struct.pack(">I", 2**32 - 1) + data[42:]
    for content in (data, minus, too_long):
        with pytest.raises(ImageRejected, match=r"has more than 4096 layers; merge some\.$"):
            opened(content)


@pytest.mark.parametrize("masks", [b"", bytes(4), struct.pack(">I", 8) + bytes(8)])
@pytest.mark.parametrize("key", [b"Lr16", b"Lr32"])
def test_thousands_of_layers_of_16_and_32_bits_are_refused_before_one_is_parsed(
    opened: Open, monkeypatch: pytest.MonkeyPatch, key: bytes, masks: bytes
) -> None:
    """Such files have their layers in a block of their own behind an empty list, with others around it."""
    monkeypatch.setattr("psd_tools.PSDImage.open", lambda *_: pytest.fail("was parsed"))

    def block(key: bytes, data: bytes) -> bytes:
        return b"8BIM" + key + struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)

    flat = psd_file((1, 1), [], raw(np.zeros((3, 1))))
    for count in (8193, -8193):
        section = bytes(4) + masks + block(b"Patt", b"odd") + block(key, struct.pack(">h", count))
        data = flat[:34] + struct.pack(">I", len(section)) + section + flat[38:]
        with pytest.raises(ImageRejected, match=r"has more than 4096 layers; merge some\.$"):
            opened(data)


GLASS = np.full((3, 4, 4), 128, np.uint8)
FAR = 2**31 - 1


def one(box: tuple[int, int, int, int] = (1, 1, 5, 4), **more: object) -> list[FileLayer]:
    """A layer of 4 x 3, wherever it says that it lies."""
    return [FileLayer(box, {**rgba(GLASS), -2: raw(np.full((3, 4), 9))}, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        (one((5, 4, 1, 1)), ()),
        (one((FAR - 4, FAR - 3, FAR, FAR)), ()),
        (one((-FAR - 1, -FAR - 1, FAR, FAR)), "over 4096 Mpx together"),
        (one(mask=mask_record((5, 4, 1, 1), 255)), ()),
        (one(mask=mask_record((-FAR - 1, -FAR - 1, FAR, FAR))), "over 4096 Mpx together"),
        (one(mask=mask_record((0, 0, 30000, 30000))), ("it claims 30000 x 30000 pixels",)),
        ([FileLayer((1, 1, 5, 4), {-1: rgba(GLASS)[-1], 0: rgba(GLASS)[0]})], ("channel 1 is missing",)),
        ([FileLayer((1, 1, 5, 4), {**rgba(GLASS), 0: (4, b"")})], "its list of layers cannot be read"),
        ([FileLayer((1, 1, 5, 4), {**rgba(GLASS), 0: (1, b"\xff" * 9)})], ("the pixels end at row 0 of 3",)),
        ([FileLayer((1, 1, 5, 4), {**rgba(GLASS), 0: (2, b"no zip")})], ("cannot be unpacked",)),
    ],
    ids=[
        "inside out",
        "far",
        "whole",
        "mask inside out",
        "mask whole",
        "mask huge",
        "channel",
        "code",
        "runs",
        "zip",
    ],
)
def test_boxes_codes_and_channels_that_lie_are_a_sentence_each(
    opened: Open, layers: list[FileLayer], told: str | tuple[str, ...]
) -> None:
    """A sentence for the file, or one for each layer that is left out."""
    data = psd_file((8, 6), layers, raw(np.zeros((3, 6, 8))))
    if isinstance(told, str):
        with pytest.raises(ImageRejected, match=told) as refused:
            opened(data)
        assert str(refused.value).endswith(".")
        return
    warnings = opened(data).warnings
    assert len(warnings) == len(told)
    assert all(
        "is left out: its pixels cannot be read" in one and words in one
        for one, words in zip(warnings, told, strict=True)
    )


@pytest.mark.parametrize("layers", [[], [FileLayer((0, 0, 2, 1), rgba(grey([[255, 255]])))]])
def test_a_file_may_have_56_channels(opened: Open, layers: list[FileLayer]) -> None:
    """With the identifiers of its alpha channels, none of which is 0: selections, not transparency."""
    planes_ = np.full((56, 2), 200)
    planes_[:3] = 90
    identifiers = {1053: struct.pack(">53I", *range(1, 54))}
    art = opened(psd_file((2, 1), layers, raw(planes_), channels=56, resources=identifiers))
    assert only(art).pixels.tolist() == [[[90, 90, 90, 255]] * 2]
    assert art.warnings == ()


def test_a_layer_with_a_channel_that_cannot_be_read_is_told_so(opened: Open) -> None:
    channels = {number: raw([[9]]) for number in (0, 1, 2, 10)}
    with pytest.raises(FormatError, match=r"colour channel number 10, .*; delete the extra channels"):
        opened(psd_file((1, 1), [FileLayer((0, 0, 1, 1), channels)], raw(np.zeros((3, 1)))))


# Masks. A shape's alpha is what its path covers, and so is channel -2, which is rendered from it.

EDGE = [[0, 64, 128, 255]]
BOX = (0, 0, 4, 1)


def shape(mask: bytes, channels: dict[int, Channel], *, is_shape: bool = True) -> FileLayer:
    """A shape, which has a path and pixels that are marked as irrelevant; or pixels with a path."""
    return FileLayer(BOX, channels, mask=mask, blocks={VECTOR_MASK: NO_PATH}, flags=24 if is_shape else 8)


def alphas(art: LayeredArt) -> list[int]:
    """What is left of a layer of four pixels after its mask, 0..255."""
    layer = only(art)
    out = np.zeros(4)
    x = layer.offset[0]
    out[x : x + layer.pixels.shape[1]] = layer.pixels[0, :, 3]
    if layer.mask is not None:
        whole = np.full(4, layer.mask.outside)
        left = layer.mask.offset[0]
        whole[left : left + layer.mask.pixels.shape[1]] = layer.mask.pixels[0]
        out *= whole / 255
    return [round(float(value)) for value in out]


def picture(layer: FileLayer) -> bytes:
    return psd_file((4, 1), [layer], raw(np.zeros((3, 4))))


def test_the_edge_of_a_shape_counts_once(opened: Open) -> None:
    channels = rgba(grey(EDGE)) | {-2: raw(EDGE)}
    art = opened(picture(shape(mask_record(BOX, rendered=True), channels)))
    assert alphas(art) == EDGE[0]
    assert art.warnings == ()


def test_the_transparency_of_a_shape_s_fill_stays(opened: Open) -> None:
    channels = rgba(grey([[0, 32, 64, 128]])) | {-2: raw(EDGE)}
    assert alphas(opened(picture(shape(mask_record(BOX, rendered=True), channels)))) == [0, 32, 64, 128]


def test_a_painted_mask_over_a_shape_counts_beside_its_edge(opened: Open) -> None:
    """Channel -2 is the product already, -3 the painted mask alone."""
    channels = rgba(grey(EDGE)) | {-2: raw([[0, 32, 64, 128]]), -3: raw([[128] * 4])}
    record = mask_record(BOX, rendered=True, painted=BOX)
    assert alphas(opened(picture(shape(record, channels)))) == [0, 32, 64, 128]


def test_a_path_over_pixels_counts_beside_their_alpha(opened: Open) -> None:
    channels = rgba(grey([[255, 255, 128, 255]])) | {-2: raw(EDGE)}
    record = mask_record(BOX, rendered=True)
    assert alphas(opened(picture(shape(record, channels, is_shape=False)))) == [0, 64, 64, 255]


@pytest.mark.parametrize(("density", "expected"), [(255, [0, 64, 128, 255]), (51, [204, 217, 230, 255])])
def test_the_density_of_a_vector_mask_counts(opened: Open, density: int, expected: list[int]) -> None:
    channels = rgba(grey([[255] * 4])) | {-2: raw(EDGE)}
    record = mask_record(BOX, rendered=True, densities=(None, density))
    assert alphas(opened(picture(shape(record, channels, is_shape=False)))) == expected


def test_both_masks_count_with_their_densities(opened: Open) -> None:
    """A painted mask of one half at 50 % leaves 191 of 255, a path at 20 % 204 of that outside it."""
    channels = rgba(grey([[255] * 4])) | {-2: raw([[0, 0, 127, 127]]), -3: raw([[127] * 4])}
    record = mask_record(BOX, rendered=True, densities=(128, 51), painted=BOX)
    assert alphas(opened(picture(shape(record, channels, is_shape=False)))) == [153, 153, 191, 191]


def test_a_shape_with_a_density_says_what_is_missing(opened: Open) -> None:
    channels = rgba(grey(EDGE)) | {-2: raw(EDGE)}
    art = opened(picture(shape(mask_record(BOX, rendered=True, densities=(None, 51)), channels)))
    assert alphas(art)[1:] == [217, 230, 255]
    assert art.warnings == (
        "layer 'layer' is drawn without what the density of its vector mask shows beyond its edges",
    )


# Effects and adjustments.


def with_block(tmp_path: Path, tag: Tag, data: Any) -> LayeredArt:
    psd = psd_tools.PSDImage.new("RGB", (1, 1))
    layer = psd.create_pixel_layer_from_array(np.ones((1, 1, 4), np.float32), name="one")
    layer.tagged_blocks[tag] = TaggedBlock(key=tag, data=data)  # type: ignore[arg-type]
    psd.save(tmp_path / "art.psd")
    return read_layered(tmp_path / "art.psd")


@pytest.mark.parametrize(
    ("keys", "master", "named"),
    [
        ({b"enab": True}, True, True),
        ({b"enab": True}, None, True),
        ({b"enab": True}, False, False),
        ({b"enab": False}, True, False),
        ({b"enab": True, b"present": True}, True, True),
        ({b"enab": True, b"present": False}, True, False),
    ],
)
def test_effects_are_named_as_the_file_has_them_switched_on(
    tmp_path: Path, keys: dict[bytes, bool], master: bool | None, named: bool
) -> None:
    shadow = Descriptor(classID=b"DrSh")
    for key, value in keys.items():
        shadow[key] = Bool(value)
    effects = DescriptorBlock2(version=0, data_version=16, classID=b"null")
    if master is not None:
        effects[b"masterFXSwitch"] = Bool(master)
    effects[b"DrSh"] = shadow
    art = with_block(tmp_path, Tag.OBJECT_BASED_EFFECTS_LAYER_INFO, effects)
    assert art.warnings == (("layer 'one' is drawn without its effects (DropShadow)",) if named else ())


def test_an_old_brightness_layer_is_an_adjustment(opened: Open) -> None:
    layer = FileLayer((0, 0, 0, 0), {}, "old", blocks={b"brit": struct.pack(">3hBx", 40, 10, 127, 0)})
    art = opened(psd_file((1, 1), [layer], raw(np.zeros((3, 1)))))
    assert art.root == ()
    assert art.warnings == (
        "layer 'old' is left out: it is an adjustment (BrightnessContrast), and those are not drawn",
    )


WHOLE = struct.pack(">4H", 0, 0xFFFF, 0, 0xFFFF)


@pytest.mark.parametrize(
    ("blocks", "ranges", "named"),
    [
        ({b"knko": bytes(4)}, WHOLE * 5, ()),
        ({b"knko": b"\1\0\0\0"}, b"", ("is drawn without its knockout",)),
        (
            {},
            WHOLE * 4 + struct.pack(">4H", 0, 0xFFFF, 0x1020, 0xFFFF),
            ("is drawn without its Blend If ranges",),
        ),
        ({}, struct.pack(">4H", 0, 0xC0FF, 0, 0xFFFF), ("is drawn without its Blend If ranges",)),
    ],
)
def test_the_less_usual_ways_to_blend_are_named(
    opened: Open, blocks: dict[bytes, bytes], ranges: bytes, named: tuple[str, ...]
) -> None:
    layer = FileLayer((0, 0, 1, 1), rgba(grey([[255]])), blocks=blocks, ranges=ranges)
    art = opened(psd_file((1, 1), [layer], raw(np.zeros((3, 1)))))
    assert art.warnings == tuple(f"layer 'layer' {what}" for what in named)


def test_an_empty_layer_is_nothing_to_speak_of(opened: Open) -> None:
    empty = dict.fromkeys((-1, 0, 1, 2), (0, b"\0"))
    for box in ((0, 0, 0, 0), (5, 5, 6, 6)):  # without size, and beyond the canvas
        art = opened(psd_file((1, 1), [FileLayer(box, empty)], raw(np.zeros((3, 1)))))
        assert only(art).pixels.size == 0
        assert art.warnings == ()


def test_a_file_that_ends_behind_its_layers_is_drawn_and_that_is_said(tmp_path: Path) -> None:
    layer = FileLayer((0, 0, 2, 2), rgba(grey([[255, 255], [255, 255]], 71)))
    rows = (1, struct.pack(">6H", *[2] * 6) + 6 * bytes((255, 71)))  # run lengths: two of 71 in each row
    for stored in (raw(np.full((6, 2), 71)), rows):
        whole = psd_file((2, 2), [layer], stored)
        for cut in (0, 1, len(stored[1]) - 1):
            path = tmp_path / "art.psd"
            path.write_bytes(whole[: len(whole) - cut])
            art = read_layered(path)
            assert only(art).pixels.shape == (2, 2, 4)
            assert [("ends within the picture" in warning) for warning in art.warnings] == [True] * bool(cut)


# Colours.


def test_a_profile_is_kept_beside_colours_that_stay_as_they_are(opened: Open) -> None:
    layer = FileLayer((0, 0, 1, 1), rgba(grey([[255]], 71)))
    for resources, name in (
        ({ICC: linear_profile()}, "A linear one"),
        ({ICC: linear_profile(name="sRGB IEC61966-2.1")}, None),
        ({}, None),
    ):
        art = opened(psd_file((1, 1), [layer], raw(np.zeros((3, 1))), resources=resources))
        assert (art.profile.name if art.profile else None) == name
        assert only(art).pixels.tolist() == [[[71, 71, 71, 255]]]
        assert art.warnings == ()


def test_a_profile_that_cannot_be_used_is_named(opened: Open) -> None:
    layer = FileLayer((0, 0, 1, 1), rgba(grey([[255]], 71)))
    for data in (b"not a profile", linear_profile("GRAY"), linear_profile()[:200]):
        art = opened(psd_file((1, 1), [layer], raw(np.zeros((3, 1))), resources={ICC: data}))
        (warning,) = art.warnings
        assert warning.startswith("its colour profile is not used: LittleCMS cannot use it for RGB")
        assert art.profile is None


def inks(cyan: int, black: int) -> dict[int, Channel]:
    """One pixel of CMYK; the file has 255 for no ink."""
    return {0: raw([[255 - cyan]]), 1: raw([[255]]), 2: raw([[255]]), 3: raw([[255 - black]])}


@pytest.mark.parametrize(
    ("cyan", "black", "plain", "printed"),
    [(0, 0, [255] * 3, [255] * 3), (255, 0, [0, 255, 255], [119] * 3), (0, 255, [0] * 3, [119] * 3)],
)
def test_inks_become_what_their_profile_says(
    opened: Open, cyan: int, black: int, plain: list[int], printed: list[int]
) -> None:
    layer = FileLayer((0, 0, 1, 1), {-1: raw([[128]]), **inks(cyan, black)})
    for resources, colour, words in (
        ({}, plain, ", and turned into it by the plain formula, as it has no profile"),
        ({ICC: grey_inks()}, printed, ""),
    ):
        stored = raw(np.full((4, 1), 255))
        art = opened(psd_file((1, 1), [layer], stored, mode=4, channels=4, resources=resources))
        assert only(art).pixels.tolist() == [[[*colour, 128]]]
        assert art.profile is None
        assert art.warnings == ("its CMYK colours are blended as RGB" + words,)


def test_a_file_without_layers_has_its_transparency(opened: Open) -> None:
    """Photoshop mixes colours with white where they are transparent: 90 at 50 % is stored as 172."""
    planes_ = np.array([[90, 172, 255]] * 3 + [[255, 128, 0]])
    art = opened(psd_file((3, 1), [], raw(planes_), channels=4, resources={1053: bytes(4)}))
    assert only(art).pixels.tolist() == [[[90, 90, 90, 255], [90, 90, 90, 128]]]
    assert art.stored is None


# The picture that the file stores of itself.


def premultiplied(pixels: U8) -> U8:
    out = pixels.copy()
    out[..., :3] = np.rint(pixels[..., :3] * (pixels[..., 3:] / 255))
    return out


def test_the_stored_picture_is_compared_over_white(opened: Open) -> None:
    pixels = grey([[255, 128, 0]], 90)
    layer = FileLayer((0, 0, 3, 1), rgba(pixels))
    mixed = np.array([[90, 172, 255]] * 3)
    art = opened(psd_file((3, 1), [layer], raw(mixed)))
    assert art.stored is not None
    assert art.stored.difference(premultiplied(pixels)) == (0, 0.0, False)
    mixed[1, 0] = 60
    art = opened(psd_file((3, 1), [layer], raw(mixed)))
    assert art.stored is not None
    assert art.stored.difference(premultiplied(pixels)) == (30, pytest.approx(30 / 9), False)


def test_what_is_stored_where_the_picture_is_clear_does_not_count(opened: Open) -> None:
    """Others than Photoshop store black there."""
    pixels = grey([[255, 0]], 90)
    planes_ = np.array([[90, 0]] * 3 + [[255, 0]])
    layer = FileLayer((0, 0, 2, 1), rgba(pixels))
    art = opened(psd_file((2, 1), [layer], raw(planes_), channels=4, transparent=True))
    assert art.stored is not None
    assert art.stored.difference(premultiplied(pixels)).largest == 0


def test_a_stored_picture_in_inks_is_compared_in_their_colours(opened: Open) -> None:
    layer = FileLayer((0, 0, 1, 1), inks(255, 0))
    for resources, shown in (({}, [0, 255, 255]), ({ICC: grey_inks()}, [119] * 3)):
        stored = raw([[0], [255], [255], [255]])
        art = opened(psd_file((1, 1), [layer], stored, mode=4, channels=4, resources=resources))
        assert art.stored is not None
        assert art.stored.difference(np.array([[[*shown, 255]]], np.uint8)).largest == 0


def test_at_32_bits_white_is_mixed_in_as_light(opened: Open) -> None:
    channels = {-1: raw([[0.5]], ">f4"), **{n: raw([[0.25]], ">f4") for n in range(3)}}
    stored = raw(np.full((3, 1), 0.625), ">f4")
    art = opened(psd_file((1, 1), [FileLayer((0, 0, 1, 1), channels)], stored, depth=32))
    assert art.stored is not None
    assert art.stored.difference(premultiplied(only(art).pixels)).largest <= 1


def test_a_file_may_store_no_picture_of_itself(opened: Open) -> None:
    layer = FileLayer((0, 0, 1, 1), rgba(grey([[255]])))
    none = struct.pack(">IB", 1, 0) + bytes(8) + struct.pack(">I", 1)
    art = opened(psd_file((1, 1), [layer], raw(np.zeros((3, 1))), resources={VERSION_INFO: none}))
    assert art.stored is None
    assert art.warnings == ("stores no picture of itself that Mien's could be compared with",)


def test_a_blank_stored_picture_is_told_apart(opened: Open) -> None:
    pixels = grey([[255, 0]])
    art = opened(psd_file((2, 1), [FileLayer((0, 0, 2, 1), rgba(pixels))], raw(np.full((3, 2), 255))))
    assert art.stored is not None
    assert art.stored.difference(premultiplied(pixels)).is_blank


def test_a_stored_picture_that_ends_early_is_an_error_of_its_own(opened: Open) -> None:
    layer = FileLayer((0, 0, 1, 1), rgba(grey([[255]])))
    art = opened(psd_file((1, 1), [layer], (0, b"\x5a")))
    assert art.stored is not None
    with pytest.raises(ImageRejected, match="pixels end at row 0 of 1"):
        art.stored.difference(premultiplied(only(art).pixels))
    with pytest.raises(ImageRejected, match="is damaged, the pixels end at row 0 of 1; save it again"):
        opened(psd_file((1, 1), [], (0, b"\x5a")))
