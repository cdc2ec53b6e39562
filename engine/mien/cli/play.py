"""`mien play`: a conversation in a window, live."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import Any

from rich.console import Console

from mien.cli import options
from mien.cli.verdict import print_verdict
from mien.talk import background_path


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "play",
        help="show a conversation live in a window",
        description="Esc or Q closes, F is full screen, Space interrupts the speaker.",
    )
    options.add_conversation(parser)
    parser.add_argument("--seconds", type=float, metavar="S", help="stop after so many seconds")
    parser.add_argument("--silent", action="store_true", help="play no sound; a paced sink keeps the time")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="write the last frame as a PNG")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play until the conversation is over, the window is closed, or Ctrl-C."""
    # Imported here: `mien render` must work where there is no window library and no display.
    from mien.audio import AudioSession
    from mien.show import Show, cast_of
    from mien.surface.stage import TAIL_S
    from mien.surface.window import Window

    console = Console(stderr=True)
    job = options.run_of(arguments)
    conversation, fps = job.conversation, job.fps
    ledger = job.ledger(realtime=True)
    console.print(f"[dim]getting ready: {conversation.title}[/]")
    with contextlib.ExitStack() as stack:
        audio = stack.enter_context(AudioSession("live", "null" if arguments.silent else "auto"))
        show = Show(
            cast_of(conversation),
            job.size,
            audio,
            background=background_path(conversation),
            seed=job.seed,
            page_budget=job.page_budget,
        )
        stack.callback(show.close)
        window = stack.enter_context(Window(show, audio, fps=fps, title=conversation.title, ledger=ledger))
        renderer, sink = window.renderer, audio.output
        stack.enter_context(job.written(ledger, command="play", renderer=renderer, sound=sink))
        console.print(f"[dim]{renderer}; sound: {sink}[/]")
        if window.is_software:
            console.print(
                "[yellow]note[/] drawn in software, without a GPU; if frames are late, try --size 960x540"
            )
        if audio.fallback:
            console.print(f"[yellow]note[/] {audio.fallback}")
        for turn in conversation.turns:
            show.queue(turn)
        quiet_since: float | None = None

        def keep_going(shown_s: float) -> bool:
            nonlocal quiet_since
            if arguments.seconds is not None and shown_s >= arguments.seconds:
                return False
            if not show.session.idle:
                quiet_since = None
            elif quiet_since is None:
                quiet_since = shown_s
            return quiet_since is None or shown_s - quiet_since < TAIL_S

        with contextlib.suppress(KeyboardInterrupt):
            window.run(keep_going)
        if arguments.screenshot and ledger.frames_produced:
            from PIL import Image

            arguments.screenshot.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(window.screenshot()).save(arguments.screenshot)
        remarks = tuple(show.session.remarks)
    print_verdict(
        ledger,
        title=conversation.title,
        facts={
            "picture": f"{job.size.width}x{job.size.height} at {fps} fps",
            "sound": sink,
            "renderer": renderer,
        },
        remarks=remarks,
        as_json=arguments.json,
    )
    return 0
