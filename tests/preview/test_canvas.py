"""The panel's picture is kept, and is always what it would be if it were drawn anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import moderngl
import numpy as np
import pytest
from slimgui import imgui

from mien.composite.gl import open_headless
from mien.preview import canvas as canvases
from mien.preview import gui
from mien.preview.gui import Gui
from mien.types import Size
from preview.rig import POINTS, Stage, rig

PIXELS = Size(round(POINTS[0]), round(POINTS[1]))


def test_what_is_kept_is_what_would_be_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    with rig(monkeypatch, stage) as panel:
        canvas = panel.gui.canvas
        for step in (lambda: panel.click("##head_yaw", 0.3), lambda: panel.click("aa##visemes/aa"),
                     lambda: panel.click("page/0"), lambda: panel.point("wave##gestures/wave"),
                     lambda: panel.click("##wear/hat")):  # fmt: skip
            step()
            panel.board.took_ms += 7.77
            panel.lay_out(2)
            kept = canvas.read()
            canvas.forget()
            canvas.draw(panel.laid_out, PIXELS, 1.0)
            assert (kept == canvas.read()).all()
        assert len(np.unique(kept.reshape(-1, 4), axis=0)) > 100, "and there is something on it"


def test_a_canvas_that_cannot_be_made_leaves_no_context_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    ended: list[object] = []
    create, destroy = imgui.create_context, imgui.destroy_context

    def fails(*_: object) -> None:
        raise moderngl.Error("no shader")

    monkeypatch.setattr(imgui, "create_context", lambda: made.append(create()) or made[-1])
    monkeypatch.setattr(imgui, "destroy_context", lambda one: (ended.append(one), destroy(one)))
    monkeypatch.setattr(gui, "Canvas", fails)
    before = imgui.get_current_context()
    with pytest.raises(moderngl.Error, match="no shader"):
        gui.Gui(None)  # type: ignore[arg-type]
    assert made and made == ended and imgui.get_current_context() is before


def test_nothing_is_drawn_where_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig(monkeypatch, Stage()) as panel:
        panel.lay_out(10)
        counts = panel.gui.canvas.counts
        draws, pixels = counts.draws, counts.pixels
        panel.lay_out(5)
        assert (counts.draws, counts.pixels) == (draws, pixels)
        panel.point("nod##nod")
        assert counts.pixels - pixels < PIXELS.width * 200, "a button that lights up is no new panel"


def test_letters_have_as_many_pixels_as_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig(monkeypatch, Stage()) as panel:

        def drawn(scale: float) -> np.ndarray:
            size = Size(round(380 * scale), round(700 * scale))
            for _ in range(3):
                laid_out = panel.gui.lay_out(
                    lambda: panel.board.draw(panel.gui.canvas), (380.0, 700.0), scale, 1 / 30
                )
            panel.gui.canvas.draw(laid_out, size, scale)
            return panel.gui.canvas.read()[..., :3].astype(np.float64)

        single, double = drawn(1.0), drawn(2.0)
        assert double.shape == (1400, 760, 3)
        # The same places are inked, more sharply than the small picture enlarged.
        shrunk = double.reshape(700, 2, 380, 2, 3).mean(axis=(1, 3))
        assert np.abs(shrunk - single).mean() < 4
        assert np.abs(np.diff(double[::2], axis=1)).max() > 100
        enlarged = single.repeat(2, axis=0).repeat(2, axis=1)
        assert (double != enlarged).any(axis=2).mean() > 0.02


def test_all_that_it_has_made_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig(monkeypatch, Stage()) as panel:
        canvas = panel.gui.canvas
        held = [*canvas._textures.values(), canvas._program, canvas._target]
        assert len(held) > 3
    assert all(type(one.mglo).__name__ == "InvalidObject" for one in held if one is not None)
    panel.gui.close()


def test_a_picture_of_another_size_is_no_error_of_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    with rig(monkeypatch, Stage()) as panel:
        canvas, screen = panel.gui.canvas, panel.gui.canvas._ctx.simple_framebuffer((900, 900))
        for height in (700, 760, 640, 700):
            canvas.draw(panel.laid_out, Size(380, height), 1.0)
            canvas.show(screen.glo, 0, 900)
            assert canvas._ctx.error == "GL_NO_ERROR"
        screen.release()


def test_what_was_chosen_ahead_is_drawn_as_if_it_had_not_been() -> None:
    with open_headless() as ctx:
        pictures = []
        for ahead in (False, True):
            one = Gui(ctx)
            for text in ("one", "two"):
                one.run(partial(imgui.text, text), POINTS, 1.0, 1 / 30)
                triangles = one.triangles()
                if ahead:
                    one.canvas.choose(triangles)
                one.canvas.draw(triangles, PIXELS, 1.0)
                pictures.append(one.canvas.read())
            before = one.canvas.counts.draws
            one.canvas.choose(triangles)
            one.canvas.draw(triangles, PIXELS, 1.0)
            assert one.canvas.counts.draws == before, "nothing of it differs"
            one.close()
        assert np.array_equal(pictures[0], pictures[2]) and np.array_equal(pictures[1], pictures[3])
    ctx.release()


def test_a_panel_that_is_laid_out_by_halves_is_as_if_it_had_been_at_once() -> None:
    with open_headless() as ctx:
        one = Gui(ctx)

        def halves() -> Iterator[None]:
            imgui.text("above")
            yield
            imgui.text("below")

        def at_once() -> None:
            for _ in halves():
                pass

        for _ in range(2):
            one.run(at_once, POINTS, 1.0, 1 / 30)
            whole = one.triangles()
        one.begin(halves(), POINTS, 1.0, 1 / 30)
        one.point(3.0, 3.0)  # what is done meanwhile is heard by the next
        one.finish()
        one.finish()
        parted = one.triangles()
        assert len(parted.vertices) and np.array_equal(whole.vertices, parted.vertices)
        one.begin(halves(), POINTS, 1.0, 1 / 30)
        one.close()
    ctx.release()


def test_the_copy_releases_the_gil_where_a_software_renderer_waits_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    python_api = 4  # ctypes' flag of functions that are called with the GIL held
    with open_headless() as ctx:
        for software in (True, False):
            monkeypatch.setattr(canvases, "is_software", lambda _, software=software: software)
            one = canvases.Canvas(ctx, (0.0, 0.0, 0.0))
            assert bool(type(one._blit)._flags_ & python_api) is not software  # type: ignore[attr-defined]
            one.close()
    ctx.release()
