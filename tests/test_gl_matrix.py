"""The driver matrix: which drivers there are, what pytest said, and the table."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

from gl_matrix import main  # noqa: E402
from gl_matrix.drivers import DRIVERS, Driver, Probed, environment_of, read_probe  # noqa: E402
from gl_matrix.runs import Outcome, read_report  # noqa: E402

ZINK = next(driver for driver in DRIVERS if driver.name == "zink")
OWN = DRIVERS[0]
REPORT = """<testsuites><testsuite time="3.5">
<testcase classname="tests.composite.test_a" name="right"/>
<testcase classname="tests.composite.test_a" name="wrong[loop]"><failure message="x"/></testcase>
<testcase classname="tests.composite.test_b" name="broken"><error message="x"/></testcase>
<testcase classname="tests.composite.test_b" name="left"><skipped message="no fetch"/></testcase>
<testcase classname="tests.composite.test_b" name="out"><skipped message="no fetch"/></testcase>
</testsuite></testsuites>"""


def test_a_report_is_read_with_names_of_what_failed_and_reasons_of_what_was_skipped() -> None:
    outcome = read_report(REPORT)
    assert outcome == Outcome(1, ("test_a::wrong[loop]", "test_b::broken"), {"no fetch": 2}, 3.5)
    assert not outcome.good and not Outcome().good and Outcome(passed=1).good


def test_a_driver_that_fell_back_to_another_is_not_here() -> None:
    said = '{"renderer": "llvmpipe", "version": "4.5", "strategy": "fetch"}'
    assert read_probe(OWN, said, "") == Probed("llvmpipe", "4.5", "fetch")
    assert read_probe(ZINK, said, "").refused == "llvmpipe was opened in its place"
    assert read_probe(ZINK, '{"refused": "no GL"}', "").refused == "no GL"
    assert read_probe(ZINK, "", "one\nlost connection\n").refused == "lost connection"


def test_variables_of_one_driver_do_not_reach_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLIUM_DRIVER", "softpipe")
    monkeypatch.setenv("MIEN_STRATEGY", "loop")
    assert {"GALLIUM_DRIVER", "MIEN_STRATEGY"}.isdisjoint(environment_of(OWN, "1"))
    environment = environment_of(ZINK, "1")
    assert environment["GALLIUM_DRIVER"] == "zink" and environment["GLCONTEXT_DEVICE_INDEX"] == "1"
    assert "GLCONTEXT_DEVICE_INDEX" not in environment_of(OWN, "1")


def test_the_table_names_what_failed_was_skipped_and_is_not_here() -> None:
    here = Probed("Mesa X", "4.5", "loop")
    table = main.written(
        [
            main.Row(OWN, here, Outcome(5, ("test_a::b",), {"no fetch": 2}, 61.2)),
            main.Row(ZINK, Probed(refused="no Vulkan"), None),
            main.Row(Driver("llvmpipe", "software", package="mesa"), here, None),
        ]
    )
    assert "| own | Mesa X | 4.5 | loop | 5 | 1 | 2 | 61 |" in table
    assert "| zink | - | - | - | - | - | - | - |" in table
    assert "- own: failed: test_a::b" in table and "- own: 2 skipped: no fetch" in table
    assert "- zink: no Vulkan (Debian: mesa-vulkan-drivers)" in table
    assert "- llvmpipe: the same as own\n" in f"{table}\n"


def test_a_run_on_a_driver_from_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "drivers.md"
    assert main.main(["--driver", "own", "--markdown", str(page), "tests/composite/test_current.py"]) == 0
    assert "| own | " in capsys.readouterr().out
    assert page.read_text().startswith("# The suite's GL part on each driver")
    assert main.main(["--driver", "own", "tests/no_such_file.py"]) == 1
    assert "pytest ended with" in capsys.readouterr().out
