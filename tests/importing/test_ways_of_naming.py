"""Files as other programs and other artists write them: each speaks and blinks with what it draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from importing.drawn import LEFT, RIGHT, Thing
from importing.looks import Looks, differ_within
from mien.importing.kinds import read_artwork
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections
from mien.importing.names import mouth_shape, read_name
from mien.importing.write import write

WHOLE_EYES = drawn.over(drawn.whole_eye(LEFT), drawn.whole_eye(RIGHT))
SHUT_EYES = drawn.over(drawn.shut_eye(LEFT), drawn.shut_eye(RIGHT))
BROWS = drawn.over(drawn.brow(LEFT), drawn.brow(RIGHT))
NARROW = drawn.ellipse(100, drawn.MOUTH + 3, 11, 5, drawn.LIPS)


def imported(path: Path, folder: Path) -> Made:
    art = read_artwork(path)
    made = make(art.source, "A", art.given, extras=art.extras)
    write(made, folder, path.name, Corrections(), None, True)
    return made


def on_a_figure(*face: Thing) -> tuple[Thing, ...]:
    """What is in a face, topmost first, with hair over it and a head and a body under it."""
    rest = (Thing("face", drawn.HEAD), Thing("body", drawn.BODY), Thing("back hair", drawn.BACK))
    return (Thing("front hair", drawn.FRINGE), *face, *rest)


def made_up(made: Made) -> str:
    """All that was made up, as one text."""
    return "\n".join(row.became for row in made.rows if row.status == "made")


def assert_lives(folder: Path) -> Looks:
    """It speaks with nothing but the mouth, and blinks with nothing but the eyes."""
    looks = Looks(folder)
    inside, outside = differ_within(looks.rest, looks.visemes["aa"], looks.mouth)
    assert (inside > 60, outside) == (True, 0)
    inside, outside = differ_within(looks.plain, looks.lids["closed"], looks.eyes)
    assert (inside > 100, outside) == (True, 0)
    return looks


ANIMATOR_MOUTHS = {
    "Aa": "aa", "Ah": "aa", "D": "DD", "Ee": "E", "F": "FF", "L": "LL", "M": "PP", "Oh": "O", "R": "RR",
    "S": "SS", "Uh": "UH", "W-Oo": "U",
}  # fmt: skip


def character_animator() -> tuple[Thing, ...]:
    mouths = [
        Thing(name, drawn.ellipse(100, drawn.MOUTH + 3, 5 + i * 0.6, 9 - i * 0.4, drawn.LIPS)).hidden()
        for i, name in enumerate(ANIMATOR_MOUTHS)
        if name != "Aa"
    ]
    moods = (Thing("Smile", drawn.arc(100, drawn.MOUTH, 14, 5, 3, drawn.LIPS)).hidden(),
             Thing("Surprised", drawn.ROUND).hidden())  # fmt: skip
    mouth = Thing("Mouth", inside=(Thing("Neutral", drawn.LINE), *mouths, *moods))

    def eye(side: str, x: float) -> tuple[Thing, ...]:
        return (
            Thing(f"{side} Blink", drawn.shut_eye(x)).hidden(),
            Thing(f"+{side} Eye", inside=(
                Thing(f"+{side} Pupil", drawn.iris(x)), Thing(f"{side} Pupil Range", drawn.white(x)),
                Thing(f"{side} Eyeball", drawn.white(x)),
            )),
        )  # fmt: skip

    brows = (Thing("+Left Eyebrow", drawn.brow(LEFT)), Thing("+Right Eyebrow", drawn.brow(RIGHT)))
    return on_a_figure(*brows, mouth, *eye("Left", LEFT), *eye("Right", RIGHT))


def live2d() -> tuple[Thing, ...]:
    """Japanese names in folders, the character's left at the viewer's right."""

    def eye(side: str, x: float) -> Thing:
        return Thing(f"{side}目", inside=(
            Thing(f"{side}上まぶた", drawn.lash(x)), Thing(f"{side}瞳", drawn.iris(x)),
            Thing(f"{side}白目", drawn.white(x)),
        ))  # fmt: skip

    mouth = Thing("口", inside=(Thing("口閉じ", drawn.LINE), Thing("口開き", drawn.WIDE).hidden()))
    return (
        Thing("前髪", drawn.FRINGE),
        Thing("眉", inside=(Thing("左眉", drawn.brow(LEFT)), Thing("右眉", drawn.brow(RIGHT)))),
        eye("左", LEFT), eye("右", RIGHT), mouth,
        Thing("輪郭", drawn.HEAD), Thing("体", drawn.BODY), Thing("後ろ髪", drawn.BACK),
    )  # fmt: skip


def chinese() -> tuple[Thing, ...]:
    return (
        Thing("刘海", drawn.FRINGE),
        Thing("眉毛", BROWS),
        Thing("眼睛", inside=(Thing("睁眼", WHOLE_EYES), Thing("闭眼", SHUT_EYES).hidden())),
        Thing("嘴巴", inside=(Thing("闭嘴", drawn.LINE), Thing("张嘴", drawn.WIDE).hidden())),
        Thing("脸", drawn.HEAD), Thing("身体", drawn.BODY), Thing("后发", drawn.BACK),
    )  # fmt: skip


def shown_at_once() -> tuple[Thing, ...]:
    return on_a_figure(
        Thing("eyebrow", BROWS),
        Thing("eye_close", SHUT_EYES), Thing("eye_open", WHOLE_EYES),
        Thing("mouth_open", drawn.WIDE), Thing("mouth_close", drawn.LINE),
    )  # fmt: skip


def hidden_in_groups() -> tuple[Thing, ...]:
    """Variants are shown, and the folder that they lie in is hidden."""
    return on_a_figure(
        Thing("brows", BROWS),
        Thing("Eyes", inside=(
            Thing("closed", inside=(Thing("line", SHUT_EYES),)).hidden(),
            Thing("open", inside=(Thing("all", WHOLE_EYES),)),
        )),
        Thing("Mouth", inside=(
            Thing("AA", inside=(Thing("shape", drawn.WIDE),)).hidden(),
            Thing("OH", inside=(Thing("shape", drawn.ROUND),)).hidden(),
            Thing("Neutral", inside=(Thing("shape", drawn.LINE),)),
        )),
    )  # fmt: skip


def sides_as_folders() -> tuple[Thing, ...]:
    def eye(side: str, x: float) -> Thing:
        return Thing(side, inside=(
            Thing("closed", drawn.shut_eye(x)).hidden(), Thing("lash", drawn.lash(x)),
            Thing("iris", drawn.iris(x)), Thing("white", drawn.white(x)),
        ))  # fmt: skip

    brows = Thing("brows", inside=(Thing("L", drawn.brow(LEFT)), Thing("R", drawn.brow(RIGHT))))
    mouth = Thing("mouth", inside=(Thing("rest", drawn.LINE), Thing("open", drawn.WIDE).hidden()))
    return on_a_figure(brows, Thing("eyes", inside=(eye("L", LEFT), eye("R", RIGHT))), mouth)


def spaces_and_letters() -> tuple[Thing, ...]:
    """Spaces around names, slashes in them, accents, emoji and a letter that is written in two parts."""
    return (
        Thing("  Front Hair \u00e9toile ", drawn.FRINGE),
        Thing(" Eyebrows ", BROWS),
        Thing(" Eyes / Closed ", SHUT_EYES).hidden(),
        Thing(" Eyes / Open ", WHOLE_EYES),
        Thing("Mouth   Open \U0001f600", drawn.WIDE).hidden(),
        Thing("MOUTH   Closed", drawn.LINE),
        Thing("Face cafe\u0301", drawn.HEAD), Thing("Ko\u0308rper body", drawn.BODY),
    )  # fmt: skip


def whites_beside_irises() -> tuple[Thing, ...]:
    """Parts of eyes that lie in no folder of eyes, with words that mean other things elsewhere."""
    eyes = [
        piece
        for side, x in (("left", LEFT), ("right", RIGHT))
        for piece in (
            Thing(f"closed_{side}_eye", drawn.shut_eye(x)).hidden(),
            Thing(f"highlight_{side}", drawn.ellipse(x - 2, drawn.EYES - 3, 2, 2, drawn.WHITE)),
            Thing(f"iris_{side}", drawn.iris(x)),
            Thing(f"white_{side}", drawn.white(x)),
        )
    ]
    shirt = Thing("white shirt", drawn.ellipse(100, 245, 30, 15, drawn.WHITE))
    mouth = (Thing("mouth rest", drawn.LINE), Thing("mouth open", drawn.WIDE).hidden())
    outline = Thing("outline", drawn.HEAD)
    return on_a_figure(Thing("brows", BROWS), *eyes, *mouth, shirt, outline)


WAYS: dict[str, Callable[[], tuple[Thing, ...]]] = {
    "character_animator": character_animator,
    "live2d": live2d,
    "chinese": chinese,
    "shown_at_once": shown_at_once,
    "hidden_in_groups": hidden_in_groups,
    "sides_as_folders": sides_as_folders,
    "spaces_and_letters": spaces_and_letters,
    "whites_beside_irises": whites_beside_irises,
}
_DRAWN_SHUT = [way for way in WAYS if way != "live2d"]


@pytest.mark.parametrize("way", WAYS)
def test_a_way_of_naming_speaks_and_blinks_with_what_it_draws(tmp_path: Path, way: str) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", WAYS[way]()), tmp_path / "made")
    looks = assert_lives(tmp_path / "made")
    said = made_up(made)
    assert "made_aa" not in said and "made_sil" not in said
    if way in _DRAWN_SHUT:
        assert "closed" not in said
    # At rest lips are shut and eyes are open, whatever the file shows.
    at = drawn.EYES + 3, LEFT
    assert np.abs(looks.plain[at][:3].astype(int) - drawn.IRIS).max() < 4


@pytest.mark.parametrize("name", ANIMATOR_MOUTHS)
def test_each_mouth_of_character_animator_says_its_sound(name: str) -> None:
    assert mouth_shape(read_name(name, "mouth")) == ANIMATOR_MOUTHS[name]


def test_all_mouths_of_character_animator_are_used_and_none_is_made_up(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", character_animator()), tmp_path / "made")
    moods = made.document["mouth"]["moods"]
    assert {*moods["neutral"]} == {*ANIMATOR_MOUTHS.values(), "sil"}
    assert moods["neutral"]["LL"] == ["TH", "nn"]  # no viseme of its own: the tongue is up
    assert "smile" in moods["smile"] and "surprised" in moods["surprised"]


@pytest.mark.parametrize("all_shown", [False, True])
def test_mouths_that_are_counted_say_no_sound_and_are_told_apart_by_their_look(
    tmp_path: Path, all_shown: bool
) -> None:
    shapes = {"M1": drawn.ROUND, "M2": drawn.LINE, "M3": drawn.WIDE}
    mouths = tuple(Thing(name, shape, visible=all_shown or name == "M2") for name, shape in shapes.items())
    things = on_a_figure(Thing("brows", BROWS), Thing("eyes", WHOLE_EYES), Thing("Mouth", inside=mouths))
    made = imported(drawn.ora(tmp_path / "art.ora", things), tmp_path / "made")
    became = {row.layer: row.became for row in made.rows}
    assert [became[f"Mouth/{name}"] for name in shapes] == [f"mouth: {name}" for name in shapes]
    neutral = made.document["mouth"]["moods"]["neutral"]
    assert "sil" in neutral["M2"] and "aa" in neutral["M3"] and "PP" not in (*neutral["M3"],)
    assert not {"M1", "PP"} & neutral.keys()


def test_whites_and_highlights_beside_irises_are_parts_of_eyes_and_a_shirt_is_not(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", whites_beside_irises()), tmp_path / "made")
    became = {row.layer: row.became for row in made.rows}
    assert [became[f"white_{side}"] for side in ("left", "right")] == ["white left", "white right"]
    assert became["highlight_left"] == "glint left"
    assert became["white shirt"] == "clothes"
    assert became["outline"] == "a slot of its own"
    looks = Looks(tmp_path / "made")
    shut = looks.lids["closed"][drawn.EYES - 4, LEFT - 9, :3].astype(int)
    assert np.abs(shut - drawn.SKIN).max() < 4  # no white is left


def test_a_folder_of_many_flat_hidden_layers_is_taken_with_all_of_them(tmp_path: Path) -> None:
    extras = tuple(
        Thing(f"prop {i}", drawn.ellipse(20 + i, 200 + i % 50, 3, 3, (i, 90, 90))).hidden()
        for i in range(131)
    )
    made = imported(drawn.ora(tmp_path / "art.ora", (*extras, *drawn.plain())), tmp_path / "made")
    assert sum(row.status == "hidden" for row in made.rows) == 131
    assert_lives(tmp_path / "made")


def test_layers_with_no_names_at_all_are_told_apart_by_place(tmp_path: Path) -> None:
    things = [thing.called("") for thing in drawn.plain()]
    made = imported(drawn.ora(tmp_path / "art.ora", things), tmp_path / "made")
    assert len({row.layer for row in made.rows if row.layer}) == len(things)
    assert_lives(tmp_path / "made")


def test_a_second_whole_head_that_is_hidden_lends_the_first_one_nothing(tmp_path: Path) -> None:
    other = (
        Thing("Mouth open", drawn.arc(100, 90, 20, 5, 9, (9, 9, 200))),
        Thing("Left Eye", drawn.ellipse(60, 60, 15, 12, (0, 200, 0))),
        Thing("Right Eye", drawn.ellipse(20, 60, 15, 12, (0, 200, 0))),
        Thing("Face", drawn.ellipse(50, 80, 40, 50, drawn.SKIN)),
    )
    one = imported(drawn.ora(tmp_path / "a.ora", drawn.named()), tmp_path / "one")
    both = imported(
        drawn.ora(tmp_path / "b.ora", (Thing("Head turned", inside=other).hidden(), *drawn.named())),
        tmp_path / "two",
    )
    assert both.document["mouth"] == one.document["mouth"]
    assert both.document["lids"] == one.document["lids"]
    assert (Looks(tmp_path / "one").plain == Looks(tmp_path / "two").plain).all()
    assert "Head_turned" in both.document["gestures"]


def test_a_canvas_beyond_what_a_picture_may_be_is_shrunk_and_lives(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "art.ora", drawn.plain(), size=(4800, 5200))
    art = read_artwork(path)
    assert max(art.source.canvas) == 2048
    assert art.source.scale == pytest.approx(2048 / 5200)
    made = imported(path, tmp_path / "made")
    assert made.document["canvas"] == list(art.source.canvas)
