"""Hold mouths against speech whose phones are known, and write how well they follow, in Markdown and JSON.

Mien, pylipsync, wLipSync and HeadAudio hear the same clips in one run. Clips and peers come by the names of
their packages (pip, apt, npm); what cannot be had is left out, and said so.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench_compositor.machine import processor
from bench_mouth import engines, page, peers
from bench_mouth.clips import Clip, ToolMissing
from bench_mouth.conditions import changed, conditions, without_voice
from bench_mouth.engines import Engine, Moved
from bench_mouth.figures import Figures, closed_wrongly, figures
from bench_mouth.groups import Group, groups
from bench_mouth.versions import versions
from mien.lipsync.analyser import LOOK_AHEAD_MS

SOUND, WORDS, DRAWN, TOLD, PHONES = (
    "**Mien, the sound alone**",
    "**Mien, words and the sound**",
    "Mien, the shapes drawn of these",
    "Mien, words alone",
    "Mien, phones and their times",
)
_DONE = {SOUND: engines.from_sound, WORDS: engines.from_words_and_sound, DRAWN: engines.as_drawn,
         TOLD: engines.from_words, PHONES: engines.from_phones}  # fmt: skip
_WORDY = (WORDS, DRAWN, TOLD)


class Bench:
    """Runs the mouths over groups of clips, and keeps what each did."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self._asked = asked
        self.missing: list[str] = []
        self.kept: dict[str, Any] = {}
        """Of each group's title: what it is, and of each engine its figures, or why there are none."""
        self._before: dict[str, Any] = _groups_of(asked.beside) if asked.beside else {}
        self._all: dict[str, tuple[list[Clip], list[Moved]]] = {}  # of people's sentences, by engine
        self._engines: dict[str, Engine | str] = dict(_DONE)
        for name, make in peers.PEERS.items():
            try:
                self._engines[name] = make(asked.packages)
            except ToolMissing as error:
                self._engines[name] = str(error)
                self.lacks(str(error))
        self._engines["loudness only"] = engines.from_loudness

    def lacks(self, what: str) -> None:
        """Something cannot be had."""
        self.missing.append(what)
        print(f"bench_mouth.py: NOT MEASURED: {what}", file=sys.stderr)

    def group(self, group: Group) -> str:
        """A table."""
        seconds = sum(len(clip.samples) for clip in group.clips) / 48_000
        own: dict[str, Any] = {}
        text = ""
        for name in self._engines:
            if group.is_large and name in peers.PEERS:
                continue
            moved = self._moved(name, group)
            if isinstance(moved, str):
                own[name] = {"not_measured": moved}
                text += page.row([name, *["N/A"] * page.COLUMNS])
            elif moved:
                found, cells = _figures(name, group.clips, moved)
                own[name] = found
                text += page.row(cells)
                text += self._then(group.title, name)
                if name == SOUND:
                    own[name] |= closed_wrongly(group.clips, [one.rows for one in moved])
                if group.is_people:
                    clips, rows = self._all.setdefault(name, ([], []))
                    clips += group.clips
                    rows += moved
        kept = {"about": group.about, "held_out": group.held_out.strip("*"), "seconds": round(seconds, 1)}
        self.kept[group.title] = {**kept, "clips": len(group.clips), "mouths": own}
        return page.table(group.title, f"{group.about} {seconds:.0f} s in all. {group.held_out}") + text

    def _moved(self, name: str, group: Group) -> list[Moved] | str:
        """What a mouth does; none where it goes by words, and a clip has none; or why it cannot be had."""
        run = self._engines[name]
        if isinstance(run, str):
            return run
        if name in _WORDY and not all(clip.words for clip in group.clips):
            return []
        print(f"{group.title}: {name.strip('*')}", file=sys.stderr)
        try:
            return run(group.clips)
        except ToolMissing as error:  # what was measured before is kept
            self.lacks(f'{name}, from the group "{group.title}" on: {error}')
            self._engines[name] = str(error)
            return str(error)

    def spare(self, found: Sequence[Group]) -> None:
        """Say in which groups the peers were left out."""
        large = [f'"{group.title}"' for group in found if group.is_large and group.clips]
        if large:
            self.lacks(f"{', '.join(peers.PEERS)} in the largest groups: {', '.join(large)}.")

    def people(self) -> str:
        """All sentences of people in one table, with the aims."""
        text = ""
        own = {}
        for name, run in self._engines.items():
            if isinstance(run, str):
                text += page.row([name, *["N/A"] * page.COLUMNS])
            elif name in self._all:
                own[name], cells = _figures(name, *self._all[name])
                text += page.row(cells) + self._then("people", name)
        self.kept["people"] = {"mouths": own}
        return page.PEOPLE + page.HEADER + text + page.AIMS

    def _then(self, title: str, name: str) -> str:
        """The row of the version before."""
        then = self._before.get(title, {}).get("mouths", {}).get(name, {})
        if "Mien" not in name or "visemes" not in then:
            return ""
        return page.row(page.cells(f"{name.strip('*')}, before", then))

    def hard(self, clips: Sequence[Clip]) -> str:
        """People's sentences under conditions, and sounds in which nobody speaks."""
        text = page.table("People, as they may reach us", page.HARD)
        own: dict[str, Any] = {}
        for name, (change, faster) in conditions().items():
            print(f"conditions: {name}", file=sys.stderr)
            harder = [changed(clip, change, faster) for clip in clips]
            own[name], cells = _figures(name, harder, engines.from_sound(harder))
            text += page.row(cells) + self._then("conditions", name)
        self.kept["conditions"] = {"mouths": own}
        silent = without_voice(clips, engines.rows_of)
        self.kept["nobody speaks"] = silent
        return (
            text + page.NOBODY + "".join(page.row([name, f"{share:.0%}"]) for name, share in silent.items())
        )


def _groups_of(path: Path) -> dict[str, Any]:
    """What an earlier run has kept. Raises OSError, ValueError."""
    told = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(told, dict) or not isinstance(told.get("groups"), dict):
        raise ValueError(f"{path} is no JSON of this benchmark; give what its --json has written.")
    return told["groups"]


def _figures(name: str, clips: Sequence[Clip], moved: Sequence[Moved]) -> tuple[dict[str, float], list[str]]:
    """For the JSON, and the cells of a row."""
    found: Figures = figures(clips, [one.rows for one in moved], sum(one.cost_s for one in moved))
    kept = {key: round(value, 4) for key, value in asdict(found).items()}
    kept["waits_ms"] = max(one.waits_ms for one in moved)
    return kept, page.cells(name, kept)


def report(asked: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """The whole of it, in Markdown and for JSON."""
    here: dict[str, Any] = {
        "command": _command(asked),
        "machine": f"{processor()}, {len(os.sched_getaffinity(0))} cores; {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}; "
        f"load average {os.getloadavg()[0]:.1f} at the start",
        "date": datetime.date.today().isoformat(),
    }
    bench = Bench(asked)
    found = groups(asked, bench.lacks)
    tables = "".join(bench.group(group) for group in found if group.clips)
    bench.spare(found)
    here["versions"] = versions(asked.packages)  # now that what was missing was fetched
    sentences = [clip for group in found if group.is_people for clip in group.clips]
    text = page.head(here, bench.missing) + (bench.people() if sentences else "") + tables
    if sentences and not asked.quick:
        text += bench.hard(sentences)
    return text + page.tail(LOOK_AHEAD_MS, bench.kept, SOUND), {
        **here,
        "missing": bench.missing,
        "groups": bench.kept,
    }


def main() -> int:
    """Run the tool; 2 on bad use."""
    parser = argparse.ArgumentParser(
        prog="bench_mouth.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all figures there")
    parser.add_argument(
        "--quick", action="store_true", help="two sentences of people, two of each neural voice"
    )
    parser.add_argument(
        "--packages",
        metavar="FOLDER",
        type=Path,
        default=Path("out/bench_mouth"),
        help="where packages are kept",
    )
    parser.add_argument(
        "--beside", metavar="FILE", type=Path, help="the JSON of another version, to show beside"
    )
    parser.add_argument("--emu", metavar="FOLDER", type=Path, help="an EMU database besides")
    parser.add_argument(
        "--voxangeles", metavar="FOLDER", type=Path, help="data/audited_aligned of VoxAngeles"
    )
    parser.add_argument("--speechocean", metavar="FOLDER", type=Path, help="a copy of speechocean762")
    parser.add_argument("--each", metavar="N", type=int, default=3, help="sentences of each of its speakers")
    parser.add_argument(
        "--cache", metavar="FILE", type=Path, default=Path("aligned.json"), help="its alignments"
    )
    asked = parser.parse_args()
    asked.packages = asked.packages.resolve()
    try:
        text, kept = report(asked)
        if asked.json is not None:
            asked.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        if asked.write is None:
            print(text)
        else:
            asked.write.write_text(text, encoding="utf-8")
    except (ToolMissing, OSError, ValueError) as error:
        print(f"bench_mouth.py: {error}", file=sys.stderr)
        return 2
    return 0


def _command(asked: argparse.Namespace) -> str:
    command = "python tools/bench_mouth.py"
    for name, value in vars(asked).items():
        if value is True:
            command += f" --{name}"
        elif name in ("write", "json") and value:
            command += f" --{name} {value}"
        elif name in ("emu", "voxangeles", "speechocean", "beside") and value:
            command += f" --{name} {'FILE' if name == 'beside' else 'FOLDER'}"
        elif name == "each" and value != 3:
            command += f" --each {value}"
    return command
