"""What speech services tell of their words and mouths beside the sound, as `VisemeTimings`.

Each takes one message, or a piece of one, as the service sends it, decoded from JSON. Pure. All raise
FormatError, in one sentence, for what is not of that form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import isfinite
from typing import Any, Final

from mien.arguments import is_number
from mien.errors import FormatError
from mien.messages import quoted
from mien.talk.turns import VisemeTimings

_MOST: Final = 20_000
_TICKS_PER_S: Final = 10_000_000

Mark = tuple[str, float, float]


def timings_of_elevenlabs(alignment: Mapping[str, Any]) -> VisemeTimings:
    """Words of an `alignment` (or `normalizedAlignment`) of ElevenLabs: characters with their times.

    Over HTTP (elevenlabs.io/docs/api-reference/text-to-speech/stream-with-timestamps) `characters`,
    `character_start_times_seconds`, `character_end_times_seconds`; over a websocket
    (.../v-1-text-to-speech-voice-id- stream-input) `chars`, `charStartTimesMs`, `charDurationsMs`, from the
    beginning of their chunk's sound: give that as `offset_s`.
    """
    who = "an alignment of ElevenLabs"
    table = _table(alignment, who)
    letters = _column(table, ("characters", "chars"), who)
    if "character_start_times_seconds" in table or "characters" in table:
        starts = _times(_column(table, ("character_start_times_seconds",), who), who, 1)
        ends = _times(_column(table, ("character_end_times_seconds",), who), who, 1)
    else:
        starts = _times(_column(table, ("charStartTimesMs", "char_start_times_ms"), who), who, 1000)
        lasts = _times(_column(table, ("charDurationsMs", "char_durations_ms"), who), who, 1000)
        _same_length(who, starts, lasts)
        ends = [start + last for start, last in zip(starts, lasts, strict=True)]
    _same_length(who, letters, starts, ends)
    return VisemeTimings("words", tuple(_words(letters, starts, ends)))


def timings_of_cartesia(message: Mapping[str, Any]) -> VisemeTimings:
    """Words or phones of a message of Cartesia (docs.cartesia.ai/api-reference/tts/websocket) of the type
    `timestamps` or `phoneme_timestamps`: `word_timestamps` with `words`, `start` and `end` in seconds of the
    context's sound, or `phoneme_timestamps` with `phonemes`, in IPA."""
    who = "a message of Cartesia"
    table = _table(message, who)
    for name, labels, scheme in (
        ("phoneme_timestamps", "phonemes", "ipa"),
        ("word_timestamps", "words", "words"),
    ):
        inner = table.get(name, table if labels in table else None)
        if inner is not None:
            inner = _table(inner, who)
            named = _column(inner, (labels,), who)
            starts, ends = (_times(_column(inner, (key,), who), who, 1) for key in ("start", "end"))
            _same_length(who, named, starts, ends)
            marks = tuple((_text(one, who), a, b) for one, a, b in zip(named, starts, ends, strict=True))
            return VisemeTimings("ipa" if scheme == "ipa" else "words", _in_order(marks))
    raise FormatError(f"{who} has neither word_timestamps nor phoneme_timestamps: give one that has.")


def timings_of_azure(events: Any) -> VisemeTimings:
    """Mouth shapes of Azure's `viseme_received` events (learn.microsoft.com/azure/ai-services/speech-service/
    how-to-speech-synthesis-viseme), one or several: `viseme_id` from 0 to 21 and `audio_offset` in ticks of
    100 ns, as attributes or keys, also as JavaScript has them (`visemeId`, `audioOffset`). Each lasts until
    the next."""
    who = "a viseme event of Azure"
    several = (
        events if isinstance(events, Iterable) and not isinstance(events, Mapping | str | bytes) else [events]
    )
    starts: list[tuple[float, str]] = []
    for event in islice(several, _MOST):
        number = _field(event, ("viseme_id", "visemeId"), who)
        offset = _field(event, ("audio_offset", "audioOffset"), who)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 21:
            raise FormatError(f"{who} has viseme_id {quoted(number)}: give a whole number from 0 to 21.")
        (start,) = _times([offset], who, _TICKS_PER_S)
        starts.append((start, str(number)))
    starts.sort(key=lambda one: one[0])
    ends = [start for start, _ in starts[1:]] + [start for start, _ in starts[-1:]]
    return VisemeTimings("azure", tuple((name, a, b) for (a, name), b in zip(starts, ends, strict=True)))


def timings_of_kokoro(tokens: Iterable[Any]) -> VisemeTimings:
    """Words of a result's `tokens` of Kokoro (github.com/hexgrad/kokoro, misaki's `MToken`): `text`,
    `start_ts` and `end_ts` in seconds of that result's sound, as attributes or keys. Tokens without times say
    nothing."""
    who = "a token of Kokoro"
    if isinstance(tokens, Mapping | str | bytes) or not isinstance(tokens, Iterable):
        raise FormatError(f"tokens of Kokoro cannot be {quoted(tokens)}: give a result's tokens.")
    marks: list[Mark] = []
    for token in islice(tokens, _MOST):
        start, end = _field(token, ("start_ts",), who), _field(token, ("end_ts",), who)
        if start is not None and end is not None:
            a, b = _times([start, end], who, 1)
            marks.append((_text(_field(token, ("text",), who), who), a, b))
    return VisemeTimings("words", _in_order(tuple(mark for mark in marks if _spoken(mark[0]))))


def _words(letters: Sequence[Any], starts: Sequence[float], ends: Sequence[float]) -> Iterator[Mark]:
    """Letters joined to words, by what is none."""
    who = "an alignment of ElevenLabs"
    word, begun, ended = "", 0.0, 0.0
    for given, start, end in zip(letters, starts, ends, strict=True):
        letter = _text(given, who)
        if letter.isspace() or not letter:
            if _spoken(word):
                yield word, begun, ended
            word = ""
            continue
        if not word:
            begun = start
        word, ended = word + letter, max(end, begun)
    if _spoken(word):
        yield word, begun, ended


def _spoken(word: str) -> bool:
    return any(letter.isalnum() for letter in word)


def _in_order(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    return tuple(sorted(marks, key=lambda mark: mark[1]))


def _table(given: object, who: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise FormatError(f"{who} cannot be {quoted(given)}: give the object that its JSON holds.")
    return given


def _column(table: Mapping[str, Any], names: tuple[str, ...], who: str) -> list[Any]:
    for name in names:
        if name in table:
            column = table[name]
            if isinstance(column, str | bytes) or not isinstance(column, Sequence) or len(column) > _MOST:
                raise FormatError(f"{who}: {name} is {quoted(column)}; give a list of up to {_MOST}.")
            return list(column)
    raise FormatError(f"{who} has no {names[0]}; give the message as the service sends it.")


def _field(event: object, names: tuple[str, ...], who: str) -> Any:
    for name in names:
        if isinstance(event, Mapping):
            if name in event:
                return event[name]
        elif hasattr(event, name):
            return getattr(event, name)
    raise FormatError(f"{who} has no {names[0]}; give what the service gave.")


def _times(given: Sequence[Any], who: str, per_s: float) -> list[float]:
    for time in given:
        if not is_number(time) or not isfinite(float(time)) or float(time) < 0:
            raise FormatError(f"{who} has the time {quoted(time)}; give numbers from 0 on.")
    return [float(time) / per_s for time in given]


def _text(given: object, who: str) -> str:
    if not isinstance(given, str):
        raise FormatError(f"{who} has {quoted(given)} where a text is; give the message as it was sent.")
    return given[:100]


def _same_length(who: str, *columns: Sequence[Any]) -> None:
    if len({len(column) for column in columns}) != 1:
        lengths = ", ".join(str(len(column)) for column in columns)
        raise FormatError(f"{who} holds lists of different lengths ({lengths}); give one entry each.")
