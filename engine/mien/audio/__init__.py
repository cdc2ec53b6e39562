"""Sound: sources, decoding, the jitter buffer and playout. The mouth is `mien.lipsync`.

- feeds, queues: what a host pushes while it is being made; the side of it that a turn holds
- addresses, wire, web: which addresses may be opened, and a file behind one, read without FFmpeg
- formats: which containers may be opened
- levels: what many channels weigh as one, and sums kept in range
- sources: what a turn's sound may come from, each resolved once into an object that opens it
- jitter, segments, concealment, counters: the pure jitter buffer, what it holds, makes up and counts
- arrival, drift: of live feeds, how much must be gathered, and their clock against ours
- pauses, catching_up: a live feed that has fallen behind
- turn: one turn on its way from the decoder to the timeline
- headers, containers, holes, layouts, decoder, conversion, pushed: sound out of what was opened, with its
  damage counted (all PyAV is here)
- opening: the way there, imported when something is opened
- asking, reader, readers: sources that keep their reader waiting, or hang
- turn_decoding, decode: decoding one turn; the worker thread
- voice, sequencer: turns on the session's timeline, to the sample
- events, progress: what happens on it, and how far its turns have been played
- portaudio: PortAudio through a sounddevice of our own
- device, playback_clock: a stream of a sound device, and what is heard now
- device_playout: a device that may come and go
- playout: what to play on: a device, the silent sink, or the offline pull
- session: all of it together
"""

from mien.audio.addresses import Address, AddressPolicy
from mien.audio.counters import JitterCounters
from mien.audio.decode import DecodeWorker
from mien.audio.device_playout import DevicePlayout
from mien.audio.events import Coming, Ended, SequencerEvent, Started
from mien.audio.feeds import EncodedFeed, PcmFeed
from mien.audio.jitter import JitterBuffer, JitterState
from mien.audio.playout import NullPlayout, OfflinePull, Playout, open_playout
from mien.audio.progress import Heard
from mien.audio.resolution import resolve
from mien.audio.sequencer import Sequencer
from mien.audio.session import AudioCounters, AudioSession
from mien.audio.sources import AudioInput, Source
from mien.audio.turn import TurnAudio, TurnState
from mien.lipsync.analyser import MouthAnalyser
from mien.lipsync.timed import TimedMouth, Timings, track_from_timings

__all__ = [
    "Address",
    "AddressPolicy",
    "AudioCounters",
    "AudioInput",
    "AudioSession",
    "Coming",
    "DecodeWorker",
    "DevicePlayout",
    "EncodedFeed",
    "Ended",
    "Heard",
    "JitterBuffer",
    "JitterCounters",
    "JitterState",
    "MouthAnalyser",
    "NullPlayout",
    "OfflinePull",
    "PcmFeed",
    "Playout",
    "Sequencer",
    "SequencerEvent",
    "Source",
    "Started",
    "TimedMouth",
    "Timings",
    "TurnAudio",
    "TurnState",
    "open_playout",
    "resolve",
    "track_from_timings",
]
