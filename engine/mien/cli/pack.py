"""`mien pack` and `mien inspect`: characters for those who make them."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from mien.art import inspect, load_character, pack_character
from mien.catalog import DEFAULT_CHARACTER, bundled_or_path
from mien.talk import Conversation, character_path, check_conversation, load_conversation

_GLANCE: Final = 0.1
"""Scale at which characters are loaded that are only asked what they can do."""


def add_to(commands: Any) -> None:
    """Register both commands."""
    pack: argparse.ArgumentParser = commands.add_parser(
        "pack", help="bake a character's folder into one .mien file"
    )
    look: argparse.ArgumentParser = commands.add_parser(
        "inspect", help="say what a character is made of, or what of a conversation its cast cannot follow"
    )
    for parser in (pack, look):
        parser.add_argument(
            "character",
            nargs="?",
            default=DEFAULT_CHARACTER,
            metavar="CHARACTER",
            help="a folder with character.toml, or the name of a bundled one (default: wren)"
            + ("; or a conversation" if parser is look else ""),
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
    """Summarize a character, or check a conversation; 1 when something of it would not be followed."""
    source = bundled_or_path("characters", arguments.character, "conversations")
    if _is_conversation(source):
        return _check(load_conversation(source), as_json=arguments.json)
    summary = inspect(source)
    if arguments.json:
        print(json.dumps(asdict(summary), default=str, indent=2))
        return 0
    print(summary.text())
    return 0


def _is_conversation(path: Path) -> bool:
    toml = path.suffix == ".toml" and path.name != "character.toml"
    return toml or (path / "conversation.toml").is_file()


def _check(conversation: Conversation, *, as_json: bool) -> int:
    characters = {
        member.key: load_character(character_path(conversation, member), scale=_GLANCE).character
        for member in conversation.cast
    }
    found = check_conversation(conversation, characters)
    figures = {
        "title": conversation.title,
        "source": str(conversation.source),
        "cast": {member.key: member.character for member in conversation.cast},
        "turns": len(conversation.turns),
        "cues": sum(len(turn.cues) for turn in conversation.turns),
        "fps": str(conversation.fps),
        "warnings": found,
    }
    if as_json:
        print(json.dumps(figures, indent=2))
        return int(bool(found))
    cast = ", ".join(f"{member.key} ({member.character})" for member in conversation.cast)
    print(f"{conversation.title}: {figures['turns']} turns with {figures['cues']} cues, by {cast}")
    for warning in found:
        print(f"warning: {warning}")
    print("all of it can be followed." if not found else f"{len(found)} will be passed over.")
    return int(bool(found))
