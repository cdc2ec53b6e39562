"""Layers that are read ahead on other threads: in their order, a few at a time, and as if they were not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from mien import threads
from mien.art.layered import Layer, Node, read_layered
from mien.art.layered.ahead import Ahead
from mien.art.layered.shrinking import Shrinking
from mien.types import U8, Size

SMALL, LARGE = Size(1000, 1000), Size(8000, 5000)


@pytest.fixture(autouse=True)
def _cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)


Found = tuple[int, int]
"""A number, and the thread that it was made on."""


def jobs(count: int, begun: list[int]) -> list[tuple[int, Callable[[], Found]]]:
    """So many that say when they were begun."""

    def job(number: int) -> Found:
        begun.append(number)
        return number, threading.get_ident()

    return [(number, partial(job, number)) for number in range(count)]


def never() -> Found:
    raise AssertionError("it is made ahead")


def test_each_is_made_once_on_another_thread() -> None:
    begun: list[int] = []
    with Ahead(jobs(20, begun), SMALL) as ahead:
        for number in range(20):
            found, thread = ahead.take(number, never)
            assert found == number
            assert thread != threading.get_ident()
    assert sorted(begun) == list(range(20))


def test_no_more_are_begun_than_a_few_ahead_of_what_is_asked_for() -> None:
    begun: list[int] = []
    with Ahead(jobs(100, begun), SMALL) as ahead:
        for number in range(10):
            ahead.take(number, never)
    assert max(begun) <= 10 + 3


def test_what_is_not_asked_for_holds_nothing_up() -> None:
    begun: list[int] = []
    with Ahead(jobs(60, begun), SMALL) as ahead:
        assert [ahead.take(number, never)[0] for number in range(0, 60, 9)] == list(range(0, 60, 9))
        assert ahead.take(-1, lambda: (7, 7)) == (7, 7)


def test_of_large_canvases_one_is_made_at_a_time() -> None:
    begun: list[int] = []
    here = threading.get_ident()
    with Ahead(jobs(5, begun), LARGE) as ahead:
        assert ahead.take(0, lambda: (0, here)) == (0, here)
    assert not begun


def test_an_error_is_raised_where_it_is_asked_for() -> None:
    def bad() -> int:
        raise ValueError("bad")

    with Ahead([("a", bad), ("b", lambda: 2)], SMALL) as ahead:
        with pytest.raises(ValueError, match="bad"):
            ahead.take("a", bad)
        assert ahead.take("b", bad) == 2


@pytest.mark.parametrize(("kind", "suffix"), [(drawn.ora, "ora"), (drawn.kra, "kra")])
@pytest.mark.parametrize("most", [0, 150])
def test_files_read_on_several_threads_are_the_same_as_on_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Callable[..., Path], suffix: str, most: int
) -> None:
    path = kind(tmp_path / f"art.{suffix}", drawn.named())
    used: set[int] = set()
    shrink = Shrinking.pixels

    def seen(self: Shrinking, straight: U8, offset: tuple[int, int]) -> tuple[U8, tuple[int, int]]:
        used.add(threading.get_ident())
        return shrink(self, straight, offset)

    monkeypatch.setattr(Shrinking, "pixels", seen)
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(threads, "cores", lambda cores=cores: cores)
        used.clear()
        found.append(list(leaves(read_layered(path, hidden=True, most=most).root)))
        assert (threading.get_ident() in used) == (cores == 1)
    assert len(found[0]) > 10
    for one, other in zip(*found, strict=True):
        assert (one.name, one.offset) == (other.name, other.offset)
        assert np.array_equal(one.pixels, other.pixels)


def leaves(nodes: Iterable[Node]) -> Iterator[Layer]:
    for node in nodes:
        if isinstance(node, Layer):
            yield node
        else:
            yield from leaves(node.children)
