"""Packed pages that are kept from one start to the next, each set of them in a file.

A file is read, not mapped: one that is cut while it is mapped would end the process.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b, sha256
from io import FileIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import PIL

from mien.art.packed import Packed, packed_of
from mien.caches import cache_folder
from mien.errors import MienError, NoThreads
from mien.part_file import PREFIX, PartFile, remove_left_behind
from mien.thread_priority import step_behind
from mien.threads import start_thread
from mien.types import U8

MOST_BYTES: Final = 256 << 20
"""Of all files: some thirty characters as large as they stand in 1280x720."""
LEAST_FREE_BYTES: Final = 512 << 20
"""A disk with less room than that, beside the file, is left alone."""
SUFFIX: Final = ".pages"
_BEGIN: Final = struct.Struct("<8sI16s")
"""What a file begins with: MAGIC, the length of its document, and the check of that."""
_MAGIC: Final = b"mienpg1\n"
_MOST_DOCUMENT: Final = 64 << 20
_WAITS_S: Final = 2.0
"""For so long who closes a stage waits for what is being written."""


class _Unkept(NamedTuple):
    key: bytes
    state: bytes
    source: str
    packed: Packed


class PageCache:
    """Pages in a folder, which is made when something is kept. Belongs to a show.

    Whatever is not as it was written is not there: files that are cut, broken or of another version, a folder
    that cannot be read. What cannot be written is not kept. Neither is an error.

    Parameters: `folder`, None where nothing is kept; `most`, bytes of all files, the ones that were used
    longest ago are removed.
    """

    def __init__(self, folder: Path | None = None, most: int = MOST_BYTES) -> None:
        self.folder, self._most = folder, most
        self._unkept: list[_Unkept] = []
        self._lock = threading.Lock()

    @classmethod
    def of_user(cls) -> PageCache:
        """The user's own; see `mien.caches`."""
        folder = cache_folder()
        return cls(None if folder is None else folder / "pages")

    def find(self, key: bytes, state: Callable[[], bytes | None], source: str) -> Packed | None:
        """What was kept of it; None where nothing was, or of another state.

        `key` says which it is, `state` how all is that it was made of: asked only where there is something;
        `source`, how warnings call it.
        """
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            with _opened(path) as file:
                document = _document(file)
                if document["source"] not in ("", source):
                    return None
                now = state()
                if now is None or document["state"] != _told(now):
                    return None
                packed = packed_of(document["packed"], [_page(file, *one) for one in document["pages"]])
                if file.read(1):
                    return None
        except Exception:  # whatever is in a file that anybody may have written
            return None
        with suppress(OSError):
            os.utime(path)  # it was used
        return packed

    def later(self, key: bytes, state: bytes, source: str, packed: Packed) -> None:
        """Keep this once there is time for it: see `keeping`."""
        if self.folder is not None:
            self._unkept.append(_Unkept(key, state, source, packed))

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """A thread writes what is to be kept, while the block lasts; leaving it waits a little for it."""
        if not self._unkept:
            yield
            return
        thread = threading.Thread(target=self._keep_behind, name="mien-keeping", daemon=True)
        try:
            start_thread(thread)
        except NoThreads:
            self._unkept.clear()
        try:
            yield
        finally:
            if thread.ident is not None:
                thread.join(_WAITS_S)

    def keep(self) -> None:
        """Write what is to be kept. When it returns nobody writes any of that, nor reads its pages: they may
        be changed then. From any thread."""
        with self._lock:
            while self._unkept:
                one = self._unkept.pop()
                with suppress(MienError, OSError, MemoryError):
                    self._write(one)

    def _keep_behind(self) -> None:
        step_behind()
        self.keep()

    def _path(self, key: bytes) -> Path:
        assert self.folder is not None
        return self.folder / f"{sha256(key).hexdigest()[:32]}{SUFFIX}"

    def _write(self, one: _Unkept) -> None:
        assert self.folder is not None
        rows = [_used(page) for page in one.packed.pages]
        size = sum(used.nbytes for used in rows)
        if size > self._most // 2:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < size + LEAST_FREE_BYTES:
            return
        remove_left_behind(self.folder, PREFIX)
        _make_room(self.folder, self._most - size)
        document = {
            "state": _told(one.state),
            # Else it is as good for a folder elsewhere.
            "source": one.source if any(one.source in told for told in one.packed.warnings) else "",
            "pages": [
                [len(page), len(used), _check(used)]
                for page, used in zip(one.packed.pages, rows, strict=True)
            ],
            "packed": one.packed.document(),
        }
        text = json.dumps(document, separators=(",", ":")).encode()
        part = PartFile(self._path(one.key))
        try:
            with part.path.open("wb") as file:
                file.write(_BEGIN.pack(_MAGIC, len(text), _sum(text)))
                file.write(text)
                for used in rows:
                    file.write(used.data)
            part.keep()
        finally:
            part.discard()


def key_of(*what: object) -> bytes:
    """A key of texts, numbers and bytes."""
    return repr(what).encode(errors="surrogateescape")


@contextmanager
def _opened(path: Path) -> Iterator[FileIO]:
    """A regular file, and nothing that keeps its reader waiting, as a pipe does. Raises OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with FileIO(os.open(path, flags)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is no regular file")
        yield file


def _document(file: FileIO) -> Any:
    """What a file says of its pages, which follow. Raises ValueError, struct.error, OSError."""
    magic, length, check = _BEGIN.unpack(file.read(_BEGIN.size))
    if magic != _MAGIC or length > _MOST_DOCUMENT:
        raise ValueError("another version")
    text = file.read(length)
    if _sum(text) != check:
        raise ValueError("is broken")
    return json.loads(text)


def _page(file: FileIO, side: int, used: int, check: str) -> U8:
    """The next page of a file. Raises ValueError where it is not as it was."""
    page = np.zeros((side, side, 4), np.uint8)
    rows = page[:used]
    if file.readinto(rows.data.cast("B")) != rows.nbytes or _check(rows) != check:
        raise ValueError("is broken")
    page.setflags(write=False)
    return page


def _used(page: U8) -> U8:
    """A page without the empty rows at its foot: a view."""
    shown = np.flatnonzero(page.view(np.uint32).any(axis=(1, 2)))
    return page[: shown[-1] + 1 if len(shown) else 0]


def _check(rows: U8) -> str:
    """Of pixels, which says whether any are others, or elsewhere: a few ms for a page, a tenth of a CRC's."""
    words = rows.view(np.uint32)[..., 0]
    across, down = words.sum(axis=0, dtype=np.uint32), words.sum(axis=1, dtype=np.uint32)
    return _sum(across.tobytes() + down.tobytes()).hex()


def _sum(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _told(state: bytes) -> str:
    """A state, and what makes pages of it."""
    return sha256(state + _maker()).hexdigest()


@cache
def _maker() -> bytes:
    """What makes pages: another version of it may make others."""
    libraries = f"{np.__version__} {PIL.__version__} {sys.byteorder}"
    own = []
    with suppress(OSError):
        own = sorted(path for path in Path(__file__).parent.iterdir() if path.suffix == ".py")
    # A program that was frozen has no sources beside it.
    files = [(path.name, *_changed(path)) for path in own or [Path(sys.executable)]]
    return repr((libraries, files)).encode(errors="surrogateescape")


def _changed(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _make_room(folder: Path, most: int) -> None:
    """Remove those that were used longest ago, until all others have no more than so many bytes."""
    found = []
    for path in folder.iterdir():
        if path.suffix == SUFFIX:
            with suppress(OSError):
                about = path.stat()
                found.append((about.st_mtime_ns, about.st_size, path))
    left = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if left <= most:
            return
        with suppress(OSError):
            path.unlink()
            left -= size
