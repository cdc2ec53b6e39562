"""`mien play`: a conversation in a window, live."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from mien.cli import options
from mien.cli.verdict import print_verdict
from mien.observe import Ledger
from mien.talk import background_path
from mien.types import U8


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


@dataclass(frozen=True, slots=True)
class _Surface:
    """Where the conversation is played."""

    renderer: str
    is_software: bool
    sound: str
    fallback: str | None
    warnings: Callable[[], tuple[str, ...]]
    play: Callable[[], None]
    screenshot: Callable[[], U8]


def run(arguments: argparse.Namespace) -> int:
    """Play until the conversation is over, the window is closed, or Ctrl-C."""
    console = Console(stderr=True)
    job = options.run_of(arguments)
    ledger = job.ledger(realtime=True)
    console.print(f"[dim]getting ready: {job.conversation.title}[/]")
    with contextlib.ExitStack() as stack:
        surface = (_headless if arguments.headless else _window)(stack, job, ledger, arguments)
        stack.enter_context(
            job.written(ledger, command="play", renderer=surface.renderer, sound=surface.sound)
        )
        console.print(f"[dim]{surface.renderer}; sound: {surface.sound}[/]")
        if surface.is_software:
            console.print(
                "[yellow]note[/] drawn in software, without a GPU; if frames are late, try --size 960x540"
            )
        if surface.fallback:
            console.print(f"[yellow]note[/] {surface.fallback}")
        with contextlib.suppress(KeyboardInterrupt):
            surface.play()
        if arguments.screenshot and ledger.frames_produced:
            from PIL import Image

            arguments.screenshot.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(surface.screenshot()).save(arguments.screenshot)
        warnings = surface.warnings()
    print_verdict(
        ledger,
        title=job.conversation.title,
        facts={
            "picture": f"{job.size.width}x{job.size.height} at {job.fps} fps",
            "sound": surface.sound,
            "renderer": surface.renderer,
        },
        warnings=warnings,
        as_json=arguments.json,
    )
    return 0


def _window(
    stack: contextlib.ExitStack, job: options.Run, ledger: Ledger, arguments: argparse.Namespace
) -> _Surface:
    # Imported here: `mien render` must work where there is no window library and no display.
    from mien.audio import AudioSession
    from mien.stage.offline import TAIL_S
    from mien.stage.show import Show, cast_of
    from mien.stage.window import Window

    conversation = job.conversation
    audio = stack.enter_context(
        AudioSession("live", "null" if arguments.silent else "auto", spans=ledger.spans)
    )
    show = Show(
        cast_of(conversation),
        job.size,
        audio,
        background=background_path(conversation),
        seed=job.seed,
        page_budget=job.page_budget,
    )
    window = stack.enter_context(Window(show, audio, fps=job.fps, title=conversation.title, ledger=ledger))
    stack.callback(show.close)
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

    def play() -> None:
        for turn in conversation.turns:
            show.session.queue(turn)
        window.run(keep_going)

    return _Surface(
        window.renderer,
        window.is_software,
        audio.output,
        audio.fallback,
        lambda: tuple(show.session.warnings),
        play,
        window.screenshot,
    )


def _headless(
    stack: contextlib.ExitStack, job: options.Run, ledger: Ledger, arguments: argparse.Namespace
) -> _Surface:
    from mien.stage.live import LiveStage

    stage = stack.enter_context(
        LiveStage.of(
            job.conversation,
            size=job.size,
            fps=job.fps,
            seed=job.seed,
            ledger=ledger,
            page_budget=job.page_budget,
            playout="null" if arguments.silent else "auto",
        )
    )

    def play() -> None:
        for _ in stage.frames(seconds=arguments.seconds):
            pass

    return _Surface(
        stage.renderer,
        stage.is_software,
        stage.sound,
        stage.fallback,
        lambda: stage.warnings,
        play,
        lambda: stage.picture,
    )
