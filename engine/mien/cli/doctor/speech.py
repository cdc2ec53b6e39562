"""Which speech synthesizers are here, with which voices, and how one is got."""

from __future__ import annotations

from typing import Final

from mien.cli.doctor.finding import Finding
from mien.errors import SynthesizerFailed
from mien.messages import printable
from mien.speech import open_synthesizer, piper
from mien.speech.espeak import INSTALL, NotInstalled

_SILENT_S: Final = 10.0
_LISTED: Final = 120
"""Voices that are named; all of them are in the figures."""


def examine_speech() -> Finding:
    """What `mien say` can speak with."""
    told, voices = [], dict[str, list[str]]()
    neural = [printable(name) for name in piper.found()]
    if not piper.is_installed():
        told.append("piper: not installed")
    elif neural:
        told.append(f"piper: {', '.join(neural[:_LISTED])}")
        voices["piper"] = neural
    else:
        told.append("piper: it has no voice")
    try:
        with open_synthesizer(name="espeak-ng", timeout_s=_SILENT_S) as synthesizer:
            voices["espeak-ng"] = list(synthesizer.voices())
        of_it = voices["espeak-ng"]
        told.append(f"espeak-ng: {_listed(of_it) if of_it else 'its program alone, which tells no times'}")
    except NotInstalled:
        told.append("espeak-ng: not installed")
    except SynthesizerFailed as error:
        told.append(str(error).rstrip("."))
    return Finding("speech", "ok" if voices else "note", "\n".join(told), _remedy(voices), voices)


def _remedy(voices: dict[str, list[str]]) -> str:
    get_piper = (
        "download one (`python -m piper.download_voices`) to where docs/setting-up.md says"
        if piper.is_installed()
        else f"{piper.INSTALL}, and a voice (`python -m piper.download_voices`)"
    )
    if not voices:
        return f"for `mien say`: espeak-ng, {INSTALL}; or piper, which sounds like people: {get_piper}"
    return "" if "piper" in voices else f"piper sounds like people: {get_piper}"


def _listed(voices: list[str]) -> str:
    # Of a language, not those of its regions.
    shown = [voice for voice in voices if "-" not in voice][:_LISTED] or voices[:_LISTED]
    more = len(voices) - len(shown)
    listed = ", ".join(shown)
    return f"{listed}, and {more} more (`mien doctor --json` lists them)" if more else listed
