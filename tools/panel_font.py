"""Make the panel's font from Inter: the weight that it is set in, the letters of Europe, digits of one width.

    pip install fonttools fontpkg-inter
    python tools/panel_font.py

Inter is under the SIL Open Font License, which goes with it: assets/fonts/OFL.txt.
"""

from importlib import resources
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONTS = Path(__file__).parents[1] / "assets" / "fonts"
WEIGHT, OPTICAL_SIZE = 450, 14
# Latin, Greek, Cyrillic; dashes, quotes, ellipsis; arrows.
RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x2027), (0x2190, 0x2193))


def main() -> None:
    source = resources.files("fontpkg_inter") / "files" / "Inter[opsz,wght].ttf"
    with resources.as_file(source) as path:
        font = instancer.instantiateVariableFont(TTFont(path), {"wght": WEIGHT, "opsz": OPTICAL_SIZE})
    # The panel's library knows no features of fonts: digits that stay in their places are the only ones.
    for table in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            # Tables may be one and the same.
            table.cmap[code] = f"{table.cmap[code].removesuffix('.tf')}.tf"
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 13, 14])
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    cut.subset(font)
    FONTS.mkdir(exist_ok=True)
    font.save(FONTS / "inter-panel.ttf")
    text = (resources.files("fontpkg_inter") / "LICENSE").read_text(encoding="utf-8")
    (FONTS / "OFL.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
