"""What is quoted from files is shown as it is: it is no markup, and steers no terminal."""

from __future__ import annotations

import io
import json
import math
import re
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from cli.short import SMALL, mien, short
from mien.cli import main
from mien.cli.command import _COMMANDS
from mien.cli.console import print_table, printable, say, screen, show_json, styled
from mien.cli.verdict import print_verdict
from observe.rig import Rig

HOSTILE = r"Act [/] [red]x[/] :smile: \u001b]0;owned\u0007\u001b[2J\u202e\nmien: forged\r" + 6 * "\\"
SHOWN = r"Act [/] [red]x[/] :smile: \x1b]0;owned\x07\x1b[2J\u202e\nmien: forged\r" + 3 * "\\"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("日本語 é 👩\u200d🚀", "日本語 é 👩\u200d🚀"),
        ("two\nlines\tand a tab", r"two\nlines\tand a tab"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\r\b\x7f\x9b", r"\r\x08\x7f\x9b"),
        ("a\u202eb\u2066c\ufeff", r"a\u202eb\u2066c\ufeff"),
        ("half \ud800", r"half \ud800"),
    ],
)
def test_whatever_could_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_hostile_title_is_shown_everywhere_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = short(tmp_path / "c", HOSTILE)
    assert main(["play", str(folder), "--headless", "--silent", *SMALL]) == 0
    assert main(["render", str(folder), *SMALL, "-o", str(tmp_path / "a[/].mp4")]) == 0
    assert main(["inspect", str(folder)]) == 0
    told = capsys.readouterr()
    for text in (told.out, told.err):
        assert SHOWN in text
        assert not any(letter in text for letter in "\x1b\x07\u202e")
    assert "a[/].mp4" in told.out


@pytest.mark.parametrize(
    "text", [":smile:", "[bold]x", "[/]", "a\\", "a\\\\", "a\\\\\\", "[link=http://x]x[/link]", "@click=x"]
)
def test_rich_reads_nothing_in_a_text(text: str) -> None:
    file = io.StringIO()
    say(Console(file=file, width=80, force_terminal=True), (text, "bold"), ": ", ("met", "green"))
    assert file.getvalue() == f"\x1b[1m{text}\x1b[0m: \x1b[32mmet\x1b[0m\n"


def test_a_title_with_a_zero_in_it_ends_no_run(tmp_path: Path) -> None:
    folder = short(tmp_path / "c", r"a\u0000b")
    assert main(["render", str(folder), *SMALL, "-o", str(tmp_path / "a.mp4")]) == 0


def test_a_long_title_is_shown_in_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = short(tmp_path / "c", "T" * 10_000)
    assert main(["inspect", str(folder)]) == 0
    assert main(["play", str(folder), "--headless", "--silent", *SMALL]) == 0
    told = capsys.readouterr()
    assert max(map(len, (told.out + told.err).splitlines())) < 1000


def test_several_errors_have_a_line_each_and_none_is_made_by_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a\nmien: forged"
    folder.mkdir()
    (folder / "conversation.toml").write_text("format = 1\nx = 1\ny = 2\n[[cast]]\n[[turn]]\n")
    assert main(["inspect", str(folder)]) == 1
    first, *others = capsys.readouterr().err.splitlines()
    assert first.startswith("mien: ") and len(others) >= 2
    assert all(r"a\nmien: forged/conversation.toml" in line for line in (first, *others))


def test_what_is_printed_as_json_is_read_by_every_program(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"a": ("x\udcff", 1, True, None, 1.5, math.nan), "\ud800": {"b": math.inf}, "path": Path("\udcff")}
    show_json(told)
    printed = capsys.readouterr().out
    assert not re.search(r"(?<!\\)\\ud[89a-f]", printed)  # of a half of a character
    assert json.loads(printed, parse_constant=pytest.fail) == {
        "a": [r"x\udcff", 1, True, None, 1.5, None],
        r"\ud800": {"b": None},
        "path": r"\udcff",
    }


def test_a_name_that_is_no_text_is_written_out_in_what_a_run_leaves(tmp_path: Path) -> None:
    folder = short(tmp_path / "c\udcff")
    file = folder / "conversation.toml"
    file.write_text(file.read_text().replace('title = "Short"', ""))
    ledger = tmp_path / "a.jsonl"
    shown = mien("render", folder, *SMALL, "-o", folder / "a.mp4", "--ledger", ledger, "--json")
    assert json.loads(shown.stdout)["file"].endswith(r"/c\udcff/a.mp4")
    assert shown.returncode == 0, shown.stderr
    head = json.loads(ledger.read_text().splitlines()[0])
    assert head["conversation"].endswith(r"/c\udcff/conversation.toml")


@pytest.mark.parametrize("columns", ["0", "\u00b2", "1", "99999999999", "-1"])
def test_no_size_that_the_environment_states_costs_a_word(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    with monkeypatch.context() as patch:  # pytest prints so wide a line once the test has ended
        patch.setattr("sys.stdout", terminal)
        patch.setenv("COLUMNS", columns)
        patch.setenv("LINES", columns)
        patch.setenv("TERM", "xterm")
        table = Table("figure", "value", box=None)
        table.add_row(styled("frames"), styled("1234567890"))
        print_table(screen(), table)
    assert "frames" in terminal.getvalue() and "1234567890" in terminal.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_hostile_remarks_and_names_are_shown_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    rig = Rig()
    rig.frame(0, built=1.0)
    facts = {"renderer": "[/b] \x1b[5m"}
    print_verdict(rig.ledger, title="[/]", facts=facts, warnings=["[/] \x1b[1m"], as_json=False)
    told = capsys.readouterr().out
    assert told.startswith("[/]: ")
    assert r"[/b] \x1b[5m" in told and r"note [/] \x1b[1m" in told
    assert "\x1b" not in told


def test_errors_show_names_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "./\x1b[31m[/]"]) == 1
    assert capsys.readouterr().err.startswith(r"mien: \x1b[31m[/]: no such file")


def test_arguments_that_are_refused_are_shown_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["inspect", "a", "\x1b[31m"])
    assert "unrecognized arguments: \\x1b[31m" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rendr"], "mien: error: there is no command 'rendr'; did you mean 'render'?"),
        (["still", "--viseme", "ah"], "argument --viseme: 'ah' is not a viseme; did you mean 'aa'?"),
        (
            ["still", "--viseme", "zz"],
            "'zz' is not a viseme; known: sil, PP, FF, TH, DD, kk, CH, SS, nn, RR, aa, E, I, O, U.",
        ),
        (["render", "--preset", "fastt"], "argument --preset: 'fastt' is not a preset; did you mean 'fast'?"),
        (["play", "--qualty=fixed"], "unrecognized arguments: --qualty=fixed; did you mean '--quality'?"),
        (["--versoin"], "mien: error: unrecognized arguments: --versoin; did you mean '--version'?"),
    ],
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()  # and no list of all options before it
    assert line.endswith(told)


@pytest.mark.parametrize(
    ("arguments", "begins", "ends"),
    [
        (
            ["render", "--size", f"{'9' * 5000}x9"],
            "argument --size: '999",
            "write width x height, like 1280x720",
        ),
        (
            ["render", "--size", "\u00b2x\u00b2"],
            "argument --size: '\u00b2x",
            "write width x height, like 1280x720",
        ),
        (["render", "--ledger-limit", "9" * 5000], "argument --ledger-limit: '999", "from 1 to 65536"),
        (["render", "--metrics-port", "9" * 5000], "argument --metrics-port: '999", "one: 0.0.0.0:9100"),
        (
            ["render", "--seed", "9" * 5000],
            "argument --seed: invalid int value: '999",
            "999'; `mien render --help` says what there is.",
        ),
        (
            ["x" * 100_000],
            "there is no command 'xxx",
            ", ".join(sorted(_COMMANDS)) + ".",
        ),
        (
            ["inspect", "a", "y" * 100_000],
            "unrecognized arguments: yyy",
            "yyy; `mien inspect --help` says what there is.",
        ),
    ],
    ids=lambda value: value[-2][:16] if isinstance(value, list) and len(value) > 1 else "",
)
def test_a_very_long_argument_is_shown_in_part(
    capsys: pytest.CaptureFixture[str], arguments: list[str], begins: str, ends: str
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    told = capsys.readouterr().err.splitlines()[-1].partition("error: ")[2]
    assert told.startswith(begins) and told.endswith(ends) and len(told) <= 650


def test_a_terminal_without_the_letters_gets_them_written_out(tmp_path: Path) -> None:
    folder = short(tmp_path / "c", "日本語")
    ran = mien("inspect", folder, env={"PYTHONIOENCODING": "ascii"})
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(r"\u65e5\u672c\u8a9e: 1 turns")
