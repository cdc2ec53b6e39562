"""One input in a process of its own: forked from one that has imported all, limited, and looked at after."""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from fuzz.guards import refuse_sockets
from mien.errors import MienError

CPU_S = 5
"""Most processor time for one input."""

MEMORY_BYTES = 500_000_000
"""Most memory for one input, beyond what the process had before and what the picture itself takes."""

_WALL_S = 120.0
"""Longest that an input may take on a busy machine: longer, it waits for something."""

_ADDRESS_BYTES = 3 << 30
"""Beyond this the kernel refuses memory, so that an input that takes all does not take it from others."""

_LONGEST_LINE = 700
"""Of a message, in characters."""

_ROOT = Path(__file__).parents[2]
_ALLOWED = tuple(
    os.path.realpath(path)
    for path in (
        sys.prefix,
        sys.base_prefix,
        _ROOT,
        "/usr",
        "/lib",
        "/proc",
        "/sys",
        "/dev",
    )
)
"""Where Python may open files, beside the input's own folder."""

Read = Callable[[Path], int | None]
"""Reads an input. Gives how many bytes its picture takes, where it has one. Raises MienError to refuse it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an input was taken."""

    fault: str
    """crash, traceback, time, hang, memory, socket, outside, message; empty when nothing is wrong."""
    where: str
    """The same for inputs with the same fault."""
    detail: str
    cpu_s: float
    peak_bytes: int
    """Memory beyond what the process had before and what was granted."""


def tried(read: Read, path: Path, home: Path, log: Path, cpu_s: int = CPU_S) -> Outcome:
    """Read an input in a process of its own.

    `home`: the folder whose files it may open. `log`: where what it prints goes.
    """
    told, status, usage, hung = _forked(lambda out: _one(read, path, home, out, cpu_s), log)
    return _judged(told, status, usage, log, hung, cpu_s)


def screened(
    read: Read, inputs: Sequence[Callable[[], bytes]], path: Path, home: Path, log: Path
) -> list[Outcome]:
    """Read inputs one after the other in one process, which is quicker, up to the first that is taken badly.

    That one's outcome is left out, and to be asked of `tried`.
    """
    told, _, _, _ = _forked(lambda out: _several(read, inputs, path, home, out), log)
    found = []
    for line in told.decode("utf-8", "replace").splitlines():
        try:
            result = json.loads(line)
        except ValueError:  # the process ended within the line
            break
        if result["fault"] or result["cpu_s"] > CPU_S or result["peak"] - result["granted"] > MEMORY_BYTES:
            break
        peak = max(0, result["peak"] - result["granted"])
        found.append(Outcome("", "", result["detail"], result["cpu_s"], peak))
    return found


def _forked(work: Callable[[int], None], log: Path) -> tuple[bytes, int, resource.struct_rusage, bool]:
    """What `work` wrote in a process of its own, how that ended, what it used; whether it was killed."""
    from_child, to_parent = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(from_child)
        _child(work, log, to_parent)
    os.close(to_parent)
    told, hung = b"", False
    deadline = time.monotonic() + _WALL_S
    with os.fdopen(from_child, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                hung = True
                os.kill(pid, signal.SIGKILL)
                break
            piece = pipe.read(65536)
            if not piece:
                break
            told += piece
    _, status, usage = os.wait4(pid, 0)
    return told, status, usage, hung


def _judged(
    told: bytes, status: int, usage: resource.struct_rusage, log: Path, hung: bool, cpu_s: int
) -> Outcome:
    lines = told.decode("utf-8", "replace").splitlines()
    base = int(lines[0]) if lines else 0
    result: dict[str, Any] = json.loads(lines[1]) if len(lines) > 1 else {}
    used = usage.ru_utime + usage.ru_stime
    peak = max(0, usage.ru_maxrss * 1024 - base - int(result.get("granted") or 0))
    printed = log.read_text("utf-8", "replace")[-3000:] if log.exists() else ""

    def outcome(fault: str, where: str, detail: str) -> Outcome:
        return Outcome(fault, where, detail, used, peak)

    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if hung:
        return outcome("hang", "hang", f"no end after {_WALL_S:g} s, {used:.1f} s of them processor time")
    if number == signal.SIGXCPU or used > cpu_s:
        return outcome("time", _innermost(printed), f"{used:.1f} s of processor time\n{printed}")
    if number == signal.SIGSYS:
        return outcome("socket", _innermost(printed), f"opened a socket\n{printed}")
    if number or not result:
        name = signal.Signals(number).name if number else f"exit status {os.waitstatus_to_exitcode(status)}"
        return outcome("crash", f"{name} {_innermost(printed)}", f"ended by {name}\n{printed}")
    if result["fault"]:
        return outcome(result["fault"], result["where"], result["detail"])
    if peak > MEMORY_BYTES:
        return outcome("memory", "memory", f"{peak / 1e6:.0f} MB; {result['detail']}")
    return outcome("", "", result["detail"])


def _innermost(printed: str) -> str:
    """The first line of a faulthandler's dump that is in the package, or else its first."""
    lines = [line.strip() for line in printed.splitlines() if line.strip().startswith("File ")]
    ours = [line for line in lines if "/mien/" in line]
    return (ours or lines or ["?"])[0].rpartition("/")[2]


def _child(work: Callable[[int], None], log: Path, out: int) -> NoReturn:
    status = 1
    try:
        printed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for fd in (1, 2):
            os.dup2(printed, fd)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        faulthandler.enable(2)
        for number in (signal.SIGXCPU, signal.SIGSYS):
            faulthandler.register(number, file=2, chain=True)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = _pages(0) + _ADDRESS_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        refuse_sockets()
        work(out)
        status = 0
    finally:
        sys.stdout.flush()
        os._exit(status)


def _one(read: Read, path: Path, home: Path, out: int, cpu_s: int) -> None:
    os.chdir(path.parent)  # relative names count from there
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s + 1, resource.RLIM_INFINITY))
    os.write(out, f"{_pages(1)}\n".encode())
    os.write(out, json.dumps(_read(read, path, _watched(home))).encode())


def _several(read: Read, inputs: Sequence[Callable[[], bytes]], path: Path, home: Path, out: int) -> None:
    os.chdir(path.parent)
    outside = _watched(home)
    for made in inputs:
        path.write_bytes(made())
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        began, base = time.process_time(), _pages(1)
        resource.setrlimit(resource.RLIMIT_CPU, (int(began) + CPU_S + 2, resource.RLIM_INFINITY))
        result = _read(read, path, outside)
        status = Path("/proc/self/status").read_text()
        peak = 1024 * int(status.partition("VmHWM:")[2].split()[0]) - base
        result |= {"cpu_s": time.process_time() - began, "peak": peak}
        os.write(out, json.dumps(result).encode() + b"\n")


def _pages(column: int) -> int:
    """Bytes of address space (0) or of memory (1) that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[column]) * resource.getpagesize()


def _watched(home: Path) -> list[str]:
    """A list that from now on gets what Python opens outside of where it may."""
    outside: list[str] = []
    allowed = (os.path.realpath(home), *_ALLOWED)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket."):
            outside.append(event)
        elif event == "open" and isinstance(arguments[0], str | bytes):
            name = os.path.realpath(os.fsdecode(arguments[0]))
            if not any(name == place or name.startswith(f"{place}/") for place in allowed):
                outside.append(f"open {name[:200]}")

    sys.addaudithook(audit)
    return outside


def _read(read: Read, path: Path, outside: list[str]) -> dict[str, Any]:
    granted, detail, fault, where = 0, "read", "", ""
    try:
        granted = read(path) or 0
    except MienError as error:
        detail = str(error)
        wrong = _wrong_in(detail, path)
        if wrong:
            fault, where = "message", f"{type(error).__name__} {_place(error)}"
            detail = f"{wrong}: {detail[:2000]!r}"
    except BaseException as error:
        fault, where = "traceback", f"{type(error).__name__} {_place(error)}"
        detail = "".join(traceback.format_exception(error))[-3000:]
    if outside and not fault:
        fault, where, detail = "outside", outside[0], "; ".join(outside[:5])
    return {"granted": granted, "fault": fault, "where": where, "detail": detail}


def _wrong_in(message: str, path: Path) -> str:
    """What is wrong with a message; the names of the folders that the input is in don't count."""
    lines = message.replace(str(path.parent), "").split("\n")
    if any(not line.isprintable() for line in lines):
        return "holds what cannot be printed"
    if any(len(line) > _LONGEST_LINE for line in lines):
        return f"is {max(map(len, lines))} characters long"
    return "" if message.strip() else "is empty"


def _place(error: BaseException) -> str:
    """The innermost frame in the package, or else the innermost one."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/mien/" in frame.filename]
    last = (ours or list(frames))[-1:]
    return f"{last[0].filename.rpartition('/')[2]}:{last[0].name}" if last else "?"
