"""`mien serve --vts`: plugins of VTube Studio drive the stage."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from mien.cli.console import asides, say, tell
from mien.errors import ScriptError
from mien.messages import quoted

if TYPE_CHECKING:
    from mien.serve.access import Access
    from mien.serve.server import Server
    from mien.serve.vts.plugins import Plugins
    from mien.serve.vts.port import Port

PORT: Final = 8001
"""VTube Studio's own."""


def add_vts(parser: argparse.ArgumentParser, port: Any) -> None:
    """Add the options; `port` reads one."""
    parser.add_argument(
        "--vts",
        type=port,
        nargs="?",
        const=PORT,
        metavar="PORT",
        help=f"plugins of VTube Studio drive the stage, by their API on that port, too (default: {PORT})",
    )
    parser.add_argument(
        "--vts-allow",
        action="append",
        default=[],
        metavar="NAME",
        help="let the plugin of that name in without asking; may be given several times",
    )
    parser.add_argument(
        "--vts-discover",
        action="store_true",
        help="tell plugins by UDP where that port is, as VTube Studio does",
    )


def plugins_of(arguments: argparse.Namespace) -> Plugins | None:
    """Which plugins may; None where none is asked for. Raises ScriptError, FormatError, AssetMissing."""
    from mien.serve.vts.plugins import Plugins, is_name, plugins_file

    if arguments.vts is None:
        for option, value in (
            ("--vts-allow", arguments.vts_allow),
            ("--vts-discover", arguments.vts_discover),
        ):
            if value:
                raise ScriptError(f"{option} is given without --vts; add --vts, or leave it out.")
        return None
    for name in arguments.vts_allow:
        if not is_name(name):
            raise ScriptError(
                f"--vts-allow {quoted(name)}: a plugin's name has 3 to 32 letters; see its own."
            )
    return Plugins(plugins_file(), arguments.vts_allow)


def vts_of(arguments: argparse.Namespace, server: Server, access: Access, plugins: Plugins) -> Port:
    """The port, which does not listen yet."""
    from mien.serve.vts.asking import asker
    from mien.serve.vts.port import Port

    ask, tells = asker(tell), arguments.vts_discover
    return Port(server.house, access, arguments.vts, plugins=plugins, ask=ask, tells=tells)


def tell_vts(port: Port) -> None:
    """Where plugins connect to."""
    say(asides(), (f"plugins of VTube Studio: {port.url}", "dim"))
