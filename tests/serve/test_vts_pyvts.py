"""The port with pyvts, a library that VTube Studio's plugins are made with, as it is released."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mien.serve.vts.plugins import Plugins
from mien.serve.vts.port import Port
from serve.plugin import Ensemble, plugged

pyvts = pytest.importorskip("pyvts", reason="pyvts is of the test extra; tools/test installs it")
INFO = {"plugin_name": "start pyvts", "developer": "Genteki"}


def talked(tmp_path: Path, talk: Callable[[Any], Awaitable[object]]) -> Ensemble:
    """Have pyvts talk with a port, once it is let in; the stage."""

    async def run(port: Port) -> None:
        info = INFO | {"authentication_token_path": str(tmp_path / "token.txt")}
        api = {"version": "1.0", "name": "VTubeStudioPublicAPI", "host": "127.0.0.1", "port": port.port}
        plugin = pyvts.vts(plugin_info=info, vts_api_info=api)
        await plugin.connect()
        await plugin.request_authenticate_token()
        assert await plugin.request_authenticate()
        assert plugin.get_authentic_status() == 2
        await talk(plugin)
        await plugin.close()

    with plugged(plugins=Plugins(None, ["start pyvts"])) as (port, puppet):
        asyncio.run(run(port))
        return puppet


def test_pyvts_triggers_hotkeys(tmp_path: Path) -> None:
    async def talk(plugin: Any) -> None:
        listed = await plugin.request(plugin.vts_request.requestHotKeyList())
        names = [hotkey["name"] for hotkey in listed["data"]["availableHotkeys"]]
        assert names[:3] == ["neutral", "happy", "sad"]
        done = await plugin.request(plugin.vts_request.requestTriggerHotKey("sad"))
        assert done["messageType"] == "HotkeyTriggerResponse"

    assert ("wren", "sad") in [given for _, given, _ in talked(tmp_path, talk).told("set_expression")]


def test_pyvts_makes_and_sets_parameters(tmp_path: Path) -> None:
    async def talk(plugin: Any) -> None:
        request = plugin.vts_request
        made = await plugin.request(request.requestCustomParameter("HeadYaw", -1, 1))
        assert made["data"] == {"parameterName": "HeadYaw"}
        for asked in (
            request.requestSetParameterValue("HeadYaw", 0.5),
            request.requestSetMultiParameterValue(["FaceAngleY", "MouthOpen"], [15, 1], face_found=True),
            request.requestSetParameterValue("FaceAngleY", -15, mode="add"),
        ):
            told = await plugin.request(asked)
            assert (told["messageType"], told["data"]) == ("InjectParameterDataResponse", {})
        value = await plugin.request(request.requestParameterValue("HeadYaw"))
        assert value["data"]["value"] == 0.5
        listed = await plugin.request(request.requestTrackingParameterList())
        assert listed["data"]["customParameters"][0]["addedBy"] == "start pyvts"
        gone = await plugin.request(request.requestDeleteCustomParameter("HeadYaw"))
        assert gone["messageType"] == "ParameterDeletionResponse"

    puppet = talked(tmp_path, talk)
    assert ("wren", "head_yaw", 0.5) in [given for _, given, _ in puppet.told("hold")]


def test_pyvts_moves_the_model_and_subscribes(tmp_path: Path) -> None:
    async def talk(plugin: Any) -> None:
        request = plugin.vts_request
        moved = await plugin.request(request.requestMoveModel(0.5, 0.0, size=0, relative=False))
        assert moved["messageType"] == "MoveModelResponse"
        told = await plugin.event_subscribe(request.eventSubscriptionModelLoaded())
        assert told["data"]["subscribedEvents"] == ["ModelLoadedEvent"]
        refused = await plugin.event_subscribe(request.eventSubscribtionModelMoved())
        assert refused["data"]["errorID"] == 950
        tinted = await plugin.request(request.ColorTintRequest(red=255))
        assert tinted["data"]["errorID"] == 7

    ((_, given, how),) = talked(tmp_path, talk).told("move")
    assert (given, how) == (("wren", (0.75, 1.0), 1.0), {"seconds": 0.2})
