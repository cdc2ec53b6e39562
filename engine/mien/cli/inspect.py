"""`mien inspect`: what a character is made of, or what of a conversation will not be followed."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from mien.art import load_character, summarize
from mien.art.faults import character_faults
from mien.art.looks import expression_state
from mien.art.phrases import import_again
from mien.catalog import DEFAULT_CHARACTER, bundled_or_path
from mien.character import Character
from mien.cli.console import show, show_json
from mien.cli.faults import faults_told
from mien.cli.foreign import refuse_foreign
from mien.errors import MienError, ScriptError
from mien.messages import did_you_mean, printable, quoted
from mien.motion import resolve_expression
from mien.talk import Conversation, character_path, check_conversation, load_conversation

_GLANCE: Final = 0.1
"""Scale at which characters are loaded that are only asked what they can do."""


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "inspect", help="say what a character is made of, or what of a conversation its cast cannot follow"
    )
    parser.add_argument(
        "character",
        nargs="?",
        default=DEFAULT_CHARACTER,
        metavar="CHARACTER",
        help="a folder with character.toml, or the name of a bundled one (default: wren); or a conversation",
    )
    parser.add_argument(
        "--expression", metavar="E", help="why this expression of a character looks as it does"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Summarize a character, or check a conversation; 1 when something of it would not be followed."""
    refuse_foreign(arguments.character, "a character or a conversation is inspected")
    source = bundled_or_path("characters", arguments.character, "conversations")
    if _is_conversation(source):
        if arguments.expression is not None:
            raise MienError(
                "--expression: is for a character, and this is a conversation; name one of its cast."
            )
        return _check(load_conversation(source), as_json=arguments.json)
    if arguments.expression is not None:
        return _tell_expression(load_character(source).character, arguments)
    loaded = load_character(source)
    summary = summarize(loaded)
    faults = faults_told(source, character_faults(loaded.character))
    if arguments.json:
        show_json({**asdict(summary), **faults})
        return 0
    show(*summary.lines(), *(f"{kind}: {one}" for kind, told in faults.items() for one in told))
    return 0


def _is_conversation(path: Path) -> bool:
    toml = path.suffix == ".toml" and path.name != "character.toml"
    return toml or (path / "conversation.toml").is_file()


def _tell_expression(character: Character, arguments: argparse.Namespace) -> int:
    """Why an expression looks as it does, and where each drawing that shows it comes from."""
    asked, known = arguments.expression, tuple(character.expressions)
    name = asked if asked in known else resolve_expression(character, asked)
    if name is None:
        raise ScriptError(f"the character has no expression {quoted(asked)}; {did_you_mean(asked, known)}")
    state = expression_state(character, name)
    if arguments.json:
        show_json(asdict(state))
        return 0
    if name != asked:
        show(f"{printable(asked)} is shown as {name}")
    show(*map(import_again, state.lines()))
    shows = dict(state.shows)
    for slot in character.slots:
        if origin := slot.origins.get(shows.get(slot.name, "")):
            show(f"{slot.name} shows {shows[slot.name]}: {origin}")
    return 0


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
        show_json(figures)
        return int(bool(found))
    cast = ", ".join(f"{member.key} ({member.character})" for member in conversation.cast)
    title = printable(conversation.title)
    show(f"{title}: {figures['turns']} turns with {figures['cues']} cues, by {cast}")
    for warning in found:
        show(f"warning: {warning}")
    show("all of it can be followed." if not found else f"{len(found)} will be passed over.")
    return int(bool(found))
