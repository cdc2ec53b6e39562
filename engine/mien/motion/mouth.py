"""The mouth: visemes drawn in the mood of the face, one drawing at a time, each for as long as is seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from mien.character import Character
from mien.lipsync.track import OPEN, TRACK_HOP
from mien.motion.ease import smooth
from mien.motion.faces import Face, Mix
from mien.motion.prosody import Spoken
from mien.motion.shown_shapes import LEAST, UNKNOWN, segment_at, shape_at
from mien.motion.slots import put_mix
from mien.motion.timeline import ms
from mien.script import Event, TurnEnded, TurnStarted
from mien.types import VISEMES, Pose

_AT = attrgetter("at")
_NO_EVENTS: Sequence[Event] = ()
_HUM = VISEMES.index("PP")
_AJAR = 0.05
"""A mouth at rest that is open further than that, bared teeth included, closes when who speaks makes a pause,
or has ended."""

_TURNS_OVER = ms(50)
"""Longest from a change of expression to that of the mouth's mood: half of a quick fade."""

_DROPS = ms(90)

MEETS: Final = ms(50)
"""In which lips come from half way between the heights of two drawings to that of their own, behind the cut
or before it: so that a picture shows them on their way, at 30 a second as at 60."""

_HALF = 0.5
"""Of what its drawing opens, what its in-between does."""


class Lips:
    """Owner of the mouth slot and the jaw of one character."""

    def __init__(self, character: Character) -> None:
        self._mouth = character.mouth
        self._halves = bool(character.mouth.halves)

    def apply(
        self,
        lanes: Mapping[str, Sequence[Event]],
        mix: Mix,
        turns: Sequence[Spoken],
        coming: Spoken | None,
        at: int,
        out: Pose,
        hums: bool = False,
        shown: int | None = None,
    ) -> float:
        """Write the mouth slot: one drawing. Two mouths over each other are a ghost, not one between them.
        Returns the channel `lips`. `shown`: the viseme that a host shows, whatever is said.

        The mood turns over at once, near the middle of the fade; where a shape is about to change, with it.
        """
        moods = self._moods(mix.faces, turns, coming, at)
        face = moods.shown
        if shown is not None:
            put_mix(out, self._mouth.slot, ((self._drawing(_Mouth(face.expression.mood, shown)), 1.0),))
            return 0.0
        viseme, half = shape_at(turns, at, self._halves)
        if not viseme or not _speaks(face):
            viseme, half = _at_rest(lanes, turns, face, at), False
        if hums and not viseme and not turns:
            viseme = _HUM  # a listener's "mm"
        put_mix(out, self._mouth.slot, ((self._drawing(_Mouth(face.expression.mood, viseme, half)), 1.0),))
        if not turns:
            return 0.0 if hums else self._apart_at_rest(lanes, moods, at)
        return self._apart(lanes, turns, face, at) if viseme and _speaks(face) else 0.0

    def _apart(
        self, lanes: Mapping[str, Sequence[Event]], turns: Sequence[Spoken], face: Face, at: int
    ) -> float:
        """-0.5..0: how much less far apart the lips are than in the drawing of what is said at `at`.

        Where one drawing gives way to another, the more open one is as high as the mean of the two at the
        cut, and lower for MEETS behind it, or before it, where it was known to come.
        """
        mood, shown = face.expression.mood, segment_at(turns, at, halves=self._halves)
        own = _Mouth(mood, shown.shape, shown.half)
        if own.drop <= _AJAR:
            return 0.0
        least = 0.0
        if at - shown.begins < MEETS:
            last = shown.begins - 1
            before = segment_at(turns, last, halves=self._halves)
            shape = before.shape or _at_rest(lanes, turns, face, last)
            least = self._near(_Mouth(mood, shape, before.half), own, at - shown.begins)
        if shown.ends - at < MEETS:
            shape = shape_at(turns, shown.ends)[0]
            after = _Mouth(mood, shape, self._halves and shape == shown.shape and not shown.half)
            least = min(least, self._near(after, own, shown.ends - at))
        return least

    def _apart_at_rest(self, lanes: Mapping[str, Sequence[Event]], moods: _Moods, at: int) -> float:
        """The same of mouths that say nothing, where one mood gives way to another."""
        own = _resting(lanes, moods.shown, at)
        if own.drop <= _AJAR:
            return 0.0
        least = 0.0
        if moods.before is not None and at - moods.since < MEETS:
            least = self._near(_resting(lanes, moods.before, at), own, at - moods.since)
        if moods.after is not None and moods.until - at < MEETS:
            least = min(least, self._near(_resting(lanes, moods.after, at), own, moods.until - at))
        return least

    def _near(self, other: _Mouth, own: _Mouth, apart: int) -> float:
        """-0.5..0: how much less a mouth is open than its drawing, `apart` samples from a cut between it and
        another. Where both are one drawing there is no cut."""
        if self._drawing(other) == self._drawing(own):
            return 0.0
        return 0.5 * min(0.0, other.drop / own.drop - 1.0) * (1.0 - smooth(apart / MEETS))

    def _drawing(self, mouth: _Mouth) -> int:
        return self._mouth.drawing(mouth.mood, mouth.viseme, mouth.half)

    def jaw(
        self,
        lanes: Mapping[str, Sequence[Event]],
        mix: Mix,
        turns: Sequence[Spoken],
        said: tuple[float, float] | None,
        at: int,
    ) -> float:
        """0 closed .. 1 wide open. `said`: as of `prosody.jaw`; None in silence."""
        rest = 0.0
        for face, weight in zip(mix.faces, mix.mouth, strict=True):
            drops = OPEN[face.expression.rest_viseme]
            if drops > _AJAR and _speaks(face):
                drops *= 1.0 - _shut(lanes, turns, face, at)
            rest += weight * drops
        if said is None:
            return rest
        allowed = mix.allowed("mouth")
        spoken, silence = said
        return allowed * spoken + (1.0 - allowed * (1.0 - silence)) * rest

    def _moods(
        self, faces: Sequence[Face], turns: Sequence[Spoken], coming: Spoken | None, at: int
    ) -> _Moods:
        """Of faces, newest first, the one whose mouth shows.

        None is shown for less than LEAST: the mood does not change so near to a change of shape, but with it.
        """
        moods = _Moods(faces[-1], faces[-1].begun)
        for face in reversed(faces[:-1]):
            since = moods.since
            wished = max(since + LEAST, face.begun + min(_TURNS_OVER, ms(0.25 * face.expression.fade_ms)))
            if wished <= at:
                begins, ends = segment_at(turns, wished, coming, self._halves)[1:3]
                if ends - wished < LEAST:
                    since = ends
                elif wished - begins < LEAST:
                    since = begins + LEAST if ends == UNKNOWN or ends - begins >= 2 * LEAST else ends
                else:
                    since = wished
            else:
                since = wished
            if since > at:
                return moods._replace(after=face, until=since)
            moods = _Moods(face, since, before=moods.shown)
        return moods


class _Moods(NamedTuple):
    """The face whose mouth shows, from when on; those before and after it, where they are known."""

    shown: Face
    since: int
    before: Face | None = None
    after: Face | None = None
    until: int = UNKNOWN


class _Mouth(NamedTuple):
    """What a mouth shows."""

    mood: str
    viseme: int
    half: bool = False

    @property
    def drop(self) -> float:
        """How far its drawing is open."""
        return OPEN[self.viseme] * (_HALF if self.half else 1.0)


def _resting(lanes: Mapping[str, Sequence[Event]], face: Face, at: int) -> _Mouth:
    """What a mouth shows in silence."""
    return _Mouth(face.expression.mood, _at_rest(lanes, (), face, at))


def rests_shut(lanes: Mapping[str, Sequence[Event]], face: Face, at: int) -> bool:
    """Whether the mouth of a face that is open at rest is shut: since speech has ended, until an expression
    is set again."""
    return _at_rest(lanes, (), face, at) != face.expression.rest_viseme


def _at_rest(lanes: Mapping[str, Sequence[Event]], turns: Sequence[Spoken], face: Face, at: int) -> int:
    """The viseme of a mouth that says nothing."""
    viseme = face.expression.rest_viseme
    closes = OPEN[viseme] > _AJAR and _speaks(face) and _shut(lanes, turns, face, at) > 0.0
    return 0 if closes else viseme


def _speaks(face: Face) -> bool:
    """Whether its mouth is that of speech."""
    override = face.expression.override_mouth
    return override == "none" or (override == "blend" and face.strength <= 0.5)


def _shut(lanes: Mapping[str, Sequence[Event]], turns: Sequence[Spoken], face: Face, at: int) -> float:
    """0..1: how far an open mouth at rest has given way to a closed one.

    A laugh is over with its sound: from the first sound of a turn on, until another expression is set after
    its end.
    """
    for turn in turns:
        opened = turn.track.opened
        if opened is None or (turn.end is not None and face.begun >= turn.end):
            continue
        since = _sounds_from(turn.origin, opened)
        if turn.end is not None and since >= turn.end:
            continue
        if at >= since:
            return smooth((at - since + 1) / _DROPS)
    said = lanes.get("turn", _NO_EVENTS)
    last = bisect_right(said, at, key=_AT)
    latest = said[max(0, last - 4) : last]
    started = {event.turn: event for event in latest if isinstance(event, TurnStarted)}
    ended = next(
        (
            event
            for event in reversed(latest)
            if isinstance(event, TurnEnded) and _sounded(started.get(event.turn), event.at)
        ),
        None,
    )
    if ended is None or any(turn.end == ended.at for turn in turns):
        return 0.0
    return float(face.begun < ended.at)


def _sounds_from(origin: int, opened: int) -> int:
    """The sample of a turn's first sound, which is in the frame `opened` of its track."""
    return origin + max(0, opened - 1) * TRACK_HOP


def _sounded(turn: TurnStarted | None, end: int) -> bool:
    """Whether a turn (None: one that began long ago) had any sound before its end. Others close nothing."""
    if turn is None:
        return True
    opened = turn.track.opened
    return opened is not None and _sounds_from(turn.origin, opened) < end
