"""`mien serve`: where it listens, and who may connect."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mien.cli.files import file_name
from mien.errors import AssetMissing, ScriptError
from mien.messages import quoted, shown_path

if TYPE_CHECKING:
    from mien.serve.access import Access

PORT: Final = 8765
_MOST_TOKEN: Final = 4096


def add_way_in(parser: argparse.ArgumentParser) -> None:
    """--host, --port, --token, --token-file, --origin, --name, --allow, --clients."""
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="listen there (default: this machine alone)"
    )
    parser.add_argument("--port", type=port, default=PORT, metavar="N", help=f"0: any (default: {PORT})")
    parser.add_argument(
        "--token", metavar="TOKEN", help="what clients have to know; made and told where --host needs one"
    )
    parser.add_argument(
        "--token-file", type=file_name, metavar="FILE", help="the same, from a file's first line"
    )
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="pages of that origin may connect, as http://localhost:3000; may be given several times",
    )
    parser.add_argument(
        "--name", action="append", default=[], metavar="NAME", help="a name that this server is reached by"
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="PATH|URL",
        help="clients may name files in that folder, or addresses that begin so (https:// for all public "
        "ones); may be given several times",
    )
    parser.add_argument(
        "--clients", type=_clients, default=16, metavar="N", help="sessions at once (default: 16)"
    )


def access_of(arguments: argparse.Namespace) -> tuple[Access, bool]:
    """Who may connect, and whether the token was made here."""
    from mien.serve.access import Access, check_token, is_loopback, new_token

    if arguments.token is not None and arguments.token_file is not None:
        raise ScriptError("--token and --token-file are both given; keep one of them.")
    token = arguments.token if arguments.token_file is None else _read_token(arguments.token_file)
    if token is not None and (wrong := check_token(token)):
        raise ScriptError(f"--token: {wrong}; leave it out on another --host, and one is made.")
    made = token is None and not is_loopback(arguments.host)
    for origin in arguments.origin:
        if origin != "null" and ("://" not in origin or origin.count("/") != 2):
            raise ScriptError(
                f"--origin {quoted(origin)} is none; write scheme, host and port, as http://localhost:3000."
            )
    names = tuple(name.lower() for name in arguments.name)
    access = Access(arguments.host, new_token() if made else token or "", tuple(arguments.origin), names)
    return access, made


def _read_token(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            text = opened.read(_MOST_TOKEN).decode("utf-8", "replace")
    except OSError as error:
        raise AssetMissing(f"{shown_path(file)}: cannot be read ({error.strerror}); name another.") from None
    return (text.splitlines() or [""])[0].strip()


def port(text: str) -> int:
    """0 to 65535."""
    return whole(text, 0, 65535, "a port")


def _clients(text: str) -> int:
    return whole(text, 1, 1000, "a number of clients")


def whole(text: str, least: int, most: int, what: str) -> int:
    """A whole number; `what` it is, as `a port`. Raises ArgumentTypeError."""
    if not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not {what}; write {least} to {most}")
    return int(text)
