"""Thousands of turns through one stage: memory, files, GL objects and threads stay as they are.

A default run takes 240 turns. `MIEN_SOAK=10000 pytest tests/soak` takes as many as it says,
and `--log-cli-level=INFO` shows the figures.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

import mien
from art.build import tiny_character
from mien.stage.offline import Stage
from stage.test_page_budget import OUTFITS, PAGE, bring, until
from stage.test_page_budget import SIZE as PAGED_SIZE
from stage.test_page_budget import wardrobe as wardrobe
from stage.test_stage import tone

TURNS = int(os.environ.get("MIEN_SOAK", "240"))
CYCLE = 8
STAGES = 9
SHORT, LONG = tone(0.005), tone(0.4)
BROKEN = b"RIFF\x24\x00\x00\x00WAVEfmt of nothing"
KB = 1024
SLACK = 4 * KB * KB
"""What the C heap may take and keep, in bytes."""
PER_TURN = KB // 2
"""What a turn may leave, in bytes: nothing is known to stay, and an event of the script would be some 100."""


def resident() -> int:
    """Bytes of this process in memory, of which `held` has collected what is garbage."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def least_growth(memory: Sequence[int]) -> int:
    """Bytes from one look to the next, where it grew least: what stays behind each time is in all of them.

    The heap of a process that has run other tests may grow by many MB once.
    """
    return min(later - earlier for earlier, later in pairwise(memory))


def open_files() -> int:
    """File handles of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def held(stage: Stage) -> dict[str, int]:
    """What must be the same at the end as after the first turns; what other tests left is collected first."""
    gc.collect()
    counters = stage._compositor.counters
    return {
        "files": open_files(),
        "threads": threading.active_count(),
        "gl": counters.allocations - counters.freed,
        "compiles": counters.compiles,
        "unfreed fences": counters.fences - counters.fences_freed,
    }


def cycle(stage: Stage, seen: Counter[str]) -> None:
    """Eight turns, three of them by the second speaker: one is a feed, one broken, one cut, one dropped."""
    speakers = sorted(stage._show.session._cast)

    def listen() -> bool:
        stage.frame()
        for event in stage.events():
            seen[event.kind] += 1
            seen["interrupted"] += event.interrupted
            seen["damaged"] += event.damaged is not None
        return stage.idle

    for count in range(4):
        stage.say(speakers[count % len(speakers)], SHORT)
        listen()
    feed = mien.PcmFeed(rate=48_000)
    stage.say(speakers[-1], feed, "[happy] Yes.")
    feed.push(np.full(240, 9000, np.int16))
    feed.end()
    stage.say(speakers[0], BROKEN)
    until(listen)
    begun = seen["started"]
    stage.say(speakers[0], LONG)
    stage.say(speakers[-1], SHORT)
    while seen["started"] == begun:
        listen()
    stage.interrupt()
    until(listen)


def soak(stage: Stage, cycles: int, wishes: int = 0) -> None:
    """Play the cycles: exact counts, and nothing but a little memory more than after half of them."""
    rng = np.random.default_rng(4)
    seen: Counter[str] = Counter()
    warm = cycles // 2
    before, memory = held(stage), []
    for count in range(cycles):
        if count == warm:
            before = held(stage)
        if count in (warm, (warm + cycles) // 2):
            memory.append(resident())
        if wishes:
            stage.wear("t", "outfit", f"o{rng.integers(wishes)}")
            stage.frame()
            bring(stage)  # else the next wish may come before this one's page, as slow as machines are
        cycle(stage, seen)
    after = held(stage)
    grown = 2 * least_growth([*memory, resident()])
    assert seen["finished"] + seen["dropped"] == CYCLE * cycles
    assert (seen["dropped"], seen["interrupted"], seen["damaged"]) == (cycles, 2 * cycles, cycles)
    assert after == before
    turns = CYCLE * (cycles - warm)
    figures = f"{CYCLE * cycles} turns, {stage._index} frames: {grown / KB:+.0f} kB in the last {turns} turns"
    logging.getLogger(__name__).info("%s; %s", figures, before)
    assert grown <= SLACK + turns * PER_TURN, figures


def test_turn_after_turn_nothing_is_left_behind(tmp_path: Path) -> None:
    tiny = tiny_character(tmp_path / "tiny")
    with mien.open_stage({"a": tiny, "b": tiny}, size=(48, 36)) as stage:
        soak(stage, TURNS // CYCLE)
        assert stage.ledger.frames_produced == stage._index
        assert stage.ledger.turns == TURNS // CYCLE * CYCLE
        assert stage.ledger.count("gl_alloc_after_ready_total") == 0
        assert stage.ledger.count("shader_compile_after_ready_total") == 0


def test_pages_that_come_and_go_leave_nothing_behind(wardrobe: Path) -> None:
    with mien.open_stage({"t": wardrobe}, size=PAGED_SIZE, page_budget=3 * PAGE) as stage:
        soak(stage, TURNS // CYCLE // 5, wishes=OUTFITS)
        assert stage._compositor.counters.evictions > TURNS // CYCLE // 20
        assert stage._compositor.counters.misses == 0


def test_stages_opened_and_closed_leave_nothing_behind(tmp_path: Path) -> None:
    tiny = tiny_character(tmp_path / "tiny")
    memory, files, threads = [], 0, threading.active_count()
    for index in range(STAGES):
        if index == STAGES // 3:
            files = open_files()
        with mien.open_stage({"a": tiny}, size=(48, 36)) as stage:
            cycle(stage, Counter())
        if index % (STAGES // 3) == STAGES // 3 - 1:
            memory.append(resident())
    assert threading.active_count() == threads
    assert open_files() == files
    assert least_growth(memory) <= SLACK // 2, memory
