"""Other compositors draw what Mien does, in a stage that is Mien's but for that."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from mien.clock import SAMPLE_RATE
from mien.composite import FrameRows
from mien.composite.reference import composite, to_bytes
from mien.composite.rows import EACH_SAMPLE, MASK_PAGE, NO_MASK, PAGE, TINT, WARP
from mien.errors import PackageMissing, ScriptError
from mien.prove import peers
from mien.prove.peers import PEERS, installed, painter
from mien.prove.peers.layers import Drawn
from mien.prove.peers.stage import PeerStage
from mien.prove.players import run
from mien.stage.cast import cast_of
from mien.talk import Conversation, load_conversation
from mien.types import Blend, Size

SIZE = Size(320, 180)


def test_the_peer_that_the_checks_install_is_there() -> None:
    assert "skia" in installed()


@pytest.fixture
def hello() -> Conversation:
    return load_conversation(mien.bundled("conversations", "hello"))


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_draws_the_frames_of_a_conversation_as_they_are_specified(
    peer: str, hello: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    if peer not in installed():
        pytest.skip(f"{PEERS[peer].package} is not installed")
    seen: list[tuple[Any, Any]] = []
    with PeerStage(
        painter(peer), cast_of(hello), size=SIZE, playout="null", background=hello.background
    ) as stage:
        draw = stage._painter.draw
        # So small a cast fills the top of its pages only, and the specification works on all of a page.
        used = [int(np.flatnonzero(page.any(axis=(1, 2)))[-1]) + 3 for page in stage._pages()]
        tops = [page[:rows] for page, rows in zip(stage._pages(), used, strict=True)]

        def drawn(frame: FrameRows, picture: Any) -> None:
            rows = frame.rows[: frame.count]
            rows[np.abs(rows[:, WARP]) >= 2.0, WARP] = 0.0  # what bends, of which the peer knows nothing
            draw(frame, picture)
            seen.append((picture.copy(), to_bytes(composite(frame, tops))))

        monkeypatch.setattr(stage._painter, "draw", drawn)
        for turn in hello.turns:
            stage._show.session.queue(turn)
        for k in range(0, 6 * SAMPLE_RATE, 2 * SAMPLE_RATE):
            stage._show.session.advance(k)
            stage._draw(k)
    assert len(seen) == 3
    for made, wanted in seen:
        apart = np.abs(made.astype(int) - wanted).max(axis=2)
        # Libraries round the way of a pixel's edge otherwise; nothing is missing or in another place.
        assert (apart > 24).mean() < 0.002, apart.max()
        assert apart.mean() < 0.5


def test_what_a_peer_cannot_draw_is_refused_in_a_sentence(hello: Conversation) -> None:
    with PeerStage(painter("skia"), cast_of(hello), size=SIZE, playout="null") as stage:
        layers, rows = stage._painter.layers, stage._show.tick(0)
        one = rows.rows[: rows.count].copy()
        one[0, TINT] = 0.5
        with pytest.raises(ScriptError, match="no tints and no masks"):
            layers.of(one)
        one[0, TINT], one[0, MASK_PAGE] = 1.0, 0.0
        with pytest.raises(ScriptError, match="no tints and no masks"):
            layers.of(one)
        one[0, MASK_PAGE], one[0, EACH_SAMPLE[0].start + PAGE] = NO_MASK, -1.0
        with pytest.raises(ScriptError, match="no groups of layers"):
            layers.of(one)
        picture, bounds = np.zeros((SIZE.height, SIZE.width, 4), np.uint8), [0.0, 0.0, 9.0, 9.0]
        with pytest.raises(ScriptError, match="no layer that is clipped and blended as overlay"):
            stage._painter.paint(  # type: ignore[attr-defined]  # of Skia's
                [Drawn([], 1.0, Blend.NORMAL, 1, bounds), Drawn([], 1.0, Blend.OVERLAY, 0, bounds)], picture
            )


def test_a_peer_plays_in_real_time_and_leaves_a_ledger(tmp_path: Path) -> None:
    told = run("skia", "hello", Size(160, 90), 2.0, "none", tmp_path / "run.jsonl", 1)
    assert told["renderer"].startswith("Skia (skia-python ") and told["renderer"].endswith("on the CPU")
    assert 10 <= told["figures"]["expected"] <= 61  # of a machine that stands still, not all are known
    assert '"Skia' in (tmp_path / "run.jsonl").read_text().splitlines()[0]


def test_who_is_missing_is_told_and_who_is_unknown_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    assert installed() == []
    monkeypatch.delitem(sys.modules, "mien.prove.peers.skia_raster", raising=False)
    monkeypatch.setitem(sys.modules, "skia", None)
    with pytest.raises(PackageMissing, match=r"Skia cannot be played: .*pip install skia-python"):
        painter("skia")
    monkeypatch.setitem(sys.modules, "skia", types.ModuleType("skia"))  # a folder of that name
    with pytest.raises(PackageMissing, match=r"has no attribute .*pip install skia-python"):
        painter("skia")
    with pytest.raises(ValueError, match="is no player; there are: legacy, mien, skia"):
        run("cairo", "hello", SIZE, 1.0, "none")
