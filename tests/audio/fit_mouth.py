"""Fits `mien/lipsync/weights.py`: a small perceptron from spectrum to visemes.

Not a test. Speaks original sentences with flite's free voices, which also print the times of their
phones, and with some of espeak-ng's, and fits one hidden layer to them. Deterministic. Run it from the root
of the checkout, with Debian's `flite` and `espeak-ng` installed: `python tests/audio/fit_mouth.py`.
tools/bench_mouth.py measures what came of it, on other voices and other sentences.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from base64 import b85encode
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
from bench_mouth.clips import Espeak
from bench_mouth.figures import truth
from mien.lipsync.features import FEATURES, MouthFeatures
from mien.types import VISEMES

VOICES = ("slt", "rms", "awb", "kal16", "kal")
ESPEAK_VOICES = (
    "en-us+m1", "en-us+f1", "en-us+f3", "en-us+m5", "en-us+m7", "en-gb+f3", "en-us+Andy", "en-us+linda"
)  # fmt: skip
ESPEAK_SHARE = 2
"""Every so-manieth frame of theirs counts: more makes people's speech worse, which resembles flite's."""

HIDDEN = 64
VARIANTS = 3

SENTENCES = """
Bob put the big blue map upon the bumpy bench. My mother may bring plum jam home by Monday.
Pale maples swayed above the empty pub. Five very fine foxes feel fond of coffee.
Vivian gave every view a favourable review. The thin thief thought that both paths were smooth.
These three brothers breathe with the weather. She should wash those shiny shoes at the beach.
Usually the judge chooses orange cheese. Charles reached for a large jar of cherries.
Six sisters saw the ice storm pass at sunset. Zoe's zebra dozes through noisy business.
Kate can cook a great cake for Greg. The king is going back along the dark creek.
Ten dogs dug deep down at the end of the tide. Don't tell David that Ted did it today.
Nobody knew when the nine new nurses were leaving. Lily will allow a little yellow light.
Rory read a rare story by the river. Her first bird heard a word and turned.
Father's car was parked far from the calm harbour. I might try to fly high in the white sky.
How loud the brown cow sounds now! We were away one whole winter week.
You knew the truth, too, Sue, did you not? Go slow, the road is cold and narrow.
All the law talk was long and awful. Boys enjoy the noise of toys and coins.
Eat each green pea and keep the beans, please. It is his sister's thin little wrist.
Ben said ten men went west again. They may stay at eight to play a great game.
Sam had a bad nap and a black bag. Such a lovely duck must come from somewhere under us.
Good books could look wooden. Well, happy people hope for help from heaven.
What on earth is that? No. Yes, of course. Hmm, maybe we can meet at half past seven.
Thank you for calling, how may I help you this morning? I'm sorry, we have no soup left.
Could you repeat the number, please, a bit more slowly? Wonderful! That is the best news of the year.
The weather in the mountains changes faster than anybody believes. Please pick up a paper cup of pepper.
Fresh fish for everyone, she shouted over the waves. Nothing moves through the north without a permit.
A bright young painter was mixing purple and amber. Leave the key beneath the mat, and lock the gate.
Maybe Emma remembers my number. Bring me a small bamboo bowl, a lamb chop and some warm bread.
Pop up to the shop and buy a pint of milk. The mob climbed aboard the plane with a bang.
Simple people make the best company. Mum, may I borrow your umbrella? Papa hopped upon the pump.
Above the door hung a broken bell. Probably nobody problem solves as rapidly as Robert.
If Philip laughs, half of the staff will leave. Everything they gathered was worth nothing.
Let us look at the lonely lighthouse until the light is low. I own an old oak boat, you know.
"""

# Phones of flite's US voices. A pair is a diphthong: the second shape is reached at 60 % of it.
PHONES = {
    "pau": "sil", "p": "PP", "b": "PP", "m": "PP", "f": "FF", "v": "FF", "th": "TH", "dh": "TH", "t": "DD",
    "d": "DD", "k": "kk", "g": "kk", "ng": "kk", "ch": "CH", "jh": "CH", "sh": "CH", "zh": "CH", "s": "SS",
    "z": "SS", "n": "nn", "l": "nn", "r": "RR", "er": "RR", "aa": "aa", "ae": "aa", "ah": "aa", "ax": "aa",
    "ay": "aa I", "aw": "aa U", "ao": "O", "ow": "O U", "oy": "O I", "eh": "E", "ey": "E I", "ih": "I",
    "iy": "I", "y": "I", "uh": "U", "uw": "U", "w": "U", "hh": "",
}  # fmt: skip


def speak(voice: str, text: str, folder: Path) -> tuple[np.ndarray, int, list[tuple[str, float]]]:
    """The sentence as (n,) float32 at its own rate, and its phones with the times at which they end."""
    path = folder / "spoken.wav"
    printed = subprocess.run(
        ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(path)], check=True, capture_output=True
    ).stdout.decode()
    phones = [(name, float(end)) for name, end in (item.split(":") for item in printed.split())]
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    return samples.astype(np.float32) / 32768, rate, phones


def at_48k(samples: np.ndarray, rate: float) -> np.ndarray:
    """Resampled by band-limited interpolation; a wrong `rate` shifts pitch and formants."""
    wanted = round(len(samples) * 48_000 / rate)
    spectrum = np.fft.rfft(samples)
    padded = np.zeros(wanted // 2 + 1, np.complex128)
    n = min(len(spectrum), len(padded))
    padded[:n] = spectrum[:n]
    return (np.fft.irfft(padded, wanted) * (wanted / len(samples))).astype(np.float32)


def labels(phones: list[tuple[str, float]], frames: int, stretch: float) -> np.ndarray:
    """(frames,) viseme index, -1 where no shape is asked for."""
    out = np.full(frames, 0)
    start = 0.0
    for name, end in phones:
        parts = PHONES.get(name, "").split()
        cut = start + (end - start) * (0.6 if len(parts) == 2 else 1.0)
        for part, left, right in zip(parts or [""], (start, cut), (cut, end), strict=False):
            rows = slice(round(left * stretch * 100), round(right * stretch * 100))
            out[rows] = VISEMES.index(part) if part else -1
        start = end
    return out


def disturb(sound: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """The sound after a wait, in a room's noise, at some level, maybe by telephone; frames of the wait.

    What hums before the first word must not move the mouth, while nothing is known of the voice's level.
    """
    if rng.random() < 0.25:
        sound = at_48k(at_48k(sound, 48_000 * 48_000 / 8_000), 8_000)[: len(sound)]
    wait = int(rng.integers(0, 40))
    sound = np.concatenate((np.zeros(wait * 480, np.float32), sound))
    noise = rng.normal(0, 1, len(sound))
    if rng.random() < 0.5:  # a room's noise is low
        noise = np.cumsum(noise)
        noise -= np.convolve(noise, np.ones(401) / 401, "same")
    level = float(np.sqrt((sound**2).mean()))
    noise *= level * 10 ** (-rng.uniform(20, 60) / 20) / noise.std()
    return ((sound + noise) * 10 ** rng.uniform(-1.5, 0.1)).astype(np.float32), wait


def features_of(sound: np.ndarray) -> np.ndarray:
    features = MouthFeatures()
    return np.concatenate([features.push(sound)[0], features.finish()[0]])


def corpus(voices: tuple[str, ...], texts: list[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, FEATURES) and labels (n,), with flite's voices shifted in pitch, and disturbed."""
    rng = np.random.default_rng(seed)
    all_x, all_y = [], []
    with tempfile.TemporaryDirectory() as folder:
        for voice, text in itertools.product(voices, texts):
            samples, rate, phones = speak(voice, text, Path(folder))
            for shift in (1.0, *rng.uniform(0.84, 1.2, VARIANTS - 1).tolist()):
                sound, wait = disturb(at_48k(samples, rate * shift), rng)
                x = features_of(sound)
                all_x.append(x)
                all_y.append(np.concatenate((np.zeros(wait, int), labels(phones, len(x) - wait, 1 / shift))))
    x, y = np.concatenate(all_x), np.concatenate(all_y)
    return x[y >= 0], y[y >= 0]


def espeak_corpus(texts: list[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of espeak-ng's voices, at many speeds."""
    rng = np.random.default_rng(seed)
    espeak = Espeak()
    all_x, all_y = [], []
    for voice, text in itertools.product(ESPEAK_VOICES, texts):
        clip = espeak.say(text, voice, int(rng.integers(130, 240)))
        sound, wait = disturb(clip.samples, rng)
        all_x.append(features_of(sound)[::ESPEAK_SHARE])
        all_y.append(np.concatenate((np.zeros(wait, int), truth(clip)))[::ESPEAK_SHARE])
    return np.concatenate(all_x), np.concatenate(all_y)


def fit(x: np.ndarray, y: np.ndarray, epochs: int = 14, batch: int = 1024) -> list[np.ndarray]:
    """One hidden layer by Adam: (FEATURES, HIDDEN), (HIDDEN,), (HIDDEN, 15), (15,)."""
    rng = np.random.default_rng(0)
    balance = (len(y) / np.maximum(np.bincount(y, minlength=15), 1)) ** 0.5
    balance[VISEMES.index("PP")] *= 2.5  # a missed closure is seen more than a wrong one
    balance /= balance[y].mean()
    parts = [
        rng.normal(0, (2 / FEATURES) ** 0.5, (FEATURES, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, (1 / HIDDEN) ** 0.5, (HIDDEN, 15)),
        np.zeros(15),
    ]
    parts = [part.astype(np.float32) for part in parts]
    first = [np.zeros_like(part) for part in parts]
    second = [np.zeros_like(part) for part in parts]
    steps, step = epochs * (len(x) // batch), 0
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            step += 1
            rows = order[start : start + batch]
            inner = x[rows] @ parts[0] + parts[1]
            hidden = np.maximum(inner, 0)
            odds = hidden @ parts[2] + parts[3]
            odds = np.exp(odds - odds.max(axis=1, keepdims=True))
            error = odds / odds.sum(axis=1, keepdims=True)
            error[np.arange(batch), y[rows]] -= 1
            error *= (balance[y[rows], None] / batch).astype(np.float32)
            back = (error @ parts[2].T) * (inner > 0)
            slopes = [
                x[rows].T @ back + 1e-4 * parts[0],
                back.sum(axis=0),
                hidden.T @ error + 1e-4 * parts[2],
                error.sum(axis=0),
            ]
            rate = 3e-3 * (0.5 + 0.5 * np.cos(np.pi * step / steps))
            for part, slope, m, v in zip(parts, slopes, first, second, strict=True):
                m += 0.1 * (slope - m)
                v += 0.01 * (slope**2 - v)
                part -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
    return parts


def report(name: str, x: np.ndarray, y: np.ndarray, parts: list[np.ndarray]) -> None:
    guess = (np.maximum(x @ parts[0] + parts[1], 0) @ parts[2] + parts[3]).argmax(axis=1)
    recall = {VISEMES[k]: round(float((guess[y == k] == k).mean()), 2) for k in range(15)}
    sys.stderr.write(f"{name}: {(guess == y).mean():.3f} of {len(y)} frames; recall {recall}\n")


def main() -> None:
    texts = [s.strip() for s in SENTENCES.replace("\n", " ").replace("? ", ". ").split(". ") if s.strip()]
    fitted = [t for i, t in enumerate(texts) if i % 5]
    flite, espeak = corpus(VOICES, fitted, 1), espeak_corpus(fitted, 3)
    x, y = (np.concatenate(parts) for parts in zip(flite, espeak, strict=True))
    held_x, held_y = corpus(VOICES, texts[::5], 2)
    mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-3)
    parts = fit((x - mean) / scale, y)
    # The normalization goes into the first layer.
    parts[0] /= scale[:, None]
    parts[1] -= mean @ parts[0]
    parts = [part.astype(np.float16).astype(np.float32) for part in parts]
    report("fitted", x, y, parts)
    report("held-out sentences", held_x, held_y, parts)
    text = b85encode(np.concatenate([part.ravel() for part in parts]).astype("<f2").tobytes()).decode()
    lines = "\n".join(f'    "{text[at : at + 100]}"' for at in range(0, len(text), 100))
    Path("engine/mien/lipsync/weights.py").write_text(
        '"""Fitted by tests/audio/fit_mouth.py: a hidden layer from `cepstrum` to visemes."""\n\n'
        f"from typing import Final\n\nFEATURES: Final = {FEATURES}\nHIDDEN: Final = {HIDDEN}\n\n"
        f"PACKED: Final = (\n{lines}\n)\n"
        '"""base85 of little-endian float16: (FEATURES, HIDDEN), (HIDDEN,), (HIDDEN, 15), (15,)."""\n'
    )


if __name__ == "__main__":
    main()
