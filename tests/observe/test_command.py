"""The options of the command line, on a conversation of a moment."""

from __future__ import annotations

import json
import wave
from pathlib import Path

from mien.cli import main


def test_a_render_writes_its_ledger_and_its_trace(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "one.wav"), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(b"\0\x10\0\xf0" * 1200)
    (tmp_path / "conversation.toml").write_text(
        'format = 1\n[[cast]]\nkey = "otto"\ncharacter = "otto"\n'
        '[[turn]]\nkey = "one"\nspeaker = "otto"\naudio = "one.wav"\n',
        encoding="utf-8",
    )
    code = main([
        "render", str(tmp_path), "-o", str(tmp_path / "out.mp4"), "--size", "64x64", "--fps", "20",
        "--ledger", str(tmp_path / "run.jsonl"), "--trace", str(tmp_path / "run.json"),
        "--flight", str(tmp_path / "flight"),
    ])  # fmt: skip
    assert code == 0
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (lines[0]["kind"], lines[0]["command"], lines[0]["fps"]) == ("run", "render", 20)
    assert lines[-1]["kind"] == "totals"
    frames = sum(line["kind"] == "frame" for line in lines)
    assert frames == lines[-1]["frames_produced_total"] > 20
    trace = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert {"kind": "run", **trace["otherData"]} == lines[0]
    names = [event["name"] for event in trace["traceEvents"]]
    assert [names.count(stage) for stage in ("rows", "draw", "readback")] == [frames] * 3
    assert list((tmp_path / "flight").iterdir()) == []
