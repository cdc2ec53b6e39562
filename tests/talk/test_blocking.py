"""Who stands where: composed for one to six, and who comes or goes makes room without passing anybody."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from mien.art.head import head_of
from mien.art.load import load_character
from mien.catalog import bundled
from mien.character import Character, Expression, Gaze, Lids, Mouth
from mien.clock import SAMPLE_RATE
from mien.script import Entered, Exited, Placed, Staged, StagingKind
from mien.stage.cast import CastEntry, scale_of
from mien.talk.blocking import Blocking, Member, StageEvent
from mien.talk.row import beside, fills, spots
from mien.types import Size

FRAME = Size(320, 180)


@cache
def loaded(name: str, count: int) -> Character:
    scale = scale_of(CastEntry(name, name), FRAME, count)
    return load_character(Path(bundled("characters", name)), scale=scale, page_size=1024).character


def blocking(cast: str, here: str | None = None, **places: tuple[float, float]) -> Blocking:
    """Of a cast `abc`, Wren and Otto in turns, of whom those in `here` are on stage."""
    return Blocking(
        FRAME,
        {
            key: Member(
                loaded(("wren", "otto")[n % 2], len(cast)), places.get(key), here=here is None or key in here
            )
            for n, key in enumerate(cast)
        },
    )


def told(kind: StagingKind, who: str, at: int = SAMPLE_RATE, **more: object) -> Staged:
    return Staged(at, who, kind, SAMPLE_RATE // 2, **more)  # type: ignore[arg-type]


def row(stage: Blocking) -> str:
    """Those on stage from left to right."""
    return "".join(sorted(stage.places, key=lambda key: stage.places[key].x))


@pytest.mark.parametrize(("x", "order"), [(0.25, "cab"), (0.5, "acb"), (0.8, "abc")])
def test_the_others_are_spread_beside_one_who_has_a_place(x: float, order: str) -> None:
    stage = blocking("abc", "ab")
    stage.follow(told("enter", "c", place=(x, 1.0)))
    assert row(stage) == order
    places = sorted(place.x for place in stage.places.values())
    assert all(b - a > 0.15 * FRAME.width for a, b in pairwise(places))


@pytest.mark.parametrize("count", range(1, 7))
def test_one_to_six_stand_composed(count: int) -> None:
    cast = "abcdef"[:count]
    stage = blocking(cast)
    faces = []
    for key in cast:
        way, character = stage.placement(key), loaded(("wren", "otto")[cast.index(key) % 2], count)
        assert way.a == way.d == 1.0, "drawn as it is on its pages"
        assert (way.tx, way.ty) == (round(way.tx), round(way.ty))
        foot = way.apply(*character.anchor)[1]
        assert abs(foot - FRAME.height) <= 0.5, "feet on the lower edge"
        x, _ = way.apply(*character.eye_line)
        (left, _, right, _), middle = head_of(character), character.eye_line[0]
        # Without the hair, which `head_of` has around it: 0.35 of the face's longer side on each.
        faces.append((x - 0.33 * (right - left) * 0.9, x, x + 0.33 * (right - left) * 0.9))
        assert middle > 0
    assert faces[0][0] >= 0 and faces[-1][2] <= FRAME.width
    assert all(one[2] <= other[0] for one, other in pairwise(faces)), "no face is behind another"
    xs = [face[1] for face in faces]
    assert all(abs(a + b - FRAME.width) <= 12 for a, b in zip(xs, xs[::-1], strict=True)), "balanced"


def test_who_is_large_has_more_room_and_the_row_stays_in_the_middle() -> None:
    even, (a, b, c) = spots([1.0, 1.0, 0.4]), spots([1.0, 1.4, 1.0])
    assert even == spots([1.0] * 3), "smaller ones do not huddle"
    assert b - a == pytest.approx(1.2 * (even[1] - even[0])) and a + c == pytest.approx(2 * b) == 1.0
    assert spots([4.0] * 3)[0] == pytest.approx(0.14), "nobody is sent off the frame for it"


@pytest.mark.parametrize(("x", "size"), [(0.5, 1.2), (0.4, 1.0), (0.715, 1.0)])
def test_the_others_keep_clear_of_one_who_has_a_place(x: float, size: float) -> None:
    sizes = [1.0, size]
    found = beside(spots(sizes), sizes, {1: x})
    assert found[1] == x and found[0] >= 0.14
    assert found[1] - found[0] >= 0.25


def test_no_face_is_behind_a_large_neighbour_when_somebody_has_left() -> None:
    cast = {
        key: Member(loaded(name, 3), place, size)
        for key, name, place, size in (
            ("a", "otto", None, 1.0),
            ("b", "otto", None, 1.0),
            ("c", "wren", (0.5, 1.0), 1.2),
        )
    }
    stage = Blocking(FRAME, cast)
    before = stage.placement("c").a
    stage.follow(told("leave", "b"))
    left, _, right, _ = head_of(cast["c"].character)
    way = stage.placement("c")
    assert way.a == before, "who is large already does not grow"
    hair = way.apply(left, 0)[0], way.apply(right, 0)[0]
    assert not hair[0] < stage.places["a"].x < hair[1]


def test_the_more_the_smaller_but_not_by_as_much() -> None:
    sizes = [fills((1024, 1280), FRAME, count) for count in range(1, 7)]
    assert sizes[0] == sizes[1] == sizes[2] > sizes[3] > sizes[4] > sizes[5] > 0.6 * sizes[0]


def test_who_comes_stands_at_the_end_of_the_row_that_is_theirs_and_the_others_make_room() -> None:
    stage = blocking("abc", "ac")
    assert row(stage) == "ac"
    found = stage.follow(told("enter", "b"))
    placed = {event.character: event for event in found if isinstance(event, Placed)}
    assert set(placed) == {"a", "b", "c"}
    assert placed["b"].lasts == 0 and placed["a"].lasts == SAMPLE_RATE // 2
    (entered,) = (event for event in found if isinstance(event, Entered))
    # Of the cast's order one is before b and one behind: it comes from the right, and passes nobody.
    assert row(stage) == "acb" and entered.x > 0
    right = blocking("abc", "bc")
    right.follow(told("enter", "a"))
    assert row(right) == "abc"


def test_a_side_that_is_told_is_where_somebody_comes_from_and_stands() -> None:
    stage = blocking("abc", "ab")
    found = stage.follow(told("enter", "c", side="left"))
    assert row(stage) == "cab"
    (entered,) = (event for event in found if isinstance(event, Entered))
    way, wide = stage.placement("c"), loaded("wren", 3).canvas.width
    assert way.tx + way.a * wide + entered.x < 0, "all of it is beside the frame"


def test_who_goes_leaves_by_the_side_that_is_nearer_and_the_rest_close_up() -> None:
    stage = blocking("abc")
    x = stage.places["c"].x
    found = stage.follow(told("leave", "a"))
    (left,) = (event for event in found if isinstance(event, Exited))
    assert left.x < 0 and row(stage) == "bc" and stage.places["c"].x < x
    assert not stage.follow(told("leave", "a")), "told again it changes nothing"
    assert stage.placement("a").tx + loaded("wren", 3).canvas.width + left.x < 0


def test_places_that_are_told_hold_whoever_comes() -> None:
    stage = blocking("ab", "a", a=(0.3, 1.0), b=(0.7, 1.0))
    before = stage.placement("a")
    stage.follow(told("enter", "b"))
    assert stage.placement("a") == before
    stage.follow(told("move", "a", place=(0.5, 1.2), size=0.5))
    way = stage.placement("a")
    assert way.a == 0.5
    foot = way.apply(*loaded("wren", 2).anchor)
    assert (round(foot[0]), round(foot[1])) == (160, 216)
    assert not stage.follow(told("move", "a", place=(0.5, 1.2), size=0.5))


def test_two_who_swap_take_each_others_place_and_keep_their_size() -> None:
    stage = blocking("abc")
    found = stage.follow(told("swap", "a", other="c"))
    assert row(stage) == "cba" and {event.character for event in found} == {"a", "c"}
    stage.follow(told("swap", "a", other="c"))
    assert row(stage) == "abc"


def test_who_is_off_stage_swaps_by_coming_for_the_other() -> None:
    stage = blocking("abc", "ab", b=(0.7, 1.0))
    found = stage.follow(told("swap", "c", other="b"))
    kinds = {(type(event).__name__, event.character) for event in found}
    assert kinds >= {("Exited", "b"), ("Entered", "c"), ("Placed", "c")}
    assert row(stage) == "ac"
    assert round(stage.placement("c").apply(*loaded("wren", 3).anchor)[0] / FRAME.width, 1) == 0.7


def test_two_who_swap_off_stage_come_to_each_others_place() -> None:
    stage = blocking("abc", "a", b=(0.7, 1.0), c=(0.3, 1.0))
    assert not stage.follow(told("swap", "b", other="c")), "nothing is seen of it"
    stage.follow(told("enter", "b"))
    stage.follow(told("enter", "c"))
    assert stage.places["b"].x < stage.places["c"].x


def test_who_is_called_back_on_the_way_out_turns_there() -> None:
    stage = blocking("ab")
    stage.follow(told("leave", "b"))
    found = stage.follow(told("enter", "b", at=SAMPLE_RATE + SAMPLE_RATE // 4))
    assert all(event.lasts for event in found)


def test_nobody_grows_far_beyond_what_it_is_on_its_pages() -> None:
    stage = blocking("abcdef", "a")
    assert 1.0 < stage.placement("a").a <= 1.15
    for key in "bcdef":
        stage.follow(told("enter", key))
    assert {stage.placement(key).a for key in "abcdef"} == {1.0}


DOT = Character(
    name="Dot",
    canvas=Size(2, 8),
    scale=1.0,
    anchor=(1, 8),
    eye_line=(1, 4),
    slots=(),
    joints=(),
    expressions={"neutral": Expression("neutral", {})},
    aliases={},
    mouth=Mouth(0, {"neutral": (0,) * 15}),
    lids=Lids((), ()),
    gaze=Gaze((0, 0), (0, 0), (), ()),
    gestures={},
)


def depths(found: list[StageEvent]) -> dict[str, float | None]:
    """By key the depths that are told."""
    return {event.character: event.depth for event in found if isinstance(event, Placed)}


def test_two_who_swap_on_one_spot_change_who_is_in_front() -> None:
    stage = Blocking(FRAME, {key: Member(DOT, (0.5, 1.0)) for key in "ab"})
    assert depths(stage.follow(told("swap", "a", other="b"), speaker="a")) == {"a": 1.0, "b": 0.0}
    assert not stage.follow(told("swap", "a", other="b"), speaker="a"), "it is in front already"
