"""A gated recurrent layer and its fit, in numpy: what `mien.lipsync.network` plays back frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.floating[Any]]

CHUNK = 80
"""Frames that the error goes back through; the state goes on beyond them."""
LANES = 16
"""Streams that are fitted to side by side."""
OPENING = 3.0
"""How much the square counts by which the expected openness is off, beside the shapes' cross-entropy."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of sound, from its start."""

    features: Floats
    """(n, FEATURES) float16 or float32."""
    shapes: np.ndarray
    """(n,) int8 viseme index, -1 where none is asked for."""


def start(features: int, hidden: int, shapes: int, seed: int) -> list[Floats]:
    """(features, 3 hidden), (3 hidden,), (hidden, 3 hidden), (hidden, shapes), (shapes,): before the fit."""
    rng = np.random.default_rng(seed)
    parts = [
        rng.normal(0, features**-0.5, (features, 3 * hidden)),
        np.zeros(3 * hidden),
        rng.normal(0, hidden**-0.5, (hidden, 3 * hidden)),
        rng.normal(0, hidden**-0.5, (hidden, shapes)),
        np.zeros(shapes),
    ]
    parts[1][hidden : 2 * hidden] = 0.5  # remember, at first
    return [part.astype(np.float32) for part in parts]


def _sigmoid(x: Floats) -> Floats:
    return (0.5 * np.tanh(0.5 * x) + 0.5).astype(np.float32)


def forward(x: Floats, fresh: np.ndarray, h: Floats, parts: Sequence[Floats]) -> tuple[list[Floats], Floats]:
    """(T, lanes, features), (T, lanes) whether a stream starts there, (lanes, hidden) state before.

    Returns what `backward` needs, and states (T + 1, lanes, hidden).
    """
    steps, lanes, _ = x.shape
    size = parts[2].shape[0]
    into = x @ parts[0] + parts[1]
    states = np.empty((steps + 1, lanes, size), np.float32)
    before, gates = np.empty((steps, lanes, size), np.float32), np.empty((steps, lanes, 3 * size), np.float32)
    inner = np.empty((steps, lanes, size), np.float32)
    states[0] = h
    for t in range(steps):
        h = states[t] * ~fresh[t][:, None]
        back = h @ parts[2]
        both = _sigmoid(into[t, :, : 2 * size] + back[:, : 2 * size])
        inner[t] = back[:, 2 * size :]
        new = np.tanh(into[t, :, 2 * size :] + both[:, :size] * inner[t])
        keep = both[:, size:]
        before[t], gates[t, :, : 2 * size], gates[t, :, 2 * size :] = h, both, new
        states[t + 1] = keep * h + (1 - keep) * new
    return [before, gates, inner], states


def backward(
    x: Floats, kept: Sequence[Floats], slope: Floats, parts: Sequence[Floats], fresh: np.ndarray
) -> list[Floats]:
    """Slopes of the first three parts, from (T, lanes, hidden) slopes of the states."""
    before, gates, inner = kept
    steps, lanes, size = before.shape
    into = np.empty((steps, lanes, 3 * size), np.float32)
    back = np.empty((steps, lanes, 3 * size), np.float32)
    coming = np.zeros((lanes, size), np.float32)
    for t in range(steps - 1, -1, -1):
        reset, keep, new = (gates[t, :, i * size : (i + 1) * size] for i in range(3))
        here = slope[t] + coming
        at_new = here * (1 - keep) * (1 - new**2)
        into[t, :, 2 * size :] = at_new
        back[t, :, 2 * size :] = at_new * reset
        into[t, :, :size] = back[t, :, :size] = at_new * inner[t] * reset * (1 - reset)
        into[t, :, size : 2 * size] = here * (before[t] - new) * keep * (1 - keep)
        back[t, :, size : 2 * size] = into[t, :, size : 2 * size]
        coming = (here * keep + back[t] @ parts[2].T) * ~fresh[t][:, None]
    flat = into.reshape(-1, 3 * size)
    return [
        x.reshape(-1, x.shape[2]).T @ flat,
        flat.sum(axis=0),
        before.reshape(-1, size).T @ back.reshape(-1, 3 * size),
    ]


def _lanes(
    streams: list[Stream], rng: np.random.Generator
) -> Iterator[tuple[Floats, np.ndarray, np.ndarray]]:
    """Chunks of all lanes: features (T, lanes, features), shapes (T, lanes), fresh (T, lanes)."""
    lanes: list[list[Stream]] = [[] for _ in range(LANES)]
    lengths = [0] * LANES
    for i in rng.permutation(len(streams)):
        shortest = int(np.argmin(lengths))
        lanes[shortest].append(streams[i])
        lengths[shortest] += len(streams[i].shapes)
    x = [np.concatenate([one.features for one in lane])[: min(lengths)] for lane in lanes]
    y = [np.concatenate([one.shapes for one in lane])[: min(lengths)] for lane in lanes]
    fresh = []
    for lane in lanes:
        first = np.zeros(sum(len(one.shapes) for one in lane), bool)
        first[np.cumsum([0] + [len(one.shapes) for one in lane[:-1]])] = True
        fresh.append(first[: min(lengths)])
    for at in range(0, min(lengths) - CHUNK + 1, CHUNK):
        rows = slice(at, at + CHUNK)
        yield (
            np.stack([lane[rows] for lane in x], axis=1).astype(np.float32),
            np.stack([lane[rows] for lane in y], axis=1).astype(np.int64),
            np.stack([lane[rows] for lane in fresh], axis=1),
        )


def slopes_of(odds: Floats, shapes: np.ndarray, balance: Floats, opened: Floats) -> tuple[Floats, float]:
    """Slopes of the scores behind `odds` (T, lanes, shapes), and the error, for the true `shapes` (T, lanes).

    The error is the cross-entropy, by `balance`, and OPENING times the square by which the mean of `opened`
    (shapes,), how far each shape opens the mouth, is off.
    """
    known = shapes >= 0
    true = np.maximum(shapes, 0)
    each = 1 / max(1, known.sum())
    weight = np.where(known, balance[true], 0) * each
    picked = np.take_along_axis(odds, true[..., None], 2)[..., 0]
    slope = odds.copy()
    np.put_along_axis(slope, true[..., None], picked[..., None] - 1, 2)
    slope *= weight[..., None]
    mean = odds @ opened
    off = np.where(known, mean - opened[true], 0)
    slope += (2 * OPENING * each) * off[..., None] * odds * (opened - mean[..., None])
    error = float(-(np.log(picked + 1e-9) * weight).sum() + OPENING * each * (off**2).sum())
    return slope.astype(np.float32), error


def fit(
    passes: list[list[Stream]],
    hidden: int,
    balance: Floats,
    opened: Floats,
    epochs: int,
    say: Callable[[str], None],
    seed: int = 0,
) -> list[Floats]:
    """The fitted parts, by Adam. Each epoch takes the next of `passes`: the same speech disturbed anew."""
    rng = np.random.default_rng(seed)
    parts = start(passes[0][0].features.shape[1], hidden, len(balance), seed + 1)
    first = [np.zeros_like(part) for part in parts]
    second = [np.zeros_like(part) for part in parts]
    step, total = 0, sum(sum(len(s.shapes) for s in passes[e % len(passes)]) for e in range(epochs))
    total //= LANES * CHUNK
    for epoch in range(epochs):
        h = np.zeros((LANES, hidden), np.float32)
        losses = []
        for x, y, fresh in _lanes(passes[epoch % len(passes)], rng):
            step += 1
            kept, states = forward(x, fresh, h, parts)
            h = states[-1]
            drop = (rng.random((LANES, hidden)) > 0.1).astype(np.float32) / np.float32(0.9)
            out = states[1:] * drop
            odds = out @ parts[3] + parts[4]
            odds = np.exp(odds - odds.max(axis=2, keepdims=True))
            odds /= odds.sum(axis=2, keepdims=True)
            error, loss = slopes_of(odds, y, balance, opened)
            losses.append(loss)
            flat = error.reshape(-1, error.shape[2])
            slopes = [
                *backward(x, kept, (error @ parts[3].T) * drop, parts, fresh),
                out.reshape(-1, hidden).T @ flat,
                flat.sum(axis=0),
            ]
            norm = float(np.sqrt(sum(float((s**2).sum()) for s in slopes)))
            rate = 4e-3 * min(1.0, step / 100) * (0.5 + 0.5 * np.cos(np.pi * min(1.0, step / total)))
            for part, slope, m, v in zip(parts, slopes, first, second, strict=True):
                slope = slope * min(1.0, 1.0 / (norm + 1e-9))
                m += 0.1 * (slope - m)
                v += 0.005 * (slope**2 - v)
                part *= 1 - rate * 1e-3
                part -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.995**step)) + 1e-8)
        say(f"epoch {epoch + 1}/{epochs}: {np.mean(losses):.4f}")
    return parts
