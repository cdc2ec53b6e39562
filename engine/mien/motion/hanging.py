"""What hangs: chains of pendulums, each on the one above it, as closed forms of time.

A segment follows the one above it as a pendulum follows a hand, and the first follows the head. How far it is
behind bends it there: first near the root, then towards the tip, later and longer. All of it is linear, and
the answer of pendulums in a row to sines and to eased steps is known for any time; nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.easing import eased
from mien.mesh import Segment
from mien.motion.ease import Waves
from mien.motion.gaze import heads
from mien.motion.looks import LINGERS
from mien.motion.target import Target
from mien.types import F32, F64, Indices

_C128 = npt.NDArray[np.complex128]

_FLOW: Final = 0.5
"""Of the idle motion of the head, how much hangs to its side as well, as in moving air: slow motion alone
leaves nothing behind."""
_TURN: Final = 2.0
"""Looks turn the head by a third to a half of its range: so much more does it count that they are quick."""
_APART: Final = 0.013
"""Share by which periods that are alike are kept apart: pendulums of one period in a row have no closed form
as simple, and differ from this by less than is seen."""
_SEEN_S: Final = LINGERS / SAMPLE_RATE - 0.16
"""Seconds after which a step of the head has died away for what hangs, since looks are known for no longer;
heads begin up to 0.15 s after the eyes."""


class Hanging:
    """All that hangs on one character. `idle`: the slow motion of its head, in turns to the right."""

    def __init__(self, character: Character, idle: Waves) -> None:
        chains = [hang.segments for mesh in character.meshes for hang in mesh.hangs]
        self.count = sum(map(len, chains))
        """Segments."""
        if not self.count:
            return
        self._poles: _C128 = np.concatenate([_poles(chain) for chain in chains])[:, None]
        # Of each, what those of its chain down to it have in its answer.
        self._residues: _C128 = np.zeros((self.count, self.count), np.complex128)
        self._delay: F64 = np.zeros(self.count)
        self._settles: F64 = np.zeros(self.count)
        self._above: Indices = np.zeros(self.count, np.intp)
        waves = np.array(idle, np.float64).reshape(-1, 3)
        self._speeds: _C128 = waves[:, 0].astype(np.complex128) * 1j
        self._idle: _C128 = np.zeros((self.count, len(waves)), np.complex128)
        started = waves[:, 2] * np.exp(1j * waves[:, 1])
        row = 0
        for chain in chains:
            poles = _poles(chain)
            above = np.ones(len(waves), np.complex128)
            for k in range(len(chain)):
                self._residues[row, row - k : row + 1] = 2.0 * _residues(poles[: k + 1])
                self._delay[row] = (-2.0 * poles[: k + 1].real / np.abs(poles[: k + 1]) ** 2).sum()
                self._settles[row] = min(_SEEN_S, (5.0 / -poles[: k + 1].real).sum())
                # 0: the head; what is above has the number before.
                self._above[row] = row if k else 0
                follows = _follows(poles[: k + 1], self._speeds)
                self._idle[row] = (above - follows + _FLOW * follows) * started
                above = follows
                row += 1

        self._settled = float(self._settles.max()) * SAMPLE_RATE

    def fill(
        self,
        out: F32,
        at: int,
        idle_s: float,
        lively: float,
        targets: Sequence[Target],
        own: float = 1.0,
        turns: Sequence[tuple[float, float, float]] = (),
    ) -> None:
        """Write `Pose.swings` of sample `at`. Room for none is left as it is.

        `idle_s`: seconds of the head's own time, in which its slow motion goes; `lively`: how much more it
        moves than at rest; `targets`: where it looks and looked, as `Looks` says; `own`: the share of all
        that which the head has where it is held; `turns`: as of `Held.steps`.
        """
        if not self.count or len(out) != self.count:
            return
        moves = np.exp(self._speeds * idle_s)
        swings = lively * (self._idle @ moves).imag
        steps = [
            (newer.yaw - older.yaw, (at - newer.head_begins) / SAMPLE_RATE, newer.head_lasts / SAMPLE_RATE)
            for newer, older in pairwise(targets)
            if 0.0 < at - newer.head_begins < self._settled
        ]
        if steps:
            swings += _TURN * self._behind(np.array(steps))
        if any(target.path is not None for target in targets):
            swings += _TURN * self._pursuing(targets, at)
        if own < 1.0:
            swings *= own
        if turns:
            swings += _TURN * self._behind(np.array(turns))
        # Held to 1 without a corner; half is 0.49.
        out[:] = swings / (1.0 + swings**4) ** 0.25

    def _behind(self, steps: F64) -> F64:
        """(segments,) how far each is behind the one above after steps of the head: (n, 3) how far, how many
        seconds ago it began, and how many it takes."""
        turned, ago, eases = steps.T
        t = np.maximum(np.concatenate((ago, ago - eases)), 0.0)
        # The integral of the answer to a sudden step so long ago; of two the difference is that to a ramp.
        travelled = t - self._delay[:, None] + (self._residues @ np.exp(self._poles * t)).real
        went = (travelled[:, : len(steps)] - travelled[:, len(steps) :]) / eases
        above = np.concatenate((eased(ago / eases)[None], went)).take(self._above, axis=0)
        behind = (above - went) * eased(2.0 - 2.0 * ago / self._settles[:, None])
        total: F64 = behind @ turned
        return total

    def _pursuing(self, targets: Sequence[Target], at: int) -> F64:
        """(segments,) the same behind a head that follows something: late by their delays."""
        went = np.zeros(self.count + 1)
        for target, share in zip(targets, heads(targets, at), strict=True):
            if target.path is not None and share > 0.0:
                late = [0.0, *self._delay.tolist()]
                went += [share * target.head(at - round(by * SAMPLE_RATE))[0] for by in late]
        behind: F64 = went[self._above] - went[1:]
        return behind


def _poles(chain: Sequence[Segment]) -> _C128:
    """(segments,) the pole of each above the real axis."""
    poles = []
    for k, segment in enumerate(chain):
        natural = 2.0 * np.pi / (segment.period_s * (1.0 + _APART * k))
        ring = np.sqrt(1.0 - segment.damping * segment.damping)
        poles.append(natural * complex(-segment.damping, ring))
    return np.array(poles, np.complex128)


def _follows(poles: _C128, at: _C128) -> _C128:
    """What pendulums of these poles in a row make of exp(s t), for each s of `at` (n,)."""
    each = np.abs(poles[:, None]) ** 2 / ((at - poles[:, None]) * (at - poles.conj()[:, None]))
    follows: _C128 = each.prod(axis=0)
    return follows


def _residues(poles: _C128) -> _C128:
    """(poles,) of their answer to a ramp, t - delay + twice the real part of sum(residue exp(pole t))."""
    found = np.empty(len(poles), np.complex128)
    for i, pole in enumerate(poles):
        others = np.delete(poles, i)
        rest = (np.abs(others) ** 2 / ((pole - others) * (pole - others.conj()))).prod()
        found[i] = np.abs(pole) ** 2 / (pole - pole.conjugate()) * rest / (pole * pole)
    return found
