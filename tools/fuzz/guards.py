"""Which sockets and files a process opens, as the kernel tells it: C libraries do not ask Python."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""By machine: how the kernel calls it, and the number of socket(2)."""

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _TRAP = 0x7FFF0000, 0x00030000
_IN_OPEN = 0x20


def refuse_sockets() -> bool:
    """From now on this process gets SIGSYS where it would get a socket. False where that cannot be."""
    if platform.machine() not in _SOCKET_CALLS:
        return False
    arch, call = _SOCKET_CALLS[platform.machine()]
    steps = [
        (_LOAD, 0, 0, 4),  # which machine's numbers these are
        (_EQUAL, 0, 3, arch),
        (_LOAD, 0, 0, 0),  # the number of the call
        (_EQUAL, 0, 1, call),
        (_RETURN, 0, 0, _TRAP),
        (_RETURN, 0, 0, _ALLOW),
    ]
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, head, 0, 0) == 0)


class Watch:
    """Notices that files were opened in folders. Use `close`."""

    def __init__(self, *folders: Path) -> None:
        self._fd = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.works = self._fd >= 0 and all(
            _LIBC.inotify_add_watch(self._fd, os.fsencode(folder), _IN_OPEN) >= 0 for folder in folders
        )

    def opened(self) -> list[str]:
        """Names of files opened since the last call."""
        if not self.works:
            return []
        try:
            data = os.read(self._fd, 1 << 16)
        except BlockingIOError:
            return []
        names, at = [], 0
        while at < len(data):
            _, _, _, length = struct.unpack_from("iIII", data, at)
            name = data[at + 16 : at + 16 + length].rstrip(b"\0")
            if name:  # not the folder itself, which others may list
                names.append(os.fsdecode(name))
            at += 16 + length
        return names

    def close(self) -> None:
        """Stop watching."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self.works = False
