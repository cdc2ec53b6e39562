"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

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


def add_conversation(parser: argparse.ArgumentParser) -> None:
    """CONVERSATION, --size, --fps, --seed, --ledger, --json."""
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
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
