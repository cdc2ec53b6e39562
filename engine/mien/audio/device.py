"""One open stream of a sound device, as it was willing to be opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import av
import numpy as np

from mien.audio.portaudio import PortAudio, portaudio
from mien.clock import SAMPLE_RATE
from mien.types import F32

BLOCK: Final = 480
"""Samples of one pull: 10 ms, so that an interruption is obeyed within that."""

DEVICE_LATENCY_S: Final = 0.15
"""Asked of the device. Somebody may hold the GIL for 100 ms, and devices take samples in bursts of up to
40 ms: with 0.12 s, a thread that held it 80 ms at a time was heard; with 0.15 s it was not."""

# PortAudio's error codes (portaudio.h) for a device that wants it otherwise.
_INVALID_SAMPLE_RATE: Final = -9997
_SAMPLE_FORMAT_NOT_SUPPORTED: Final = -9994
_INVALID_CHANNEL_COUNT: Final = -9998


class DeviceStream:
    """Takes the timeline's blocks as the device insists on having them, and knows how much it still holds.

    Parameters: `device` as sounddevice names it, None for the default. 48 kHz, stereo and float32 are asked
    for; a device that refuses one of them gets its own rate, mono, or int16.
    Raises OSError without the PortAudio library, and sounddevice's error without a usable device.
    """

    def __init__(self, device: int | str | None = None) -> None:
        self._portaudio = portaudio()
        self._stream, settings = _open(self._portaudio, device)
        try:
            self.name = str(self._portaudio.sounddevice.query_devices(self._stream.device)["name"])
            self.rate: int = settings["samplerate"]
            """Of the device, in Hz."""
            self.channels: int = settings["channels"]
            self.dtype: str = settings["dtype"]
            self._layout = "stereo" if self.channels == 2 else "mono"
            other = self.rate != SAMPLE_RATE
            self._resampler = av.AudioResampler("flt", self._layout, self.rate) if other else None
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
        for piece in self._converted(block):
            dry = bool(self._stream.write(piece)) or dry
        return dry

    def levels(self) -> tuple[int, int]:
        """Samples at 48 kHz that were written and are not heard yet, and how many it would take at once.

        The first are what fills the buffer that PortAudio shows, and what its latency says lies beyond. (The
        DAC times that PortAudio gives a callback were 165 ms off through PulseAudio, standard deviation; the
        fill was 0.1 ms off.)
        """
        room = min(int(self._stream.write_available), self._room)
        held = self._room - room + self._beyond
        return held * SAMPLE_RATE // self.rate, room * SAMPLE_RATE // self.rate

    def close(self) -> None:
        """Drop what it holds and give the device back. Idempotent."""
        self._portaudio.close(self._stream)

    def _converted(self, block: F32) -> Iterator[np.ndarray[Any, Any]]:
        if self.channels == 1:
            block = block.mean(axis=1, keepdims=True, dtype=np.float32)
        for piece in self._resampled(block):
            yield piece if self.dtype == "float32" else _to_int16(piece)

    def _resampled(self, block: F32) -> Iterator[F32]:
        if self._resampler is None:
            yield block
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), "flt", self._layout)
        frame.sample_rate = SAMPLE_RATE
        for out in self._resampler.resample(frame):
            yield np.asarray(out.to_ndarray(), np.float32).reshape(-1, self.channels)


def _open(portaudio: PortAudio, device: int | str | None) -> tuple[Any, dict[str, Any]]:
    """The stream, and the settings that the device agreed to."""
    sounddevice = portaudio.sounddevice
    settings: dict[str, Any] = {
        "samplerate": SAMPLE_RATE,
        "channels": 2,
        "dtype": "float32",
        "blocksize": BLOCK,
        "latency": DEVICE_LATENCY_S,
        "device": device if device is not None else portaudio.chosen(),
    }
    while True:
        try:
            return portaudio.open(**settings), settings
        except sounddevice.PortAudioError as error:
            code = error.args[1] if len(error.args) > 1 else None
            change: dict[str, Any] = {}
            if code == _SAMPLE_FORMAT_NOT_SUPPORTED:
                change = {"dtype": "int16"}
            elif code == _INVALID_CHANNEL_COUNT:
                change = {"channels": 1}
            elif code == _INVALID_SAMPLE_RATE:
                own = sounddevice.query_devices(settings["device"], "output")["default_samplerate"]
                change = {"samplerate": round(float(own))}
            if not change.items() - settings.items():
                raise
            settings |= change


def _to_int16(samples: F32) -> np.ndarray[Any, np.dtype[np.int16]]:
    """float32 in -1..1 -> int16, to the nearest step."""
    steps: F32 = np.rint(np.clip(samples, -1.0, 1.0) * np.float32(32767.0))
    return steps.astype(np.int16)
