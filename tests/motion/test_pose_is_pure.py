"""The pose is a function of (script, time): order, frame rate and what comes later do not matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.lipsync.track import SpeechTrack
from mien.motion import Performer
from mien.script import Event, GazeSet, Script, TurnEnded, TurnStarted
from mien.types import CHANNELS, Pose
from motion.cast import blank, busy_script, character, script_of, seconds, track


def frozen(pose: Pose) -> tuple[bytes, ...]:
    return (pose.channels.tobytes(), pose.picks.tobytes(), pose.weights.tobytes(), pose.opacity.tobytes())


def test_any_order_of_calls_gives_the_same_poses() -> None:
    script = busy_script(np.random.default_rng(3), 12)
    times = [seconds(i / 24) for i in range(24 * 12)]
    forward, out = Performer(character(), "a", 5), blank()
    first = {at: frozen(forward.pose(script, at, out)) for at in times}
    shuffled = np.random.default_rng(1).permutation(times).tolist()
    other = Performer(character(), "a", 5)
    assert all(frozen(other.pose(script, at, out)) == first[at] for at in shuffled)


def test_seed_and_key_each_change_the_motion() -> None:
    script, out = Script(), blank()
    poses = {
        frozen(Performer(character(), key, seed).pose(script, seconds(3.3), out))
        for key, seed in (("a", 1), ("a", 2), ("b", 1))
    }
    assert len(poses) == 3


def test_the_future_is_not_known() -> None:
    whole = busy_script(np.random.default_rng(8), 10)
    out = blank()
    for at in (seconds(2.03), seconds(5.5), seconds(8.97)):
        so_far = Script(1)
        for key in ("a", "b"):
            for event in whole.of(key):
                if event.at <= at:
                    so_far.append(event)
        live, offline = Performer(character(), "a", 2), Performer(character(), "a", 2)
        assert frozen(live.pose(so_far, at, out)) == frozen(offline.pose(whole, at, blank()))


def test_a_track_that_still_grows_gives_the_same_poses_as_a_whole_one() -> None:
    whole = track(6)
    growing = SpeechTrack()
    live = script_of(TurnStarted(seconds(1), "a", "1", growing))
    offline = script_of(TurnStarted(seconds(1), "a", "1", whole))
    for key in ("a", "b"):  # the speaker, and a listener who nods at pauses
        growing.length = 0
        performer = Performer(character(), key, 4)
        for frame in range(590):
            # Analysis is 300 ms ahead of the playhead, as that of a file always is.
            if growing.length < min(600, frame + 30):
                n = growing.length
                growing.append(whole.visemes[n : frame + 30], whole.loudness[n : frame + 30], shown=frame)
            at = seconds(1) + frame * 480 + 123
            assert frozen(performer.pose(live, at, blank())) == frozen(performer.pose(offline, at, blank()))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.floats(0, 9.99), min_size=1, max_size=30))
def test_weights_sum_to_one_and_channels_stay_in_range(seed: int, times: list[float]) -> None:
    script = busy_script(np.random.default_rng(seed), 10)
    performer, out = Performer(character(), "a", seed), blank()
    low = np.array([0.0 if c in ("breath", "shrug", "jaw") else -1.0 for c in CHANNELS])
    sizes = np.array([len(s.drawings) for s in character().slots])[:, None]
    for t in times:
        performer.pose(script, seconds(t), out)
        assert np.isfinite(out.channels).all()
        assert (out.channels >= low).all() and (out.channels <= 1).all()
        assert (out.weights >= 0).all()
        assert np.abs(out.weights.sum(axis=1) - 1).max() < 1e-5
        assert (out.picks >= -1).all() and (out.picks < sizes).all()
        for row, weights in zip(out.picks, out.weights, strict=True):
            used = row[weights > 0].tolist()
            assert len(set(used)) == len(used)


class _Counted(list[Event]):
    """A list that counts how often an event is taken out of it."""

    reads = 0

    def __getitem__(self, i: SupportsIndex | slice) -> Any:
        type(self).reads += 1
        return super().__getitem__(i)


class _CountedScript(Script):
    """A script whose views count what is read."""

    def lanes(self, character: str) -> dict[str, Sequence[Event]]:
        return {k: _Counted(v) for k, v in super().lanes(character).items()}

    @property
    def floor(self) -> Sequence[Event]:
        return _Counted(super().floor)


def test_the_cost_of_a_frame_does_not_grow_with_the_script() -> None:
    def reads(turns: int) -> int:
        script = _CountedScript(0)
        heard = track(0.1)
        for n in range(turns):
            at, who = n * seconds(4), "ab"[n % 2]
            script.append(TurnStarted(at, who, str(n), heard))
            script.append(GazeSet(at + 900, "a", (-1) ** n * 0.5, 0.0))
            script.append(TurnEnded(at + seconds(3), who, str(n)))
        performer, out = Performer(character(), "a", 0), blank()
        _Counted.reads = 0
        for frame in range(120):
            performer.pose(script, (turns - 2) * seconds(4) + frame * 1600, out)
        return _Counted.reads

    # Bisection takes log2(16) = 4 more reads per look-up, of some twenty look-ups and fifty visits.
    assert reads(1024) < 1.7 * reads(64)
