"""What to type to install a package where the program that lacks it looks for packages."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from mien.messages import shown_path


def pip_install(*packages: str, again: bool = False) -> str:
    """The command that installs packages for this program, as a user can type it who is where it runs.

    In a virtual environment it names that environment's Python, for the shell's own `pip` would install
    elsewhere, unless it is the same: by a path from the working folder where that is no longer. An
    environment that has no pip, as uv makes them, is served by uv. `again`: those that are there, too.
    """
    named = " ".join(map(shlex.quote, packages))
    python = _python_of_environment()
    if python is not None and find_spec("pip") is None:
        return f"uv pip install --python {_typed(python)} {'--reinstall ' if again else ''}{named}"
    pip = "pip" if python is None else f"{_typed(python)} -m pip"
    return f"{pip} install {'--force-reinstall ' if again else ''}{named}"


def _python_of_environment() -> str | None:
    """The Python to name; None where the shell's pip serves, or nothing better is known."""
    python = sys.executable or ""
    if sys.prefix == sys.base_prefix or getattr(sys, "frozen", False):
        return None
    if not Path(python).name.lower().startswith(("python", "pypy")):  # a program that embeds it
        return None
    own = shutil.which("pip")
    is_own = own is not None and Path(own).parent.resolve() == Path(python).parent.resolve()
    return None if is_own else python


def _typed(python: str) -> str:
    """A path for a shell, from the working folder where that is no longer."""
    try:
        near = os.path.relpath(python)
    except (OSError, ValueError):  # the folder is gone; another drive
        near = python
    if os.sep not in near:
        near = f"{os.curdir}{os.sep}{near}"
    shown = shown_path(min(near, python, key=len))
    if os.name == "nt":  # where single quotes are letters
        return f'"{shown}"' if " " in shown else shown
    return shlex.quote(shown)
