"""Settings of every test."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import kept_pages

# No deadline: machines are shared, and no test here asserts a wall time. In CI the examples are the same
# each time, so that a red run can be repeated; elsewhere they go on searching.
settings.register_profile("mien", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("mien")

# What one test leaves in the user's folder, another would find there.
os.environ["MIEN_CACHE"] = "off"

# A shell that starts the tests in the background has them, and all they start, ignore these: tests send them.
for told in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(told) is signal.SIG_IGN:
        signal.signal(told, signal.default_int_handler if told is signal.SIGINT else signal.SIG_DFL)

# What a worker collects lives to the end: looking through it again and again is a tenth of collecting it.
if "PYTEST_XDIST_WORKER" in os.environ:
    gc.disable()

PSD_DATA = "MIEN_PSD_DATA"
KEPT = 24
"""Characters that a process of tests keeps, each at one scale: 1 to 5 MB each at the sizes of tests."""

CANVASES = {"mizzle": (1280, 1280), "otto": (1024, 1280), "wren": (1024, 1280)}
"""Of the bundled characters."""

LONG = (
    "tests",
    "agents",
    "split",
    "prove",
    "end_to_end",
    "embedding",
    "window",
    "soak",
    "backend",
    "cli",
    "stage",
    "audio",
    "serve",
    "importing",
    "composite",
)
"""Folders whose files take long, longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin first: else workers wait at the end for one that has them."""
    items.sort(key=lambda item: LONG.index(name) if (name := item.path.parent.name) in LONG else len(LONG))


def pytest_collection_finish() -> None:
    """Tests have the collector as programs have it."""
    gc.enable()


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: while some wait the others fill it, and each more would collect all tests as well.

    On two cores, 4239 tests: 166 s with four, 240 s with ten.
    """
    return min(16, 2 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4)


@pytest.fixture(scope="session")
def psd_data() -> Path:
    """A folder of files from psd-tools' test set, each with the picture that Photoshop made of it.

    MIEN_PSD_DATA names it, and nothing else is looked at; CONTRIBUTING.md says where to get them.
    """
    named = os.environ.get(PSD_DATA)
    if not named:
        pytest.skip(f"{PSD_DATA} is not set: CONTRIBUTING.md says where psd-tools' test files are found")
    # A folder that was asked for and is not there is a mistake, not a reason to skip.
    folder = Path(named)
    assert any(folder.glob("*.psd")), f"{PSD_DATA} is {named}, where there is no *.psd"
    return folder


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """The name of an X display of its own."""
    xvfb = shutil.which("Xvfb")
    assert xvfb, "Xvfb is missing; tools/test installs it"
    read, write = os.pipe()
    server = subprocess.Popen(
        [xvfb, "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(autouse=True, scope="session")
def pages_of_processes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Processes that are told to keep pages do so in a folder of this worker's own."""
    kept_pages.folder = tmp_path_factory.mktemp("pages")


@pytest.fixture(autouse=True, scope="session")
def bundled_cast() -> Iterator[None]:
    """Stages of a process share what was read of the bundled characters; reading is tried in tests/art."""
    from mien.art.kept import KeptFiles
    from mien.catalog import bundled, bundled_names
    from mien.stage import show
    from mien.stage.cast import scale_of
    from mien.types import Size

    read, read_behind = show.read_character, show.read_background
    kept: OrderedDict[Any, Any] = OrderedDict()
    decoded = {name: KeptFiles() for name in CANVASES}  # for the next scale: half of reading them
    named = {name: name for name in CANVASES}
    named |= {str(bundled("characters", name)): name for name in CANVASES}  # as conversations have them
    walls = {str(bundled("backgrounds", name)) for name in bundled_names("backgrounds")}

    def once(key: Any, make: Callable[[], Any]) -> Any:
        if key not in kept:
            kept[key] = make()
            while len(kept) > KEPT:
                kept.popitem(last=False)
        return kept[key]

    def load(entry: Any, frame: Any, count: int, page_size: int, *, joined: bool, cache: Any = None) -> Any:
        name = named.get(str(entry.character))
        if name is None:
            return read(entry, frame, count, page_size, joined=joined, cache=cache)
        scale = scale_of(entry, frame, count)(Size(*CANVASES[name]))
        return once(
            (name, scale, page_size, joined),
            lambda: read(entry, frame, count, page_size, joined=joined, kept=decoded[name]),
        )

    def behind(background: Any, size: Any, page_size: int, cache: Any = None) -> Any:
        if str(background) not in walls:
            return read_behind(background, size, page_size, cache)
        return once((str(background), size, page_size), lambda: read_behind(background, size, page_size))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(show, "read_character", load)
        patch.setattr(show, "read_background", behind)
        yield


@pytest.fixture(autouse=True, scope="module")
def silhouettes_worked_out_where_shown(request: pytest.FixtureRequest) -> Iterator[None]:
    """Stages do not work out ahead where the drawings of their cast are opaque: a third of opening one.

    That it is done ahead, and is right, is tried in tests/composite and in test_changes_of_expression.
    """
    from mien.composite.plan.footprints import Footprints

    with pytest.MonkeyPatch.context() as patch:
        if not (request.path.parent.name in ("composite", "soak") or "changes_of" in request.path.name):
            patch.setattr(Footprints, "foresee", lambda *_: None)
        yield


_left_out = False
"""Whether that is done. `gc.get_freeze_count` counts one by one: 0.05 s for each file of tests."""


@pytest.fixture(autouse=True, scope="module")
def tests_are_no_garbage(request: pytest.FixtureRequest) -> Iterator[None]:
    """The 300 000 objects that all tests are live to the end: the collector does not look through them.

    Each stage that opens has it look through all there is, for 0.13 s, and hands out again what is left out.
    Where the collector itself is tried everything is as it is.
    """
    global _left_out
    if request.path.parent.name == "observe":
        gc.unfreeze()
        _left_out = False
        yield
        return
    if not _left_out:
        gc.collect()
        gc.freeze()
        _left_out = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "freeze", lambda: None)
        patch.setattr(gc, "unfreeze", lambda: None)
        yield


OWN_CONTEXTS = ("composite", "soak", "test_dropped.py")
"""Folders, and a file, in which what a context takes and gives back is the claim."""


@pytest.fixture(autouse=True, scope="module")
def programs_finished_where_used(request: pytest.FixtureRequest) -> Iterator[None]:
    """Stages do not first draw a pixel with each of some sixty programs: Mesa takes 0.1 s for that.

    Drivers finish a program when its first pixel is drawn, whenever that is. That nothing is left to finish
    is tried in tests/composite; stages and commands in processes of their own are as they are. Those of this
    process hand their contexts on, with the programs that are linked and finished in them.
    """
    from kept_contexts import handed_on
    from mien.composite.gl.fetch import Fetch

    with pytest.MonkeyPatch.context() as patch:
        if request.path.parent.name != "composite":
            patch.setattr(Fetch, "warm_up", lambda *_: None)
        own = not {request.path.name, request.path.parent.name}.isdisjoint(OWN_CONTEXTS)
        with nullcontext() if own else handed_on():
            yield
