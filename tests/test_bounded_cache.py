"""A cache that never grows past its bound."""

from __future__ import annotations

import pytest

from mien.bounded_cache import BoundedCache


def test_what_was_put_is_found_until_one_is_too_many() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    assert cache.put("a", 1) == 1
    cache.put("b", 2)
    cache.put("a", 3)  # not a further one
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (3, 2, None)
    cache.put("c", 4)
    assert (cache.get("a"), cache.get("b"), cache.get("c"), len(cache)) == (None, None, 4, 1)


def test_it_holds_no_more_than_its_bound_whatever_is_asked() -> None:
    cache: BoundedCache[int, int] = BoundedCache(8)
    for key in range(1000):
        cache.put(key, key)
        assert cache.get(key) == key
        assert len(cache) <= 8


def test_a_cache_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="a cache of 0 answers"):
        BoundedCache(0)
