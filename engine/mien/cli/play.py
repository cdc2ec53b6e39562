"""`mien play`: a conversation in a window, live."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from rich.console import Console

from mien.cli import options
from mien.cli.files import png_file, save_png
from mien.cli.verdict import Drawn, print_verdict, tell_foreseen

if TYPE_CHECKING:
    from mien.stage.live import LiveStage
    from mien.stage.window import Window


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "play",
        help="show a conversation live in a window",
        description="Esc or Q closes, F is full screen, Space interrupts the speaker.",
    )
    options.add_conversation(parser)
    parser.add_argument("--silent", action="store_true", help="play no sound; a paced sink keeps the time")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="write the last frame as a PNG")
    parser.add_argument(
        "--headless", action="store_true", help="keep real time without a window: for servers, and to measure"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play until the conversation is over, the window is closed, or Ctrl-C."""
    console = Console(stderr=True)
    shot = None if arguments.screenshot is None else png_file(arguments.screenshot)
    job = options.run_of(arguments)
    ledger = job.ledger(realtime=True)
    console.print(f"[dim]getting ready: {job.conversation.title}[/]")
    keywords = job.keywords(ledger)
    keywords["playout"] = "null" if arguments.silent else "auto"
    with contextlib.ExitStack() as stack:
        stage: LiveStage | Window
        if arguments.headless:
            from mien.stage.live import LiveStage

            stage = stack.enter_context(LiveStage.of(job.conversation, **keywords))
        else:
            # Imported here: `mien render` must work where there is no window library and no display.
            from mien.stage.window import Window

            stage = stack.enter_context(Window.of(job.conversation, **keywords))
        facts = {"renderer": stage.renderer, "sound": stage.output}
        stack.enter_context(job.written(ledger, command="play", **facts))
        console.print(f"[dim]{stage.renderer}; sound: {stage.output}[/]")
        tell_foreseen(console, stage.foreseen)
        if stage.fallback:
            console.print(f"[yellow]note[/] {stage.fallback}")
        with contextlib.suppress(KeyboardInterrupt):
            stage.run(seconds=arguments.seconds)
        if shot is not None and ledger.frames_produced:
            save_png(Image.fromarray(stage.screenshot()), shot)
        warnings, software = stage.warnings, stage.is_software
    print_verdict(
        ledger,
        title=job.conversation.title,
        facts={
            "picture": f"{job.size.width}x{job.size.height} at {job.fps} fps",
            "sound": facts["sound"],
            "renderer": facts["renderer"],
        },
        warnings=warnings,
        as_json=arguments.json,
        drawn=Drawn(job.size, software),
    )
    return 0
