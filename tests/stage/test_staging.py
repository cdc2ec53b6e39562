"""Coming, going and moving on a stage: exact frames, the same sound, and nothing made in a frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import mien
from art.build import box, tiny_character, tiny_parts
from mien.errors import ScriptError
from mien.stage.cast import CastEntry
from mien.stage.offline import Stage
from mien.talk import Cue, Staging
from mien.types import U8
from stage.test_stage import tone

SIZE = (96, 48)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_character(tmp_path_factory.mktemp("cast") / "tiny")


def entries(tiny: Path, here: str, cast: str = "abc") -> list[CastEntry]:
    return [CastEntry(key, tiny, on_stage=key in here) for key in cast]


def here(stage: Stage) -> str:
    """Keys of who is on stage."""
    return "".join(stage.on_stage)


def acted(tiny: Path, act: Callable[[Stage, int], object], frames: int = 40) -> tuple[list[U8], U8]:
    """Frames and sound of a stage on which `a` speaks while something happens."""
    with mien.open_stage(entries(tiny, "ab"), size=SIZE, fades=True, seed=3) as stage:
        counters = stage._compositor.counters
        stage.say("a", tone(1.0), "[happy] Hello!")
        stage.frame()
        made = (counters.compiles, counters.allocations, counters.page_uploads)
        pictures, sounds = [], []
        for k in range(frames):
            act(stage, k)
            pictures.append(stage.frame())
            sounds.append(stage.sound)
        assert (counters.compiles, counters.allocations, counters.page_uploads) == made
        assert counters.misses == 0
        (finished,) = (event for event in stage.events() if event.kind == "finished")
        assert not finished.interrupted and finished.damaged is None
        return pictures, np.concatenate(sounds)


def busy(stage: Stage, k: int) -> None:
    """All that can be, at once, while others speak."""
    match k:
        case 2:
            stage.enter("c", seconds=0.3)
        case 5:
            stage.leave("a", seconds=0.3)
        case 8:
            stage.enter("a", "center", 0.7, transition="fade", seconds=0.2)
        case 12:
            stage.swap("b", "c", seconds=0.2)
        case 20:
            stage.leave("b", transition="fade", seconds=0.2)
        case 24:
            stage.move("c", ("far_left", 1.1), 1.2, seconds=0.1)


def test_whatever_happens_on_stage_no_sample_changes_and_nothing_is_made_in_a_frame(tiny: Path) -> None:
    still, sound = acted(tiny, lambda stage, k: None)
    moving, same = acted(tiny, busy)
    assert np.array_equal(sound, same)
    assert not np.array_equal(still[30], moving[30])
    again, _ = acted(tiny, busy)
    assert all(np.array_equal(one, other) for one, other in zip(moving, again, strict=True))


def test_who_waits_is_not_there_and_who_has_gone_leaves_nothing(tiny: Path) -> None:
    with (
        mien.open_stage([CastEntry("a", tiny, "left")], size=SIZE) as alone,
        mien.open_stage(
            [CastEntry("a", tiny, "left"), CastEntry("b", tiny, "right", on_stage=False)], size=SIZE
        ) as stage,
    ):
        assert here(stage) == "a"
        assert np.array_equal(alone.frame(), stage.frame())
        stage.enter("b", seconds=0.2)
        same = [np.array_equal(alone.frame(), stage.frame()) for _ in range(10)]
        assert not all(same)
        assert here(stage) == "ab"
        stage.leave("b", seconds=0.2)
        for _ in range(8):
            alone.frame(), stage.frame()
        rows = stage._show.player.frame
        assert rows.count == alone._show.player.frame.count
        # Where `b` stood there is the stage again; `a` has seen somebody, and looks elsewhere.
        assert np.array_equal(alone.frame()[:, SIZE[0] * 3 // 5 :], stage.frame()[:, SIZE[0] * 3 // 5 :])


def redrawn(stage: Stage) -> U8:
    """The frame shown last, with all of it drawn anew."""
    compositor = stage._compositor
    with compositor.current():
        compositor._planning.draw_all()
        compositor.draw(stage._show.player.frame)
        return compositor.read().copy()


@pytest.mark.parametrize("speaker", ["a", "b", ""])
def test_in_a_swap_who_speaks_passes_in_front_of_the_other(tmp_path: Path, speaker: str) -> None:
    cast: dict[str, Path] = {}
    colours = {"a": (200, 0, 0), "b": (0, 200, 0)}
    for key, colour in colours.items():
        parts = tiny_parts() | {"body/main": (box(40, 30, (*colour, 255)), (12, 50))}
        cast[key] = tiny_character(tmp_path / key, parts=parts)
    with mien.open_stage(cast, size=SIZE, dim_listeners=0) as stage:
        if speaker:
            stage.say(speaker, tone(2.0))
        stage.frame()
        for _ in range(2):  # there, and back
            stage.swap("a", "b", seconds=0.4)
            for k in range(14):
                picture = stage.frame().copy()
                if 5 <= k <= 7:  # both are in the middle
                    assert tuple(picture[40, 48, :3]) == colours[speaker or "b"]
                    assert np.array_equal(picture, redrawn(stage))


def test_who_is_off_stage_costs_no_pose(tiny: Path) -> None:
    with mien.open_stage(entries(tiny, "a"), size=SIZE) as stage:
        actors = {actor.key: actor for actor in stage._show.player.actors}
        posed: list[str] = []
        for key, actor in actors.items():
            pose = actor.performer.pose

            def counted(*arguments: object, key: str = key, pose: object = pose) -> object:
                posed.append(key)
                return pose(*arguments)  # type: ignore[operator]

            actor.performer.pose = counted  # type: ignore[method-assign, assignment]
        stage.frame()
        assert posed == ["a"]


def test_a_move_told_every_frame_is_a_place_that_is_followed(tiny: Path) -> None:
    with mien.open_stage([CastEntry("a", tiny, 0.2)], size=SIZE, background=mien.TRANSPARENT) as stage:
        seen = []
        for k in range(12):
            stage.move("a", 0.2 + 0.05 * k, seconds=0)
            seen.append(int(stage.frame()[..., 3].any(axis=0).argmax()))
        assert np.diff(seen).min() >= 4


def test_cues_of_a_turn_bring_somebody_on_as_the_words_do(tiny: Path) -> None:
    with mien.open_stage(entries(tiny, "a"), size=SIZE) as stage:
        cues = [Cue(0.5, "enter", Staging("b", side="left", seconds=0.2)), Cue(0.8, "leave", "")]
        stage.say("a", tone(1.0), "[enter:c] Hello!", cues=cues)
        here = []
        for _ in range(30):
            stage.frame()
            here.append(stage.on_stage)
        assert here[2] == ("a", "c") and here[18] == ("a", "b", "c") and here[-1] == ("b", "c")
        assert not stage.warnings
        kinds = [event.cue.kind for event in stage.events() if event.cue is not None]
        assert kinds == ["enter", "enter", "leave"]


def test_what_is_asked_of_somebody_off_stage_is_told_once_and_not_of_one_who_comes(tiny: Path) -> None:
    with mien.open_stage(entries(tiny, "a"), size=SIZE) as stage:
        for _ in range(3):
            stage.set_expression("b", "happy")
            stage.look_at("b", "a")
            stage.gesture("b", "wave")
            stage.nod("b")
            stage.look_at("a", "b")
            stage.frame()
        off = "'b' is off stage: its"
        assert stage.warnings == (
            f"{off} expression is not seen until it enters.",
            f"{off} look is not seen until it enters.",
            f"{off} gesture is not seen until it enters.",
            f"{off} nod is not seen.",
            "'a' cannot look at 'b', who is off stage, and looks at the viewer.",
        )
        stage.set_expression("c", "happy")
        stage.nod("c")
        stage.enter("c", seconds=0)
        stage.look_at("a", "c")
        stage.frame()
        assert len(stage.warnings) == 5
        stage.leave("c", seconds=0)
        stage.frame()
        stage.say("a", tone(0.1), key="turn", cues=[Cue(0.0, "gaze", "c")])
        for _ in stage.frames(tail_s=0.1):
            stage.burst("b", "laugh")
            stage.nod("c")
        assert sorted(stage.warnings[5:]) == [
            "'b' is off stage: its laugh is not seen.",
            "'c' is off stage: its nod is not seen.",
            "turn 'turn': 'a' cannot look at 'c', who is off stage, and looks at the viewer.",
        ]
        # What it was told before it came is seen then.
        stage.enter("b", seconds=0)
        stage.frame()
        pose = stage._show.player.actors[1].pose
        assert stage.on_stage == ("a", "b") and pose.picks[5, 0] == 0, "the blush of a happy face"


REFUSED: list[tuple[Callable[[Stage], object], str]] = [
    (lambda stage: stage.enter("nobody"), "'nobody' is not in the cast; known: "),
    (lambda stage: stage.enter("c", "upstairs"), "'c' is placed at 'upstairs'; use far_left"),
    (lambda stage: stage.move("a"), "a move has no place and no size: give one of them"),
    (lambda stage: stage.move("a", size=9.0), "'a' has the size 9.0; give a number from 0.05 to 4"),
    (lambda stage: stage.leave("a", seconds=-1.0), "seconds cannot be -1.0: give a number from 0, a cut"),
    (
        lambda stage: stage.leave("a", side="up"),  # type: ignore[arg-type]
        "the side cannot be 'up': give one of left, right",
    ),
    (
        lambda stage: stage.leave("a", transition="fade"),
        "'a' cannot fade on this stage: open it with fades",
    ),
    (lambda stage: stage.swap("a", "nobody"), "'nobody' is not in the cast"),
    (lambda stage: stage.swap("a", "a"), "'a' cannot swap places with itself; name somebody else."),
    (lambda stage: stage.look_at("a", "a"), "'a' cannot look at itself; name somebody else, or viewer."),
]


def test_what_cannot_be_is_refused_with_what_to_do(tiny: Path) -> None:
    with mien.open_stage(entries(tiny, "ab"), size=SIZE) as stage:
        for call, words in REFUSED:
            with pytest.raises(ScriptError) as raised:
                call(stage)
            assert words in str(raised.value)
            assert stage.on_stage == ("a", "b")
