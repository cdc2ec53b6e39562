"""Addresses: which may be opened, what is read from behind them, and what is never said of them."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien.audio.web
import mien.audio.wire
from audio.loopback import Loopback, in_ranges, loopback, redirect, whole
from mien.audio import EncodedFeed, resolve
from mien.audio.addresses import PUBLIC, Address, AddressPolicy, is_public, without_secrets
from mien.audio.web import MOST_REDIRECTS, WebFile
from mien.errors import AudioRejected, ScriptError

Encode = Callable[..., bytes]
TRUSTING = AddressPolicy(private=True)


@pytest.fixture
def server(encode: Encode, tone: np.ndarray) -> Iterator[Loopback]:
    with loopback() as server:
        server.pages["speech"] = whole(encode(tone, "wav", "pcm_s16le"))
        yield server


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Name -> the numbers it resolves to; asked for in order, the last one from then on."""
    table: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **named: Any) -> Any:
        if host in table:
            found = table[host]
            host = found.pop(0) if len(found) > 1 else found[0]
        return real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return table


def heard(audio: object) -> np.ndarray:
    with closing(resolve(audio).open()) as sound:  # type: ignore[arg-type]
        pieces = [piece for piece in sound.pieces() if piece is not None]
        assert sound.faults == []
    return np.concatenate(pieces)


@pytest.mark.parametrize("ranges", [False, True])
def test_a_wav_from_far_away_sounds_before_much_of_it_has_come(
    server: Loopback, encode: Encode, ranges: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FFmpeg would read five seconds of it first, half a megabyte and more, to learn what the header says."""
    data, come = encode(np.zeros(480_000, np.float32), "wav", "pcm_f32le"), []
    read = WebFile.read

    def counted(self: WebFile, n: int) -> bytes:
        come.append(read(self, n))
        return come[-1]

    monkeypatch.setattr(WebFile, "read", counted)
    server.pages["far"] = (in_ranges if ranges else whole)(data)
    with closing(resolve(server.url("far")).open()) as sound:
        first = next(piece for piece in sound.pieces() if piece is not None and len(piece))
    assert len(first)
    assert sum(map(len, come)) <= 128 << 10


# -- which --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::5db8:d822", True),
        ("2002:5db8:d822::1", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.100.100.200", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("::127.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:5db8:d822::1", False),
        ("fe80::1", False),
        ("fe80::1%lo", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("not a number", False),
    ],
)
def test_public_is_what_is_neither_this_machine_nor_a_network_behind_it(number: str, public: bool) -> None:
    assert is_public(number) is public
    assert TRUSTING.allows("any", number) and AddressPolicy(hosts=("any",)).allows("any", number)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"],
)
def test_a_conversation_s_address_never_reaches_this_machine_however_it_is_written(
    host: str, server: Loopback
) -> None:
    with pytest.raises(AudioRejected, match="which is not public; name a public machine, or give"):
        resolve(Address(server.url("speech", host), PUBLIC)).open()
    assert server.hits == 0


def test_a_name_is_judged_by_the_numbers_that_it_leads_to_at_that_moment(
    server: Loopback, names: dict[str, list[str]]
) -> None:
    names["speech.example"] = ["127.0.0.1"]
    url = server.url("speech", "speech.example")
    with pytest.raises(AudioRejected, match=r"'speech\.example' leads to 127\.0\.0\.1, which is not public"):
        resolve(Address(url, PUBLIC)).open()
    assert server.hits == 0
    for policy in (TRUSTING, AddressPolicy(hosts=("Speech.Example",))):
        assert len(heard(Address(url, policy))) == 24_000
    assert len(heard(url)) == 24_000  # which the host itself named


def test_a_policy_of_one_text_is_no_tuple_of_letters() -> None:
    with pytest.raises(ScriptError, match="give a tuple of names"):
        AddressPolicy(hosts="tts.local")  # type: ignore[arg-type]
    with pytest.raises(ScriptError, match="private of a policy cannot be 'yes'"):
        AddressPolicy(private="yes")  # type: ignore[arg-type]


def test_the_number_that_was_judged_is_the_one_that_is_connected_to(
    server: Loopback, names: dict[str, list[str]]
) -> None:
    names["rebinding.example"] = ["127.0.0.1", "192.0.2.1"]  # the second look-up would lead nowhere
    assert len(heard(Address(server.url("speech", "rebinding.example"), TRUSTING))) == 24_000
    assert names["rebinding.example"] == ["192.0.2.1"]


@contextmanager
def first_of(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A machine that stands before the server's in the list of `two.example`; it listens to nobody yet."""
    with socket.socket() as first:
        first.bind(("127.0.0.2", server.server_address[1]))

        def lookup(host: str, port: int, **_: Any) -> list[Any]:
            assert host == "two.example"
            return [(socket.AF_INET, 1, 6, "", (number, port)) for number in ("127.0.0.2", "127.0.0.1")]

        monkeypatch.setattr(socket, "getaddrinfo", lookup)
        yield first


def dies(first: socket.socket) -> threading.Thread:
    """It takes a connection, reads what is asked, and closes without an answer."""

    def run() -> None:
        first.settimeout(20)
        taken, _ = first.accept()
        with taken:
            taken.recv(1 << 16)

    first.listen()
    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one number of their own only")
def test_a_machine_that_refuses_or_dies_has_the_next_of_its_name_asked(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    with first_of(server, monkeypatch) as first:
        url = server.url("speech", "two.example")
        assert len(heard(url)) == 24_000
        thread = dies(first)
        assert len(heard(url)) == 24_000
        thread.join()
        thread = dies(first)
        monkeypatch.setattr(server, "pages", {})
        with pytest.raises(AudioRejected, match="404"):  # the next one's answer is the answer
            resolve(url).open()
        thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one number of their own only")
def test_a_machine_that_does_not_answer_keeps_the_next_of_its_name_waiting_for_a_moment(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mien.audio.wire, "_HEAD_START_S", 0.01)
    with first_of(server, monkeypatch) as first, ExitStack() as stack:
        first.listen(0)
        for _ in range(4):  # until it takes no more, and says nothing to whoever comes
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(first.getsockname())
        assert len(heard(server.url("speech", "two.example"))) == 24_000


def test_when_no_machine_of_a_name_answers_the_reason_of_the_first_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = Address("http://two.example:9/a", TRUSTING)
    places = [(socket.AF_INET, 1, 6, "", (number, 9)) for number in ("127.0.0.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    with pytest.raises(AudioRejected, match=r"could not be opened \(connection refused\)"):
        resolve(address).open()


def test_each_number_of_a_name_is_judged_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = ["10.0.0.1", "93.184.216.34", "::1", "2606:2800:220:1::1"]
    found = [(0, 1, 6, "", (number, 80)) for number in numbers]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    places = mien.audio.wire._places(Address("http://two.example/", PUBLIC), "audio")
    assert [where[0] for _, where in places] == ["93.184.216.34", "2606:2800:220:1::1"]


def test_a_turn_that_is_over_makes_no_connection(server: Loopback) -> None:
    source = resolve(server.url("speech"))
    source.abandon()
    with pytest.raises(AudioRejected, match="its turn is over"):
        source.open()
    assert server.hits == 0


def test_a_redirect_is_judged_as_the_address_is(server: Loopback, names: dict[str, list[str]]) -> None:
    names["first.example"] = names["second.example"] = ["127.0.0.1"]
    server.pages["same"] = redirect("/speech")
    server.pages["other"] = redirect(server.url("speech", "second.example"))
    server.pages["number"] = redirect(server.url("speech"))
    own = AddressPolicy(hosts=("first.example",))
    assert len(heard(Address(server.url("same", "first.example"), own))) == 24_000
    for way in ("other", "number"):
        server.requests.clear()
        for audio in (Address(server.url(way, "first.example"), own), server.url(way, "first.example")):
            with pytest.raises(AudioRejected, match="which is not public"):
                resolve(audio).open()  # type: ignore[arg-type]
        assert [path for path, _ in server.requests] == [f"/{way}"] * 2
        assert len(heard(Address(server.url(way, "first.example"), TRUSTING))) == 24_000


def test_where_only_named_hosts_may_be_used_a_redirect_to_a_public_one_is_refused(
    server: Loopback, names: dict[str, list[str]]
) -> None:
    names["first.example"], names["public.example"] = ["127.0.0.1"], ["93.184.216.34"]
    server.pages["away"] = redirect("http://public.example/speech")
    named = AddressPolicy(hosts=("first.example",), public=False)
    assert len(heard(Address(server.url("speech", "first.example"), named))) == 24_000
    with pytest.raises(AudioRejected, match=r"93\.184\.216\.34, and only hosts that are named may be used"):
        resolve(Address(server.url("away", "first.example"), named)).open()
    with pytest.raises(AudioRejected, match="only hosts that are named"):
        Address("http://93.184.216.34/a.mp3", named)
    with pytest.raises(ScriptError, match="public of a policy cannot be 'no'"):
        AddressPolicy(public="no")  # type: ignore[arg-type]


def test_redirects_come_to_an_end(server: Loopback) -> None:
    server.pages["round"] = redirect("/round")
    with pytest.raises(AudioRejected, match="redirects more than 5 times"):
        resolve(server.url("round")).open()
    assert server.hits == MOST_REDIRECTS + 1


NOWHERE = (
    "http://",
    "http:///a",
    "http://:80/",
    "http://a:b/",
    "http://a:0/",
    "http://a:99999/",
    "https://a b/",
    "http://a/\r\nX: 1",
    "http://[::1/",
    "http://a\\@b/",
)


@pytest.mark.parametrize("url", NOWHERE)
def test_an_address_without_a_host_or_with_more_than_one_is_refused_where_it_is_said(url: str) -> None:
    with pytest.raises(
        AudioRejected, match=r"^an address of audio names no valid host and port; write https"
    ):
        resolve(url)


# -- what is behind it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "aac"), ("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("ogg", "libopus")]
)
def test_where_a_server_takes_ranges_it_is_read_as_a_file_is(
    encode: Encode, tone: np.ndarray, server: Loopback, container: str, codec: str
) -> None:
    """MP4's index stands at its end, so it must go back."""
    data = encode(np.tile(tone, 30), container, codec)
    server.pages["clip"] = in_ranges(data)
    np.testing.assert_array_equal(heard(server.url("clip")), heard(data))
    assert len(server.requests) <= 4


def test_what_is_still_being_made_is_heard_before_it_is_whole(
    encode: Encode, tone: np.ndarray, server: Loopback
) -> None:
    data = encode(np.tile(tone, 8), "mp3", "libmp3lame")

    def made(handler: Any) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in (data[:20_000], data[20_000:]):
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            handler.wfile.flush()
            server.go_on.wait(20)
        handler.wfile.write(b"0\r\n\r\n")

    server.pages["speak"] = made
    with closing(resolve(server.url("speak")).open()) as sound:
        pieces = (piece for piece in sound.pieces() if piece is not None)
        first = sum(len(next(pieces)) for _ in range(20))
        assert first > 9600 and not server.go_on.is_set()
        server.go_on.set()
        assert first + sum(map(len, pieces)) == pytest.approx(8 * len(tone), abs=1200)
        assert sound.faults == []


def test_a_server_that_trickles_its_answer_is_given_up_in_time(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every single byte comes at once; the answer never does."""

    def trickle(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        try:
            while not server.go_on.wait(0.01):
                handler.wfile.write(b"x")
        except OSError:
            return

    server.pages["drip"] = trickle
    monkeypatch.setattr(mien.audio.web, "CONNECT_S", 0.2)
    with pytest.raises(AudioRejected, match=r"did not answer within 0\.2 s"):
        resolve(server.url("drip")).open()


def test_a_web_file_goes_forward_and_back(server: Loopback) -> None:
    data = bytes(range(256)) * 2000
    server.pages["data"] = in_ranges(data)
    file = WebFile(Address(server.url("data"), TRUSTING), 10, 10).open()
    try:
        assert (file.seekable(), file.size) == (True, len(data))
        for at, whence, place in ((5, 0, 5), (100, 1, 115), (-7, 2, len(data) - 7), (300_000, 0, 300_000)):
            assert file.seek(at, whence) == place == file.tell()
            got = b""
            while len(got) < 10 and (more := file.read(10 - len(got))):
                got += more
            assert got == data[place : place + 10]
        assert file.failure is None
    finally:
        file.close()
    assert len(server.requests) <= 4  # 100 bytes further on need no new one


@pytest.mark.parametrize("begins", [7, None])
def test_a_server_that_sends_another_part_than_was_asked_for_is_not_believed(
    server: Loopback, begins: int | None
) -> None:
    data = bytes(100_000)

    def page(handler: Any) -> None:
        first = handler.headers["Range"] == "bytes=0-"
        handler.send_response(206 if first or begins is not None else 200)
        if first or begins is not None:
            handler.send_header("Content-Range", f"bytes {0 if first else begins}-99999/100000")
        handler.end_headers()
        try:
            handler.wfile.write(data)
        except OSError:
            return

    server.pages["data"] = page
    file = WebFile(Address(server.url("data"), TRUSTING), 10, 10).open()
    file.seek(90_000)
    assert file.read(10) == b""
    assert file.failure is not None and "another part than was asked for" in file.failure
    file.close()


@pytest.mark.parametrize("digits", [16, 30, 5000])
def test_a_length_that_no_file_has_is_not_believed(
    server: Loopback, encode: Encode, tone: np.ndarray, digits: int
) -> None:
    def page(handler: Any) -> None:
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes 0-5/{digits * '9'}")
        handler.end_headers()
        handler.wfile.write(encode(tone, "wav", "pcm_s16le"))

    server.pages["endless"] = page
    assert len(heard(server.url("endless"))) == len(tone)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key, and a certificate for `localhost` that nobody has signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    path = tmp_path / "server.pem"
    wanted = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([openssl, *wanted.split(), *names], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_a_server_must_be_who_it_says_it_is(
    server: Loopback, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    plain = server.get_request

    def secured() -> Any:
        sock, address = plain()
        sock.settimeout(20)
        return context.wrap_socket(sock, server_side=True), address

    monkeypatch.setattr(server, "get_request", secured)
    url = server.url("speech", "localhost").replace("http:", "https:")
    with pytest.raises(AudioRejected, match="certificate verify failed"):
        resolve(url).open()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert len(heard(url)) == 24_000
    with pytest.raises(AudioRejected, match="certificate verify failed"):
        resolve(url.replace("localhost", "127.0.0.1")).open()  # it is made out to the name


# -- what is never said -------------------------------------------------------------------------------


def test_a_password_is_sent_to_its_own_server_and_to_nobody_else(
    server: Loopback, names: dict[str, list[str]]
) -> None:
    names["other.example"] = ["127.0.0.1"]
    server.pages["same"] = redirect("/speech")
    server.pages["other"] = redirect(server.url("speech", "other.example"))
    for way, last in (("same", "Basic bWU6aHUmc2g="), ("other", None)):
        server.requests.clear()
        heard(Address(server.url(way, user="me:hu%26sh@"), TRUSTING))
        asked = [headers.get("Authorization") for _, headers in server.requests]
        assert asked == ["Basic bWU6aHUmc2g=", last]


def test_no_message_shows_a_password_or_the_key_in_a_query(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mien.audio.web, "READ_S", 0.2)
    monkeypatch.setattr(mien.audio.web, "CONNECT_S", 0.2)
    server.pages["junk"] = whole(b"<html>no credit left</html>" * 99)
    server.pages["mute"] = lambda _: server.go_on.wait(20)
    server.pages["away"] = redirect("http://you:hush@10.0.0.1/a?key=hush")
    server.pages["round"] = redirect("/round?key=hush")
    for page in ("junk", "mute", "away", "round", "missing"):
        url = server.url(f"{page}?key=hush", user="me:hush@")
        with pytest.raises(AudioRejected, match=page) as refused:
            resolve(url).open()
        assert "hush" not in str(refused.value) and "hush" not in repr(Address.of(url))


def test_no_message_shows_a_password_that_a_host_s_own_stream_failed_with() -> None:
    def broken() -> Iterator[bytes]:
        yield b"RIFF"
        raise ConnectionError("no answer from https://me:hush@example.org/tts?key=hush")

    feed = EncodedFeed()
    feed.fail("https://me:hush@example.org/tts?key=hush hung up")
    for audio in (broken(), feed):
        with pytest.raises(AudioRejected, match=r"https://example\.org/tts\?\.\.\.") as refused:
            resolve(audio).open()
        assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:hush@a/b", "https://a/b"),
        ("x HTTP://hush@a:80/b?k=hush y", "x HTTP://a:80/b?... y"),
        ("http://me:hu@sh@a/b", "http://a/b"),
        ("file 'http:/me:hush@a/b'", "file 'http:/a/b'"),
        ("http://a/@b and C:/d@e", "http://a/@b and C:/d@e"),
        ("two: ftp://u:hush@a ftp://u:hush@b", "two: ftp://a ftp://b"),
        ("http://a?k=hush http://b#x?k http://c?k=hush'", "http://a?... http://b#x?k http://c?...'"),
    ],
)
def test_secrets_are_taken_out_of_any_text(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


@pytest.mark.parametrize("unit", ["a.", "http://", "ab:/", "http://a@", "ab:////", "ab://?"])
def test_a_long_text_is_searched_for_secrets_in_time_linear_in_it(unit: str) -> None:
    # 0.1 s each; where every letter is looked at from every beginning it is hours.
    shown = without_secrets(unit * 200_000)
    assert "http" not in shown or shown.startswith("http://")


def test_a_name_in_other_letters_is_told_to_its_server_as_the_network_knows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = bytearray()

    class Ended:
        def sendall(self, data: bytes) -> None:
            sent.extend(data)
            raise OSError("the end")

        def end(self) -> None:
            """Nothing to close."""

    monkeypatch.setattr(mien.audio.web, "connections", lambda *_: (Ended() for _ in range(1)))
    for url in ("http://bücher.example/", "https://пример.example/"):
        with pytest.raises(AudioRejected, match="the end"):
            WebFile(Address(url), 1, 1).open()
    assert sent.count(b"Host: xn--") == 2


def test_a_chunk_of_a_negative_length_gives_no_more_than_was_asked_for(server: Loopback) -> None:
    """PyAV copies what a file gives into a buffer of the length that it asked for."""

    def page(handler: Any) -> None:
        handler.send_response(206)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.send_header("Content-Range", "bytes 0-99999/100000")
        handler.end_headers()
        handler.wfile.write(b"-5\r\n" + bytes(100_000))

    server.pages["negative"] = page
    file = WebFile(Address(server.url("negative"), TRUSTING), 5, 5).open()
    with closing(file):
        assert len(file.read(10)) <= 10
