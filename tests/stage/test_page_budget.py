"""A cast several times larger than the memory for it: frames go on, and nothing missing is waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import mien
from art.build import Pixels, tiny_character, tiny_document, tiny_parts
from mien.art.page_store import PageStore
from mien.composite.gl.page_stream import PageStream
from mien.errors import ScriptError
from mien.stage.offline import Stage
from mien.talk import Cue
from mien.types import U8
from stage.test_stage import tone

SIZE = (512, 640)
PAGE = 4 * 1024**2
OUTFITS = 72


@pytest.fixture(scope="module")
def wardrobe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A character with seventy outfits, each of one grey and noisy at its hem: seven pages, one at rest."""
    document, parts = tiny_document(), tiny_parts()
    names = [f"o{k}" for k in range(OUTFITS)]
    document["slot"].insert(1, {"name": "outfit", "joint": "body", "drawings": names, "default": "o0"})
    rng = np.random.default_rng(1)
    for k, name in enumerate(names):
        pixels: Pixels = np.full((30, 40, 4), 255, np.uint8)
        pixels[..., :3] = 3 * k + 20
        pixels[-4:, :, :3] = rng.integers(0, 256, (4, 40, 3))
        parts[f"outfit/{name}"] = (pixels, (12, 50))
    return tiny_character(tmp_path_factory.mktemp("wardrobe") / "tiny", document, parts)


def worn(stage: Stage) -> int:
    """The number of the outfit that the next frame shows."""
    box = stage.bounds("t", "body")
    shown = int(stage.frame()[box.y + box.height // 2, box.x + box.width // 2, 0])
    return round((shown - 20) / 3)


def bring(stage: Stage) -> None:
    """Let all come that is wanted, while no time passes on the stage."""
    supply = stage._show.supply
    assert isinstance(supply, PageStream)
    with stage._compositor.current():
        for _ in range(10_000):
            stage._show.bring_pages()
            if supply.idle:
                return
            if supply._asked is not None and supply._writing is None:
                supply._loaded.put(supply._loaded.get(timeout=30.0))
    raise AssertionError("never there")


def until(done: Callable[[], bool]) -> None:
    for _ in range(20_000):
        if done():
            return
    raise AssertionError("never done")


def test_frames_go_on_and_the_drawing_shown_stays_until_the_next_is_there(wardrobe: Path) -> None:
    with mien.open_stage({"t": wardrobe}, size=SIZE, page_budget=3 * PAGE) as stage:
        counters = stage._compositor.counters
        assert stage._compositor.pages.layers == 3 < stage._compositor.page_count
        made = counters.compiles, counters.allocations
        rng = np.random.default_rng(2)
        shown = worn(stage)
        for wish in rng.integers(0, OUTFITS, 20).tolist():
            stage.wear("t", "outfit", f"o{wish}")
            for _ in range(3):
                before, shown = shown, worn(stage)
                assert min(before, wish) <= shown <= max(before, wish)  # or half-way in the crossfade
            until(lambda wish=wish: worn(stage) == wish)  # type: ignore[misc]
            shown = wish
        ledger = stage.ledger
        assert counters.evictions > 5
        assert counters.misses == 0
        assert 0 < ledger.count("l1_miss_total") <= 20
        assert ledger.histogram("l1_miss_ms").count == ledger.count("l1_miss_total")
        assert ledger.histogram("l1_miss_ms").max >= 1000 / 30
        assert (counters.compiles, counters.allocations) == made


def test_what_a_queued_turn_will_show_is_there_before_it_is_needed(wardrobe: Path) -> None:
    with mien.open_stage({"t": wardrobe}, size=SIZE, page_budget=3 * PAGE) as stage:
        last = f"o{OUTFITS - 1}"
        stage.say("t", tone(3.0), cues=[Cue(2.9, "drawing", last, slot="outfit")])
        stage.frame()
        bring(stage)
        until(lambda: worn(stage) == OUTFITS - 1)
        assert stage.ledger.count("l1_miss_total") == 0


def test_who_comes_on_stage_waits_for_what_it_will_show_and_that_is_counted(
    wardrobe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, load = threading.Event(), PageStore.load

    def when_let_go(store: PageStore, index: int) -> U8:
        held.wait(30.0)
        return load(store, index)

    monkeypatch.setattr(PageStore, "load", when_let_go)
    waits = mien.CastEntry("b", tiny_character(tmp_path / "b"), on_stage=False)
    with mien.open_stage([mien.CastEntry("t", wardrobe), waits], size=SIZE, page_budget=4 * PAGE) as stage:
        player = stage._show.player
        assert player.here is not None
        page = player.actors[1].page_base
        assert not player.here[page], "who is off stage is not loaded before it is asked for"
        rows = player.frame
        stage.frame()
        alone = rows.count
        stage.enter("b", seconds=0)
        for _ in range(6):
            stage.frame()
            assert (rows.count, stage.on_stage) == (alone, ("t",)), "all of it, or nothing"
        assert list(stage.warnings) == []
        held.set()
        bring(stage)
        assert player.here[page]
        stage.frame()
        assert rows.count > alone and stage.on_stage == ("t", "b")
        assert stage.ledger.count("entrances_late_total") == 1
        assert stage.warnings == ("'b' came on stage 0.17 s late: its drawings were not loaded.",)
        assert stage.ledger.count("l1_miss_total") == stage._compositor.counters.misses == 0


def test_who_a_queued_turn_has_enter_is_there_in_time(wardrobe: Path, tmp_path: Path) -> None:
    waits = mien.CastEntry("b", tiny_character(tmp_path / "b"), on_stage=False)
    with mien.open_stage([mien.CastEntry("t", wardrobe), waits], size=SIZE, page_budget=4 * PAGE) as stage:
        stage.say("t", tone(0.5))
        stage.frame()
        bring(stage)
        page = stage._show.player.actors[1].page_base
        assert not stage._show.are_here([page])
        stage.say("t", tone(0.5), cues=[Cue(0.4, "enter", "b")])
        stage.frame()
        bring(stage)
        assert stage._show.are_here([page]) and stage.on_stage == ("t",)
        until(lambda: stage.frame() is not None and stage.on_stage == ("t", "b"))
        assert stage.ledger.count("entrances_late_total") == 0


def test_what_who_enters_was_told_before_is_there_in_time_too(wardrobe: Path) -> None:
    cast = [mien.CastEntry("t", wardrobe), mien.CastEntry("b", wardrobe, on_stage=False)]
    with mien.open_stage(cast, size=SIZE, page_budget=6 * PAGE) as stage:
        stage.say("t", tone(0.5), cues=[Cue(0.4, "enter", "b")])
        stage.frame()
        bring(stage)
        stage.wear("b", "outfit", f"o{OUTFITS - 1}")
        stage.frame()
        bring(stage)
        needed = stage._show.player.would_show("b")
        assert not needed <= stage._show._wishes.rest("b") and stage._show.are_here(needed)
        assert stage.on_stage == ("t",)
        until(lambda: stage.frame() is not None and stage.on_stage == ("t", "b"))
        assert stage.ledger.count("entrances_late_total") == 0


def test_a_page_that_hangs_costs_its_drawing_and_no_frame(
    wardrobe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = threading.Event()
    load = PageStore.load

    def stuck(store: PageStore, index: int) -> object:
        hangs.wait()
        return load(store, index)

    monkeypatch.setattr(PageStore, "load", stuck)
    try:
        with mien.open_stage({"t": wardrobe}, size=SIZE, page_budget=3 * PAGE) as stage:
            stage.wear("t", "outfit", f"o{OUTFITS - 1}")
            assert [worn(stage) for _ in range(60)] == [0] * 60
            assert (stage.ledger.count("l1_miss_total"), stage.ledger.frames_produced) == (1, 60)
            hangs.set()
            until(lambda: worn(stage) == OUTFITS - 1)
            assert stage.ledger.histogram("l1_miss_ms").max >= 59 * 1000 / 30 * 0.9
    finally:
        hangs.set()


def test_a_budget_that_takes_all_streams_nothing(wardrobe: Path) -> None:
    with mien.open_stage({"t": wardrobe}, size=SIZE, page_budget=64 * PAGE) as stage:
        stage.frame()
        assert stage._show.supply is None
        assert stage.ledger.count("l1_miss_total") == 0


def test_a_budget_too_small_for_what_is_always_shown_is_said_at_once(wardrobe: Path) -> None:
    with pytest.raises(ScriptError, match=r"budget is 1000 bytes, and this cast needs \d{8} \(13 MB\)"):
        mien.open_stage({"t": wardrobe}, size=SIZE, page_budget=1000)
