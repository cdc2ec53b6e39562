"""`mien pack` and `mien inspect`: characters for those who make them."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from mien.art import inspect, pack_character
from mien.catalog import DEFAULT_CHARACTER, bundled_or_path


def add_to(commands: Any) -> None:
    """Register both commands."""
    pack: argparse.ArgumentParser = commands.add_parser(
        "pack", help="bake a character's folder into one .mien file"
    )
    look: argparse.ArgumentParser = commands.add_parser(
        "inspect", help="say what a character is made of, and what its author may want to know"
    )
    for parser in (pack, look):
        parser.add_argument(
            "character",
            nargs="?",
            default=DEFAULT_CHARACTER,
            metavar="CHARACTER",
            help="a folder with character.toml, or the name of a bundled one (default: wren)",
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
    pack.add_argument("-o", "--output", type=Path, metavar="FILE", help="default NAME.mien, here")
    pack.set_defaults(run=run_pack)
    look.set_defaults(run=run_inspect)


def run_pack(arguments: argparse.Namespace) -> int:
    """Bake."""
    source = bundled_or_path("characters", arguments.character)
    output = arguments.output or Path(f"{source.resolve().stem}.mien")
    report = pack_character(source, output)
    if arguments.json:
        print(json.dumps(asdict(report), default=str, indent=2))
        return 0
    console = Console(highlight=False)
    masks = f" and {report.masks} masks" if report.masks else ""
    console.print(
        f"{report.path}: {report.drawings} drawings{masks} in {report.regions} regions "
        f"({report.shared} shared, {report.mirrored} of them mirrored) on {report.pages} "
        f"page{'s' if report.pages != 1 else ''}, {report.fill:.0%} full, {report.bytes / 1e6:.1f} MB"
    )
    for warning in report.warnings:
        console.print(f"[yellow]note[/] {warning}")
    return 0


def run_inspect(arguments: argparse.Namespace) -> int:
    """Summarize."""
    summary = inspect(bundled_or_path("characters", arguments.character))
    if arguments.json:
        print(json.dumps(asdict(summary), default=str, indent=2))
        return 0
    print(summary.text())
    return 0
