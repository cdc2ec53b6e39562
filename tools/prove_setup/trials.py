"""What is tried in a fresh root. Each trial is a row of the table; a claim that does not hold fails it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prove_setup.roots import USER, Base, Root, fresh_root
from prove_setup.screen import Stop, watch

MOMENTS = {
    "reading lists": r"reading the lists",
    "packages begun": r"installing system packages: \d",
    "packages unpacking": r"installing system packages: (5[3-9]|[6-9]\d) %",
    "environment": r"making a virtual environment.*: [1-9]",
    "dependencies": r"installing locked dependencies.*: [3-9]\d? %",
    "Mien itself": r"installing Mien",
    "rendering": r"rendering .* \d+ of",
}
"""Where set-up and the render are interrupted: what they have written by then."""

ROOTS_ALONE = ("reading lists", "packages begun", "packages unpacking")
TOLD = "System packages are missing."


class Failed(Exception):
    """A claim that does not hold; the message is what the table says."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is the same for all trials."""

    clone_of: Path
    demo: str
    """The command that is tried, `tools/demo` with its options."""
    checks: str
    """What `tools/test` is called with at the end of the plain trials; empty for not at all."""
    logs: Path


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    suite: str
    had: str
    who: str
    tried: str
    result: str
    good: bool
    seconds: float


def plain(plan: Plan, root: Root, who: str) -> Iterator[str]:
    """Told once if no root, then the demo in a pipe, then once more, then the checks."""
    if who != "root":
        yield _told_once(plan, root, who)
    first = root.run(plan.demo, who)
    _log(plan, root, f"plain-{who}", first.stdout + first.stderr)
    _claim(first.returncode == 0, f"tools/demo failed ({first.returncode}): {_last(first.stderr)}")
    _claim(_playable(root, who), "out/demo.mp4 is not there")
    yield "demo rendered"
    again = root.run("tools/setup run", who)
    _claim((again.returncode, again.stdout, again.stderr) == (0, "", ""), "a second set-up was not quiet")
    tests = root.run("tools/setup test", who)
    _log(plan, root, f"checks-{who}", tests.stdout + tests.stderr)
    _claim(tests.returncode == 0, f"tools/setup test failed: {_last(tests.stderr or tests.stdout)}")
    quiet = root.run("tools/setup run; tools/setup test", who)
    _claim((quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", ""), "set up for tests, and not quiet")
    yield "again: quiet; set up for tests" + (", asked no more" if who != "root" else "")
    if plan.checks:
        ran = root.run(f"tools/test {plan.checks}", who)
        _log(plan, root, f"tests-{who}", ran.stdout + ran.stderr)
        _claim(ran.returncode == 0, f"tools/test failed: {_last(ran.stdout)}")
        yield f"tools/test {plan.checks}: {_last(ran.stdout)}"


def interrupted(stop: Stop) -> Callable[[Plan, Root, str], Iterator[str]]:
    """The demo in a terminal, stopped at each moment in turn: the next call must get beyond it."""

    def trial(plan: Plan, root: Root, who: str) -> Iterator[str]:
        if who != "root":
            yield _told_once(plan, root, who)
        met, quiet = [], (0.0, "")
        for name, pattern in MOMENTS.items():
            if who != "root" and name in ROOTS_ALONE:
                continue
            seen = watch(root.command(plan.demo, who), pattern, stop)
            _log(plan, root, f"{stop}-{who}-{name}", seen.said)
            _claim(seen.stopped, f"after {met or 'nothing'}, not to be met at {name}: {_last(seen.said)}")
            quiet = max(quiet, (seen.quiet_s, seen.quiet_after))
            met.append(name)
            if stop == "Ctrl-C":
                _claim(seen.code == 130, f"Ctrl-C at {name}: exit status {seen.code}, not 130")
        last = watch(root.command(plan.demo, who))
        _log(plan, root, f"{stop}-{who}-end", last.said)
        _claim(last.code == 0, f"after {', '.join(met)}: {_last(last.said)}")
        _claim(_playable(root, who), "out/demo.mp4 is not there")
        quiet = max(quiet, (last.quiet_s, last.quiet_after))
        yield f"{len(met)} times, at: {', '.join(met)}; then rendered"
        yield f"longest silence {quiet[0]:.1f} s, after {quiet[1]!r}"

    return trial


TRIALS = {"plain": plain, "kill": interrupted("kill"), "Ctrl-C": interrupted("Ctrl-C")}
HAD = {"nothing": "", "Python only": "python3"}


def rows(base: Base, plan: Plan, had: str, who: str, name: str) -> Iterator[Row]:
    """Try one thing in a fresh root."""
    start, results, good = time.monotonic(), [], True
    user = "root" if who == "root" else USER
    with fresh_root(base, plan.clone_of, user) as root:
        try:
            if HAD[had]:
                _as_root(root, f"apt-get update && apt-get install -y --no-install-recommends {HAD[had]}")
            results += TRIALS[name](plan, root, user)
        except Failed as failure:
            results.append(f"FAILED: {failure}")
            good = False
    yield Row(base.suite, had, who, name, "; ".join(results), good, time.monotonic() - start)


def _told_once(plan: Plan, root: Root, who: str) -> str:
    """A user is told one command, which root runs as it stands."""
    told = root.run(plan.demo, who)
    _log(plan, root, f"told-{who}", told.stdout + told.stderr)
    _claim(told.returncode == 1 and told.stderr.count(TOLD) == 1, f"not told what to do: {told.stderr!r}")
    lines = re.findall(r"^    (\S.*)$", told.stderr, re.MULTILINE)
    _claim(len(lines) == 1, f"told {len(lines)} commands")
    _claim("sudo" not in lines[0], "told to use sudo, which is not there")
    _as_root(root, lines[0])
    return "told once"


def _as_root(root: Root, line: str) -> None:
    ran = root.run(line)
    _claim(ran.returncode == 0, f"{line}: {_last(ran.stderr or ran.stdout)}")


def _playable(root: Root, who: str) -> bool:
    """Whether the demo's file has frames, by the Mien that was set up."""
    code = "import av; print(sum(1 for _ in av.open('out/demo.mp4').decode(video=0)))"
    counted = root.run(f'.venv/bin/python -c "{code}"', who).stdout.strip()
    return counted.isdigit() and int(counted) > 0


def _claim(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "nothing was said"


def _log(plan: Plan, root: Root, name: str, text: str) -> None:
    plan.logs.mkdir(parents=True, exist_ok=True)
    (plan.logs / f"{root.base.suite}-{name.replace(' ', '-')}.log").write_text(text, encoding="utf-8")
