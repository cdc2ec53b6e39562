"""A render that is split over processes gives what one process gives, whatever becomes of them."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from art.build import box, tiny_character, write_png
from backend.test_backend import wait_for_end
from mien.cli import main
from mien.errors import AssetMissing, RendererUnavailable
from mien.observe import FrameRecord, Ledger
from mien.split import cluster, ranges
from mien.split.cluster import ClusterPool
from mien.split.drawing import RangeStage, draw, forget
from mien.split.frames_file import FramesFile
from mien.split.job import Drawn, Job, Range
from mien.split.local import LocalPool
from mien.split.packing import unpacked as pictures_of
from mien.split.stage import SplitRender
from mien.split.travel import unpacked, with_files
from mien.stage.offline import Stage
from mien.talk import Conversation, load_conversation
from mien.talk.conversation import CastMember
from mien.types import U8, Size

SIZE = (48, 32)
FPS = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conversation of two characters in folders beside it, over a picture; some 3 s. Each of a dozen
    processes would read a bundled one and its room anew."""
    folder = tmp_path_factory.mktemp("talk")
    tiny_character(folder / "mine")
    tiny_character(folder / "other")
    write_png(folder / "behind.png", box(*SIZE, (90, 60, 30, 255)))
    chance = np.random.default_rng(3)
    for name, seconds in (("one", 0.7), ("two", 0.5)):
        sound = (
            9000
            * np.sin(np.arange(int(24_000 * seconds)) / 24)
            * chance.uniform(0, 1, 1).repeat(int(24_000 * seconds))
        )
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 24_000, 0, "NONE", ""))
            file.writeframes(sound.astype("<i2").tobytes())
    (folder / "conversation.toml").write_text(
        'format = 1\n[stage]\nbackground = "behind.png"\n'
        '[[cast]]\nkey = "a"\ncharacter = "./mine"\n[[cast]]\nkey = "b"\ncharacter = "./other"\n'
        '[[turn]]\nkey = "one"\nspeaker = "a"\naudio = "one.wav"\ntext = "[happy] one"\n'
        '[[turn]]\nkey = "two"\nspeaker = "b"\naudio = "two.wav"\ntext = "[nod] two"\ngap_ms = 200\n',
        encoding="utf-8",
    )
    return folder


Given = list[tuple[bytes, bytes, list[str]]]


def given(stage: Stage | SplitRender) -> Given:
    """(picture, sound, events) of each frame."""
    return [_of(picture, stage) for picture in stage.frames_ahead()]


def _of(picture: U8, stage: Stage | SplitRender) -> tuple[bytes, bytes, list[str]]:
    told = [f"{event.kind} {event.at}" for event in stage.events()]
    return picture.tobytes(), stage.sound.tobytes(), told


@pytest.fixture(scope="module")
def conversation(folder: Path) -> Conversation:
    return load_conversation(folder)


@pytest.fixture(scope="module")
def alone(conversation: Conversation) -> Given:
    """What one process gives."""
    with Stage.of(conversation, size=SIZE, fps=FPS) as stage:
        return given(stage)


def job(conversation: Conversation, name: str = "a") -> Job:
    return Job(name, conversation, {"size": SIZE, "fps": FPS}, Size(*SIZE), "1")


def test_two_processes_give_the_same_frames_and_sound_and_one_that_is_killed_is_replaced(
    conversation: Conversation, alone: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "_MOST_FRAMES", 10)
    pools: list[LocalPool] = []

    def make(job: Job) -> LocalPool:
        pools.append(LocalPool(job, 2))
        return pools[0]

    ledger = Ledger(1000 / FPS, realtime=False, keep=True)
    got: Given = []
    with SplitRender(conversation, make, size=SIZE, fps=FPS, ledger=ledger) as stage:
        pids = set()
        for picture in stage.frames_ahead():
            got.append(_of(picture, stage))
            pids |= {process.pid for process in pools[0].processes}
            if len(got) == 15:
                assert len(pids) == 2
                killed = pools[0].processes[0]
                killed.kill()
                killed.join()  # on a busy machine the other may have drawn all the rest until it is gone
        assert got == alone
        assert len(pids) == 4
        assert stage.warnings == (
            "Processes that drew frames ended, and were replaced, once; no frame is missing.",
        )
    assert ledger.frames_produced == len(alone)
    assert ledger.turns == 2
    assert ledger.pending is not None
    numbers = [record.frame for record in ledger.pending if isinstance(record, FrameRecord)]
    assert numbers == list(range(len(alone)))
    for pid in pids:
        assert pid is not None
        wait_for_end(pid)


def test_a_range_is_what_one_process_shows_then_wherever_it_begins(
    conversation: Conversation, alone: Given
) -> None:
    try:
        for first in (40, 41, 60, len(alone) - 5, 7):  # forward, and back, and past the end
            drawn = draw(job(conversation), Range(first, 5, None))
            assert drawn.packed is not None
            pictures = pictures_of(drawn.packed, (5, SIZE[1], SIZE[0], 4))
            assert [picture.tobytes() for picture in pictures] == [one[0] for one in alone[first : first + 5]]
            assert [record.at_sample for record in drawn.records] == [1600 * (first + k) for k in range(5)]
        beyond = draw(job(conversation), Range(len(alone) + 90, 2, None))
        assert len(beyond.records) == 2
    finally:
        forget("a")


def test_a_job_travels_with_its_files(
    folder: Path, conversation: Conversation, alone: Given, tmp_path: Path
) -> None:
    gone = tmp_path / "elsewhere"
    shutil.copytree(folder, gone)
    sent = with_files(job(load_conversation(gone)))
    shutil.rmtree(gone)
    with ExitStack() as files:
        here = unpacked(sent, files)
        root = here.conversation.source.parent
        with Stage.of(here.conversation, **here.keywords) as stage:
            assert given(stage) == alone
    assert not root.exists()
    with RangeStage.of_job(sent) as stage:
        picture = np.empty((1, SIZE[1], SIZE[0], 4), np.uint8)
        stage.draw_range(60, picture)
        assert picture.tobytes() == alone[60][0]


def test_what_lies_out_of_a_characters_folder_is_not_sent_and_what_is_gone_is_told(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "talk")
    (tmp_path / "secret.txt").write_text("nobody's")
    (tmp_path / "talk" / "mine" / "notes.txt").symlink_to(tmp_path / "secret.txt")
    told = job(load_conversation(tmp_path / "talk"))
    more = replace(told.conversation, cast=(*told.conversation.cast, CastMember("c", "otto", None)))
    sent = with_files(replace(told, conversation=more))
    files = sent.files
    assert files is not None and list(files) == list(with_files(told).files or ()), "otto is there already"
    assert sent.conversation.cast[2].character == "otto" and len(files) > 3
    assert not any("notes" in name for name in files)
    (tmp_path / "talk" / "one.wav").unlink()
    with pytest.raises(AssetMissing, match=r"one\.wav: cannot be read, to be sent to the cluster"):
        with_files(told)


@pytest.mark.parametrize("named", [False, True])
def test_of_frames_that_there_is_no_memory_for_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    def full(descriptor: int, size: int) -> None:
        opened.append(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    opened: list[int] = []
    monkeypatch.setattr(os, "ftruncate", full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if named:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    with pytest.raises(RendererUnavailable, match="there are no"):
        FramesFile((1, 2, 2, 4))
    assert not list(tmp_path.iterdir())
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def test_a_cluster_whose_scheduler_is_gone_is_let_go_without_another_error(
    monkeypatch: pytest.MonkeyPatch, conversation: Conversation
) -> None:
    from distributed.comm.core import CommClosedError

    class Client:
        status = "running"

        def nthreads(self) -> dict[str, int]:
            return {"tcp://worker": 1}

        def run(self, *_: object, **__: object) -> None:
            raise CommClosedError("ConnectionPool closing.")

        def close(self) -> None:
            self.status = "closed"

        def __getattr__(self, name: str) -> Callable[..., object]:
            return lambda *_, **__: ThreadPoolExecutor(1)

    client = Client()
    monkeypatch.setattr(cluster, "_connected", lambda address: client)
    ClusterPool(job(conversation), "tcp://gone").close()
    assert client.status == "closed"


class _Scheduler:
    """Of a Dask cluster, by its client: it draws nothing, and can be gone."""

    def __init__(self) -> None:
        self.status = "running"
        self.there = {"tcp://worker": 1}
        self.sent = 0

    def nthreads(self) -> dict[str, int]:
        return self.there

    def scatter(self, *_: object, **__: object) -> None:
        self.sent += 1

    def close(self) -> None:
        self.status = "closed"

    def __getattr__(self, name: str) -> Callable[..., object]:
        return lambda *_, **__: ThreadPoolExecutor(1)


def test_a_scheduler_that_is_lost_is_looked_for_again_and_told_where_it_is_gone(
    monkeypatch: pytest.MonkeyPatch, conversation: Conversation
) -> None:
    clients = [_Scheduler(), _Scheduler()]
    connected: list[_Scheduler] = []

    def connect(address: str) -> _Scheduler:
        if not clients:
            raise RendererUnavailable(f"{address}: no Dask scheduler answers (timed out); start one.")
        connected.append(clients.pop(0))
        return connected[-1]

    monkeypatch.setattr(cluster, "_connected", connect)
    pool = ClusterPool(job(conversation), "tcp://here")
    assert issubclass(CancelledError, pool.lost), "what a range raises whose scheduler is gone"
    pool.renew(CancelledError())
    assert [(one.status, one.sent) for one in connected] == [("closed", 1), ("running", 1)], (
        "the files are sent anew: nobody has kept them"
    )
    with pytest.raises(
        RendererUnavailable,
        match=r"connection to the Dask scheduler at tcp://here was lost; see whether it still runs, and "
        r"render again \(tcp://here: no Dask scheduler answers \(timed out\)\)\.",
    ):
        pool.renew(CancelledError())


def test_workers_of_a_cluster_that_are_gone_are_named(
    monkeypatch: pytest.MonkeyPatch, conversation: Conversation
) -> None:
    scheduler = _Scheduler()
    monkeypatch.setattr(cluster, "_connected", lambda address: scheduler)
    scheduler.there = {"tcp://a:1": 1}
    pool = ClusterPool(job(conversation), "tcp://here")
    assert not list(pool.remarks)
    for name in "bcd":  # came later
        drawn: Future[Drawn] = Future()
        drawn.set_result(Drawn((), None, "one", "1", f"tcp://{name}:1"))
        pool._note(drawn)
    scheduler.there = {f"tcp://{name}:1": 1 for name in "bcd"}
    wanted = "The cluster's worker tcp://a:1 is gone; others have drawn those frames, and none is missing."
    assert list(pool.remarks) == [wanted]
    scheduler.there = {}
    assert "are gone (tcp://a:1, tcp://b:1, tcp://c:1 and 1 more);" in pool.remarks[0]
    scheduler.status = "connecting"
    assert not list(pool.remarks), "nobody can be asked"


def test_of_a_cluster_without_a_worker_no_frame_is_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch, conversation: Conversation
) -> None:
    scheduler = _Scheduler()
    monkeypatch.setattr(cluster, "_connected", lambda address: scheduler)
    pool = ClusterPool(job(conversation), "tcp://here")
    workers = scheduler.there
    for there in ({}, {}, workers, {}, {}):  # one that ended is soon back
        scheduler.there = there
        pool.look()
    with pytest.raises(
        RendererUnavailable,
        match="tcp://here: the cluster has had no worker for 60 s; start some: `dask worker tcp://here`",
    ):
        pool.look()
    scheduler.status = "connecting"
    pool.look()  # what was asked of it is told to be lost


class _Theirs:
    """One of Dask's futures, of which something becomes."""

    def __init__(self, status: str, becomes: Drawn | BaseException) -> None:
        self.status, self._becomes = status, becomes

    def __await__(self) -> Generator[None, None, Drawn]:
        yield from ()
        if isinstance(self._becomes, BaseException):
            raise self._becomes
        return self._becomes


def test_whatever_becomes_of_what_a_cluster_was_asked_is_told() -> None:
    drawn = Drawn((), None, "one", "1")
    for status, becomes, wanted in (
        ("finished", drawn, None),
        ("error", AssetMissing("a: is not there"), AssetMissing),  # by the worker, and an OSError
        ("finished", ConnectionResetError("while pictures are fetched"), CancelledError),
        ("finished", ModuleNotFoundError("of what was fetched"), ModuleNotFoundError),
        ("cancelled", asyncio.CancelledError(), CancelledError),
    ):
        ours: Future[Drawn] = Future()
        asyncio.run(cluster._pass_on(_Theirs(status, becomes), ours))
        if wanted is None:
            assert ours.result(0) is drawn
        else:
            assert type(ours.exception(0)) is wanted


def test_workers_that_end_one_after_another_over_the_same_frames_end_the_render(
    monkeypatch: pytest.MonkeyPatch, conversation: Conversation
) -> None:
    from distributed.scheduler import KilledWorker, WorkerState

    monkeypatch.setattr(cluster, "_connected", lambda address: _Scheduler())
    pool = ClusterPool(job(conversation), "tcp://here")
    last = WorkerState(
        address="tcp://w:1", status="running", pid=1, name="w", nthreads=1, memory_limit=0,
        local_directory="", nanny="", server_id="w",
    )  # fmt: skip
    with pytest.raises(RendererUnavailable, match=r"4 times a worker .* at last tcp://w:1:"):
        pool.renew(KilledWorker("a", last, 3))


def test_nothing_is_left_when_who_asked_for_the_frames_is_killed(folder: Path) -> None:
    code = (
        "import sys; from mien.split.job import Drawn, Job, Range; from mien.split.local import LocalPool\n"
        "from mien.talk import load_conversation; from mien.types import Size\n"
        f"job = Job('a', load_conversation({str(folder)!r}), {{'size': {SIZE}}}, Size{SIZE}, '1')\n"
        "pool = LocalPool(job, 2)\n"
        "wanted = [pool.draw(Range(k, 1, None)) for k in range(2)]\n"
        "print(*(process.pid for process in pool.processes), flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as host:
        assert host.stdout is not None
        workers = [int(word) for word in host.stdout.readline().split()]
        assert len(workers) == 2
        host.kill()
    for pid in workers:
        wait_for_end(pid)


def test_the_command_writes_the_same_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_ANSWERS_S", 0.5)  # where nobody listens it is tried again until then
    told = ["render", str(folder), "--size", "48x32", "--seconds", "1", "-o"]
    assert main([*told, str(tmp_path / "one.mp4")]) == 0
    assert main([*told, str(tmp_path / "two.mp4"), "--workers", "2"]) == 0
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    capsys.readouterr()
    for more, wanted in (
        (("--workers", "0"), "'0' is not a number of processes; write 1 to 64"),
        (("--workers", "2", "--cluster", "tcp://127.0.0.1:1"), "give one of them"),
        (("--workers", "2", "--page-budget", "40"), "with a page budget cannot be split"),
        (("--cluster", "tcp://127.0.0.1:1"), "tcp://127.0.0.1:1: no Dask scheduler answers"),
    ):
        try:
            status = main([*told, str(tmp_path / "three.mp4"), *more])
        except SystemExit as error:
            status = int(str(error.code))
        assert status == 2 or status == 1
        assert wanted in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "three.mp4").exists()


def test_a_dask_cluster_gives_the_same_frames_and_does_without_a_worker_that_is_killed(
    conversation: Conversation, alone: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(ranges, "_MOST_FRAMES", 10)
    gone = threading.Event()

    async def no_other() -> None:
        """In the place of the worker."""

    # Another run on this machine has the usual port, and that is a warning.
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL"
    ) as cluster:
        pool = partial(ClusterPool, address=cluster.scheduler_address)
        got: Given = []
        with SplitRender(conversation, pool, size=SIZE, fps=FPS) as stage:
            for picture in stage.frames_ahead():
                got.append(_of(picture, stage))
                if len(got) == 15:
                    killed = cluster.workers[0].worker_address
                    cluster.workers[0].instantiate = no_other  # it would import Dask for seconds
                    os.kill(cluster.workers[0].pid, signal.SIGKILL)
                    while killed in cluster.scheduler.workers:  # or the other draws all the rest until then
                        gone.wait(0.01)
            assert killed in "".join(stage.warnings)
    assert got == alone
