"""What a writer hands sound to: a sound server, whose buffer can be written anew, or a device through
PortAudio.

Imported by the writer's process: see `sound_writer`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from mien.audio.pulse import NoServer, PulseStream

RATE: Final = 48_000
BLOCK_S: Final = 0.005
"""Of what is handed over at once."""
LATENCIES_S: Final = (0.03, 0.06, 0.15)
"""Asked of a device of which nothing can be taken back: the next one where it runs empty. Devices take
samples in bursts: of 15 ms through ALSA's plugin for PulseAudio where 0.03 s are asked for, of 40 ms with
0.15."""

# PortAudio's error codes (portaudio.h) for a device that wants it otherwise.
_INVALID_SAMPLE_RATE: Final = -9997
_SAMPLE_FORMAT_NOT_SUPPORTED: Final = -9994
_INVALID_CHANNEL_COUNT: Final = -9998


class Stream(Protocol):
    """Where frames go."""

    @property
    def can_rewrite(self) -> bool:
        """What was handed over can be replaced by other frames until it is heard."""
        ...

    def room(self) -> int:
        """Frames that it takes at once, or more where `write` waits by itself."""
        ...

    def write(self, data: bytes) -> None:
        """Hand over whole frames."""
        ...

    def rewrite(self, data: bytes) -> None:
        """Play these instead of the last that were handed over, as many."""
        ...

    def held(self) -> int:
        """Frames that were handed over and are not heard."""
        ...

    def ran_empty(self) -> bool:
        """Whether it had played all that it had, since this was asked last."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class PortStream:
    """A device through PortAudio: of what it holds nothing can be changed.

    Parameters: `stream`, sounddevice's, which plays; `frame`, bytes; `rate` in Hz.
    """

    can_rewrite: Final = False

    def __init__(self, stream: Any, frame: int, rate: int) -> None:
        self._stream, self._frame = stream, frame
        self._full = int(stream.write_available)
        self._beyond = max(0, round(float(stream.latency) * rate) - self._full)
        self._last, self._was_full = 0, False

    def room(self) -> int:
        """Any: `write` waits in C."""
        return 1 << 30

    def write(self, data: bytes) -> None:
        """Hand over whole frames, when there is room."""
        self._last = len(data) // self._frame
        self._stream.write(data)

    def rewrite(self, data: bytes) -> None:
        """Never asked."""

    def held(self) -> int:
        """What fills its buffer, and what its latency says lies beyond. (The DAC times that PortAudio gives a
        callback were 165 ms off through PulseAudio, standard deviation.)"""
        return self._filled + self._beyond

    def ran_empty(self) -> bool:
        """It waits where the device is full; where that holds no more than it was given last, that came too
        late."""
        filled = self._filled
        empty = self._was_full and filled <= self._last
        self._was_full = not empty and (self._was_full or filled > self._full - self._last)
        return empty

    def close(self) -> None:
        """Give the device back."""
        self._stream.close(ignore_errors=True)

    @property
    def _filled(self) -> int:
        return self._full - min(int(self._stream.write_available), self._full)


class Device:
    """A device that was found. `open(latency_s)` gives a stream that plays."""

    def __init__(self, name: str, settings: dict[str, Any], open_stream: Callable[[float], Stream]) -> None:
        self.name: Final = name
        self.rate: Final[int] = settings["samplerate"]
        """In Hz."""
        self.channels: Final[int] = settings["channels"]
        self.dtype: Final[str] = settings["dtype"]
        """"float32" or "int16"."""
        self.frame: Final = self.channels * (4 if self.dtype == "float32" else 2)
        """Bytes of one frame."""
        self.open: Final = open_stream


def device_of(device: int | str | None) -> Device:
    """The device that sounddevice calls so; None: the sound server's, or the default one where there is none.
    Raises what sounddevice does; ImportError, OSError without it."""
    settings: dict[str, Any] = {"samplerate": RATE, "channels": 2, "dtype": "float32", "device": device}
    if device is None:
        with suppress(NoServer):
            pulse = PulseStream(RATE, 2)
            return Device(pulse.name, settings, lambda _: pulse)
    import sounddevice  # it takes 60 ms

    def open_stream(latency_s: float) -> Any:
        nonlocal settings
        asked = settings | {"blocksize": round(BLOCK_S * settings["samplerate"]), "latency": latency_s}
        stream, agreed = opened(sounddevice.RawOutputStream, sounddevice, asked)
        settings = {name: agreed[name] for name in settings}
        stream.start()
        return stream

    first = [open_stream(LATENCIES_S[0])]
    name = str(sounddevice.query_devices(first[0].device)["name"])
    frame = settings["channels"] * (4 if settings["dtype"] == "float32" else 2)

    def stream_of(latency_s: float) -> Stream:
        stream = first.pop() if first else open_stream(latency_s)
        return PortStream(stream, frame, settings["samplerate"])

    return Device(name, settings, stream_of)


def opened(
    open_stream: Callable[..., Any], sounddevice: Any, settings: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The stream, and the settings that the device agreed to: its own rate, mono or int16 where it refuses
    what was asked for. Raises sounddevice's error."""
    while True:
        try:
            return open_stream(**settings), settings
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
            settings = settings | change
