"""Golden frames: those that Mien brings, and a folder of one's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cli.short import short
from mien.prove import golden
from mien.prove.golden import BLOCK, Golden, GoldenUnreadable, means
from mien.stage.offline import Stage
from mien.talk import load_conversation
from mien.types import U8, Size

SIZE = Size(160, 90)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two frames of `hello`."""
    folder = tmp_path_factory.mktemp("golden")
    golden.write(folder, golden.chosen("hello", SIZE, None, 0.2, 2))
    return folder


def test_a_folder_that_was_made_is_drawn_the_same(made: Path) -> None:
    kept = golden.read(made)
    assert list(kept.frames) == ["frame-00002.png", "frame-00005.png"]
    assert all(one.same and one.worst == 0 for one in golden.compare(kept))


def test_frames_are_gone_to_and_are_as_if_all_before_them_had_been_drawn(tmp_path: Path) -> None:
    folder = short(tmp_path)
    wanted = {"first": 0, "second": 1, "once more": 1, "behind the last turn": 9, "and after": 12}
    with Stage.of(replace(load_conversation(folder), seed=3), size=(40, 40)) as stage:
        pictures = [stage.frame().copy() for _ in range(13)]
    for name, picture in golden.drawn(Golden(str(folder), Size(40, 40), 3, wanted)):
        assert np.array_equal(picture, pictures[wanted.pop(name)]), name
    assert not wanted


def test_another_picture_is_found(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "golden"
    shutil.copytree(made, folder)
    with Image.open(folder / "frame-00005.png") as image:
        changed = image.copy()
    changed.paste((255, 0, 255), (70, 30, 90, 50))
    changed.save(folder / "frame-00005.png")
    first, second = golden.compare(golden.read(folder))
    assert first.same and not second.same and second.beyond == pytest.approx(400 / (160 * 90), abs=1e-3)


def drawn_as(picture: U8, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(_: Golden) -> Iterator[tuple[str, U8]]:
        yield "one", picture

    monkeypatch.setattr(golden, "drawn", drawn)


def test_another_driver_s_rounding_is_no_difference_and_another_mouth_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(1)
    then = rng.integers(8, 240, (360, 640, 4)).astype(np.uint8)
    kept = Golden("hello", Size(640, 360), 1, {"one": 3}, {"one": means(then)})
    rounded = (then + rng.integers(-2, 3, then.shape)).astype(np.uint8)
    drawn_as(rounded, monkeypatch)
    assert golden.compare(kept)[0].same
    mouth = then.copy()
    mouth[100:110, 300:320] = 255  # half of one block
    drawn_as(mouth, monkeypatch)
    (told,) = golden.compare(kept)
    assert not told.same and told.beyond == 1 / (640 * 360 / BLOCK**2)


def test_the_bundled_ones_are_of_a_bundled_conversation_and_have_all_their_means() -> None:
    kept = golden.bundled()
    assert kept.conversation == "hello" and len(kept.frames) == 6
    assert all(kept.means[name].shape == (18, 32, 3) for name in kept.frames)
    # Not six times the same.
    assert len({kept.means[name].tobytes() for name in kept.frames}) == 6


@pytest.mark.slow
def test_this_machine_draws_the_bundled_ones() -> None:
    told = golden.compare(golden.bundled())
    assert all(one.same for one in told), told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told.pop("frames"), "'frames' is missing"),
        (lambda told: told.update(frames={}), "it names no frames"),
        (lambda told: told.update(frames={"../a.png": 1}), "is no name of a file beside it"),
        (lambda told: told.update(frames={"a.png": -1}), "frame -1 is not 0 to 100000"),
        (lambda told: told.update(size="big"), "is no list of golden frames"),
        (lambda told: told.update(frames={"gone.png": 1}), "gone.png: cannot be read as a picture"),
        (lambda told: told.update(size=[320, 180]), "is 160x90 and its list says 320x180"),
    ],
)
def test_a_folder_that_is_not_as_it_says_gets_one_sentence(
    made: Path, tmp_path: Path, change: Any, said: str
) -> None:
    folder = tmp_path / "golden"
    shutil.copytree(made, folder)
    told = json.loads((folder / "golden.json").read_text())
    change(told)
    (folder / "golden.json").write_text(json.dumps(told))
    with pytest.raises(GoldenUnreadable) as refused:
        golden.read(folder)
    text = str(refused.value)
    assert said in text and "--golden-new FOLDER" in text and "\n" not in text


def test_a_folder_without_a_list_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(GoldenUnreadable, match=r"holds no golden frames .* --golden-new FOLDER"):
        golden.read(tmp_path)
    (tmp_path / "golden.json").write_text("[1]")
    with pytest.raises(GoldenUnreadable, match="is no list of golden frames"):
        golden.read(tmp_path)
