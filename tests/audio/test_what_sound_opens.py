"""Sound opens nothing that it was not given: no other file, no other machine, no socket."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio.loopback import Loopback, in_ranges, loopback, redirect, whole
from mien.audio import EncodedFeed, resolve
from mien.audio.formats import FORMATS
from mien.errors import AudioRejected

Encode = Callable[..., bytes]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as server:
        yield server


@pytest.fixture
def canary(encode: Encode, tone: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound in the working directory and in a folder below it that nobody was given."""
    (tmp_path / "sub").mkdir()
    data = encode(tone, "wav", "pcm_s16le")
    for name in ("secret.wav", "sub/secret.wav"):
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "secret.wav"


SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 50000 RTP/AVP 0\n"
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"
DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="audio/wav"><Representation id="a" '
    'bandwidth="1"><BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>'
)
TEXTS = {
    "ffconcat": ("ffconcat version 1.0\nfile {}\n", ".ffconcat"),
    "itself": ("ffconcat version 1.0\nfile given.ffconcat\n", ".ffconcat"),
    "hls": (HLS, ".m3u8"),
    "hls key": ('#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{}"\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n', ".m3u8"),
    "dash": (DASH, ".mpd"),
    "sdp": (SDP, ".sdp"),
    "m3u": ("{}\n", ".m3u"),
    "pls": ("[playlist]\nFile1={}\n", ".pls"),
    "asx": ('<asx version="3.0"><entry><ref href="{}"/></entry></asx>', ".asx"),
    "ram": ("{}\n", ".ram"),
    "mov reference": ("\0\0\0\x14ftypqt  \0\0\0\0qt  rtsptext\r\n{}", ".mov"),
    "imf": ("<?xml version='1.0'?><CompositionPlaylist>{}</CompositionPlaylist>", ".xml"),
    "image list": ("{}", ".%d.png"),
}


def ways(data: bytes, path: Path) -> dict[str, object]:
    """Every way in which a turn may be given these bytes."""
    path.write_bytes(data)
    pushed = EncodedFeed()
    pushed.push(data)
    pushed.end()
    return {
        "path": path,
        "name": str(path),
        "bytes": data,
        "file": io.BytesIO(data),
        "iterable": iter([data]),
        "pushed": pushed,
    }


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_that_names_files_and_machines_is_refused_in_every_way_and_opens_none(
    kind: str, canary: Path, server: Loopback, tmp_path: Path
) -> None:
    text, suffix = TEXTS[kind]
    server.pages["secret.wav"] = whole(canary.read_bytes())
    for target in ("secret.wav", "sub/secret.wav", str(canary), canary.as_uri(), server.url("secret.wav")):
        given = ways(text.replace("{}", target).encode(), tmp_path / f"given{suffix}")
        for way, audio in given.items():
            with pytest.raises(AudioRejected, match="is no readable audio") as refused:
                resolve(audio).open()  # type: ignore[arg-type]
            assert "secret" not in str(refused.value), way
    assert server.hits == 0


SCHEMES = (
    "async cache concat crypto data fd ffrtmphttp file ftp gopher hls httpproxy icecast ipfs lavfi md5 mmsh "
    "pipe rtmp rtp rtsp sctp sdp srtp subfile tcp tee tls udp unix"
)


@pytest.mark.parametrize("scheme", SCHEMES.split())
def test_an_address_is_http_or_https_or_refused_where_it_is_said(scheme: str, canary: Path) -> None:
    for rest in (canary.name, str(canary), "127.0.0.1/a", "me:hush@example.org/a"):
        with pytest.raises(AudioRejected, match=f"^audio at {scheme}://.*: only http and https") as refused:
            resolve(f"{scheme}://{rest}")
        assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["hls", "concat", "sdp", "rtsp", "lavfi", "alsa", "image2", "x11grab", "wav:mp3"]
)
def test_a_feed_is_of_a_container_that_holds_its_own_sound(name: str) -> None:
    with pytest.raises(AudioRejected, match=r"give one of aac, flac|did you mean 'wav'"):
        resolve(EncodedFeed(name))


def test_no_container_that_names_others_is_on_the_list() -> None:
    followers = (
        "concat concatf dash hls sdp rtsp rtp sap lavfi image2 imf vobsub tty webm_dash_manifest hds dvd "
        "dvdvideo bluray applehttp libgme libmodplug avisynth vapoursynth alsa pulse oss fbdev x11grab v4l2 "
        "video4linux2"
    )
    assert not FORMATS & set(followers.split())


def test_an_address_that_answers_with_a_list_leads_nowhere(canary: Path, server: Loopback) -> None:
    server.pages["secret.wav"] = whole(canary.read_bytes())
    for kind, (text, suffix) in TEXTS.items():
        for target in ("secret.wav", canary.as_uri(), server.url("secret.wav")):
            data = text.replace("{}", target).encode()
            for page in (whole(data), in_ranges(data)):
                server.pages[f"list{suffix}"] = page
                server.requests.clear()
                with pytest.raises(AudioRejected):
                    resolve(server.url(f"list{suffix}")).open()
                assert {path for path, _ in server.requests} == {f"/list{suffix}"}, kind


@pytest.mark.parametrize(
    "to", ["file:///{}", "file://{}", "concat:{}", "/nowhere", "ftp://127.0.0.1/a", "//", "http://"]
)
def test_a_redirect_leads_to_no_file(to: str, canary: Path, server: Loopback) -> None:
    server.pages["a"] = redirect(to.replace("{}", str(canary)))
    with pytest.raises(AudioRejected, match=r"^audio at http://127\.0\.0\.1"):
        resolve(server.url("a")).open()
    assert server.requests[0][0] == "/a"


# -- the kernel's word for it -------------------------------------------------------------------------

LOCKED = """
import ctypes, io, os, struct, sys
from contextlib import closing
from mien.audio import resolve
from mien.errors import AudioRejected

socket_nr, open_nrs = {"x86_64": (41, (2, 257)), "aarch64": (198, (56,))}[os.uname().machine]

def heard(data):
    with closing(resolve(data).open()) as sound:
        return sum(len(piece) for piece in sound.pieces())

def refused(data):
    try:
        heard(data)
    except AudioRejected:
        return
    raise SystemExit("it was opened")

def lock(numbers):
    "From here on the kernel ends this process at each of these calls (seccomp, `man 2 seccomp`)."
    program = [(0x20, 0, 0, 0)]  # load the call's number
    for number in numbers:
        program += [(0x15, 0, 1, number), (0x06, 0, 0, 0x80000000)]  # if it is this one: kill the process
    program.append((0x06, 0, 0, 0x7FFF0000))  # allow
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
    libc = ctypes.CDLL(None, use_errno=True)
    given = Program(len(program), ctypes.addressof(buffer))
    one, two, zero = (ctypes.c_ulong(number) for number in (1, 2, 0))
    if libc.prctl(38, one, zero, zero, zero) or libc.prctl(22, two, ctypes.byref(given)):
        print("not here", flush=True)
        os._exit(0)

texts = [bytes.fromhex(line) for line in sys.stdin.readline().split()]
speech = bytes.fromhex(sys.stdin.readline())
heard(speech)
refused(b"<html>nothing</html>" * 99)
refused(b"ffconcat version 1.0\\nfile a.wav\\n")  # whatever Python loads at an error is loaded now
import socket
lock((socket_nr, *open_nrs))
if sys.argv[1] == "socket":
    socket.socket()
if sys.argv[1] == "file":
    open("secret.wav")
for text in texts:
    for given in (text, io.BytesIO(text), iter([text])):
        refused(given)
assert heard(speech) == 24000
print("nothing was opened", flush=True)
os._exit(0)
"""


def locked(what: str, encode: Encode, tone: np.ndarray, canary: Path) -> subprocess.CompletedProcess[str]:
    texts = [
        text.replace("{}", target).encode().hex()
        for text, _ in TEXTS.values()
        for target in ("secret.wav", str(canary), "http://127.0.0.1:9/a", "rtp://127.0.0.1:5004")
    ]
    speech = encode(tone, "wav", "pcm_s16le").hex()
    return subprocess.run(
        [sys.executable, "-c", LOCKED, what],
        input=" ".join(texts) + "\n" + speech + "\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=canary.parent,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter of calls is Linux's")
def test_decoding_what_was_given_opens_no_socket_and_no_file(
    encode: Encode, tone: np.ndarray, canary: Path
) -> None:
    ran = locked("nothing", encode, tone, canary)
    if ran.stdout.startswith("not here"):
        pytest.skip("this kernel lets no process filter its own calls")
    assert (ran.returncode, ran.stdout) == (0, "nothing was opened\n"), ran.stderr
    for control in ("socket", "file"):
        assert locked(control, encode, tone, canary).returncode == -31, control  # SIGSYS: the filter is there


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "audio cannot be '': give a file's name"),
        (np.zeros(9, np.float32), "audio cannot be an array: push"),
    ],
)
def test_what_can_be_no_sound_is_refused_by_its_name(given: Any, words: str) -> None:
    with pytest.raises(AudioRejected, match=words):
        resolve(given)


# -- file objects -------------------------------------------------------------------------------------


class Generous(io.BytesIO):
    """Gives more than it is asked for."""

    def read(self, n: int | None = -1) -> bytes:
        return super().read(-1 if n is None or n < 0 else n + 100_000)

    read1 = read


class OneWay(Generous):
    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("kind", [Generous, OneWay])
def test_a_file_object_that_gives_more_than_it_is_asked_for_is_read_within_bounds(
    encode: Encode, tone: np.ndarray, kind: type[Generous]
) -> None:
    data = encode(np.tile(tone, 8), "flac", "flac")
    with closing(resolve(kind(data)).open()) as sound:
        assert sum(len(piece) for piece in sound.pieces() if piece is not None) == 8 * len(tone)
        assert sound.faults == []
