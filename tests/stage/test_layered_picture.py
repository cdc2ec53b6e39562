"""Layered art as a picture: compared with the one that its file stores, in sRGB, within bounded memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from art.icc import linear_profile
from art.psd_file import FileLayer, psd_file, raw, rgba
from mien.art.layered import Layer, LayeredArt, read_layered
from mien.cli import main
from mien.stage import picture
from mien.stage.picture import draw_and_compare, draw_layered
from mien.stage.straight import straight
from mien.types import U8, Size

pytest.importorskip("psd_tools", reason="reading PSD files needs psd-tools: mien[layered]")

ICC = 1039


def pixels(*values: tuple[int, int]) -> U8:
    """A row of grey pixels of the given value and alpha."""
    return np.array([[[value, value, value, alpha] for value, alpha in values]], np.uint8)


def file_of(row: U8, stored: list[int], path: Path, **more: object) -> Path:
    """A file with one layer, and a picture of itself over white, in grey."""
    width = row.shape[1]
    layer = FileLayer((0, 0, width, 1), rgba(row))
    path.write_bytes(psd_file((width, 1), [layer], raw([stored] * 3), **more))  # type: ignore[arg-type]
    return path


ROW = pixels((90, 255), (200, 255), (10, 0))


@pytest.mark.parametrize(
    ("stored", "remark"),
    [
        ([90, 200, 255], None),
        ([93, 200, 255], None),
        (
            [90, 160, 255],
            "is drawn otherwise than the picture that the file stores of itself: by up to 40 of 255, "
            "13.33 in the mean",
        ),
        (
            [0, 0, 0],
            "cannot be compared with the picture that the file stores of itself, which is empty",
        ),
    ],
)
def test_a_picture_other_than_the_stored_one_is_told(
    tmp_path: Path, stored: list[int], remark: str | None
) -> None:
    shown, told = draw_and_compare(read_layered(file_of(ROW, stored, tmp_path / "art.psd")))
    assert shown[0, :, 0].tolist() == [90, 200, 0]
    assert told == remark


def test_a_stored_picture_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = file_of(ROW, [90, 200, 255], tmp_path / "art.psd")
    path.write_bytes(path.read_bytes()[:-4])
    assert draw_and_compare(read_layered(path))[1] == (
        "cannot be compared with the picture that the file stores of itself: the pixels end at row 0 of 1"
    )


PAPER, INK = FileLayer((0, 0, 3, 1), rgba(pixels(*[(250, 255)] * 3))), rgba(pixels((90, 255)))
FOLDER = dict.fromkeys((-1, 0, 1, 2), raw([]))


def effects(key: bytes) -> bytes:
    """The record of one effect, as Photoshop writes it since version 6."""
    from psd_tools.psd.descriptor import Bool, Descriptor, DescriptorBlock2

    effect = Descriptor(classID=key)
    effect[b"enab"] = effect[b"present"] = Bool(True)
    block = DescriptorBlock2(version=0, data_version=16, classID=b"null")
    block[b"masterFXSwitch"], block[key] = Bool(True), effect
    out = io.BytesIO()
    block.write(out)
    return out.getvalue()


def old_shadow() -> bytes:
    """The record of a drop shadow as Photoshop 5 wrote it."""
    colour = struct.pack(">5H", 0, 0, 0, 0, 0)
    body = struct.pack(">IIIiI", 2, 5 << 16, 0, 120 << 16, 5 << 16) + colour
    body += b"8BIMmul " + bytes((1, 1, 191)) + colour
    return struct.pack(">HH", 0, 1) + b"8BIMdsdw" + struct.pack(">I", len(body)) + body


def inked(**blocks: bytes) -> list[FileLayer]:
    """Ink on paper, with further records of the ink."""
    return [PAPER, FileLayer((0, 0, 1, 1), INK, "ink", blocks={k.encode(): v for k, v in blocks.items()})]


def adjusted(**blocks: bytes) -> list[FileLayer]:
    """Paper below an adjustment."""
    named = {key.rstrip("_").ljust(4).encode(): value for key, value in blocks.items()}
    return [PAPER, FileLayer((0, 0, 0, 0), FOLDER, "light", blocks=named)]


def new_brightness(legacy: bool) -> bytes:
    from psd_tools.psd.descriptor import Bool, DescriptorBlock, Integer

    block = DescriptorBlock(version=16, classID=b"null")
    block[b"Vrsn"], block[b"Brgh"], block[b"useLegacy"] = Integer(1), Integer(-50), Bool(legacy)
    out = io.BytesIO()
    block.write(out)
    return out.getvalue()


BRIT = struct.pack(">3hBx", -50, 0, 127, 0)
HUE = struct.pack(">HBx3h3h", 2, 0, 0, 0, 0, 0, 0, -50) + struct.pack(">14h", *[0] * 14) * 6


@pytest.mark.parametrize(
    ("layers", "stored", "remark"),
    [
        (lambda: inked(lfx2=effects(b"DrSh")), [90, 160, 250], "drawn without its effects (DropShadow)"),
        (lambda: inked(lrFX=old_shadow()), [90, 160, 250], "drawn without its effects (DropShadow)"),
        (lambda: inked(lfx2=effects(b"FrFX")), [90, 0, 250], "drawn without its effects (Stroke)"),
        (lambda: inked(lfx2=effects(b"SoFi")), [10, 250, 250], "drawn without its effects (ColorOverlay)"),
        (
            lambda: [
                PAPER,
                FileLayer((0, 0, 0, 0), FOLDER, blocks={b"lsct": struct.pack(">I", 3)}),
                FileLayer((0, 0, 1, 1), INK),
                FileLayer(
                    (0, 0, 0, 0),
                    FOLDER,
                    "ink",
                    blocks={b"lsct": struct.pack(">I4s4s", 1, b"8BIM", b"norm"), b"lfx2": effects(b"DrSh")},
                ),
            ],
            [90, 160, 250],
            "drawn without its effects (DropShadow)",
        ),
        (lambda: adjusted(brit=BRIT), [200] * 3, "an adjustment (BrightnessContrast)"),
        (
            lambda: adjusted(CgEd=new_brightness(False), brit=BRIT),
            [200] * 3,
            "an adjustment (BrightnessContrast)",
        ),
        (lambda: adjusted(CgEd=new_brightness(True)), [200] * 3, "an adjustment (BrightnessContrast)"),
        (lambda: adjusted(hue2=HUE), [200] * 3, "an adjustment (HueSaturation)"),
        (lambda: adjusted(hue_=HUE), [200] * 3, "an adjustment (HueSaturation)"),
    ],
    ids=["shadow", "old shadow", "stroke", "overlay", "group", "brit", "CgEd+brit", "CgEd", "hue2", "hue"],
)
def test_what_is_not_drawn_is_named_and_what_comes_of_it_told(
    tmp_path: Path, layers: Callable[[], list[FileLayer]], stored: list[int], remark: str
) -> None:
    path = tmp_path / "art.psd"
    path.write_bytes(psd_file((3, 1), layers(), raw([stored] * 3)))
    art = read_layered(path)
    (named,) = art.warnings
    assert remark in named and named.split()[1] in ("'ink'", "'light'")
    shown, told = draw_and_compare(art)
    drawn = [90, 250, 250] if "effects" in remark else [250] * 3
    assert shown[0, :, 0].tolist() == drawn
    off = max(abs(one - other) for one, other in zip(drawn, stored, strict=True))
    assert told is not None and "is drawn otherwise than the picture that the file stores" in told
    assert f"by up to {off} of 255" in told


def test_still_says_that_a_picture_is_drawn_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_of(ROW, [90, 160, 255], tmp_path / "art.psd")
    assert main(["still", str(path), "-o", str(tmp_path / "out.png")]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mien: {path} is drawn otherwise than the picture that the file stores")


def test_still_tells_a_bounded_number_of_things(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "art.psd"
    knockout = FileLayer((0, 0, 3, 1), rgba(ROW), blocks={b"knko": b"\1\0\0\0"})
    path.write_bytes(psd_file((3, 1), [knockout] * 45, raw([[90, 160, 255]] * 3)))
    assert main(["still", str(path), "-o", str(tmp_path / "out.png")]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 42
    assert lines[39].endswith("is drawn without its knockout")
    assert lines[40] == f"mien: {path}: and 5 more of this kind"
    assert "is drawn otherwise" in lines[41]


def test_colours_are_compared_as_stored_and_drawn_in_srgb(tmp_path: Path) -> None:
    """Linear light: 71 is 144 in sRGB. It blends as it is stored, as Photoshop blends it."""
    lower, upper = pixels((71, 255), (71, 255)), pixels((0, 128), (71, 0))
    layers = [FileLayer((0, 0, 2, 1), rgba(row)) for row in (lower, upper)]
    path = tmp_path / "art.psd"
    mixed = raw([[35, 71]] * 3)
    path.write_bytes(psd_file((2, 1), layers, mixed, resources={ICC: linear_profile()}))
    shown, told = draw_and_compare(read_layered(path))
    assert told is None
    assert shown.tolist() == [[[104, 104, 104, 255], [144, 144, 144, 255]]]


def test_grey_has_its_profile_too(tmp_path: Path) -> None:
    layer = FileLayer((0, 0, 1, 1), {-1: raw([[128]]), 0: raw([[71]])})
    path = tmp_path / "art.psd"
    profile = {ICC: linear_profile("GRAY")}
    path.write_bytes(psd_file((1, 1), [layer], raw([[163]]), mode=1, channels=1, resources=profile))
    shown, told = draw_and_compare(read_layered(path))
    assert told is None
    assert np.abs(straight(shown).astype(int) - [[[144, 144, 144, 128]]]).max() <= 1


def test_alpha_is_divided_out_for_every_pair_of_bytes() -> None:
    colour, alpha = np.meshgrid(np.arange(256), np.arange(256))
    premultiplied = np.stack([colour, 255 - colour, colour, alpha], axis=-1).astype(np.uint8)
    share = np.maximum(alpha, 1)[..., None]
    wanted = np.minimum(np.floor(premultiplied[..., :3] * 255.0 / share + 0.5), 255)
    wanted[alpha == 0] = 0
    given = premultiplied.copy()
    result = straight(premultiplied)
    assert (result[..., :3] == wanted).all() and (result[..., 3] == alpha).all()
    assert (premultiplied == given).all()
    assert straight(given, out=given) is given
    assert (given == result).all()


def test_what_is_done_to_a_picture_takes_little_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.stage.straight._BAND_PIXELS", 1 << 14)
    large = np.random.default_rng(1).integers(0, 256, (1024, 1024, 4)).astype(np.uint8)
    tracemalloc.start()
    straight(large, out=large)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 << 20


def test_art_is_drawn_with_little_memory_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In bands, each of which has on its pages only what it shows."""
    side = 1024
    full = np.full((side, side, 4), 200, np.uint8)
    art = LayeredArt(Size(side, side), tuple(Layer(f"{n}", full, (0, 0)) for n in range(8)))
    whole = draw_layered(art)
    monkeypatch.setattr(picture, "_MAX_BAND_BYTES", 8 << 20)
    tracemalloc.start()
    banded = draw_layered(art)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (banded == whole).all()
    # In one go it is over 40 MB; other tests' threads may come to an end meanwhile.
    assert peak < whole.nbytes + (20 << 20)
