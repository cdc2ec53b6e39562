"""The built wheel, installed alone in a fresh environment outside the checkout, draws a still."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_code_shaders_and_assets_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "mien/__init__.py",
        "mien/py.typed",
        "mien/composite/gl/compositor.py",
        "mien/shaders/blend.glsl",
        "mien/assets/characters/wren/character.toml",
        "mien/assets/characters/otto/character.toml",
        "mien/assets/characters/mizzle/character.toml",
        "mien/assets/conversations/hello/conversation.toml",
        "mien/assets/schemas/character.schema.json",
    ):
        assert needed in names
    assert sum(name.startswith("mien/assets/characters/wren/parts/") for name in names) > 50
    strangers = {n.split("/")[0] for n in names} - {"mien"}
    assert all(name.endswith(".dist-info") for name in strangers)


def test_the_installed_wheel_draws_a_still(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    # The locked dependencies of this environment serve; Mien itself comes from the wheel alone.
    site = subprocess.run(
        [sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    target = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile",
         "--disable-pip-version-check", "--root-user-action=ignore", "--target", target, str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    # A plain path line: unlike a site folder, it does not run the editable install's own .pth file.
    (Path(target) / "locked.pth").write_text(f"{site}\n")
    where = subprocess.run(
        [str(python), "-c", "import mien, mien.assets; print(mien.__file__, mien.assets.__file__)"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    ).stdout  # fmt: skip
    assert str(ROOT) not in where
    output = tmp_path / "still.png"
    ran = subprocess.run(
        [str(python), "-W", "error", "-m", "mien.cli", "still", "otto", "--height", "320", "-o", str(output)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    with Image.open(output) as picture:
        assert picture.height == 320
