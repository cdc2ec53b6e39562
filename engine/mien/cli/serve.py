"""`mien serve`: a stage for programs elsewhere, over WebSockets."""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from mien.catalog import DEFAULT_CHARACTER, bundled_or_path
from mien.cli import options
from mien.cli.background import add_background, background_of
from mien.cli.console import NOTE, asides, say
from mien.cli.foreign import refuse_foreign
from mien.cli.memory import check_to_draw
from mien.cli.progress import Waiting
from mien.cli.quiet import silence_alsa
from mien.cli.serve_access import access_of, add_way_in, port, whole
from mien.cli.serve_streams import add_stream, check_streams, outlets_of, takes_out
from mien.cli.serve_vts import add_vts, plugins_of, tell_vts, vts_of
from mien.cli.stopping import stopped_by
from mien.errors import MienError, RendererUnavailable, ScriptError
from mien.installing import pip_install
from mien.messages import quoted
from mien.types import Size

if TYPE_CHECKING:
    from mien.serve.access import Access
    from mien.serve.performance import Performance
    from mien.serve.server import Server
    from mien.serve.vts.port import Port
    from mien.stage.options import StageKeywords


_WAIT_S: Final = 0.25
"""Longest until a signal is noticed."""


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "serve",
        help="a stage that programs elsewhere tell, over WebSockets",
        description="Programs in any language send turns, cues and sound, and get events and frames. To this "
        "machine only, unless --host says otherwise. docs/serve.md has the messages.",
    )
    parser.add_argument(
        "cast",
        nargs="*",
        metavar="[KEY=]CHARACTER",
        help="who is there, back to front: a folder, a .mien file, or the name of a bundled one "
        f"(default: {DEFAULT_CHARACTER})",
    )
    add_way_in(parser)
    parser.add_argument("--size", type=options.size, default=Size(1280, 720), metavar="WxH", help="of frames")
    parser.add_argument("--fps", type=options.fps, metavar="N", help="30, 29.97, 30000/1001 (default: 30)")
    add_background(parser, "a plain, dark stage")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all chance in motion")
    parser.add_argument("--silent", action="store_true", help="play no sound here: clients are sent it")
    parser.add_argument(
        "--room", type=_count, default=2, metavar="N", help="for how many characters more (default: 2)"
    )
    parser.add_argument(
        "--history", type=options.seconds, metavar="S", help="seconds that `seek` can go back (default: 0)"
    )
    parser.add_argument("--fades", action="store_true", help="characters may come and go by opacity, too")
    parser.add_argument(
        "--no-spare",
        action="store_true",
        help="no second engine waits, in 270 MB, for the first to end: a crash costs seconds then",
    )
    parser.add_argument(
        "--webrtc",
        action="store_true",
        help="pages see and hear it by WebRTC; one is served (needs mien[webrtc])",
    )
    parser.add_argument(
        "--ice-server",
        action="append",
        default=[],
        metavar="URL",
        help="for pages behind other routers: stun:HOST:PORT, or turn:; may be given several times",
    )
    add_vts(parser, port)
    add_stream(parser)
    parser.add_argument("--json", action="store_true", help="print where it listens as JSON, in one line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until it is told to end, or its engine cannot go on."""
    if importlib.util.find_spec("websockets") is None:
        raise ScriptError(
            "mien serve needs the package websockets, which is not installed; run: "
            f"{pip_install('mien[serve]')}."
        )
    if arguments.webrtc and importlib.util.find_spec("aiortc") is None:
        raise ScriptError(
            f"--webrtc needs the package aiortc, which is not installed; run: {pip_install('mien[webrtc]')}."
        )
    for server in arguments.ice_server:
        if not server.startswith(("stun:", "stuns:", "turn:", "turns:")):
            raise ScriptError(f"--ice-server {quoted(server)} is none; write it as stun:HOST:PORT.")
    check_streams(arguments)
    check_to_draw()
    silence_alsa()
    from mien.serve.limits import Limits
    from mien.serve.performance import Performance
    from mien.serve.server import Server

    access, made = access_of(arguments)
    plugins = plugins_of(arguments)
    many = arguments.clients
    limits = Limits(clients=many, connections=4 * many, strangers=max(16, many))
    performance = Performance(_stage_of(arguments), _allowed_of(arguments), limits)
    server = Server(performance, access, arguments.port, limits=limits, peers=_peers_of(arguments))
    vts = None if plugins is None else vts_of(arguments, server, access, plugins)
    with ExitStack() as stack:
        try:
            stack.callback(performance.close)
            stack.enter_context(server)
            if vts is not None:
                stack.enter_context(vts)
            out = sys.stderr if takes_out(arguments) else sys.stdout
            _tell(server, access, made, vts, as_json=arguments.json, out=out)
            if vts is not None and not arguments.json:
                tell_vts(vts)
            if arguments.webrtc and not arguments.json:
                _tell_page(server, access, made)
            _open(performance, server)
            for outlet in outlets_of(arguments, performance):
                outlet.begin(performance.frames)
                stack.callback(outlet.end)
            # In short waits: a signal that the system gave to another thread wakes no wait of this one.
            while not performance.over.wait(_WAIT_S):
                continue
        except KeyboardInterrupt as stopped:
            stack.close()
            return stopped_by(stopped)
    raise RendererUnavailable(performance.readiness.wrong + ".")


def _open(performance: Performance, server: Server) -> None:
    console = asides()
    try:
        with Waiting(console, "getting ready"):
            performance.open()
    except MienError as error:
        server.house.tell_opened(str(error))
        raise
    server.house.tell_opened()
    stage = performance.stage
    say(console, (f"{stage.renderer}; sound: {stage.output}", "dim"))
    if stage.fallback:
        say(console, NOTE, stage.fallback)
    say(console, ("ready; Ctrl-C ends it", "dim"))


def _tell(
    server: Server, access: Access, made: bool, vts: Port | None, *, as_json: bool, out: TextIO
) -> None:
    """Where it listens: the result of the command, as soon as that is so."""
    host = f"[{access.host}]" if ":" in access.host else access.host
    url = f"ws://{host}:{server.port}/"
    if as_json:
        told = {"url": url, "port": server.port, **({"token": access.token} if made else {})}
        if vts is not None:
            told["vts"] = vts.url
        out.write(json.dumps(told) + "\n")
    else:
        out.write(url + "\n")
        if made:
            out.write(f"token: {access.token}\n")
    out.flush()


def _tell_page(server: Server, access: Access, made: bool) -> None:
    host = f"[{access.host}]" if ":" in access.host else access.host
    token = f"#token={access.token}" if made else "#token=..." if access.token else ""
    say(asides(), (f"the page: http://{host}:{server.port}/{token}", "dim"))


def _peers_of(arguments: argparse.Namespace) -> Any:
    if not arguments.webrtc:
        return None
    from mien.serve.webrtc import Peers

    return Peers(tuple(arguments.ice_server))


def _allowed_of(arguments: argparse.Namespace) -> Any:
    from mien.serve.allowed import Allowed

    return Allowed(arguments.allow)


def _stage_of(arguments: argparse.Namespace) -> Any:
    """Opens the stage. What is wrong with the arguments is found out before."""
    cast: dict[str, Path] = {}
    for named in arguments.cast or [DEFAULT_CHARACTER]:
        key, is_named, character = named.rpartition("=")
        refuse_foreign(character, "a character is a folder with character.toml, or a .mien file")
        path = bundled_or_path("characters", character)
        key = key if is_named else path.stem
        if key in cast:
            raise ScriptError(f"{quoted(key)} is twice in the cast; name one of them with KEY=CHARACTER.")
        cast[key] = path
    keywords: StageKeywords = {
        "size": arguments.size,
        "fps": arguments.fps or 30,
        "seed": arguments.seed,
        "background": background_of(arguments.background),
        "playout": "null" if arguments.silent else "auto",
        "room": arguments.room,
        "history_s": arguments.history or 0,
        "fades": arguments.fades,
    }

    def opened() -> Any:
        from mien.backend import Backend

        return Backend(cast, spare=not arguments.no_spare, **keywords)

    return opened


def _count(text: str) -> int:
    return whole(text, 0, 64, "a number of characters")
