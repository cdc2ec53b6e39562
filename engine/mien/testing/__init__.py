"""For tests of programs that use Mien: a clock that stands still, a tiny character, pictures compared.

    from mien.testing import Timeline, open_on, tiny_character, assert_same, golden

Nothing here is imported by Mien itself.
"""

from mien.clock import VirtualClock
from mien.testing.character import tiny_character
from mien.testing.pictures import Difference, assert_same, difference, golden
from mien.testing.timeline import Timeline, decoded, open_on

__all__ = [
    "Difference",
    "Timeline",
    "VirtualClock",
    "assert_same",
    "decoded",
    "difference",
    "golden",
    "open_on",
    "tiny_character",
]
