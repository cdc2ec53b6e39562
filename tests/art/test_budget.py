"""Small files cannot ask for much memory or time: what is shared is made once, pixels are counted first."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from art.build import box, tiny_character, tiny_document, tiny_parts, write_png
from mien.art import folder, load, load_character, pack_character
from mien.errors import FormatError

NAMES = [f"d{i}" for i in range(50)]


def shared(folder: Path, offsets: int) -> Path:
    """A character of which 50 drawings name one PNG, at so many different places."""
    document = tiny_document()
    document["slot"][0].update(
        drawings=NAMES,
        files=dict.fromkeys(NAMES, "one.png"),
        offsets={name: [i % offsets, 0] for i, name in enumerate(NAMES)},
    )
    document["gestures"] = {}
    made = tiny_character(folder, document)
    write_png(made / "one.png", box(40, 30, (60, 80, 160, 255)))
    return made


def test_a_png_that_many_drawings_name_is_decoded_and_scaled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, decoded, scaled = shared(tmp_path / "tiny", 1), [], []
    decode, resampled = folder.decode, load.resampled
    monkeypatch.setattr(folder, "decode", lambda data, name: decoded.append(name) or decode(data, name))
    monkeypatch.setattr(
        load, "resampled", lambda cell, *more: scaled.append(cell.label) or resampled(cell, *more)
    )
    character = load_character(source, scale=0.5, page_size=256).character
    others = len(tiny_parts()) - 1
    assert len(decoded) == len(scaled) == others + 1
    assert {drawing.name for drawing in character.slots[0].drawings} == set(NAMES)
    assert len({drawing.region for drawing in character.slots[0].drawings}) == 1


def test_pixels_at_many_places_are_counted_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = sum(pixels.nbytes for pixels, _ in tiny_parts().values())
    monkeypatch.setattr("mien.art.budget.FREE_BYTES", parts + 10_000)
    monkeypatch.setattr("mien.art.budget.BYTES_A_BYTE", 0)
    load_character(shared(tmp_path / "one", 1), page_size=256)
    with pytest.raises(FormatError, match=r"slot drawings take more than 0 MiB"):
        load_character(shared(tmp_path / "many", 50), page_size=256)


def test_larger_files_may_hold_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.art.budget.FREE_BYTES", 0)
    for worth, fits in ((1, False), (200, True)):
        monkeypatch.setattr("mien.art.budget.BYTES_A_BYTE", worth)
        source = tiny_character(tmp_path / str(worth))
        if fits:
            load_character(source, page_size=256)
        else:
            with pytest.raises(FormatError, match="take more than"):
                load_character(source, page_size=256)


def test_pages_that_are_huge_for_their_file_are_refused_before_they_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    baked = pack_character(tiny_character(tmp_path / "tiny"), tmp_path / "tiny.mien", page_size=256).path
    monkeypatch.setattr("mien.art.baked.decode", lambda data, name: pytest.fail("was decoded"))
    monkeypatch.setattr("mien.art.budget.FREE_BYTES", 0)
    with pytest.raises(FormatError, match=r"the pages of its drawings take more than \d+ MiB"):
        load_character(baked)


def test_regions_that_overlap_are_no_way_to_more_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = tiny_document()
    document["slot"][0]["drawings"] = NAMES
    document["gestures"] = {}
    parts = tiny_parts()
    body, at = parts.pop("body/main")
    parts |= {f"body/{name}": (body, at) for name in NAMES}
    source = tiny_character(tmp_path / "tiny", document, parts)
    baked = pack_character(source, tmp_path / "tiny.mien", page_size=256).path
    with zipfile.ZipFile(baked) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(entries["character.json"])
    for i, region in enumerate(told["slot"][0]["regions"].values()):
        region.update(region=[0, 0, 256, 256], offset=[i, 0])
    entries["character.json"] = json.dumps(told).encode()
    with zipfile.ZipFile(baked, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    assert load_character(baked, scale=0.5, page_size=256).character.slots[0].drawings
    monkeypatch.setattr("mien.art.budget.FREE_BYTES", 1 << 20)
    with pytest.raises(FormatError, match="regions of drawings take more than 1 MiB"):
        load_character(baked, scale=0.5)


def test_what_is_premultiplied_in_bands_is_what_is_premultiplied_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (13, 7, 4), np.uint8)
    whole = folder.premultiply(pixels)
    monkeypatch.setattr("mien.art.png._BAND_PIXELS", 20)
    assert np.array_equal(folder.premultiply(pixels), whole)
    expected = np.floor(pixels[..., :3].astype(float) * pixels[..., 3:] / 255 + 0.5)
    assert np.array_equal(whole[..., :3], expected)
