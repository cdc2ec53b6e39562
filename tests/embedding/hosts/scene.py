"""What every host here does: draw a scene of its own, use a stage, and look whether both are unharmed."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable

import moderngl
import numpy as np

import mien
from mien.character import Drawing
from mien.composite import FrameRows, PictureRows
from mien.composite.gl import Compositor
from mien.types import Affine, Rect, Size

SIZE = (160, 90)
FRAMES = 4
ART = os.environ.get("ART", "wren")
"""Who is on stage: the bundled character, or a folder of one that is read and drawn sooner."""
ONE = {"wren": ART}


def frames_of(stage: mien.Stage, count: int = FRAMES) -> str:
    """A digest of the next frames."""
    digest = hashlib.sha256()
    for _ in range(count):
        digest.update(stage.frame().tobytes())
    return digest.hexdigest()


def alone() -> str:
    """What a stage shows that nobody disturbs."""
    with mien.open_stage(ONE, size=SIZE, seed=4) as stage:
        return frames_of(stage)


def beside(host_pixels: Callable[[], bytes]) -> dict[str, object]:
    """Open a stage, take frames in turn with the host's drawing, and say what came of it."""
    before = host_pixels()
    digest = hashlib.sha256()
    same = True
    with mien.open_stage(ONE, size=SIZE, seed=4) as stage:
        for _ in range(FRAMES):
            same &= host_pixels() == before
            digest.update(stage.frame().tobytes())
            same &= host_pixels() == before
        renderer = stage.renderer
    same &= host_pixels() == before
    return {"stage": digest.hexdigest(), "host unharmed": bool(same), "renderer": renderer}


def tell(**found: object) -> None:
    """For the test that runs this."""
    sys.stdout.write(json.dumps(found) + "\n")


def inside(ctx: moderngl.Context, screen: moderngl.Framebuffer) -> dict[str, object]:
    """Draw with a compositor in the host's context, over its scene; what it has set stays."""
    page = np.zeros((64, 64, 4), np.uint8)
    page[2:34, 2:34] = (128, 64, 0, 128)
    square = PictureRows(Drawing("square", 0, Rect(2, 2, 32, 32), (0, 0)))
    frame = FrameRows(1, Size(48, 40))
    square.fill(frame, Affine(tx=8, ty=4))
    ctx.wireframe = True
    ctx.enable(moderngl.CULL_FACE | moderngl.DEPTH_TEST)
    screen.use()
    screen.viewport = (1, 2, 30, 20)
    screen.clear(0.0, 0.0, 1.0, 1.0)
    ctx.clear_errors()  # moderngl makes some by itself when it reads a window
    with Compositor(ctx, frame.size, 64, 1, 1) as compositor:
        compositor.upload_page(0, page)
        compositor.warm_up()
        compositor.draw(frame)
        compositor.blit_to(screen, (0, 0, *frame.size))
        picture = compositor.read().copy()
        texture = np.frombuffer(compositor.texture.read(), np.uint8).reshape(picture.shape)
        kept = ctx.viewport == screen.viewport == (1, 2, 30, 20) and ctx.fbo is screen
    error = ctx.error
    ctx.wireframe = False
    ctx.disable(moderngl.CULL_FACE | moderngl.DEPTH_TEST)
    screen.viewport = (0, 0, *screen.size)
    shown = np.frombuffer(screen.read((0, 0, *frame.size), components=4), np.uint8)
    over = shown.reshape(picture.shape)[::-1][20, 20].tolist()
    return {
        "kept": bool(kept),
        "texture": bool(np.array_equal(texture, picture)),
        "picture": picture[20, 20].tolist(),
        "over": over[:3],  # half of the square over blue
        "error": error,
    }
