"""What the process of an example does.

A module by itself, which the process finds however pytest was started: that of the tests is called
`tests.test_examples`, and only `python -m pytest` has its folder on the path.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from pathlib import Path


def execute(code: str, folder: Path, errors: Path) -> None:
    """Run a program there, as `python -W error -c` does; what it says of errors goes to a file."""
    os.chdir(folder)
    with errors.open("w") as file:
        os.dup2(file.fileno(), 2)
    warnings.simplefilter("error")
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    try:
        exec(compile(code, "<example>", "exec"), vars(module))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        raise SystemExit(1) from None
