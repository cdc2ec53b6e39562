"""Photoshop files become a tree of layers; what cannot be drawn is named, what is broken refused."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mien.art.layered import Group, Layer, LayeredArt, read_layered
from mien.art.layered.psd import PsdToolsMissing
from mien.errors import AssetMissing, FormatError, ImageRejected
from mien.types import Blend, Size

psd_tools = pytest.importorskip("psd_tools", reason="reading PSD files needs psd-tools: mien[layered]")

from psd_tools.constants import BlendMode, Clipping, Tag  # noqa: E402
from psd_tools.psd.descriptor import Bool, Descriptor, DescriptorBlock2  # noqa: E402
from psd_tools.psd.layer_and_mask import MaskParameters  # noqa: E402
from psd_tools.psd.tagged_blocks import TaggedBlock  # noqa: E402
from psd_tools.psd.vector import Path as VectorPath  # noqa: E402
from psd_tools.terminology import Key, Klass  # noqa: E402

RED = (255, 0, 0)
INKS = "its CMYK colours are blended as RGB, and turned into it by the plain formula, as it has no profile"
LIGHT = "its 32 bits a channel are drawn with 8, and its linear light is blended as sRGB"
Read = Callable[[Callable[[Any], None]], LayeredArt]


def flat(size: tuple[int, int] = (4, 3), colour: Any = RED, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def glass(alpha: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A red picture with an alpha channel of its own."""
    pixels = np.zeros((3, 4, 4), np.float32)
    pixels[..., 0], pixels[..., 3] = 1.0, alpha
    return pixels


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Builds an RGB file of 8 x 6, and reads it."""

    def build(fill: Callable[[Any], None]) -> LayeredArt:
        psd = psd_tools.PSDImage.new("RGB", (8, 6))
        fill(psd)
        psd.save(tmp_path / "art.psd")
        return read_layered(tmp_path / "art.psd")

    return build


def test_a_layer_has_its_pixels_place_mode_and_opacity(read: Read) -> None:
    def fill(psd: Any) -> None:
        layer = psd.create_pixel_layer_from_array(
            glass(128 / 255), name="glass", left=1, top=2, opacity=102, blend_mode=BlendMode.LINEAR_BURN
        )
        layer.fill_opacity = 51

    art = read(fill)
    (layer,) = art.root
    assert isinstance(layer, Layer)
    assert (art.size, layer.name, layer.box) == (Size(8, 6), "glass", (1, 2, 4, 3))
    assert (layer.blend, layer.mask, layer.clipped) == (Blend.LINEAR_BURN, None, False)
    assert layer.opacity == pytest.approx(0.4 * 0.2)
    assert (layer.pixels == (255, 0, 0, 128)).all()


def test_every_mode_of_photoshop_but_dissolve_has_its_own(read: Read) -> None:
    modes = [mode for mode in BlendMode if mode not in (BlendMode.DISSOLVE, BlendMode.PASS_THROUGH)]

    def fill(psd: Any) -> None:
        for mode in modes:
            psd.create_pixel_layer(flat(), name=mode.name, blend_mode=mode)

    art = read(fill)
    assert [(node.name, node.blend.name) for node in art.root] == [(mode.name, mode.name) for mode in modes]
    assert len({node.blend for node in art.root}) == len(modes) == 26
    assert art.warnings == ()


def test_groups_nest_and_keep_their_order_and_kind(read: Read) -> None:
    def fill(psd: Any) -> None:
        psd.create_pixel_layer(flat(), name="below")
        outer = psd.create_group(name="outer", blend_mode=BlendMode.PASS_THROUGH, opacity=51)
        inner = outer.create_group(name="inner", blend_mode=BlendMode.SCREEN)
        inner.create_pixel_layer(flat(), name="first")
        inner.create_pixel_layer(flat(), name="second").clipping = True

    below, outer = read(fill).root
    assert (below.name, outer.name, outer.blend, outer.opacity) == ("below", "outer", Blend.PASS_THROUGH, 0.2)
    assert isinstance(outer, Group)
    (inner,) = outer.children
    assert isinstance(inner, Group) and inner.blend == Blend.SCREEN
    assert [(node.name, node.clipped) for node in inner.children] == [("first", False), ("second", True)]


def test_a_group_may_be_clipped(read: Read) -> None:
    """As Clip Studio writes it; psd-tools' own flag says that no group is."""

    def fill(psd: Any) -> None:
        psd.create_pixel_layer(flat(), name="base")
        group = psd.create_group(name="over it", blend_mode=BlendMode.NORMAL)
        group.create_pixel_layer(flat(), name="first")
        group._record.clipping = Clipping.NON_BASE

    assert [(node.name, node.clipped) for node in read(fill).root] == [("base", False), ("over it", True)]


def test_what_is_hidden_is_not_drawn_and_takes_what_is_clipped_to_it_along(read: Read) -> None:
    def fill(psd: Any) -> None:
        for name, visible, clipped in (
            ("hidden", False, False),
            ("on hidden", True, True),
            ("shown", True, False),
            ("hidden on shown", False, True),
            ("on shown", True, True),
        ):
            layer = psd.create_pixel_layer(flat(), name=name)
            layer.visible, layer.clipping = visible, clipped

    art = read(fill)
    assert [(node.name, node.clipped) for node in art.root] == [("shown", False), ("on shown", True)]
    assert art.warnings == ()


def test_a_layer_is_cut_to_the_canvas_and_to_what_is_there(read: Read) -> None:
    def fill(psd: Any) -> None:
        pixels = np.zeros((5, 6, 4), np.float32)
        pixels[1:4, 2:5] = 1.0
        psd.create_pixel_layer_from_array(pixels, name="padded", left=4, top=1)
        psd.create_pixel_layer(flat(), name="outside", left=-4, top=0)

    padded, outside = read(fill).root
    assert padded.box == (6, 2, 2, 3)
    assert outside.box[2:] == (0, 0)


def test_masks_with_their_place_and_what_is_outside(read: Read) -> None:
    def fill(psd: Any) -> None:
        for outside, disabled in ((0, False), (255, False), (0, True)):
            layer = psd.create_pixel_layer(flat(), name="masked")
            layer.create_mask(Image.new("L", (2, 1), 100), top=2, left=3)
            layer.mask.data.background_color = outside
            layer.mask.disabled = disabled

    inside, beyond, disabled = read(fill).root
    for node, outside in ((inside, 0), (beyond, 255)):
        assert node.mask is not None
        assert (node.mask.offset, node.mask.outside) == ((3, 2), outside)
        assert node.mask.pixels.tolist() == [[100, 100]]
    assert disabled.mask is None


def test_the_density_of_a_mask_counts_and_its_feather_is_named(read: Read) -> None:
    def fill(psd: Any) -> None:
        layer = psd.create_pixel_layer(flat(), name="soft")
        layer.create_mask(Image.new("L", (2, 1), 55))
        layer.mask.data.flags.parameters_applied = True
        layer.mask.data.parameters = MaskParameters(user_mask_density=51, user_mask_feather=3.0)

    art = read(fill)
    mask = art.root[0].mask
    assert mask is not None
    assert (mask.pixels.tolist(), mask.outside) == ([[215, 215]], 204)
    assert art.warnings == ("layer 'soft' is drawn with a mask that is not feathered",)


def test_what_cannot_be_drawn_is_named_in_a_line_each(read: Read) -> None:
    def fill(psd: Any) -> None:
        psd.create_pixel_layer(flat(), name="fog", blend_mode=BlendMode.DISSOLVE)
        psd.create_pixel_layer(flat(), name="over the fog").clipping = True
        psd.create_pixel_layer(flat(), name="negative").tagged_blocks.set_data(Tag.INVERT)
        psd.create_pixel_layer(flat(), name="burn", blend_mode=BlendMode.COLOR_BURN).fill_opacity = 128
        shadow = Descriptor(classID=Klass.DropShadow)
        shadow[Key.Enabled], shadow[b"present"] = Bool(True), Bool(True)
        effects = DescriptorBlock2(version=0, data_version=16, classID=Klass.Null)
        effects[b"masterFXSwitch"], effects[b"DrSh"] = Bool(True), shadow
        tag = Tag.OBJECT_BASED_EFFECTS_LAYER_INFO
        layer = psd.create_pixel_layer(flat(), name="floating")
        layer.tagged_blocks[tag] = TaggedBlock(key=tag, data=effects)  # type: ignore[arg-type]

        layer = psd.create_pixel_layer(flat(), name="cut")
        layer.tagged_blocks.set_data(Tag.VECTOR_MASK_SETTING1, version=3, flags=0, path=VectorPath([]))

    art = read(fill)
    assert [node.name for node in art.root] == ["burn", "floating", "cut"]
    assert sorted(art.warnings) == [
        "layer 'burn' has a fill opacity, which is drawn as opacity (its mode is color-burn)",
        "layer 'cut' is drawn without its vector mask, of which the file stores no picture",
        "layer 'floating' is drawn without its effects (DropShadow)",
        "layer 'fog' is left out: its mode is dissolve, which is not drawn",
        "layer 'negative' is left out: it is an adjustment (Invert), and those are not drawn",
    ]


@pytest.mark.parametrize(
    ("mode", "depth", "colour", "expected", "warning"),
    [
        ("L", 8, 77, (77, 77, 77, 255), None),
        ("CMYK", 8, (0, 255, 255, 0), (255, 0, 0, 255), INKS),
        ("RGB", 16, RED, (255, 0, 0, 255), "its 16 bits a channel are drawn with 8"),
        ("RGB", 32, RED, (255, 0, 0, 255), LIGHT),
    ],
)
def test_other_colours_and_depths_become_eight_bits_of_rgb(
    tmp_path: Path, mode: str, depth: Any, colour: Any, expected: tuple[int, ...], warning: str | None
) -> None:
    psd = psd_tools.PSDImage.new(mode, (8, 6), depth=depth)
    psd.create_pixel_layer(flat(colour=colour, mode=mode), name="only")
    psd.save(tmp_path / "art.psb")
    art = read_layered(tmp_path / "art.psb")
    assert isinstance(art.root[0], Layer)
    assert (art.root[0].pixels == expected).all()
    assert art.warnings == ((warning,) if warning else ())


def test_a_file_without_layers_is_its_one_picture(tmp_path: Path) -> None:
    psd_tools.PSDImage.frompil(flat((5, 4))).save(tmp_path / "flat.psd")
    art = read_layered(tmp_path / "flat.psd")
    assert [(node.name, node.box) for node in art.root] == [("Background", (0, 0, 5, 4))]


def test_what_is_no_photoshop_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    good = tmp_path / "good.psd"
    psd = psd_tools.PSDImage.new("RGB", (8, 6))
    psd.create_pixel_layer(flat(), name="only")
    psd.save(good)
    data = good.read_bytes()
    lab = data[:24] + b"\x00\x09" + data[26:]
    huge = data[:14] + (9000).to_bytes(4, "big") + data[18:]
    cases: list[tuple[bytes, type[Exception], str]] = [
        (b"", ImageRejected, "is empty; save or copy it again"),
        (data[:10], ImageRejected, "ends after 10 bytes, within its header"),
        (data[:12] + b"\0\x3c" + data[14:], ImageRejected, "header says 60 channels, which no such"),
        (data[:22] + b"\0\x03" + data[24:], ImageRejected, "header says 3 bits a channel, which"),
        (
            data.replace(b"8BIM", b"8B\x0eM"),
            ImageRejected,
            r"its list of settings .* cannot be read; copy it again",
        ),
        (data[:14] + bytes(4) + data[18:], ImageRejected, "8 x 0 pixels, .* export it again"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), ImageRejected, "not a Photoshop file"),
        (lab, FormatError, "colour mode is Lab"),
        (huge, ImageRejected, "8 x 9000 pixels"),
        (data[:40], ImageRejected, "damaged"),
        (data[: len(data) // 2], ImageRejected, "damaged"),
    ]
    for content, kind, words in cases:
        path = tmp_path / "bad.psd"
        path.write_bytes(content)
        with pytest.raises(kind, match=words) as caught:
            read_layered(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
    with pytest.raises(AssetMissing, match=r"nowhere\.psd"):
        read_layered(tmp_path / "nowhere.psd")


def test_groups_nested_without_end_are_refused(read: Read) -> None:
    def fill(psd: Any) -> None:
        for _ in range(70):
            psd = psd.create_group(name="deeper")

    with pytest.raises(ImageRejected, match="nested deeper than 64"):
        read(fill)


def test_bytes_flipped_anywhere_never_end_in_a_traceback(tmp_path: Path) -> None:
    psd = psd_tools.PSDImage.new("RGB", (8, 6))
    psd.create_group(name="group").create_pixel_layer(flat(), name="only").create_mask(Image.new("L", (2, 2)))
    psd.save(tmp_path / "good.psd")
    data = (tmp_path / "good.psd").read_bytes()
    rng = np.random.default_rng(7)
    path = tmp_path / "flipped.psd"
    for _ in range(60):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), 3):
            broken[at] = rng.integers(256)
        path.write_bytes(broken)
        try:
            read_layered(path)
        except (ImageRejected, FormatError) as error:
            assert "flipped.psd" in str(error)


def test_without_psd_tools_one_sentence_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    psd_tools.PSDImage.new("RGB", (8, 6)).save(tmp_path / "a.psd")
    monkeypatch.setitem(sys.modules, "psd_tools", None)
    with pytest.raises(PsdToolsMissing, match=r"pip install 'mien\[layered\]'"):
        read_layered(tmp_path / "a.psd")


def test_reading_leaves_the_log_as_it_was(read: Read) -> None:
    log = logging.getLogger("psd_tools")
    before = log.level
    read(lambda psd: None)
    assert log.level == before
