"""Good samples of documents and art, and the folders that they stand in."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fuzz import sounds
from mien.art import pack_character
from mien.testing.character import tiny_character, tiny_document, toml_of

CONVERSATION: dict[str, Any] = {
    "format": 1,
    "title": "Soup",
    "seed": 7,
    "fps": 30,
    "stage": {"dim_listeners": 0.1},
    "cast": [
        {"key": "wren", "character": "wren", "place": "left", "voice": "flite slt"},
        {"key": "tiny", "character": "../character", "place": [0.75, 1.1], "size": 0.8},
    ],
    "turn": [
        {
            "key": "hi",
            "speaker": "wren",
            "audio": "a.wav",
            "text": "[happy] Oh, hello! [surprised] Wait...",
            "gap_ms": 120,
            "words": [["Oh,", 0.1, 0.2], ["hello!", 0.2, 0.3], ["Wait...", 0.3, 0.5]],
            "cues": [
                {"at_s": 0.1, "nod": 0.6},
                {"at_s": 0.2, "gaze": [0.25, -0.5]},
                {"at_s": 0.3, "gesture": "rest"},
            ],
            "visemes": {"scheme": "oculus", "marks": [["sil", 0.0, 0.1], ["aa", 0.1, 0.4]]},
        },
        {"key": "no", "speaker": "tiny", "audio": "a.wav", "text": "[skeptical] None. [sad] Some."},
    ],
}
"""Uses most keys."""

TIMES: tuple[Any, ...] = (
    [["Oh,", 0.1, 0.2], ["hello!", 0.2, 0.3], ["Wait...", 0.3, 0.5]],
    [["sil", 0.0, 0.1], ["aa", 0.1, 0.3], ["PP", 0.3, 0.4]],
    {
        "metadata": {"duration": 0.5},
        "mouthCues": [{"start": 0.0, "end": 0.1, "value": "X"}, {"start": 0.1, "end": 0.4, "value": "D"}],
    },
    [{"visemeId": 0, "audioOffset": 500000}, {"visemeId": 21, "audioOffset": 2500000}],
    {"visemes": ["aa", "PP"], "vtimes": [0, 100], "vdurations": [100, 200]},
    {"words": ["hi"], "wtimes": [0], "wdurations": [300]},
)
"""Timing files of every shape."""

SCHEMES = ("oculus", "azure", "rhubarb", "words")
TIMED_BY: tuple[dict[str, Any], ...] = (
    {"words_file": "times.json"},
    *(
        {"visemes": {"scheme": scheme, "file": "times.json"}}
        for scheme in ("oculus", "azure", "rhubarb", "words")
    ),
)
"""Keys of turns that read `times.json`."""


LIVE = {"idle": {"0": ["a.png", "b.png"]}, "joy": {"0": ["a.png"], "1": ["c.png"]}, "blink": {"0": ["c.png"]}}
"""The expressions of a LivePNG model: of each its variants, of each of those its pictures."""


def build(home: Path) -> None:
    """The folders that inputs stand in: a character, conversations with their sound, and what is outside."""
    tiny_character(home / "character")
    for style in ("default", "other"):
        for expression, variants in LIVE.items():
            for variant, names in variants.items():
                inner = home / "live" / "assets" / style / expression / variant
                inner.mkdir(parents=True)
                for name in names:
                    (inner / name).write_bytes(picture(size=(40, 60)))
    talk = home / "talk"
    talk.mkdir(parents=True, exist_ok=True)
    sound = sounds.encoded("wav", "pcm_s16le", "mono")
    (talk / "a.wav").write_bytes(sound)
    for folder in canaries(home):
        folder.mkdir()
        (folder / "secret.wav").write_bytes(sound)
        (folder / "secret.png").write_bytes(picture())
    (talk / "conversation.toml").write_bytes(conversation())
    (talk / "times.json").write_text(json.dumps(TIMES[0]), "utf-8")
    for i, keys in enumerate(TIMED_BY):
        turn = {"key": "t", "speaker": "wren", "audio": "a.wav"} | keys
        document = CONVERSATION | {"turn": [turn]}
        (talk / f"timed{i}.toml").write_text(toml_of(document), "utf-8")


def canaries(home: Path) -> tuple[Path, ...]:
    """Folders beside and inside of it in which no input is given a file."""
    return home.parent / "outside", home / "canary"


def character() -> bytes:
    """A character's document."""
    return toml_of(tiny_document()).encode()


def conversation() -> bytes:
    """A conversation file."""
    return toml_of(CONVERSATION).encode()


def picture(mode: str = "RGBA", size: tuple[int, int] = (24, 20), **keywords: Any) -> bytes:
    """A PNG with something in it."""
    ramp = np.add.outer(np.arange(size[1]) * 9, np.arange(size[0]) * 5).astype(np.uint8)
    pixels = np.dstack((ramp, 255 - ramp, ramp // 2, np.where(ramp > 40, 255, ramp))).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, "PNG", **keywords)
    return out.getvalue()


def pictures() -> list[bytes]:
    """PNGs of every kind that Pillow writes."""
    grey16 = io.BytesIO()
    Image.fromarray((np.arange(480, dtype=np.uint16) * 100).reshape(20, 24)).save(grey16, "PNG")
    modes = ("RGBA", "RGB", "L", "LA", "P", "1")
    return [
        *map(picture, modes),
        grey16.getvalue(),
        picture("P", transparency=3),
        picture("L", transparency=9),
    ]


def baked(folder: Path) -> bytes:
    """The tiny character as a .mien file. `folder`: where it may be made."""
    tiny_character(folder / "tiny")
    pack_character(folder / "tiny", folder / "tiny.mien", page_size=256)
    return (folder / "tiny.mien").read_bytes()


def ledger() -> bytes:
    """A short run, as `--ledger` writes it."""
    head = {"kind": "run", "version": 1, "command": "play", "fps": 50, "realtime": True}
    frames = [
        {
            "kind": "frame",
            "frame": i,
            "scheduled_ms": i * 20.0,
            "presented_ms": i * 20.0 + (70 if i == 20 else 1),
            "work_ms": 5.0,
            "frame_cpu_ms": 4.0,
            "l1_misses": int(i % 7 == 0),
            "underruns": 0,
            "cause": "gpu_wait",
            "at_sample": i * 960,
        }
        for i in range(60)
    ]
    rest = [
        {"kind": "turn", "key": "hi", "speaker": "wren", "at_sample": 9600, "first_ms": 3.0},
        {"kind": "gc", "at_ms": 300.0, "ms": 2.0},
        {"kind": "totals", "frames_produced_total": 60, "frames_expected_total": 60},
    ]
    return "".join(json.dumps(line) + "\n" for line in [head, *frames, *rest]).encode()


STACK = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<image version="0.0.3" w="32" h="24"><stack>'
    '<layer name="top" src="data/a.png" x="2" y="-1" opacity="0.5" composite-op="svg:multiply"/>'
    '<stack name="group" isolation="isolate" opacity="0.8" x="1"><layer name="clip" src="data/b.png" '
    'composite-op="svg:src-atop"/><layer name="in" src="data/a.png" x="4"/></stack>'
    '<layer name="back" src="data/b.png" visibility="visible"/></stack></image>'
)


def ora() -> bytes:
    """An OpenRaster file with a group and a clipped layer."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "image/openraster")
        for name, body in (("stack.xml", STACK), ("data/a.png", picture()), ("data/b.png", picture("RGB"))):
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


MAINDOC = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<DOC>'
    '<IMAGE name="A" width="70" height="66" colorspacename="RGBA"><layers>'
    '<layer name="mouth" nodetype="paintlayer" filename="layer1" opacity="200" x="3" y="-2" '
    'compositeop="multiply">'
    '<masks><mask nodetype="transparencymask" filename="mask1" x="0" y="0"/></masks></layer>'
    '<layer name="group" nodetype="grouplayer" passthrough="0"><layers>'
    '<layer name="eye L" nodetype="paintlayer" filename="layer1" channelflags="1110" visible="0"/>'
    '<layer name="face" nodetype="paintlayer" filename="layer1"/></layers></layer></layers></IMAGE></DOC>'
)


def kra() -> bytes:
    """A Krita file with a group, a mask, an inherited alpha and tiles of both kinds."""
    run = bytes([0, 90]) + b"\xe0\xff\x00" * 62 + b"\xe0\x06\x00"  # 16 384 bytes of 90
    head = b"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE %d\nDATA %d\n"
    packed = b"0,0,LZF,%d\n\1%s" % (len(run) + 1, run)
    plain = b"64,0,LZF,16385\n\0" + bytes(range(256)) * 64
    mask = head % (1, 1) + b"0,0,LZF,4097\n\0" + bytes(range(256)) * 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/x-krita")
        for name, body in (
            ("maindoc.xml", MAINDOC.encode()),
            ("A/layers/layer1", head % (4, 2) + packed + plain),
            ("A/layers/mask1.pixelselection", mask),
        ):
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def psds() -> list[bytes]:
    """Photoshop files with groups, masks, clipping and modes, in RGB, grey and CMYK."""
    import psd_tools
    from psd_tools.constants import BlendMode

    found = []
    for mode in ("RGB", "L", "CMYK"):
        psd = psd_tools.PSDImage.new(mode, (32, 24))
        layer = psd.create_pixel_layer(Image.new(mode, (20, 12)), name="back", top=2, left=3)
        layer.create_mask(Image.new("L", (9, 7), 100), top=2, left=3)
        group = psd.create_group(name="group", blend_mode=BlendMode.PASS_THROUGH, opacity=200)
        group.create_pixel_layer(Image.new(mode, (8, 8)), name="in", blend_mode=BlendMode.SCREEN)
        group.create_pixel_layer(Image.new(mode, (8, 4)), name="é").clipping = True
        out = io.BytesIO()
        psd.save(out)
        found.append(out.getvalue())
    return found
