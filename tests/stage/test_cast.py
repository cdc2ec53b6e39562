"""Where characters stand, how large they are, and how listeners are lit: a show without any GL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from art.build import tiny_character, tiny_document
from mien.audio import AudioSession
from mien.clock import SAMPLE_RATE
from mien.composite import RGBA, FrameRows, cast_meshes
from mien.errors import ScriptError
from mien.stage.cast import CastEntry, Place, cast_of, pan_of, spots_of
from mien.stage.options import StageOptions
from mien.stage.show import Show
from mien.talk import Cue, Staging, Turn, load_conversation
from mien.talk.row import spread
from mien.types import Affine, Size
from stage.test_stage import tone
from talk.documents import DOCUMENT, Folder

SIZE = Size(400, 200)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_character(tmp_path / "tiny")


def show_of(cast: Sequence[CastEntry], **options: float) -> Show:
    with AudioSession("offline") as audio:  # nobody speaks in it
        return Show(cast, SIZE, audio, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "spot"),
    [
        ("far_left", (0.19, 1.0)),
        ("left", (0.285, 1.0)),
        ("center", (0.5, 1.0)),
        ("right", (0.715, 1.0)),
        ("far_right", (0.81, 1.0)),
        (0.3, (0.3, 1.0)),
        (0, (0.0, 1.0)),
        ((0.3, 0.8), (0.3, 0.8)),
        (("left", 1.5), (0.285, 1.5)),
    ],
)
def test_a_place_is_a_name_or_x_alone_or_with_y(place: Place, spot: tuple[float, float]) -> None:
    assert spots_of([CastEntry("a", "wren", place)]) == [spot]


def test_without_places_the_cast_is_spread_evenly_along_the_lower_edge() -> None:
    assert spots_of([CastEntry(key, "wren") for key in "abc"]) == [None] * 3
    assert [round(spread(nth, 3), 3) for nth in range(3)] == [0.213, 0.5, 0.787]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            CastEntry("a", "wren", "upstairs"),
            "'a' is placed at 'upstairs'; use far_left, left, center, right",
        ),
        (CastEntry("a", "wren", 1.2), "'a' is placed at 1.2; use"),
        (CastEntry("a", "wren", float("nan")), "'a' is placed at nan"),
        (CastEntry("a", "wren", (0.5, 3.0)), "'a' is placed 3.0 down; use a number from 0"),
        (CastEntry("a", "wren", (0.5, 1.0, 1.0)), "'a' is placed at"),  # type: ignore[arg-type]
        (CastEntry("a", "wren", size=0.0), "'a' has the size 0.0; give a number from 0.05 to 4"),
        (CastEntry("a", "wren", size="big"), "'a' has the size 'big'"),  # type: ignore[arg-type]
    ],
)
def test_a_place_or_size_that_cannot_be_is_refused_in_one_sentence(entry: CastEntry, words: str) -> None:
    with pytest.raises(ScriptError, match=f"^{words}") as raised:
        show_of([entry])
    assert str(raised.value).endswith(".")


def test_a_size_scales_a_character_about_where_it_stands(tiny: Path) -> None:
    def box(size: float, place: Place) -> tuple[float, float, float, float]:
        show = show_of([CastEntry("a", tiny, place, size)])
        x, y, width, height = show.bounds("a", "body")
        return (x + width / 2, y + height, width, height)

    whole, half, high = box(1.0, 0.5), box(0.5, 0.5), box(0.5, (0.5, 0.75))
    assert half[2] == pytest.approx(whole[2] / 2, abs=1.5)
    assert half[3] == pytest.approx(whole[3] / 2, abs=1.5)
    below = SIZE.height - whole[1]  # from the body's lower edge to where the character stands
    assert SIZE.height - half[1] == pytest.approx(below / 2, abs=1.5)
    assert high == (half[0], half[1] - 50, half[2], half[3])


def test_who_is_small_looks_up_at_who_is_large(tiny: Path) -> None:
    show = show_of([CastEntry("small", tiny, "left", 0.4), CastEntry("large", tiny, "right")])
    _, up = show.session._director.direction("small", "large")
    _, down = show.session._director.direction("large", "small")
    assert up < -0.05 and down > 0.05


def test_voices_come_from_where_their_speakers_stand(tiny: Path) -> None:
    assert (pan_of(0.5), pan_of(0.0), pan_of(1.0)) == (0.0, -0.5, 0.5)
    with AudioSession("offline") as audio:
        show = Show([CastEntry("a", tiny, "far_left"), CastEntry("b", tiny, "far_right")], SIZE, audio)
        show.session.queue(Turn("t", "a", tone(0.5)))
        left, right = np.abs(audio.pull(9600)).max(axis=0)
        assert left > 1.5 * right


def test_a_turn_is_heard_from_where_its_speaker_stands_when_it_begins(tiny: Path) -> None:
    with AudioSession("offline") as audio:
        show = Show([CastEntry("a", tiny, "far_left"), CastEntry("b", tiny)], SIZE, audio)
        for key in ("one", "two"):
            show.session.queue(Turn(key, "a", tone(0.5)))
        left, right = np.abs(audio.pull(9600)).max(axis=0)
        assert left > 1.5 * right
        show.session.post(Cue(0.0, "move", Staging("a", "far_right", seconds=0)), "a", 0)
        show.tick(9600)
        left, right = np.abs(audio.pull(9600)).max(axis=0)
        assert left > 1.5 * right, "a voice that is heard stays"
        audio.pull(9600)
        left, right = np.abs(audio.pull(9600)).max(axis=0)
        assert right > 1.5 * left


@pytest.mark.parametrize(("dim", "tint"), [(None, 0.94), (0.0, 1.0), (0.5, 0.5)])
def test_listeners_are_dimmed_as_much_as_is_said(tiny: Path, dim: float | None, tint: float) -> None:
    seen: dict[str, float] = {}
    with AudioSession("offline") as audio:
        cast = [CastEntry("a", tiny), CastEntry("b", tiny)]
        show = Show(cast, SIZE, audio)
        show.player.dim = show.player.dim if dim is None else dim
        rows = show.player.rows
        fill = rows.fill

        def watched(
            frame: FrameRows, placements: Sequence[Affine], tints: Sequence[RGBA], *more: Any
        ) -> None:
            seen.update(zip(show.cast, (tint[0] for tint in tints), strict=True))
            fill(frame, placements, tints, *more)

        rows.fill = watched  # type: ignore[method-assign, assignment]
        show.session.queue(Turn("t", "a", tone(2.0)))
        audio.pull(SAMPLE_RATE)
        show.tick(0)
        show.tick(SAMPLE_RATE - 1)
    assert seen == {"a": pytest.approx(1.0), "b": pytest.approx(tint)}


@pytest.mark.parametrize("dim", [-0.1, 1.5, float("nan")])
def test_a_dimming_that_cannot_be_is_refused(dim: float) -> None:
    with pytest.raises(ScriptError, match=r"^dim_listeners cannot be .* give 0 .* to 1"):
        StageOptions(dim_listeners=dim)


def test_a_conversation_in_the_place_of_a_cast_is_told_how_it_is_opened() -> None:
    conversation = load_conversation(mien.bundled("conversations", "hello"))
    with pytest.raises(ScriptError, match=r"open that with Stage\.of or LiveStage\.of"):
        mien.open_stage(conversation)  # type: ignore[arg-type]


def test_a_conversation_says_where_its_cast_stands_and_how_large(tmp_path: Path) -> None:
    (tmp_path / "otto").mkdir()
    (tmp_path / "talk").mkdir()
    wren, otto = cast_of(load_conversation(Folder(tmp_path / "talk").write(DOCUMENT)))
    assert (wren.place, wren.size) == ("left", 1.0)
    assert (otto.place, otto.size) == ((0.75, 1.1), 0.8)


@pytest.mark.parametrize(
    ("cast", "size"),
    [
        ([CastEntry("wren", "wren")], (12, 19)),
        ([CastEntry("wren", "wren")], (1, 1)),
        ([CastEntry("wren", "wren", size=0.05), CastEntry("otto", "otto")], (320, 180)),
        ([CastEntry("wren", "wren")], (16_384, 16_384)),
        ([CastEntry("wren", "wren")], (16_384, 16)),
        ([CastEntry("wren", "wren")], (1, 16_384)),
    ],
)
def test_a_frame_that_no_character_fits_in_is_told_with_one_that_it_fits_in(
    cast: list[CastEntry], size: tuple[int, int]
) -> None:
    with (
        AudioSession("offline") as audio,
        pytest.raises(ScriptError, match=r"^'wren' would be drawn .*: give a frame of \d+x\d+ or ") as caught,
    ):
        Show(cast, Size(*size), audio)
    width, height = re.findall(r"(\d+)x(\d+)", str(caught.value))[-1]
    wanted = Size(int(width), int(height))
    StageOptions(size=wanted)  # or the advice is one that is refused
    if wanted.height < 1000:
        with AudioSession("offline") as audio:
            assert Show(cast, wanted, audio).tick(0).count > 10


def test_a_mesh_that_may_find_no_room_is_told_of_when_the_stage_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meshes = {name: {"slots": [name], "hang": [{}]} for name in ("head", "blush")}
    bent = tiny_character(tmp_path / "bent", {**tiny_document(), "meshes": meshes})
    assert not show_of([CastEntry("a", bent)]).session.warnings
    monkeypatch.setattr(cast_meshes, "_MOST_CELLS", 1)
    assert [*show_of([CastEntry("a", bent)]).session.warnings] == [
        "a frame of 400x200 has no room for all that bends: the meshes Tiny's head, Tiny's blush may bend "
        "nothing; show a smaller frame or fewer characters, or bend fewer slots."
    ]
