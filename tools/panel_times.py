"""What the panel takes of a frame: all sections folded, as it comes, and all unfolded.

`python tools/panel_times.py [--frames 600] [--size 1280x720] [--character PATH]` prints Markdown, for
docs/preview.md: of a conversation, or of one character that stands idle. It wants a display:
`xvfb-run -s "-screen 0 1920x1080x24" python tools/panel_times.py`.
"""

from __future__ import annotations

import argparse
from time import thread_time_ns

import numpy as np

import mien
from mien.observe import Observation, Outputs
from mien.preview import Panel, widgets


class _All:
    def __contains__(self, title: object) -> bool:
        return True


UNFOLDED = {
    "all folded": (),
    "as it comes": None,
    "all unfolded": _All(),
    "channels": ("Channels",),
    "slots": ("Slots",),
    "channels and slots": ("Channels", "Slots"),
}
"""What is measured. Of all that is unfolded a window shows what it has room for."""


FIRST = 30
"""Frames in which drivers compile and letters are drawn for the first time: the longest of them is told by
itself."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--character", metavar="PATH")
    given = parser.parse_args()
    wide, high = map(int, given.size.split("x"))
    told = mien.load_conversation(mien.bundled("conversations", "hello"))

    def opened() -> mien.Window:
        if given.character is not None:
            return mien.open_window({"it": given.character}, size=(wide, high), playout="null")
        return mien.Window.of(told, size=(wide, high), playout="null")

    heading = widgets.heading
    rows: list[tuple[str, list[float]]] = []
    for name, unfolded in UNFOLDED.items():

        def head(title: str, *, unfolded=unfolded, **own: bool) -> bool:
            opened = {} if unfolded is None else {"is_open": title in unfolded}
            return heading(title, **{**own, **opened})

        widgets.heading = head
        with (
            opened() as window,
            Observation(
                window.ledger, Outputs(), {}
            ),  # as `mien play` has it: nothing is collected in frames
        ):
            window.overlay = panel = Panel(window)
            panel.show()
            took: list[float] = []
            draw = panel.draw

            def timed(*arguments: object, draw=draw, took=took) -> None:
                begun = thread_time_ns()
                draw(*arguments)
                took.append((thread_time_ns() - begun) / 1e6)

            panel.draw = timed  # type: ignore[method-assign]
            for _ in range(given.frames + FIRST):
                window.frame()
            rows.append((name, took))
            renderer = window.renderer
    widgets.heading = heading
    print(f"{renderer}; {given.size}, {given.frames} frames each\n")
    print("| sections | mean ms | p50 | p99 | p99.9 | most | first |\n|---|---|---|---|---|---|---|")
    for name, times in rows:
        shown = times[FIRST:]
        figures = (np.mean(shown), *np.percentile(shown, (50, 99, 99.9)), max(shown), max(times[:FIRST]))
        print(f"| {name} | {' | '.join(f'{ms:.2f}' for ms in figures)} |")


if __name__ == "__main__":
    main()
