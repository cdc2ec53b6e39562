"""A context that is gone is said so in a sentence, and closing after it is no error."""

from __future__ import annotations

import numpy as np
import pytest

from mien.composite import FrameRows
from mien.composite.gl import Compositor, open_headless
from mien.errors import ContextLost
from mien.types import Size


@pytest.mark.parametrize("strategy", ["auto", "loop"])
def test_a_lost_context_is_named_and_closing_after_it_is_quiet(strategy: str) -> None:
    size, page = Size(8, 6), np.zeros((16, 16, 4), np.uint8)
    context = open_headless()
    compositor = Compositor(context, size, 16, 1, 4, "loop" if strategy == "loop" else "auto")
    frame = FrameRows(4, size)
    compositor.draw(frame)
    context.release()
    for call in (
        lambda: compositor.draw(frame),
        compositor.read,
        lambda: compositor.read_into(np.zeros((6, 8, 4), np.uint8)),
        lambda: compositor.upload_page(0, page),
        compositor.warm_up,
    ):
        with pytest.raises(ContextLost, match="context"):
            call()
    compositor.close()
    compositor.close()
