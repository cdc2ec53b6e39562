"""What commands write: nothing is lost, nothing of others is written over, and a full disk is a sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import av
import pytest

import mien as package
from cli.short import SMALL, mien, short
from mien.cli import main
from mien.cli.files import Places
from mien.errors import NotWritable

KEPT_BACK = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""An environment in which Python keeps back what it cannot write, as it does unless told otherwise."""


@pytest.mark.parametrize(
    "outputs",
    [
        ("-o", "x.mp4", "--ledger", "x.mp4"),
        ("--ledger", "l", "--trace", "l"),
        ("--ledger", "l", "--trace", "sub/../l"),
        ("--ledger", "l", "--trace", "l.1"),
        ("--ledger", "link", "--trace", "linked"),
    ],
    ids=" ".join,
)
def test_one_file_for_two_outputs_is_refused_before_anything_is_made(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outputs: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to("linked")
    assert main(["render", *outputs]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "both name" in line and outputs[-1] in line
    assert {path.name for path in tmp_path.iterdir()} == {"sub", "link"}


@pytest.mark.parametrize("option", ["--ledger", "--trace"])
def test_a_file_of_another_kind_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    folder = short(tmp_path / "c")
    for name in ("conversation.toml", "one.wav"):
        before = (folder / name).read_bytes()
        assert main(["render", str(folder), "-o", str(tmp_path / "a.mp4"), option, str(folder / name)]) == 1
        assert "would be lost" in capsys.readouterr().err
        assert (folder / name).read_bytes() == before
    assert not (tmp_path / "a.mp4").exists()


def test_what_a_command_reads_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "wren"
    shutil.copytree(package.bundled("characters", "wren"), folder)
    part = next(folder.rglob("*.png"))
    places = Places()
    places.claim_named(part, "-o", (".png",), "a picture")
    with pytest.raises(NotWritable, match="is read by this command"):
        places.spare([folder])
    other = Places()
    other.claim_named(folder / "new.png", "-o", (".png",), "a picture")
    other.spare([folder])


def test_a_ledger_of_an_earlier_run_is_written_over_and_so_is_an_empty_file(tmp_path: Path) -> None:
    old, empty = tmp_path / "old.jsonl", tmp_path / "empty.json"
    old.write_text('{"kind":"run"}\n')
    empty.write_text("")
    arguments = ["render", str(short(tmp_path / "c")), *SMALL, "-o", str(tmp_path / "a.mp4")]
    assert main([*arguments, "--ledger", str(old), "--trace", str(empty)]) == 0
    assert old.read_text().endswith("}\n") and '"totals"' in old.read_text()
    assert json.loads(empty.read_text())["traceEvents"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("render", "-o", "folder"), "-o folder is a folder"),
        (("render", "-o", "a.avi"), "the name has the suffix .avi"),
        (("render", "-o", "a"), "the name has no suffix"),
        (("play", "--screenshot", "a.jpg"), "a picture is written as .png"),
        (("still", "-o", "folder"), "-o folder is a folder"),
        (("pack", "-o", "a.zip"), "written as .mien"),
        (("pack", "-o", "folder"), "-o folder is a folder"),
        (("render", "-o", "a.mp4", "--ledger", "folder"), "--ledger folder is a folder"),
        (("render", "-o", "a.mp4", "--flight", "file"), "--flight file/late.json: cannot be written"),
        (("report", "run.jsonl", "--html", "folder"), "--html folder is a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_place_that_cannot_be_written_is_told_before_work_begins(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    assert main(list(arguments)) == 1
    (line,) = capsys.readouterr().err.splitlines()  # and no "getting ready"
    assert sentence in line


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("still", "-o", ""), "-o/--output: the name is empty"),
        (("pack", "-o", ""), "-o/--output: the name is empty"),
        (("render", "--ledger", ""), "--ledger: the name is empty"),
        (("render", "--flight", ""), "--flight: the name is empty"),
        (("play", "--screenshot", "http://host/a.png"), "'http://' begins an address"),
        (("report", ""), "RUN: the name is empty"),
        (("report", "https://me:secret@host/run.jsonl"), "'https://' begins an address"),
        (("still", "-o", "https://me:secret@host.png"), "'https://' begins an address"),
        (("render", "-o", "FILE:///a.mp4"), "'FILE://' begins an address"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_empty_name_and_an_address_name_no_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    told = capsys.readouterr().err
    assert (ended.value.code, "secret" in told) == (2, False)
    assert sentence in told.splitlines()[-1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ("still", "https://me:secret@host/a.mien"),
        ("still", "https://me:secret@host/a.psd"),
        ("pack", "http://me:secret@host"),
        ("inspect", "https://me:secret@host/a.toml"),
        ("render", "https://me:secret@host/conversation.toml"),
        ("render", "--background", "https://me:secret@host/a.png"),
    ],
    ids=" ".join,
)
def test_what_is_read_is_no_address_either(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert main(list(arguments)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "'http" in line and line.endswith("begins an address; download what is there, and name the file.")


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "-o", "videso/new/a.mp4"),
        ("still", "-o", "videso/new/a.png"),
        ("pack", "-o", "videso/new/a.mien"),
        ("play", "--screenshot", "videso/new/a.png"),
        ("render", "--ledger", "videso/new/a.jsonl"),
        ("render", "--trace", "videso/new/a.json"),
        ("render", "--flight", "videso/new"),
        ("report", "a.jsonl", "--html", "videso/new/a.html"),
    ],
    ids=" ".join,
)
def test_of_missing_folders_only_the_last_is_made(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "videos").mkdir()
    assert main(list(arguments)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{arguments[-2]} videso/new" in line
    assert line.endswith(f": there is no folder {tmp_path / 'videso'}; did you mean 'videos'?")
    assert {path.name for path in tmp_path.iterdir()} == {"videos"}


def test_a_folder_that_is_made_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "videos").mkdir()
    conversation = str(short(tmp_path / "c"))
    outputs = ["-o", "videso/a.mp4", "--ledger", "videso/a.jsonl", "--trace", "videso/a.json"]
    assert main(["render", conversation, *SMALL, *outputs]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "folder" in line]
    assert told == ["mien: -o goes into a new folder, videso; beside it is 'videos'"]
    assert {path.name for path in (tmp_path / "videso").iterdir()} == {"a.mp4", "a.jsonl", "a.json"}


def test_a_folder_that_a_link_leads_into_is_said_by_its_own_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").symlink_to("new/b.png")
    Places().claim(tmp_path / "a.png", "-o")
    assert capsys.readouterr().err == f"mien: -o goes into a new folder, {tmp_path / 'new'}\n"


def test_what_is_refused_makes_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["render", "nobody/nothing.toml", "-o", "new/a.mp4", "--ledger", "new2/l"]) == 1
    assert not list(tmp_path.iterdir())


def test_a_ledger_that_is_lost_costs_neither_the_video_nor_the_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = tmp_path / "a.mp4"
    arguments = ["render", str(short(tmp_path / "c")), *SMALL, "-o", str(video), "--json"]
    assert main([*arguments, "--ledger", "/dev/full"]) == 1
    told = capsys.readouterr()
    assert "/dev/full: the ledger cannot be written (No space left on device)" in told.err
    with av.open(str(video)) as file:
        frames = sum(1 for _ in file.decode(video=0))
    assert json.loads(told.out)["frames_produced_total"] == frames > 0


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files, as POSIX systems can")
@pytest.mark.parametrize(
    ("arguments", "lost", "left"),
    [
        (("render", "c", "-o", "a.mp4"), ("a.mp4",), set()),
        (("still", "-o", "a.png"), ("a.png",), set()),
        (("pack", "-o", "a.mien"), ("a.mien",), set()),
        (
            ("play", "c", "--headless", "--silent", "--ledger", "a.jsonl", "--screenshot", "a.png"),
            ("a.jsonl", "a.png"),
            {"a.jsonl"},
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_disk_that_fills_up_is_a_sentence_and_leaves_nothing_half(
    tmp_path: Path, arguments: tuple[str, ...], lost: tuple[str, ...], left: set[str]
) -> None:
    import resource

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (800, 800))  # in bytes, of any one file

    short(tmp_path / "c")
    # Whatever its frame shows, a picture of a window is larger than that.
    size = {"render": SMALL, "play": ("--size", "320x240", "--fps", "20")}.get(arguments[0], ())
    ran = mien(*arguments, *size, cwd=tmp_path, preexec_fn=small_disk)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    for name in lost:
        assert f"mien: {name}: " in ran.stderr and "cannot be written (File too large)" in ran.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"c"} | left
    if arguments[0] == "play":
        assert "Short" in ran.stdout  # the verdict is told all the same


@pytest.mark.parametrize("arguments", [("inspect", "--json"), ("inspect",), ("--help",), ()], ids=" ".join)
def test_a_full_disk_behind_standard_output_is_a_sentence(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = mien(*arguments, stdout=full)
    assert ran.stderr == (
        "mien: standard output cannot be written (No space left on device); send it somewhere else.\n"
    )
    assert ran.returncode == 1


def test_a_log_that_is_full_costs_nothing(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ran = mien(
            "render", short(tmp_path / "c"), *SMALL, "-o", tmp_path / "a.mp4", stderr=full, env=KEPT_BACK
        )
    assert ran.returncode == 0
    assert "clean" in ran.stdout
    assert (tmp_path / "a.mp4").stat().st_size > 0


@pytest.mark.parametrize(("arguments", "status"), [(("inspect", "nobody"), 1), (("nothing",), 2), ((), 1)])
@pytest.mark.parametrize("both", [False, True])
def test_where_nothing_can_be_told_the_status_is_the_same(
    arguments: tuple[str, ...], status: int, both: bool
) -> None:
    with Path("/dev/full").open("w") as full:
        out = full if both or not arguments else subprocess.PIPE
        assert mien(*arguments, stdout=out, stderr=full, env=KEPT_BACK).returncode == status


def test_neither_a_home_nor_a_place_for_temporary_files_is_needed(tmp_path: Path) -> None:
    nowhere = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"), "/proc/nowhere")
    # What Mesa compiled is kept where it always is, so that shaders are not compiled for seconds anew.
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    nowhere.setdefault("MESA_SHADER_CACHE_DIR", os.environ.get("MESA_SHADER_CACHE_DIR") or cache)
    ran = mien("render", short(tmp_path / "c"), *SMALL, "-o", tmp_path / "a.mp4", env=nowhere)
    assert ran.returncode == 0, ran.stderr
    assert "clean" in ran.stdout


def test_a_ledger_goes_into_a_pipe_and_a_video_needs_a_file(tmp_path: Path) -> None:
    conversation = short(tmp_path / "c")
    ran = mien("render", conversation, *SMALL, "-o", tmp_path / "a.mp4", "--ledger", "/dev/stdout")
    assert ran.returncode == 0, ran.stderr
    assert '{"kind":"run"' in ran.stdout and '"kind":"totals"' in ran.stdout
    ran = mien("render", conversation, *SMALL, "-o", "/dev/stdout")
    assert ran.returncode == 1
    assert "-o /dev/stdout: the name has no suffix" in ran.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="how much a pipe holds is told with fcntl on Linux only")
def test_a_video_is_whole_while_nobody_reads_its_ledger_out_of_a_pipe(tmp_path: Path) -> None:
    import fcntl

    ledger, video = tmp_path / "ledger", tmp_path / "a.mp4"
    os.mkfifo(ledger)
    command = ["render", short(tmp_path / "c"), *SMALL, "-o", video, "--ledger", ledger]
    rendering = subprocess.Popen(
        [sys.executable, "-m", "mien.cli", *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    reader = os.open(ledger, os.O_RDONLY)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
    while not video.exists() and rendering.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            rendering.wait(0.1)
    assert rendering.poll() is None, "it waits for the reader"
    with av.open(str(video)) as file:
        assert sum(1 for _ in file.decode(video=0)) > 1
    os.close(reader)
    rendering.wait()


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "-o", "LONG.mp4"),
        ("render", "--background", "LONG"),
        ("render", "--ledger", "LONG"),
        ("play", "--headless", "--screenshot", "LONG.png"),
        ("still", "LONG"),
        ("still", "LONG.psd"),
        ("inspect", "LONG.kra"),
        ("pack", "LONG.png"),
        ("report", "LONG"),
    ],
    ids=" ".join,
)
def test_a_name_that_the_system_does_not_take_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([argument.replace("LONG", 300 * "x") for argument in arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mien: ") and "xxx" in line
    assert not list(tmp_path.iterdir())
