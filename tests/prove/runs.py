"""Runs of a proof, made of ledgers that a test writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mien.prove.others import Others
from mien.prove.runs import Plan, Run
from mien.report import read_run
from mien.types import Size

INTERVAL_MS = 1000 / 30
PLAN = Plan("night_shift", Size(1280, 720), 2, 20.0, "none", 1)
QUIET = Others([250_000_000 * i for i in range(1, 81)], [0.01] * 80, [0.0] * 80)
BUSY = Others([250_000_000 * i for i in range(1, 81)], [0.6] * 80, [0.0] * 80, programs=(("make", 1.2),))


def ledger(
    path: Path,
    frames: int = 600,
    slow: dict[int, float] | None = None,
    gone: tuple[int, ...] = (),
    **more: Any,
) -> None:
    """A run of `frames`, each in 9 ms but for the `slow` ones, without those `gone`. `more`: of each "
    "frame."""
    lines: list[dict[str, Any]] = [{"kind": "run", "realtime": True, "fps": 30, "renderer": "llvmpipe"}]
    for k in range(frames):
        if k in gone:
            continue
        took = (slow or {}).get(k, 9.0)
        lines.append(
            {
                "kind": "frame",
                "frame": k,
                "scheduled_ms": k * INTERVAL_MS,
                "presented_ms": k * INTERVAL_MS + took,
                "work_ms": took,
                "cause": "gil" if took > INTERVAL_MS else "",
                "l1_misses": 0,
                "scaled": 0,
                "coarse": 0,
                "added_gap_samples": 0,
                "concealed_samples": 0,
                "shader_compiles": 0,
                "gl_allocations": 0,
                "av_skew_ms": 4.0,
                **more,
            }
        )
    shown = len(lines) - 1
    lines.append({"kind": "totals", "frames_expected_total": frames, "frames_produced_total": shown})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def run_of(folder: Path, player: str, number: int, others: Others = QUIET, **told: Any) -> Run:
    """A run, with a ledger as `ledger` writes it."""
    path = folder / f"{player}-{number}.jsonl"
    ledger(path, **told)
    return Run(player, number, read_run(path), others, 0, {"renderer": "llvmpipe"})


def runs_of(folder: Path, others: Others = QUIET, **of_mien: Any) -> list[Run]:
    """Two rounds: an old way that misses a frame in ten, and Mien."""
    slow = dict.fromkeys(range(5, 600, 10), 95.0)
    order = [("legacy", 1), ("mien", 1), ("mien", 2), ("legacy", 2)]
    return [
        run_of(folder, player, number, others, **({"slow": slow} if player == "legacy" else of_mien))
        for player, number in order
    ]
