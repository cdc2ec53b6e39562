"""Runs of pytest, and what came of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

ROOT: Final = Path(__file__).parents[2]
COMPOSITOR: Final = ("tests/composite",)
_RESULT: Final = (0, 1)
"""What pytest ends with when all ran: everything passed, or something failed."""
STAGES: Final = (
    "tests/stage/test_stage.py",
    "tests/stage/test_page_budget.py",
    "tests/stage/test_in_a_hosts_context.py",
    "tests/embedding/test_many_stages.py",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one run."""

    passed: int = 0
    failed: Sequence[str] = ()
    """Names of tests that failed or broke."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Reasons, and how many tests each kept from running."""
    seconds: float = 0.0
    broken: str = ""
    """Why there is no result: pytest itself ended early."""

    @property
    def good(self) -> bool:
        """Whether all that ran passed, and something did."""
        return self.passed > 0 and not self.failed and not self.broken


def run(tests: Sequence[str], environment: Mapping[str, str], heard: Callable[[int, int], None]) -> Outcome:
    """Run tests in a process with these variables; `heard` is told how many ended, and how many failed.

    Examples of property tests are the same each time, as in CI.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-n0",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--junitxml={report}",
        ]
        with subprocess.Popen(
            [*command, *tests],
            cwd=ROOT,
            env={**environment, "CI": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            said = b""
            try:
                assert process.stdout is not None
                while piece := os.read(process.stdout.fileno(), 4096):
                    said += piece
                    heard(*_ended(said))
            except BaseException:
                process.terminate()
                raise
        if process.returncode not in _RESULT or not report.exists():
            lines = said.decode("utf-8", "replace").strip().splitlines()
            return Outcome(broken=f"pytest ended with {process.returncode}: {lines[-1] if lines else ''}")
        return read_report(report.read_text(encoding="utf-8"))


def _ended(said: bytes) -> tuple[int, int]:
    """How many tests ended, and how many of them failed, by pytest's dots."""
    dots = [line.split(b"[")[0].strip() for line in said.splitlines()]
    dots = [line for line in dots if line and not line.strip(b".sFExX")]
    marks = b"".join(dots)
    return len(marks), marks.count(b"F") + marks.count(b"E")


def read_report(text: str) -> Outcome:
    """Of a JUnit report of pytest's."""
    suite = next(ElementTree.fromstring(text).iter("testsuite"))
    passed, failed, skipped = 0, [], Counter[str]()
    for case in suite.iter("testcase"):
        reason = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            module = str(case.get("classname")).rpartition(".")[2]
            failed.append(f"{module}::{case.get('name')}")
        elif reason is not None:
            skipped[str(reason.get("message"))] += 1
        else:
            passed += 1
    return Outcome(passed, tuple(failed), dict(skipped.most_common()), float(suite.get("time") or 0.0))
