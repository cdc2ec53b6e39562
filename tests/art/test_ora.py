"""OpenRaster files become the same tree; a hostile one ends in one sentence, not in a full memory."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.art import png as png_module
from mien.art.layered import Group, Layer, LayeredArt, read_layered
from mien.composite.layered_rows import layered_rows
from mien.composite.reference import composite, to_bytes
from mien.errors import AssetMissing, FormatError, ImageRejected
from mien.types import Blend, Size

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def png(colour: tuple[int, ...], size: tuple[int, int] = (4, 3)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, colour).save(out, "PNG")
    return out.getvalue()


PICTURES = {
    "data/red.png": png((255, 0, 0, 255)),
    "data/green.png": png((0, 255, 0, 128)),
    "data/white.png": png((255, 255, 255, 255), (8, 6)),
}


def written(path: Path, stack: str | bytes, files: Mapping[str, bytes] = PICTURES) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "image/openraster", zipfile.ZIP_STORED)
        archive.writestr("stack.xml", stack)
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def image(body: str) -> str:
    return f'{HEAD}<image version="0.0.3" w="8" h="6"><stack>{body}</stack></image>'


def read(tmp_path: Path, body: str) -> LayeredArt:
    return read_layered(written(tmp_path / "art.ora", image(body)))


def drawn(art: LayeredArt) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    frame, pages = layered_rows(art)
    return to_bytes(composite(frame, pages))


def test_layers_are_read_with_the_topmost_first(tmp_path: Path) -> None:
    art = read(
        tmp_path,
        '<layer name="top" src="data/green.png" x="2" y="-1" opacity="0.5" composite-op="svg:multiply"/>'
        '<layer name="bottom" src="data/red.png"/>',
    )
    bottom, top = art.root
    assert isinstance(bottom, Layer) and isinstance(top, Layer)
    assert art.size == Size(8, 6)
    assert (bottom.name, bottom.box, bottom.blend, bottom.opacity) == (
        "bottom",
        (0, 0, 4, 3),
        Blend.NORMAL,
        1.0,
    )
    assert (top.name, top.box, top.blend, top.opacity) == ("top", (2, 0, 4, 2), Blend.MULTIPLY, 0.5)
    assert (top.pixels == (0, 255, 0, 128)).all()
    assert art.warnings == ()


def test_stacks_move_their_layers_and_are_isolated_where_they_must_be(tmp_path: Path) -> None:
    art = read(
        tmp_path,
        '<stack name="auto" x="1" y="2"><layer src="data/red.png" x="1"/></stack>'
        '<stack name="isolated" isolation="isolate"/>'
        '<stack name="faint" opacity="0.5"/>'
        '<stack name="screened" composite-op="svg:screen"/>',
    )
    groups = {node.name: node for node in art.root if isinstance(node, Group)}
    assert {name: group.blend for name, group in groups.items()} == {
        "auto": Blend.PASS_THROUGH,
        "isolated": Blend.NORMAL,
        "faint": Blend.NORMAL,
        "screened": Blend.SCREEN,
    }
    assert groups["auto"].box == (2, 2, 4, 3)
    assert groups["faint"].opacity == 0.5


def test_isolation_decides_whether_a_layer_sees_what_is_below_its_stack(tmp_path: Path) -> None:
    for isolation, expected in (("auto", (0, 255, 255, 255)), ("isolate", (255, 0, 0, 255))):
        art = read(
            tmp_path,
            f'<stack isolation="{isolation}">'
            '<layer src="data/red.png" composite-op="svg:difference"/></stack>'
            '<layer src="data/white.png"/>',
        )
        picture = drawn(art)
        assert tuple(picture[0, 0]) == expected
        assert tuple(picture[5, 7]) == (255, 255, 255, 255)


def test_what_is_hidden_or_cannot_be_drawn_is_left_out_and_the_latter_named(tmp_path: Path) -> None:
    art = read(
        tmp_path,
        '<layer name="shy" src="data/red.png" visibility="hidden"/>'
        '<layer name="mask" src="data/red.png" composite-op="svg:dst-in"/>'
        '<layer name="bare"/>'
        '<layer name="lines" src="data/lines.svg"/>'
        '<filter type="blur"/>'
        '<layer name="shown" src="data/red.png"/>',
    )
    assert [node.name for node in art.root] == ["shown"]
    assert sorted(art.warnings) == [
        "element <filter> is left out: it is not drawn",
        "layer 'bare' is left out: it names no picture (src)",
        "layer 'lines' is left out: its picture 'data/lines.svg' is not a PNG",
        "layer 'mask' is left out: its composite-op 'svg:dst-in' is not drawn",
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<layer src="data/none.png"/>', "holds no 'data/none.png'"),
        ('<layer src="../../secret.png"/>', "holds no '../../secret.png'"),
        ('<layer src="/etc/secret.png"/>', "holds no '/etc/secret.png'"),
        ('<layer src="data/red.png" opacity="2"/>', "opacity is '2', but must be 0.0 to 1.0"),
        ('<layer src="data/red.png" opacity="nan"/>', "opacity is 'nan', but must be a number"),
        ('<layer src="data/red.png" x="1.5"/>', "x is '1.5', but must be a whole number of pixels"),
        ('<layer src="data/red.png" y="1e300"/>', "y is '1e300', but must be a number from -1000000 to"),
        ("<stack>" * 70 + "</stack>" * 70, "nested deeper than 64"),
        ("<layer/>" * 5000, "more than 4096 layers"),
        ("<layer", "not valid XML"),
    ],
)
def test_a_stack_that_is_wrong_is_refused_in_a_sentence(tmp_path: Path, body: str, words: str) -> None:
    with pytest.raises((FormatError, ImageRejected), match=words) as caught:
        read(tmp_path, body)
    assert "art.ora" in str(caught.value)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        (
            f'{HEAD}<!DOCTYPE image [<!ENTITY a "aaaa">]><image w="8" h="6"><stack>&a;</stack></image>',
            "document",
        ),
        (image("").encode("utf-16"), "not UTF-8"),
        ('<image w="8" h="6"/>', "no <stack>"),
        ('<svg w="8" h="6"><stack/></svg>', "<svg>"),
        ('<image w="8"><stack/></image>', "h is missing, but must be a number"),
        ('<image w="8" h="9000"><stack/></image>', "8 x 9000 pixels"),
        ('<image w="0" h="6"><stack/></image>', "0 x 6 pixels"),
        (b" " * (5 * 1024 * 1024), "more than 4194304 bytes"),
    ],
    ids=["entities", "utf-16", "no stack", "svg", "no height", "huge", "empty", "bloated"],
)
def test_a_description_that_is_wrong_is_refused_in_a_sentence(
    tmp_path: Path, stack: str | bytes, words: str
) -> None:
    with pytest.raises((FormatError, ImageRejected), match=words):
        read_layered(written(tmp_path / "art.ora", stack))


def test_broken_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "art.ora"
    good = written(path, image('<layer src="data/red.png"/>')).read_bytes()
    body = '<layer src="data/bad.png"/>'
    bomb = png((0, 0, 0, 0), (1, 1)).replace(b"\0\0\0\x01\0\0\0\x01", b"\0\x01\0\0\0\x01\0\0", 1)
    for content in (b"", b"PK\x03\x04", good[: len(good) // 2], good.replace(b"stack.xml", b"stick.xml")):
        path.write_bytes(content)
        with pytest.raises(ImageRejected, match=r"art\.ora"):
            read_layered(path)
    for picture in (b"", b"GIF89a", png((1, 2, 3, 4))[:-20], bomb):
        written(path, image(body), {"data/bad.png": picture})
        with pytest.raises(ImageRejected, match=r"data/bad\.png"):
            read_layered(path)
    with pytest.raises(AssetMissing, match=r"nowhere\.ora"):
        read_layered(tmp_path / "nowhere.ora")


def test_bytes_flipped_anywhere_never_end_in_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "art.ora"
    data = written(path, image('<stack><layer src="data/red.png" x="1"/></stack>')).read_bytes()
    rng = np.random.default_rng(3)
    for _ in range(100):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), 3):
            broken[at] = rng.integers(256)
        path.write_bytes(broken)
        try:
            read_layered(path)
        except (ImageRejected, FormatError) as error:
            assert "art.ora" in str(error)


@pytest.mark.parametrize(
    ("op", "blend"),
    [
        ("svg:multiply", Blend.MULTIPLY),
        ("svg:plus", Blend.PLUS),
        ("color-dodge", Blend.COLOR_DODGE),
        ("krita:linear_burn", Blend.LINEAR_BURN),
        ("krita:linear light", Blend.LINEAR_LIGHT),
        ("krita:darker color", Blend.DARKER_COLOR),
        ("krita:hard_mix_photoshop", Blend.HARD_MIX),
        ("krita:diff", Blend.DIFFERENCE),
        ("krita:add", Blend.LINEAR_DODGE),
        ("krita:plus", Blend.LINEAR_DODGE),
        ("krita:soft_light_svg", Blend.SOFT_LIGHT),
        ("svg:-dp-minus", Blend.SUBTRACT),
        ("svg:-dp-divide", Blend.DIVIDE),
        ("-dp-multiply-alpha", Blend.MULTIPLY),
    ],
)
def test_names_of_other_programs_are_modes_that_exist(tmp_path: Path, op: str, blend: Blend) -> None:
    art = read(tmp_path, f'<layer src="data/red.png" composite-op="{op}"/>')
    assert [node.blend for node in art.root] == [blend]
    assert art.warnings == ()


@pytest.mark.parametrize(
    ("op", "blend"),
    [
        ("mypaint:spectral-wgm", Blend.NORMAL),  # the mode of every new layer of MyPaint 2
        ("svg:no-such-mode", Blend.NORMAL),
        ("", Blend.NORMAL),
        ("krita:greater", Blend.NORMAL),
        ("krita:hard mix", Blend.HARD_MIX),
        ("krita:soft_light", Blend.SOFT_LIGHT),
        ("krita:hue_hsv", Blend.HUE),
        ("svg:pass-through", Blend.NORMAL),
    ],
)
def test_a_mode_that_is_not_known_is_drawn_with_the_nearest_and_named(
    tmp_path: Path, op: str, blend: Blend
) -> None:
    art = read(tmp_path, f'<layer name="ink" src="data/red.png" composite-op="{op}"/>')
    assert [node.blend for node in art.root] == [blend]
    assert art.warnings == (
        f"layer 'ink' is drawn with {blend.label} blending: its composite-op {op!r} is not known",
    )


@pytest.mark.parametrize("asked", ['composite-op="svg:src-atop"', 'alpha-preserve="true"'])
def test_what_keeps_alpha_shows_only_where_something_of_its_stack_is_below(
    tmp_path: Path, asked: str
) -> None:
    art = read(
        tmp_path,
        f'<layer src="data/white.png" {asked}/>'
        '<layer src="data/red.png" x="4" y="3"/>'
        '<layer src="data/green.png" opacity="0.5"/>',
    )
    picture = drawn(art)
    assert tuple(picture[5, 7]) == (255, 255, 255, 255)  # over red
    assert abs(int(picture[0, 0, 3]) - 64) <= 1  # over green, half of a half
    assert not picture[5, 0].any()  # over nothing
    assert art.warnings == ()


def test_what_is_drawn_above_one_that_keeps_alpha_widens_where_the_next_shows(tmp_path: Path) -> None:
    art = read(
        tmp_path,
        '<layer src="data/white.png" composite-op="svg:src-atop"/>'
        '<layer src="data/red.png" x="4"/>'
        '<layer src="data/green.png" composite-op="svg:src-atop"/>'
        '<layer src="data/red.png"/>',
    )
    picture = drawn(art)
    assert (picture[:3] == 255).all() and not picture[3:].any()


def test_over_nothing_what_keeps_alpha_shows_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, '<layer src="data/red.png" composite-op="svg:src-atop"/>').root == ()


def test_a_name_with_a_slash_before_it_is_a_name_in_the_zip(tmp_path: Path) -> None:
    (layer,) = read(tmp_path, '<layer src="/data/red.png"/>').root
    assert layer.box == (0, 0, 4, 3)


def test_a_picture_is_decoded_once_however_many_layers_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    real = png_module.decode_trimmed
    monkeypatch.setattr(
        png_module, "decode_trimmed", lambda data, name: decoded.append(name) or real(data, name)
    )
    body = "".join(f'<layer src="{"/" * i}data/red.png"/><layer src="data/green.png"/>' for i in range(40))
    art = read(tmp_path, body)
    assert len(art.root) == 80 and len(decoded) == 2
    assert len({id(node.pixels) for node in art.root if isinstance(node, Layer)}) == 2


def test_too_many_pixels_are_refused_before_one_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.art.layered.tree.MAX_TOTAL_PIXELS", 40)
    monkeypatch.setattr("mien.art.layered.ora_pictures.MAX_TOTAL_PIXELS", 40)
    opaque = io.BytesIO()
    Image.new("RGB", (8, 6)).save(opaque, "PNG")
    path = written(tmp_path / "art.ora", image('<layer src="o.png"/>'), {"o.png": opaque.getvalue()})
    monkeypatch.setattr(png_module, "decode_trimmed", lambda data, name: pytest.fail("was decoded"))
    with pytest.raises(ImageRejected, match="Mpx together"):
        read_layered(path)


def test_pixels_that_are_clear_are_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.art.layered.tree.MAX_TOTAL_PIXELS", 24)
    monkeypatch.setattr("mien.art.layered.ora_pictures.MAX_TOTAL_PIXELS", 24)
    faint = np.zeros((6, 8, 4), np.uint8)
    faint[2, 3] = 255
    out = io.BytesIO()
    Image.fromarray(faint).save(out, "PNG")
    body = '<layer src="f.png"/><layer src="data/red.png"/><layer src="f.png" x="1"/>'
    art = read_layered(written(tmp_path / "art.ora", image(body), {**PICTURES, "f.png": out.getvalue()}))
    assert [node.box for node in art.root] == [(4, 2, 1, 1), (0, 0, 4, 3), (3, 2, 1, 1)]
    with pytest.raises(ImageRejected, match="Mpx together"):
        read(tmp_path, '<layer src="data/red.png"/><layer src="data/white.png"/>')


def test_what_claims_much_and_holds_little_is_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """40 clear pictures of 4000 x 4000 were decoded to be counted, and then again."""
    monkeypatch.setattr("mien.art.layered.ora_pictures.MAX_TOTAL_PIXELS", 24)
    decoded: list[str] = []
    real = png_module._opened
    monkeypatch.setattr(png_module, "_opened", lambda data: decoded.append("") or real(data))
    faint = np.zeros((6, 8, 4), np.uint8)
    faint[2, 3] = 255
    out = io.BytesIO()
    Image.fromarray(faint).save(out, "PNG")
    files = {"clear.png": png((0, 0, 0, 0), (8, 6)), "faint.png": out.getvalue()}
    body = '<layer src="clear.png"/><layer src="faint.png"/><layer src="faint.png" x="1"/>'
    art = read_layered(written(tmp_path / "art.ora", image(body), files))
    assert [node.box for node in art.root] == [(4, 2, 1, 1), (3, 2, 1, 1), (0, 0, 0, 0)]
    assert all((node.pixels == 255).all() for node in art.root if isinstance(node, Layer))
    assert len(decoded) == 2


def test_pictures_that_are_the_same_under_many_names_are_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []
    real = png_module._opened
    monkeypatch.setattr(png_module, "_opened", lambda data: decoded.append("") or real(data))
    monkeypatch.setattr("mien.art.layered.ora_pictures.FREE_PIXELS", 100)
    monkeypatch.setattr("mien.art.layered.ora_pictures.PIXELS_A_BYTE", 0)
    red = png((255, 0, 0, 255), (8, 6))
    files = {f"{i}.png": png((0, 0, 0, 0), (8, 6)) for i in range(9)} | {"red.png": red}
    body = "".join(f'<layer src="{name}"/>' for name in files)
    art = read_layered(written(tmp_path / "art.ora", image(body), files))
    assert [node.box for node in art.root] == [(0, 0, 8, 6)] + [(0, 0, 0, 0)] * 9
    assert len(decoded) == 2


def test_pictures_of_one_checksum_and_length_are_told_apart(tmp_path: Path) -> None:
    pictures = png((255, 0, 0, 255)), png((0, 0, 255, 255))
    # A CRC-32 behind what it was made of: the CRC of both is always the same.
    files = [data + zlib.crc32(data).to_bytes(4, "little") for data in pictures]
    assert (len(files[0]), zlib.crc32(files[0])) == (len(files[1]), zlib.crc32(files[1]))
    body = '<layer src="a.png"/><layer src="b.png"/>'
    art = read_layered(
        written(tmp_path / "art.ora", image(body), dict(zip(("a.png", "b.png"), files, strict=True)))
    )
    assert [node.pixels[0, 0].tolist() for node in art.root if isinstance(node, Layer)] == [
        [0, 0, 255, 255],
        [255, 0, 0, 255],
    ]


def test_what_zipfile_quotes_of_a_file_is_cut(tmp_path: Path) -> None:
    path = written(tmp_path / "art.ora", image(""))
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x03\x04", 4)  # the head of stack.xml: its name goes on for 2000 bytes
    data[at + 26 : at + 28] = (2000).to_bytes(2, "little")
    path.write_bytes(bytes(data) + bytes(4000))
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(data[: data.rfind(b"PK\x05\x06") + 22]))
    with pytest.raises(ImageRejected) as caught:
        read_layered(path)
    assert len(str(caught.value).replace(str(path), "")) < 200


def test_what_is_no_zip_at_all_is_refused_in_words_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "art.ora"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(
        ImageRejected, match="is not an OpenRaster file: what it holds is no zip, as in those; "
    ):
        read_layered(path)


def test_a_zip_of_another_version_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path / "art.ora", image(""))
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 6 : at + 8] = b"\x7f\x00"  # the version that is needed: 12.7
    path.write_bytes(bytes(data))
    with pytest.raises(ImageRejected, match=r"is not an OpenRaster file \(zip file version 12\.7\)"):
        read_layered(path)


def test_pixels_that_no_file_so_small_can_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.art.layered.ora_pictures.FREE_PIXELS", 0)
    read(tmp_path, '<layer src="data/red.png"/>')
    monkeypatch.setattr("mien.art.layered.ora_pictures.PIXELS_A_BYTE", 0)
    with pytest.raises(ImageRejected, match="its pictures declare 0 Mpx, more than"):
        read(tmp_path, '<layer src="data/red.png"/>')


ALPHA_LOCKED = '<layer src="data/red.png" composite-op="svg:src-atop"/>'


def test_groups_made_for_what_keeps_alpha_count_as_nested_where_they_are(tmp_path: Path) -> None:
    plain = '<layer src="data/red.png"/>'
    side_by_side = f"<stack>{ALPHA_LOCKED}{plain}{plain}</stack>" * 70
    assert len(read(tmp_path, side_by_side).root) == 70
    within = f"<stack>{ALPHA_LOCKED}{plain}" * 40 + "</stack>" * 40
    with pytest.raises(ImageRejected, match="nested deeper than 64"):
        read(tmp_path, within)
    above = f"{ALPHA_LOCKED}{plain}" * 70 + plain
    with pytest.raises(ImageRejected, match="nested deeper than 64"):
        read(tmp_path, above)
