"""Pictures that arrive late are the pictures that were drawn, and nobody waits for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import moderngl
import numpy as np
import pytest

from composite.scenes import random_frame
from composite.timeline import PAGE, PAGE_COUNT, SIZE, Timeline, page
from composite.waiting import MOST_LOOKS, finish, taken, wait
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.readback import RING
from mien.types import Size

Name = Literal["fetch", "loop"]


@pytest.fixture(params=[False, True], ids=["target", "pixel buffers"])
def buffered(request: pytest.FixtureRequest) -> bool:
    """Both ways on any renderer."""
    return bool(request.param)


def named(strategy: str) -> Name:
    return "fetch" if strategy == "fetch" else "loop"


class Scene:
    """Frames in which something changed, all unlike one another, and a compositor for them."""

    def __init__(self, ctx: moderngl.Context, strategy: str, buffered: bool, size: Size = SIZE) -> None:
        self.size, self._seed = size, 0
        self.compositor = Compositor(
            ctx, size, 48, 1, 64, options=CompositorOptions(strategy=named(strategy), pixel_buffers=buffered)
        )
        self.compositor.upload_page(0, page(np.random.default_rng(1), 0)[:48, :48])
        self.compositor.warm_up()

    def draw(self) -> None:
        """Draw another."""
        self._seed += 1
        frame = random_frame(np.random.default_rng(self._seed), self.size, (48, 48), 1)
        frame.clear = (self._seed / 255, 0.0, 0.0, 1.0)
        assert self.compositor.draw(frame)


def hold(compositor: Compositor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The GPU does not get on."""
    monkeypatch.setattr(compositor._gl.functions, "reached", lambda fence: False)


def accounted(compositor: Compositor, under_way: int = 0) -> bool:
    counters = compositor.counters
    return counters.reads_begun == counters.reads_finished + counters.reads_merged + under_way


@pytest.mark.parametrize("damage", [True, False])
def test_each_picture_is_the_frame_of_its_number(
    ctx: moderngl.Context,
    strategy: str,
    buffered: bool,
    damage: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A GPU that gets on at random, any number of draws between readings and of readings between takes."""
    scene, rng = Timeline(0), np.random.default_rng(0)
    offscreens, rows = scene.frame.offscreens, scene.frame.capacity
    wanted = np.zeros((50, SIZE.height, SIZE.width, 4), np.uint8)
    late, newest = 0, -1
    with Compositor(
        ctx,
        SIZE,
        PAGE,
        PAGE_COUNT,
        rows,
        offscreens=offscreens,
        options=CompositorOptions(strategy=named(strategy), damage=damage, pixel_buffers=buffered),
    ) as compositor:
        for index in range(PAGE_COUNT):
            compositor.upload_page(index, page(np.random.default_rng(index), index))
        compositor.warm_up()
        made = compositor.counters.allocations, compositor.counters.compiles
        real = compositor._gl.functions.reached
        monkeypatch.setattr(
            compositor._gl.functions, "reached", lambda fence: rng.random() < 0.4 and real(fence)
        )
        for number in range(len(wanted)):
            scene.step()
            compositor.draw(scene.frame)
            compositor.read_into(wanted[number])
            if rng.random() < 0.8:
                compositor.begin_read(number)
            if rng.random() < 0.8 and (arrived := compositor.take_read()) is not None:
                tag, picture = arrived
                assert newest < tag <= number
                assert np.array_equal(picture, wanted[tag]), (number, tag)
                late, newest = max(late, number - tag), tag
        compositor.begin_read(number)
        monkeypatch.undo()
        tag, picture = taken(compositor)
        while tag != number:  # older ones were under way, or it was put off: there is room now
            assert buffered and tag < number
            tag, picture = taken(compositor)
        assert np.array_equal(picture, wanted[number])
        assert np.array_equal(compositor.read(), wanted[number])
        assert accounted(compositor)
        assert newest > 30 and late >= 1
        assert (compositor.counters.allocations, compositor.counters.compiles) == made


@pytest.mark.parametrize("size", [Size(1, 1), Size(3, 1), Size(1, 5), Size(33, 31), Size(130, 70)])
def test_pictures_of_any_size(ctx: moderngl.Context, strategy: str, buffered: bool, size: Size) -> None:
    scene = Scene(ctx, strategy, buffered, size)
    into = np.empty((size.height, size.width, 4), np.uint8)
    with scene.compositor as compositor:
        for number in range(6):
            scene.draw()
            compositor.begin_read(number)
            tag, picture = taken(compositor)
            compositor.read_into(into)
            assert tag == number
            assert np.array_equal(picture, into)
            assert compositor.take_read() is None


def test_of_readings_that_do_not_merge_none_is_left_out_while_the_next_is_drawn(
    ctx: moderngl.Context, strategy: str, buffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is taken after the next was drawn over it, from a GPU that nobody finds ready."""
    scene = Scene(ctx, strategy, buffered)
    wanted = np.zeros((12, SIZE.height, SIZE.width, 4), np.uint8)
    with Scene(ctx, strategy, buffered).compositor as one_by_one, scene.compositor as compositor:
        for number in range(len(wanted)):
            frame = random_frame(np.random.default_rng(number), SIZE, (48, 48), 1)
            one_by_one.draw(frame)
            one_by_one.read_into(wanted[number])
        hold(compositor, monkeypatch)
        for number in range(len(wanted)):
            compositor.draw(random_frame(np.random.default_rng(number), SIZE, (48, 48), 1))
            before = compositor.take_read(wait=True)
            if number:
                assert before is not None
                assert before[0] == number - 1
                assert np.array_equal(before[1], wanted[number - 1])
            compositor.begin_read(number, merge=False)
        monkeypatch.undo()
        last = compositor.take_read(wait=True)
        assert last is not None
        assert np.array_equal(last[1], wanted[-1])
        assert compositor.counters.reads_merged == 0
        assert accounted(compositor)


def test_who_waits_gets_the_newest_also_where_there_was_no_buffer_left_for_it(
    ctx: moderngl.Context, strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(ctx, strategy, buffered=True)
    with scene.compositor as compositor:
        hold(compositor, monkeypatch)
        for number in range(RING + 1):
            scene.draw()
            compositor.begin_read(number)
        arrived = compositor.take_read(wait=True)
        assert arrived is not None and arrived[0] == RING
        picture = arrived[1].copy()
        assert np.array_equal(picture, compositor.read())
        assert accounted(compositor)


def test_only_damage_is_read(ctx: moderngl.Context, strategy: str, buffered: bool) -> None:
    scene = Timeline(3)
    with Compositor(
        ctx,
        SIZE,
        PAGE,
        PAGE_COUNT,
        32,
        offscreens=scene.frame.offscreens,
        options=CompositorOptions(strategy=named(strategy), pixel_buffers=buffered),
    ) as compositor:
        for index in range(PAGE_COUNT):
            compositor.upload_page(index, page(np.random.default_rng(index), index))
        compositor.warm_up()
        before = replace(compositor.counters)
        for number in range(60):
            scene.step()
            compositor.draw(scene.frame)
            compositor.begin_read(number)
            assert taken(compositor)[0] == number
        read = compositor.counters.read_bytes - before.read_bytes
        assert read < 0.8 * 60 * 4 * SIZE.width * SIZE.height
        assert compositor.counters.reads_finished - before.reads_finished == 60


def test_a_frame_in_which_nothing_changed_arrives_under_its_number_and_reads_nothing(
    ctx: moderngl.Context, strategy: str, buffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(ctx, strategy, buffered)
    with scene.compositor as compositor:
        scene.draw()
        compositor.begin_read(7)
        assert taken(compositor)[0] == 7
        reads = compositor.counters.reads
        compositor.begin_read(8)
        assert (compositor.take_read() or (0,))[0] == 8
        assert compositor.counters.reads == reads
        scene.draw()
        with monkeypatch.context() as patched:
            hold(compositor, patched)
            compositor.begin_read(9)
            compositor.begin_read(10)  # the same picture: it is not there yet
            assert compositor.take_read() is None
        assert taken(compositor)[0] == 10
        assert accounted(compositor)


def test_a_gpu_that_does_not_get_on_is_never_waited_for_and_loses_nothing(
    ctx: moderngl.Context, strategy: str, buffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(ctx, strategy, buffered)
    with scene.compositor as compositor:
        assert not compositor.busy
        with monkeypatch.context() as patched:
            hold(compositor, patched)
            read = compositor._gl.functions.read
            patched.setattr(compositor._gl.functions, "read", refuse)
            patched.setattr(compositor._gl.functions, "copy_from_buffer", refuse)
            for number in range(10):
                scene.draw()
                compositor.begin_read(number)
                assert compositor.busy
                assert compositor.take_read() is None  # type: ignore[unreachable]
            # The ring keeps three; without it a frame drawn over is read with the next one.
            merged = 10 - RING - 1 if buffered else 9
            assert compositor.counters.reads_merged == merged
            assert accounted(compositor, 10 - merged)
        assert compositor._gl.functions.read == read
        finish(compositor)
        tags: list[int] = []
        while not tags or tags[-1] != 9:
            tag, shown = taken(compositor)
            tags.append(tag)
            picture = shown.copy()
        # Those in the ring may arrive one by one or at once; what was put off is the last.
        assert tags == sorted(tags) and set(tags) <= ({*range(RING), 9} if buffered else {9})
        assert not buffered or RING - 1 in tags
        into = np.empty_like(picture)
        compositor.read_into(into)
        assert np.array_equal(picture, into)


def refuse(*_: object) -> None:
    raise AssertionError("this waits for the GPU")


def test_reading_at_once_gives_up_what_is_under_way(
    ctx: moderngl.Context, strategy: str, buffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(ctx, strategy, buffered)
    with scene.compositor as compositor:
        with monkeypatch.context() as patched:
            hold(compositor, patched)
            for number in range(5):
                scene.draw()
                compositor.begin_read(number)
        picture = compositor.read()
        into = np.empty_like(picture)
        compositor.read_into(into)
        assert np.array_equal(picture, into)
        assert compositor.take_read() is None
        assert np.array_equal(compositor.picture, into)
        assert accounted(compositor)


def test_polling_asks_the_driver_until_the_fence_is_reached_and_not_again(
    ctx: moderngl.Context, strategy: str, buffered: bool
) -> None:
    scene = Scene(ctx, strategy, buffered)
    with scene.compositor as compositor:
        for _ in range(2):
            scene.draw()
            polls = compositor.counters.fence_polls
            for looks in range(1, MOST_LOOKS):
                wait(compositor)
                busy = compositor.busy
                assert compositor.counters.fence_polls == polls + looks
                if not busy:
                    break
            assert not compositor.busy and not compositor.busy
            assert compositor.counters.fence_polls == polls + looks


def test_warming_up_again_gives_up_what_is_under_way(
    ctx: moderngl.Context, strategy: str, buffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(ctx, strategy, buffered)
    compositor = scene.compositor
    with monkeypatch.context() as patched:
        hold(compositor, patched)
        for number in range(2):
            scene.draw()
            compositor.begin_read(number)
        compositor.warm_up()
    assert compositor.take_read() is None
    scene.draw()
    compositor.begin_read(2)
    assert taken(compositor)[0] == 2
    assert accounted(compositor)
    compositor.close()
    assert compositor.counters.fences == compositor.counters.fences_freed
