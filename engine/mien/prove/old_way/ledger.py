"""The old program's run as a ledger that `mien report` reads."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.clock import SAMPLE_RATE
from mien.prove.old_way.figures import Figures, FrameTime
from mien.talk import Conversation
from mien.types import Size


def header(conversation: Conversation, size: Size, command: str, renderer: str, load: str) -> dict[str, Any]:
    """What a run was, for the first line."""
    return {
        "command": command,
        "realtime": True,
        "renderer": renderer,
        "load": load,
        "conversation": conversation.source.parent.name,
        "size": list(size),
        "fps": round(float(conversation.fps)),
        "system": platform.system(),
        "cores": os.cpu_count(),
    }


def write(path: Path, head: dict[str, Any], frames: Sequence[FrameTime], found: Figures) -> None:
    """One line a frame and a turn; what the old program does not know is left out. Raises OSError."""
    interval_ms = 1000 / head["fps"]
    lines: list[dict[str, Any]] = [{"kind": "run", **head}]
    for frame in frames:
        lines.append(
            {
                "kind": "frame",
                "frame": frame.index,
                "at_sample": frame.index * SAMPLE_RATE // head["fps"],
                "scheduled_ms": round(frame.index * interval_ms, 4),
                "presented_ms": round(frame.presented_ms, 4),
                "work_ms": round(frame.took_ms, 4),
                "frame_cpu_ms": round(frame.took_ms, 4),
                "l1_misses": frame.misses,
                # All of it is worked out on the frame's thread.
                "cause": "build",
            }
        )
    lines += [{"kind": "turn", "time_to_first_audio_ms": ms} for ms in found.first_audio_ms]
    # The gaps are known when the run is over; the last frame tells them.
    lines[len(frames)]["added_gap_samples"] = round(sum(found.gaps_ms) * SAMPLE_RATE / 1000)
    lines.append({"kind": "totals", "frames_produced_total": len(frames)})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
