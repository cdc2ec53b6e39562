"""`mien serve --stream`: where else frames and sound go."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from mien.cli.console import NOTE, asides, say
from mien.cli.files import Places
from mien.errors import NotWritable
from mien.messages import shown_path
from mien.stage.options import TRANSPARENT
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
        help="send frames and sound to rtmp://..., srt://..., udp:// or tcp:// (MPEG-TS), live.m3u8 (HLS), "
        "live.webm or http://... (WebM, with alpha), camera; raw RGBA to a pipe or - (standard output); may "
        "be given several times",
    )


_BEGINS: Final = {"webm": (b"\x1aE\xdf\xa3",), "hls": (b"#EXTM3U",)}
"""How files begin that an outlet may write over; raw pictures begin in any way."""


def check_streams(arguments: argparse.Namespace) -> None:
    """What cannot be is told before anything is loaded. Raises ScriptError, NotWritable, PackageMissing."""
    if arguments.stream:
        from mien.serve.outlets import check, kind_of

        places = Places()
        for address in arguments.stream:
            check(address)
            kind = kind_of(address)
            if (file := kind.path) is None:
                continue
            places.claim(file, "--stream", _BEGINS.get(kind.container, ()))
            if kind.container == "raw" and file.is_file() and file.stat().st_size:
                raise NotWritable(
                    f"--stream {shown_path(file)} is there already and would be lost; name a new one, or "
                    "remove it."
                )


def takes_out(arguments: argparse.Namespace) -> bool:
    """Whether a stream goes to standard output, where nothing else is written then."""
    if not arguments.stream:
        return False
    from mien.serve.outlets import TO_OUT

    return any(address in TO_OUT for address in arguments.stream)


def outlets_of(arguments: argparse.Namespace, performance: Performance) -> list[Outlet]:
    """The streams that the arguments name, which are to be begun."""
    if not arguments.stream:
        return []
    from mien.serve.outlets import Outlet

    def told(sentence: str) -> None:
        say(asides(), NOTE, sentence)
        performance.warn(sentence)

    stage = performance.stage
    size, alpha = Size(*stage.size), stage.options.background == TRANSPARENT
    outlets = [Outlet(one, size, stage.fps, told, alpha=alpha) for one in arguments.stream]
    performance.outlets = outlets
    return outlets
