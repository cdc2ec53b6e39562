"""Where a framework is not installed: one sentence, and nothing else of Mien asks for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

EXTRAS = {"livekit": "livekit-agents", "pipecat": "pipecat-ai", "vision_agents": "vision-agents"}


def python(code: str) -> str:
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize(("extra", "package"), EXTRAS.items())
def test_what_is_missing_is_named_with_what_to_do(extra: str, package: str) -> None:
    said = python(
        f"import sys; sys.modules[{extra!r}] = None\n"
        "import mien\n"
        f"try: import mien.agents.{extra}\n"
        "except mien.PackageMissing as error: print(error)\n"
    )
    assert said.startswith(f"mien.agents.{extra} needs {package}, which cannot be imported")
    assert "; run: " in said and said.endswith(f"pip install 'mien[{extra.replace('_', '-')}]'.")
    assert "\n" not in said


def test_a_face_itself_needs_none_of_them() -> None:
    names = (*EXTRAS, "opentelemetry", "aiortc", "getstream")
    python(
        "import sys\n"
        f"for name in {names!r}: sys.modules[name] = None\n"
        "import mien.agents.face\n"
        "mien.agents.face.Face('wren', size=(64, 48))\n"
    )
