"""The port for VTube Studio's plugins over real sockets: the published examples, and what is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from mien.catalog import bundled
from mien.errors import FormatError
from mien.serve.access import Access
from mien.serve.vts.answering import ANSWERS
from mien.serve.vts.asking import Ask, asker
from mien.serve.vts.discovery import broadcast
from mien.serve.vts.plugins import Plugins, plugins_file
from mien.serve.vts.port import Port
from serve.plugin import DEVELOPER, NAME, Ensemble, Plugin, plugged, plugin_of

WHO = {"pluginName": NAME, "pluginDeveloper": DEVELOPER}


@pytest.fixture
def plugin() -> Iterator[tuple[Plugin, Ensemble]]:
    with plugged() as (port, puppet), plugin_of(port) as plugin:
        yield plugin, puppet


# -- the envelope -----------------------------------------------------------------------------------


def test_an_answer_has_the_envelope_of_the_request() -> None:
    with plugged() as (port, _), plugin_of(port, enters=False) as plugin:
        plugin.send("APIStateRequest", requestID="MyIDWithLessThan64Characters")
        told = plugin.receive()
        assert told["timestamp"] > 1_700_000_000_000
        assert {**told, "timestamp": 0} == {
            "apiName": "VTubeStudioPublicAPI",
            "apiVersion": "1.0",
            "timestamp": 0,
            "messageType": "APIStateResponse",
            "requestID": "MyIDWithLessThan64Characters",
            "data": {
                "active": True,
                "vTubeStudioVersion": port.shared.version,
                "currentSessionAuthenticated": False,
            },
        }


def test_a_request_without_an_id_is_given_one() -> None:
    with plugged() as (port, _), plugin_of(port, enters=False) as plugin:
        plugin.send("APIStateRequest", requestID=None)
        assert len(plugin.receive()["requestID"]) == 32


@pytest.mark.parametrize(
    ("envelope", "error_id"),
    [
        ({"apiName": "Another"}, 3),
        ({"apiVersion": "2.0"}, 4),
        ({"apiVersion": 1.0}, 4),
        ({"requestID": ""}, 5),
        ({"requestID": "x" * 65}, 5),
        ({"requestID": "é"}, 5),
        ({"requestID": 7}, 5),
        ({"messageType": ""}, 6),
        ({"messageType": 3}, 6),
        ({"messageType": "NDIConfigRequest"}, 7),
        ({"messageType": "ItemLoadRequest"}, 7),
        ({"data": [1]}, 2),
    ],
)
def test_what_is_wrong_with_an_envelope_has_its_number(
    plugin: tuple[Plugin, Ensemble], envelope: dict[str, Any], error_id: int
) -> None:
    assert plugin[0].refused("APIStateRequest", **envelope) == error_id
    assert plugin[0].ask("APIStateRequest")["currentSessionAuthenticated"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '"x"', "[" * 5000, '{"a":' * 5000, b"\xff\xfe", "{'a': 1}"]
)
def test_what_is_no_json_is_told_so(plugin: tuple[Plugin, Ensemble], text: str | bytes) -> None:
    plugin[0].socket.send(text)
    assert plugin[0].receive()["data"]["errorID"] == 2
    assert plugin[0].ask("APIStateRequest")


def test_binary_messages_are_read_as_text(plugin: tuple[Plugin, Ensemble]) -> None:
    request = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": "FaceFoundRequest"}
    plugin[0].socket.send(json.dumps(request).encode())
    assert plugin[0].receive()["data"] == {"found": False}


# -- who may ----------------------------------------------------------------------------------------


def test_nothing_is_done_before_a_plugin_is_let_in() -> None:
    with plugged() as (port, puppet), plugin_of(port, enters=False) as plugin:
        assert {plugin.refused(kind) for kind in ANSWERS} == {8}
        assert not puppet.told("hold", "set_expression", "gesture", "wear")


def test_a_token_is_good_for_the_next_connection_and_kept_as_a_hash(tmp_path: Path) -> None:
    file = tmp_path / "mien" / "vts-plugins.json"
    with plugged(plugins=Plugins(file, [NAME])) as (port, _), plugin_of(port, enters=False) as plugin:
        token = plugin.enter()
    assert token not in file.read_text()
    with plugged(plugins=Plugins(file)) as (port, _), plugin_of(port, enters=False) as plugin:
        shown = WHO | {"authenticationToken": token}
        assert plugin.ask("AuthenticationRequest", shown)["authenticated"]
        for wrong in (
            {"authenticationToken": "x"},
            {"pluginName": "Another"},
            {"pluginDeveloper": "Another"},
        ):
            assert not plugin.ask("AuthenticationRequest", shown | wrong)["authenticated"]
        assert plugin.refused("StatisticsRequest") == 8


@pytest.mark.parametrize(
    ("field", "error_id"),
    [("pluginName", 101), ("pluginDeveloper", 102), ("authenticationToken", 100)],
)
def test_what_is_missing_of_an_authentication_has_its_number(field: str, error_id: int) -> None:
    with plugged() as (port, _), plugin_of(port, enters=False) as plugin:
        assert (
            plugin.refused("AuthenticationRequest", WHO | {"authenticationToken": "x", field: ""}) == error_id
        )


def test_a_plugin_whom_nobody_lets_in_is_denied() -> None:
    with plugged(plugins=Plugins()) as (port, _), plugin_of(port, enters=False) as plugin:
        assert plugin.refused("AuthenticationTokenRequest", WHO) == 50
        assert plugin.refused("AuthenticationTokenRequest", WHO | {"pluginName": "ab"}) == 52
        assert plugin.refused("AuthenticationTokenRequest", WHO | {"pluginDeveloper": "x" * 33}) == 53


def test_a_name_lets_nobody_in_from_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.serve.vts.session.is_loopback", lambda host: False)
    with plugged() as (port, _), plugin_of(port, enters=False) as plugin:
        assert plugin.refused("AuthenticationTokenRequest", WHO) == 50


def test_one_person_is_asked_one_question_and_others_go_on() -> None:
    asked, answers = threading.Event(), threading.Semaphore(0)

    async def ask(name: str, developer: str) -> bool:
        assert (name, developer) == (NAME, DEVELOPER)
        asked.set()
        await asyncio.to_thread(answers.acquire)
        return True

    with (
        plugged(plugins=Plugins(), ask=ask) as (port, _),
        plugin_of(port, enters=False) as one,
        plugin_of(port, enters=False) as other,
    ):
        one.send("AuthenticationTokenRequest", WHO)
        assert asked.wait(60)
        assert other.refused("AuthenticationTokenRequest", WHO) == 51
        assert one.refused("StatisticsRequest") == 8  # it is answered while the question stands
        answers.release()
        assert one.receive()["data"]["authenticationToken"]


async def answer(ask: Ask) -> bool | None:
    return await ask(NAME, DEVELOPER)


@pytest.mark.parametrize("typed", [b"y\n", b"YES\n", b"\n", b"no\n", b""])
def test_a_line_with_yes_lets_a_plugin_in(typed: bytes) -> None:
    reads, writes = os.pipe()
    told: list[str] = []
    try:
        os.write(writes, typed)
        os.close(writes)
        lets = asyncio.run(answer(asker(told.append, reads)))
        assert lets is (b"y" in typed.lower())
    finally:
        os.close(reads)
    assert NAME in told[0] and DEVELOPER in told[0]


def test_what_was_typed_before_a_question_is_no_answer_to_it() -> None:
    person, terminal = os.openpty()
    try:
        os.write(person, b"y\n")
        ask = asker(lambda line: os.write(person, b"n\n"), terminal)
        assert asyncio.run(answer(ask)) is False
    finally:
        os.close(person)
        os.close(terminal)


def test_a_question_ends_with_the_plugin_that_asked() -> None:
    person, terminal = os.openpty()
    told: list[str] = []
    asked, gone = threading.Event(), threading.Event()

    def tell(line: str) -> None:
        told.append(line)
        (asked if len(told) == 1 else gone).set()

    try:
        with plugged(plugins=Plugins(), ask=asker(tell, terminal)) as (port, _):
            with plugin_of(port, enters=False) as one:
                one.send("AuthenticationTokenRequest", WHO)
                assert asked.wait(60)
            assert gone.wait(60)
            assert not port.shared.asking.locked()
    finally:
        os.close(person)
        os.close(terminal)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"plugins": 1}', '{"plugins": [{"name": "x"}]}', "[" * 9])
def test_a_file_of_plugins_that_is_none_is_told_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "vts-plugins.json"
    file.write_text(text)
    with pytest.raises(FormatError, match="remove it"):
        Plugins(file)


def test_plugins_are_kept_in_the_users_folder() -> None:
    assert plugins_file({"XDG_CONFIG_HOME": "/c", "HOME": "/h"}) == Path("/c/mien/vts-plugins.json")
    assert plugins_file({"HOME": "/h"}) is not None
    assert plugins_file({}) is None


def test_no_page_may_connect_unless_its_origin_is_named() -> None:
    with plugged() as (port, _):
        for origin in ("https://example.org", f"http://127.0.0.1:{port.port}"):
            with pytest.raises(InvalidStatus), connect(port.url, origin=Origin(origin)):
                pass
    named = Access(origins=("https://example.org",))
    with (
        plugged(access=named) as (port, _),
        plugin_of(port, origin=Origin("https://example.org")) as plugin,
    ):
        assert plugin.ask("FaceFoundRequest") == {"found": False}


def test_where_the_port_is_can_be_broadcast() -> None:
    async def run(place: tuple[str, int]) -> None:
        telling = asyncio.create_task(broadcast("127.0.0.1", 8001, place))
        told = json.loads(await asyncio.to_thread(hears.recv, 4096))
        telling.cancel()
        assert told["messageType"] == told["requestID"] == "VTubeStudioAPIStateBroadcast"
        assert (told["data"]["active"], told["data"]["port"]) == (True, 8001)
        assert len(told["data"]["instanceID"]) == 32

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears:
        hears.settimeout(60)
        hears.bind(("127.0.0.1", 0))
        asyncio.run(run(hears.getsockname()))


# -- parameters -------------------------------------------------------------------------------------


def test_parameters_hold_channels(plugin: tuple[Plugin, Ensemble]) -> None:
    client, puppet = plugin
    client.inject(FaceAngleX=15, EyeOpenLeft=0.25, EyeLeftX=1, EyeRightX=0, Brows=1)
    client.ask("CurrentModelRequest")  # behind it
    held = {given[1]: given[2] for _, given, _ in puppet.told("hold")}
    assert held == {
        "head_yaw": 0.5,
        "lid_left": 0.75,
        "gaze_x": 0.5,
        "brow_left_y": 1.0,
        "brow_right_y": 1.0,
    }


def test_a_value_is_what_was_injected(plugin: tuple[Plugin, Ensemble]) -> None:
    client, _ = plugin
    client.inject(FaceAngleX=12.5)
    assert client.ask("ParameterValueRequest", {"name": "FaceAngleX"}) == {
        "name": "FaceAngleX",
        "addedBy": "VTube Studio",
        "value": 12.5,
        "min": -30.0,
        "max": 30.0,
        "defaultValue": 0.0,
    }
    client.inject("add", FaceAngleX=-2.5)
    assert client.ask("ParameterValueRequest", {"name": "FaceAngleX"})["value"] == 10.0
    assert client.refused("ParameterValueRequest", {"name": "Nothing"}) == 500


def test_a_plugin_makes_parameters_and_takes_them_away(plugin: tuple[Plugin, Ensemble]) -> None:
    client, puppet = plugin
    made = {"parameterName": "HeadYaw", "explanation": "", "min": -1, "max": 1, "defaultValue": 0}
    assert client.ask("ParameterCreationRequest", made) == {"parameterName": "HeadYaw"}
    client.inject(HeadYaw=0.25)
    listed = client.ask("InputParameterListRequest")
    assert [(one["name"], one["addedBy"], one["value"]) for one in listed["customParameters"]] == [
        ("HeadYaw", NAME, 0.25)
    ]
    assert "FaceAngleX" in [one["name"] for one in listed["defaultParameters"]]
    assert ("hold", ("wren", "head_yaw", 0.25), {"seconds": 0.05}) in puppet.told("hold")
    for wrong, error_id in (
        ({"parameterName": "a b c d"}, 350),
        ({"parameterName": "abc"}, 350),
        ({"parameterName": "FaceAngleX"}, 354),
        ({"min": 2e6}, 351),
        ({"max": None}, 351),
        ({"explanation": "x" * 256}, 353),
    ):
        assert client.refused("ParameterCreationRequest", made | wrong) == error_id
    assert client.ask("ParameterDeletionRequest", {"parameterName": "HeadYaw"})
    for name, error_id in (("HeadYaw", 401), ("FaceAngleX", 403), ("", 400)):
        assert client.refused("ParameterDeletionRequest", {"parameterName": name}) == error_id


@pytest.mark.parametrize(
    ("data", "error_id"),
    [
        ({}, 450),
        ({"parameterValues": []}, 450),
        ({"parameterValues": [{"id": "FaceAngleX"}]}, 451),
        ({"parameterValues": [{"id": "FaceAngleX", "value": 1e7}]}, 451),
        ({"parameterValues": [{"id": "FaceAngleX", "value": True}]}, 451),
        ({"parameterValues": [{"id": "FaceAngleX", "value": 1, "weight": 2}]}, 452),
        ({"parameterValues": [{"id": "FaceAngleX", "value": 1}, {"id": "Nothing", "value": 1}]}, 453),
        ({"parameterValues": [3]}, 453),
        ({"parameterValues": [{"id": "FaceAngleX", "value": 1}], "mode": "mix"}, 455),
    ],
)
def test_of_what_is_wrong_nothing_is_injected(
    plugin: tuple[Plugin, Ensemble], data: dict[str, Any], error_id: int
) -> None:
    client, puppet = plugin
    assert client.refused("InjectParameterDataRequest", data) == error_id
    client.ask("CurrentModelRequest")
    assert not puppet.told("hold")


def test_two_plugins_do_not_set_one_parameter() -> None:
    with plugged() as (port, _), plugin_of(port) as one, plugin_of(port, name="Other Plugin") as other:
        one.inject(FaceAngleX=3)
        data = {"parameterValues": [{"id": "FaceAngleX", "value": 1}]}
        assert other.refused("InjectParameterDataRequest", data) == 454
        other.inject("add", FaceAngleX=4)
        assert one.ask("ParameterValueRequest", {"name": "FaceAngleX"})["value"] == 7


def test_a_face_is_found_as_long_as_a_plugin_says_so(plugin: tuple[Plugin, Ensemble]) -> None:
    client, _ = plugin
    assert client.ask("FaceFoundRequest") == {"found": False}
    client.ask(
        "InjectParameterDataRequest",
        {"faceFound": True, "parameterValues": [{"id": "FaceAngleX", "value": 1}]},
    )
    assert client.ask("FaceFoundRequest") == {"found": True}


# -- hotkeys, expressions, items --------------------------------------------------------------------


def hotkey(client: Plugin, name: str) -> Any:
    listed = client.ask("HotkeysInCurrentModelRequest")["availableHotkeys"]
    return next(one for one in listed if one["name"] == name)


def test_hotkeys_are_triggered_by_id_and_by_name(plugin: tuple[Plugin, Ensemble]) -> None:
    client, puppet = plugin
    happy = hotkey(client, "happy")
    assert (happy["type"], happy["file"], happy["keyCombination"]) == (
        "ToggleExpression",
        "happy.exp3.json",
        [],
    )
    for asked in (happy["hotkeyID"], "HAPPY", "wave", "glasses: round", "Remove all expressions"):
        client.ask("HotkeyTriggerRequest", {"hotkeyID": asked})
    did = [(name, *given) for name, given, _ in puppet.told("set_expression", "gesture", "wear")]
    assert did == [
        ("set_expression", "wren", "happy"),
        ("set_expression", "wren", "neutral"),  # on, and off again
        ("gesture", "wren", "wave"),
        ("wear", "wren", "glasses", "round"),
        ("set_expression", "wren", "neutral"),
    ]
    assert client.refused("HotkeyTriggerRequest", {"hotkeyID": "nothing"}) == 202
    assert client.refused("HotkeyTriggerRequest", {}) == 202
    assert client.refused("HotkeyTriggerRequest", {"hotkeyID": "happy", "itemInstanceID": "x"}) == 207


def test_hotkeys_of_another_model_are_listed(plugin: tuple[Plugin, Ensemble]) -> None:
    client, _ = plugin
    models = client.ask("AvailableModelsRequest")["availableModels"]
    (otto,) = (one["modelID"] for one in models if one["modelName"] == "otto")
    told = client.ask("HotkeysInCurrentModelRequest", {"modelID": otto})
    assert (told["modelLoaded"], told["modelName"]) == (False, "otto")
    assert told["availableHotkeys"]
    assert client.refused("HotkeysInCurrentModelRequest", {"modelID": "0" * 32}) == 152


def test_expressions_are_told_and_activated(plugin: tuple[Plugin, Ensemble]) -> None:
    client, puppet = plugin
    sad = {"expressionFile": "sad.exp3.json"}
    assert client.ask("ExpressionActivationRequest", sad | {"active": True, "fadeTime": 0.5}) == {}
    state = client.ask("ExpressionStateRequest", {"details": True})["expressions"]
    assert [(one["name"], one["active"]) for one in state] == [
        ("neutral", False),
        ("happy", False),
        ("sad", True),
    ]
    (one,) = client.ask("ExpressionStateRequest", sad)["expressions"]
    assert one["active"] and not one["usedInHotkeys"]
    client.ask("ExpressionActivationRequest", {"expressionFile": "happy.exp3.json", "active": False})
    client.ask("ExpressionActivationRequest", sad | {"active": False})
    assert [given for _, given, _ in puppet.told("set_expression")] == [("wren", "sad"), ("wren", "neutral")]
    for kind, wrong in (("ExpressionStateRequest", 600), ("ExpressionActivationRequest", 650)):
        assert client.refused(kind, {"expressionFile": "sad", "active": True}) == wrong
        assert client.refused(kind, {"expressionFile": "x.exp3.json", "active": True}) == wrong + 1


def test_drawings_are_items(plugin: tuple[Plugin, Ensemble]) -> None:
    client, _ = plugin
    client.ask("HotkeyTriggerRequest", {"hotkeyID": "glasses: round"})
    told = client.ask(
        "ItemListRequest", {"includeAvailableItemFiles": True, "includeItemInstancesInScene": True}
    )
    assert told["availableItemFiles"] == [{"fileName": "glasses: round.png", "type": "PNG", "loadedCount": 1}]
    assert [one["fileName"] for one in told["itemInstancesInScene"]] == ["glasses: round.png"]


def test_without_a_model_it_is_said_so() -> None:
    puppet = Ensemble()
    puppet.on_stage = ()
    with plugged(puppet) as (port, _), plugin_of(port) as client:
        assert not client.ask("CurrentModelRequest")["modelLoaded"]
        assert client.refused("HotkeyTriggerRequest", {"hotkeyID": "happy"}) == 201
        assert client.refused("ExpressionActivationRequest", {"expressionFile": "sad.exp3.json"}) == 652
        move = {"timeInSeconds": 0, "valuesAreRelativeToModel": False}
        assert client.refused("MoveModelRequest", move) == 300
        client.inject(FaceAngleX=3)


# -- models -----------------------------------------------------------------------------------------


def test_the_model_is_who_is_on_stage_and_moves(plugin: tuple[Plugin, Ensemble]) -> None:
    client, puppet = plugin
    told = client.ask("CurrentModelRequest")
    assert (told["modelLoaded"], told["modelName"]) == (True, "wren")
    assert told["modelPosition"] == {"positionX": 0.0, "positionY": 0.0, "rotation": 0.0, "size": 0.0}
    move = {"timeInSeconds": 0.5, "valuesAreRelativeToModel": False}
    client.ask("MoveModelRequest", move | {"positionX": 0.5, "rotation": 90})
    client.ask("MoveModelRequest", move | {"valuesAreRelativeToModel": True, "size": 50})
    assert puppet.told("move") == [
        ("move", ("wren", (0.75, 1.0), 1.0), {"seconds": 0.5}),
        ("move", ("wren", (0.5, 1.5), 2.0), {"seconds": 0.5}),
    ]
    for wrong, error_id in (
        ({"timeInSeconds": None}, 301),
        ({"valuesAreRelativeToModel": None}, 301),
        ({"timeInSeconds": 3}, 302),
        ({"positionX": 1001}, 302),
        ({"size": 101}, 302),
        ({"rotation": "x"}, 302),
    ):
        assert client.refused("MoveModelRequest", move | wrong) == error_id


def test_another_model_comes_and_has_what_is_injected(plugin: tuple[Plugin, Ensemble]) -> None:
    client, puppet = plugin
    client.inject(FaceAngleX=30)
    models = client.ask("AvailableModelsRequest")["availableModels"]
    assert [one["modelName"] for one in models if one["modelLoaded"]] == ["wren"]
    (otto,) = (one["modelID"] for one in models if one["modelName"] == "otto")
    assert client.ask("ModelLoadRequest", {"modelID": otto}) == {"modelID": otto}
    assert client.ask("CurrentModelRequest")["modelName"] == "otto"
    client.inject(FaceAngleX=30)
    client.ask("CurrentModelRequest")
    assert ("swap", ("wren", "otto")) in [one[:2] for one in puppet.calls]
    assert ("let_go", ("wren", "head_yaw")) in [one[:2] for one in puppet.calls]
    assert ("hold", ("otto", "head_yaw", 1.0)) in [one[:2] for one in puppet.calls]
    (mizzle,) = (one["modelID"] for one in models if one["modelName"] == "mizzle")
    client.ask("ModelLoadRequest", {"modelID": mizzle})
    assert [one[:2] for one in puppet.told("load", "enter")] == [
        ("load", ("mizzle", bundled("characters", "mizzle"), None, 1.0)),
        ("enter", ("mizzle", (0.5, 1.0), 1.0)),
    ]
    client.ask("ModelLoadRequest", {"modelID": otto})
    assert client.refused("ModelLoadRequest", {}) == 150
    assert client.refused("ModelLoadRequest", {"modelID": "/etc/passwd"}) == 152
    assert client.ask("ModelLoadRequest", {"modelID": ""}) == {"modelID": ""}
    assert not client.ask("CurrentModelRequest")["modelLoaded"]


def test_statistics_are_told(plugin: tuple[Plugin, Ensemble]) -> None:
    told = plugin[0].ask("StatisticsRequest")
    assert (told["framerate"], told["windowWidth"], told["windowHeight"]) == (30, 64, 48)
    assert (told["connectedPlugins"], told["allowedPlugins"]) == (1, 1)


# -- events -----------------------------------------------------------------------------------------


def test_events_are_told_to_who_subscribed() -> None:
    with plugged() as (port, _), plugin_of(port) as one, plugin_of(port, name="Other Plugin") as other:
        for name, config in (
            ("TestEvent", {"testMessageForEvent": "hello"}),
            ("ModelLoadedEvent", {}),
            ("HotkeyTriggeredEvent", {"onlyForAction": "ToggleExpression"}),
        ):
            data = {"eventName": name, "subscribe": True, "config": config}
            subscribed = one.ask("EventSubscriptionRequest", data)
        assert subscribed["subscribedEventCount"] == 3
        for name in ("wave", "happy", "otto"):
            other.ask("HotkeyTriggerRequest", {"hotkeyID": name})
        told = one.event("HotkeyTriggeredEvent")
        assert (told["hotkeyName"], told["hotkeyTriggeredByAPI"], told["modelName"]) == (
            "happy",
            True,
            "wren",
        )
        # It came to know of wren with the first request, before or after it subscribed.
        loaded = [one.event("ModelLoadedEvent") for _ in range(2)]
        if loaded[0]["modelLoaded"]:
            loaded = [loaded[1], one.event("ModelLoadedEvent")]
        assert [(told["modelLoaded"], told["modelName"]) for told in loaded] == [
            (False, "wren"),
            (True, "otto"),
        ]
        assert one.event("TestEvent")["yourTestMessage"] == "hello"
        assert one.ask("EventSubscriptionRequest", {"subscribe": False}) == {
            "subscribedEventCount": 0,
            "subscribedEvents": [],
        }


@pytest.mark.parametrize(
    ("name", "config", "error_id"),
    [
        ("ModelOutlineEvent", {}, 950),
        ("", {}, 950),
        ("TestEvent", {"testMessageForEvent": "x" * 33}, 100_000),
        ("ModelLoadedEvent", {"modelID": ["x"]}, 100_050),
        ("HotkeyTriggeredEvent", {"onlyForAction": "Dance"}, 100_100),
        ("TestEvent", [], 2),
    ],
)
def test_what_cannot_be_subscribed_to_is_said_so(
    plugin: tuple[Plugin, Ensemble], name: str, config: Any, error_id: int
) -> None:
    data = {"eventName": name, "subscribe": True, "config": config}
    assert plugin[0].refused("EventSubscriptionRequest", data) == error_id


# -- anything at all --------------------------------------------------------------------------------

FIELDS = sorted(
    {
        "modelID",
        "hotkeyID",
        "itemInstanceID",
        "expressionFile",
        "details",
        "active",
        "fadeTime",
        "name",
        "mode",
        "parameterName",
    }
    | {
        "explanation",
        "min",
        "max",
        "defaultValue",
        "faceFound",
        "parameterValues",
        "eventName",
        "subscribe",
    }
    | {
        "timeInSeconds",
        "positionX",
        "positionY",
        "size",
        "valuesAreRelativeToModel",
        "rotation",
        "pluginName",
    }
    | {"pluginDeveloper", "authenticationToken", "includeAvailableItemFiles", "config"}
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | st.text(max_size=40)
    | st.sampled_from(["happy", "FaceAngleX", "set", "TestEvent", "sad.exp3.json", "wren"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def crowd() -> Iterator[tuple[Port, Plugin, Plugin]]:
    with (
        plugged(limits=None) as (port, _),
        plugin_of(port) as one,
        plugin_of(port, name="Other Plugin") as other,
    ):
        yield port, one, other


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(sorted({*ANSWERS, "APIStateRequest", "AuthenticationTokenRequest"}))
    | st.text(max_size=9),
    data=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6) | JSON,
    id=st.text(max_size=70) | JSON,
)
def test_whatever_is_asked_is_answered_once_and_nobody_else_notices(
    crowd: tuple[Port, Plugin, Plugin], kind: str, data: Any, id: Any
) -> None:
    _, one, other = crowd
    one.send(kind, data, requestID=id)
    told = one.answer()
    assert told["apiName"] == "VTubeStudioPublicAPI" and isinstance(told["data"], dict)
    if told["messageType"] == "APIError":
        assert told["data"]["errorID"] != 0, told  # nothing failed: it was refused
    if isinstance(id, str) and id.isascii() and 1 <= len(id) <= 64:
        assert told["requestID"] == id
    assert other.ask("APIStateRequest")["currentSessionAuthenticated"]


@settings(max_examples=60, deadline=None)
@given(junk=st.binary(max_size=200) | st.text(max_size=200))
def test_whatever_is_sent_is_answered_once(crowd: tuple[Port, Plugin, Plugin], junk: str | bytes) -> None:
    _, _, other = crowd
    try:
        junk.encode() if isinstance(junk, str) else junk
    except UnicodeError:  # no text that a socket takes
        return
    other.socket.send(junk)
    assert other.answer()["messageType"] == "APIError"
