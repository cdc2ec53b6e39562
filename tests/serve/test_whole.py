"""The whole of it: an engine, a server, clients over real sockets, the command."""

from __future__ import annotations

import base64
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

import mien
from art.build import tiny_character
from mien.serve.access import Access
from mien.serve.allowed import Allowed
from mien.serve.coding import PICTURE, SOUND
from mien.serve.performance import Performance
from mien.serve.server import Server
from serve.rig import Talker, talking

ROOT = Path(__file__).parents[2]
HELLO = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"
SHORT = mien.bundled("conversations", "forecast") / "audio" / "5-suits-you.opus"
"""Of a second: what is heard whole is heard in real time, and an engine draws meanwhile."""
SIZE = (64, 48)
pytestmark = pytest.mark.slow


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def voices() -> Iterator[str]:
    """The address of a web server with speech."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SHORT.parent))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(voices: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    tiny = tiny_character(tmp_path_factory.mktemp("art") / "tiny")
    cast = {"wren": tiny, "otto": tiny}
    performance = Performance(
        lambda: mien.Backend(cast, size=SIZE, playout="null", room=1, spare=False),
        Allowed([str(HELLO.parent), str(SHORT.parent), voices]),
    )
    with Server(performance, Access()) as server:
        performance.open()
        server.house.tell_opened()
        yield server
    performance.close()


def samples() -> np.ndarray[Any, np.dtype[np.int16]]:
    """The short speech as (n,) int16 at 48 kHz."""
    with av.open(str(SHORT)) as file:
        resampler = av.AudioResampler("s16", "mono", 48_000)
        return np.concatenate(
            [f.to_ndarray()[0] for one in file.decode(audio=0) for f in resampler.resample(one)]
        )


def ended(client: Talker, turn: str) -> Any:
    return client.until("event", kind="finished", turn=turn)


WAYS = ("stream", "pcm", "base64", "audio", "url", "file")


@pytest.mark.parametrize("way", WAYS)
def test_a_turn_is_heard_whole_by_each_way_of_its_sound(server: Server, voices: str, way: str) -> None:
    data, number = SHORT.read_bytes(), WAYS.index(way) + 1
    ways: dict[str, dict[str, Any]] = {
        "stream": {"kind": "stream", "stream": number, "format": "ogg"},
        "pcm": {"kind": "pcm", "stream": number, "rate": 48_000},
        "base64": {"kind": "base64", "data": base64.b64encode(data).decode()},
        "audio": {"kind": "stream", "stream": number},
        "url": {"kind": "url", "url": voices + SHORT.name},
        "file": {"kind": "file", "path": str(SHORT)},
    }
    audio = ways[way]
    with talking(server) as client:
        turn = client.ask("turn", speaker="wren", text="[happy] Good evening!", audio=audio)["value"]["turn"]
        pieces = samples().tobytes() if way == "pcm" else data
        for at in range(0, len(pieces) if way in ("stream", "pcm", "audio") else 0, 1001):
            piece, last = pieces[at : at + 1001], at + 1001 >= len(pieces)
            if way == "audio":
                text = base64.b64encode(piece).decode()
                client.send("audio", stream=number, data=text, offset=at, last=last)
            else:
                client.push(number, piece, at, last=last)
        told = ended(client, turn)
        assert not told["interrupted"] and told["damaged"] is None and told["text"] == "Good evening!"
        assert told["position_s"] == pytest.approx(len(samples()) / 48_000, abs=0.1)


def test_what_is_told_is_seen_and_heard(server: Server) -> None:
    with talking(server) as client:
        client.ask("frames", format="raw")
        client.ask("sounds", samples="float32")
        file = {"kind": "file", "path": str(HELLO)}
        timings = {"scheme": "oculus", "marks": [["aa", 0.0, 0.5], ["PP", 0.5, 1.0]]}
        cues = [{"kind": "gesture", "value": "wave", "at_s": 0.1}]
        turn = client.ask("turn", speaker="wren", audio=file, timings=timings, cues=cues)["value"]["turn"]
        assert client.until("event", kind="started", turn=turn)["speaker"] == "wren"
        assert client.until("event", kind="cue")["cue"]["value"] == "wave"
        _, picture = client.piece(PICTURE)
        assert len(picture) == SIZE[0] * SIZE[1] * 4
        loud = 0.0
        while loud < 0.01:
            loud = float(np.abs(np.frombuffer(client.piece(SOUND)[1], "<f4")).max(initial=0))
        while client.piece(PICTURE)[1] == picture:  # a mouth moves
            pass
        client.send("interrupt")
        told = ended(client, turn)
        assert told["interrupted"] and 0 < told["position_s"] < 4
        client.ask("leave", who="otto", seconds=0)
        while client.ask("cast")["value"]["on_stage"] != ["wren"]:  # heard by the next frame
            pass
        client.ask("enter", who="otto", seconds=0)
        while (state := client.ask("state")["value"])["on_stage"] != ["wren", "otto"]:
            pass
        assert state["turns"][-1]["interrupted"]
        assert client.ask("metrics")["value"]["stage"]["frames_produced_total"] > 0


def test_time_stands_while_it_is_paused(server: Server) -> None:
    with talking(server) as client:
        client.ask("frames", format="raw")
        turn = client.ask("turn", speaker="otto", audio={"kind": "file", "path": str(HELLO)})["value"]["turn"]
        client.until("event", kind="started", turn=turn)
        client.ask("pause")
        while not client.ask("state")["value"]["paused"]:
            pass
        times = [client.piece(PICTURE)[0][7] for _ in range(12)]
        assert times[-1] == times[-2]
        client.ask("resume")
        client.send("interrupt")  # who waits for its answer may pass over the end of the turn
        assert ended(client, turn)["interrupted"]


def test_a_character_joins_and_leaves_the_cast(server: Server) -> None:
    with talking(server) as client:
        client.ask("frames", format="raw")
        assert client.ask("load", key="third", character="mizzle")["type"] == "answer"
        while "third" not in client.ask("cast")["value"]["cast"]:
            client.piece(PICTURE)
        assert client.ask("load", key="x", character="/etc/passwd")["code"] == "not_allowed"
        assert client.ask("unload", key="third")["type"] == "answer"


def test_the_client_of_the_page_runs_as_it_stands(server: Server, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the JavaScript of docs/serve.md is not run")
    page = (ROOT / "docs/serve.md").read_text(encoding="utf-8")
    found = re.search(r"^```javascript\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert found and found[1].count("\n") <= 61
    client = tmp_path / "client.mjs"
    client.write_text(found[1], encoding="utf-8")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    flags = ["--experimental-websocket"] if int(version[1:].partition(".")[0]) < 22 else []
    ran = subprocess.run(
        [node, "--no-warnings", *flags, str(client), f"ws://127.0.0.1:{server.port}/", str(SHORT)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert "'wrenn' is not in the cast; did you mean 'wren'?" in lines
    assert "event started" in lines and "event finished" in lines
    # How many were left out before it depends on how busy the machine is.
    assert any(re.fullmatch(r"picture true \d+", line) for line in lines)
    assert lines[-1] == f'"Good evening!" true {SIZE[1]}'


def test_the_program_of_the_page_runs_as_it_stands() -> None:
    page = (ROOT / "docs/serve.md").read_text(encoding="utf-8")
    found = re.search(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert found
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", found[1]], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0 and ran.stdout.startswith("ws://127.0.0.1:"), ran.stderr


# -- the command ------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_and_ends_cleanly(told: signal.Signals) -> None:
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "mien.cli",
        "serve",
        "wren",
        "--silent",
        "--port",
        "0",
        "--vts",
        "0",
        "--json",
    ]
    more = ["--no-spare", "--size", "64x48", "--token", "0123456789abcdef"]
    with (
        subprocess.Popen(
            [*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        ExitStack() as at_last,
    ):
        at_last.callback(process.kill)  # where it has not ended by itself
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        assert "token" not in where  # it was given, and is not told

        class Where:
            port = where["port"]

        with talking(Where, hello=False) as client:  # type: ignore[arg-type]
            welcome = client.hello(token="0123456789abcdef")  # waits until the stage is there
            assert (welcome["width"], welcome["height"]) == SIZE
            engines = children(process.pid)
            if told is signal.SIGTERM:  # as happens: another thread takes it
                other = next(one for one in takers(process.pid, told) if one != process.pid)
                assert ctypes.CDLL(None).tgkill(process.pid, other, told) == 0
            else:
                os.kill(process.pid, told)
            with pytest.raises(ConnectionClosed):
                client.until("never")
        _, errors = process.communicate(timeout=60)
    assert where["vts"].startswith("ws://127.0.0.1:")
    assert process.returncode == 128 + told, errors
    assert errors.splitlines()[-1] == "mien: stopped." and "Traceback" not in errors
    assert engines and not [pid for pid in engines if Path(f"/proc/{pid}").exists()]


def told_of_threads(pid: int, name: str) -> dict[int, list[str]]:
    """The words of a file in /proc for each thread, without threads that end meanwhile."""
    words = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            words[int(thread.name)] = (thread / name).read_text().split()
    return words


def takers(pid: int, told: signal.Signals) -> list[int]:
    """Threads that do not block a signal."""
    words = told_of_threads(pid, "status")
    return [
        number
        for number, said in words.items()
        if not int(said[said.index("SigBlk:") + 1], 16) >> (told - 1) & 1
    ]


def children(pid: int) -> list[int]:
    return [int(one) for said in told_of_threads(pid, "children").values() for one in said]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["wrn"], "did you mean 'wren'"),
        (["wren", "wren"], "twice in the cast"),
        (["--allow", "/nowhere"], "--allow '/nowhere': there is no such file or folder"),
        (["--allow", "ftp://x/"], "--allow 'ftp://x/'"),
        (["--token", "short"], "16 letters"),
        (["--token", "0123456789abcdef", "--token-file", "x"], "keep one of them"),
        (["--token-file", "/nowhere"], "/nowhere: cannot be read"),
        (["--origin", "localhost"], "write scheme, host and port"),
        (["--host", "203.0.113.7"], "name another --port, or another --host"),
        (["--background", "nope"], "nope"),
        (["--vts-allow", "My Plugin"], "--vts-allow is given without --vts"),
        (["--stream", "live.mp4"], "'live.mp4' is no outlet: give an address as rtmp://"),
        (["--vts-discover"], "--vts-discover is given without --vts"),
        (["--vts", "0", "--vts-allow", "ab"], "--vts-allow 'ab': a plugin's name has 3 to 32 letters"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from mien.cli import main

    assert main(["serve", *arguments]) == 1
    told = capsys.readouterr().err
    assert told.startswith("mien: ") and sentence in told and told.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "held", "sentence"),
    [
        ("frames.rgba", b"\0\1\2", "is there already and would be lost"),
        ("thesis.webm", b"Chapter 1", "is another kind of file and would be lost"),
        ("live.m3u8", b"my songs", "is another kind of file and would be lost"),
    ],
)
def test_a_stream_writes_over_nobody_s_file(
    name: str, held: bytes, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from mien.cli import main

    file = tmp_path / name
    file.write_bytes(held)
    assert main(["serve", "--stream", str(file)]) == 1
    told = capsys.readouterr().err
    assert "--stream" in told and sentence in told and told.count("\n") == 1
    assert file.read_bytes() == held


def test_two_streams_into_one_file_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from mien.cli import main

    file = str(tmp_path / "live.webm")
    assert main(["serve", "--stream", file, "--stream", file]) == 1
    assert "only one of them would be left" in capsys.readouterr().err


def test_without_its_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mien.cli import main

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["serve"]) == 1
    assert "pip install 'mien[serve]'" in capsys.readouterr().err
