"""`mien still`: one picture of a character, a contact sheet of all it can show, or a layered art file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from mien.art import load_character
from mien.art.head import head_of
from mien.art.layered import SUFFIXES, read_layered
from mien.art.load import MAX_PICTURE
from mien.art.png import read_picture
from mien.catalog import DEFAULT_CHARACTER, bundled_or_path, refuse_address
from mien.character import Character
from mien.cli.background import Background, add_background, background_of
from mien.cli.console import show, tell
from mien.cli.files import Places, file_name, save_png
from mien.cli.foreign import refuse_foreign
from mien.cli.memory import check_to_draw
from mien.cli.options import one_of
from mien.cli.sheet import BLINK, contact_sheet
from mien.errors import MienError, ScriptError
from mien.messages import did_you_mean, quoted
from mien.motion import resolve_expression
from mien.motion.still import still_pose
from mien.stage.picture import Portrait, draw_and_compare
from mien.stage.straight import straight
from mien.types import VISEMES

_SHEET_COLUMNS: tuple[str | None, ...] = (None, BLINK, *VISEMES)
GLANCE = 0.25
"""Scale at which a character is loaded that is only measured."""
_MOST_HEAD = 512
"""Most pixels that a head on a sheet is high: a sheet holds 17 of them across and as many down."""
_WANTED = (
    "a picture is drawn of a character's folder, a .mien file, or a layered .psd, .psb, .ora or .kra file"
)
_MOST_TOLD = 40
"""Most lines about what of a layered file is not drawn."""


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "still", help="draw one picture of a character, or a contact sheet"
    )
    parser.add_argument(
        "character",
        nargs="?",
        default=DEFAULT_CHARACTER,
        metavar="CHARACTER",
        help="a folder, a .mien file, or the name of a bundled one (default: wren); "
        "or a layered .psd, .psb, .ora or .kra file, drawn as it is",
    )
    parser.add_argument("--expression", metavar="E", help="default neutral")
    parser.add_argument(
        "--viseme", type=one_of("a viseme", VISEMES), metavar="V", help=f"one of {' '.join(VISEMES)}"
    )
    parser.add_argument("--gesture", default="", metavar="G", help="one of the character's gestures")
    parser.add_argument(
        "--height",
        type=int,
        metavar="PX",
        help=f"height of the picture, or of a head on a sheet (there at most {_MOST_HEAD})",
    )
    add_background(parser, "transparent")
    parser.add_argument(
        "--sheet", action="store_true", help="every expression with eyes shut and with every viseme, labelled"
    )
    parser.add_argument("-o", "--output", type=file_name, default=Path("still.png"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw and write the PNG."""
    places = Places()
    check_to_draw()
    places.claim_named(arguments.output, "-o", (".png",), "a picture")
    background = background_of(arguments.background)
    if isinstance(background, Path):
        places.spare([background])
    if Path(arguments.character).exists():
        places.spare([Path(arguments.character)])
    if Path(arguments.character).suffix.lower() in SUFFIXES:
        image = _layered(arguments)
    else:
        image = _character(arguments)
    if background is not None:
        paper = _paper(background, image.size)
        paper.alpha_composite(image)
        image = paper
    save_png(image, arguments.output)
    show(f"{arguments.output}: {image.width}x{image.height}")
    return 0


def _paper(background: Background, size: tuple[int, int]) -> Image.Image:
    """What lies behind: one colour, or a picture that covers all of it, its middle kept."""
    if isinstance(background, Path):
        pixels, _ = read_picture(background, MAX_PICTURE)
        return ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS)
    red, green, blue, alpha = (round(255 * part) for part in background)
    return Image.new("RGBA", size, (red, green, blue, alpha))


def _refuse(arguments: argparse.Namespace, options: tuple[str, ...], why: str) -> None:
    for option in options:
        if getattr(arguments, option) not in (None, "", False):
            raise MienError(f"--{option} {why}; leave --{option} out.")


def _layered(arguments: argparse.Namespace) -> Image.Image:
    """A layered art file at its own size; what cannot be drawn is named on stderr."""
    why = f"is for characters, and {arguments.character} is a layered picture that is drawn as it is"
    _refuse(arguments, ("expression", "viseme", "gesture", "height", "sheet"), why)
    refuse_address(arguments.character)
    art = read_layered(Path(arguments.character))
    picture, difference = draw_and_compare(art)
    told = art.warnings[:_MOST_TOLD]
    if len(art.warnings) > _MOST_TOLD:
        told = (*told, f"and {len(art.warnings) - _MOST_TOLD} more of this kind")
    for warning in told:
        tell(f"mien: {arguments.character}: {warning}")
    if difference:
        tell(f"mien: {arguments.character} {difference}")
    return Image.fromarray(straight(picture, out=picture))


def _character(arguments: argparse.Namespace) -> Image.Image:
    if arguments.sheet:
        why = "is for one picture, and --sheet shows every expression and viseme on paper of its own"
        _refuse(arguments, ("expression", "viseme", "gesture", "background"), why)
    most = _MOST_HEAD if arguments.sheet else 4096
    if arguments.height is not None and not 16 <= arguments.height <= most:
        where = " of a head on a sheet" if arguments.sheet else ""
        raise MienError(f"--height {arguments.height}: write a height{where} from 16 to {most} pixels.")
    height = arguments.height
    refuse_foreign(arguments.character, _WANTED)
    source = bundled_or_path("characters", arguments.character)
    if arguments.sheet:
        height = whole_height(source, height or 180)
    with Portrait(source, height) as portrait:
        if arguments.sheet:
            image = contact_sheet(portrait, _SHEET_COLUMNS)
        else:
            wanted = "neutral" if arguments.expression is None else arguments.expression
            expression = _known(
                "expression",
                wanted,
                tuple(portrait.character.expressions),
                resolve_expression(portrait.character, wanted),
            )
            gesture = arguments.gesture and _known(
                "gesture", arguments.gesture, tuple(portrait.character.gestures), None
            )
            pose = still_pose(portrait.character, expression, arguments.viseme, gesture)
            image = Image.fromarray(straight(portrait.draw(pose)))
    return image


def _known(what: str, name: str, names: tuple[str, ...], resolved: str | None) -> str:
    if name in names:
        return name
    if resolved is not None:
        return resolved
    raise ScriptError(f"the character has no {what} {quoted(name)}; {did_you_mean(name, names)}")


def whole_height(source: Path, head: int) -> int:
    """How high the whole character is drawn where its head is to be so high, both in pixels."""
    return height_with(load_character(source, scale=GLANCE).character, head)


def height_with(glance: Character, head: int) -> int:
    """The same of a character that is loaded, at any scale."""
    _, top, _, bottom = head_of(glance)
    return max(16, round(head * glance.canvas.height / (bottom - top)))
