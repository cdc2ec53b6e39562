"""Speech from text, by a synthesizer that is installed here, with the times of its words and mouth shapes.

speech.py         what was spoken: sound, words, mouth shapes
sentences.py      text cut where a synthesizer draws breath
synthesizer.py    the synthesizers, and which of them this machine has
worker.py         the process that a synthesizer runs in; espeak_worker.py and piper_worker.py are run there
program.py        synthesizers that are only a program: sound without times
espeak.py, piper.py   what each of them is asked, and how its answer is read
"""

from mien.speech.speech import Speech
from mien.speech.synthesizer import Synthesizer, open_synthesizer, synthesizers

__all__ = ["Speech", "Synthesizer", "open_synthesizer", "synthesizers"]
