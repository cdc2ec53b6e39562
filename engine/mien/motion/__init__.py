"""(script, time) -> pose: what makes characters look alive.

Layout: `performer` adds everything up; one module per behaviour: `faces` expressions, `slots` drawings and
their owners, `lids`, `blink`, `looks` what eyes look at (by themselves as `wander` has it, each a `target`),
`gaze` how they go there and, where it moves, `pursuit`, `mouth`, `body`, `presence` what bodies do that
have nothing to do, `listening`. `prosody` reads tracks; `floor` who speaks; `labels` names of feelings;
`timeline`, `ease`, `chance` what they are made of.
"""

from mien.motion.floor import State, speaker_at, state_at
from mien.motion.labels import CHAINS, resolve_expression
from mien.motion.performer import Performer

__all__ = ["CHAINS", "Performer", "State", "resolve_expression", "speaker_at", "state_at"]
