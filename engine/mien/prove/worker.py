"""One run in a process of its own: `python -m mien.prove.worker JSON`, which prints its answer as one line.

It ends when its standard input closes: with whoever began it, however that ended.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.prove.players import run
from mien.types import Size


def main(told: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request: `players.run`'s, or `error`, a sentence."""
    try:
        return run(
            told["player"],
            told["conversation"],
            Size(*told["size"]),
            told["seconds"],
            told["load"],
            Path(told["ledger"]),
            told["seed"],
        )
    except (MienError, OSError, ValueError) as error:
        return {"error": str(error)}


def _end_with_input() -> None:
    # Not through Python's own reader: a program that ends while a thread is in there is ended as a crash.
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    print(json.dumps(main(json.loads(sys.argv[1]))), flush=True)  # noqa: T201 - it is what the parent reads
