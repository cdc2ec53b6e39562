"""A pointer over a stage: eyes follow it, a drag places, the wheel makes larger, and all can be put back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import mien
from mien.motion.timeline import ms
from mien.script import GazeSet, Placed
from mien.stage.hands import IDLE_S, Hands
from mien.stage.offline import Stage

SECOND = 1_000_000_000


@pytest.fixture
def stage() -> Iterator[Stage]:
    with mien.open_stage({"wren": "wren", "otto": "otto"}, size=(320, 180)) as opened:
        opened.frame()
        yield opened


def gaze_of(stage: Stage, who: str) -> tuple[float, float]:
    last = [one for one in stage._show.script.lanes(who)["gaze"] if isinstance(one, GazeSet)][-1]
    return (last.x, last.y)


def test_who_is_at_a_place_is_whose_canvas_is_there(stage: Stage) -> None:
    for who in ("wren", "otto"):
        head = stage.bounds(who, "head")
        assert stage.who_is_at(head.x + head.width / 2, head.y + head.height / 2) == who
    assert stage.who_is_at(-5, 10) is None
    stage.leave("otto", seconds=0)
    stage.frame()
    head = stage.bounds("otto", "head")
    assert stage.who_is_at(head.x + head.width / 2, head.y + 2) != "otto"


def test_what_standing_says_move_takes(stage: Stage) -> None:
    before = stage.standing("wren")
    stage.move("wren", (0.4, 0.9), 1.5, seconds=0)
    stage.frame()
    moved = stage.standing("wren")
    assert moved == pytest.approx((0.4, 0.9, 1.5), abs=1 / 180)
    stage.move("wren", (before.x, before.y), before.size, seconds=0)
    stage.frame()
    assert stage.standing("wren") == pytest.approx(before, abs=1 / 180)


def test_eyes_turn_to_a_place_from_where_they_are(stage: Stage) -> None:
    eyes = stage._show.blocking.places["wren"]
    for dx, dy in ((50, 0), (-50, 0), (0, 40), (0, -40)):
        stage.look_at_place("wren", eyes.x + dx, eyes.y + dy)
        stage.frame()
        told = stage._show.script.latest("wren", ("gaze", "trail"))
        assert isinstance(told, GazeSet)
        assert (told.x > 0, told.x < 0, told.y > 0, told.y < 0) == (dx > 0, dx < 0, dy > 0, dy < 0)
    with pytest.raises(mien.ScriptError, match="pixels from the frame's top left"):
        stage.look_at_place("wren", float("nan"), 1)


def test_eyes_follow_the_pointer_and_are_let_go_when_it_rests_or_leaves(stage: Stage) -> None:
    hands = Hands(stage)
    hands.point((300, 20), 0)
    hands.frame(0)
    stage.frame()
    assert all(gaze_of(stage, who)[0] > 0 and gaze_of(stage, who)[1] < 0 for who in stage.cast)
    told = len(stage._show.script.lanes("wren")["gaze"])
    hands.frame(round(IDLE_S * SECOND))
    stage.frame()
    assert len(stage._show.script.lanes("wren")["gaze"]) == told, "nothing is told while it rests"
    hands.frame(round(IDLE_S * SECOND) + 1)
    stage.frame()
    assert gaze_of(stage, "wren") == (0, 0), "the viewer"
    hands.point((10, 20), 4 * SECOND)
    hands.frame(4 * SECOND)
    stage.frame()
    assert gaze_of(stage, "wren")[0] < 0
    hands.point(None, 4 * SECOND)
    hands.frame(4 * SECOND)
    stage.frame()
    assert gaze_of(stage, "wren") == (0, 0)
    hands.leads = False
    hands.point((10, 20), 5 * SECOND)
    hands.frame(5 * SECOND)
    stage.frame()
    assert gaze_of(stage, "wren") == (0, 0)


def head_of(stage: Stage, who: str) -> tuple[float, float]:
    head = stage.bounds(who, "head")
    return (head.x + head.width / 2, head.y + head.height / 2)


def test_a_drag_places_and_a_second_click_puts_back(stage: Stage) -> None:
    hands, stood = Hands(stage), stage.standing("wren")
    x, y = head_of(stage, "wren")
    hands.point((x, y), 0)
    hands.press(0)
    hands.point((x + 2, y), 1)
    stage.frame()
    assert stage.standing("wren") == stood, "a hand slips"
    hands.point((x + 32, y - 18), 2)
    hands.release()
    hands.point((x + 90, y), 3)
    stage.frame()
    assert stage.standing("wren") == pytest.approx((stood.x + 0.1, stood.y - 0.1, 1), abs=1 / 180)
    x, y = head_of(stage, "wren")
    hands.point((x, y), SECOND)
    for at in (SECOND, SECOND + SECOND // 5):
        hands.press(at)
        hands.release()
    for _ in range(20):
        stage.frame()
    assert stage.standing("wren") == pytest.approx(stood, abs=1 / 180)
    assert any(
        isinstance(one, Placed) and one.lasts == ms(500) for one in stage._show.script.lanes("wren")["place"]
    )


def test_what_is_under_the_pointer_stays_there_while_the_wheel_makes_larger(stage: Stage) -> None:
    stage.leave("otto", seconds=0)
    stage.frame()
    hands = Hands(stage)
    x, y = head_of(stage, "wren")
    hands.point((x, y), 0)
    for _ in range(4):
        hands.turn(1)
    hands.frame(0)
    stage.frame()
    assert stage.standing("wren").size == pytest.approx(1.1**4)
    assert head_of(stage, "wren") == pytest.approx((x, y), abs=3)
    for steps, size in ((100, 4.0), (-1000, 0.05)):
        hands.turn(steps)
        hands.frame(0)
        stage.frame()
        assert stage.standing("wren").size == size
    hands.put_back()
    stage.frame()
    assert stage.standing("wren").size == 1


def test_a_press_beside_everybody_does_nothing(stage: Stage) -> None:
    hands, stood = Hands(stage), stage.standing("wren")
    hands.press(0)
    hands.point((-1, -1), 0)
    hands.press(0)
    hands.turn(1)
    hands.frame(0)
    hands.point((50, 50), 0)
    stage.frame()
    assert stage.standing("wren") == stood


def test_who_was_given_up_while_it_was_dragged_is_not_moved(stage: Stage) -> None:
    hands = Hands(stage)
    hands.point(head_of(stage, "wren"), 0)
    hands.press(0)
    stage.leave("wren", seconds=0)
    stage.frame()
    stage.unload("wren")
    for _ in range(30):
        stage.frame()
    hands.point((200, 100), 1)
    hands.put_back()
    assert "wren" not in stage.cast or stage.standing("wren")
