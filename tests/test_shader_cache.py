"""Where drivers keep compiled shaders; on a full disk they keep none, and nobody dies of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mien.shader_cache import FULL, OFF, kept_shaders, shader_cache

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the rules are Mesa's on Linux")


def test_the_first_variable_that_is_set_says_where_also_when_that_is_no_folder(tmp_path: Path) -> None:
    home, none = str(tmp_path), "/dev/null"
    fine = {
        tmp_path / ".cache": {"HOME": home},
        tmp_path: {"HOME": none, "XDG_CACHE_HOME": home},
        tmp_path / "made": {"MESA_SHADER_CACHE_DIR": f"{home}/made", "XDG_CACHE_HOME": none},
    }
    for folder, environ in fine.items():
        assert kept_shaders(environ)[1:] == (folder, "")
    bad = [("HOME", value) for value in ("", none, f"{home}/no")]
    bad += [("XDG_CACHE_HOME", value) for value in ("", none, f"{home}/no/no")]
    for name, value in bad:
        kept = kept_shaders({"HOME": home, name: value})
        assert (kept.variable, kept.lack) == (name, "no folder can be written there")


def free(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """A disk with so much room."""
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=pages, f_frsize=4096))


@pytest.mark.parametrize(
    ("pages", "own", "within"), [(10, None, "true"), (10, "0", "0"), (1 << 20, None, None)]
)
def test_on_a_full_disk_a_driver_that_is_opened_keeps_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int, own: str | None, within: str | None
) -> None:
    """Mesa 22.3 ends the process where its index, a mapped file with holes, finds no room."""
    monkeypatch.setenv("MESA_SHADER_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv(OFF, raising=False)
    if own is not None:
        monkeypatch.setenv(OFF, own)
    free(monkeypatch, pages)
    assert (kept_shaders().lack == FULL) == (pages == 10)
    with shader_cache():
        assert os.environ.get(OFF) == within
    assert os.environ.get(OFF) == own
    with pytest.raises(RuntimeError), shader_cache():
        raise RuntimeError
    assert os.environ.get(OFF) == own


@pytest.mark.parametrize("name", ["mesa_shader_cache", "mesa_shader_cache_db"])
def test_a_cache_that_is_a_link_to_a_full_disk_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    cache, elsewhere = tmp_path / "cache", tmp_path / "elsewhere"
    cache.mkdir()
    elsewhere.mkdir()
    (cache / name).symlink_to(elsewhere)

    def disk(path: Path) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=10 if Path(path).resolve() == elsewhere else 1 << 20, f_frsize=4096)

    monkeypatch.setattr(os, "statvfs", disk)
    assert kept_shaders({"XDG_CACHE_HOME": str(cache)}).lack == FULL
    # Mesa asks for no more than that: what is beside it is nothing to it.
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).resolve() == elsewhere)
    assert kept_shaders({"XDG_CACHE_HOME": str(cache)}).lack == FULL


def test_a_home_that_may_not_be_looked_into_has_no_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As that of root where a container runs as somebody else: to open a stage raised PermissionError."""
    found = Path.stat

    def stat(self: Path, **options: bool) -> os.stat_result:
        if tmp_path in self.parents:
            raise PermissionError(13, "Permission denied", str(self))
        return found(self, **options)

    monkeypatch.setattr(Path, "stat", stat)
    for name in (OFF, "MESA_SHADER_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for value in (str(tmp_path / "root"), "/" + 5000 * "x"):
        monkeypatch.setenv("HOME", value)
        assert kept_shaders().lack == "no folder can be written there"
        with shader_cache():
            assert OFF not in os.environ


def test_a_disk_that_does_not_say_is_taken_for_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise OSError("not here")

    monkeypatch.setattr(os, "statvfs", refused)
    assert kept_shaders({"HOME": str(tmp_path)}).lack == FULL
