"""What plugins inject, whose it is and how long, and what the stage is told of it: on a clock of the test."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.motion.owners import RANGES
from mien.serve import commands as told
from mien.serve.vts.driver import Driver
from mien.serve.vts.envelope import ErrorId, Refused
from mien.serve.vts.parameters import DEFAULTS, Parameter, channels_of, viseme_of
from mien.serve.vts.tracking import Injected, Tracking
from mien.types import VISEMES

ONE = ("One", "Somebody")
OTHER = ("Other", "Somebody")


def inject(tracking: Tracking, mode: str = "set", now_s: float = 0.0, by: Any = ONE, **values: float) -> None:
    tracking.inject(by, mode, [Injected(*one) for one in values.items()], face=False, now_s=now_s)


def test_what_is_not_sent_again_is_over_after_a_second() -> None:
    tracking = Tracking()
    inject(tracking, FaceAngleX=10)
    assert tracking.next_end_s() == 1.0
    assert tracking.values(0.999) == {"FaceAngleX": 10}
    inject(tracking, now_s=0.9, FaceAngleX=20)
    assert tracking.values(1.5) == {"FaceAngleX": 20}
    assert tracking.values(1.9) == {}
    assert tracking.next_end_s() is None
    inject(tracking, by=OTHER, now_s=2.0, FaceAngleX=5)  # it is nobody's any more


def test_a_weight_mixes_with_the_default() -> None:
    tracking = Tracking()
    tracking.inject(ONE, "set", [Injected("EyeOpenLeft", 0.0, 0.25)], face=False, now_s=0)
    assert tracking.values(0) == {"EyeOpenLeft": pytest.approx(0.6)}


def test_many_add_to_what_one_sets() -> None:
    tracking = Tracking()
    inject(tracking, "add", FaceAngleX=1)
    inject(tracking, "add", by=OTHER, now_s=0.5, FaceAngleX=2)
    assert tracking.values(0.6) == {"FaceAngleX": 3}
    inject(tracking, now_s=0.6, FaceAngleX=10)
    assert tracking.values(0.7) == {"FaceAngleX": 13}
    assert tracking.values(1.2) == {"FaceAngleX": 12}
    assert tracking.values(1.55) == {"FaceAngleX": 10}


def test_a_plugin_has_no_more_parameters_than_it_may() -> None:
    tracking = Tracking()
    for number in range(100):
        tracking.create(ONE, Parameter(f"Param{number}", 0, 1, 0, *ONE), "")
    tracking.create(ONE, Parameter("Param7", 0, 5, 0, *ONE), "")  # its own again
    with pytest.raises(Refused) as refused:
        tracking.create(ONE, Parameter("Another", 0, 1, 0, *ONE), "")
    assert refused.value.error_id == ErrorId.PARAM_PLUGIN_LIMIT
    with pytest.raises(Refused) as refused:
        tracking.create(OTHER, Parameter("Param7", 0, 1, 0, *OTHER), "")
    assert refused.value.error_id == ErrorId.PARAM_OF_ANOTHER
    with pytest.raises(Refused) as refused:
        tracking.delete(OTHER, "Param7")
    assert refused.value.error_id == ErrorId.DELETE_OF_ANOTHER


@given(st.dictionaries(st.sampled_from([*DEFAULTS, "HeadYaw", "LidLeft", "Other"]), st.floats(-1e6, 1e6)))
def test_whatever_is_injected_is_within_the_channels(values: dict[str, float]) -> None:
    for channel, value in channels_of(values).items():
        low, high = RANGES[channel]
        assert low <= value <= high
    assert viseme_of(values) in (None, *VISEMES)


def test_only_what_is_injected_is_held() -> None:
    assert channels_of({}) == {} and viseme_of({}) is None
    assert channels_of({"MouthSmile": 1.0, "TongueOut": 1.0}) == {}
    assert channels_of({"MouthOpen": 0.5, "VoiceVolume": 1.0}) == {"jaw": 0.5}
    assert channels_of({"EyeLeftY": 1.0, "MousePositionX": -1.0}) == {"gaze_y": -1.0, "gaze_x": -1.0}


@pytest.mark.parametrize(
    ("values", "viseme"),
    [
        ({"MouthOpen": 0.0}, "sil"),
        ({"MouthOpen": 1.0}, "aa"),
        ({"MouthOpen": 1.0, "MouthSmile": 1.0}, "E"),
        ({"MouthOpen": 1.0, "MouthSmile": 0.0}, "O"),
        ({"VoiceA": 0.2, "VoiceO": 0.8}, "O"),
        ({"VoiceA": 0.2, "VoiceSilence": 0.8}, "sil"),
        ({"VoiceVolume": 1.0}, "aa"),
    ],
)
def test_a_mouth_is_drawn_as_it_is_tracked(values: dict[str, float], viseme: str) -> None:
    assert viseme_of(values) == viseme


class Loop:
    """What a driver needs of a loop: a time that a test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.at: dict[float, Any] = {}

    def time(self) -> float:
        return self.now_s

    def call_at(self, when: float, call: Any) -> Any:
        self.at[when] = call
        return type("Handle", (), {"cancel": lambda _: self.at.pop(when, None)})()

    def call_soon_threadsafe(self, call: Any) -> None:
        call()


class Told:
    """A stage that does what it is told when a test says so."""

    def __init__(self) -> None:
        self.commands: list[told.StageCommand] = []
        self.futures: list[Future[Any]] = []

    def do(self, command: told.StageCommand) -> Future[Any]:
        self.commands.append(command)
        self.futures.append(Future())
        return self.futures[-1]

    def done(self) -> list[told.StageCommand]:
        """All that was told since, which is done now."""
        commands, self.commands = self.commands, []
        futures, self.futures = self.futures, []
        for future in futures:
            future.set_result({})
        return commands


def driven() -> tuple[Driver, Tracking, Told, Loop]:
    tracking, stage, loop = Tracking(), Told(), Loop()
    driver = Driver(stage.do, tracking, cast("asyncio.AbstractEventLoop", loop))
    driver.drive("wren")
    return driver, tracking, stage, loop


def held(value: float) -> told.Hold:
    return told.Hold(who="wren", channel="head_yaw", value=value, seconds=0.05)


def test_what_comes_while_the_stage_is_told_waits_and_only_the_newest_of_it_is_told() -> None:
    driver, tracking, stage, _ = driven()
    for angle in (3, 6, 9, 30):
        inject(tracking, FaceAngleX=angle)
        driver.follow()
    assert stage.commands == [held(0.1)]
    assert stage.done() == [held(0.1)]
    assert stage.done() == [held(1.0)]
    driver.follow()
    assert stage.done() == []  # nothing has changed


def test_channels_are_let_go_a_second_after_the_last() -> None:
    driver, tracking, stage, loop = driven()
    inject(tracking, FaceAngleX=30, MouthOpen=1)
    driver.follow()
    assert len(stage.done()) == 3
    ((when, call),) = loop.at.items()
    assert when == 1.0
    loop.now_s = when
    call()
    assert {type(command) for command in stage.done()} == {told.LetGo, told.Viseme}
    assert not loop.at


def test_who_is_the_model_no_more_has_its_channels_back() -> None:
    driver, tracking, stage, _ = driven()
    inject(tracking, FaceAngleX=30)
    driver.follow()
    stage.done()
    driver.drive("otto")
    assert stage.done() == [told.LetGo(who="wren", channel="head_yaw", seconds=0.3)]
    assert stage.done() == [told.Hold(who="otto", channel="head_yaw", value=1.0, seconds=0.05)]
    driver.end()
    assert stage.done() == [told.LetGo(who="otto", channel="head_yaw", seconds=0.3)]
