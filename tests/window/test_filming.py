"""R records a clip and ends it, S saves a still, by real keys."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mien.stage.governor import LEVELS
from window.running import run


@pytest.mark.parametrize("suffix", ["mp4", "webm"])
def test_r_records_a_clip_with_its_sound_and_s_saves_a_still(
    display: str, tmp_path: Path, suffix: str
) -> None:
    told = run(display, "filming.py", str(tmp_path), suffix)
    assert told["called otherwise"] == ["Fox - Mien", "Fox"]
    assert told["title at first"] == "A/B - Mien" and told["title again"] == ["A/B - Mien", ""]
    assert told["whole"] == [True, True]
    assert told["recording"] and told["stopped"] and told["drops"] == told["stalls"] == 0
    assert "is being recorded: stop that first" in told["twice"]
    clips = [name for name in told["files"] if name.endswith(suffix) and name != "named.mp4"]
    stills = [name for name in told["files"] if name.endswith(".png")]
    assert len(clips) == 1 and clips[0].startswith("A B 20") and len(stills) == 2, told["files"]
    assert "named.mp4" in told["files"] and len(told["files"]) == 4
    assert told["notes"][0] == f"recording {clips[0]}"
    assert told["being written"] == [f"writing {clips[0]} … - A/B - Mien", f"writing {clips[0]} …", clips[0]]
    assert told["on the screen"] == 1
    there = f"saved {tmp_path / clips[0]}"
    assert told["there"] == [f"{there} - A/B - Mien", there, None]
    assert told["lost"] == "lost.mp4: cannot be written (No space left on device)."
    assert told["as it closed"] == ["writing named.mp4 …", f"saved {tmp_path / 'named.mp4'}"]
    assert told["title"] == f"recording {clips[0]} - A/B - Mien", "the title shows what was told, once"
    saved = [note for note in told["notes"] if note.startswith("saved ")]
    assert sorted(saved) == sorted(f"saved {tmp_path / name}" for name in told["files"])
    still = np.asarray(Image.open(tmp_path / stills[0]))
    assert still.shape == (90, 160, 4)
    assert (still[..., 3].min() == 0) == (suffix == "webm")
    with av.open(str(tmp_path / clips[0])) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        container.seek(0)
        blocks = [block.to_ndarray() for block in container.decode(audio=0)]
    # What was seen between the two presses, but for what was under way, which on a busy machine lasts.
    assert 0.7 * told["frames"] <= len(frames) <= told["frames"] + 1
    sound = np.concatenate(blocks, axis=1)[0]
    assert abs(len(sound) / 48_000 - len(frames) / 30) < 0.1
    middle = np.abs(np.fft.rfft(sound[24_000:48_000]))
    assert abs(np.argmax(middle) * 2 - 300) <= 4, "the tone that was heard"
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(frames, frames[10:], strict=False)) > 30


@pytest.mark.parametrize("level", [0, 1, len(LEVELS) - 1], ids=["exact", "held", "half the size"])
def test_a_still_is_exact_however_the_frame_was_drawn_and_a_clip_shows_what_was_seen(
    display: str, tmp_path: Path, level: int
) -> None:
    told = run(display, "exact_still.py", str(tmp_path), str(level))
    assert told["apart"] == 0, "it is the picture that a stage that is not live draws of the same sample"
    assert told["levels"] == [[LEVELS[level].scale, LEVELS[level].hold_px]], "the frames that were shown"
    assert told["on the screen"] == 0, "the next frame is shown, also where it is what the still was"
    if LEVELS[level].scale < 1:
        assert told["filmed"] == 0
    assert told["heard of"] == (6 if level else 8), "the governor hears nothing of it and of the frame after"
    assert told["of all stills"] == (4 if level else 5), "but where there are many, as of others"
    assert not level or told["read"] > 0, "what it takes is told"
    rows = [f"row-{nth}.png" for nth in range(5)]
    assert told["files"] == ["clip.apng", "paused.png", *rows, "still.png"]
    assert told["stalls"] == 0
