"""The formats: good samples, how they are mutated, and what reads them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from fuzz import blocks, drawings, messages, models, octets, plugins, samples, sounds, trees, zips
from mien.art import load_character
from mien.art.layered import read_layered
from mien.art.load import load_picture
from mien.art.png_writing import png_of
from mien.audio import resolve
from mien.cli import main as mien
from mien.composite.layered_rows import layered_rows
from mien.errors import MienError
from mien.importing.document import toml_text
from mien.importing.kinds import read_artwork
from mien.importing.make import make
from mien.lipsync.timed import TimedMouth
from mien.talk.check import check_conversation
from mien.talk.conversation import load_conversation

_LARGE = 1 << 20

Mutate = Callable[[bytes, Random, Sequence[bytes]], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """Something that Mien reads from strangers."""

    place: str
    """Where an input stands in the folder that `samples.build` makes."""
    samples: Callable[[Path], list[bytes]]
    """Good ones. The folder is empty, for what must be written on the way."""
    mutate: Mutate
    read: Callable[[Path], int | None]
    """Reads an input as `mien` would; how many bytes the picture takes that it is of, where it has one."""
    lures: tuple[bytes, ...] = ()
    """Inputs that name what was not given: tried as they are before each run."""


def _plain(change: Callable[[bytes, Random], bytes]) -> Mutate:
    return lambda data, random, others: change(data, random)


def _in_blocks(form: blocks.Form) -> Mutate:
    return lambda data, random, others: blocks.mutated(data, random, form, others)


def _sounding(form: blocks.Form | None) -> Mutate:
    """Sound in blocks of that form; one input of 25 is a text that names other files."""

    def mutate(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
        if random.random() < 0.04:
            lure = random.choice(sounds.LURES)
            return lure if random.random() < 0.5 else octets.mutated(lure, random, others)
        if form is None:
            return octets.mutated(data, random, others)
        return blocks.mutated(data, random, form, others)

    return mutate


def _entry(name: str, body: bytes, random: Random) -> bytes:
    """An entry of a .mien or .ora file, changed."""
    if len(body) > _LARGE:  # a bomb: cutting it into blocks takes longer than reading it
        return octets.mutated(body, random)
    if name.endswith(".json"):
        return trees.as_json(body, random)
    if name.endswith(".xml"):
        return trees.xml(body, random)
    if name.endswith(".png"):
        return blocks.mutated(body, random, blocks.PNG)
    return octets.mutated(body, random)


def _archive(method: int) -> Mutate:
    return lambda data, random, others: zips.mutated(data, random, _entry, method)


def _character(path: Path) -> None:
    load_character(path.parent, page_size=256)


def _part(path: Path) -> int:
    """A part of a character, and a stage's background."""
    refused: MienError | None = None
    for read in (load_picture, lambda _: load_character(path.parents[2], page_size=256)):
        try:
            read(path)
        except MienError as error:
            refused = refused or error
    if refused:
        raise refused
    return 0


def _baked(path: Path) -> None:
    load_character(path)
    load_character(path, scale=0.5)


def _conversation(path: Path) -> None:
    conversation = load_conversation(path)
    check_conversation(conversation, {})
    for turn in conversation.turns:
        if turn.timings is not None:
            TimedMouth.of(turn.timings).rows(0, 500)


def _times(path: Path) -> None:
    """Read as words and as mouth shapes of several schemes; refused when none of them is that."""
    refused: list[MienError] = []
    for i in range(len(samples.TIMED_BY)):
        try:
            _conversation(path.with_name(f"timed{i}.toml"))
        except MienError as error:
            refused.append(error)
    if len(refused) == len(samples.TIMED_BY):
        raise max(refused, key=lambda error: len(str(error)))


def _ledger(path: Path) -> None:
    """`mien report`, in every form. It prints its errors, so that no MienError comes out."""
    page = str(path.with_suffix(".html"))
    for more in (["--html", page], ["--json", "--gate"]):
        status = mien(["report", str(path), *more])
        if status not in (0, 1, 2):
            raise AssertionError(f"mien report ended with status {status}")


def _layered(path: Path) -> int:
    art = read_layered(path)
    layered_rows(art)
    return 4 * art.size.width * art.size.height


def _imported(path: Path) -> int:
    """What `mien import` makes of it, all but the writing."""
    artwork = read_artwork(path)
    made = make(artwork.source, "fuzzed", artwork.given, extras=artwork.extras)
    toml_text(made.document, ())
    for picture in made.pictures.values():
        png_of(picture.pixels, picture.offset)
    return 4 * artwork.source.canvas.width * artwork.source.canvas.height


def _sound(path: Path) -> None:
    """As a file, as bytes, and as a stream of chunks; the limits are for the three together.

    A packet takes 20 us a reading, 9 of them FFmpeg's: 80 000 packets of whatever length are what 5 s allow.
    """
    data = path.read_bytes()
    pieces = [data[i : i + 1000] for i in range(0, len(data), 1000)]
    refused: MienError | None = None
    for source in (path, data, iter(pieces)):
        try:
            with closing(resolve(source).open()) as sound:
                for _ in sound.pieces():
                    pass
        except MienError as error:
            refused = error
    if refused:
        raise refused


def _times_samples(_: Path) -> list[bytes]:
    return [json.dumps(value).encode() for value in samples.TIMES]


_AUDIO = {
    "wav": ("wav", blocks.RIFF),
    "flac": ("flac", blocks.FLAC),
    "ogg": ("ogg", blocks.OGG),
    "mp3": ("mp3", None),
    "m4a": ("m4a", blocks.BOXES),
    "aac": ("aac", None),
    "webm": ("webm", blocks.EBML),
    "wavpack": ("wv", None),
    "aiff": ("aiff", None),
}

FORMATS = {
    "character": Format(
        "character/character.toml",
        lambda _: [samples.character()],
        _plain(trees.toml),
        _character,
    ),
    "conversation": Format(
        "talk/conversation.toml", lambda _: [samples.conversation()], _plain(trees.toml), _conversation
    ),
    "times": Format("talk/times.json", _times_samples, _plain(trees.as_json), _times),
    "mien": Format("art.mien", lambda folder: [samples.baked(folder)], _archive(zipfile.ZIP_STORED), _baked),
    "ledger": Format("run.jsonl", lambda _: [samples.ledger()], _plain(trees.json_lines), _ledger),
    "serve": Format("message", lambda _: messages.samples(), _plain(messages.mutated), messages.read),
    "vts": Format("plugin", lambda _: plugins.samples(), _plain(plugins.mutated), plugins.read),
    "psd": Format("art.psd", lambda _: samples.psds(), _in_blocks(blocks.PSD), _layered),
    "ora": Format("art.ora", lambda _: [samples.ora()], _archive(zipfile.ZIP_DEFLATED), _layered),
    "kra": Format("art.kra", lambda _: [samples.kra()], _archive(zipfile.ZIP_DEFLATED), _layered),
    "import": Format("import.kra", lambda _: [samples.kra()], _archive(zipfile.ZIP_DEFLATED), _imported),
    "svg": Format("art.svg", lambda _: [drawings.SAMPLE], drawings.mutated, _layered),
    "svg-import": Format("import.svg", lambda _: [drawings.SAMPLE], drawings.mutated, _imported),
    "png": Format(
        "character/parts/head/main.png", lambda _: samples.pictures(), _in_blocks(blocks.PNG), _part
    ),
    "save": Format("art.save", lambda _: [models.save()], _plain(trees.as_json), _imported),
    "remix": Format("art.pngRemix", lambda _: [models.remix()], octets.mutated, _imported),
    "veado": Format("art.veado", lambda _: [models.veado()], octets.mutated, _imported),
    "tachie": Format(
        "art.tachie.zip", lambda _: [models.tachie()], _archive(zipfile.ZIP_DEFLATED), _imported
    ),
    "livepng": Format("live/model.json", models.livepng, _plain(trees.as_json), _imported),
    "rpy": Format("character/art.rpy", lambda _: [models.SCRIPT], octets.mutated, _imported),
    **{
        name: Format(
            f"sound.{suffix}",
            lambda _, name=name: sounds.samples(name),  # type: ignore[misc]
            _sounding(form),
            _sound,
            sounds.LURES,
        )
        for name, (suffix, form) in _AUDIO.items()
    },
}


def warm_up(name: str, folder: Path) -> list[bytes]:
    """The samples of a format. Reads what only the first reading imports, so that no child has to."""
    fine = FORMATS[name].samples(folder)
    with suppress(ImportError):
        import psd_tools.api.layers  # noqa: F401
    return fine
