"""Whatever a program hands to the public API is taken, or refused with one sentence; no raw Python error.

Every public callable and every parameter is tried with every wrong kind of value. A stage that has refused
calls goes on, picture by picture and sample by sample, as one that was only given those that were taken.
"""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import mien
from art.build import tiny_character
from mien.art.layered import read_layered
from mien.composite import FrameRows
from mien.composite.gl import CompositorOptions
from mien.errors import AudioRejected, MienError, ScriptError
from mien.stage.base import BaseStage
from mien.stage.picture import Portrait
from mien.stage.video_file import VideoFile
from mien.testing import Timeline, open_on
from stage.test_stage import tone

SIZE: Final = (64, 48)


class Unprintable:
    """Of which nothing can be said."""

    def __repr__(self) -> str:
        raise RuntimeError("no representation")


class Unequal:
    """That is compared with nothing."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not comparable")


WRONG: Final[dict[str, Callable[[], Any]]] = {
    "None": lambda: None,
    "True": lambda: True,
    "zero": lambda: 0,
    "minus one": lambda: -1,
    "a half": lambda: 1.5,
    "nan": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "a huge integer": lambda: 10**5000,
    "a huge number": lambda: 1e308,
    "the text of a huger one": lambda: "1e999999999",
    "a complex": lambda: 3j,
    "a decimal": lambda: Decimal("NaN"),
    "a fraction": lambda: Fraction(1, 3),
    "no text": lambda: "",
    "a text": lambda: "nobody",
    "a text with nul": lambda: "a\0b",
    "half a character": lambda: "\ud800",
    "a long text": lambda: "x" * 5000,
    "escapes": lambda: "\x1b[31m\n",
    "bytes": lambda: b"bytes",
    "a bytearray": lambda: bytearray(b"bytes"),
    "a text file": lambda: io.StringIO("text"),
    "a list": lambda: ["otto"],
    "a list of integers": lambda: [1, 2, 3],
    "a pair": lambda: (1, "x"),
    "a nested list": lambda: [[None, [float("nan")]]],
    "a mapping": lambda: {"otto": object()},
    "a set": lambda: {1, "x"},
    "an array": lambda: np.zeros((48, 64, 3), np.float32),
    "an array of objects": lambda: np.array([None, "x"], dtype=object),
    "a number of numpy": lambda: np.float32("nan"),
    "a small one of numpy": lambda: np.float16(2.0),
    "a bool of numpy": lambda: np.True_,
    "a path": lambda: Path("nowhere"),
    "a generator": lambda: (_ for _ in ()),
    "what has no end": count,
    "a function": lambda: print,
    "a class": lambda: int,
    "an object": object,
    "what cannot be printed": Unprintable,
    "what cannot be compared": Unequal,
}


def filmed(to: Any, **given: Any) -> None:
    """A video of no frames, which leaves no file."""
    VideoFile(to, **given).close(keep=False)


def drawn_alone(**given: Any) -> None:
    """One character for pictures."""
    Portrait(**given).close()


CAST: Final = mien.CastEntry("otto", "otto")
STAGE_CALLS: Final[dict[str, dict[str, Any]]] = {
    "say": {
        "speaker": "otto",
        "audio": tone(0.02),
        "text": "hello",
        "words": (),
        "cues": (),
        "gap_s": 0.0,
        "timings": None,
        "key": None,
    },
    "set_expression": {"who": "otto", "expression": "happy"},
    "look_at": {"who": "otto", "target": "viewer"},
    "look_at_place": {"who": "otto", "x": 3.0, "y": 4.0},
    "standing": {"who": "otto"},
    "who_is_at": {"x": 3.0, "y": 4.0},
    "gesture": {"who": "otto", "gesture": ""},
    "nod": {"who": "otto", "depth": 1.0},
    "burst": {"who": "otto", "kind": "laugh"},
    "wear": {"who": "otto", "slot": "head", "drawing": None},
    "bounds": {"who": "otto", "slot": "head"},
    "move": {"who": "otto", "place": "left", "size": 1.0, "seconds": 0.1},
    "enter": {
        "who": "otto",
        "place": 0.5,
        "size": 0.9,
        "side": "left",
        "transition": "slide",
        "seconds": 0.1,
    },
    # Alone with itself, which is refused behind all else that is wrong.
    "swap": {"who": "otto", "other": "otto", "side": "left", "transition": "slide", "seconds": 0.1},
    "leave": {"who": "otto", "side": "left", "transition": "slide", "seconds": 0.1},
    "load": {"key": "more", "character": "otto", "place": "left", "size": 1.0, "done": print},
    "reload": {"who": "otto", "character": "otto", "done": print},
    "unload": {"key": "otto"},
    "queue": {"conversation": mien.load_conversation(mien.bundled("conversations", "hello"))},
    "frame": {"out": None},
    "channels": {"who": "otto", "in_parts": True},
    "hold": {"who": "otto", "channel": "jaw", "value": 0.5, "seconds": 0.1},
    "let_go": {"who": "otto", "channel": "jaw", "seconds": 0.1},
    "show_viseme": {"who": "otto", "viseme": "aa"},
    "repertoire": {"who": "otto"},
    "slots": {"who": "otto"},
    "expression": {"who": "otto"},
    "faults": {"who": "otto"},
    "solo": {"who": "otto", "slots": ["head"]},
    "mute": {"who": "otto", "slots": "mouth"},
    "outlines": {"who": "otto", "slots": None},
    "page_picture": {"number": 0, "size": 64, "part": (0, 2)},
    "seek": {"seconds": 0.1},
    "draw_to": {"framebuffer": 0, "viewport": (0, 0, 64, 48), "over": True},
}
"""Calls of a stage, and arguments that are right."""
RUNS: Final = {
    "frames": ("tail_s", "seconds", "out"),
    "frames_ahead": ("tail_s", "seconds"),
    "run": ("tail_s", "seconds"),
}

ELSEWHERE: Final = {
    "AddressPolicy.allows": "for who connects",
    "AsyncFrame": "a value that Mien makes",
    "AtlasPage": "a value that Mien makes",
    "ChannelState": "a value that Mien makes",
    "CharacterFaults": "a value that Mien makes",
    "ExpressionState": "a value that Mien makes",
    "Origin": "a value that Mien makes",
    "Repertoire": "a value that Mien makes",
    "Residency": "a value that Mien makes",
    "SlotOutline": "a value that Mien makes",
    "SlotState": "a value that Mien makes",
    "TimelineSpan": "a value that Mien makes",
    "TurnStatus": "a value that Mien makes",
    "TurnEvent": "a value that Mien makes",
    "TurnPosition": "a value that Mien makes",
    "Speaking": "tests/stage/test_speaking.py",
    "Speech": "a value that Mien makes",
    "Synthesizer": "tests/speech/test_synthesizers.py",
    "Staging": "a value that is checked where it is told",
    "Turn": "no public call takes one",
    "Watching": "tests/stage/test_watching.py",
    "Panel": "tests/preview/test_panel.py; its calls are a window's",
    "Backend": "tests/backend/test_wrong_arguments.py",
    "Window": "opened and run as a LiveStage is; needs a display",
    "AsyncStage": "tests/stage/test_on_thread.py: it hands its arguments to LiveStage",
    "Ledger.": "for the frame loop, which cannot check",
    "FrameRate.sample": "for the frame loop, which cannot check",
    "FrameRate.due_ns": "for the frame loop, which cannot check",
    "FrameRate.frame_at": "for the frame loop, which cannot check",
}
"""What is not tried here, and why."""


def attempt(call: Callable[[], object]) -> bool:
    """Whether a call was taken. What refuses it is one readable sentence."""
    try:
        call()
    except MienError as error:
        said = str(error)
        # The path of a file is said as it is.
        assert said and len(said) < 1200 and (said.isprintable() or isinstance(error, OSError)), ascii(said)
        return False
    return True


def variants(right: dict[str, Any]) -> Iterator[tuple[str, str, Callable[[], dict[str, Any]]]]:
    """(parameter, kind of value, makes the arguments) for every parameter and every wrong kind."""
    for name in right:
        for kind, make in WRONG.items():
            yield name, kind, lambda name=name, make=make: {**right, name: make()}  # type: ignore[misc]


def compared(stage: mien.Stage, twin: mien.Stage, count: int) -> None:
    for _ in range(count):
        assert np.array_equal(stage.frame(), twin.frame())
        assert np.array_equal(stage.sound, twin.sound)


@pytest.fixture(scope="module")
def twins() -> Iterator[tuple[mien.Stage, mien.Stage]]:
    """Two stages that all methods are tried on, one after the other."""
    with opened_twice() as stages:
        yield stages


@pytest.fixture
def two() -> Iterator[tuple[mien.Stage, mien.Stage]]:
    with opened_twice(fps=10) as stages:
        yield stages


@contextmanager
def opened_twice(fps: int = 30) -> Iterator[tuple[mien.Stage, mien.Stage]]:
    with (
        mien.open_stage([CAST], size=SIZE, fps=fps) as stage,
        mien.open_stage([CAST], size=SIZE, fps=fps) as twin,
    ):
        yield stage, twin


@pytest.mark.parametrize("method", STAGE_CALLS)
def test_a_stage_refuses_or_takes_whatever_it_is_told_and_draws_on(
    twins: tuple[mien.Stage, mien.Stage], method: str
) -> None:
    stage, twin = twins
    refused = 0
    for name, kind, arguments in variants(STAGE_CALLS[method]):
        if (method, name) == ("say", "audio"):
            continue  # below: what is read by a thread may come a frame later
        try:
            taken = attempt(lambda arguments=arguments: getattr(stage, method)(**arguments()))  # type: ignore[misc]
        except Exception as error:
            pytest.fail(f"{method}({name}={kind}): {type(error).__name__}: {error!a}")
        if taken:
            getattr(twin, method)(**arguments())
        refused += not taken
    assert refused > 10
    compared(stage, twin, 20)


def test_audio_that_can_be_none_is_refused_and_every_other_ends(two: tuple[mien.Stage, mien.Stage]) -> None:
    stage, _ = two
    for kind, make in WRONG.items():
        try:
            attempt(lambda make=make, key=f"with {kind}": stage.say("otto", make(), key=key))  # type: ignore[misc]
        except Exception as error:
            pytest.fail(f"say(audio={kind}): {type(error).__name__}: {error!a}")
    stage.say("otto", tone(0.1), key="right")
    ended = {}
    for _ in stage.frames(tail_s=0, seconds=600):
        ended.update({event.turn: event.damaged for event in stage.events() if event.kind == "finished"})
        if stage.idle:
            break
    ended.update({event.turn: event.damaged for event in stage.events() if event.kind == "finished"})
    assert ended.pop("right") is None
    # Only what may be the name of a file, the bytes of one, or a stream of them.
    assert set(ended) == {
        f"with {kind}"
        for kind in (
            "a text",
            "the text of a huger one",
            "a text with nul",
            "half a character",
            "a long text",
            "escapes",
            "bytes",
            "a bytearray",
            "a path",
            "a generator",
            "what has no end",
        )
    }
    assert all(ended.values())


@pytest.mark.parametrize(
    "audio", [np.zeros(480, np.float32), [1, 2, 3], ["a.wav"], {"a": b"b"}, io.StringIO("x"), 3, None]
)
def test_what_can_be_no_sound_is_told_where_it_is_said(
    two: tuple[mien.Stage, mien.Stage], audio: Any, tmp_path: Path
) -> None:
    with pytest.raises(AudioRejected):
        two[0].say("otto", audio)
    (tmp_path / "words.txt").write_text("words")
    with (tmp_path / "words.txt").open() as text, pytest.raises(AudioRejected, match="as text: open it with"):
        two[0].say("otto", text)  # type: ignore[arg-type]
    assert two[0].idle


@pytest.mark.parametrize(
    ("of", "right"),
    [
        ("words", {"text": "hello", "start_s": 0.0, "end_s": 0.1}),
        ("cues", {"at_s": 0.0, "kind": "nod", "value": 1.0, "slot": "", "fraction": None}),
        ("cues", {"at_s": 0.0, "kind": "gaze", "value": "viewer", "slot": "", "fraction": 0.5}),
        ("cues", {"at_s": 0.0, "kind": "expression", "value": "happy", "slot": "", "fraction": None}),
        ("cues", {"at_s": 0.0, "kind": "gesture", "value": "", "slot": "", "fraction": None}),
        ("cues", {"at_s": 0.0, "kind": "drawing", "value": None, "slot": "head", "fraction": None}),
        ("timings", {"scheme": "oculus", "marks": (("aa", 0.0, 0.1),)}),
    ],
)
def test_values_with_wrong_fields_are_refused_where_they_are_said(
    two: tuple[mien.Stage, mien.Stage], of: str, right: dict[str, Any]
) -> None:
    stage, twin = two
    kinds = {"words": mien.Word, "cues": mien.Cue, "timings": mien.VisemeTimings}

    def say(to: mien.Stage, fields: dict[str, Any]) -> None:
        value = kinds[of](**fields)
        given: Any = value if of == "timings" else [value]
        to.say("otto", tone(0.02), "hello", **{of: given})

    for name, kind, fields in variants(right):
        try:
            if attempt(lambda fields=fields: say(stage, fields())):  # type: ignore[misc]
                say(twin, fields())
        except Exception as error:
            pytest.fail(f"say({of}: {name}={kind}): {type(error).__name__}: {error!a}")
    for label in WRONG.values():
        marks = (((label(), 0.0, 0.1),), (("aa", label(), 0.1),), (("aa", 0.0, label()),), label())
        for wrong in marks if of == "timings" else ():
            if attempt(lambda wrong=wrong: say(stage, {**right, "marks": wrong})):  # type: ignore[misc]
                say(twin, {**right, "marks": wrong})
    for _ in range(30):  # 3 s: all that was taken is spoken
        compared(stage, twin, 1)
        assert [(e.kind, e.turn) for e in stage.events()] == [(e.kind, e.turn) for e in twin.events()]
    assert stage.warnings == twin.warnings


@pytest.mark.parametrize("method", RUNS)
def test_lengths_of_runs_are_refused_where_they_are_given(method: str) -> None:
    with (
        open_on(Timeline(), [CAST], size=SIZE) as live,
        mien.open_stage([CAST], size=SIZE) as stage,
    ):
        stages: list[Any] = [one for one in (live, stage) if hasattr(one, method)]
        for one in stages:
            names = [
                name for name in RUNS[method] if name in inspect.signature(getattr(one, method)).parameters
            ]
            for name in names:
                for kind, make in WRONG.items():
                    arguments = {"tail_s": 0, "seconds": 0.1, name: make()}

                    def go(one: Any = one, arguments: dict[str, Any] = arguments) -> None:
                        frames = getattr(one, method)(**arguments)
                        for _ in islice(frames or (), 3):
                            pass

                    try:
                        attempt(go)
                    except Exception as error:
                        pytest.fail(f"{method}({name}={kind}): {type(error).__name__}: {error!a}")
            for wrong in (float("nan"), -1, "1", True):
                with pytest.raises(ScriptError, match="tail_s cannot be"):
                    getattr(one, method)(tail_s=wrong)
                with pytest.raises(ScriptError, match="seconds cannot be"):
                    getattr(one, method)(seconds=wrong)
            assert one.frame().any()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_character(tmp_path_factory.mktemp("art") / "tiny")


OPTIONS: Final = [name for name, field in mien.StageOptions.__dataclass_fields__.items() if field.init]


@pytest.mark.parametrize("option", OPTIONS)
def test_options_are_refused_with_their_name_or_a_stage_is_opened(option: str, tiny: Path) -> None:
    refused = 0
    for kind, make in WRONG.items():
        value = make()
        try:
            mien.StageOptions(**{option: value})
        except ScriptError as error:
            said = str(error)
            assert said.isprintable() and len(said) < 400
            assert (option if option != "fps" else "frame rate") in said
            refused += 1
            continue
        except Exception as error:
            pytest.fail(f"{option}={kind}: {type(error).__name__}: {error!a}")
        keywords: dict[str, Any] = {"size": SIZE, option: value}

        def opened(keywords: dict[str, Any] = keywords) -> None:
            with mien.open_stage({"t": tiny}, **keywords) as stage:
                assert stage.frame().any()

        try:
            attempt(opened)
        except Exception as error:
            pytest.fail(f"{option}={kind}: {type(error).__name__}: {error!a}")
    assert refused > 15


@pytest.mark.parametrize("opens", [mien.open_stage, mien.open_live, mien.AsyncStage, mien.StageOptions.of])
def test_an_option_that_is_none_is_told_with_the_one_that_was_meant(opens: Callable[..., object]) -> None:
    if opens == mien.StageOptions.of:
        with pytest.raises(ScriptError, match="did you mean 'background'"):
            mien.StageOptions.of(None, {"backgroud": None})  # type: ignore[typeddict-unknown-key]
        with pytest.raises(ScriptError, match="options cannot be"):
            mien.Stage({"otto": "otto"}, 5)  # type: ignore[arg-type]
        return
    with pytest.raises(ScriptError, match=r"no option 'sise'; did you mean 'size'\?"):
        opens({"otto": "otto"}, sise=(3, 4))


@pytest.mark.parametrize("kind", [*WRONG, "wren", "keys", "entries"])
def test_a_cast_that_is_none_is_refused(kind: str, tiny: Path) -> None:
    casts: dict[str, list[Any]] = {
        "wren": ["wren", ["wren"], ("wren", "otto"), [1], [None], {}, []],
        "keys": [{"viewer": tiny}, {"": tiny}, {3: tiny}, {None: tiny}, {"a\nb": tiny}, {b"a": tiny}],
        "entries": [[mien.CastEntry(**{"key": "t", "character": tiny, name: make()})]
                    for name in ("key", "character", "place", "size") for make in WRONG.values()],
    }  # fmt: skip
    taken = 0
    for cast in casts.get(kind) or [WRONG[kind]()]:

        def opened(cast: Any = cast) -> None:
            with mien.open_stage(cast, size=SIZE) as stage:
                assert stage.frame().any()

        try:
            taken += attempt(opened)
        except Exception as error:
            pytest.fail(f"{cast!r:.200}: {type(error).__name__}: {error!a}")
    assert taken < 12 if kind == "entries" else not taken


@pytest.mark.parametrize(
    ("call", "right"),
    [
        (mien.bundled, {"kind": "characters", "name": "wren"}),
        (
            mien.load_character,
            {
                "path": "nowhere",
                "scale": 1.0,
                "page_size": 2048,
                "page_limit": 8192,
                "kept": None,
                "cache": None,
            },
        ),
        (mien.load_conversation, {"path": "nowhere", "addresses": mien.AddressPolicy()}),
        (mien.Address, {"url": "https://example.org/a.mp3", "policy": mien.AddressPolicy()}),
        (mien.Address.of, {"url": "https://example.org/a.mp3"}),
        (mien.AddressPolicy, {"private": False, "hosts": (), "public": True}),
        (mien.pack_character, {"folder": "nowhere", "out": "out.mien", "page_size": 2048}),
        (mien.FrameRate, {"exact": Fraction(30)}),
        (mien.FrameRate.of, {"value": 30}),
        (mien.FrameRate(Fraction(30)).frames, {"seconds": 1.0}),
        (mien.Ledger, {"interval_ms": 40.0, "realtime": True}),
        (mien.PcmFeed, {"rate": 48_000, "channels": 1, "kind": "speech", "most_s": 1.0}),
        (mien.EncodedFeed, {"format": None, "kind": "live", "most_bytes": 1000}),
        (
            lambda **given: mien.PcmFeed(48_000).push(**given),
            {"samples": np.zeros(3, np.float32), "at": None},
        ),
        (lambda **given: mien.PcmFeed(48_000).wait_for_room(**given), {"seconds": 0.1, "timeout_s": 0.0}),
        (
            lambda **given: mien.PcmFeed(48_000).push_timings(**given),
            {"timings": mien.VisemeTimings("oculus", (("aa", 0.0, 0.1),)), "offset_s": 0.0},
        ),
        (
            lambda **given: mien.EncodedFeed().push_timings(**given),
            {"timings": mien.VisemeTimings("words", ()), "offset_s": 0.0},
        ),
        (
            mien.timings_of_elevenlabs,
            {"alignment": {key: [] for key in ("chars", "charStartTimesMs", "charDurationsMs")}},
        ),
        (mien.timings_of_cartesia, {"message": {"words": [], "start": [], "end": []}}),
        (mien.timings_of_azure, {"events": {"viseme_id": 1, "audio_offset": 0}}),
        (mien.timings_of_kokoro, {"tokens": ()}),
        (lambda **given: mien.EncodedFeed().push(**given), {"data": b"data"}),
        (lambda **given: mien.EncodedFeed().fail(**given), {"reason": "it rains"}),
        (lambda **given: mien.EncodedFeed().wait_for_room(**given), {"n": 1, "timeout_s": 0.0}),
        (lambda **given: asyncio.run(mien.EncodedFeed().pump(**given)), {"chunks": ()}),
        (filmed, {"to": "a.mp4", "size": (16, 16), "fps": 30, "preset": None, "alpha": False, "live": False}),
        (drawn_alone, {"source": "nowhere", "height": None, "kept": None}),
        (FrameRows, {"capacity": 4, "size": (8, 8), "clear": (0.0, 0.0, 0.0, 0.0)}),
        (
            CompositorOptions,
            {name: one.default for name, one in CompositorOptions.__dataclass_fields__.items()},
        ),
        (read_layered, {"path": "nowhere.psd"}),
        (
            mien.open_synthesizer,
            {"voice": "en", "name": "espeak-ng", "speed": 1.0, "pitch": 1.0, "timeout_s": 30.0},
        ),
    ],
)
def test_whatever_a_function_or_a_value_is_given_is_refused_or_taken(
    call: Callable[..., object],
    right: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tiny: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, kind, arguments in variants(right):
        if (name, kind) == ("scale", "a class"):
            continue  # which is called for the scale: what it raises is the host's own
        given = arguments()
        if name not in ("path", "folder"):
            given = {key: tiny if key in ("path", "folder") else value for key, value in given.items()}
        try:
            attempt(lambda given=given: call(**given))  # type: ignore[misc]
        except Exception as error:
            pytest.fail(f"{name}={kind}: {type(error).__name__}: {error!a}")


@pytest.mark.parametrize("opens", [mien.Stage.of, mien.LiveStage.of, mien.Window.of, mien.open_window])
def test_what_no_stage_can_be_opened_with_is_refused_before_anything_is_opened(
    opens: Callable[..., object],
) -> None:
    for kind, make in WRONG.items():
        with pytest.raises(ScriptError, match=r"conversation cannot be|cast cannot be|the character of"):
            opens(make())
        if opens is mien.open_window:
            with pytest.raises(ScriptError, match="clock cannot be"):
                wrong: Any = 3 if kind == "None" else make()
                mien.open_window({"t": "wren"}, size=SIZE, clock=wrong)


def test_every_public_callable_and_parameter_is_tried() -> None:
    tried = {
        "open_stage", "open_live", "open_window", "StageOptions", "CastEntry", "Stage", "LiveStage",
        "bundled", "load_character", "load_conversation", "pack_character", "FrameRate", "FrameRate.of",
        "FrameRate.frames", "Ledger", "Word", "Cue", "VisemeTimings", "StageOptions.of",
        "StageOptions.ledger_for", "Stage.of", "LiveStage.of", "Window.of",
        "Address", "Address.of", "AddressPolicy",
        "PcmFeed", "EncodedFeed", "PcmFeed.push", "PcmFeed.wait_for_room", "EncodedFeed.push",
        "EncodedFeed.fail", "EncodedFeed.wait_for_room", "EncodedFeed.pump",
        "PcmFeed.push_timings", "EncodedFeed.push_timings", "timings_of_elevenlabs", "timings_of_cartesia",
        "timings_of_azure", "timings_of_kokoro", "open_synthesizer",
    }  # fmt: skip
    tried |= {f"{kind}.{method}" for kind in ("Stage", "LiveStage") for method in (*STAGE_CALLS, *RUNS)}
    left = []
    for name in mien.__all__:
        value = getattr(mien, name)
        if not callable(value) or (inspect.isclass(value) and issubclass(value, BaseException)):
            continue
        calls = {name: value}
        if inspect.isclass(value):
            members = inspect.getmembers(value, callable)
            calls |= {f"{name}.{member}": call for member, call in members if not member.startswith("_")}
        for called, call in calls.items():
            parameters = [one for one in inspect.signature(call).parameters if one not in ("self", "cls")]
            if parameters and called not in tried and not any(map(called.startswith, ELSEWHERE)):
                left.append((called, parameters))
    assert left == []
    for method, right in STAGE_CALLS.items():
        function = getattr(mien.Stage, method)
        assert set(inspect.signature(function).parameters) - {"self"} == set(right), method
    assert issubclass(mien.LiveStage, BaseStage) and issubclass(mien.Window, BaseStage)


def test_sides_may_come_as_an_array() -> None:
    assert FrameRows(4, np.array((8, 6))).size == (8, 6)  # type: ignore[arg-type]
