"""`mien pack`: a character's folder as one file."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mien.art import pack_character
from mien.catalog import DEFAULT_CHARACTER, bundled_or_path
from mien.cli.console import NOTE, say, screen, show_json
from mien.cli.files import Places, file_name
from mien.cli.foreign import refuse_foreign


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "pack", help="bake a character's folder into one .mien file"
    )
    parser.add_argument(
        "character",
        nargs="?",
        default=DEFAULT_CHARACTER,
        metavar="CHARACTER",
        help="a folder with character.toml, or the name of a bundled one (default: wren)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("-o", "--output", type=file_name, metavar="FILE", help="default NAME.mien, here")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Bake."""
    refuse_foreign(arguments.character, "a character's folder is packed")
    source = bundled_or_path("characters", arguments.character)
    output = Path(f"{source.resolve().stem}.mien") if arguments.output is None else arguments.output
    places = Places()
    places.claim_named(output, "-o", (".mien",), "a baked character")
    places.spare([source])
    report = pack_character(source, output)
    if arguments.json:
        show_json(asdict(report))
        return 0
    console = screen()
    masks = f" and {report.masks} masks" if report.masks else ""
    say(
        console,
        f"{report.path}: {report.drawings} drawings{masks} in {report.regions} regions "
        f"({report.shared} shared, {report.mirrored} of them mirrored) on {report.pages} "
        f"page{'s' if report.pages != 1 else ''}, {report.fill:.0%} full, {report.bytes / 1e6:.1f} MB",
    )
    for warning in report.warnings:
        say(console, NOTE, warning)
    return 0
