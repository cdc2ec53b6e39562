"""The house rules that a machine can check: floors, small modules, a light import."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "engine" / "mien"

# A module imports from lower floors or from its own package only. The longest matching name counts.
# A fraction is a landing on the same floor.
FLOORS = {
    "errors": 0,
    "part_file": 0.05,
    "types": 0,
    "clock": 0.05,
    "arguments": 0.01,
    "bounded_cache": 0,
    "messages": 0,
    "installing": 0.01,
    "interrupts": 0,
    "writable": 0.02,
    "mesh": 0.05,
    "origin": 0.05,
    "frame_mark": 0.06,
    "easing": 0.05,
    "character": 0.1,
    "catalog": 0.1,
    "documents": 0.1,
    "lipsync": 0.1,
    "script": 0.2,
    "script_overrides": 0.14,
    "script_events": 0.15,
    "thread_priority": 0.03,
    "threads": 0.02,
    "shared_memory": 0.03,
    "forks": 0.01,
    "processes": 0.02,
    "switching": 0,
    "environment": 0,
    "caches": 0,
    "uncollected": 0,
    "shader_cache": 0.01,
    "drawing_threads": 0.03,
    "art": 1,
    "motion": 1,
    "composite": 1.1,
    "composite.plan": 1.2,
    "observe": 1,
    "report": 2,
    "composite.gl": 2,
    "audio": 2,
    "talk": 3,
    "speech": 3.1,
    "stage": 4,
    "preview": 4.5,
    "backend": 4.5,
    "serve": 4.8,
    "prove": 4.9,
    "split": 4.5,
    "importing": 4.5,
    "agents": 4.6,
    "dropping": 4.7,
    "testing": 5,
    "cli": 5,
    "_pyinstaller": 5,
}
# Heavy packages and the only places that may import them.
ONLY_IN = {
    "moderngl": ("composite.gl", "preview", "stage"),
    "slimgui": ("preview",),
    "msgspec": ("backend", "serve"),
    "websockets": (
        "prove.surfaces.browser",
        "serve.connection",
        "serve.pages",
        "serve.server",
        "serve.strangers",
        "serve.vts",
    ),
    "distributed": ("split.cluster",),
    "glfw": (
        "stage.window",
        "stage.window_input",
        "stage.window_surface",
        "stage.window_camera",
        "stage.glfw_window",
        "stage.beside",
        "stage.companion",
        "stage.curtain",
        "cli.doctor",
        "prove.surfaces.window",
    ),
    "aiortc": ("agents.vision_agents", "serve.webrtc"),
    "av": (
        "agents.vision_agents",
        "audio",
        "prove.old_way.sound",
        "prove.surfaces.camera",
        "prove.surfaces.file",
        "serve.broadcast",
        "serve.relay",
        "serve.sinks",
        "serve.srt",
        "serve.webrtc",
        "stage.encoder",
        "stage.encoder_pictures",
        "stage.encoders",
    ),
    "sounddevice": ("audio", "cli.doctor"),
    "PIL": ("art", "cli", "prove.golden", "prove.old_way", "serve.renditions", "testing"),
    "rich": ("cli",),
    "watchfiles": ("stage",),
    "psd_tools": ("art.layered",),
    "prometheus_client": ("observe.prometheus",),
    "livekit": ("agents.livekit",),
    "pipecat": ("agents.pipecat",),
    "vision_agents": ("agents.vision_agents",),
    "getstream": ("agents.vision_agents",),
    "opentelemetry": ("agents.tracing",),
}
# The import package: everything else is reached through names that it loads when they are asked for.
HEAVY = ("moderngl", "glfw", "av", "sounddevice", "PIL", "rich", "mien.art", "mien.audio", "mien.composite")


@cache
def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found.append((name.removesuffix(".__init__").removesuffix("__init__"), path))
    return found


@cache
def import_statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in statements(tree.body) if isinstance(node, ast.Import | ast.ImportFrom)]


def statements(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """They, and the statements within them; not the expressions, of which there are twenty times as many."""
    for node in nodes:
        yield node
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from statements(getattr(node, block, ()))


def imports_of(path: Path) -> list[str]:
    names = []
    for node in import_statements(path):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        else:
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names += [f"{module}.{alias.name}" if module == "mien" else module for alias in node.names]
    return names


def room_of(name: str) -> str:
    """The longest name in FLOORS that holds this module."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        if ".".join(parts[:end]) in FLOORS:
            return ".".join(parts[:end])
    raise AssertionError(f"mien.{name} stands on no floor; add it to FLOORS and docs/architecture.md")


# One test of a rule for all modules, which names each that breaks it: a test of its own for each module
# and rule was a fifth of all tests, which every worker collects.


def test_a_module_imports_only_from_lower_floors() -> None:
    wrong = []
    for name, path in modules():
        room = room_of(name) if name else ""
        for imported in imports_of(path) if name else ():  # the package itself re-exports
            if not imported.startswith("mien."):
                continue
            other = room_of(imported.removeprefix("mien."))
            same_house = other.split(".")[0] == room.split(".")[0] and FLOORS[other] <= FLOORS[room]
            if not (same_house or FLOORS[other] < FLOORS[room]):
                wrong.append(f"{name} imports {imported}, which is not below it")
    assert wrong == []


def imported_modules(path: Path, known: frozenset[str]) -> set[str]:
    """The modules of ours that a file imports, those only for type checking and those in functions too."""
    found = set()
    for node in import_statements(path):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith("mien."):
                name = name.removeprefix("mien.")
                while name and name not in known:
                    name = name.rpartition(".")[0]
                found.add(name)
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle of arrows, or none."""
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def import_graph() -> dict[str, set[str]]:
    """Which module imports which; the package itself, which re-exports, is left out."""
    known = frozenset(name for name, _ in modules() if name)
    return {name: imported_modules(path, known) - {name, ""} for name, path in modules() if name}


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert circle(import_graph()) == []


def test_no_rooms_import_one_another_in_a_circle() -> None:
    rooms: dict[str, set[str]] = {}
    for name, imported in import_graph().items():
        arrows = rooms.setdefault(room_of(name), set())
        arrows.update(room_of(other) for other in imported)
    assert circle({room: others - {room} for room, others in rooms.items()}) == []


def test_a_circle_is_found_wherever_it_closes() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == {"b", "c"}


def test_heavy_packages_are_imported_only_where_they_belong() -> None:
    wrong = []
    for name, path in modules():
        for imported in imports_of(path):
            allowed = ONLY_IN.get(imported.split(".")[0])
            if allowed is not None and not any(name == a or name.startswith(f"{a}.") for a in allowed):
                wrong.append(f"{name} imports {imported}, which belongs in {allowed}")
    assert wrong == []


STARTS_PROCESSES = (
    "processes",
    "preview.fonts",
    "prove.loads",
    "prove.processes",
    "prove.runs",
    "prove.surfaces.browser",
    "prove.surfaces.room",
    "prove.surfaces.window",
    "serve.srt",
)
"""The last ones start programs of others, or have a program's own environment and words."""
NAMES_PYTHON = ("processes", "art.page_cache", "installing")
"""The last one tells it to people, where its name is that of a Python, and starts nothing."""


def test_only_one_module_starts_processes_and_says_which_python_they_are() -> None:
    """`sys.executable` is another program where one embeds Python: it would be begun again."""
    wrong = []
    for name, path in modules():
        text = path.read_text(encoding="utf-8")
        if "subprocess" not in text and "executable" not in text:
            continue  # what is looked for has these words: the other nine tenths need no parsing
        for node in ast.walk(ast.parse(text)):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("subprocess.Popen", "subprocess.run") and name not in STARTS_PROCESSES:
                wrong.append(f"{name} calls {called}; mien.processes begins processes")
            said = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if said == "sys.executable" and name not in NAMES_PYTHON:
                wrong.append(f"{name}: {said}; mien.processes.python() finds the Python")
    assert wrong == []


def test_modules_stay_small() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules()}
    assert [f"{name} has {count} lines; split it" for name, count in lines.items() if count > 300] == []


def test_a_sentence_says_what_a_file_is_without_a_colon() -> None:
    for path in PACKAGE.rglob("*.py"):
        wrong = [line.strip() for line in path.read_text("utf-8").splitlines() if "}: is " in line]
        assert not wrong, f"{path}: write `{{path}} is ...`"


def test_no_link_is_kept_in_the_repository() -> None:
    """Who checks it out would have one that leads nowhere, or to another's files."""
    if not (ROOT / ".git").exists():
        pytest.skip("not in a checkout")
    kept = subprocess.run(("git", "ls-files", "-s"), cwd=ROOT, capture_output=True, text=True, check=True)
    assert not [line for line in kept.stdout.splitlines() if line.startswith("120000")]


def test_importing_mien_loads_nothing_heavy() -> None:
    code = f"import sys, mien; print([m for m in {HEAVY!r} if m in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_a_stage_loads_what_decodes_sound_when_there_is_some() -> None:
    """FFmpeg's library and what speaks HTTP are a tenth of importing a stage."""
    wanted = ("av", "ssl", "http.client", "email", "asyncio")
    code = f"import sys, mien; mien.open_stage; print([m for m in {wanted!r} if m in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_rendering_needs_no_window_and_no_sound_library() -> None:
    code = (
        "import sys\n"
        "for name in ('glfw', 'sounddevice', 'PIL.ImageTk'): sys.modules[name] = None\n"
        "import mien.stage.offline, mien.stage.video_file, mien.cli"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)


def test_every_exported_name_resolves() -> None:
    import mien

    for name in mien.__all__:
        assert getattr(mien, name) is not None


def test_no_link_leads_out_of_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    links = [line.split("\t")[1] for line in listed.stdout.splitlines() if line.startswith("120000")]
    assert not links, "links belong to one machine: not to be committed"


def test_an_installed_mien_has_every_package() -> None:
    """They are listed by hand: an editable install has them all anyway."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["setuptools"]["packages"]
    found = {".".join(path.parent.relative_to(PACKAGE.parent).parts) for path in PACKAGE.rglob("__init__.py")}
    assert found <= set(listed), found - set(listed)
