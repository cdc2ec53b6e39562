"""Files that a user drops on a stage: characters, art, sounds and conversations, each as what it is."""

from __future__ import annotations

import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Final, Self

from mien.art.rasters import RASTERS
from mien.audio.path_source import PathSource
from mien.errors import AssetMissing, Closed, FormatError, MienError
from mien.importing.importer import Importer
from mien.importing.kinds import ALL_SUFFIXES, stem_of
from mien.interrupts import Bell, RejoinableThread, defer_interrupts
from mien.messages import listed, printable, shown_path
from mien.stage.base import BaseStage
from mien.stage.cast import VIEWER
from mien.talk import Conversation, character_path, load_conversation
from mien.threads import start_thread

SOUNDS: Final = (".wav", ".mp3", ".ogg", ".oga", ".opus", ".flac", ".m4a", ".aac", ".webm", ".mka")
"""What the names of files end in that are spoken."""
_DRAWN: Final = (*RASTERS, ".rpy")
_MOST_LOOKED_AT: Final = 2000
"""Files of a folder."""
_LOOK_S: Final = 0.02
"""So often it is looked whether who was told to join is there."""
Saved = tuple[tuple[str, int, int], ...]
"""Of files: names, times in ns and sizes in bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class DroppedArt:
    """Art that was dropped, and the character that was made of it."""

    path: Path
    """Of the art."""
    folder: Path
    """Of the character; removed when the dropping ends."""
    saved: Saved
    """Its files as they were right before they were read."""
    importer: Importer
    """Makes it again; closed when the dropping ends, at the latest."""
    remarks: tuple[str, ...]
    """What was told of it."""


class Dropping:
    """Does with dropped files what fits them, one after another, on a thread of its own. A context manager.

    A character, or art, which becomes one in a folder that is removed at the end: it takes the place of whom
    it is dropped on, or of who is alone on stage; else it joins the cast, where there is room. A sound is
    spoken by whom it is dropped on, or by who stands in front. Of a conversation the cast comes on stage, and
    its turns are queued. What cannot be done is told in a sentence, and what is shown stays.

    Parameters: `stage`, opened with room; `tell` takes sentences, on any thread; `art`, where what is saved
    later is to be shown too: it is called by the thread that draws, with art that was dropped, once that is
    shown, or was refused; `named`, where what is shown has a name, as a window's title: it is called, on any
    thread, with that of what was dropped, once nothing else is shown.
    """

    def __init__(
        self,
        stage: BaseStage,
        tell: Callable[[str], object],
        art: Callable[[DroppedArt], object] | None = None,
        named: Callable[[str], object] | None = None,
    ) -> None:
        self._stage, self._tell, self._art, self._named = stage, tell, art, named
        self.reading: Path | None = None
        """The art that is being read: what is told meanwhile is so until it is."""
        self._spoken = Counter[str]()
        """How many sounds of a name were dropped."""
        self._queue: deque[tuple[Path, str | None] | None] = deque()
        self._changed = Bell()
        self._thread = RejoinableThread(self._run, "mien-dropping")
        self._opened = ExitStack()
        self._importer: Importer | None = None
        """Of the art that is read, or was last."""

    def drop(self, paths: Iterable[str | Path], who: str | None = None) -> None:
        """These were dropped on somebody, or None: beside everybody. From any thread; never waits."""
        for path in paths:
            self._queue.append((Path(path), who))
        self._changed.ring()

    def __enter__(self) -> Self:
        start_thread(self._thread)
        return self

    def __exit__(self, *error: object) -> None:
        interrupted = defer_interrupts(self._end, self._thread.wait, self._opened.close)
        if interrupted:
            raise interrupted

    def _end(self) -> None:
        """Nothing more is taken. May be done twice."""
        self._queue.appendleft(None)
        self._changed.ring()
        if (importer := self._importer) is not None:
            importer.close()

    def _run(self) -> None:
        while True:
            self._changed.wait_until(lambda: bool(self._queue))
            if (dropped := self._queue.popleft()) is None:
                return
            try:
                self._take(*dropped)
            except Closed:
                return
            except MienError as error:
                self._tell(f"kept what is shown: {error}")
            except OSError as error:  # gone since, or nobody may look into it
                self._tell(f"kept what is shown: {shown_path(dropped[0])}: {error.strerror or error}.")

    def _take(self, path: Path, who: str | None) -> None:
        suffix = path.suffix.lower()
        if not path.exists():
            raise AssetMissing(f"{shown_path(path)} is not there any more.")
        if is_character(path):
            self._cast(path, stem_of(path.parent if path.name == "character.toml" else path), who)
        elif is_conversation(path):
            self._converse(load_conversation(path))
        elif is_art(path):
            art = self._made(path)
            self._cast(art.folder, stem_of(path), who, art)
        elif suffix in SOUNDS:
            speaker = self._whom(who) or next(reversed(self._stage.on_stage), None)
            if speaker is None:
                raise FormatError(f"{shown_path(path)}: nobody is on stage who could speak it.")
            PathSource(path).open().close()  # what is no sound is told now, and not once it is to be heard
            self._stage.say(speaker, path, key=self._key_of(path))
            self._tell(f"{printable(speaker)} speaks {printable(path.name)}")
        elif suffix in RASTERS:
            raise FormatError(
                f"{shown_path(path)} is one picture; drop a folder of them, a layered file, or start with "
                "`--background` for what stands behind."
            )
        else:
            raise FormatError(
                f"{shown_path(path)} is nothing that can be shown; drop a character, art "
                f"({', '.join(ALL_SUFFIXES)}, a folder of pictures), a sound, or a conversation."
            )

    def _made(self, path: Path) -> DroppedArt:
        """A character of art. Raises as an import does; Closed."""
        folder = Path(self._opened.enter_context(folder_meanwhile())) / "character"
        before, self.reading = saved(path), path
        self._tell(f"reading {shown_path(path)}")
        with ExitStack() as importing:
            # Beside the frames, whose interpreter's lock an import would hold.
            importer = importing.enter_context(closing(Importer(path, folder)))
            self._importer = importer
            if None in self._queue:
                raise Closed("what was dropped is not waited for any more.")
            try:
                remarks = importer.make()
            finally:
                self.reading = None
            remarks = importer.found, *remarks
            for remark in remarks:
                self._tell(remark)
            if self._art is not None:  # who takes it may make it again
                self._opened.enter_context(importing.pop_all())
        return DroppedArt(path, folder, before, importer, remarks)

    def _key_of(self, sound: Path) -> str:
        """What the turn of a sound is called: by its file, with a number where that was dropped before."""
        name, taken = printable(sound.name), {turn.key for turn in self._stage.turns()}
        for number in count(self._spoken[name] + 1):
            key = name if number == 1 else f"{name} {number}"
            if key not in taken:
                break
        self._spoken[name] = number
        return key

    def _whom(self, who: str | None) -> str | None:
        """Whom something is dropped on."""
        here = self._stage.on_stage
        return who if who in here else here[0] if len(here) == 1 else None

    def _cast(self, character: Path, name: str, who: str | None, art: DroppedArt | None = None) -> None:
        whom = self._whom(who)
        if whom is not None:
            self._stage.reload(whom, character, done=lambda wrong: self._was_read(name, whom, wrong, art))
            return
        taken = {*self._stage.cast, *self._stage.loading, VIEWER}
        names = (name if n == 1 else f"{name} {n}" for n in range(1, len(taken) + 2))
        key = next(one for one in names if one not in taken)
        self._stage.load(key, character, done=lambda wrong: self._was_read(name, key, wrong, art))
        self._stage.enter(key)
        self._await([key])

    def _was_read(self, name: str, key: str, wrong: str, art: DroppedArt | None) -> None:
        """`name`: of what was dropped; `key`: whose place it has, which is what the panel and calls name."""
        alone = [*self._stage.on_stage] == [key]
        place = "" if alone or key == name else f", as {printable(key)}"
        self._tell(f"kept what is shown: {wrong}" if wrong else f"shown: {printable(name)}{place}")
        if alone and not wrong and self._named is not None:
            self._named(name)
        if art is not None and self._art is not None:
            self._art(art)

    def _converse(self, conversation: Conversation) -> None:
        """Its cast comes on stage, as far as there is room, and its turns are queued."""
        keys = [member.key for member in conversation.cast]
        for member in conversation.cast:
            character = character_path(conversation, member)
            if member.key not in self._stage.cast:
                self._stage.load(member.key, character, member.place, member.size)
            elif self._stage.sources[member.key].resolve() != character.resolve():
                self._stage.reload(member.key, character)
        self._await(keys)
        for other in self._stage.on_stage:
            if other not in keys:
                self._stage.leave(other)
        for member in conversation.cast:
            if member.on_stage and member.key in self._stage.cast and member.key not in self._stage.on_stage:
                self._stage.enter(member.key, member.place, member.size)
        lacking = {turn.speaker for turn in conversation.turns}.difference(self._stage.cast)
        if lacking:
            raise FormatError(
                f"{shown_path(conversation.source)}: there is no room for {listed(sorted(lacking))}; play it "
                "by itself."
            )
        for turn in conversation.turns:
            assert turn.audio is not None, "as in all conversations of files"
            self._stage.say(
                turn.speaker,
                turn.audio,
                turn.text,
                words=turn.words,
                cues=turn.cues,
                gap_s=turn.gap_s,
                timings=turn.timings,
            )
        self._tell(f"queued: {conversation.title}")
        if self._named is not None:
            self._named(conversation.title)

    def _await(self, keys: Iterable[str]) -> None:
        """Until these are loaded, or cannot be. Raises Closed where it is to end before that."""
        whom = set(keys)
        while not self._changed.wait_until(
            lambda: not whom.intersection(self._stage.loading) or None in self._queue, _LOOK_S
        ):
            pass
        if None in self._queue:
            raise Closed("what was dropped is not waited for any more.")


def is_character(path: Path) -> bool:
    """Whether a path is a character, and no conversation."""
    if path.is_dir():
        return (path / "character.toml").is_file() and not (path / "conversation.toml").is_file()
    return path.suffix.lower() == ".mien" or path.name == "character.toml"


def is_conversation(path: Path) -> bool:
    """Whether a path is a conversation."""
    return (path / "conversation.toml").is_file() if path.is_dir() else path.suffix.lower() == ".toml"


def is_art(path: Path) -> bool:
    """Whether a path is what an import makes a character of."""
    if path.is_dir():
        suffixes = (one.suffix.lower() for one in files_of(path))
        return not is_character(path) and not is_conversation(path) and any(one in _DRAWN for one in suffixes)
    return path.suffix.lower() in ALL_SUFFIXES


def files_of(path: Path) -> Iterator[Path]:
    """A file; or what is in a folder and those in it, the first 2000."""
    return islice(path.rglob("*"), _MOST_LOOKED_AT) if path.is_dir() else iter((path,))


def saved(path: Path) -> Saved:
    """When a file, or the files of a folder, were saved last; nothing where they are not there."""
    found = []
    for file in files_of(path):
        try:
            about = file.stat()
        except OSError:
            continue
        found.append((str(file), about.st_mtime_ns, about.st_size))
    return tuple(sorted(found))


def folder_meanwhile() -> tempfile.TemporaryDirectory[str]:
    """A folder for a character that is made of art, removed at the end of its block."""
    return tempfile.TemporaryDirectory(prefix="mien-", ignore_cleanup_errors=True)
