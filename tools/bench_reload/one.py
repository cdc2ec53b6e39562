"""One live run in which a file is saved again and again, or not. Prints what came of it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from psd_tools import PSDImage
from rich.console import Console

import mien
from mien.cli.shown_art import ShownArt
from mien.observe import Observation, Outputs
from mien.stage.watching import Watching
from mien.thread_priority import ahead

_WARM_S, _EVERY_S, _LONGEST_S = 4.0, 2.0, 20.0
_SIDE = 2000
_LAYERS = (
    ("hair back", (600, 200, 1400, 1100)),
    ("body", (600, 1000, 1400, 2000)),
    ("neck", (900, 850, 1100, 1100)),
    ("face", (700, 300, 1300, 950)),
    ("mouth", (900, 780, 1100, 840)),
    ("nose", (980, 660, 1020, 720)),
    ("eye white l", (780, 540, 940, 620)),
    ("eye white r", (1060, 540, 1220, 620)),
    ("iris l", (830, 545, 890, 615)),
    ("iris r", (1110, 545, 1170, 615)),
    ("brow l", (770, 470, 940, 500)),
    ("brow r", (1060, 470, 1230, 500)),
)
Save = Callable[[int], object]


def main() -> int:
    """`one.py KIND SAVES`: a kind is none, part, toml, svg, svg17, no-svg, psd or no-psd. Of none, no-svg and
    no-psd nothing is saved, for as long."""
    kind, saves = sys.argv[1], int(sys.argv[2])
    waits: list[float] = []
    wrongs: list[str] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        own, save, art = _prepared(kind, Path(name), saves)
        if art is not None:
            stack.callback(art.close)
        pending: list[int] = []

        def tell(who: str, wrong: str) -> None:
            if wrong:
                wrongs.append(wrong)
            if pending:
                waits.append((time.perf_counter_ns() - pending.pop()) / 1e9)

        stage = stack.enter_context(
            mien.open_live(
                [mien.CastEntry("wren", own, "left"), mien.CastEntry("otto", "otto", "right")],
                size=(1280, 720),
                fps=30,
                room=1,
                playout="null",
            )
        )
        # As `mien play` has it: the cyclic collector runs between frames.
        stack.enter_context(Observation(stage.ledger, Outputs(), {}))
        watching = stack.enter_context(Watching(stage, tell, () if art is None else (art.folder,)))
        if art is not None:
            made = partial(watching.read, art.folder)
            stack.enter_context(art.followed(made, lambda wrong: tell("wren", wrong)))
        conversation = mien.load_conversation(mien.bundled("conversations", "night_shift"))
        turns = [turn for turn in conversation.turns if turn.speaker in stage.cast and turn.audio is not None]
        with ahead():
            for turn in turns * 6:
                assert turn.audio is not None
                stage.say(turn.speaker, turn.audio)
            stage.run(seconds=_WARM_S, tail_s=1e9)
            ledger = stage.ledger
            before = ledger.frames_expected, ledger.frames_produced, ledger.frames_late
            causes = Counter(ledger.frames_over_budget)
            for nth in range(saves):
                if not kind.startswith("no"):
                    pending.append(time.perf_counter_ns())
                    save(nth)
                end_s = time.perf_counter() + _LONGEST_S
                stage.run(seconds=_EVERY_S, tail_s=1e9)
                while pending and time.perf_counter() < end_s:
                    stage.run(seconds=0.1, tail_s=1e9)
                pending.clear()
    frames = ledger.frames_expected - before[0]
    told = {
        "waits_s": waits,
        "frames": frames,
        "left_out": frames - (ledger.frames_produced - before[1]),
        "late": ledger.frames_late - before[2],
        "why": dict(Counter(ledger.frames_over_budget) - causes),
        "wrong": wrongs[:3],
    }
    print(json.dumps(told))
    return 0


def _prepared(kind: str, folder: Path, saves: int) -> tuple[Path, Save, ShownArt | None]:
    """The character's folder, what saves it once more, differently, and the art that it is made of."""
    if kind in ("none", "part", "toml"):
        own = folder / "wren"
        shutil.copytree(mien.bundled("characters", "wren"), own)
        parts = sorted(own.rglob("*.png"))
        manifest = own / "character.toml"
        text = manifest.read_text(encoding="utf-8")
        if kind == "toml":
            return own, lambda nth: manifest.write_text(f"{text}\n# {nth}\n", encoding="utf-8"), None
        return own, lambda nth: _tint(parts[nth % len(parts)]), None
    if "svg" in kind:
        path = folder / "wren.svg"
        shutil.copy(mien.bundled("characters", "wren") / "wren.svg", path)
        drawing = path.read_text(encoding="utf-8")
        colours = Counter(word for word in drawing.split('"') if len(word) == 7 and word.startswith("#"))
        count = 17 if kind == "svg17" else 1
        last = next(colour for colour in sorted(colours, reverse=True) if colours[colour] == count)

        def save(nth: int) -> None:
            path.write_text(drawing.replace(last, f"#{0xFF0000 + nth:06x}"), encoding="utf-8")
    else:
        path = folder / "girl.psd"
        # Written before: drawing one takes seconds, and what is measured begins when it is there.
        ready = [_psd(folder / f"{nth}.psd", nth) for nth in range(saves)]
        _psd(path, 99)

        def save(nth: int) -> None:
            ready[nth].replace(path)

    art = ShownArt(path, folder / "made", Console(quiet=True), watched=True)
    art.make()
    return art.folder, save, art


def _tint(path: Path) -> None:
    """A picture with other colours."""
    pixels = np.array(Image.open(path).convert("RGBA"))
    pixels[..., 0] += 16
    Image.fromarray(pixels).save(path, compress_level=1)


def _psd(path: Path, nth: int) -> Path:
    """A file of 12 layers of 2000x2000, one of which differs by `nth`."""
    psd = PSDImage.new("RGBA", (_SIDE, _SIDE))
    for number, (name, box) in enumerate(_LAYERS):
        layer = Image.new("RGBA", (_SIDE, _SIDE))
        ImageDraw.Draw(layer).ellipse(box, (20 * number, 90, 20 + nth % 200 if number == 3 else 40, 255))
        psd.create_pixel_layer(layer, name=name)
    psd.save(str(path))
    return path


if __name__ == "__main__":
    raise SystemExit(main())
