"""What a host is told of turns, whatever becomes of engines: each ends once, and nothing is told twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mien.backend.journal import Journal
from mien.backend.messages import FileSound, Say
from mien.talk.events import TurnEvent, TurnPosition


def said(journal: Journal, key: str, gap_s: float = 0.0) -> None:
    journal.begin(Say(0, "wren", FileSound("a.wav"), key=key, gap_s=gap_s), None)
    journal.confirm(key)


def event(kind: str, key: str, at: int | None = 0, position_s: float = 0.0, **more: object) -> TurnEvent:
    return TurnEvent(kind, key, "wren", at, position_s, **more)  # type: ignore[arg-type]


def test_events_go_through_as_they_are_while_nothing_happens() -> None:
    journal = Journal()
    said(journal, "a")
    told = [
        event("started", "a"),
        event("cue", "a"),
        event("word", "a", 9, 1.0),
        event("finished", "a", 20, 2.0),
    ]
    assert journal.happened(told) == told
    assert journal.idle and journal.happened([event("finished", "a")]) == []


def test_another_engine_goes_on_where_the_first_was_and_tells_nothing_again() -> None:
    journal = Journal()
    said(journal, "a", 1.0)
    said(journal, "b", 0.5)
    journal.happened([event("started", "a", 48_000), event("word", "a", 52_800, 0.1)])
    journal.heard(72_000, [TurnPosition("a", "wren", 0.5)])
    journal.stands((("set_expression", {"who": "wren", "expression": "happy"}),))
    restore = journal.restore(1)
    assert restore.heard_s == 0.5 and [say.gap_s for say in restore.turns] == [0.0, 0.5]
    assert restore.calls == (("set_expression", {"who": "wren", "expression": "happy"}),)
    journal.restored(1000)
    again = [event("started", "a", 1000), event("word", "a", 5800, 0.1), event("word", "a", 20_200, 0.4)]
    (word,) = journal.happened([*again])
    assert word.position_s == 0.4 and word.at == 67_200  # of the host's session: 48 000 is its beginning
    journal.heard(25_000, [TurnPosition("a", "wren", 0.5)])
    assert journal.position == 72_000


def test_what_was_interrupted_and_not_told_is_told_and_not_said_again() -> None:
    journal = Journal()
    said(journal, "a")
    said(journal, "b")
    journal.happened([event("started", "a")])
    journal.heard(24_000, [TurnPosition("a", "wren", 0.5)])
    journal.called("interrupt", {})
    told = journal.end_interrupted()
    assert [(one.kind, one.turn, one.interrupted) for one in told] == [
        ("finished", "a", True),
        ("dropped", "b", True),
    ]
    assert journal.restore(1).turns == ()


def test_a_turn_that_the_engine_may_not_have_is_not_said_for_it() -> None:
    journal = Journal()
    journal.begin(Say(0, "wren", FileSound("a.wav"), key="a"), None)
    assert not journal.is_known("a") and journal.restore(1).turns == ()
    journal.happened([event("started", "a")])
    assert journal.is_known("a") and len(journal.restore(1).turns) == 1


def test_views_and_pause_are_told_to_the_next_engine() -> None:
    journal = Journal()
    for slots in (["mouth"], ["head"]):
        journal.called("solo", {"who": "wren", "slots": slots})
    journal.called("pause", {})
    assert journal.restore(1).calls == (("solo", {"who": "wren", "slots": ["head"]}), ("pause", {}))
    journal.called("resume", {})
    assert journal.restore(1).calls == (("solo", {"who": "wren", "slots": ["head"]}),)


@given(st.lists(st.sampled_from(["say", "start", "word", "finish", "drop", "die", "interrupt"]), max_size=60))
def test_every_turn_starts_and_ends_at_most_once_and_is_over_in_the_end(steps: list[str]) -> None:
    """An engine that tells what it likes, and dies when it likes."""
    journal = Journal()
    told: list[TurnEvent] = []
    keys: list[str] = []
    for step in steps:
        if step == "say":
            keys.append(f"t{len(keys)}")
            said(journal, keys[-1])
        elif step == "die":
            told += journal.end_interrupted()
            journal.restore(1)
            journal.restored(0)
        elif step == "interrupt":
            journal.called("interrupt", {})
        elif keys:
            kind = {"start": "started", "word": "word", "finish": "finished", "drop": "dropped"}[step]
            told += journal.happened([event(kind, keys[len(told) % len(keys)])])
    told += journal.end_all("the engine ended")
    for key in keys:
        kinds = [one.kind for one in told if one.turn == key]
        assert kinds.count("started") <= 1
        assert kinds.count("finished") + kinds.count("dropped") == 1 and kinds[-1] in ("finished", "dropped")
        assert not (kinds[-1] == "dropped" and "started" in kinds)
