"""The benchmark of the mouth: its figures, and what it says of what cannot be had."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from bench_mouth import engines, main, packages, page, peers, versions
from bench_mouth.clips import Clip, ToolMissing
from bench_mouth.engines import Moved
from bench_mouth.figures import best_wait, closed_wrongly, earlier, figures, pauses_db, truth
from bench_mouth.groups import UNHEARD, Group
from mien.types import F32, VISEMES


def clip(words: bool = True) -> Clip:
    """A second of noise in which `bob` is said, and a pause."""
    rng = np.random.default_rng(0)
    phones = (("B", 0.1, 0.3), ("AA", 0.3, 0.6), ("B", 0.6, 0.7), ("sil", 0.7, 1.0))
    said = (("bob", 0.1, 0.7),) if words else ()
    return Clip("test", "nobody", rng.normal(0, 0.1, 48_000).astype(np.float32), "arpabet", phones, said)


def shown(one: Clip, late: int = 0) -> F32:
    """The truth, frames late."""
    shapes = np.concatenate((np.zeros(late, np.int64), truth(one)))[: len(truth(one))]
    return np.eye(len(VISEMES), dtype=np.float32)[shapes]


def test_a_phone_is_right_by_its_middle_and_a_pause_is_none() -> None:
    rows = shown(clip())
    rows[30:44] = rows[0]  # the first half of the vowel is missed
    found = figures([clip()], [rows], 0.0)
    assert found.phones == 1 and found.visemes == pytest.approx(0.86)
    rows[44:47] = rows[0]
    assert figures([clip()], [rows], 0.0).phones == pytest.approx(2 / 3)


@pytest.mark.parametrize("late", [0, 7, 15])
def test_the_sound_waits_for_a_late_mouth_as_long_as_suits_it(late: int) -> None:
    rows = shown(clip(), late)
    assert best_wait([clip()], [rows]) == late
    assert figures([clip()], [earlier(rows, late)], 0.0).visemes > 0.98


def options(folder: Path) -> argparse.Namespace:
    return argparse.Namespace(packages=folder, beside=None)


def test_a_peer_that_cannot_be_had_is_a_row_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(folder: Path) -> engines.Engine:
        raise ToolMissing("the peer is missing; install it.")

    def one(folder: Path) -> engines.Engine:
        def run(clips: Sequence[Clip]) -> list[Moved]:
            return [Moved(shown(one), 0.5, 20.0) for one in clips]

        return run

    monkeypatch.setattr(peers, "PEERS", {"had": one, "not had": none})
    bench = main.Bench(options(tmp_path))
    text = bench.group(Group("Bob", "About.", UNHEARD, [clip()]))
    lines = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| ")}
    assert lines["not had"].count("N/A") == page.COLUMNS
    assert "| 100% | 100% |" in lines["had"] and "| 20 ms | 500.0 ms |" in lines["had"]
    assert main.WORDS in lines and "held out" in text.lower()
    assert "NOT MEASURED: the peer is missing; install it." in capsys.readouterr().err
    here = {"command": "c", "machine": "m", "date": "d", "versions": {}}
    assert "- the peer is missing; install it." in page.head(here, bench.missing)
    assert bench.kept["Bob"]["mouths"]["not had"] == {"not_measured": "the peer is missing; install it."}
    assert bench.kept["Bob"]["mouths"]["had"]["visemes"] == 1


def test_peers_left_out_of_large_groups_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def one(folder: Path) -> engines.Engine:
        return lambda clips: pytest.fail("it was run")

    monkeypatch.setattr(peers, "PEERS", {"slow": one})
    bench, large = main.Bench(options(tmp_path)), Group("Many", "About.", UNHEARD, [clip()], is_large=True)
    assert "| slow |" not in bench.group(large)
    bench.spare([large, Group("Bob", "About.", UNHEARD, [clip()])])
    assert bench.missing == ['slow in the largest groups: "Many".']


def test_a_peer_that_fails_half_way_takes_no_figures_of_others_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def one(folder: Path) -> engines.Engine:
        def run(clips: Sequence[Clip]) -> list[Moved]:
            raise ToolMissing("peer.mjs failed: no memory")

        return run

    monkeypatch.setattr(peers, "PEERS", {"peer": one})
    bench = main.Bench(options(tmp_path))
    text = bench.group(Group("Bob", "About.", UNHEARD, [clip()]))
    assert "| peer | N/A" in text and main.SOUND in text
    assert bench.missing == ['peer, from the group "Bob" on: peer.mjs failed: no memory']
    assert "| peer | N/A" in bench.people(), "a part of the groups is not all of them"


def test_another_file_beside_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("[]")
    with pytest.raises(ValueError, match=r"other\.json is no JSON of this benchmark; give what"):
        main.Bench(argparse.Namespace(packages=tmp_path, beside=other))


def test_clips_without_words_have_no_row_of_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(peers, "PEERS", {})
    text = main.Bench(options(tmp_path)).group(Group("Bob", "About.", UNHEARD, [clip(words=False)]))
    assert main.WORDS not in text and main.SOUND in text


def test_a_registry_that_is_not_reached_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match=r"wlipsync@.* could not be had: there is no npm here\."):
        packages.npm(packages.WLIPSYNC, tmp_path)
    with pytest.raises(ToolMissing, match=r"headaudio\.mjs needs Node, and there is no node here\."):
        peers._in_node("headaudio", [], [clip()], ())
    with pytest.raises(ToolMissing, match=r"package x could not be had: there is no apt-get here\."):
        packages.debian("x", tmp_path)


def test_what_is_there_already_is_not_fetched_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "node_modules" / "@met4citizen" / "headaudio").mkdir(parents=True)
    (tmp_path / "some_package-1.0.tar.gz").touch()
    assert packages.npm(packages.HEADAUDIO, tmp_path).name == "headaudio"
    assert packages.sdist("some-package==1.0", tmp_path).name == "some_package-1.0.tar.gz"
    with pytest.raises(ToolMissing, match=r"some-package==1\.1"):  # another version is another
        packages.sdist("some-package==1.1", tmp_path)


def test_versions_are_those_that_are_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = {"piper-tts": "9.9", "numpy": "8.8"}

    def version(name: str) -> str:
        if name not in installed:
            raise importlib.metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setenv("PATH", str(tmp_path))  # no dpkg-query
    theirs = tmp_path / "node_modules" / "@met4citizen" / "headaudio"
    theirs.mkdir(parents=True)
    (theirs / "package.json").write_text('{"version": "7.7"}')
    (tmp_path / "praatio-6.2.2.tar.gz").touch()
    (tmp_path / "pocketsphinx-testdata_0.8-15_all.deb").touch()
    assert versions.versions(tmp_path) == {
        "mien": "(its source)", "numpy": "8.8", "piper-tts": "9.9", "@met4citizen/headaudio": "7.7",
        "praatio": "6.2.2", "pocketsphinx-testdata": "0.8-15",
    }  # fmt: skip
    assert versions.named("piper-tts==1.8.0") == "piper-tts 9.9"
    here = {"command": "c", "machine": "m", "date": "d", "versions": versions.versions(tmp_path)}
    assert "HeadAudio 7.7 never shows" in page.head(here, [])


def test_another_version_of_a_package_of_npm_is_fetched_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    theirs = tmp_path / "node_modules" / "wlipsync"
    theirs.mkdir(parents=True)
    (theirs / "package.json").write_text('{"version": "1.3.1"}')
    assert packages.npm("wlipsync@1.3.1", tmp_path) == theirs
    with pytest.raises(ToolMissing, match="there is no npm here"):
        packages.npm("wlipsync@1.3.2", tmp_path)


def test_where_lips_are_falsely_closed_is_told_on_the_page() -> None:
    one = clip()
    rows = shown(one)
    rows[45:58] = np.eye(len(VISEMES))[VISEMES.index("PP")]  # the second half of its vowel
    found = closed_wrongly([one], [rows])
    assert found["closed_late"] == 1 and found["closed_as_lips"] == 1
    assert closed_wrongly([one], [shown(one)]) == {}
    kept = {"Bob": {"held_out": "yes", "mouths": {"sound": found}}, "Ann": {"mouths": {"sound": {}}}}
    told = page.tail(57.5, kept, "sound")
    assert '"Bob": 100% in the second halves' in told and "57.5 ms" in told and "Ann" not in told
    assert "falsely closed, by" not in page.tail(57.5, {}, "sound")


def test_how_far_pauses_are_below_the_voice_is_measured() -> None:
    loud = clip()
    loud.samples[:4800] *= 0.1
    loud.samples[33_600:] *= 0.1
    assert pauses_db(loud) == pytest.approx(20, abs=0.3)


def test_what_is_drawn_is_one_shape_at_a_time() -> None:
    rows = engines.as_drawn([clip()])[0].rows
    assert (
        rows.shape == (100, len(VISEMES)) and set(np.unique(rows)) == {0, 1} and (rows.sum(axis=1) == 1).all()
    )
