"""What was seen, counted, and held against what the ledger tells. Pure: of values alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from mien.clock import SAMPLE_RATE
from mien.prove.finding import found
from mien.prove.recount import Recount, Surface
from mien.prove.sightings import Sighting, Sightings
from mien.prove.told import Line, Told

_APART_S: Final = 0.5
"""A beep belongs to the flash that is nearer than this."""
_FEW: Final = 5
"""Of how many pictures, the first and the last ones, the middle tells how clocks went meanwhile."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """How far times may be apart without a disagreement. None: of those nothing is said."""

    early_ms: float | None = None
    """That a frame is seen before the ledger says that it was begun."""
    late_ms: float | None = None
    """That it is seen after that."""
    swallowed: float = 1.5
    """Intervals by which the observer's clock and the count of frames may differ over the whole run: more
    where a buffer grows or shrinks between them."""


def recount(
    surface: Surface, observer: str, told: Told, sightings: Sightings, allowed: Allowed | None = None
) -> Recount:
    """What an observer saw, and each frame of which that is not what the ledger tells."""
    allowed = allowed or Allowed()
    by_mark = {line.mark: line for line in told.lines}
    first = _first_of_each(sightings.seen)
    known = [one for one in first if one.number in by_mark]
    span = _span(told.lines, known, by_mark)
    seen = {one.number for one in known}
    frames = span[-1].frame - span[0].frame + 1 if span else 0
    missing = [line for line in span if line.mark not in seen]
    apart = _apart_ms(told, known, by_mark)
    disagreements = [
        *_engines(told),
        *_strangers(first, by_mark, sightings),
        *_times_shown(known, by_mark),
        *_unseen(missing, sightings, told),
        *_out_of_step(known, by_mark, apart, allowed),
        *_swallowed(known, by_mark, told, allowed.swallowed),
    ]
    out_of_order = _out_of_order(sightings.seen)
    if out_of_order:
        disagreements.append(
            f"a picture came after a later one ({out_of_order} times), and a ledger's frames never do."
        )
    if not span:
        disagreements.append("no frame of the ledger was seen.")
    start = first[0].when_ns if first else 0
    return Recount(
        surface=surface,
        observer=_with_times(observer, apart),
        frames=frames,
        shown=len(seen),
        repeated=_repeated(sightings.seen, told.interval_ms),
        missing=frames - len(seen),
        out_of_order=out_of_order,
        shown_at_ms=tuple((one.when_ns - start) / 1e6 for one in known),
        indices=tuple(by_mark[one.number].frame for one in known),
        av_ms=_av_ms(first, sightings.beeps_ns),
        disagreements=tuple(disagreements),
        stalls=found(told, known, sightings),
    )


def _first_of_each(seen: Sequence[Sighting]) -> list[Sighting]:
    """The first sighting of each number, in the order in which they came."""
    first: dict[int, Sighting] = {}
    for one in seen:
        first.setdefault(one.number, one)
    return list(first.values())


def _span(lines: Sequence[Line], known: Sequence[Sighting], by_mark: dict[int, Line]) -> list[Line]:
    """The ledger's frames from the first to the last that was seen."""
    if not known:
        return []
    frames = [by_mark[one.number].frame for one in known]
    least, most = min(frames), max(frames)
    return [line for line in lines if least <= line.frame <= most]


def _out_of_order(seen: Sequence[Sighting]) -> int:
    latest, count = -1, 0
    for one in seen:
        count += one.number < latest
        latest = max(latest, one.number)
    return count


def _repeated(seen: Sequence[Sighting], interval_ms: float) -> int:
    stood = ((b.when_ns - a.when_ns) / 1e6 for a, b in pairwise(seen))
    return sum(max(0, round(ms / interval_ms) - 1) for ms in stood)


def _apart_ms(told: Told, known: Sequence[Sighting], by_mark: dict[int, Line]) -> list[tuple[float, float]]:
    """Of each sighting how much later than the ledger says it came: more than the one, no more than the
    other. Where the ledger's clock is not known, than the median frame."""
    pairs = []
    for one in known:
        presented = by_mark[one.number].presented_ms
        pairs.append((one.after_ns / 1e6 - presented, one.by_ns / 1e6 - presented))
    if not pairs:
        return []
    if told.origin_ns is not None:
        base = told.origin_ns / 1e6
    else:
        base = median((after + by) / 2 for after, by in pairs)
    return [(after - base, by - base) for after, by in pairs]


def _with_times(observer: str, apart: Sequence[tuple[float, float]]) -> str:
    if not apart:
        return observer
    late = sorted((after + by) / 2 for after, by in apart)
    unsure = max(by - after for after, by in apart) / 2
    p99 = late[min(len(late) - 1, int(0.99 * len(late)))]
    sure = f", each to {unsure:.1f} ms or better" if unsure else ""
    return (
        f"{observer}; a frame was seen {median(late):.1f} ms (median) and {p99:.1f} ms (p99) after the "
        f"ledger calls it shown{sure}"
    )


def _engines(told: Told) -> Iterator[str]:
    if told.restarts:
        yield f"engines ended meanwhile ({told.restarts}), and the ledger is the last one's alone."


def _strangers(first: Sequence[Sighting], by_mark: dict[int, Line], sightings: Sightings) -> Iterator[str]:
    start = sightings.seen[0].when_ns if sightings.seen else 0
    for one in first:
        if one.number not in by_mark:
            yield (
                f"drawing {one.number} was seen {(one.when_ns - start) / 1e9:.3f} s after the first, and the "
                "ledger has no frame of it."
            )


def _times_shown(known: Sequence[Sighting], by_mark: dict[int, Line]) -> Iterator[str]:
    for one in known:
        line = by_mark[one.number]
        if one.at != line.at:
            yield (f"frame {line.frame} shows sample {one.at} of the session, and the ledger says {line.at}.")


def _unseen(missing: Sequence[Line], sightings: Sightings, told: Told) -> Iterator[str]:
    if sightings.dropped and len(missing) <= sightings.dropped:
        return
    counted = f"; the surface counts {sightings.dropped} that it left out" if sightings.dropped else ""
    for line in missing:
        away = ""
        if told.origin_ns is not None:
            at_ns = told.origin_ns + round(line.presented_ms * 1e6)
            ms = max((one.ms for one in sightings.held if one.start_ns <= at_ns <= one.end_ns), default=0.0)
            away = f"; the observer could not look for {ms:.1f} ms just then" if ms else ""
        yield (
            f"frame {line.frame} was shown at {line.presented_ms / 1000:.3f} s, as the ledger says, and was "
            f"not seen{away}{counted}."
        )


def _out_of_step(
    known: Sequence[Sighting],
    by_mark: dict[int, Line],
    apart: Sequence[tuple[float, float]],
    allowed: Allowed,
) -> Iterator[str]:
    for one, (after, by) in zip(known, apart, strict=True):
        line = by_mark[one.number]
        frame = line.frame
        took = 0.0 if line.begun_ms is None else line.presented_ms - line.begun_ms
        if allowed.early_ms is not None and by < -allowed.early_ms - took:
            yield f"frame {frame} was seen {-by:.1f} ms before the ledger calls it shown."
        if allowed.late_ms is not None and after > allowed.late_ms:
            yield f"frame {frame} was seen {after:.1f} ms after the ledger calls it shown."


def _swallowed(known: Sequence[Sighting], by_mark: dict[int, Line], told: Told, most: float) -> Iterator[str]:
    """A schedule that stood still would hide the frames that a stall has swallowed. The first few pictures
    are held against the last few: one that a surface holds back is none of that."""
    if len(known) < 2:
        return
    lines = [by_mark[one.number] for one in known]
    behind = [
        (one.when_ns - known[0].when_ns) / 1e6
        - (line.presented_ms - line.scheduled_ms)
        - (line.frame - lines[0].frame) * told.interval_ms
        for one, line in zip(known, lines, strict=True)
    ]
    few = min(_FEW, max(1, len(known) // 4))
    more = (median(behind[-few:]) - median(behind[:few])) / told.interval_ms
    if abs(more) > most:
        counted = lines[-1].frame - lines[0].frame
        yield (
            f"by the observer's clock {counted + more:.1f} intervals passed from frame {lines[0].frame} to "
            f"frame {lines[-1].frame}, and the ledger counts {counted}."
        )


def _av_ms(first: Sequence[Sighting], beeps_ns: Sequence[int]) -> tuple[float, ...]:
    """At each beep: when it began minus when the picture of its sample was shown. That is a flash between two
    pictures: the first of all, whatever its sample, is none."""
    shown: dict[int, float] = {}
    for before, one in pairwise(first):
        second, beyond = divmod(one.at, SAMPLE_RATE)
        if second != before.at // SAMPLE_RATE:
            shown.setdefault(second, one.when_ns - beyond / SAMPLE_RATE * 1e9)
    told = []
    for beep in beeps_ns:
        nearest = min(shown.values(), key=lambda at: abs(beep - at), default=None)
        if nearest is not None and abs(beep - nearest) < _APART_S * 1e9:
            told.append((beep - nearest) / 1e6)
    return tuple(told)
