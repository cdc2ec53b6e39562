"""The page, the JSON, and the workflow to copy."""

from __future__ import annotations

import base64
import importlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.errors import PackageMissing
from mien.prove import page as pages
from mien.prove import plotter
from mien.prove.looks import STALLS
from mien.prove.page import page
from mien.prove.proof import Proof
from mien.prove.recount import Stall
from prove.runs import PLAN, run_of, runs_of
from prove.test_proof import found, proof_of, recount

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    folder = tmp_path_factory.mktemp("runs")
    return proof_of(runs_of(folder, slow={100: 80.0}, gone=(7, 8)), recounts=(recount(), found(*STALLS)))


def told(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="told">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    value: dict[str, Any] = json.loads(found[1])
    return value


def test_a_page_needs_nothing_from_elsewhere(proof: Proof) -> None:
    text = page(proof)
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)""", text)
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|WebSocket", text)
    assert "uPlot" in text and "Leon Sorokin" in text


def test_no_paragraph_of_ours_is_cut(proof: Proof) -> None:
    assert "...</p>" not in page(proof)


def test_what_the_two_ways_do_not_have_in_common_is_said(proof: Proof) -> None:
    told = page(proof).partition("What this does not show")[2]
    assert "frame thread runs ahead of other threads" in told and "runs as others do" in told


def test_a_peer_has_its_columns_and_what_it_needs_is_installed_to_repeat_it(tmp_path: Path) -> None:
    players = ("legacy", "mien", "skia")
    runs = [*runs_of(tmp_path), run_of(tmp_path, "skia", 1), run_of(tmp_path, "skia", 2)]
    text = page(proof_of(runs, plan=replace(PLAN, players=players)))
    assert [one["name"] for one in told(text)["players"]] == ["the old way", "Mien", "Skia"]
    assert "Skia, run 2" in text and "pip install 'mien[prove]' skia-python" in text


def test_the_bounds_stand_before_what_was_found_and_the_digest_beside_them(proof: Proof) -> None:
    text = page(proof)
    places = [
        text.index(part)
        for part in (
            "What Mien had to reach",
            proof.thresholds.sha256,
            "Side by side",
            "Every frame that Mien missed",
            "What others saw",
            "Whether the pictures are right",
            "Every run",
            "The machine",
            "Repeat it",
            "What this does not show",
        )
    ]
    assert places == sorted(places)
    assert "mien prove</pre>" in text and "virtual machine" not in proof.machine


def test_every_missed_frame_has_its_line_and_leads_to_its_place(proof: Proof) -> None:
    text = page(proof)
    assert '<a href="#run1-frame7">run 1, frames 7 to 8</a>' in text
    assert '<a href="#run2-frame100">run 2, frame 100</a>' in text
    assert "80 ms late" in text and "never shown" in text


def test_the_plots_have_every_frame(proof: Proof) -> None:
    data = told(page(proof))
    assert [run["player"] for run in data["runs"]] == ["legacy", "mien", "mien", "legacy"]
    work = np.frombuffer(base64.b64decode(data["runs"][1]["work"]), "<f4")
    assert len(work) == 600 and np.isnan(work[[7, 8]]).all() and work[100] == 80
    assert data["runs"][1]["missed"] == [7, 8, 100]
    apart = np.frombuffer(base64.b64decode(data["seen"][0]["apart"]), "<f4")
    assert len(data["seen"]) == 1 and len(apart) == 299


def test_a_stall_that_was_measured_wrong_is_marked_and_by_how_much_is_said(tmp_path: Path) -> None:
    stalls = (
        Stall("engine", 75, 120.0, 259.0),
        Stall("host", 135, 160.0, 150.0),
        Stall("surface", 195, 200.0, 40.0),
        Stall("surface", 255, 90.0, None),
    )
    text = page(proof_of(runs_of(tmp_path), recounts=(recount(), found(*stalls))))
    marked = ("259 ms: 139 ms too much", "40 ms: 160 ms too little", "not seen")
    assert all(f'<td class="n missed">{one}</td>' in text for one in marked)
    assert "<td class=n>150 ms</td>" in text


PLOTTED = """
const fs = require("fs"), plots = [];
const told = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const element = { textContent: JSON.stringify(told), clientWidth: 800, addEventListener() {} };
globalThis.document = { getElementById: () => element, documentElement: {} };
globalThis.getComputedStyle = () => ({ getPropertyValue: () => "" });
globalThis.location = { hash: "" };
globalThis.addEventListener = () => {};
globalThis.matchMedia = () => ({ addEventListener() {} });
globalThis.uPlot = class {
  constructor(options, data) {
    const chart = { series: [{ idxs: [0, data[0].length - 1] }] };
    const points = options.series.slice(1).map((one) => one.points.filter(chart));
    plots.push({ lines: data.slice(1).map((line) => line.map((v) => (v === undefined ? "on" : v))), points });
  }
  redraw() {}
};
eval(fs.readFileSync(process.argv[3], "utf8"));
console.log(JSON.stringify(plots));
"""


def test_a_line_ends_where_more_than_two_frames_were_never_shown(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    gone = (3, 6, 7, 10, 11, 12, 14, 15, 16)
    runs = [run_of(tmp_path, who, 1, frames=20, gone=gone if who == "mien" else ()) for who in PLAN.players]
    data, program = tmp_path / "told.json", tmp_path / "plotted.js"
    data.write_text(json.dumps(told(page(proof_of(runs, recounts=(recount(),))))))
    program.write_text(PLOTTED)
    command = [node, str(program), str(data), str(ROOT / "engine/mien/prove/page.js")]
    plots = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    _, mien = plots[0]["lines"]
    ends = [k for k in range(20) if mien[20 + k] is None]
    assert ends == [10, 11, 12, 14, 15, 16] and [k for k in range(20) if mien[20 + k] == "on"] == [3, 6, 7]
    # A frame that no line leads to is a point.
    assert plots[0]["points"] == plots[1]["points"] == [[], [33]]


def test_what_comes_from_outside_is_text(proof: Proof, tmp_path: Path) -> None:
    runs = runs_of(tmp_path)
    runs[0].answer["renderer"] = "<script>alert(1)</script>"
    other = recount(observer="</script><b>", disagreements=("<img src=x>",))
    text = page(proof_of(runs, recounts=(other,)))
    assert "<script>alert" not in text and "<b>" not in text.split("</section>", 1)[1] and "<img" not in text


def test_without_uplot_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotter, "_PACKAGE", "no-such-package")
    with pytest.raises(PackageMissing, match=r"pip install 'mien\[prove\]'"):
        pages.plotter()


def test_the_page_s_script_is_a_program(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    script = ROOT / "engine/mien/prove/page.js"
    subprocess.run([node, "--check", str(script)], check=True, capture_output=True)


def test_the_workflow_to_copy_is_one(tmp_path: Path) -> None:
    yaml = importlib.import_module("yaml")
    text = (ROOT / "docs/examples/github-actions/mien.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow[True] is not None  # `on`, as YAML reads it
    steps = workflow["jobs"]["prove"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    (prove,) = [step["run"] for step in steps if step.get("name") == "Prove"]
    # Its options are those of the command.
    from mien.cli import main

    words = re.search(r"mien (prove.*?)\n\s*}", prove, re.DOTALL)
    assert words is not None
    given = words[1].replace("\\\n", " ").split()
    with pytest.raises(SystemExit) as ended:
        main([*given, "--help"])
    assert ended.value.code == 0
    assert all(f"{word} " in OPTIONS or f"{word}\n" in OPTIONS for word in given if word.startswith("--"))
    # And it does with each status what its comment says.
    for statuses, ends in (("0", 0), ("1", 1), ("3 0", 0), ("3 1", 1), ("3 3", 0)):
        (tmp_path / "left").write_text(statuses)
        fake = tmp_path / "mien"
        fake.write_text(
            f'#!/bin/sh\nread -r now rest < "{tmp_path}/left"\necho "$rest" > "{tmp_path}/left"\nexit $now\n'
        )
        fake.chmod(0o755)
        ran = subprocess.run(
            ["bash", "-e", "-c", prove],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
            capture_output=True,
            check=False,
        )
        assert ran.returncode == ends, (statuses, ran.stderr)


OPTIONS = (ROOT / "engine/mien/cli/prove.py").read_text(encoding="utf-8").replace('"', " ")
