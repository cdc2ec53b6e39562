"""Processes of our own: which Python they are, how they are begun, and how they are ended.

`sys.executable` of a program that embeds Python may be that program, which would be begun again, or a Python
of another version, which cannot load our packages.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from mien.forks import ours_alone

_NAMED_SO: Final = re.compile(r"(python|pypy)w?[0-9.]*[a-z]*(\.exe)?", re.IGNORECASE)
_KIND: Final = "import sys; print(sys.implementation.cache_tag, getattr(sys, 'abiflags', ''), sys.maxsize)"
_ANSWERS_S: Final = 10.0
"""Longest that a Python may take to say which it is; a slow machine takes some seconds."""
_TERMINATES_S: Final = 0.5
"""Longest that a process may take to end once it is told to."""
_OWN_PROGRAM: Final = "/proc/self/exe"
_Stream = int | IO[bytes] | None

_found: Final[dict[tuple[str, str], str]] = {}
"""The Python that was found, by what this program says of itself."""
_begun: Final[weakref.WeakSet[subprocess.Popen[bytes]]] = weakref.WeakSet()
"""What this process has begun."""


class NoPython(OSError):
    """There is no Python to start. As text: why, for a sentence, without its end."""


def python() -> str:
    """The interpreter by which a process can run what this one runs.

    It is the one that the program has named with `multiprocessing.set_executable`, this program where that is
    a Python, or one of its version beside its library. Raises NoPython.
    """
    if getattr(sys, "frozen", False):
        raise NoPython("this program is packaged and has no Python to start")
    told = _told()
    asked = (sys.executable or "", told)
    if asked not in _found:
        _found[asked] = _looked_for(told)
    return _found[asked]


def can_start() -> bool:
    """Whether there is a Python to start."""
    with suppress(NoPython):
        return bool(python())
    return False


def begin_python(
    code: str, *arguments: str, flags: Sequence[str] = (), path: bool = True, **streams: Any
) -> subprocess.Popen[bytes]:
    """A Python that runs this code, and imports nothing of the folder that the program happens to be in.

    Parameters: `arguments`, its `sys.argv[1:]`; `flags` of the interpreter; `path`: it imports from where
    this one does; `streams` and more as of `begin`. Raises NoPython, OSError.
    """
    here = f"import sys; sys.path[:] = {sys.path!r}\n" if path else ""
    return begin([python(), "-P", *flags, "-c", here + code, *arguments], **streams)


def begin(
    command: Sequence[str],
    *,
    stdin: _Stream = subprocess.PIPE,
    stdout: _Stream = subprocess.PIPE,
    stderr: _Stream = subprocess.DEVNULL,
    handed: Sequence[int] = (),
    session: bool = False,
    environ: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """A process that Ctrl-C does not reach, which is for this program, and that ends with it.

    Parameters: `handed`, descriptors that it has too; `session`: it has one of its own, so that the system
    gives it its share beside this program and not of this program's; `environ`, variables that it has beside
    this program's. Raises OSError.
    """
    more: dict[str, Any] = {} if environ is None else {"env": {**os.environ, **environ}}
    if sys.platform == "win32":
        more["creationflags"] = subprocess.CREATE_NO_WINDOW
    elif session:
        more |= {"pass_fds": handed, "start_new_session": True}
    else:
        more |= {"pass_fds": handed, "process_group": 0}
    process = subprocess.Popen(list(command), stdin=stdin, stdout=stdout, stderr=stderr, **more)
    ours_alone(process.stdin)  # it ends when nobody holds that
    _begun.add(process)
    return process


def end(process: subprocess.Popen[bytes], patience_s: float = 0.0) -> None:
    """End a process of `begin`, and let go of its pipes. Idempotent.

    `patience_s`: how long it may take to end by itself, as it does once its input has ended; then it is told
    to, and then it is killed, with all that it has started. With 0 it is killed at once.
    """
    if patience_s > 0:
        _close(process.stdin)
        for wait_s, more in ((patience_s, process.terminate), (_TERMINATES_S, process.kill)):
            try:
                process.wait(wait_s)
                break
            except subprocess.TimeoutExpired:
                more()
    kill(process)
    process.wait()
    for stream in (process.stdin, process.stdout):
        _close(stream)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process of `begin`, with all that it has started, and do not wait. From any thread.

    One that has been waited for is left alone: its number may be another's by now.
    """
    if process.returncode is not None:
        return
    try:
        # Of a script that starts another program, the script alone would end, and its pipe stay open.
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, OSError):  # Windows has no groups; a group may be refused as a whole
        process.kill()


def let_multiprocessing_start() -> None:
    """Have `multiprocessing` begin Pythons where it would begin this program again. Raises NoPython."""
    found = python()
    if found not in (_told(), sys.executable):
        multiprocessing.set_executable(found)


def _told() -> str:
    """What the program has named to `multiprocessing`; "" where that stands at what it was."""
    spawn = sys.modules.get("multiprocessing.spawn")
    told = None if spawn is None else spawn.get_executable()
    path = os.fsdecode(told) if told else ""
    return "" if path in (sys.executable, getattr(sys, "_base_executable", "")) else path


def _looked_for(told: str) -> str:
    """Raises NoPython."""
    kind = f"{sys.version_info.major}.{sys.version_info.minor}"
    why = ""
    for path in _candidates(told, kind):
        try:
            if Path(path).samefile(_OWN_PROGRAM):  # or it is asked, for 10 to 20 ms
                return path
        except OSError:
            pass
        if not Path(path).is_file():
            continue
        if (fault := _fault(path, kind)) is None:
            return path
        why = why or f"; {fault}"
    name = Path(sys.executable).name if sys.executable else "this program"
    raise NoPython(
        f"{name} is no Python that could be started, and none of version {kind} was found beside its "
        f"library{why} (multiprocessing.set_executable names one)"
    )


def _candidates(told: str, kind: str) -> Iterator[str]:
    if told:
        yield told
    for path in (sys.executable, getattr(sys, "_base_executable", "")):
        if path and _NAMED_SO.fullmatch(Path(path).name):
            yield path
    names = (f"python{kind}{getattr(sys, 'abiflags', '')}", "python3", "python")
    for prefix in dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)):
        if sys.platform == "win32":
            yield from (str(Path(prefix, *at, "python.exe")) for at in ((), ("Scripts",)))
        else:
            yield from (str(Path(prefix, "bin", name)) for name in names)


def _fault(path: str, kind: str) -> str | None:
    """Why a Python cannot run what this one runs; None where it can."""
    quiet = subprocess.DEVNULL
    try:
        ran = subprocess.run(
            [path, "-P", "-S", "-c", _KIND], stdin=quiet, capture_output=True, timeout=_ANSWERS_S, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return f"{path} gave no answer"
    ours = (str(sys.implementation.cache_tag), getattr(sys, "abiflags", ""), str(sys.maxsize))
    if ran.stdout.decode("utf-8", "replace").strip() == " ".join(ours):
        return None
    return f"{path} is no {ours[0]}"


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with suppress(OSError):  # of what was not taken yet
            stream.close()


def _end_all() -> None:
    """A program that embeds Python goes on when Python has ended."""
    for process in list(_begun):
        kill(process)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_TERMINATES_S)


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_begun.clear)  # they are the parent's
