"""Options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from mien.catalog import DEFAULT_CONVERSATION, bundled_or_path
from mien.cli.background import Background, add_background, background_of
from mien.cli.files import Places, file_name
from mien.cli.foreign import refuse_foreign
from mien.cli.watch import Watch
from mien.clock import FrameRate
from mien.errors import AssetMissing, FormatError, ScriptError
from mien.messages import did_you_mean, encodable, quoted, shown_path
from mien.observe import Ledger, Observation, Outputs
from mien.observe.prometheus import require
from mien.observe.writer import older_part
from mien.stage.options import StageKeywords
from mien.talk import Conversation, alone, background_path, character_path, load_conversation
from mien.types import Size
from mien.writable import check_writable

LEDGER_LIMIT = 1_000_000_000
"""Bytes: some ten hours at 30 frames a second."""
LEDGERS = (b'{"kind":"run"', b'{"kind": "run"')
_TRACE = (b'{"displayTimeUnit"',)


def one_of(what: str, names: Collection[str]) -> Callable[[str], str]:
    """Reads one of some names; `what` they are, as `a preset`."""

    def read(text: str) -> str:
        if text not in names:
            known = f"known: {', '.join(names)}."  # all of them: they are an option's
            raise argparse.ArgumentTypeError(
                f"{quoted(text)} is not {what}; {did_you_mean(text, names, known)}"
            )
        return text

    return read


def size(text: str) -> Size:
    """WxH as two whole numbers of pixels, each 16..8192."""
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(map(_is_whole, parts)):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a size; write width x height, like 1280x720")
    width, height = (int(part) for part in parts)
    if not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise argparse.ArgumentTypeError(f"{quoted(text)}: width and height must be 16 to 8192 pixels")
    return Size(width, height)


def _is_whole(text: str) -> bool:
    return text.isdecimal() and len(text) < 10  # Python reads no number of thousands of digits


def fps(text: str) -> FrameRate:
    """Frames per second, as FrameRate.of reads them."""
    try:
        return FrameRate.of(text)
    except ScriptError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def megabytes(text: str) -> int:
    """Whole megabytes, 1..65536, as bytes."""
    if not _is_whole(text) or not 1 <= int(text) <= 65536:
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is not a memory size; write whole megabytes from 1 to 65536"
        )
    return int(text) * 1_000_000


def seconds(text: str) -> float:
    """Seconds, above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < inf:
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is not a length; write seconds above 0, like 20 or 2.5"
        )
    return value


def endpoint(text: str) -> tuple[str, int]:
    """PORT or ADDRESS:PORT, as address and port; the address of this machine alone by default."""
    address, _, port = text.rpartition(":")
    if not _is_whole(port) or not 1 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is not a port; write a number from 1 to 65535, or an address and one: "
            "0.0.0.0:9100"
        )
    return address or "127.0.0.1", int(port)


def add_conversation(parser: argparse.ArgumentParser, more: str = "") -> None:
    """CONVERSATION, --size, --fps, --background, --seed, --seconds, --ledger and its like, --json. `more`:
    what else than a conversation it may be, behind what the help says."""
    parser.add_argument(
        "conversation",
        nargs="?",
        metavar="CONVERSATION",
        help=f"a conversation.toml, its folder, or the name of a bundled one (default: hello){more}",
    )
    add_run(parser, "the conversation's")


def add_run(parser: argparse.ArgumentParser, usual: str) -> None:
    """The same without CONVERSATION; `usual`: whose frame rate and background it is where none is given."""
    parser.add_argument("--size", type=size, default=Size(1280, 720), metavar="WxH", help="default 1280x720")
    parser.add_argument("--fps", type=fps, metavar="N", help=f"30, 29.97, 30000/1001; default: {usual}")
    add_background(parser, usual)
    parser.add_argument("--seed", type=int, metavar="N", help="seed of all chance in motion")
    parser.add_argument("--seconds", type=seconds, metavar="S", help="stop after so many seconds")
    parser.add_argument("--ledger", type=file_name, metavar="FILE", help="write one JSON record a frame")
    parser.add_argument(
        "--ledger-limit",
        type=megabytes,
        default=LEDGER_LIMIT,
        metavar="MB",
        help=f"most of the ledger that is kept, the latest (default {LEDGER_LIMIT // 1_000_000})",
    )
    parser.add_argument("--trace", type=file_name, metavar="FILE", help="write a Chrome trace, for Perfetto")
    parser.add_argument(
        "--flight",
        type=file_name,
        metavar="FOLDER",
        help="when a frame is late, write the 10 s before it there",
    )
    parser.add_argument(
        "--metrics-port",
        type=endpoint,
        metavar="[ADDRESS:]PORT",
        help="serve Prometheus metrics while it runs (needs mien[metrics])",
    )
    parser.add_argument(
        "--page-budget",
        type=megabytes,
        metavar="MB",
        help="most memory for drawings on the GPU; what does not fit comes and goes (default: all stay)",
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


@dataclass(frozen=True, slots=True)
class Run:
    """What `add_conversation`'s options come to."""

    conversation: Conversation
    size: Size
    fps: FrameRate
    seed: int
    outputs: Outputs
    page_budget: int | None
    """Bytes."""
    background: Background | None
    """None: the conversation's."""

    def ledger(self, *, realtime: bool) -> Ledger:
        """The run's ledger, keeping records if they are to be written."""
        ledger = Ledger(1000 / self.fps.exact, realtime=realtime, keep=self.outputs.ledger is not None)
        # From now on: turns are decoded while the stage gets ready.
        ledger.spans.on = self.outputs.trace is not None
        return ledger

    def keywords(self, ledger: Ledger) -> StageKeywords:
        """How its stage is opened."""
        keywords: StageKeywords = {
            "size": self.size,
            "fps": self.fps,
            "seed": self.seed,
            "ledger": ledger,
            "page_budget": self.page_budget,
        }
        if self.background is not None:
            keywords["background"] = self.background
        return keywords

    def written(self, ledger: Ledger, **facts: str) -> Watch:
        """A context in which the run is watched and written down; to be opened when all is ready."""
        header = {
            **facts,
            "conversation": encodable(str(self.conversation.source)),
            "size": list(self.size),
            "fps": float(self.fps),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        return Watch(Observation(ledger, self.outputs, header))


def run_of(arguments: argparse.Namespace, places: Places, *, characters: bool = False) -> Run:
    """Read the conversation that the arguments name, and claim what else is written; `characters`: it may be
    one character as well. Raises MienError."""
    claim_outputs(arguments, places)
    name = DEFAULT_CONVERSATION if arguments.conversation is None else arguments.conversation
    refuse_foreign(name, "a conversation is a folder with conversation.toml, or a .toml file")
    path = bundled_or_path("conversations", name, *(("characters",) if characters else ()))
    if characters and _is_character(path):
        return run_with(alone(path), arguments, places)
    _refuse_others(path, characters)
    return run_with(load_conversation(path), arguments, places)


def _refuse_others(path: Path, characters: bool) -> None:
    """Raise for what is no conversation, as its name, or what a folder holds, says already: AssetMissing,
    FormatError. `characters`: what else is shown may be named, too."""
    if path.is_dir():
        if characters and not (path / "conversation.toml").is_file():
            raise AssetMissing(
                f"{shown_path(path)}: nothing in this folder can be shown; name one with conversation.toml, "
                "a character's, with character.toml, or one of sprites: pictures of its faces or its layers."
            )
    elif path.is_file() and path.suffix.lower() != ".toml":
        if not characters:
            raise FormatError(
                f"{shown_path(path)} is no conversation; name a folder with conversation.toml, or a .toml "
                "file."
            )
        from mien.importing.kinds import ALL_SUFFIXES

        raise FormatError(
            f"{shown_path(path)} is nothing that can be shown; name a conversation, a character, or art "
            f"({', '.join(ALL_SUFFIXES)}, a folder of pictures)."
        )


def claim_outputs(arguments: argparse.Namespace, places: Places) -> None:
    """Claim what is written of a run, but for its video. Raises MienError."""
    if arguments.metrics_port is not None:
        require()
    if arguments.ledger is not None:
        places.claim(arguments.ledger, "--ledger", LEDGERS)
        place = check_writable(arguments.ledger)
        if place.is_file() or not place.exists():
            places.claim(older_part(place), "--ledger, its older part:", LEDGERS)
    if arguments.trace is not None:
        places.claim(arguments.trace, "--trace", _TRACE)
    if arguments.flight is not None:
        places.claim(arguments.flight / "late.json", "--flight")


def run_with(conversation: Conversation, arguments: argparse.Namespace, places: Places) -> Run:
    """The run of a conversation that was read. Raises MienError."""
    background = background_of(arguments.background, opaque=True)
    places.spare(_read_by(conversation))
    if isinstance(background, Path):
        places.spare([background])
    return Run(
        conversation,
        arguments.size,
        arguments.fps or conversation.fps,
        conversation.seed if arguments.seed is None else arguments.seed,
        Outputs(
            arguments.ledger,
            arguments.trace,
            arguments.flight,
            arguments.metrics_port,
            arguments.ledger_limit,
        ),
        arguments.page_budget,
        background,
    )


def _is_character(path: Path) -> bool:
    """Whether it is a character, and no conversation."""
    if path.is_dir():
        return (path / "character.toml").is_file() and not (path / "conversation.toml").is_file()
    return path.suffix == ".mien" or path.name == "character.toml"


def _read_by(conversation: Conversation) -> Iterator[Path]:
    """The files, and folders of files, that a conversation is made of."""
    yield conversation.source
    for turn in conversation.turns:
        if isinstance(turn.audio, Path):
            yield turn.audio
    for member in conversation.cast:
        yield character_path(conversation, member)
    background = background_path(conversation)
    if background is not None:
        yield Path(background)
