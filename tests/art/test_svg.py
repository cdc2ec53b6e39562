"""SVG drawings as layers: each as resvg draws it, and nothing beside the file is read."""

from __future__ import annotations

import base64
import io
import resource
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from mien.art.layered import Group, Layer, read_layered, svg_drawing
from mien.art.layered import svg as reading
from mien.errors import ImageRejected
from mien.stage.picture import draw_and_compare
from mien.types import U8, Blend, Rect, Size

resvg_py = pytest.importorskip("resvg_py", reason="drawing SVG needs resvg-py: mien[layered]")

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
INKSCAPE = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '

FACE = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
{HEAD}{INKSCAPE}width="120" height="100" viewBox="0 0 120 100">
  <style>.soft {{ opacity: 0.5 }} .dark {{ mix-blend-mode: multiply }}</style>
  <defs>
    <linearGradient id="light">
      <stop offset="0" stop-color="#fc8"/><stop offset="1" stop-color="#c64"/>
    </linearGradient>
    <clipPath id="inside"><circle cx="45" cy="40" r="12"/></clipPath>
    <filter id="blur"><feGaussianBlur stdDeviation="2"/></filter>
  </defs>
  <rect width="100%" height="100%" fill="url(#light)"/>
  <g inkscape:groupmode="layer" inkscape:label="Face" id="layer1" transform="translate(5 2)">
    <g id="Left_x20_Eye" clip-path="url(#inside)">
      <circle id="white" cx="45" cy="40" r="12" fill="#fff"/>
      <circle id="iris" cx="52" cy="42" r="8" fill="#26c"/>
    </g>
    <path d="M40 70 h30" stroke="#600" stroke-width="3"/>
    <path d="M42 74 h20" stroke="#600"/>
    <g id="glow" filter="url(#blur)"><rect id="lamp" x="70" y="20" width="20" height="10" fill="#ff0"/></g>
  </g>
  <g id="shade" class="dark soft"><rect x="20" y="10" width="60" height="80" fill="#88a"/></g>
  <g id="hat" style="display:none"><rect x="30" y="0" width="50" height="12" fill="#040"/></g>
</svg>"""


def written(folder: Path, text: str) -> Path:
    path = folder / "art.svg"
    path.write_text(text, "utf-8")
    return path


def drawn_whole(text: str, size: Size) -> U8:
    """The whole drawing by resvg at once, (h, w, 4) uint8 premultiplied."""
    png = resvg_py.svg_to_bytes(svg_string=text, width=size.width, height=size.height, skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA").convert("RGBa"))


def test_groups_and_shapes_with_names_are_layers(tmp_path: Path) -> None:
    art = read_layered(written(tmp_path, FACE), hidden=True)
    assert art.size == (120, 100)
    assert not art.warnings
    paper, face, shade, hat = art.root
    assert isinstance(face, Group)
    assert [node.name for node in (paper, face, shade, hat)] == ["", "Face", "shade", "hat"]
    eye, lines, glow = face.children
    assert isinstance(eye, Group)
    assert [eye.name, lines.name, glow.name] == ["Left Eye", "", "glow"]
    assert [node.name for node in eye.children] == ["white", "iris"]
    assert isinstance(glow, Layer)  # with its filter
    assert (shade.blend, shade.opacity, face.blend) == (Blend.MULTIPLY, 0.5, Blend.PASS_THROUGH)
    assert (hat.visible, shade.visible) == (False, True)
    assert eye.mask is not None
    assert eye.mask.offset[0] == 5 + 45 - 12
    assert eye.box.x + eye.box.width > 5 + 45 + 12  # the iris is whole, and can move


def test_layers_together_look_as_resvg_draws_all_at_once(tmp_path: Path) -> None:
    art = read_layered(written(tmp_path, FACE))
    picture, difference = draw_and_compare(art)
    assert difference is None
    apart = np.abs(picture.astype(int) - drawn_whole(FACE, art.size)).max(axis=-1)
    assert apart.max() <= 3


@pytest.mark.parametrize(
    ("attributes", "most", "size"),
    [
        ('width="120" height="100"', 0, (120, 100)),
        ('width="2in" height="96pt"', 0, (192, 128)),
        ('viewBox="-5 -5 50 100"', 0, (50, 100)),
        ('width="100%" height="100%" viewBox="0 0 50 100"', 0, (50, 100)),
        ('width="20" viewBox="0 0 50 100"', 0, (20, 40)),
        ('viewBox="0 0 50 100"', 2048, (768, 1536)),
        ('width="9000" height="4500"', 2048, (2048, 1024)),
        ('width="9000" height="4500"', 0, (4096, 2048)),
    ],
)
def test_sizes(tmp_path: Path, attributes: str, most: int, size: tuple[int, int]) -> None:
    text = f'{HEAD}{attributes}><rect id="dot" width="10" height="10"/></svg>'
    assert read_layered(written(tmp_path, text), most=most).size == size


def test_many_things_with_names_are_not_all_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_LAYERS", 3)
    dots = "".join(f'<rect id="dot {name}" x="{x}" width="3" height="3"/>' for x, name in enumerate("abcdef"))
    art = read_layered(written(tmp_path, f'{HEAD}width="20" height="10"><g id="all">{dots}</g></svg>'))
    assert [node.name for node in art.root] == ["all"]
    assert "only groups are layers" in art.warnings[0]


def test_nothing_beside_the_file_is_read(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "secret.png")
    image = f'<image href="{tmp_path}/secret.png" width="8" height="8"/>'
    inner = base64.b64encode(f'{HEAD}width="8" height="8">{image}</svg>'.encode()).decode()
    addresses = (
        "secret.png",
        f"{tmp_path}/secret.png",
        f"file://{tmp_path}/secret.png",
        "https://nowhere.invalid/a.png",
    )
    images = "".join(
        f'<image id="p{i}" {key}="{address}" width="8" height="8"/>'
        for i, address in enumerate((*addresses, f"data:image/svg+xml;base64,{inner}"))
        for key in ("href", "xlink:href")
    )
    path = written(tmp_path, f'{HEAD}width="8" height="8"><g id="all">{images}</g></svg>')
    art = read_layered(path)
    picture, _ = draw_and_compare(art)
    assert not picture.any()
    assert len(art.warnings) == 10
    assert all("no other is read" in warning for warning in art.warnings)


def test_a_picture_in_the_file_is_drawn(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    data = base64.b64encode(out.getvalue()).decode()
    image = f'<image width="8" height="8" xlink:href="data:image/png;base64,{data}"/>'
    art = read_layered(written(tmp_path, f'{HEAD}width="8" height="8"><g id="photo">{image}</g></svg>'))
    assert draw_and_compare(art)[0][4, 4].tolist() == [255, 0, 0, 255]


SMALL = f'{HEAD}width="8" height="8">'
BOMBS = {
    "entities": f'<!DOCTYPE svg [<!ENTITY a "aaaa">]>{SMALL}<g id="x">&a;</g></svg>',
    "external": f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>{SMALL}&a;</svg>',
    "pattern": f'{HEAD}width="8" height="8"><pattern id="p" width="300000" height="300000" '
    'patternUnits="userSpaceOnUse"><rect width="300000" height="300000"/></pattern>'
    '<rect id="big" width="8" height="8" fill="url(#p)"/></svg>',
    "deep": f'{HEAD}width="8" height="8">' + "<g>" * 5000 + "</g>" * 5000 + "</svg>",
    "many": f'{HEAD}width="8" height="8">' + "<g/>" * 300_000 + "</svg>",
    "no size": f"{HEAD}/>",
    "thin": f'{HEAD}width="1" height="900000"/>',
    "no svg": "<html/>",
    "no xml": "<svg",
    "empty": "",
    "latin": "",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_takes_too_much_or_is_no_drawing_ends_in_one_sentence(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, BOMBS[kind])
    if kind == "latin":
        path.write_bytes(b"<svg>\xe4</svg>")
    with pytest.raises(ImageRejected) as raised:
        read_layered(path)
    text = str(raised.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    assert len(text) < 400


def test_copies_of_copies_are_refused(tmp_path: Path) -> None:
    copies = '<g id="a0"><rect width="8" height="8"/></g>' + "".join(
        f'<g id="a{i}">' + f'<use href="#a{i - 1}"/>' * 10 + "</g>" for i in range(1, 9)
    )
    text = f'{HEAD}width="8" height="8"><defs>{copies}</defs><g id="all"><use href="#a8"/></g></svg>'
    with pytest.raises(ImageRejected, match="nodes limit"):
        read_layered(written(tmp_path, text))


def test_a_layer_that_asks_for_much_time_is_ended(tmp_path: Path) -> None:
    noise = '<filter id="f"><feTurbulence numOctaves="12" baseFrequency="0.5"/></filter>'
    body = f'<defs>{noise}</defs><rect id="noise" width="8" height="8" filter="url(#f)"/>'
    path = written(tmp_path, f'{HEAD}width="4096" height="4096" viewBox="0 0 8 8">{body}</svg>')
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(ImageRejected, match="'noise' takes too long"):
        read_layered(path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 3.5  # a file of ten such layers would have 4 s


def test_layers_that_refer_to_much_are_refused_before_all_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(svg_drawing, "_TEXT_BYTES", 20_000)
    chain = "".join(f'<linearGradient id="z{i}" href="#z{i + 1}"/>' for i in range(90))
    layers = "".join(
        f'<rect id="layer_{a}" width="8" height="8" fill="url(#z0)"/>' for a in "abcdefghijklmnop"
    )
    path = written(tmp_path, f'{HEAD}width="8" height="8"><defs>{chain}</defs>{layers}</svg>')
    with pytest.raises(ImageRejected, match="refer to so much"):
        read_layered(path)


def test_many_layers_as_large_as_the_canvas_make_it_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST_PIXELS", 40_000)
    layers = "".join(f'<rect id="layer_{a}" width="8" height="8" opacity="0.5"/>' for a in "abcd")
    path = written(tmp_path, f'{HEAD}width="200" height="200" viewBox="0 0 8 8">{layers}</svg>')
    art = read_layered(path, most=200)
    assert art.size == (100, 100)
    assert art.scale == 0.5
    assert art.warnings == ("its layers cover so much that it is made 100 x 100 pixels large",)
    assert [node.box for node in art.root] == [Rect(0, 0, 100, 100)] * 4
    assert read_layered(path).size == (200, 200)


LIGHT = '<defs><linearGradient id="g"><stop stop-color="#fc8"/><stop offset="1"/></linearGradient></defs>'


def full_layers(count: int, fill: str) -> str:
    """So many layers that fill a canvas of 8 x 8."""
    return "".join(f'<g id="layer_{i}"><rect width="8" height="8" fill="{fill}"/></g>' for i in range(count))


def test_pixels_of_gradients_count_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_PIXELS", 40_000)
    frame = f'{HEAD}width="200" height="200" viewBox="0 0 8 8">'
    plain = read_layered(written(tmp_path, f"{frame}{LIGHT}{full_layers(4, '#123')}</svg>"), most=200)
    assert plain.size == (100, 100)
    shaded = read_layered(written(tmp_path, f"{frame}{LIGHT}{full_layers(4, 'url(#g)')}</svg>"), most=200)
    assert shaded.size == (50, 50)


def test_layers_deep_in_folders_count_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_PIXELS", 40_000)

    def nested(depth: int) -> str:
        inner = '<rect id="all" width="8" height="8"/>'
        folders = "".join(f'<g id="folder_{i}" opacity=".9">' for i in range(depth))
        return f'{HEAD}width="200" height="200" viewBox="0 0 8 8">{folders}{inner}{"</g>" * depth}</svg>'

    sizes = [read_layered(written(tmp_path, nested(depth)), most=200).size for depth in (1, 4, 12, 28)]
    assert sizes[0] == sizes[1] == (200, 200)
    assert sizes[2].width > sizes[3].width
    assert sizes[3].width < 90


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The documents that are drawn from now on, and how wide."""
    drawn: list[tuple[str, int]] = []
    drawing = svg_drawing.Drawing.png

    def counted(self: svg_drawing.Drawing, document: str, what: str) -> bytes:
        png = drawing(self, document, what)
        drawn.append((document, Image.open(io.BytesIO(png)).size[0]))
        return png

    monkeypatch.setattr(svg_drawing.Drawing, "png", counted)
    return drawn


@pytest.mark.parametrize(("fill", "halves", "quarters"), [("#123", 12, 60), ("url(#g)", 2, 6)])
def test_where_layers_cover_much_they_are_looked_at_in_smaller_pictures(
    tmp_path: Path, drawn: list[tuple[str, int]], fill: str, halves: int, quarters: int
) -> None:
    text = f'{HEAD}width="400" height="400" viewBox="0 0 8 8">{LIGHT}{full_layers(80, fill)}</svg>'
    art = read_layered(written(tmp_path, text))
    assert all(node.box == Rect(0, 0, 400, 400) for node in art.root)
    sides = [side for _, side in drawn[:80]]
    assert sides[0] == 320
    assert sides[halves] == 160
    assert sides[quarters] == sides[-1] == 80


def test_pictures_of_layers_are_not_cut_by_the_drawing_in_them_as_well(
    tmp_path: Path, drawn: list[tuple[str, int]]
) -> None:
    beyond = '<rect id="beyond" x="-9" y="-9" width="90" height="12"/>'
    path = written(tmp_path, f'{HEAD}width="80" height="80" viewBox="0 0 8 8">{beyond}</svg>')
    art = read_layered(path)
    assert art.root[0].box == Rect(0, 0, 80, 30)
    assert drawn
    for document, _ in drawn:
        inner = ElementTree.fromstring(document)[0]
        assert inner.get("overflow") == "visible"
