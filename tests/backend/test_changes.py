"""Changes of the cast that another engine makes as well: no more of them than there are to make."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mien.backend.changes import Changes

calls = st.lists(
    st.tuples(
        st.sampled_from(["load", "reload", "reload as", "unload"]), st.sampled_from(["otto", "ada", "guest"])
    ),
    max_size=30,
)


def cast_of(changes: list[tuple[str, str]]) -> dict[str, str]:
    """Who is there after them, and as what; otto is from the beginning."""
    cast = {"otto": "otto"}
    for name, who in changes:
        if name == "load":
            cast.setdefault(who, who)
        elif name == "unload":
            cast.pop(who, None)
        elif who in cast and name == "reload as":
            cast[who] = "another"
    return cast


@given(calls)
def test_an_engine_that_makes_those_that_are_left_has_the_cast_of_all(made: list[tuple[str, str]]) -> None:
    changes = Changes()
    done: list[tuple[str, str]] = []
    for name, who in made:
        there = who in cast_of(done)
        if there == (name == "load"):
            continue  # it would have been refused
        done.append((name, who))
        as_another = {"character": "another"} if name == "reload as" else {}
        changes.add(name.split()[0], {"who" if "reload" in name else "key": who, **as_another})
    left = [
        ("reload as" if "character" in arguments else name, str(arguments.get("key", arguments.get("who"))))
        for _, (name, arguments) in changes.since(0)
    ]
    assert cast_of(left) == cast_of(done)
    assert len(left) <= 5 * 3


def test_three_hundred_guests_leave_next_to_nothing_and_a_spare_hears_of_each() -> None:
    changes, known = Changes(), 0
    there: set[str] = set()
    for k in range(300):
        for name in ("load", "unload"):
            changes.add(name, {"key": f"guest {k}"})
            for number, (call, arguments) in changes.since(known):
                known = number
                (there.add if call == "load" else there.discard)(str(arguments["key"]))
    assert not there and len(changes) <= 101
