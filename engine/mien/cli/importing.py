"""`mien import`: layered art, sprites and PNGTuber models as a character that blinks and speaks."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from mien.art.kept import KeptFiles
from mien.art.measured import measured
from mien.catalog import refuse_address
from mien.cli.console import print_table, say, screen, show_json, styled, tell
from mien.cli.files import file_name, save_png
from mien.cli.sheet import BLINK, contact_sheet
from mien.cli.still import height_with
from mien.errors import MienError, RendererUnavailable
from mien.importing.drafts import Status
from mien.importing.guess import Guess
from mien.importing.kinds import ALL_SUFFIXES, stem_of
from mien.importing.source import path_text
from mien.importing.summary import guesses_line
from mien.importing.whole import Imported, import_art
from mien.importing.write import RECORD
from mien.messages import shown_path
from mien.stage.picture import Portrait

_COLUMNS: Final = (None, BLINK, "aa", "E", "O", "U", "FF", "SS")
_HEAD: Final = 150
"""Height of a head on the sheet in pixels."""
_MOST_ROWS: Final = 28
"""Most expressions on the sheet."""
_MOST_DRAWN: Final = 1280
"""Most pixels that a character is high while its sheet is drawn."""
_COLOURS: Final[dict[Status, str]] = {
    "mapped": "green",
    "given": "green",
    "guessed": "yellow",
    "made": "cyan",
    "kept": "",
    "hidden": "dim",
}


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "import", help="turn art (a PSD, sprites, a PNGTuber model) into a character that blinks and speaks"
    )
    parser.add_argument(
        "source", metavar="SOURCE", help=f"a folder of pictures, or a file: {', '.join(ALL_SUFFIXES)}"
    )
    parser.add_argument(
        "-o", "--output", type=file_name, metavar="DIR", help="the character's folder (default: NAME, here)"
    )
    parser.add_argument("--name", metavar="N", help="what the character is called (default: as the file)")
    parser.add_argument(
        "--map", type=Path, metavar="FILE", help='corrections, a TOML file: [layers] "Layer 4" = "mouth aa"'
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be made, and write nothing")
    parser.add_argument("--force", action="store_true", help="write anew what was changed by hand, too")
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Import."""
    refuse_address(arguments.source)
    path = Path(arguments.source)
    stem = stem_of(path)
    name = stem if arguments.name is None else arguments.name.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise MienError("--name: must be 1 to 200 printable characters; give the character a name.")
    output = Path(stem) if arguments.output is None else arguments.output
    kept = KeptFiles()  # every picture is decoded once
    imported = import_art(
        path,
        output,
        name=name,
        map_file=arguments.map,
        force=arguments.force,
        dry_run=arguments.dry_run,
        kept_files=kept,
    )
    sheet = [] if arguments.dry_run else _draw_sheet(output, kept)
    _report(arguments, imported, sheet, output)
    return 0


def _draw_sheet(folder: Path, kept: KeptFiles) -> list[str]:
    """Write a contact sheet into the folder; a remark where this machine cannot draw. `kept`: its pictures
    as they were read last."""
    try:
        character = measured(folder, kept)
        height = character.canvas.height
        # A small face on a large canvas takes long.
        least, most = -(-height // 64) + 8, min(height, _MOST_DRAWN)
        with Portrait(folder, min(max(least, height_with(character, _HEAD)), most), kept=kept) as portrait:
            save_png(contact_sheet(portrait, _COLUMNS, _MOST_ROWS), folder / "sheet.png")
    except RendererUnavailable as error:
        return [f"no contact sheet was drawn: {error}"]
    return []


def _report(arguments: argparse.Namespace, imported: Imported, sheet: list[str], output: Path) -> None:
    rows, remarks = imported.rows, (*sheet, *imported.remarks)
    counts = Counter(row.status for row in rows)
    if arguments.json:
        report = {
            "source": arguments.source,
            "folder": None if arguments.dry_run else str(output),
            "layers": [asdict(row) for row in rows],
            "counts": dict(counts),
            "guesses": [_guessed(guess) for guess in imported.guesses],
            "missing": imported.missing,
            "remarks": remarks,
        }
        show_json(report)
        return
    console = screen()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("layer", "", "became", "why"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        cells = (row.layer or "-", (row.status, _COLOURS[row.status]), row.became, row.why)
        table.add_row(*map(styled, cells))
    print_table(console, table)
    shown = ", ".join(f"{counts[status]} {status}" for status in _COLOURS if counts[status])
    done = "would become" if arguments.dry_run else "is"
    again = " again" if imported.again and not arguments.dry_run else ""
    say(console, f"{arguments.source} {done} {output}{again}: {shown}")
    if not arguments.dry_run:
        say(console, f"look at {output / 'sheet.png'}; correct {output / RECORD} and import again")
    for remark in remarks:
        tell(f"mien: {remark}")
    where = "a file for --map" if arguments.dry_run else shown_path(output / RECORD)
    if guessed := guesses_line(imported.guesses, imported.missing, where):
        tell(f"mien: {guessed}")


def _guessed(guess: Guess) -> dict[str, object]:
    """For programs, with layers as in the table."""
    layers = [path_text(path) for path in guess.paths]
    others = [[path_text(path) for path in paths] for paths in guess.others]
    return {"part": guess.part, "layers": layers, "unsure": guess.unsure, "others": others}
