"""The endpoint tells the ledger's totals; without the package it says what to do."""

from __future__ import annotations

import socket
import sys
import urllib.request
from pathlib import Path

import pytest

from mien.cli import main
from mien.observe import MetricsServer, MetricsUnavailable
from observe.rig import Rig


def test_totals_are_served() -> None:
    pytest.importorskip("prometheus_client")
    from prometheus_client.parser import text_string_to_metric_families

    rig = Rig()
    for index in range(10):
        rig.frame(index, built=2.0, drawn=50.0 if index == 4 else 1.0)
    rig.ledger.add_collection(1, 0, 3_000_000)
    with (
        MetricsServer(rig.ledger, 0) as server,
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer,
    ):
        text = answer.read().decode()
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["mien_frames_produced_total",] == 10
    assert samples["mien_frames_over_budget_total", "gpu_wait"] == 1
    assert samples["mien_frames_over_budget_total", "gc"] == 0
    assert samples["mien_l1_miss_total", "speaking"] == 0
    assert samples["mien_work_ms", "max"] == 52.0
    assert samples["mien_gc_pause_ms", "1", "max"] == 3.0
    assert samples["mien_dropped_percent_1s", "worst"] == 0.0


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    pytest.importorskip("prometheus_client")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MetricsUnavailable, match=rf"127\.0\.0\.1:{port} .*--metrics-port"):
            MetricsServer(Rig().ledger, port)


def test_without_the_package_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    code = main(["render", "hello", "-o", str(tmp_path / "out.mp4"), "--metrics-port", "9100"])
    message = capsys.readouterr().err
    assert code != 0
    assert "pip install 'mien[metrics]'" in message
    assert "Traceback" not in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["no", "0", "70000", "localhost:"])
def test_a_port_that_is_none_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["render", "hello", "--metrics-port", text])
    assert "is not a port" in capsys.readouterr().err
