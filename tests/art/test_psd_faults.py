"""A Photoshop file that is damaged: one plain sentence says which part of it, and what to do."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from importing import drawn
from mien.art.layered import read_layered
from mien.errors import ImageRejected

pytest.importorskip("psd_tools", reason="reading PSD needs psd-tools: mien[layered]")

AGAIN = "copy it again, or save it again where it was made."


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    return drawn.psd(tmp_path / "whole.psd", drawn.named()).read_bytes()


def told(tmp_path: Path, data: bytes) -> str:
    """What is said of a file with these bytes, without its name."""
    path = tmp_path / "girl.psd"
    path.write_bytes(data)
    with pytest.raises(ImageRejected) as raised:
        read_layered(path)
    text = str(raised.value)
    assert text.startswith(f"{path} ")
    return text.removeprefix(f"{path} ")


def test_a_file_that_ends_within_its_layers(tmp_path: Path, data: bytes) -> None:
    (length,) = struct.unpack(">I", data[34:38])
    text = f"its list of layers should be {length} bytes long, and the file ends after {5000 - 38} of them"
    assert told(tmp_path, data[:5000]) == f"is damaged: {text}; {AGAIN}"


def test_a_file_that_ends_before_its_layers(tmp_path: Path, data: bytes) -> None:
    assert (
        told(tmp_path, data[:36])
        == f"is damaged: it ends after 36 bytes, where its list of layers should begin; {AGAIN}"
    )


def test_settings_that_are_longer_than_the_file(tmp_path: Path, data: bytes) -> None:
    text = told(tmp_path, data[:30] + struct.pack(">I", 10**9) + data[34:])
    assert text.startswith(
        "is damaged: its list of settings (guides, profiles, thumbnails), which stands before "
    )
    assert "should be 1000000000 bytes long" in text


def test_settings_that_are_none(tmp_path: Path, data: bytes) -> None:
    text = told(tmp_path, data[:30] + struct.pack(">I", 8) + b"nonsense" + data[34:])
    assert text.startswith("is damaged: its list of settings ")
    assert text.endswith(f"cannot be read; {AGAIN}")


def test_layers_that_are_none(tmp_path: Path, data: bytes) -> None:
    broken = bytearray(data)
    at = data.index(b"8BIM", 38)
    broken[at : at + 4] = b"none"
    text = told(tmp_path, bytes(broken))
    assert text == f"is damaged: its list of layers cannot be read; {AGAIN}"
