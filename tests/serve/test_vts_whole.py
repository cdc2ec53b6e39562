"""A plugin of VTube Studio, a port over real sockets, and an engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import mien
from mien.serve.access import Access
from mien.serve.performance import Performance
from mien.serve.server import Server
from mien.serve.vts.plugins import Plugins
from mien.serve.vts.port import Port
from serve.plugin import NAME, plugin_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port() -> Iterator[Port]:
    cast = {"wren": "wren", "otto": "otto"}
    performance = Performance(lambda: mien.Backend(cast, size=(64, 48), playout="null", room=1, spare=False))
    with (
        Server(performance, Access()) as server,
        Port(server.house, Access(), plugins=Plugins(None, [NAME])) as port,
    ):
        performance.open()
        server.house.tell_opened()
        yield port
    performance.close()


def test_what_a_plugin_injects_is_held(port: Port) -> None:
    stage = port.shared.house.performance.stage
    with plugin_of(port) as plugin:
        plugin.inject(FaceAngleX=-30, EyeOpenLeft=0, MouthOpen=1)
        model = plugin.ask("CurrentModelRequest")
        assert (model["modelName"], model["numberOfLive2DParameters"]) == ("wren", 26)
        held: dict[str, float | None] = {}
        wanted = ("head_yaw", "lid_left", "jaw")
        while None in map(held.get, wanted):  # until it was drawn; it is kept by what is sent again
            plugin.inject(FaceAngleX=-30, EyeOpenLeft=0, MouthOpen=1)
            held = {state.name: state.held for state in stage.channels("wren")}
        assert (held["head_yaw"], held["lid_left"], held["jaw"]) == (-1.0, 1.0, 1.0)
        assert held["head_roll"] is None


def test_all_that_a_model_has_can_be_triggered(port: Port) -> None:
    with plugin_of(port) as plugin:
        listed = plugin.ask("HotkeysInCurrentModelRequest")["availableHotkeys"]
        own = [hotkey for hotkey in listed if hotkey["type"] != "ChangeVTSModel"]
        assert len({hotkey["hotkeyID"] for hotkey in listed}) == len(listed)
        for hotkey in own:
            plugin.ask("HotkeyTriggerRequest", {"hotkeyID": hotkey["hotkeyID"]})
        for one in plugin.ask("ExpressionStateRequest")["expressions"]:
            plugin.ask("ExpressionActivationRequest", {"expressionFile": one["file"], "active": True})
    assert not port.shared.house.performance.stage.warnings


def test_models_come_in_one_anothers_place(port: Port) -> None:
    stage = port.shared.house.performance.stage
    with plugin_of(port) as plugin:
        ids = {m["modelName"]: m["modelID"] for m in plugin.ask("AvailableModelsRequest")["availableModels"]}
        plugin.ask("ModelLoadRequest", {"modelID": ""})
        plugin.ask("ModelLoadRequest", {"modelID": ids["otto"]})
        while plugin.ask("CurrentModelRequest")["modelName"] != "otto":
            pass
        plugin.ask("ModelLoadRequest", {"modelID": ids["mizzle"]})
        while plugin.ask("CurrentModelRequest")["modelName"] != "mizzle":
            pass
        move = {"timeInSeconds": 0, "valuesAreRelativeToModel": False, "positionX": 0.5, "size": 50}
        plugin.ask("MoveModelRequest", move)
        while stage.standing("mizzle").size < 1.9:
            plugin.ask("FaceFoundRequest")
        assert plugin.ask("CurrentModelRequest")["modelPosition"]["positionX"] == pytest.approx(0.5, abs=0.1)
