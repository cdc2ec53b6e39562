"""Fit the mouth's network to voices and to people, and write `engine/mien/lipsync/mouth.npz`.

Wants Debian's flite, festival, festvox-kdlpc16k, festvox-us-slt-hts and espeak-ng, and pip's pocketsphinx.
With OPENBLAS_NUM_THREADS=1 the same input gives the same weights. tools/bench_mouth.py measures
what came of it.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from bench_mouth.clips import Clip, ToolMissing
from fit_mouth import people, voices
from fit_mouth.disturb import Said, disturbed, in_room, joined, nothing_said, resized
from fit_mouth.network import Floats, Stream, fit, forward
from mien.lipsync.features import MouthFeatures
from mien.lipsync.network import PARTS
from mien.lipsync.track import OPEN
from mien.types import F32, VISEMES

HIDDEN = 96
LAYERS = 3
"""That are fitted each from its own start; the engine averages what they say."""
SEEDS = (1, 2, 0)
"""Each is a pass in which all is disturbed anew; epochs take them in turn."""
EPOCHS = 15
CHOOSING = 12
"""Every such speaker of speechocean762 is not fitted to: what to fit with, and how, is chosen by them."""
NOTHING = 0.12
"""Of the streams, those without a voice."""
WEIGHTS = Path(__file__).parents[2] / "engine" / "mien" / "lipsync" / "mouth.npz"


def stream(sound: F32, shapes: np.ndarray) -> Stream:
    """As the analyser will hear it."""
    features = MouthFeatures()
    rows = np.concatenate([features.push(sound)[0], features.finish()[0]])
    return Stream(rows.astype(np.float16), shapes[: len(rows)].astype(np.int8))


def size_of(one: Said, rng: np.random.Generator) -> float:
    """How much smaller a speaker is made: people keep their size more or less, voices become children too."""
    if rng.random() < 0.3:
        return 1.0
    if one.voice.startswith("child"):
        return float(rng.uniform(0.85, 1.1))
    return float(np.exp(rng.uniform(np.log(0.72), np.log(1.38))))


def one_pass(said: list[Said], seed: int) -> list[Stream]:
    """All of it once, disturbed: one to three sentences of a voice to a stream."""
    rng = np.random.default_rng(seed)
    by_voice: dict[str, list[Said]] = {}
    for i in rng.permutation(len(said)):
        by_voice.setdefault(said[i].voice, []).append(said[i])
    streams = []
    for own in by_voice.values():
        while own:
            taken = [own.pop() for _ in range(min(len(own), int(rng.integers(1, 4))))]
            ratio = size_of(taken[0], rng)
            sound, shapes = joined([resized(one, ratio) if ratio != 1 else one for one in taken], rng)
            streams.append(stream(disturbed(sound, rng), shapes))
            if rng.random() < NOTHING:
                sound = nothing_said(rng)
                streams.append(stream(sound, np.zeros(-(-len(sound) // 480), np.int8)))
    return streams


def all_said(asked: argparse.Namespace, english: list[str]) -> Iterator[Clip]:
    """Every sentence that is fitted to."""
    yield from chain(voices.flite(english), voices.festival(english), voices.espeak(english[::3], 3))
    if asked.speechocean:
        yield from people.aligned(people.speechocean(asked.speechocean, "train", asked.most), asked.cache)
    if asked.ljspeech:
        yield from people.aligned(people.ljspeech(asked.ljspeech), asked.cache)


def split(said: list[Said]) -> tuple[list[Said], list[Said]]:
    """What is fitted to, and what is chosen by: speakers of whom nothing is fitted to."""
    speakers = sorted({one.voice for one in said if one.voice.startswith(people.AGES)})
    chosen_by = set(speakers[::CHOOSING])
    return (
        [one for one in said if one.voice not in chosen_by],
        [one for one in said if one.voice in chosen_by],
    )


def right(parts: list[Floats], said: list[Said], room: bool) -> float:
    """Share of the frames whose likeliest viseme is the true one, as recorded or in a room of 0.4 s."""
    rng = np.random.default_rng(0)
    hits: list[np.ndarray] = []
    for one in said:
        heard = stream(in_room(one.samples, 0.4, 0, rng) if room else one.samples, one.shapes)
        x = heard.features.astype(np.float32)[:, None]
        before = np.zeros((1, HIDDEN), np.float32)
        _, states = forward(x, np.zeros((len(x), 1), bool), before, parts)
        likeliest = (states[1:, 0] @ parts[3] + parts[4]).argmax(axis=1)
        hits.append((likeliest == heard.shapes)[heard.shapes >= 0])
    return float(np.concatenate(hits).mean())


def balance_of(passes: list[list[Stream]]) -> F32:
    """How much a frame of each shape counts."""
    shapes = np.concatenate([one.shapes for one in passes[0]])
    shapes = shapes[shapes >= 0]
    balance = (len(shapes) / np.maximum(np.bincount(shapes, minlength=len(VISEMES)), 1)) ** 0.3
    balance[VISEMES.index("PP")] *= 1.8  # a missed closure is seen more than a wrong one
    return (balance / balance[shapes].mean()).astype(np.float32)


def main() -> int:
    """Run the tool; 2 on bad use."""
    parser = argparse.ArgumentParser(
        prog="fit_mouth.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speechocean", metavar="FOLDER", type=Path, help="a copy of speechocean762")
    parser.add_argument(
        "--ljspeech", metavar="FOLDER", type=Path, help="a copy of LJ Speech, or of a part of it"
    )
    parser.add_argument("--most", type=int, default=10, help="sentences of each speaker")
    parser.add_argument("--cache", metavar="FILE", type=Path, default=Path("aligned.json"))
    parser.add_argument("--write", metavar="FILE", type=Path, default=WEIGHTS)
    asked = parser.parse_args()
    try:
        said = [voices.said(clip) for clip in all_said(asked, voices.texts())]
    except (ToolMissing, OSError) as error:
        print(f"fit_mouth.py: {error}", file=sys.stderr)
        return 2
    said, chosen_by = split(said)
    seconds = sum(len(one.samples) for one in said) / 48_000
    print(f"{len(said)} sentences, {seconds / 60:.0f} min")
    passes = [one_pass(said, seed) for seed in SEEDS]
    balance, opened = balance_of(passes), np.array(OPEN, np.float32)
    layers = []
    for seed in range(LAYERS):
        layers.append(fit(passes, HIDDEN, balance, opened, EPOCHS, print, seed))
        if chosen_by:
            recorded, room = (right(layers[-1], chosen_by, room) for room in (False, True))
            print(f"speakers kept for choosing: {recorded:.1%} of the visemes, {room:.1%} in a room of 0.4 s")
    stacked = [np.stack(same).astype(np.float16) for same in zip(*layers, strict=True)]
    np.savez_compressed(asked.write, **dict(zip(PARTS, stacked, strict=True)))
    print(
        f"{asked.write}: {asked.write.stat().st_size} bytes, crc {zlib.crc32(asked.write.read_bytes()):08x}"
    )
    return 0
