"""Settings of every test."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: machines are shared, and no test here asserts a wall time. In CI the examples are the same
# each time, so that a red run can be repeated; elsewhere they go on searching.
settings.register_profile("mien", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("mien")
