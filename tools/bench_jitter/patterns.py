"""When the packets of a live sender arrive: delay, loss, reordering, duplicates, stalls and drift.

Everything is drawn from a seed. Times and positions are samples at 48 kHz; the sender makes a packet of
20 ms every 20 ms of its own clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

PACKET = 960
RATE = 48_000

NETEM_TABLES = ("usr/lib/tc", "usr/lib64/tc", "usr/lib/*/tc", "usr/share/tc")
"""Where, from the root, iproute2 keeps the delay tables of `tc qdisc ... netem distribution NAME`."""

NETEM_SCALE = 8192
"""A table's entries are standard deviations times this (iproute2, netem/README.distribution)."""

Times: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What a receiver gets: packet `numbers[i]` at time `times[i]`, by time."""

    name: str
    packets: int
    """How many were sent."""
    times: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return self.packets - len(np.unique(self.numbers))

    @property
    def duplicates(self) -> int:
        """Packets that came a second time."""
        return len(self.numbers) - len(np.unique(self.numbers))


def _sent(packets: int, ppm: float = 0.0) -> Times:
    """When each is sent, by the receiver's clock, if the sender's runs `ppm` millionths faster."""
    return np.arange(packets) * PACKET / (1 + ppm * 1e-6)


def _arrivals(name: str, packets: int, times: Times, numbers: NDArray[np.int64] | None = None) -> Arrivals:
    numbers = np.arange(packets) if numbers is None else numbers
    order = np.argsort(times, kind="stable")
    return Arrivals(name, packets, np.round(times[order]).astype(np.int64), numbers[order])


def in_order(times: Times) -> Times:
    """As over a byte stream: nothing arrives before what was sent before it."""
    return np.maximum.accumulate(times)


def jitter(ms: float, seconds: float, seed: int = 1) -> Arrivals:
    """Delays spread evenly over 0 .. `ms`, in order."""
    packets = round(seconds * RATE / PACKET)
    delays = np.random.default_rng(seed).uniform(0, ms * RATE / 1000, packets)
    return _arrivals(f"jitter of {ms:g} ms", packets, in_order(_sent(packets) + delays))


def freeze(seconds: float, frozen_s: float = 5.0, at_s: float = 5.0) -> Arrivals:
    """Nothing for 5 s, then all of it at once."""
    packets = round(seconds * RATE / PACKET)
    sent = _sent(packets)
    held = (sent >= at_s * RATE) & (sent < (at_s + frozen_s) * RATE)
    return _arrivals("5 s frozen, then a burst", packets, np.where(held, (at_s + frozen_s) * RATE, sent))


def loss(seconds: float, share: float = 0.02, seed: int = 2) -> Arrivals:
    """Some never come. The last one does, so that the end is known by it."""
    packets = round(seconds * RATE / PACKET)
    kept = np.random.default_rng(seed).random(packets) >= share
    kept[[0, -1]] = True
    return _arrivals(f"{share:.0%} lost", packets, _sent(packets)[kept], np.flatnonzero(kept))


def reordered(seconds: float, share: float = 0.05, by_ms: float = 50.0, seed: int = 3) -> Arrivals:
    """Some come two or three packets later than they should."""
    packets = round(seconds * RATE / PACKET)
    late = np.random.default_rng(seed).random(packets) < share
    late[-1] = False
    return _arrivals(
        f"{share:.0%} overtaken, {by_ms:g} ms late", packets, _sent(packets) + late * by_ms * RATE / 1000
    )


def duplicated(seconds: float, share: float = 0.05, seed: int = 4) -> Arrivals:
    """Some come twice, the second time 10 ms later."""
    packets = round(seconds * RATE / PACKET)
    again = np.flatnonzero(np.random.default_rng(seed).random(packets) < share)
    sent = _sent(packets)
    return _arrivals(
        f"{share:.0%} twice",
        packets,
        np.concatenate((sent, sent[again] + RATE // 100)),
        np.concatenate((np.arange(packets), again)),
    )


def netem(seconds: float, table: NDArray[np.int64], mean_ms: float, sigma_ms: float, seed: int) -> Arrivals:
    """Delays from one of netem's tables, measured on a real network, in order."""
    packets = round(seconds * RATE / PACKET)
    drawn = table[np.random.default_rng(seed).integers(0, len(table), packets)] / NETEM_SCALE
    delays = np.maximum(0, mean_ms + sigma_ms * drawn) * RATE / 1000
    return _arrivals(f"tc experimental, {sigma_ms:g} ms", packets, in_order(_sent(packets) + delays))


def drift(ppm: float, seconds: float, jitter_ms: float = 10.0, seed: int = 6) -> Arrivals:
    """A sender whose clock is off, with a little jitter."""
    packets = round(seconds * RATE / PACKET)
    delays = np.random.default_rng(seed).uniform(0, jitter_ms * RATE / 1000, packets)
    return _arrivals(
        f"clock {ppm:+g} ppm, {seconds / 60:g} min", packets, in_order(_sent(packets, ppm) + delays)
    )


def netem_table(name: str = "experimental") -> NDArray[np.int64]:
    """(4096,) the table NAME.dist of iproute2. Raises FileNotFoundError."""
    for folder in NETEM_TABLES:
        for found in Path("/").glob(f"{folder}/{name}.dist"):
            lines = found.read_text().splitlines()
            return np.array([int(x) for line in lines if not line.startswith("#") for x in line.split()])
    raise FileNotFoundError(f"no {name}.dist under /{', /'.join(NETEM_TABLES)}: apt-get install iproute2")


def every(seconds: float, drift_seconds: float) -> list[Callable[[], Arrivals]]:
    """All patterns, each to be made when it is needed."""
    return [
        lambda: jitter(0, seconds),
        lambda: jitter(20, seconds),
        lambda: jitter(80, seconds),
        lambda: jitter(200, seconds),
        lambda: freeze(seconds),
        lambda: loss(seconds),
        lambda: reordered(seconds),
        lambda: duplicated(seconds),
        lambda: netem(seconds, netem_table(), 60, 20, 5),
        lambda: netem(seconds, netem_table(), 150, 60, 5),
        lambda: drift(+100, drift_seconds),
        lambda: drift(-100, drift_seconds),
    ]
