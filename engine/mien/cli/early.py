"""Ctrl-C while Python still reads the command: it ends at once, without a traceback.

Imported before all else. Of what Python does before that, to find its packages, a traceback is left.
"""

import sys
from signal import SIG_DFL, SIGINT, default_int_handler, getsignal, signal


def is_the_program(argv: list[str], started_as: list[str]) -> bool:
    """Whether this process is the `mien` command, and no program that only imports it.

    `argv`, `started_as`: `sys.argv` and `sys.orig_argv`.
    """
    first = argv[0] if argv else ""
    if first == "-m":  # whose name is not known yet
        return "mien.cli" in started_as
    name = first.replace("\\", "/").rpartition("/")[2]
    return name.removesuffix(".exe").removesuffix("-script.py") == "mien"


if is_the_program(sys.argv, sys.orig_argv) and getsignal(SIGINT) is default_int_handler:
    signal(SIGINT, SIG_DFL)  # until `stoppable`
