"""`mien render`: a conversation to a video file, headless."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from mien.cli import options
from mien.cli.console import asides, tell
from mien.cli.files import Places, file_name
from mien.cli.memory import check_to_draw
from mien.cli.outlook import Outlook
from mien.cli.progress import RenderProgress, Waiting
from mien.cli.stopping import stopped_by
from mien.cli.verdict import print_verdict, tell_foreseen
from mien.errors import ScriptError
from mien.messages import printable, quoted
from mien.observe import Ledger
from mien.split.job import Job
from mien.split.local import LocalPool
from mien.split.ranges import Pool
from mien.split.stage import SplitRender
from mien.stage.encoders import DEFAULT_PRESET, PRESETS, SUFFIXES
from mien.stage.offline import Stage
from mien.stage.quiet import TAIL_S
from mien.stage.video_file import VideoFile

_MOST_WORKERS: Final = 64


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "render", help="render a conversation to a video file, headless"
    )
    options.add_conversation(parser)
    parser.add_argument(
        "-o", "--output", type=file_name, default=Path("out.mp4"), metavar="FILE", help="default out.mp4"
    )
    add_preset(parser)
    parser.add_argument(
        "--workers",
        type=workers,
        default=1,
        metavar="N",
        help=f"processes that draw, each a range of frames; the same file (1 to {_MOST_WORKERS}, default 1)",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="the workers of a Dask cluster draw; of its scheduler, tcp://HOST:8786 (needs mien[cluster])",
    )
    parser.set_defaults(run=run)


def add_preset(parser: argparse.ArgumentParser) -> None:
    """--preset."""
    parser.add_argument(
        "--preset",
        type=options.one_of("a preset", PRESETS),
        metavar="NAME",
        help=f"of H.264: {', '.join(PRESETS)}; slower is better for its size (default {DEFAULT_PRESET})",
    )


def workers(text: str) -> int:
    """A whole number of processes."""
    if not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is not a number of processes; write 1 to {_MOST_WORKERS}"
        )
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Render; Ctrl-C, SIGTERM and SIGHUP leave a playable file of what was done."""
    if arguments.cluster is not None and arguments.workers > 1:
        raise ScriptError("--workers draw on this machine and --cluster on others: give one of them.")
    places = Places()
    check_to_draw()
    places.claim_named(arguments.output, "-o", SUFFIXES, "a video")
    return film(options.run_of(arguments, places), arguments, _pool_of(arguments))


def film(job: options.Run, arguments: argparse.Namespace, pool: Callable[[Job], Pool] | None = None) -> int:
    """Render a run, as `run` does, to `arguments.output`; `pool`: whose processes draw, None for this one."""
    console = asides()
    ledger = job.ledger(realtime=False)
    stopped: KeyboardInterrupt | None = None
    with contextlib.ExitStack() as stack:
        # First: a name that cannot be written is told before anything is loaded.
        video = stack.enter_context(VideoFile(arguments.output, job.size, job.fps, preset=arguments.preset))
        with Waiting(console, f"getting ready: {printable(job.conversation.title)}"):
            stage = _opened(job, ledger, arguments.seconds, pool)
            stack.push(stage)
        tell_foreseen(console, stage.foreseen)
        watch = stack.enter_context(job.written(ledger, command="render", renderer=stage.renderer))
        outlook = Outlook(job.conversation.turns, float(job.fps), TAIL_S, arguments.seconds)
        at_once = 1 if isinstance(stage, Stage) else stage.at_once
        progress = stack.enter_context(RenderProgress(console, outlook, at_once=at_once))
        try:
            for picture in stage.frames_ahead(seconds=arguments.seconds):
                video.write(picture, stage.sound)
                progress.frame(ledger.frames_produced, stage.events())
        except KeyboardInterrupt as told:
            stopped = told
        warnings = stage.warnings
        # Not behind the ledger: whoever reads that from a pipe may have stopped reading.
        video.close()
    # Before the verdict: whoever reads that may have gone.
    for lost in watch.unwritten:
        tell(f"mien: {lost}")
    status = int(bool(watch.unwritten or ledger.turns_unheard))
    if stopped is not None:
        kept = "what was rendered so far is in the file" if ledger.frames_produced else ""
        status = stopped_by(stopped, kept)
    print_verdict(
        ledger,
        title=f"{arguments.output}" + (" (stopped early)" if stopped else ""),
        facts={
            "picture": f"{job.size.width}x{job.size.height} at {job.fps} fps, {video.codecs[0]}",
            "sound": "".join(f"48 kHz stereo, {codec}" for codec in video.codecs[1:])
            or "none in such a file",
            "renderer": stage.renderer,
        },
        warnings=(*warnings, *watch.remarks),
        as_json=arguments.json,
    )
    return status


def _pool_of(arguments: argparse.Namespace) -> Callable[[Job], Pool] | None:
    """Who draws, as the arguments say; None for this process."""
    if arguments.cluster is not None:
        from mien.split.cluster import ClusterPool  # loads Dask

        return partial(ClusterPool, address=arguments.cluster)
    return partial(LocalPool, workers=arguments.workers) if arguments.workers > 1 else None


def _opened(
    job: options.Run, ledger: Ledger, seconds: float | None, pool: Callable[[Job], Pool] | None
) -> Stage | SplitRender:
    if pool is None:
        return Stage.of(job.conversation, **job.keywords(ledger))
    return SplitRender(job.conversation, pool, seconds=seconds, **job.keywords(ledger))
