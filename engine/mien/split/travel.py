"""A job for machines that do not have its files: they travel with it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mien.errors import AssetMissing, ScriptError
from mien.messages import shown_path
from mien.split.job import Job
from mien.talk import Conversation, background_path, character_path
from mien.talk.turns import Turn

MOST_BYTES: Final = 1 << 30
"""Of all files of a job."""
_CAST, _SOUND, _PICTURES = "cast", "sound", "pictures"


def with_files(job: Job) -> Job:
    """The job with what its conversation reads, but for what is bundled and what has an address.

    Raises AssetMissing for a file that is not there, ScriptError for more than MOST_BYTES.
    """
    packer = _Packer()
    told, conversation = job.conversation, job.conversation
    cast = tuple(
        replace(member, character=packer.add(character_path(told, member), f"{_CAST}/{k}"))
        if _is_path(member.character)
        else member
        for k, member in enumerate(told.cast)
    )
    background = told.background
    if background is not None and _is_path(background):
        path = background_path(told)
        assert path is not None
        background = packer.add(path, f"{_PICTURES}/behind")
    turns = tuple(_packed(turn, k, packer) for k, turn in enumerate(told.turns))
    keywords: Any = dict(job.keywords)
    if isinstance(behind := keywords.get("background"), Path):
        keywords["background"] = Path(packer.add(behind, f"{_PICTURES}/given"))
    conversation = replace(told, source=Path(told.source.name), cast=cast, background=background, turns=turns)
    return replace(job, conversation=conversation, keywords=keywords, files=packer.files)


def unpacked(job: Job, opened: ExitStack) -> Job:
    """A job whose files are there, in a folder that goes with `opened`."""
    if job.files is None:
        return job
    root = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="mien-job-")))
    for name, data in job.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    keywords: Any = dict(job.keywords)
    if isinstance(behind := keywords.get("background"), Path):
        keywords["background"] = root / behind
    told = job.conversation
    turns = tuple(
        replace(turn, audio=root / turn.audio, folder=root) if isinstance(turn.audio, Path) else turn
        for turn in told.turns
    )
    return replace(job, conversation=_at(told, root, turns), keywords=keywords, files=None)


def _at(told: Conversation, root: Path, turns: tuple[Turn, ...]) -> Conversation:
    return replace(told, source=root / told.source, turns=turns)


def _packed(turn: Turn, number: int, packer: _Packer) -> Turn:
    if not isinstance(turn.audio, Path):
        return turn
    return replace(turn, audio=Path(packer.add(turn.audio, f"{_SOUND}/{number}")), folder=None)


def _is_path(name: str) -> bool:
    return "/" in name or "." in name


class _Packer:
    """Gathers files, each under a name of the job's."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._size = 0

    def add(self, path: Path, name: str) -> str:
        """A file, or a folder with all that is in it; under which name."""
        if path.is_dir():
            for file in _files_in(path):
                self._put(file, f"{name}/{file.relative_to(path).as_posix()}")
            return name
        if path.name == "character.toml":
            return f"{self.add(path.parent, name)}/{path.name}"
        name += path.suffix
        self._put(path, name)
        return name

    def _put(self, file: Path, name: str) -> None:
        try:
            self._size += file.stat().st_size
            data = file.read_bytes() if self._size <= MOST_BYTES else b""
        except OSError as error:
            raise AssetMissing(
                f"{shown_path(file)}: cannot be read, to be sent to the cluster ({error.strerror}); see that "
                "it is there and may be read."
            ) from error
        if self._size > MOST_BYTES:
            raise ScriptError(
                f"{shown_path(file)}: with it the files of this conversation are more than "
                f"{MOST_BYTES >> 20} MB, the most that is sent to a cluster; render it on one machine."
            )
        self.files[name] = data


def _files_in(folder: Path) -> Iterator[Path]:
    """But for links that lead out of it: what lies elsewhere is not read of a character here either."""
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.resolve().is_relative_to(root):
            yield path
