#!/usr/bin/env python3
"""From a message to `mien serve` to the first picture that shows it, by each way that its pictures go.

`leave` and `enter` are told as cuts; somebody at the other end decodes what comes and looks where `otto`
stands. Each way has a server of its own. Prints Markdown, for docs/embedding.md. Needs mien[serve,webrtc],
chromium for the page, and srt-tools for SRT.
"""

from __future__ import annotations

import argparse
import statistics

from bench_compositor.machine import machine
from bench_ways.seen import SIZE
from bench_ways.ways import WAYS


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--only", choices=WAYS, nargs="*")
    given = parser.parse_args()
    here = machine()
    print(
        f"{here.renderer}; {here.processor}, {here.cores} cores; {SIZE[0]}x{SIZE[1]}, 30 a second, "
        f"{here.date}\n"
    )
    print("| by | picture that shows it, median, most | ms, median, most |\n|---|---|---|", flush=True)
    for name in given.only or WAYS:
        took = WAYS[name](given.times)
        counts, times = [count for count, _ in took], [ms for _, ms in took]
        print(
            f"| {name} | {statistics.median(counts):g}, {max(counts)} | "
            f"{statistics.median(times):.0f}, {max(times):.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
