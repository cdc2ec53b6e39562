"""Each surface that this machine has, from end to end: what is seen there is what the ledger says. By counts
alone: how late a picture is depends on the machine."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import mien
from mien.errors import MienError, ScriptError, SurfaceMissing
from mien.prove.loads import watched
from mien.prove.recount import Recount, Stall, Surface
from mien.prove.surfaces import lacks, observe
from mien.prove.surfaces.browser import Page
from mien.prove.surfaces.camera import device_of
from mien.prove.surfaces.window import display
from mien.types import Size

SIZE = Size(160, 90)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def observed(surface: Surface, seconds: float, *stalls: Stall, size: Size = SIZE) -> Recount:
    return observe(surface, conversation="hello", size=size, fps=15, seconds=seconds, stalls=stalls)


def but_late(recount: Recount) -> list[str]:
    """What is not about how late a picture was seen."""
    return [said for said in recount.disagreements if "the ledger calls it shown" not in said]


def test_a_file_has_each_frame_once_at_its_time_and_each_beep_with_its_flash(tmp_path: Path) -> None:
    ledger = tmp_path / "run.jsonl"
    counted = observe("file", conversation="hello", size=SIZE, fps=30, seconds=2.5, ledger=ledger)
    assert counted.disagreements == ()
    assert counted.indices == tuple(range(75))
    assert (counted.frames, counted.shown, counted.missing, counted.repeated) == (75, 75, 0, 0)
    assert counted.shown_at_ms == pytest.approx([k * 1000 / 30 for k in range(75)], abs=0.6)
    assert counted.av_ms == pytest.approx([0.0] * 2, abs=1.0)
    assert ledger.exists()


def test_shared_memory_shows_what_the_ledger_says_and_stalls_are_seen() -> None:
    counted = observed("shared memory", 4.0, Stall("engine", 15, 90.0, None), Stall("host", 35, 150.0, None))
    assert but_late(counted) == []
    assert counted.shown == len(set(counted.indices)) > 10
    assert counted.missing == counted.frames - counted.shown
    assert counted.out_of_order == 0
    assert len(counted.av_ms) >= 2
    _, host = counted.stalls
    # Never less than it was: a busy machine only adds to it.
    assert host.found_ms is not None and host.found_ms >= host.size_ms - 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb: a window is not looked at")
def test_a_window_shows_what_the_ledger_says_and_a_server_that_stops_is_found() -> None:
    counted = observed("window", 4.0, Stall("surface", 30, 120.0, None))
    # On a busy machine the observer may miss some; then it says so itself.
    assert [said for said in but_late(counted) if "could not look" not in said] == []
    assert counted.out_of_order == 0
    (stall,) = counted.stalls
    # A busy machine has the frame before it come late, too: of three intervals it stands for two at least.
    assert stall.found_ms is not None and stall.found_ms >= stall.size_ms - 1000 / 30


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, CHROMIUM)), reason="no Chromium: no page is looked at")
def test_a_page_shows_pictures_of_the_ledger_in_their_order_and_is_heard() -> None:
    pytest.importorskip("aiortc")
    counted = observed("webrtc", 5.0, size=Size(320, 180))
    assert counted.shown > 5
    assert counted.out_of_order == 0
    assert not any(
        "the ledger has no frame of it" in said or "shows sample" in said for said in counted.disagreements
    )


def test_a_machine_without_a_surface_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SurfaceMissing, match="there is no Xvfb: install it"), display(SIZE):
        raise AssertionError
    with pytest.raises(SurfaceMissing, match=r"virtual camera|cameras"):
        device_of(tmp_path)
    assert "there is no Xvfb: install it" in (lacks("window") or "")
    assert lacks("webrtc"), "without a browser, or what serves it"
    assert lacks("file") is lacks("shared memory") is None


def test_a_virtual_camera_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("av.formats_available", {"v4l2"})
    with pytest.raises(SurfaceMissing, match="modprobe v4l2loopback"):
        device_of(tmp_path)
    true, virtual = tmp_path / "video0", tmp_path / "video2"
    (true / "device" / "driver").mkdir(parents=True)
    (true / "name").write_text("Integrated Camera\n")
    virtual.mkdir()
    (virtual / "name").write_text("Dummy video device (0x0000)\n")
    assert device_of(tmp_path) == "/dev/video2"


class Answers:
    """A browser's socket that gives these, and then is gone."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)

    def send(self, _: str) -> None:
        pass

    def recv(self, timeout: float) -> str:
        if not self._answers:
            raise TimeoutError("timed out")
        return json.dumps(self._answers.pop(0))


def test_a_browser_that_ends_or_refuses_is_a_sentence() -> None:
    with pytest.raises(MienError, match=r"does not answer Page\.enable \(timed out\): it has ended"):
        Page(Answers({"method": "an event"})).tell("Page.enable")
    with pytest.raises(MienError, match=r"Chromium refuses Page\.enable \(.*no such method"):
        Page(Answers({"id": 1, "error": {"message": "no such method"}})).tell("Page.enable")
    assert Page(Answers({"id": 1, "result": {"result": {"value": 7}}})).ask("3 + 4") == 7


def children() -> set[int]:
    """Processes that this one has begun."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after[1]) == os.getpid():
            found.add(int(folder.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to see processes in")
def test_ctrl_c_does_not_reach_the_witness_of_a_run() -> None:
    before = children()
    with watched() as witness:
        begun = children() - before
        assert begun and all(os.getpgid(pid) != os.getpgid(0) for pid in begun)
    assert isinstance(witness.pauses, list)
    assert witness.work and all(took > 0 for _, took in witness.work)


def test_what_cannot_be_observed_is_refused_in_a_sentence() -> None:
    with pytest.raises(ScriptError, match="file can't be stalled"):
        observe("file", seconds=2, stalls=[Stall("engine", 9, 20.0, None)])
    with pytest.raises(ScriptError, match="cannot be put in at frame 900: the run has 60"):
        observe("window", seconds=2, stalls=[Stall("engine", 900, 20.0, None)])
    with pytest.raises(ScriptError, match="surface"):
        observe("mirror", seconds=2)  # type: ignore[arg-type]
    with pytest.raises(ScriptError, match="behind WebRTC: give 320 x 180 or more"):
        observe("webrtc", size=(160, 90), seconds=2)  # a size as docs/recount.md writes it
    with pytest.raises(ScriptError, match="seconds"):
        observe("file", seconds=0)
    with pytest.raises(ScriptError, match="size cannot be"):
        observe("file", size=(0, 90), seconds=1)
    with pytest.raises(ScriptError, match="where of a stall"):
        observe("window", seconds=2, stalls=[Stall("nowhere", 9, 20.0, None)])  # type: ignore[arg-type]
    with pytest.raises(ScriptError, match="size_ms of a stall cannot be"):
        observe("window", seconds=2, stalls=[Stall("engine", 9, -1.0, None)])
    with pytest.raises(ScriptError, match="stalls cannot be"):
        observe("window", seconds=2, stalls=[("engine", 9, 20.0)])  # type: ignore[list-item]
    with pytest.raises(mien.MienError, match="nowhere"):
        observe("file", conversation="nowhere", seconds=1)
