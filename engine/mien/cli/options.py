"""Options that several commands share."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from mien.catalog import DEFAULT_CONVERSATION, bundled_or_path
from mien.observe import Ledger, LedgerWriter
from mien.talk import Conversation, load_conversation
from mien.types import Size


def size(text: str) -> Size:
    """WxH as two whole numbers of pixels, each 16..8192."""
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write width x height, like 1280x720")
    width, height = (int(part) for part in parts)
    if not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise argparse.ArgumentTypeError(f"{text!r}: width and height must be 16 to 8192 pixels")
    return Size(width, height)


def fps(text: str) -> int:
    """Whole frames per second, 1..240."""
    if not text.isdigit() or not 1 <= int(text) <= 240:
        raise argparse.ArgumentTypeError(f"{text!r} is not a frame rate; write a whole number from 1 to 240")
    return int(text)


def megabytes(text: str) -> int:
    """Whole megabytes, 1..65536, as bytes."""
    if not text.isdigit() or not 1 <= int(text) <= 65536:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a memory size; write whole megabytes from 1 to 65536"
        )
    return int(text) * 1_000_000


def add_conversation(parser: argparse.ArgumentParser) -> None:
    """CONVERSATION, --size, --fps, --seed, --ledger, --page-budget, --json."""
    parser.add_argument(
        "conversation",
        nargs="?",
        metavar="CONVERSATION",
        help="a conversation.toml, its folder, or the name of a bundled one (default: hello)",
    )
    parser.add_argument("--size", type=size, default=Size(1280, 720), metavar="WxH", help="default 1280x720")
    parser.add_argument("--fps", type=fps, metavar="N", help="default: the conversation's, or 30")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of all chance in motion")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="write one JSON record a frame")
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
    fps: int
    seed: int
    ledger_path: Path | None
    page_budget: int | None
    """Bytes."""

    def ledger(self, *, realtime: bool) -> Ledger:
        """The run's ledger, keeping records if they are to be written."""
        return Ledger(1000 / self.fps, realtime=realtime, keep=self.ledger_path is not None)

    def written(self, ledger: Ledger, **facts: str) -> AbstractContextManager[object]:
        """A context in which the ledger is written to --ledger FILE; nothing without it."""
        if self.ledger_path is None:
            return nullcontext()
        header = {"conversation": str(self.conversation.source), "size": list(self.size), "fps": self.fps}
        return LedgerWriter(ledger, self.ledger_path, {**facts, **header})


def run_of(arguments: argparse.Namespace) -> Run:
    """Read the conversation that the arguments name. Raises MienError."""
    name = arguments.conversation or DEFAULT_CONVERSATION
    conversation = load_conversation(bundled_or_path("conversations", name))
    return Run(
        conversation,
        arguments.size,
        arguments.fps or round(conversation.fps),
        conversation.seed if arguments.seed is None else arguments.seed,
        arguments.ledger,
        arguments.page_budget,
    )
