"""A program that uses Mien, packaged with PyInstaller and nothing but its name: the hook brings the rest."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from mien._pyinstaller import hook_dirs

ROOT = Path(__file__).parents[2]
_PROGRAM = """
import sys
import mien
from mien.cli import main

for name in mien.__all__:
    getattr(mien, name)
sys.exit(main(sys.argv[1:]))
"""


def test_pyinstaller_is_told_where_the_hook_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    points = project["project"]["entry-points"]["pyinstaller40"]
    assert points == {"hook-dirs": f"{hook_dirs.__module__}:{hook_dirs.__name__}"}
    assert hook_dirs.__module__ in project["tool"]["setuptools"]["packages"]
    (folder,) = hook_dirs()
    assert (Path(folder) / "hook-mien.py").is_file()


@pytest.mark.slow
def test_a_packaged_program_has_all_names_and_draws(tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller", reason="packages a program: needs PyInstaller")
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM)
    # What the checks have installed beside it is no part of such a program.
    others = ("PySide6", "hypothesis", "moderngl_window", "mypy", "pygame", "pytest", "scipy", "skia")
    without = [f"--exclude-module={other}" for other in others]
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *without, str(program)],
        check=True,
        capture_output=True,
        cwd=tmp_path,
    )
    output = tmp_path / "otto.png"
    ran = subprocess.run(
        [tmp_path / "dist/program/program", "still", "otto", "--height", "320", "-o", output],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    with Image.open(output) as picture:
        assert picture.height == 320
