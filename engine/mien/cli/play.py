"""`mien play`: a conversation in a window, live."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from mien.catalog import DEFAULT_CHARACTER
from mien.cli import options
from mien.cli.attended import RECORDED, ROOM, UNTIL_CLOSED_S, attended
from mien.cli.console import NOTE, asides, say, tell
from mien.cli.faults import faults_told
from mien.cli.files import Places, file_name, save_png
from mien.cli.memory import check_to_draw
from mien.cli.progress import Waiting
from mien.cli.quiet import silence_alsa
from mien.cli.shown_art import shown_art
from mien.cli.stopping import stopped_by
from mien.cli.verdict import Drawn, print_verdict, tell_foreseen
from mien.cli.watched import Watched
from mien.errors import Closed, NotWritable, ScriptError
from mien.messages import printable
from mien.stage import window_ahead, window_probe
from mien.stage.options import TRANSPARENT
from mien.talk.names import character_path
from mien.thread_priority import ahead

if TYPE_CHECKING:
    from rich.console import Console

    from mien.dropping import DroppedArt
    from mien.stage.live import LiveStage
    from mien.stage.options import StageKeywords
    from mien.stage.window import Window


KEYS: Final = (
    "Esc or Q closes, F is full screen, H shows the panel, Space stops the speaker and drops what is queued, "
    "R records a clip, S saves a still, 0 puts back who was moved"
)
"""What the window's keys do."""

_HISTORY_S: Final = 120.0
"""What the panel's timeline goes back to: 50 MB of sound at most."""
_UNTIL_CLOSED: Final = {"tail_s": UNTIL_CLOSED_S}
"""How one is shown who has nothing to say."""


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "play",
        help="show a conversation live in a window",
        description=f"Keys of the window: {KEYS}.",
    )
    options.add_conversation(
        parser,
        "; or a character, to look at: a folder, a .mien file, or the name of a bundled one; or art, as "
        "`mien import` takes it",
    )
    add_live(parser)
    parser.add_argument(
        "--watch", action="store_true", help="show characters and art anew whenever a file of theirs is saved"
    )
    parser.add_argument(
        "--companion",
        action="store_true",
        help="a window without frame or background, over other windows; clicks beside the characters go to "
        "what lies below",
    )
    parser.set_defaults(run=run)


def add_live(parser: argparse.ArgumentParser) -> None:
    """--silent, --screenshot, --headless, --quality and --record-as."""
    parser.add_argument("--silent", action="store_true", help="play no sound, and ask for no sound device")
    parser.add_argument("--screenshot", type=file_name, metavar="FILE", help="write the last frame as a PNG")
    parser.add_argument(
        "--headless", action="store_true", help="keep real time without a window: for servers, and to measure"
    )
    parser.add_argument(
        "--quality",
        type=options.one_of("a quality", ("auto", "fixed")),
        metavar="Q",
        default="auto",
        help="auto: slow parts in coarser steps, then fewer pixels, before a frame is left out; fixed: all "
        "pixels, everything where it is (default: auto)",
    )
    parser.add_argument(
        "--record-as",
        type=options.one_of("a kind of clip", RECORDED),
        metavar="KIND",
        default=RECORDED[0],
        help=f"what R records in the window: {', '.join(RECORDED)} (default: {RECORDED[0]})",
    )


def run(arguments: argparse.Namespace) -> int:
    """Play until the conversation is over, the window is closed, or Ctrl-C."""
    places = Places()
    check_to_draw()
    claim_screenshot(arguments, places)
    if arguments.headless and arguments.companion:
        raise ScriptError("--companion is of a window, and --headless opens none: leave one of them out.")
    # A window without anything to show shows what is bundled, and waits for what is dropped on it.
    stays = arguments.conversation is None and not arguments.headless
    if stays and arguments.companion:
        arguments.conversation = DEFAULT_CHARACTER
    known = arguments.headless or window_ahead.is_ready()
    probed = contextlib.nullcontext() if known else window_probe.begun()
    with probed, contextlib.ExitStack() as shows:
        try:
            art = shows.enter_context(shown_art(arguments, asides()))
        except Closed:
            return _closed()
        job = options.run_of(arguments, places, characters=True)
        watched = Watched(art) if arguments.watch else None

        @contextlib.contextmanager
        def shown(stage: LiveStage | Window, console: Console) -> Iterator[Callable[[], object]]:
            if art is None:  # which has told it
                _tell_faults(job, stage, console)
            tail = {} if job.conversation.turns and not stays else _UNTIL_CLOSED
            with contextlib.ExitStack() as beside:
                if watched is not None:
                    beside.enter_context(watched.beside(stage, console))
                yield lambda: stage.run(seconds=arguments.seconds, **tail)

        more: StageKeywords = {"room": int(arguments.watch), "companion": arguments.companion}
        if arguments.companion and job.background is None:
            more["background"] = TRANSPARENT
        return perform(job, arguments, shown, more, None if watched is None else watched.take)


def _tell_faults(job: options.Run, stage: LiveStage | Window, console: Console) -> None:
    """What was missed in the art of the cast, lies over it or is doubted, as the imports did."""
    paths = {character_path(job.conversation, one): one.key for one in job.conversation.cast}
    of_art = {path: who for path, who in paths.items() if any(slot.origins for slot in stage.slots(who))}
    for path, who in of_art.items():
        for sentence in chain(*faults_told(path, stage.faults(who)).values()):
            say(console, (sentence, "dim"))


def claim_screenshot(arguments: argparse.Namespace, places: Places) -> None:
    """Claim the place of the last frame's picture, if one is wanted. Raises NotWritable."""
    if arguments.screenshot is not None:
        places.claim_named(arguments.screenshot, "--screenshot", (".png",), "a picture")


def perform(
    job: options.Run,
    arguments: argparse.Namespace,
    shown: Callable[[LiveStage | Window, Console], AbstractContextManager[Callable[[], object]]],
    more: StageKeywords | None = None,
    art: Callable[[DroppedArt], object] | None = None,
) -> int:
    """Open the stage of a run, show it, and say how it went: the exit status.

    `shown`: given the stage, a context, for what goes on beside the frames, of a function that shows them
    until all is over; `more` of how the stage is opened; `art` is told of art that is dropped.
    """
    console = asides()
    shot: Path | None = arguments.screenshot
    ledger = job.ledger(realtime=True)
    keywords = job.keywords(ledger)
    keywords["playout"] = "null" if arguments.silent else "auto"
    keywords["quality"] = arguments.quality
    keywords.update(more or {})
    if not arguments.headless:
        keywords["history_s"] = _HISTORY_S
        keywords["room"] = max(ROOM, keywords.get("room", 0))
    silence_alsa()
    stopped: KeyboardInterrupt | None = None
    lost: list[NotWritable] = []
    with contextlib.ExitStack() as stack:
        # A display may keep whoever opens a window waiting.
        with Waiting(console, f"getting ready: {printable(job.conversation.title)}"):
            try:
                stage: LiveStage | Window = _stage(arguments, job, keywords)
            except Closed:
                return _closed()
        stack.callback(stage.close)
        facts = {"renderer": stage.renderer, "sound": stage.output}
        if (paced_by := getattr(stage, "paced_by", None)) is not None:
            facts["paced_by"] = paced_by
        watch = stack.enter_context(job.written(ledger, command="play", **facts))
        say(console, (f"{stage.renderer}; sound: {stage.output}", "dim"))
        if not arguments.headless:
            say(console, (f"keys: {KEYS}", "dim"))
            say(console, ("drop a character, art, a sound or a conversation on the window", "dim"))
            _give_panel(stage)
            _tell_of_companion(stage, console, arguments)
        if stage.fallback:
            say(console, NOTE, stage.fallback)
        # Sound is decoded from here on: behind what holds the GIL for long, above all the full collection.
        stage.queue(job.conversation)
        tell_foreseen(console, stage.foreseen)
        go_on = _attended(stack, stage, console, arguments, art)
        show = stack.enter_context(shown(stage, console))
        with ahead():
            try:
                show()
                go_on()
            except KeyboardInterrupt as told:
                stopped = told
        if shot is not None and ledger.frames_produced:
            try:
                save_png(Image.fromarray(stage.screenshot()), shot)
            except NotWritable as unwritten:
                lost.append(unwritten)
        warnings, software = stage.warnings, stage.is_software
    # Before the verdict: whoever reads that may have gone.
    for error in (*lost, *watch.unwritten):
        tell(f"mien: {error}")
    failed = bool(lost or watch.unwritten or ledger.turns_unheard)
    status = int(failed) if stopped is None else stopped_by(stopped)
    print_verdict(
        ledger,
        title=job.conversation.title,
        facts={
            "picture": f"{job.size.width}x{job.size.height} at {job.fps} fps",
            "sound": facts["sound"],
            "renderer": facts["renderer"],
        },
        warnings=(*warnings, *watch.remarks),
        as_json=arguments.json,
        drawn=Drawn(job.size, software),
    )
    return status


def _closed() -> int:
    tell("mien: the window was closed before it was ready.")
    return 0


def _attended(
    stack: contextlib.ExitStack,
    stage: LiveStage | Window,
    console: Console,
    arguments: argparse.Namespace,
    art: Callable[[DroppedArt], object] | None,
) -> Callable[[], object]:
    """A window takes what is dropped; what goes on showing it, where something was and no time is set."""
    if arguments.headless:
        return lambda: None
    from mien.stage.window import Window

    assert isinstance(stage, Window)
    go_on = stack.enter_context(attended(stage, console, arguments.record_as, art))
    return go_on if arguments.seconds is None else lambda: None


def _tell_of_companion(stage: LiveStage | Window, console: Console, arguments: argparse.Namespace) -> None:
    if getattr(arguments, "companion", False):
        plain = getattr(stage, "plain_because", None)
        if plain:
            say(console, NOTE, plain)
        else:
            say(console, ("drag it where it is to stand; the wheel makes it larger", "dim"))
            say(console, ("Ctrl-C here ends it, or a click on it, then Esc", "dim"))


def _give_panel(stage: LiveStage | Window) -> None:
    """H shows the panel from now on; where its library is missing, it is said what to install."""
    from mien.preview import Panel
    from mien.stage.window import Window

    if isinstance(stage, Window):
        stage.overlay = Panel(stage, stage.note)


def _stage(arguments: argparse.Namespace, job: options.Run, keywords: StageKeywords) -> LiveStage | Window:
    if arguments.headless:
        from mien.stage.live import LiveStage

        return LiveStage.of(job.conversation, queued=False, **keywords)
    # Imported here: `mien render` must work where there is no window library and no display.
    from mien.stage.window import Window

    return Window.of(job.conversation, queued=False, **keywords)
