"""The compositor's promises to a frame loop: one upload, nothing new after warm-up, clear refusals."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from dataclasses import replace

import moderngl
import numpy as np
import pytest

from composite.scenes import Atlas, frame_of, noise, random_frame, slot, solid
from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions, egl, is_software, open_headless
from mien.composite.gl.shader_source import shader_folder, shader_source
from mien.errors import (
    AssetMissing,
    Closed,
    FrameFull,
    MienError,
    PageMissing,
    RendererUnavailable,
    WrongThread,
)
from mien.types import Affine, Size

SIZE = Size(32, 24)
RED = (255, 0, 0, 255)


def opened(ctx: moderngl.Context, strategy: str, pages: int = 1) -> Compositor:
    return Compositor(
        ctx,
        SIZE,
        48,
        pages,
        64,
        options=CompositorOptions(strategy="fetch" if strategy == "fetch" else "loop"),
    )


def test_a_steady_frame_loop_uploads_its_rows_and_rectangles_and_makes_nothing(
    ctx: moderngl.Context, strategy: str
) -> None:
    rng = np.random.default_rng(1)
    page, out = noise(rng, 48, 48), np.empty((24, 32, 4), np.uint8)
    with opened(ctx, strategy) as compositor:
        compositor.upload_page(0, page)
        compositor.warm_up()
        atlas = Atlas()
        slots = [slot(atlas.add(solid(4, 4, RED), (k, k))) for k in range(8)]
        frames = [frame_of(slots, SIZE, Affine(tx=0.5 + step)) for step in range(2)]
        before = replace(compositor.counters)
        for k in range(100):
            assert compositor.draw(frames[k % 2])
            compositor.read_into(out)
        after = compositor.counters
        # So few rows are blended in registers and written once: a draw for tiles of so many parts.
        assert after.draws - before.draws <= (200 if strategy == "fetch" else 100)
        assert after.frames - before.frames == 100
        # Rows, and the tiles where they are others; `loop` has a list of rows beside them.
        assert after.uploads - before.uploads <= (200 if strategy == "fetch" else 300)
        assert after.upload_bytes - before.upload_bytes < 100 * (frames[0].rows[:9].nbytes + 5000)
        for name in ("page_uploads", "compiles", "allocations", "misses", "unchanged"):
            assert getattr(after, name) == getattr(before, name), name


def test_no_scene_compiles_or_allocates_after_warm_up(ctx: moderngl.Context, strategy: str) -> None:
    with opened(ctx, strategy) as compositor:
        compositor.upload_page(0, noise(np.random.default_rng(1), 48, 48))
        compositor.warm_up()
        compiles, allocations = compositor.counters.compiles, compositor.counters.allocations
        for seed in range(100):
            compositor.draw(random_frame(np.random.default_rng(seed), SIZE, (48, 48), 1))
        assert (compositor.counters.compiles, compositor.counters.allocations) == (compiles, allocations)


def test_the_best_strategy_is_chosen_by_what_the_renderer_can_do(ctx: moderngl.Context) -> None:
    with Compositor(ctx, SIZE, 48, 1, 8) as compositor:
        can_fetch = "GL_EXT_shader_framebuffer_fetch" in ctx.extensions
        assert compositor.strategy == ("fetch" if can_fetch and is_software(ctx) else "loop")


def test_a_frame_draws_over_the_last_one_and_can_be_read_twice(ctx: moderngl.Context, strategy: str) -> None:
    atlas = Atlas(48, 48)
    frame = frame_of([slot(atlas.add(solid(8, 8, RED)))], SIZE)
    first, second = np.empty((2, 24, 32, 4), np.uint8)
    with opened(ctx, strategy) as compositor:
        compositor.upload_page(0, atlas.page)
        compositor.draw(frame)
        compositor.read_into(first)
        compositor.read_into(second)
        assert np.array_equal(first, second) and first[:8, :8].all(axis=(0, 1)).tolist() == [
            True,
            False,
            False,
            True,
        ]
        compositor.draw(FrameRows(4, SIZE))
        compositor.read_into(second)
        assert not second.any()


def test_a_page_that_is_not_there_shows_nothing_and_is_counted(ctx: moderngl.Context, strategy: str) -> None:
    atlas = Atlas(48, 48)
    frame = frame_of([slot(atlas.add(solid(8, 8, RED)))], SIZE)
    out = np.empty((24, 32, 4), np.uint8)
    with opened(ctx, strategy) as compositor:
        compositor.draw(frame)
        compositor.read_into(out)
        assert (compositor.counters.misses, bool(out.any())) == (1, False)
        compositor.upload_page(0, atlas.page)
        compositor.draw(frame)
        compositor.read_into(out)
        assert (compositor.counters.misses, bool(out.any())) == (1, True)


@pytest.mark.parametrize("over", [True, False], ids=["over", "instead"])
def test_the_frame_is_shown_upright_in_its_viewport_and_nowhere_else(
    ctx: moderngl.Context, strategy: str, over: bool
) -> None:
    atlas = Atlas(48, 48)
    frame = frame_of([slot(atlas.add(solid(32, 6, RED)))], SIZE)  # a red band along the top
    texture = ctx.texture((40, 30), 4)
    window = ctx.framebuffer([texture])
    with opened(ctx, strategy) as compositor:
        compositor.upload_page(0, atlas.page)
        compositor.warm_up(window)
        assert not any(window.read(components=4))
        window.clear(0.0, 0.0, 1.0, 1.0)
        compositor.draw(frame)
        compositor.blit_to(window, (4, 3, 32, 24), over=over)
    shown = np.frombuffer(window.read(components=4), np.uint8).reshape(30, 40, 4)[::-1]
    expected = solid(40, 30, (0, 0, 255, 255))
    if not over:
        expected[3:27, 4:36] = 0
    expected[3:9, 4:36] = RED
    window.release()
    texture.release()
    assert np.array_equal(shown, expected)


def test_what_cannot_be_drawn_is_refused_before_anything_is_sent(
    ctx: moderngl.Context, strategy: str
) -> None:
    atlas = Atlas(48, 48)
    drawing = atlas.add(solid(8, 8, RED))
    with opened(ctx, strategy) as compositor:
        crowd = FrameRows(65, SIZE)
        crowd.count = 65
        with pytest.raises(FrameFull, match="65 rows in a frame and room for 64"):
            compositor.draw(crowd)
        other = frame_of([slot(type(drawing)("d", 7, drawing.region, (0, 0)))], SIZE)
        with pytest.raises(PageMissing, match="page 7 and the atlas has 1"):
            compositor.draw(other)
        with pytest.raises(ValueError, match=r"\(8, 8\).*\(32, 24\)"):
            compositor.draw(FrameRows(4, Size(8, 8)))
        with pytest.raises(PageMissing, match="page 1 is not one of the 1"):
            compositor.upload_page(1, atlas.page)
        with pytest.raises(ValueError, match=r"\(48, 48, 4\) uint8"):
            compositor.upload_page(0, atlas.page[:40])
        with pytest.raises(ValueError, match="contiguous"):
            compositor.read_into(np.empty((24, 32, 3), np.uint8))
        assert (compositor.counters.uploads, compositor.counters.draws) == (0, 0)


@pytest.mark.parametrize(
    ("size", "page", "rows"),
    [((1 << 20, 8), 48, 8), ((8, 8), 1 << 20, 8), ((8, 8), 48, 1 << 20), ((0, 8), 48, 8)],
)
def test_sizes_that_the_renderer_cannot_hold_are_refused(
    ctx: moderngl.Context, size: tuple[int, int], page: int, rows: int
) -> None:
    with pytest.raises(ValueError, match=r"more than this renderer's|at least 1"):
        Compositor(ctx, Size(*size), page, 1, rows)


def test_another_thread_is_refused(ctx: moderngl.Context, strategy: str) -> None:
    caught: list[BaseException] = []
    with opened(ctx, strategy) as compositor:

        def draw() -> None:
            try:
                compositor.draw(FrameRows(4, SIZE))
            except WrongThread as error:
                caught.append(error)

        thread = threading.Thread(target=draw)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_after_close_everything_is_refused_and_closing_again_is_not(
    ctx: moderngl.Context, strategy: str
) -> None:
    compositor = opened(ctx, strategy)
    compositor.close()
    compositor.close()
    with pytest.raises(Closed, match="closed"):
        compositor.draw(FrameRows(4, SIZE))
    with pytest.raises(Closed):
        compositor.read_into(np.empty((24, 32, 4), np.uint8))
    with pytest.raises(Closed):
        compositor.warm_up()


def test_closing_gives_every_gl_object_back(ctx: moderngl.Context, strategy: str) -> None:
    def alive() -> list[int]:
        return [sum(is_alive(name) for name in range(1, 4096)) for is_alive in _gl_questions()]

    before = alive()
    with opened(ctx, strategy) as compositor:
        compositor.warm_up()
        assert all(now > then for now, then in zip(alive(), before, strict=True))
    assert alive() == before


def _gl_questions() -> list[Callable[[int], int]]:
    """The GL's own word on whether a name is a live object."""
    address_of = ctypes.CDLL("libEGL.so.1").eglGetProcAddress
    address_of.restype, address_of.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    question = ctypes.CFUNCTYPE(ctypes.c_ubyte, ctypes.c_uint)
    kinds = (b"glIsTexture", b"glIsFramebuffer", b"glIsVertexArray", b"glIsProgram")
    return [question(address_of(kind)) for kind in kinds]


def test_without_egl_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(egl.ctypes, "PyDLL", refuse)
    egl.egl.cache_clear()
    with pytest.raises(RendererUnavailable, match=r"libEGL.so.1: cannot.*apt install libegl1") as caught:
        open_headless()
    assert isinstance(caught.value, MienError)


@pytest.mark.parametrize(
    ("name", "software"),
    [
        ("llvmpipe (LLVM 15.0.6, 256 bits)", True),
        ("softpipe", True),
        ("zink (llvmpipe (LLVM 15.0.6, 256 bits))", True),
        ("Google SwiftShader", True),
        ("NVIDIA GeForce RTX 3060/PCIe/SSE2", False),
        ("zink (NVIDIA GeForce RTX 3060)", False),
        ("Mesa Intel(R) UHD Graphics 620 (KBL GT2)", False),
    ],
)
def test_a_software_renderer_is_known_by_its_name(
    ctx: moderngl.Context, name: str, software: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ctx.info, "GL_RENDERER", name)
    assert is_software(ctx) == software


def test_includes_are_resolved_once_each_and_macros_follow_the_version() -> None:
    text = shader_source("fetch_any.frag.glsl", {"ROWS": 1, "SAMPLES": 1})
    assert text.startswith(
        "#version 330 core\n#extension GL_EXT_shader_framebuffer_fetch : require\n#define ROWS 1\n"
    )
    assert "#include" not in text
    assert text.count("vec4 row_vec4(") == text.count("vec4 sample_page(") == 1


def test_a_missing_shader_is_named() -> None:
    with pytest.raises(AssetMissing, match=r"no_such\.glsl is missing"):
        shader_source("no_such.glsl")


def test_blend_is_written_in_one_file_only() -> None:
    holders = [
        file.name
        for file in shader_folder().iterdir()
        if file.name.endswith(".glsl") and "vec3 blend_function(" in file.read_text(encoding="utf-8")
    ]
    assert holders == ["blend.glsl"]
