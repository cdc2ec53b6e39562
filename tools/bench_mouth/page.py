"""The words of the page that the benchmark of the mouth writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bench_mouth import neural, peers
from bench_mouth.packages import HEADAUDIO, bare

_HEAD: Final = """# How well the mouth follows speech

Written by `tools/bench_mouth.py`; no figure here was typed by hand. To run it yourself: `pip install .
{extra}`,
`apt-get install espeak-ng flite festival festvox-kallpc16k nodejs npm`, then the command. `--quick` takes a
minute, and `--json FILE` keeps every figure. What cannot be had is left out, and named.

- Command: `{command}`
- Machine: {machine}; {date}
- Versions: {versions}

Speech whose phones are known is given to each mouth, in one run, and what it shows is held against the phones
every 10 ms. None of these voices and recordings were used to fit Mien's networks (`tools/fit_mouth.py`): they
were fitted to other voices of flite, festival and espeak-ng, the latter in ten more languages, and to the
`train` speakers of speechocean762 and some sentences of LJ Speech. How much noise and reverberation to fit
with, and part of what is done with what the networks say, was chosen by looking at sentences of praatio, of
the EMU database and of LibriVox, which flatters those figures. The man who talks and the neural voices had
not been looked at before, but for what is said of them below.

The peers run as their own pages run them, with their own settings and models: wLipSync and HeadAudio in
Node, fed 128 samples at a time as a browser feeds them. wLipSync comes without a profile and is calibrated,
with its own coefficients, by the five vowels that pylipsync comes with. Both answer late; the sound waits for
each as long as suits it best in that group ("waits", in steps of 10 ms). HeadAudio{headaudio} never shows
`aa`: its index is 0, which its page takes for none. It is measured as it is.

{missing}
| column | meaning |
|---|---|
| visemes | share of frames whose strongest shape is the phone's, of the 15 Oculus visemes |
| phones | the same of phones, in the middle frame of each |
| spoken | the same of frames, without the pauses |
| vowels | the same over vowels and pauses, of six shapes: `aa E I O U` and closed |
| openness | Pearson's r of how far the mouth is open |
| closures | share of p, b and m on which the lips close, within 20 ms |
| falsely closed | share of the frames within vowels in which they are closed |
| lag | shift of the movement that fits best; positive is late. Median of the clips |
| onset | from the first phone to the first movement; positive is late. Median |
| waits | for how long the sound is held back so that the movement is known with it |
| cost | processor time for a second of sound; 10 ms are 1 % of a core |
"""

_NAMES: Final = (
    "visemes", "phones", "spoken", "vowels", "openness", "closures", "falsely closed", "lag", "onset",
    "waits", "cost",
)  # fmt: skip
COLUMNS: Final = len(_NAMES)
HEADER: Final = f"| mouth from | {' | '.join(_NAMES)} |\n|---|{'---:|' * COLUMNS}\n"

PEOPLE: Final = """
## Sentences of people, all together

The groups of people's sentences below. **Held out**: nothing of these speakers, or recorded as they were, was
fitted to.

"""

AIMS: Final = """
Aimed at: 75 % of the visemes from the sound alone, openness 0.85, 98 % of the closures with 3 % falsely
closed at most, and 90 % of the visemes from words and the sound.
"""

HARD: Final = "The groups of people's sentences, changed; Mien by the sound alone."

NOBODY: Final = """
## Nobody speaks

Share of the time in which Mien's mouth is open. Breaths and rooms are made as those that it was fitted to.

| sound | open |
|---|---:|
"""


def head(here: Mapping[str, Any], missing: Sequence[str]) -> str:
    """The page's first part; `missing`: a sentence on each thing that could not be had."""
    lacking = "".join(f"- {one}\n" for one in missing)
    return _HEAD.format(
        extra=f"pocketsphinx {peers.PYLIPSYNC} {neural.PIPER} {neural.JOE} {neural.HEART}",
        command=here["command"],
        machine=here["machine"],
        date=here["date"],
        versions=", ".join(f"{name} {version}" for name, version in here["versions"].items()),
        headaudio=f" {theirs}" if (theirs := here["versions"].get(bare(HEADAUDIO))) else "",
        missing=f"**Not measured in this run:**\n\n{lacking}" if lacking else "Nothing was left out.\n",
    )


def tail(ahead_ms: float, groups: Mapping[str, Any], sound: str) -> str:
    """The page's last part; `groups`: what was kept of each; `sound`: the name of the sound alone."""
    told = {
        title: group["mouths"][sound]
        for title, group in groups.items()
        if group.get("held_out") and "closed_late" in group["mouths"].get(sound, {})
    }
    closed = ""
    for title in sorted(told, key=lambda title: -told[title].get("false_closures", 0.0))[:_WORST]:
        found = told[title]
        closed += (
            f'  - "{title}": {found["closed_late"]:.0%} in the second halves of their vowels, '
            f"{found['closed_quiet']:.0%} 6 dB and more below the loudest of theirs, "
            f"{found['closed_as_lips']:.0%} taken for p, b or m.\n"
        )
    if closed:
        about = "Of the frames that are falsely closed, by the sound alone, where they are most, there are in"
        closed = f"- {about}\n{closed}"
    return _TAIL.format(ahead=ahead_ms, closed=closed)


def table(title: str, about: str) -> str:
    """A group's heading, ready for rows."""
    return f"\n## {title}\n\n{about}\n\n{HEADER}"


def row(cells: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |\n"


def cells(name: str, found: Mapping[str, float]) -> list[str]:
    """Figures as a row shows them."""
    shares = [
        f"{found[key]:.0%}" if key in found else "" for key in ("visemes", "phones", "spoken", "vowels")
    ]
    return [
        name,
        *shares,
        f"{found['openness']:.2f}",
        f"{found['closures']:.0%}",
        f"{found['false_closures']:.1%}",
        f"{found['lag_ms']:+.0f} ms",
        f"{found['onset_ms']:+.0f} ms",
        f"{found['waits_ms']:g} ms",
        f"{found['cost_ms']:.1f} ms" if found["cost_ms"] else "",
    ]


_WORST: Final = 3
"""Groups of which it is said where lips are falsely closed."""

_TAIL: Final = """
## How the networks were fitted

`OPENBLAS_NUM_THREADS=1 python tools/fit_mouth.py --speechocean FOLDER --ljspeech FOLDER`. Its recordings are
public: speechocean762 (CC BY 4.0; ten sentences of each of 114 of the 125 `train` speakers, children among
them) and the part of LJ Speech (public domain) that coqui-ai/TTS has among its tests. Each sentence is said
by a smaller or larger speaker (0.72 to 1.38), joined with others with breaths in the pauses, put into rooms,
lines, noise, hum and tones, at peaks down to -66 dBFS; every ninth stream or so has no voice at all.
VoxAngeles (CC BY-NC) is measured on and never fitted to. The stored weights were fitted by the tool as it was
being written, and it does not give the same bytes: two of the layers by the shapes alone, to five sentences
of each of all 125 speakers, one of them disturbed a little more mildly; the third as the tool does, to 11
epochs of two passes with 769 sentences by people. How the level of a voice is followed was changed after
that.

## What this says

- Measured are the viseme weights, which move the jaw. Drawn is one shape at a time, for 70 ms at least,
  which is easier to look at: the row below that of words and sound is of these shapes, with what that costs
  of the visemes and of quick phones.
- Phones that are given are shown as they are, by construction: that row says that nothing is lost or late
  on the way, and is no measure of quality.
- The sound alone is known {ahead:g} ms after it was heard, in a buffer that is ahead of what is played, so
  that no lag follows from it. pylipsync's frames look 32 ms both ways. It and wLipSync know five vowels and
  silence, so that their shares of 15 visemes ("visemes", "phones", "spoken") are low by nature; "vowels" and
  "openness" are fair to them.
- Words with their times (`scheme = "words"`) are spelled out as English, by rules and a list of words that
  rules get wrong. With the sound their phones are aligned to it, no later than the sound alone is known. The
  list comes from the CMU dictionary, from which the labels of the aligned groups come, too: the people whose
  labels came with the recordings are the fairer measure there. How far words and sound trust each other, how
  readily lips meet and what counts as silence within words was chosen by `train` speakers of speechocean762
  and by the part of LJ Speech, of both of which the networks know some sentences, by other sentences of the
  voice heart, and by the first recording of the man who talks, each as recorded and in noise.
- Where pauses are many (the words of the world, and speechocean762), a mouth that is only ever closed has a
  large share of the visemes: there, "spoken" says more.
- Closures are to be read beside "falsely closed": a mouth that is often closed meets many of them by
  chance.
- espeak-ng's variants share one synthesizer, so that voices held out are not as foreign as people are.
- Who or what made the labels that come with recordings, and how exactly, is not known to this benchmark: some
  may be an aligner's, mended or not.
- Aligned recordings have their phones from a dictionary and their times from pocketsphinx: part of what
  counts as wrong there is the label. The people of speechocean762 all speak English as Mandarin speakers
  do.
{closed}\
- The man who talks was looked at to see what noise and knocks do. How the level of a voice is followed was
  chosen by `train` speakers to whom both were added.
"""
