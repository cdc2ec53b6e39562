"""`mien say`: a text that a character speaks, in a window, as a video, or as sound alone."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from mien.catalog import DEFAULT_CHARACTER, bundled_or_path
from mien.cli import options
from mien.cli.console import asides, show, tell
from mien.cli.files import Places, file_name
from mien.cli.foreign import refuse_foreign
from mien.cli.memory import check_to_draw
from mien.cli.play import add_live, claim_screenshot, perform
from mien.cli.progress import Waiting
from mien.cli.render import add_preset, film
from mien.errors import FormatError, ScriptError
from mien.messages import quoted, shown_path
from mien.part_file import write_whole
from mien.speech import Synthesizer, open_synthesizer
from mien.speech.synthesizer import MOST_LETTERS, SynthesizerName, checked
from mien.stage.encoders import SUFFIXES
from mien.stage.quiet import TAIL_S
from mien.talk import alone
from mien.talk.tags import say as said

if TYPE_CHECKING:
    from rich.console import Console

    from mien.stage.live import LiveStage
    from mien.stage.window import Window

_SOUND: Final = ".wav"
_LOOK_S: Final = 0.1
"""So long frames go on before it is looked again whether more is to be heard."""


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "say",
        help="have a character speak a text, with a speech synthesizer of this machine",
        description="Speaks with piper where it has a voice (pip install piper-tts), else with espeak-ng "
        "(apt install espeak-ng). Inline tags as [happy] are not spoken but followed.",
    )
    parser.add_argument("text", metavar="TEXT", help="what is spoken; - reads it from standard input")
    parser.add_argument(
        "--as",
        dest="character",
        default=DEFAULT_CHARACTER,
        metavar="CHARACTER",
        help="a folder, a .mien file, or the name of a bundled one (default: wren)",
    )
    parser.add_argument(
        "--voice",
        metavar="VOICE",
        help="of espeak-ng as en-gb, de or en+f3; of piper a file (.onnx), or its name in MIEN_PIPER_VOICES",
    )
    parser.add_argument(
        "--synthesizer",
        type=options.one_of("a synthesizer", get_args(SynthesizerName)),
        metavar="NAME",
        help=f"{' or '.join(get_args(SynthesizerName))} (default: the one that has the voice)",
    )
    parser.add_argument("--speed", type=_factor(3), default=1.0, metavar="X", help="0.5 to 3 (default 1)")
    parser.add_argument(
        "--pitch", type=_factor(2), default=1.0, metavar="X", help="0.5 to 2, of espeak-ng (default 1)"
    )
    parser.add_argument(
        "-o", "--output", type=file_name, metavar="FILE", help="write a video, or the sound alone (.wav)"
    )
    options.add_run(parser, "of a character alone")
    add_live(parser)
    add_preset(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Speak; the exit status is that of `play` and `render`."""
    places = Places()
    output: Path | None = arguments.output
    if output is not None:
        places.claim_named(output, "-o", (_SOUND, *SUFFIXES), "a sound or a video")
    text = _read() if arguments.text == "-" else arguments.text
    checked(text)
    if output is not None and output.suffix.lower() == _SOUND:
        with _opened(arguments) as synthesizer:
            speech = synthesizer.speak(text)
        write_whole(output, speech.audio)
        show(f"{shown_path(output)}: {speech.duration_s:.1f} s, {synthesizer.name} {synthesizer.voice}")
        return 0
    check_to_draw()
    claim_screenshot(arguments, places)
    options.claim_outputs(arguments, places)
    refuse_foreign(arguments.character, "a character is a folder with character.toml, or a .mien file")
    conversation = alone(bundled_or_path("characters", arguments.character))
    speaker = conversation.cast[0].key
    job = options.run_with(conversation, arguments, places)
    with _opened(arguments) as synthesizer:
        if output is None:
            return _performed(job, arguments, synthesizer, speaker, text)
        with Waiting(asides(), f"speaking, with {synthesizer.name}"):
            turns = tuple(
                said(speaker, one.audio, one.text, key=f"turn-{i}", words=one.words, timings=one.timings)
                for i, one in enumerate(synthesizer.sentences(text), 1)
            )
    return film(replace(job, conversation=replace(conversation, turns=turns)), arguments)


def _performed(
    job: options.Run, arguments: argparse.Namespace, synthesizer: Synthesizer, speaker: str, text: str
) -> int:
    """Live: sentence by sentence, each made while the one before is heard."""
    from mien.stage.speaking import Speaking

    wrong = list[str]()

    def told(_: str, sentence: str) -> None:
        if sentence:
            wrong.append(sentence)
            tell(f"mien: {sentence}")

    @contextlib.contextmanager
    def shown(stage: LiveStage | Window, _: Console) -> Iterator[Callable[[], object]]:
        with Speaking(stage, synthesizer, told) as speaking:
            speaking.say(speaker, text)
            yield lambda: _run(stage, speaking, arguments.seconds)

    return perform(job, arguments, shown) or int(bool(wrong))


def _run(stage: LiveStage | Window, speaking: Any, seconds: float | None) -> None:
    """Frames until all has been heard, also where the next sentence takes longer than the one before."""
    begin = stage.ledger.frames_expected

    def left_s() -> float | None:
        if seconds is None:
            return None
        return max(0.0, seconds - (stage.ledger.frames_expected - begin) / float(stage.fps))

    while speaking.busy and getattr(stage, "is_open", True) and left_s() != 0:
        stage.run(_LOOK_S, left_s())
    if getattr(stage, "is_open", True):
        stage.run(TAIL_S, left_s())


def _opened(arguments: argparse.Namespace) -> Synthesizer:
    with Waiting(asides(), "starting the speech synthesizer"):
        return open_synthesizer(
            arguments.voice, name=arguments.synthesizer, speed=arguments.speed, pitch=arguments.pitch
        )


def _read() -> str:
    """What stands on standard input, at most what can be spoken and a little more."""
    if sys.stdin is None:
        raise ScriptError("there is no standard input to read a text from; give it as an argument.")
    data = sys.stdin.buffer.read(4 * MOST_LETTERS + 4)  # of up to 4 bytes each
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and len(data) > 4 * MOST_LETTERS:
            return data.decode("utf-8-sig", "ignore")  # too long, which is told
        raise FormatError(
            f"standard input: byte {error.start} is {quoted(data[error.start : error.start + 1])}, which is "
            "no UTF-8; save the text as UTF-8."
        ) from error


def _factor(most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = options.seconds(text) if text else 0.0
        if not 0.5 <= value <= most:
            raise argparse.ArgumentTypeError(f"{quoted(text)} is not a factor from 0.5 to {most:g}")
        return value

    return read
