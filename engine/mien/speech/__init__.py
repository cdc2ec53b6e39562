"""Speech from text, by a synthesizer that is installed here, with the times of its words and mouth shapes.

speech.py         what was spoken: sound, words, mouth shapes
sentences.py      text cut where a synthesizer draws breath
words.py          when each word is heard, from what a synthesizer tells
opening.py        which synthesizers this machine has, and how one is opened
synthesizer.py    what they have in common
espeak.py, piper.py, piper_times.py   what each of them is asked, and how its answer is read
worker.py         the process that one runs in, and process.py, which runs there
program.py        one that is only a program: sound without times
ending.py         how either is ended, when it takes too long or nobody waits any more
"""

from mien.speech.opening import open_synthesizer, synthesizers
from mien.speech.speech import Speech
from mien.speech.synthesizer import Synthesizer

__all__ = ["Speech", "Synthesizer", "open_synthesizer", "synthesizers"]
