"""The server over real sockets, with a stage whose frames come when a test says so."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mien.errors import RendererUnavailable
from mien.serve.access import Access
from mien.serve.coding import PICTURE, SOUND
from mien.serve.limits import Limits
from mien.serve.server import CannotServe, Server
from mien.talk.events import TurnEvent
from serve.rig import SIZE, Puppet, served, talking

TOKEN = "correct horse battery staple".replace(" ", "-")


def got(server: Server, path: str, **headers: str) -> tuple[int, str]:
    """The status of a page, and what it says."""
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def started(turn: str) -> TurnEvent:
    return TurnEvent("started", turn, "wren", 0)


# -- commands ---------------------------------------------------------------------------------------


def test_each_command_is_the_stages_call_and_all_are_done_in_order() -> None:
    with served() as (server, puppet), talking(server) as client:
        client.send("expression", who="wren", name="happy")
        client.send("gaze", who="wren", at=[0.5, 0])
        client.send("gaze", who="wren", at=[10, 20], pixels=True)
        client.send("gesture", who="wren", name="wave")
        client.send("nod", who="wren", depth=-0.5)
        client.send("burst", who="wren", kind="laugh")
        client.send("wear", who="wren", slot="hat", drawing=None)
        client.send("hold", who="wren", channel="head_yaw", value=0.5)
        client.send("let_go", who="wren")
        client.send("viseme", who="wren", viseme="aa")
        client.send("cue", who="wren", kind="gaze", value="viewer")
        client.send("cue", who="wren", kind="enter", value={"side": "left", "seconds": 0})
        client.send("move", who="wren", place="left")
        client.send("swap", who="wren", other="otto")
        client.send("leave", who="wren", seconds=0)
        client.send("load", key="otto", character="otto")
        client.send("seek", seconds=2)
        client.send("pause")
        client.send("resume")
        client.send("interrupt")
        client.send("unload", key="otto")
        assert client.ask("nod", who="wren")["type"] == "answer"
    names = [name for name, *_ in puppet.calls]
    assert names == [
        "set_expression", "look_at", "look_at_place", "gesture", "nod", "burst", "wear", "hold", "let_go",
        "show_viseme", "look_at", "enter", "move", "swap", "leave", "load", "seek", "pause", "resume",
        "interrupt", "unload", "nod",
    ]  # fmt: skip
    assert puppet.calls[2][1] == ("wren", 10.0, 20.0)
    assert puppet.calls[11][2] == {"side": "left", "transition": "slide", "seconds": 0}


def test_a_turn_by_each_way_of_sound_is_said(tmp_path: Any) -> None:
    from mien.serve.allowed import Allowed

    (tmp_path / "a.wav").write_bytes(b"RIFF")
    allowed = Allowed([str(tmp_path), "http://127.0.0.1:1/"])
    with served(allowed=allowed) as (server, puppet), talking(server) as client:
        for key, audio in {
            "base64": {"kind": "base64", "data": "UklGRg=="},
            "file": {"kind": "file", "path": str(tmp_path / "a.wav")},
            "url": {"kind": "url", "url": "http://127.0.0.1:1/a.mp3"},
            "stream": {"kind": "stream", "stream": 1, "format": "ogg"},
            "pcm": {"kind": "pcm", "stream": 2, "rate": 8000},
        }.items():
            assert client.ask("turn", speaker="wren", key=key, audio=audio)["value"] == {"turn": key}
        client.push(1, b"abcd", 0)
        assert client.ask("audio", stream=2, data="AAAAAA==", last=True)["type"] == "answer"
        client.push(1, b"ef", 9)
        assert client.until("error")["code"] == "gap"
    sounds = {how["key"]: given[1] for _, given, how in puppet.calls}
    assert sounds["base64"] == b"RIFF" and sounds["file"].path == tmp_path / "a.wav"
    assert sounds["url"].url.endswith("/a.mp3") and not sounds["url"].policy.public
    assert sounds["stream"].queue.held == 4 and sounds["pcm"].queue.held == 2 and sounds["pcm"].ended


def test_mouth_shapes_are_pushed_while_sound_streams_and_behind_it() -> None:
    with served() as (server, puppet), talking(server) as client:
        client.ask("turn", speaker="wren", audio={"kind": "pcm", "stream": 4, "rate": 8000})
        early = {"scheme": "oculus", "marks": [["aa", 0.5, 1.0]]}
        assert client.ask("push_timings", stream=4, timings=early)["type"] == "answer"
        client.push(4, bytes(32_000), 0, last=True)
        late = {"scheme": "words", "marks": [["me", 0.0, 0.4]]}
        assert client.ask("push_timings", stream=4, timings=late, offset_s=1.2)["type"] == "answer"
        wrong = {"scheme": "oculus", "marks": [["zz", 0.0, 0.1]]}
        told = client.ask("push_timings", stream=4, timings=wrong)
        assert (told["code"], told["about"]) == ("refused", "push_timings") and "'zz'" in told["sentence"]
        told = client.ask("push_timings", stream=5, timings=early)
        assert "no stream 5: begin a turn" in told["sentence"] and told["about"] == "push_timings"
        feed = puppet.calls[0][1][1]
        heard = feed.queue.told.rows(0, np.zeros((200, 15), np.float32))
        spoken = np.flatnonzero(heard.any(axis=1)) / 100
        assert spoken.min() == pytest.approx(0.5, abs=0.1) and spoken.max() == pytest.approx(1.6, abs=0.1)
        feed.queue.abandon()  # its turn is over
        assert client.ask("push_timings", stream=4, timings=early)["type"] == "answer"


def test_what_is_wrong_is_answered_and_nothing_is_lost() -> None:
    with served() as (server, puppet), talking(server) as client:
        client.socket.send("{")
        client.send("nod", id=1, who="wren", depht=2)
        client.socket.send(b"\0\0")
        client.send("turn", id=2, speaker="wrenn", audio={"kind": "stream", "stream": 7})
        client.push(7, b"what was under way", 0)
        client.send("turn", id=3, speaker="wren", audio={"kind": "file", "path": "/etc/passwd"})
        client.send("turn", id=4, speaker="wren", audio={"kind": "url", "url": "http://169.254.169.254/"})
        client.send("load", id=5, key="x", character="/etc")
        client.send("frames", id=6, width=9999)
        client.send("hello", id=7)
        client.send("nod", id=8, who="wren")
        told = {}
        while 8 not in told:
            message = client.receive()
            told[message["id"]] = message
    assert told[None]["code"] == "bad_message"
    assert [told[n]["code"] for n in range(1, 8)] == [
        "bad_message", "refused", "not_allowed", "not_allowed", "not_allowed", "limit", "refused",
    ]  # fmt: skip
    assert "did you mean 'wren'" in told[2]["sentence"] and "--allow" in told[3]["sentence"]
    assert told[8]["type"] == "answer" and [name for name, *_ in puppet.calls] == ["nod"]


def test_a_command_without_an_id_is_answered_only_where_it_is_refused() -> None:
    with served() as (server, _), talking(server) as client:
        client.send("nod", who="wren")
        client.send("turn", speaker="nobody", audio={"kind": "base64", "data": ""})
        assert client.receive()["type"] == "error"
        assert client.ask("nod", who="wren")["n"] == 2


def test_what_a_stage_fails_with_is_told_as_a_sentence() -> None:
    puppet = Puppet()
    puppet.nod = lambda *_: 1 / 0  # type: ignore[attr-defined]
    with served(puppet) as (server, _), talking(server) as client:
        told = client.ask("nod", who="wren")
        assert told["code"] == "failed" and "ZeroDivisionError" in told["sentence"]
        assert client.ask("pause")["type"] == "answer"


# -- several clients, and sessions ------------------------------------------------------------------


def test_all_clients_are_told_what_happens_but_those_that_want_nothing() -> None:
    with (
        served() as (server, puppet),
        talking(server) as one,
        talking(server) as two,
        talking(server, hello=False) as deaf,
    ):
        deaf.hello(events=False)
        puppet.happened.append(started("turn-1"))
        puppet.warnings = ("something is odd.",)
        for client in (one, two):
            assert client.until("event")["turn"] == "turn-1"
            assert client.until("warning")["sentence"] == "something is odd."
        assert deaf.ask("nod", who="wren")["n"] == 1


def test_a_client_that_comes_back_finds_its_session_and_misses_nothing() -> None:
    with served() as (server, puppet):
        with talking(server, hello=False) as client:
            session = client.hello()["session"]
            client.send("turn", id=1, speaker="wren", audio={"kind": "stream", "stream": 5})
            assert client.until("answer")["n"] == 1
            client.push(5, b"abcdef", 0)
            puppet.held.clear()
            client.send("nod", id=2, who="wren")  # done once it has gone
            client.socket.socket.shutdown(socket.SHUT_RDWR)  # as a network does
        with talking(server):  # until the server has seen it go
            while server.house.clients.connected > 1:
                pass
        puppet.happened.append(started("turn-1"))
        puppet.held.set()
        with talking(server, hello=False) as client:
            welcome = client.hello(session=session, after=1)
            assert welcome["resumed"] and welcome["session"] == session and welcome["lost"] == 0
            assert welcome["streams"] == {"5": 6}
            assert {client.receive()["type"], client.receive()["type"]} == {"answer", "event"}
            client.push(5, b"ghi", 6, last=True)
            assert client.ask("nod", who="wren")["n"] == 4
        feed = puppet.calls[0][1][1]
        assert feed.queue.held == 9 and feed.ended
        with talking(server, hello=False) as stranger:
            assert not stranger.hello(session="guessed")["resumed"]


def test_a_session_is_had_by_its_newest_connection() -> None:
    with served() as (server, _), talking(server, hello=False) as first:
        session = first.hello()["session"]
        with talking(server, hello=False) as second:
            assert second.hello(session=session)["resumed"]
            assert "another connection" in first.until("bye")["sentence"]
            with pytest.raises(ConnectionClosed):
                first.receive()
            assert second.ask("nod", who="wren")["type"] == "answer"


def test_no_more_clients_than_may_be() -> None:
    with served(limits=Limits(clients=1)) as (server, _), talking(server) as client:
        with talking(server, hello=False) as other:
            other.send("hello")
            assert "as many as may be" in other.until("bye")["sentence"]
        assert client.ask("nod", who="wren")["type"] == "answer"


def test_hello_comes_first() -> None:
    with served() as (server, puppet), talking(server, hello=False) as client:
        client.send("nod", id=1, who="wren")
        assert "hello first" in client.until("error", id=1)["sentence"]
        client.socket.send(b"\1")
        client.hello()
        assert client.ask("pause")["type"] == "answer"
    assert [name for name, *_ in puppet.calls] == ["pause"]


# -- limits -----------------------------------------------------------------------------------------


def test_a_client_that_sends_too_much_waits_and_loses_nothing() -> None:
    limits = Limits(messages_per_s=2000, burst=10, pending=2)
    with served(limits=limits) as (server, puppet), talking(server) as client:
        for _ in range(100):
            client.send("nod", who="wren")
        assert client.ask("pause")["type"] == "answer"
        assert len(puppet.calls) == 101 and server.house.counters.throttled > 0


def test_no_more_turns_and_sound_are_queued_than_may_be() -> None:
    puppet = Puppet()
    puppet.idle = False
    limits = Limits(turns=2, sound_bytes=10)
    with served(puppet, limits=limits) as (server, _), talking(server) as client:
        six = {"kind": "base64", "data": "AAAAAAAA"}
        assert client.ask("turn", speaker="wren", key="a", audio=six)["type"] == "answer"
        told = client.ask("turn", speaker="wren", key="b", audio=six)
        assert told["code"] == "refused" and "MiB of sound are queued" in told["sentence"]
        assert client.ask("turn", speaker="wren", key="b", audio={"kind": "stream", "stream": 1})["value"]
        assert "2 turns are queued" in client.ask("turn", speaker="wren", audio=six)["sentence"]
        puppet.happened.append(TurnEvent("finished", "a", "wren", 0))
        client.until("event", kind="finished")
        assert client.ask("turn", speaker="wren", key="c", audio=six)["type"] == "answer"


def test_no_more_connections_than_may_be() -> None:
    with served(limits=Limits(connections=1)) as (server, _), talking(server, hello=False) as client:
        with pytest.raises(InvalidStatus, match="503"), talking(server):
            pass
        client.hello()


def test_a_message_that_is_too_long_ends_its_connection_and_not_its_session() -> None:
    with served(limits=Limits(message_bytes=1000)) as (server, _):
        with talking(server, hello=False) as client:
            session = client.hello()["session"]
            client.send("nod", who="w" * 2000)
            with pytest.raises(ConnectionClosed) as closed:
                client.receive()
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009
        with talking(server, hello=False) as client:
            assert client.hello(session=session)["resumed"]


def test_a_client_that_takes_nothing_is_let_go_and_finds_what_is_kept() -> None:
    with (
        served(limits=Limits(kept_messages=50)) as (server, puppet),
        talking(server, hello=False, narrow=True) as slow,
        talking(server, hello=False) as other,
    ):
        session = slow.hello()["session"]
        other.hello(events=False)
        word = TurnEvent("word", "turn-1", "wren", 0, text="x" * 50_000)
        puppet.happened += [word] * 200  # it reads nothing, so that the network fills up
        while server.house.clients.connected > 1:
            assert other.ask("nod", who="wren")["type"] == "answer"
        with talking(server, hello=False) as again:
            welcome = again.hello(session=session, after=0)
            assert welcome["resumed"] and welcome["lost"] > 0
            assert again.receive()["n"] == welcome["lost"] + 1


# -- frames -----------------------------------------------------------------------------------------


def test_frames_come_as_they_are_wanted() -> None:
    with served() as (server, puppet), talking(server) as client:
        puppet.picture[...] = (10, 20, 30, 255)
        assert client.ask("frames", format="raw", width=32)["value"] == {"width": 32, "height": 24}
        puppet.step()
        head, data = client.piece(PICTURE)
        assert head == (PICTURE, 0, 32, 24, 0, 1, 0, pytest.approx(1 / 30))
        assert (np.frombuffer(data, np.uint8).reshape(24, 32, 4) == (10, 20, 30, 255)).all()
        for number, (format, magic) in enumerate(
            (("jpeg", b"\xff\xd8"), ("webp", b"RIFF"), ("png", b"\x89PNG")), 1
        ):
            client.ask("frames", format=format)
            puppet.step()
            head, data = client.piece(PICTURE)
            assert head[1] == number and data.startswith(magic)
        client.ask("no_frames")
        puppet.step()
        assert client.ask("nod", who="wren")["type"] == "answer"


def test_a_stage_draws_while_somebody_is_there_or_something_goes_on_and_rests_otherwise() -> None:
    with served() as (server, puppet):
        with talking(server):
            puppet.step(3)
            while puppet.shown < 3:
                pass
        while not puppet.rests.wait(0.01):
            puppet.step()  # the frame that is waited for
        shown = puppet.shown
        puppet.idle = False  # a turn is queued
        puppet.step(2)
        while puppet.shown < shown + 2:
            pass
        puppet.idle = True
        while not puppet.rests.wait(0.01):
            puppet.step()


def test_a_rate_is_kept_by_leaving_frames_out_which_are_not_dropped() -> None:
    with served() as (server, puppet), talking(server) as client:
        client.ask("frames", format="raw", fps=10)
        numbers = []
        for n in range(1, 13):
            puppet.step()
            while puppet.shown < n:
                pass
            if n == 1 or n % 3 == 0:  # each before the next may take its place
                head, _ = client.piece(PICTURE)
                numbers.append(head[5])
                assert head[6] == 0
        assert numbers == [1, 3, 6, 9, 12]


def test_sound_comes_with_the_frames() -> None:
    with served() as (server, puppet), talking(server) as client:
        puppet.sound[:] = (0.5, -1.0)
        client.ask("sounds")
        puppet.step()
        head, data = client.piece(SOUND)
        assert head[:3] == (SOUND, 0, 2) and head[5] == 48_000
        assert np.frombuffer(data, "<i2").reshape(-1, 2)[0].tolist() == [16384, -32767]
        client.ask("sounds", samples="float32")
        puppet.step()
        head, data = client.piece(SOUND)
        assert head[1] == 1 and np.frombuffer(data, "<f4")[:2].tolist() == [0.5, -1.0]


def test_a_slow_client_drops_frames_for_itself_which_are_counted_and_slows_no_other() -> None:
    puppet = Puppet()
    puppet.picture = np.random.default_rng(1).integers(0, 255, (720, 1280, 4), np.uint8)
    puppet.size = type(SIZE)(1280, 720)
    with served(puppet) as (server, _), talking(server, narrow=True) as slow, talking(server) as fast:
        slow.ask("frames", format="raw")
        fast.ask("frames", format="raw", width=32)
        frames = 60
        for n in range(1, frames + 1):
            puppet.step()
            head, _ = fast.piece(PICTURE)  # each of them, while the other reads nothing
            assert head[5] == n and head[6] == 0
        numbers, dropped = list[int](), 0
        while not numbers or numbers[-1] < frames:
            head, _ = slow.piece(PICTURE)
            numbers.append(head[5])
            dropped = head[6]
        assert len(numbers) < frames and dropped == frames - len(numbers)
        assert server.house.counters.pictures_dropped == dropped


def test_frames_are_made_in_no_more_ways_than_may_be() -> None:
    limits = Limits(renditions=1)
    with served(limits=limits) as (server, puppet), talking(server) as one, talking(server) as two:
        one.ask("frames", format="raw")
        assert "as many as may be" in two.ask("frames", format="png")["sentence"]
        two.ask("frames", format="raw")
        puppet.step()
        assert one.piece(PICTURE)[1] == two.piece(PICTURE)[1]


# -- who may connect --------------------------------------------------------------------------------


def test_a_page_of_another_origin_and_a_strange_name_are_refused() -> None:
    with served(access=Access(origins=("http://localhost:3000",))) as (server, _):
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
            with pytest.raises(InvalidStatus, match="403"), talking(server, additional_headers=headers):
                pass
        with talking(server, additional_headers={"Origin": "http://localhost:3000"}) as client:
            assert client.ask("nod", who="wren")["type"] == "answer"
        assert got(server, "/ready", Origin="https://evil.example")[0] == 403
        assert got(server, "/metrics", Host="rebound.example")[0] == 403
        assert server.house.counters.refused == 4


def test_a_token_is_asked_for_and_taken_three_ways() -> None:
    with served(access=Access(token=TOKEN)) as (server, puppet):
        with talking(server, additional_headers={"Authorization": f"Bearer {TOKEN}"}):
            pass
        with talking(server, path=f"/?token={TOKEN}"):
            pass
        with talking(server, hello=False) as client:
            client.hello(token=TOKEN)
        for how in ({"path": "/?token=wrong"}, {"additional_headers": {"Authorization": "Bearer no"}}):
            with pytest.raises(InvalidStatus, match="401"), talking(server, **how):  # type: ignore[arg-type]
                pass
        with talking(server, hello=False) as client:
            client.send("nod", who="wren")
            assert client.until("error")["code"] == "refused"
            client.send("hello", token="wrong")
            assert "wants its token" in client.until("bye")["sentence"]
        assert not puppet.calls
        assert got(server, "/health") == (200, "ok\n")
        for page in ("/ready", "/metrics", "/schema"):
            assert got(server, page)[0] == 401
            assert got(server, page, Authorization=f"Bearer {TOKEN}")[0] == 200
            assert got(server, f"{page}?token={TOKEN}")[0] == 200


def test_who_says_no_hello_is_let_go() -> None:
    with served(limits=Limits(hello_s=0.05)) as (server, _), talking(server, hello=False) as client:
        assert "no hello" in client.until("bye")["sentence"]


# -- pages, and the end -----------------------------------------------------------------------------


def test_pages_say_how_it_stands() -> None:
    with served() as (server, puppet):
        with talking(server) as client:
            client.ask("nod", who="wren")
            assert got(server, "/ready") == (200, "ready\n")
            status, text = got(server, "/metrics")
            assert status == 200 and "mien_serve_clients 1.0" in text and "mien_frames_late_total" in text
        puppet.loading = ("otto",)
        while (page := got(server, "/ready"))[0] == 200:
            pass
        status, text = page
        assert status == 503 and "otto is being loaded" in text
        assert json.loads(got(server, "/schema")[1])["asyncapi"] == "3.0.0"
        assert got(server, "/")[0] == got(server, "/nothing")[0] == 426


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with served() as (server, _):
        other = Server(server.house.performance, Access(), server.port)
        with pytest.raises(CannotServe, match=f"127.0.0.1:{server.port} .*--port"):
            other.start()


def test_a_stage_that_is_lost_is_told() -> None:
    with served() as (server, puppet):

        def lost() -> dict[str, Any]:
            raise RendererUnavailable("no engine any more.")

        puppet.metrics = lost  # type: ignore[method-assign]
        assert server.house.performance.over.wait(60)
        assert got(server, "/ready") == (503, "not ready: no engine any more.\n")


def test_what_is_asked_of_a_stage_that_was_closed_is_refused() -> None:
    with served() as (server, puppet), talking(server) as client:
        puppet.step(100)
        server.house.performance.close()
        for type in ("nod", "frames", "sounds"):
            told = client.ask(type, **({"who": "wren"} if type == "nod" else {}))
            assert told["code"] == "closed", told
        assert got(server, "/ready")[0] == 503 and got(server, "/metrics")[0] == 503


def test_all_are_told_when_the_server_ends() -> None:
    with served() as (server, _), talking(server) as client:
        server.stop()
        with pytest.raises(ConnectionClosed) as closed:
            client.until("never")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1001
        server.stop()
