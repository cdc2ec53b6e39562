"""The fuzzer finds each kind of fault and repeats its inputs; a small run of each format finds nothing."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

TOOLS = Path(__file__).parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

from fuzz import blocks, guards, samples, sounds, trees, zips  # noqa: E402
from fuzz.formats import FORMATS  # noqa: E402

MUTATIONS = 3
SLOW = {"svg-import": 1}
"""Those whose files take 0.7 s each; what they are made of, `svg` and `import`, has its 3."""


RUNS = (tuple(name for name in FORMATS if name not in SLOW), tuple(SLOW))


@pytest.mark.slow
@pytest.mark.parametrize("names", RUNS, ids=" ".join)
def test_a_small_run_finds_nothing(names: tuple[str, ...], tmp_path: Path) -> None:
    if "psd" in names and importlib.util.find_spec("psd_tools") is None:
        pytest.skip("reading PSD files needs psd-tools: mien[layered]")
    mutations = SLOW.get(names[0], MUTATIONS)
    options = ["--seed", "1", "--mutations", str(mutations), "--out", str(tmp_path)]
    formats = [part for name in names for part in ("--format", name)]
    command = [sys.executable, str(TOOLS / "fuzz.py"), *formats, *options]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert all(f"{name}: {mutations} inputs" in ran.stdout for name in names)
    assert not list(tmp_path.iterdir())


FAULTS = {
    "crash": "ctypes.string_at(0)",
    "traceback": "raise KeyError('a')",
    "time": "[None for _ in iter(int, 1)]",
    "memory": "bytes([1]) * 600_000_000",
    "socket": "socket.socket()",
    "outside": "Path(path.parent, '..', 'beside').read_bytes()",
    "message": "raise FormatError('\\x1b[31mred')",
    "": "raise FormatError('is wrong; mend it.')",
}
TRIAL = """
import ctypes, socket, sys
from pathlib import Path
from mien.errors import FormatError
sys.path.insert(0, {tools!r})
from fuzz.child import tried
top = Path({top!r})

def read(path):
    {code}

print(tried(read, top / "home" / "input", top / "home", top / "printed", cpu_s={cpu_s}).fault)
"""


@pytest.mark.parametrize(("fault", "code"), FAULTS.items())
def test_each_kind_of_fault_is_found(fault: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "input").write_bytes(b"")
    (tmp_path / "beside").write_bytes(b"secret")
    # A busy machine takes a second of processor time to hand out 600 MB.
    cpu_s = 1 if fault == "time" else 20
    script = TRIAL.format(tools=str(TOOLS), top=str(tmp_path), code=code, cpu_s=cpu_s)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.stdout.strip() == fault, ran.stderr


def test_what_a_library_opens_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"1")
    watch = guards.Watch(tmp_path)
    try:
        assert watch.works and watch.opened() == []
        os.close(ctypes.CDLL(None).open(os.fsencode(tmp_path / "secret"), os.O_RDONLY))  # Python is not asked
        assert watch.opened() == ["secret"]
    finally:
        watch.close()


FORMS: dict[str, tuple[blocks.Form, Callable[[], list[bytes]]]] = {
    "png": (blocks.PNG, samples.pictures),
    "riff": (blocks.RIFF, lambda: sounds.samples("wav")),
    "boxes": (blocks.BOXES, lambda: sounds.samples("m4a")),
    "ogg": (blocks.OGG, lambda: sounds.samples("ogg")),
    "flac": (blocks.FLAC, lambda: sounds.samples("flac")),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_file_that_is_cut_into_blocks_is_put_together_again(name: str) -> None:
    form, made = FORMS[name]
    for data in made():
        found = form.split(data)
        assert len(found) > 1 and form.join(found) == data


def test_matroska_is_cut_into_elements_that_say_their_length_in_eight_bytes() -> None:
    (data, *_) = sounds.samples("webm")
    found = blocks.EBML.split(data)
    again = blocks.EBML.join(found)
    assert blocks.EBML.split(again) == found and blocks.EBML.join(blocks.EBML.split(again)) == again


def test_the_same_seed_makes_the_same_inputs() -> None:
    for mutate, data in (
        (trees.toml, samples.conversation()),
        (trees.json_lines, samples.ledger()),
        (lambda d, r: zips.mutated(d, r, lambda n, b, r: b[::-1], 8), samples.ora()),
    ):
        first, again = ([mutate(data, Random(i)) for i in range(20)] for _ in range(2))
        assert first == again and len(set(first)) > 10


def test_copies_of_copies_come_to_an_end() -> None:
    """This one copied a list of copies of a long text 300 times, and was written for a quarter of an hour."""
    assert len(trees.toml(samples.conversation(), Random("conversation 11 997"))) < 10_000_000


def test_no_value_holds_one_list_twice() -> None:
    """What is changed in one would be changed in all, and a copy of the whole put into it: 90 minutes."""
    for value in trees.VALUES:
        held = [id(inner) for inner in value if isinstance(inner, list)] if isinstance(value, list) else []
        assert len(set(held)) == len(held)
