"""What the process runs that imports a source again and again: `python -m mien.importing.child PATH FOLDER`.

Each line that it reads is a request to import once more, and is answered by a line of JSON. It ends as soon
as nobody can ask any more, whatever it is at, and runs behind everything else but for the first time.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from mien import errors
from mien.errors import MienError
from mien.importing.again import Again
from mien.thread_priority import BEHIND


def main() -> None:
    """Answer until nobody asks any more."""
    # What libraries print must not stand between the answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked = SimpleQueue[None]()
    again = Again(Path(sys.argv[1]), Path(sys.argv[2]))
    threading.Thread(target=_listen, args=(asked, again), daemon=True).start()
    first = True
    while True:
        asked.get()
        answer: dict[str, object]
        try:
            answer = {
                "remarks": again.make(),
                "drawn": again.drawn,
                "written": again.written,
                "found": again.found,
            }
        except Exception as error:  # whatever a reader raises at a stranger's bytes
            text = str(error) if isinstance(error, MienError | OSError) else repr(error)
            kind = next((one.__name__ for one in type(error).__mro__ if hasattr(errors, one.__name__)), "")
            answer = {"error": text, "kind": kind}
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()
        if first and hasattr(os, "nice"):
            first = False
            os.nice(BEHIND)
        with suppress(OSError):  # then it takes longer the next time
            again.get_ready()


def _listen(asked: SimpleQueue[None], again: Again) -> None:
    for _ in sys.stdin.buffer:
        asked.put(None)
    again.close()
    os._exit(0)  # nobody waits for what is under way


if __name__ == "__main__":
    main()
