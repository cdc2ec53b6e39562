"""VTube Studio's tracking parameters, and what they are in Mien's channels. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mien.motion.owners import RANGES, RESTS


@dataclass(frozen=True, slots=True)
class Parameter:
    """A tracking parameter."""

    name: str
    low: float
    high: float
    default: float
    added_by: str = "VTube Studio"
    """Name of the plugin that made it."""
    developer: str = ""
    """And whose plugin."""


_SIGNED: Final = (-1.0, 1.0, 0.0)
_SHARE: Final = (0.0, 1.0, 0.0)
DEFAULTS: Final[Mapping[str, Parameter]] = {
    name: Parameter(name, *range_)
    for name, range_ in {
        "FacePositionX": (-15.0, 15.0, 0.0),
        "FacePositionY": (-15.0, 15.0, 0.0),
        "FacePositionZ": (-10.0, 10.0, 0.0),
        "FaceAngleX": (-30.0, 30.0, 0.0),
        "FaceAngleY": (-30.0, 30.0, 0.0),
        "FaceAngleZ": (-30.0, 30.0, 0.0),
        "MouthSmile": (0.0, 1.0, 0.5),
        "MouthOpen": _SHARE,
        "MouthX": _SIGNED,
        "Brows": (0.0, 1.0, 0.5),
        "BrowLeftY": (0.0, 1.0, 0.5),
        "BrowRightY": (0.0, 1.0, 0.5),
        "TongueOut": _SHARE,
        "CheekPuff": _SHARE,
        "FaceAngry": _SHARE,
        "EyeOpenLeft": (0.0, 1.0, 0.8),
        "EyeOpenRight": (0.0, 1.0, 0.8),
        "EyeLeftX": _SIGNED,
        "EyeLeftY": _SIGNED,
        "EyeRightX": _SIGNED,
        "EyeRightY": _SIGNED,
        "MousePositionX": _SIGNED,
        "MousePositionY": _SIGNED,
        "VoiceVolume": _SHARE,
        "VoiceFrequency": _SHARE,
        "VoiceVolumePlusMouthOpen": _SHARE,
        "VoiceFrequencyPlusMouthSmile": _SHARE,
        "VoiceA": _SHARE,
        "VoiceI": _SHARE,
        "VoiceU": _SHARE,
        "VoiceE": _SHARE,
        "VoiceO": _SHARE,
        "VoiceSilence": _SHARE,
    }.items()
}
"""Those that a plugin may inject without making them; ranges as VTube Studio's. Of eyelids the default is how
wide a character's are at rest."""

_DIRECT: Final[Mapping[str, str]] = {
    "".join(part.capitalize() for part in channel.split("_")): channel for channel in RANGES
}
"""A parameter that a plugin makes by one of these names is that channel, in its own range: `HeadYaw`."""


def _over(most: float) -> Callable[[float], float]:
    return lambda value: value / most


def _centred(value: float) -> float:
    return 2.0 * value - 1.0


_SOURCES: Final[tuple[tuple[str, tuple[str, ...], Callable[[float], float]], ...]] = (
    ("head_yaw", ("FaceAngleX",), _over(30.0)),
    ("head_pitch", ("FaceAngleY",), _over(30.0)),
    ("head_roll", ("FaceAngleZ",), _over(30.0)),
    ("body_sway", ("FacePositionX",), _over(15.0)),
    ("body_lean", ("FacePositionZ",), _over(10.0)),
    ("lid_left", ("EyeOpenLeft",), lambda value: 1.0 - value),
    ("lid_right", ("EyeOpenRight",), lambda value: 1.0 - value),
    ("gaze_x", ("EyeLeftX", "EyeRightX"), _over(1.0)),
    ("gaze_y", ("EyeLeftY", "EyeRightY"), _over(-1.0)),
    ("gaze_x", ("MousePositionX",), _over(1.0)),
    ("gaze_y", ("MousePositionY",), _over(-1.0)),
    ("brow_left_y", ("BrowLeftY",), _centred),
    ("brow_right_y", ("BrowRightY",), _centred),
    ("brow_left_y", ("Brows",), _centred),
    ("brow_right_y", ("Brows",), _centred),
    ("brow_left_tilt", ("FaceAngry",), _over(-1.0)),
    ("brow_right_tilt", ("FaceAngry",), _over(-1.0)),
    ("jaw", ("MouthOpen",), _over(1.0)),
    ("jaw", ("VoiceVolumePlusMouthOpen",), _over(1.0)),
    ("jaw", ("VoiceVolume",), _over(1.0)),
)
"""(channel, the parameters whose mean it follows, how); the first that is injected has the channel."""
_VOWELS: Final = {"VoiceA": "aa", "VoiceI": "I", "VoiceU": "U", "VoiceE": "E", "VoiceO": "O"}
_OPENINGS: Final = ("MouthOpen", "VoiceVolumePlusMouthOpen", "VoiceVolume")
_SMILES: Final = ("MouthSmile", "VoiceFrequencyPlusMouthSmile")
_SHUT: Final = 0.12
"""Of an opening. Below, lips are drawn shut."""
_HALF: Final = 0.35
_PURSED: Final = 0.3
_WIDE: Final = 0.7
"""Of a smile: below, an open mouth is drawn round; above, wide."""


def channels_of(values: Mapping[str, float]) -> dict[str, float]:
    """The channels that these parameters ask for, in their ranges: those alone of which one is given."""
    found: dict[str, float] = {}
    for channel, names, how in _SOURCES:
        given = [values[name] for name in names if name in values]
        if given and channel not in found:
            found[channel] = _within(channel, how(sum(given) / len(given)))
    for name, value in values.items():
        if name not in DEFAULTS and (direct := _DIRECT.get(name)) is not None:
            found[direct] = _within(direct, value)
    return found


def viseme_of(values: Mapping[str, float]) -> str | None:
    """The mouth shape that these parameters ask for; None: none of them has the mouth."""
    vowels = {viseme: values[name] for name, viseme in _VOWELS.items() if name in values}
    if vowels:
        loudest = max(vowels, key=lambda viseme: vowels[viseme])
        return "sil" if vowels[loudest] <= max(_SHUT, values.get("VoiceSilence", 0.0)) else loudest
    opening = next((values[name] for name in _OPENINGS if name in values), None)
    if opening is None:
        return None
    if opening < _SHUT:
        return "sil"
    smile = next((values[name] for name in _SMILES if name in values), 0.5)
    if smile < _PURSED:
        return "U" if opening < _HALF else "O"
    if smile > _WIDE:
        return "I" if opening < _HALF else "E"
    return "E" if opening < _HALF else "aa"


def own_default(name: str) -> float | None:
    """The default of a channel that a parameter of this name is; None: it is none."""
    channel = _DIRECT.get(name)
    return None if channel is None else RESTS[channel]


def _within(channel: str, value: float) -> float:
    low, high = RANGES[channel]
    return min(high, max(low, value))
