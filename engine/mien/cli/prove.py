"""`mien prove`: the old way and Mien in alternation, held to bounds that are printed beforehand."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mien.catalog import bundled_or_path
from mien.cli import options
from mien.cli.console import asides, say, tell
from mien.cli.files import Places, file_name
from mien.cli.memory import check_to_draw
from mien.cli.proved import print_plan, print_proof
from mien.cli.stopping import stopped_by
from mien.errors import NotWritable, PackageMissing
from mien.messages import did_you_mean, quoted, shown_path
from mien.part_file import write_whole
from mien.prove import golden
from mien.prove.disturbances import of_machine, of_runs
from mien.prove.loads import LOADS
from mien.prove.looks import SURFACES, Again, looked_at, unwatchable
from mien.prove.machine import machine
from mien.prove.page import page
from mien.prove.page import plotter as page_plotter
from mien.prove.peers import PEERS, installed, painter
from mien.prove.players import PLAYERS
from mien.prove.proof import Proof, prove
from mien.prove.runs import LeftOut, Plan, Run, ledgers_of, made_again, perform
from mien.prove.thresholds import bundled
from mien.talk import load_conversation
from mien.types import Size

_CONVERSATION: Final = "night_shift"
_PAGE: Final = (b"<!DOCTYPE html>",)
_JSON: Final = (b'{"version"', b'{\n "version"')
STATUS: Final = {"pass": 0, "fail": 1, "disturbed": 3}
"""Exit status of --gate."""


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "prove",
        help="run the old way and Mien in alternation and hold the frames to bounds stated beforehand",
        description="The bounds are printed before anything runs. Every run is a process of its own that is "
        "watched from outside; observers in further processes recount the frames on each surface.",
        epilog="Exit status: 0; with --gate 0 when every claim holds, 1 when one does not, 3 when the "
        "machine was too disturbed to say; 1 also for an error.",
    )
    parser.add_argument(
        "conversation",
        nargs="?",
        default=_CONVERSATION,
        metavar="CONVERSATION",
        help=f"as of `mien play` (default: {_CONVERSATION})",
    )
    parser.add_argument("--runs", type=_count, default=4, metavar="N", help="of each, in turn (4)")
    parser.add_argument("--seconds", type=options.seconds, default=30.0, metavar="S", help="of each run (30)")
    parser.add_argument("--size", type=options.size, default=Size(1280, 720), metavar="WxH")
    parser.add_argument("--seed", type=_seed, default=1, metavar="N", help="of motion and intervals (1)")
    parser.add_argument(
        "--surface",
        action="append",
        type=_surface,
        metavar="NAME",
        help=f"watch this surface, again for another: {', '.join(SURFACES)}; or none (default: all)",
    )
    parser.add_argument(
        "--peer",
        action="append",
        type=options.one_of("a peer", (*PEERS, "none")),
        metavar="NAME",
        help=f"play it with this compositor on the processor, too: {', '.join(PEERS)}; or none (default: "
        "each that is installed)",
    )
    parser.add_argument(
        "--load",
        type=options.one_of("a load", LOADS),
        default="none",
        metavar="NAME",
        help=f"disturb the runs on purpose: {', '.join(LOADS)} (none)",
    )
    parser.add_argument(
        "--repeats",
        type=_repeats,
        default=4,
        metavar="N",
        help="make runs again that others disturbed, and watch such surfaces again, so often at most of "
        "each (4)",
    )
    parser.add_argument("--json", type=file_name, metavar="FILE", help="write the result as JSON")
    parser.add_argument("--html", type=file_name, metavar="FILE", help="write the page (mien[prove])")
    parser.add_argument("--ledgers", type=file_name, metavar="FOLDER", help="keep each run's ledger there")
    parser.add_argument(
        "--golden", type=file_name, metavar="FOLDER", help="your own golden frames, beside the bundled ones"
    )
    parser.add_argument(
        "--golden-new", type=file_name, metavar="FOLDER", help="make golden frames there, and end"
    )
    parser.add_argument(
        "--tolerance",
        type=_level,
        default=golden.TOLERANCE,
        metavar="N",
        help=f"of 255, by which golden frames may differ ({golden.TOLERANCE})",
    )
    parser.add_argument("--gate", action="store_true", help="say it in the exit status, for CI")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prove it."""
    fps = load_conversation(bundled_or_path("conversations", arguments.conversation)).fps
    check_to_draw()
    places = Places()
    if arguments.golden_new is not None:
        return _new_golden(arguments, places)
    players, left_out = _players(arguments.peer)
    if arguments.html is not None:
        places.claim_named(arguments.html, "--html", (".html", ".htm"), "a page", _PAGE)
        page_plotter()
    if arguments.json is not None:
        places.claim_named(arguments.json, "--json", (".json",), "JSON", _JSON)
    if arguments.ledgers is not None:
        for ledger in ledgers_of(players, arguments.runs, _repeated(arguments)):
            places.claim(arguments.ledgers / ledger, "--ledgers", options.LEDGERS)
    kept = [golden.bundled()]
    if arguments.golden is not None:
        kept.append(golden.read(arguments.golden))
    try:
        proof = _proof(arguments, _plan(arguments, players, left_out), kept, float(fps))
    except KeyboardInterrupt as stopped:
        return stopped_by(stopped, "nothing is proved by half")
    if arguments.json is not None:
        write_whole(arguments.json, (json.dumps(proof.as_dict(), indent=1) + "\n").encode())
        tell(f"mien: wrote {arguments.json}")
    if arguments.html is not None:
        write_whole(arguments.html, page(proof).encode("utf-8", "backslashreplace"))
        tell(f"mien: wrote {arguments.html}")
    print_proof(proof)
    return STATUS[proof.verdict] if arguments.gate else 0


def _players(asked: list[str] | None) -> tuple[tuple[str, ...], dict[str, str]]:
    """Who plays; and who is installed and cannot, and why. Raises PackageMissing for a peer that was asked
    for and is not there."""
    peers = installed() if asked is None else [one for one in dict.fromkeys(asked) if one != "none"]
    left_out: dict[str, str] = {}
    for one in peers:
        try:
            painter(one)
        except PackageMissing as error:
            if asked is not None:
                raise
            left_out[one] = str(error)
    return (*PLAYERS, *(one for one in peers if one not in left_out)), left_out


def _plan(arguments: argparse.Namespace, players: tuple[str, ...], left_out: dict[str, str]) -> Plan:
    return Plan(
        arguments.conversation,
        arguments.size,
        arguments.runs,
        arguments.seconds,
        arguments.load,
        arguments.seed,
        players,
        left_out,
        _repeated(arguments),
    )


def _proof(arguments: argparse.Namespace, plan: Plan, kept: list[golden.Golden], fps: float) -> Proof:
    console = asides()
    thresholds, facts = bundled(), machine()
    begun = datetime.now(UTC).isoformat(timespec="seconds")
    surfaces = SURFACES if arguments.surface is None else [s for s in arguments.surface if s != "none"]
    unseen = unwatchable(surfaces, plan.size)
    print_plan(plan, thresholds, facts, fps, unseen)

    def told(doing: str) -> None:
        say(console, (doing, "dim"))

    compared = [one for each in kept for one in golden.compare(each, arguments.tolerance, told)]
    seconds = max(2.0, min(10.0, plan.seconds))
    bounds = thresholds.disturbed
    looked = looked_at(
        surfaces,
        plan.conversation,
        plan.size,
        seconds,
        told,
        known=unseen,
        again=Again(lambda seen: of_machine(seen, bounds), plan.repeats),
    )
    with ExitStack() as stack:
        if arguments.ledgers is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mien-prove-")))
        else:
            folder = arguments.ledgers
            folder.mkdir(exist_ok=True)
        made = list(perform(plan, folder, told))
        plan = plan.without(dict(one for one in made if isinstance(one, LeftOut)))
        runs = [one for one in made if isinstance(one, Run) and one.player in plan.players]
        runs, aside = made_again(plan, runs, lambda some: of_runs(some, bounds, plan.load), folder, told)
    command = shlex.join(["mien", *(sys.argv[1:] if sys.argv[1:2] == ["prove"] else ["prove"])])
    return prove(plan, thresholds, runs, looked, compared, facts, (command, begun), aside)


def _new_golden(arguments: argparse.Namespace, places: Places) -> int:
    folder: Path = arguments.golden_new
    places.claim(folder / golden.LIST, "--golden-new")
    folder.mkdir(exist_ok=True)
    wanted = golden.chosen(arguments.conversation, arguments.size, arguments.seed, arguments.seconds)
    there = [name for name in wanted.frames if (folder / name).exists()]
    if there and not (folder / golden.LIST).exists():
        raise NotWritable(
            f"--golden-new {shown_path(folder)}: holds {there[0]}, which is no golden frame and would be "
            "lost; name a new folder."
        )
    golden.write(folder, wanted)
    tell(
        f"mien: wrote {len(wanted.frames)} golden frames to {folder}; look at them, and keep them with "
        f"your code"
    )
    return 0


def _repeated(arguments: argparse.Namespace) -> int:
    """How often; never what is disturbed on purpose."""
    repeats: int = arguments.repeats
    return repeats if arguments.load == "none" else 0


def _count(text: str) -> int:
    if not (text.isdecimal() and len(text) < 4 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a number of runs; write 1 to 999")
    return int(text)


def _repeats(text: str) -> int:
    if not (text.isdecimal() and len(text) < 3):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a number of repeats; write 0 to 99")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isdecimal() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a seed; write 0 to 999999999")
    return int(text)


def _level(text: str) -> int:
    if not (text.isdecimal() and len(text) < 4 and int(text) <= 255):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a tolerance; write 0 to 255")
    return int(text)


def _surface(text: str) -> str:
    names = (*SURFACES, "none")
    if text not in names:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a surface; {did_you_mean(text, names)}")
    return text
