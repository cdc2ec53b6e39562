"""The tool that judges imports of real files, on a file that speaks and on one that has no mouth."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from importing import drawn

ROOT = Path(__file__).parents[1]


def test_it_tells_files_that_speak_from_those_that_do_not(tmp_path: Path) -> None:
    drawn.ora(tmp_path / "a.ora", drawn.named())
    drawn.kra(tmp_path / "b.kra", (drawn.Thing("something", drawn.HEAD),))
    (tmp_path / "c.ora").write_bytes(b"nothing")
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "tools" / "judge_import.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    lines = {line.partition(":")[0]: line for line in ran.stdout.splitlines()}
    assert "speaks+ blinks+ whole+" in lines["a.ora"]
    assert "speaks- blinks- whole+" in lines["b.kra"]
    assert "refused" in lines["c.ora"]
    assert ran.stdout.splitlines()[-1].split() == ["ora", "2", "50%", "50%", "50%"]
