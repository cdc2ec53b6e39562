"""Faces of many kinds on layers that have no names, each with what its layers truly are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from importing.drawn import Thing
from mien.types import U8

WIDE, HIGH = 420, 560
SIZE = (WIDE, HIGH)
_FINER = 2

Colour = tuple[int, int, int]
Layers = list[tuple[str, U8]]
"""Bottom to top: what a layer is, and its pixels."""


class Brush:
    """Draws one layer."""

    def __init__(self) -> None:
        self._image = Image.new("RGBA", (WIDE * _FINER, HIGH * _FINER))
        self._draw = ImageDraw.Draw(self._image)

    def ellipse(self, x: float, y: float, wide: float, high: float, colour: Colour) -> Brush:
        """An ellipse about (x, y); half its width and height."""
        box = [(x - wide) * _FINER, (y - high) * _FINER, (x + wide) * _FINER, (y + high) * _FINER]
        self._draw.ellipse(box, (*colour, 255))
        return self

    def area(self, points: Sequence[tuple[float, float]], colour: Colour) -> Brush:
        """A polygon."""
        self._draw.polygon([(x * _FINER, y * _FINER) for x, y in points], (*colour, 255))
        return self

    def line(self, points: Sequence[tuple[float, float]], thick: float, colour: Colour) -> Brush:
        """A line along points."""
        finer = [(x * _FINER, y * _FINER) for x, y in points]
        self._draw.line(finer, (*colour, 255), round(thick * _FINER), joint="curve")
        return self

    def bow(self, x: float, y: float, wide: float, down: float, thick: float, colour: Colour) -> Brush:
        """A line about (x, y) whose middle is so much lower than its ends."""
        along = np.linspace(-1, 1, 25)
        return self.line([(x + wide * t, y + down * (1 - t * t)) for t in along], thick, colour)

    def faded(self, by: float, share: float = 1.0) -> Brush:
        """What is drawn so far with a soft edge so wide, and so opaque."""
        soft = np.asarray(self._image.filter(ImageFilter.GaussianBlur(by * _FINER))).copy()
        drawn = np.asarray(self._image)
        soft[..., :3] = drawn[drawn[..., 3] > 0][0, :3]
        soft[..., 3] = np.rint(soft[..., 3] * share)
        self._image = Image.fromarray(soft)
        self._draw = ImageDraw.Draw(self._image)
        return self

    @property
    def pixels(self) -> U8:
        """(h, w, 4) uint8, straight."""
        small = np.asarray(self._image.resize(SIZE, Image.Resampling.BOX)).copy()
        small[small[..., 3] == 0] = 0
        return small


def _jaw(x: float, top: float, wide: float, eyes: float, chin: float) -> list[tuple[float, float]]:
    """The outline of a face: round above the eyes, tapered below."""
    turn = np.linspace(np.pi, 2 * np.pi, 24)
    above = [(x + wide * np.cos(a), eyes + (eyes - top) * np.sin(a)) for a in turn]
    down = np.linspace(0, 1, 20)[1:]
    right = [(x + wide * (1 - 0.75 * t**2.2), eyes + (chin - eyes) * t) for t in down]
    left = [(2 * x - a, b) for a, b in reversed(right)]
    return [*above, *right, *left]


def eye(brush: Brush, x: float, y: float, wide: float, high: float, iris: Colour) -> Brush:
    brush.ellipse(x, y, wide, high, (250, 250, 250))
    brush.ellipse(x, y, 0.6 * wide, 0.92 * high, iris).ellipse(x, y, 0.25 * wide, 0.45 * high, (20, 20, 30))
    brush.ellipse(x - 0.2 * wide, y - 0.4 * high, 0.18 * wide, 0.2 * high, (255, 255, 255))
    return brush.bow(x, y - 0.35 * high, 1.1 * wide, -0.75 * high, 4, (50, 25, 30))


def girl() -> Layers:
    """A bust with a neck, a collar, a necklace, ears, blush and a nose, each on a layer of its own."""
    skin, shade, hair, cloth = (250, 222, 202), (226, 180, 160), (110, 60, 50), (70, 90, 160)
    return [
        ("paper", Brush().area([(0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH)], (235, 240, 245)).pixels),
        ("hair", Brush().ellipse(210, 220, 130, 170, hair).pixels),
        ("body", Brush().ellipse(210, 570, 170, 130, cloth).pixels),
        ("neck", Brush().area([(182, 310), (238, 310), (246, 450), (174, 450)], shade).pixels),
        (
            "collar",
            Brush()
            .area([(150, 430), (210, 470), (270, 430), (250, 500), (170, 500)], (245, 245, 250))
            .pixels,
        ),
        ("necklace", Brush().bow(210, 420, 34, 26, 4, (220, 190, 60)).pixels),
        ("ear", Brush().ellipse(118, 240, 14, 24, skin).pixels),
        ("ear", Brush().ellipse(302, 240, 14, 24, skin).pixels),
        ("face", Brush().area(_jaw(210, 110, 96, 230, 350), skin).pixels),
        ("blush", Brush().ellipse(150, 278, 22, 10, (245, 140, 130)).faded(5, 0.6).pixels),
        ("blush", Brush().ellipse(270, 278, 22, 10, (245, 140, 130)).faded(5, 0.6).pixels),
        ("nose", Brush().line([(210, 268), (206, 280), (212, 282)], 3, shade).pixels),
        ("mouth", Brush().bow(210, 312, 22, 5, 4, (150, 60, 60)).pixels),
        ("eye", eye(Brush(), 162, 238, 26, 22, (60, 120, 170)).pixels),
        ("eye", eye(Brush(), 258, 238, 26, 22, (60, 120, 170)).pixels),
        ("brow", Brush().bow(162, 200, 24, -7, 5, (90, 50, 45)).pixels),
        ("brow", Brush().bow(258, 200, 24, -7, 5, (90, 50, 45)).pixels),
        (
            "hair",
            Brush()
            .area([(110, 210), (120, 120), (210, 80), (300, 120), (310, 210), (260, 160), (160, 160)], hair)
            .pixels,
        ),
    ]


def chibi() -> Layers:
    """A large head: both eyes on one layer, both brows, both cheeks; a small mouth and a short neck, painted
    after the face."""
    skin, hair = (255, 228, 208), (240, 190, 90)
    return [
        ("hair", Brush().ellipse(210, 220, 180, 180, hair).pixels),
        ("body", Brush().area([(150, 400), (270, 400), (300, 550), (120, 550)], (200, 80, 110)).pixels),
        ("face", Brush().area(_jaw(210, 90, 150, 230, 380), skin).pixels),
        ("neck", Brush().area([(188, 376), (232, 376), (236, 420), (184, 420)], (240, 200, 180)).pixels),
        ("collar", Brush().ellipse(210, 425, 46, 14, (250, 250, 250)).pixels),
        (
            "blush",
            Brush()
            .ellipse(110, 300, 28, 14, (255, 160, 150))
            .ellipse(310, 300, 28, 14, (255, 160, 150))
            .pixels,
        ),
        ("mouth", Brush().area([(196, 316), (224, 316), (210, 336)], (170, 60, 70)).pixels),
        ("eye", eye(eye(Brush(), 135, 245, 42, 50, (90, 60, 150)), 285, 245, 42, 50, (90, 60, 150)).pixels),
        (
            "brow",
            Brush().bow(135, 172, 30, -6, 6, (200, 150, 60)).bow(285, 172, 30, -6, 6, (200, 150, 60)).pixels,
        ),
        (
            "hair",
            Brush()
            .area([(60, 220), (80, 110), (210, 60), (340, 110), (360, 220), (290, 140), (130, 150)], hair)
            .pixels,
        ),
        (
            "bow",
            Brush()
            .area([(60, 60), (110, 90), (60, 120)], (220, 40, 60))
            .area([(160, 60), (110, 90), (160, 120)], (220, 40, 60))
            .pixels,
        ),
    ]


def turned() -> Layers:
    """A head that is turned aside: the far eye is narrow, nose and mouth lie towards it, one ear is seen."""
    skin, shade, hair = (244, 210, 188), (215, 165, 145), (50, 50, 70)
    return [
        ("hair", Brush().ellipse(225, 215, 130, 150, hair).pixels),
        ("body", Brush().ellipse(230, 560, 180, 120, (90, 120, 100)).pixels),
        ("neck", Brush().area([(200, 320), (270, 300), (280, 450), (190, 450)], shade).pixels),
        ("face", Brush().area(_jaw(195, 110, 100, 230, 356), skin).pixels),
        ("ear", Brush().ellipse(296, 250, 15, 26, skin).pixels),
        ("eye", eye(Brush(), 138, 240, 17, 20, (120, 90, 40)).pixels),
        ("eye", eye(Brush(), 222, 240, 25, 21, (120, 90, 40)).pixels),
        ("brow", Brush().bow(136, 204, 18, -6, 5, (40, 40, 55)).pixels),
        ("brow", Brush().bow(224, 204, 26, -7, 5, (40, 40, 55)).pixels),
        ("nose", Brush().line([(160, 250), (150, 282), (162, 286)], 3, shade).pixels),
        ("mouth", Brush().bow(166, 314, 20, 4, 4, (150, 70, 70)).pixels),
        (
            "hair",
            Brush()
            .area([(100, 200), (130, 110), (230, 70), (330, 130), (320, 280), (280, 170), (180, 150)], hair)
            .pixels,
        ),
    ]


def portrait() -> Layers:
    """Natural proportions: small eyes of whites, irises and lashes, a pair on each layer; full lips, a nose
    with a shade, a shade of the neck above it, a necklace over all."""
    skin, shade, hair = (224, 172, 140), (190, 130, 105), (60, 40, 30)
    eyes = ((172, 250), (248, 250))

    def both(draw: Callable[[Brush, float, float], object]) -> U8:
        brush = Brush()
        for x, y in eyes:
            draw(brush, x, y)
        return brush.pixels

    return [
        ("hair", Brush().ellipse(210, 240, 110, 160, hair).pixels),
        ("body", Brush().ellipse(210, 580, 190, 130, (60, 60, 70)).pixels),
        ("neck", Brush().area([(168, 330), (252, 330), (262, 470), (158, 470)], skin).pixels),
        ("shade", Brush().area([(170, 350), (250, 350), (240, 400), (180, 400)], shade).faded(4, 0.7).pixels),
        ("face", Brush().area(_jaw(210, 120, 82, 250, 386), skin).pixels),
        ("white", both(lambda b, x, y: b.ellipse(x, y, 17, 8, (246, 244, 240)))),
        (
            "iris",
            both(lambda b, x, y: b.ellipse(x, y, 8, 8, (80, 110, 60)).ellipse(x, y, 4, 4, (10, 10, 10))),
        ),
        ("lash", both(lambda b, x, y: b.bow(x, y - 3, 19, -7, 3, (30, 20, 20)))),
        ("brow", both(lambda b, x, y: b.bow(x, y - 26, 22, -5, 6, (50, 35, 28)))),
        ("nose", Brush().area([(204, 260), (216, 260), (226, 304), (194, 304)], shade).faded(3, 0.6).pixels),
        (
            "mouth",
            Brush().ellipse(210, 341, 27, 9, (176, 80, 78)).bow(210, 340, 26, 1, 2, (110, 40, 45)).pixels,
        ),
        ("necklace", Brush().bow(210, 430, 60, 50, 4, (230, 230, 240)).pixels),
        (
            "hair",
            Brush()
            .area(
                [
                    (110, 240),
                    (130, 130),
                    (210, 90),
                    (290, 130),
                    (310, 240),
                    (270, 170),
                    (200, 140),
                    (150, 180),
                ],
                hair,
            )
            .pixels,
        ),
    ]


def boy() -> Layers:
    """Skin of face, ears, neck and arms on one layer; glasses over the eyes; an open mouth; a scarf."""
    skin, hair = (238, 196, 164), (70, 50, 45)
    body = Brush().area(_jaw(210, 120, 92, 236, 356), skin).ellipse(116, 250, 14, 24, skin)
    body.ellipse(304, 250, 14, 24, skin).area([(180, 320), (240, 320), (244, 460), (176, 460)], skin)
    body.ellipse(210, 570, 150, 120, skin)
    glasses = Brush()
    for x in (164, 256):
        glasses.line(
            [(x + 36 * np.cos(a), 246 + 28 * np.sin(a)) for a in np.linspace(0, 6.3, 40)], 4, (30, 30, 30)
        )
    glasses.line([(200, 246), (220, 246)], 4, (30, 30, 30))
    return [
        ("body", body.pixels),
        ("clothes", Brush().ellipse(210, 600, 170, 130, (70, 120, 90)).pixels),
        ("scarf", Brush().ellipse(210, 432, 60, 26, (190, 60, 50)).pixels),
        ("nose", Brush().line([(212, 268), (206, 286)], 3, (205, 150, 125)).pixels),
        (
            "mouth",
            Brush().ellipse(210, 318, 17, 13, (120, 40, 45)).ellipse(210, 325, 10, 5, (210, 110, 110)).pixels,
        ),
        ("eye", eye(Brush(), 164, 246, 22, 18, (80, 60, 40)).pixels),
        ("eye", eye(Brush(), 256, 246, 22, 18, (80, 60, 40)).pixels),
        ("brow", Brush().bow(164, 208, 24, -3, 7, hair).bow(256, 208, 24, -3, 7, hair).pixels),
        ("glasses", glasses.pixels),
        (
            "hair",
            Brush()
            .area([(110, 230), (110, 110), (210, 70), (310, 110), (310, 230), (290, 160), (130, 160)], hair)
            .pixels,
        ),
    ]


def dark() -> Layers:
    """Dark skin, lips near to it; eyes of four layers each; earrings, a choker, buns; teeth apart."""
    skin, hair, lips = (112, 72, 54), (30, 24, 28), (140, 70, 70)
    made: Layers = [
        ("bun", Brush().ellipse(110, 80, 44, 44, hair).pixels),
        ("bun", Brush().ellipse(310, 80, 44, 44, hair).pixels),
        ("hair", Brush().ellipse(210, 210, 116, 130, hair).pixels),
        ("body", Brush().ellipse(210, 570, 170, 120, (230, 170, 60)).pixels),
        ("neck", Brush().area([(180, 320), (240, 320), (246, 470), (174, 470)], (92, 56, 42)).pixels),
        ("choker", Brush().area([(178, 400), (242, 400), (244, 414), (176, 414)], (200, 40, 80)).pixels),
        ("face", Brush().area(_jaw(210, 120, 94, 236, 358), skin).pixels),
        ("earring", Brush().ellipse(116, 300, 7, 14, (250, 210, 60)).pixels),
        ("earring", Brush().ellipse(304, 300, 7, 14, (250, 210, 60)).pixels),
        ("nose", Brush().bow(210, 284, 12, 4, 3, (80, 48, 36)).pixels),
        ("mouth", Brush().ellipse(210, 320, 26, 13, lips).pixels),
        ("teeth", Brush().area([(192, 314), (228, 314), (224, 321), (196, 321)], (245, 240, 235)).pixels),
    ]
    for x in (162, 258):
        made += [
            ("white", Brush().ellipse(x, 244, 25, 17, (248, 246, 244)).pixels),
            ("iris", Brush().ellipse(x, 244, 14, 16, (90, 50, 20)).ellipse(x, 244, 6, 7, (10, 8, 8)).pixels),
            ("glint", Brush().ellipse(x - 5, 238, 4, 4, (255, 255, 255)).pixels),
            ("lash", Brush().bow(x, 238, 28, -14, 5, (15, 10, 12)).pixels),
        ]
    brow = [("brow", Brush().bow(x, 204, 26, -6, 6, (20, 14, 16)).pixels) for x in (162, 258)]
    return [
        *made,
        *brow,
        (
            "hair",
            Brush()
            .area([(116, 190), (130, 120), (210, 90), (290, 120), (304, 190), (210, 140)], hair)
            .pixels,
        ),
    ]


def mascot() -> Layers:
    """A round thing with two dots, solid cheeks and a small mouth; hands and feet in pairs."""
    body, pink = (250, 250, 252), (255, 150, 170)
    return [
        ("foot", Brush().ellipse(150, 500, 40, 24, (240, 200, 80)).pixels),
        ("foot", Brush().ellipse(270, 500, 40, 24, (240, 200, 80)).pixels),
        ("body", Brush().ellipse(210, 320, 170, 190, body).pixels),
        ("hand", Brush().ellipse(60, 360, 26, 40, (235, 235, 240)).pixels),
        ("hand", Brush().ellipse(360, 360, 26, 40, (235, 235, 240)).pixels),
        ("blush", Brush().ellipse(120, 310, 24, 14, pink).pixels),
        ("blush", Brush().ellipse(300, 310, 24, 14, pink).pixels),
        ("eye", Brush().ellipse(150, 270, 13, 18, (40, 35, 40)).pixels),
        ("eye", Brush().ellipse(270, 270, 13, 18, (40, 35, 40)).pixels),
        ("mouth", Brush().bow(210, 310, 18, 10, 5, (40, 35, 40)).pixels),
        (
            "bow tie",
            Brush()
            .area([(180, 400), (210, 415), (180, 430)], (200, 40, 50))
            .area([(240, 400), (210, 415), (240, 430)], (200, 40, 50))
            .pixels,
        ),
    ]


def lined() -> Layers:
    """Flat colours below, an ink line of the whole figure on top, features between; tears and a lower mouth
    line; skin that is painted as two layers, face over body."""
    skin, ink = (252, 226, 210), (60, 40, 50)
    outline = Brush().line([*_jaw(210, 120, 94, 232, 352), _jaw(210, 120, 94, 232, 352)[0]], 4, ink)
    outline.line([(182, 344), (178, 450), (60, 520)], 4, ink).line(
        [(238, 344), (242, 450), (360, 520)], 4, ink
    )
    return [
        ("hair", Brush().ellipse(210, 220, 136, 160, (150, 170, 220)).pixels),
        (
            "neck and shoulders",
            Brush()
            .area(
                [
                    (182, 320),
                    (238, 320),
                    (242, 450),
                    (360, 520),
                    (360, 560),
                    (60, 560),
                    (60, 520),
                    (178, 450),
                ],
                skin,
            )
            .pixels,
        ),
        ("face", Brush().area(_jaw(210, 120, 94, 232, 352), skin).pixels),
        ("shade", Brush().area([(180, 352), (240, 352), (238, 372), (182, 372)], (225, 180, 170)).pixels),
        ("blush", Brush().ellipse(210, 276, 70, 8, (250, 170, 160)).faded(4, 0.5).pixels),
        ("mouth", Brush().bow(200, 310, 10, 4, 3, ink).bow(220, 310, 10, 4, 3, ink).pixels),
        ("mouth shade", Brush().bow(210, 326, 8, 2, 3, (230, 180, 165)).pixels),
        ("eye", eye(Brush(), 162, 240, 28, 26, (200, 80, 100)).pixels),
        ("eye", eye(Brush(), 258, 240, 28, 26, (200, 80, 100)).pixels),
        ("brow", Brush().bow(162, 196, 22, -5, 4, (120, 140, 190)).pixels),
        ("brow", Brush().bow(258, 196, 22, -5, 4, (120, 140, 190)).pixels),
        ("outline", outline.pixels),
        (
            "hair",
            Brush()
            .area(
                [
                    (112, 220),
                    (124, 120),
                    (210, 80),
                    (296, 120),
                    (308, 220),
                    (250, 150),
                    (210, 190),
                    (170, 150),
                ],
                (150, 170, 220),
            )
            .pixels,
        ),
    ]


FACES: dict[str, Callable[[], Layers]] = {
    "girl": girl,
    "chibi": chibi,
    "turned": turned,
    "portrait": portrait,
    "boy": boy,
    "dark": dark,
    "mascot": mascot,
    "lined": lined,
}


@cache
def layers_of(face: str) -> Layers:
    """Its layers, bottom to top."""
    return FACES[face]()


def things(face: str) -> tuple[Thing, ...]:
    """Its layers without names, topmost first."""
    named = _named(layers_of(face))
    return tuple(Thing(name, pixels) for name, _, pixels in reversed(list(named)))


def truth(face: str) -> dict[str, str]:
    """The name that each layer was given -> what it is."""
    return {name: what for name, what, _ in _named(layers_of(face))}


def _named(layers: Layers) -> Iterator[tuple[str, str, U8]]:
    for number, (what, pixels) in enumerate(layers, 1):
        yield f"Layer {number}", what, pixels
