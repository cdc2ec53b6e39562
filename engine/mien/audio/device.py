"""One open stream of a sound device, as it was willing to be opened."""

from __future__ import annotations

from typing import Any, Final

from mien.audio.device_samples import DeviceSamples
from mien.audio.portaudio import PortAudio, chosen, portaudio
from mien.audio.streams import opened
from mien.clock import SAMPLE_RATE
from mien.types import F32

BLOCK: Final = 480
"""Samples of one pull: 10 ms, so that an interruption is obeyed within that."""

DEVICE_LATENCY_S: Final = 0.15
"""Asked of a device that this process feeds itself. Somebody may hold the GIL for 100 ms, and devices take
samples in bursts of up to 40 ms: with 0.12 s, a thread that held it 80 ms at a time was heard; with 0.15 s it
was not."""


class DeviceStream:
    """Takes the timeline's blocks as the device insists on having them, and knows how much it still holds.

    Parameters: `device` as sounddevice names it, None for the default. 48 kHz, stereo and float32 are asked
    for; a device that refuses one of them gets its own rate, mono, or int16.
    Raises OSError without the PortAudio library, and sounddevice's error without a usable device.
    """

    settles: Final = 0
    """Samples that are heard of it before what it says of that is true."""
    written: Final = 0
    """Nobody asks: nothing of it can be taken back."""

    def __init__(self, device: int | str | None = None) -> None:
        self._portaudio = portaudio()
        self._stream, settings = _open(self._portaudio, device)
        try:
            self.name = str(self._portaudio.sounddevice.query_devices(self._stream.device)["name"])
            self.rate: int = settings["samplerate"]
            """Of the device, in Hz."""
            self.channels: int = settings["channels"]
            self.dtype: str = settings["dtype"]
            self._convert = DeviceSamples(self.rate, self.channels, self.dtype)
            self._room = 0
            self._beyond = round(float(self._stream.latency) * self.rate)
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Open the tap. The buffer is empty now, which tells how much it takes."""
        self._stream.start()
        self._room = int(self._stream.write_available)
        self._beyond = max(0, self._beyond - self._room)

    def write(self, block: F32) -> bool:
        """Hand over (n, 2) float32 at 48 kHz, waiting in C while the device is full; whether it had run dry.

        Raises sounddevice's error when the device is gone.
        """
        dry = False
        for piece in self._convert(block):
            dry = bool(self._stream.write(piece)) or dry
        return dry

    def levels(self) -> tuple[int, int, int]:
        """Samples at 48 kHz that were written and are not heard yet, how many it would take at once, and 0:
        so it is now.

        The first are what fills the buffer that PortAudio shows, and what its latency says lies beyond. (The
        DAC times that PortAudio gives a callback were 165 ms off through PulseAudio, standard deviation; the
        fill was 0.1 ms off.)
        """
        room = min(int(self._stream.write_available), self._room)
        held = self._room - room + self._beyond
        return held * SAMPLE_RATE // self.rate, room * SAMPLE_RATE // self.rate, 0

    def take_back(self) -> None:
        """What was written is heard to its end."""

    def goes_on(self) -> None:
        """It always does."""

    def give_up(self) -> None:
        """Who waits in PortAudio cannot be told."""

    def close(self) -> None:
        """Drop what it holds and give the device back. Idempotent."""
        self._portaudio.close(self._stream)


def _open(portaudio: PortAudio, device: int | str | None) -> tuple[Any, dict[str, Any]]:
    """The stream, and the settings that the device agreed to."""
    settings: dict[str, Any] = {
        "samplerate": SAMPLE_RATE,
        "channels": 2,
        "dtype": "float32",
        "blocksize": BLOCK,
        "latency": DEVICE_LATENCY_S,
        "device": device if device is not None else chosen(),
    }
    return opened(portaudio.open, portaudio.sounddevice, settings)
