"""`mien serve --stream`: where else frames and sound go."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mien.cli.console import NOTE, asides, say
from mien.types import Size

if TYPE_CHECKING:
    from mien.serve.outlets import Outlet
    from mien.serve.performance import Performance


def add_stream(parser: argparse.ArgumentParser) -> None:
    """--stream."""
    parser.add_argument(
        "--stream",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="send frames and sound to rtmp://..., udp:// or tcp:// (MPEG-TS), live.m3u8 (HLS); raw RGBA to "
        "a pipe or - (standard output); may be given several times",
    )


def check_streams(arguments: argparse.Namespace) -> None:
    """What cannot be is told before anything is loaded. Raises ScriptError."""
    if arguments.stream:
        from mien.serve.outlets import kind_of

        for address in arguments.stream:
            kind_of(address)


def outlets_of(arguments: argparse.Namespace, performance: Performance) -> list[Outlet]:
    """The streams that the arguments name, which are to be begun."""
    if not arguments.stream:
        return []
    from mien.serve.outlets import Outlet

    def told(sentence: str) -> None:
        say(asides(), NOTE, sentence)
        performance.warn(sentence)

    size, rate = Size(*performance.stage.size), performance.stage.fps
    return [Outlet(address, size, rate, told) for address in arguments.stream]
