#!/usr/bin/env python3
"""Make the golden frames that Mien brings anew (engine/mien/prove/golden.json): after a change that is
meant."""

from __future__ import annotations

from pathlib import Path

from mien.catalog import bundled_or_path
from mien.prove import golden
from mien.talk import load_conversation
from mien.types import Size

PLACE = Path(__file__).parents[1] / "engine/mien/prove/golden.json"
FRAMES = (12, 45, 80, 130, 190, 250)


def main() -> None:
    """Draw them, and write the list."""
    conversation = load_conversation(bundled_or_path("conversations", "hello"))
    wanted = golden.Golden(
        "hello", Size(640, 360), conversation.seed, {f"hello-{number:03d}": number for number in FRAMES}
    )
    PLACE.write_text(golden.encoded(wanted, list(golden.drawn(wanted))) + "\n", encoding="utf-8")
    print(f"wrote {PLACE}")


if __name__ == "__main__":
    main()
