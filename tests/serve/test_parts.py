"""What needs no socket: limits, sessions, streams, who may connect, what may be named."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import cast

import numpy as np
import pytest

import mien
from mien.audio import EncodedFeed, PcmFeed
from mien.errors import AssetMissing, AudioRejected, NotAllowed, ScriptError
from mien.serve.access import Access, check_token, is_loopback, new_token
from mien.serve.allowed import Allowed
from mien.serve.clients import Clients, TooManyClients
from mien.serve.coding import Chunk
from mien.serve.frames import Frames, Shown
from mien.serve.limits import Bucket, Limits
from mien.serve.outbox import Outbox
from mien.serve.queued import Queued
from mien.serve.readiness import Readiness
from mien.serve.replies import Answer, Warned
from mien.serve.sounds import EncodedStream, PcmStream
from mien.serve.streams import Stream, Streams
from serve.rig import Puppet

# -- limits -----------------------------------------------------------------------------------------


def test_messages_wait_once_more_came_than_may_and_none_before() -> None:
    bucket = Bucket(rate=10, burst=5)
    assert [bucket.wait_s(100.0) for _ in range(5)] == [0.0] * 5
    assert bucket.wait_s(100.0) == pytest.approx(0.1)
    assert bucket.wait_s(100.2) == 0.0  # what was waited for is there again
    assert Bucket(10, 5).wait_s(0.0, cost=25) == pytest.approx(2.0)


# -- what is told -----------------------------------------------------------------------------------


def test_what_is_told_is_numbered_and_kept_until_it_was_received() -> None:
    box = Outbox(Limits())
    for id in "abc":
        box.add(Answer(id=id))
    assert '"n":2' in (box.after(1) or "") and '"id":"b"' in (box.after(1) or "")
    assert box.after(3) is None
    box.received(2)
    assert box.oldest == 3 and '"id":"c"' in (box.after(2) or "")
    with pytest.raises(LookupError):
        box.after(1)


def test_of_too_much_the_oldest_goes() -> None:
    box = Outbox(Limits(kept_messages=3))
    for n in range(10):
        box.add(Answer(id=n))
    assert (box.oldest, box.newest) == (8, 10)
    small = Outbox(Limits(kept_bytes=200))
    for _ in range(10):
        small.add(Warned(sentence="x" * 100))
    assert small.oldest == 10  # the last is kept, however long it is


# -- sessions ---------------------------------------------------------------------------------------


def test_a_session_is_found_by_its_secret_until_its_time_is_over() -> None:
    clients = Clients(Limits(linger_s=60))
    client = clients.open(0.0)
    client.wake = lambda: None
    clients.leave(client, 10.0)
    assert clients.find(client.session, 69.0) is client
    assert clients.find(client.session + "x", 69.0) is None
    assert clients.find(client.session, 71.0) is None and not len(clients)


def test_who_is_away_for_longest_makes_room_and_who_is_connected_never() -> None:
    clients = Clients(Limits(clients=2))
    first, second = clients.open(0.0), clients.open(0.0)
    first.wake = second.wake = lambda: None
    with pytest.raises(TooManyClients):
        clients.open(1.0)
    clients.leave(second, 1.0)
    third = clients.open(2.0)
    assert [*clients] == [first, third]


def test_the_sound_of_a_client_that_does_not_come_back_breaks_off() -> None:
    clients = Clients(Limits(linger_s=1))
    client = clients.open(0.0)
    feed = client.streams.open(EncodedStream(1)).feed
    clients.leave(client, 0.0)
    clients.expire(2.0)
    assert isinstance(feed, EncodedFeed) and feed.failure == "its client is gone"


# -- streams ----------------------------------------------------------------------------------------


def test_a_piece_is_taken_once_whatever_comes_twice_or_too_early() -> None:
    stream = Stream(EncodedStream(3))
    assert stream.take(Chunk(3, b"abcd", 0)) is None
    assert stream.take(Chunk(3, b"cdef", 2)) is None  # half of it is known
    assert stream.take(Chunk(3, b"ab", 0)) is None
    assert stream.received == 6 and stream.feed.queue.held == 6
    gap = stream.take(Chunk(3, b"z", 9))
    assert gap is not None and (gap.code, gap.stream, gap.received) == ("gap", 3, 6)
    assert "send on from byte 6" in gap.sentence and stream.received == 6
    assert stream.take(Chunk(3, b"", None, last=True)) is None and stream.feed.ended


def test_samples_may_be_cut_anywhere() -> None:
    stream = Stream(PcmStream(1, 8000, 2))
    data = np.arange(20, dtype="<i2").tobytes()
    for at in range(0, len(data), 7):
        assert stream.take(Chunk(1, data[at : at + 7], at, last=at + 7 >= len(data))) is None
    assert (
        isinstance(stream.feed, PcmFeed)
        and stream.feed.queue.held == 10
        and stream.feed.queue.failure is None
    )
    torn = Stream(PcmStream(2, 8000))
    torn.take(Chunk(2, b"abc", 0, last=True))
    assert torn.feed.queue.failure == "its last sample is not whole"


def test_what_a_stream_has_no_room_for_is_refused_and_can_be_sent_again() -> None:
    stream = Stream(PcmStream(1, 1000))
    half = bytes(2 * 150_000)
    assert stream.take(Chunk(1, half, 0)) is None and stream.take(Chunk(1, half, len(half))) is None
    full = stream.take(Chunk(1, bytes(2000), 2 * len(half)))
    assert full is not None and full.code == "feed_full" and full.received == 2 * len(half)
    assert stream.room() is None
    stream.feed.queue.drop()  # type: ignore[union-attr]  # one of the two pieces is decoded
    stream.feed.queue.drop()  # type: ignore[union-attr]
    room = stream.room()
    assert room is not None and room.received == 2 * len(half)
    assert stream.take(Chunk(1, bytes(2000), 2 * len(half))) is None


def test_samples_that_can_be_no_sound_are_refused() -> None:
    stream = Stream(PcmStream(1, 8000, samples="float32"))
    error = stream.take(Chunk(1, np.array([0, np.nan], np.float32).tobytes(), 0))
    assert error is not None and "NaN" in error.sentence and stream.received == 0


def test_a_number_serves_one_turn() -> None:
    streams = Streams(most=2)
    streams.open(EncodedStream(1))
    with pytest.raises(AudioRejected, match="used before"):
        streams.open(EncodedStream(1))
    streams.open(EncodedStream(2))
    with pytest.raises(AudioRejected, match="2 streams are open"):
        streams.open(EncodedStream(3))
    streams.take(Chunk(1, b"", 0, last=True))
    streams.open(EncodedStream(3))
    assert streams.take(Chunk(1, b"late", 0)) is None  # it is over, and that is known
    unknown = streams.take(Chunk(9, b"x", 0))
    assert unknown is not None and "no stream 9" in unknown.sentence


# -- who may connect --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "is_so"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("box", False),
    ],
)
def test_what_is_reached_from_this_machine_alone(host: str, is_so: bool) -> None:
    assert is_loopback(host) == is_so


def test_a_page_of_another_origin_may_not_connect() -> None:
    access = Access(origins=("http://localhost:3000",))
    assert not access.wrong_origin(None, "127.0.0.1:8765")  # no browser
    assert not access.wrong_origin("http://127.0.0.1:8765", "127.0.0.1:8765")
    assert not access.wrong_origin("http://LOCALHOST:3000", "127.0.0.1:8765")
    for origin in ("https://evil.example", "http://127.0.0.1:9999", "null", "", "file://", "http://"):
        assert access.wrong_origin(origin, "127.0.0.1:8765"), origin
    assert not Access(origins=("null",)).wrong_origin("null", "127.0.0.1:8765")


def test_a_name_that_leads_to_this_machine_is_not_its_name() -> None:
    """A page at rebound.example, whose name leads here, has an Origin and a Host that are the same."""
    access = Access(names=("box.local",))
    assert access.wrong_host("rebound.example:8765") and access.wrong_host("")
    for host in ("127.0.0.1:8765", "localhost", "[::1]:8765", "box.local:8765", "BOX.local"):
        assert not access.wrong_host(host), host
    assert not Access("0.0.0.0", new_token()).wrong_host("anything.example")  # who has the token may


def test_a_token_comes_by_header_or_query_and_is_right_or_not() -> None:
    access = Access(token="0123456789abcdef")
    assert access.admits(None, "") is None
    assert access.admits("Bearer 0123456789abcdef", "") is True
    assert access.admits(None, "a=b&token=0123456789abcdef") is True
    for header, query in (
        ("Bearer x", ""),
        ("Basic 0123456789abcdef", ""),
        (None, "token="),
        (None, "token=é"),
    ):
        assert access.admits(header, query) is False
    assert not access.knows("") and not access.knows("\udcff")
    assert check_token("short") and check_token("with a space in it") and not check_token(new_token())


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr("hmac.compare_digest", lambda a, b: compared.append((a, b)) or False)
    assert not Access(token="0123456789abcdef").knows("0123456789abcdeX")
    assert compared == [(b"0123456789abcdef", b"0123456789abcdeX")]


# -- what may be named ------------------------------------------------------------------------------


def test_a_file_is_judged_by_where_it_really_lies(tmp_path: Path) -> None:
    studio, secret = tmp_path / "studio", tmp_path / "secret.wav"
    (studio / "deep").mkdir(parents=True)
    for file in (secret, studio / "a.wav", studio / "deep" / "b.wav", tmp_path / "studio2.wav"):
        file.write_bytes(b"RIFF")
    (studio / "link.wav").symlink_to(secret)
    (studio / "loop").symlink_to(studio / "loop")
    (tmp_path / "in.wav").symlink_to(studio / "a.wav")
    allowed = Allowed([str(studio)])
    assert allowed.sound(str(studio / "a.wav")).path == studio / "a.wav"
    assert allowed.sound(str(studio / "deep" / ".." / "a.wav")).path == studio / "a.wav"
    assert allowed.sound(str(tmp_path / "in.wav")).path == studio / "a.wav"  # it lies there
    for name in ("link.wav", "../secret.wav", "loop", "nothing.wav", "../studio2.wav", "a.wav\0", "x" * 5000):
        with pytest.raises(NotAllowed, match="--allow"):
            allowed.sound(str(studio / name))
    for name in ("/etc/passwd", "", ".", str(secret), "~/x.wav"):
        with pytest.raises(NotAllowed):
            allowed.sound(name)
    with pytest.raises(AudioRejected, match="no file"):
        allowed.sound(str(studio / "deep"))
    with pytest.raises(NotAllowed):
        Allowed().sound(str(studio / "a.wav"))


def test_a_file_that_was_exchanged_for_a_link_is_not_opened(tmp_path: Path) -> None:
    studio, secret = tmp_path / "studio", tmp_path / "secret.wav"
    studio.mkdir()
    secret.write_bytes(b"RIFF")
    (studio / "a.wav").write_bytes(b"RIFF")
    source = Allowed([str(studio)]).sound(str(studio / "a.wav"))
    (studio / "a.wav").unlink()
    (studio / "a.wav").symlink_to(secret)
    with pytest.raises(AudioRejected, match="leads out of its folder"):
        source.open()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_is_no_sound(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(AudioRejected, match="no file"):
        Allowed([str(tmp_path)]).sound(str(tmp_path / "pipe"))


def test_an_address_is_judged_by_all_of_its_beginning() -> None:
    allowed = Allowed(["https://cdn.example/voices/", "http://127.0.0.1:5002/say"])
    assert allowed.address("https://cdn.example/voices/a.mp3").url == "https://cdn.example/voices/a.mp3"
    assert allowed.address("https://CDN.example:443/voices/a.mp3")
    assert allowed.address("http://127.0.0.1:5002/say?text=Hello")
    for url in (
        "http://cdn.example/voices/a.mp3",
        "https://cdn.example/voicesX/a.mp3",
        "https://cdn.example/other.mp3",
        "https://cdn.example:8443/voices/a.mp3",
        "https://cdn.example.evil.example/voices/a.mp3",
        "https://cdn.example/voices/../other.mp3",
        "https://cdn.example/voices/%2e%2e/other.mp3",
        "https://cdn.example/voices/%252e%252e/other.mp3",
        "https://cdn.example/voices/%25252e%25252e/other.mp3",
        "https://cdn.example/voices/%2525252525252e%252e/other.mp3",
        "https://cdn.example/voices/..%5cother.mp3",
        "https://user:pass@cdn.example/voices/a.mp3",
        "https://cdn.example@evil.example/voices/a.mp3",
        "http://127.0.0.1:22/say",
        "http://127.0.0.1:5002/sayings",
        "http://169.254.169.254/latest",
        "http://[::1]:5002/say",
        "http://2130706433:5002/say",
    ):
        with pytest.raises((NotAllowed, AudioRejected)):
            allowed.address(url)
    with pytest.raises(AudioRejected):
        allowed.address("ftp://cdn.example/voices/a.mp3")


def test_a_redirect_leads_to_hosts_that_are_allowed_and_nowhere_else() -> None:
    policy = Allowed(["https://cdn.example/voices/"]).address("https://cdn.example/voices/a").policy
    assert policy.allows("cdn.example", "93.184.216.34")
    assert not policy.allows("other.example", "93.184.216.34")
    assert not policy.allows("127.0.0.1", "127.0.0.1")
    anywhere = Allowed(["https://"]).address("https://other.example/a").policy
    assert anywhere.allows("third.example", "93.184.216.34") and not anywhere.allows("rebound", "10.0.0.1")


def test_what_cannot_be_allowed_is_told() -> None:
    with pytest.raises(AssetMissing, match="--allow '/nowhere'"):
        Allowed(["/nowhere"])
    for wrong in ("ftp://x/", "https://a.example/?q=1", "https://user:pass@a.example/", "http://:80/"):
        with pytest.raises(ScriptError, match="--allow") as raised:
            Allowed([wrong])
        assert "pass" not in str(raised.value).replace("path", "") or "user" not in wrong


# -- ready ------------------------------------------------------------------------------------------


def test_ready_is_loaded_and_on_time() -> None:
    ready = Readiness()
    assert "being opened" in ready.wrong
    ready.note({"frames_late_total": 3, "frames_expected_total": 30}, ())
    assert ready.wrong == ""  # what was late before is over
    ready.note({"frames_late_total": 3, "frames_expected_total": 60}, ("otto",))
    assert "otto is being loaded" in ready.wrong
    ready.note({"frames_late_total": 9, "frames_expected_total": 90}, ())
    assert ready.wrong == ""
    ready.note({"frames_late_total": 19, "frames_expected_total": 120}, ())
    assert "16 of the last 90 frames were late" in ready.wrong
    ready.lost("no engine.")
    assert ready.wrong == "no engine"


# -- frames -----------------------------------------------------------------------------------------


def test_a_sink_that_fails_keeps_no_other_from_its_frames() -> None:
    class Fails:
        def show(self, shown: Shown) -> None:
            raise ValueError("it is full")

    class Keeps:
        def __init__(self) -> None:
            self.seen = threading.Semaphore(0)

        def show(self, shown: Shown) -> None:
            self.seen.release()

    frames, puppet, keeps = Frames(), Puppet(), Keeps()
    frames.add(Fails())
    frames.add(keeps)
    frames.begin(cast("mien.Backend", puppet))
    puppet.step(2)
    assert keeps.seen.acquire(timeout=60) and keeps.seen.acquire(timeout=60)
    assert frames.failure == "ValueError: it is full"
    puppet.close()
    frames.end()


# -- turns ------------------------------------------------------------------------------------------


def test_turns_that_are_on_their_way_count_as_queued() -> None:
    queued = Queued(Limits(turns=2, sound_bytes=10))
    queued.take(6)
    with pytest.raises(ScriptError, match="of sound are queued"):
        queued.take(6)
    queued.take(4)
    with pytest.raises(ScriptError, match="2 turns are queued"):
        queued.take(0)
    queued.refused(4)
    queued.queued("a", 6)
    with pytest.raises(ScriptError, match="of sound are queued"):
        queued.take(5)
    queued.over("a")
    queued.take(10)
