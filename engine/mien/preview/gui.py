"""Dear ImGui for one window: what the user does goes in, and triangles come out, drawn on a canvas."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Final

import moderngl
import numpy as np
from slimgui import imgui

from mien.preview.canvas import Canvas
from mien.preview.keys import KEYS, MODS, SHIFTS, held, types
from mien.preview.letters import letters
from mien.preview.style import BACKGROUND, add, dress
from mien.preview.triangles import VERTEX_BYTES, Run, Triangles

_MOST_STEP_S: Final = 0.25
_WINDOW: Final = (
    imgui.WindowFlags.NO_DECORATION
    | imgui.WindowFlags.NO_MOVE
    | imgui.WindowFlags.NO_SAVED_SETTINGS
    | imgui.WindowFlags.NO_NAV
    | imgui.WindowFlags.NO_BACKGROUND
) & ~imgui.WindowFlags.NO_SCROLLBAR


class Gui:
    """Its own context of the library, and a canvas in the GL context of `ctx`, which is current in each call.

    Several windows may have one each.
    """

    def __init__(self, ctx: moderngl.Context) -> None:
        imgui.set_nanobind_leak_warnings(False)
        before = imgui.get_current_context()
        self._context = imgui.create_context()
        try:
            self._dress()
            self.canvas: Final = Canvas(ctx, BACKGROUND)
        except BaseException:
            # Nobody has it to close it.
            imgui.destroy_context(self._context)
            raise
        finally:
            if before is not None:
                imgui.set_current_context(before)
        self._is_open = True
        self._points = (0.0, 0.0)
        self._pressed: set[int] = set()
        """Keys of which the library knows that they are down."""
        self._begun: Iterator[None] | None = None
        """What is laid out by half."""
        self._letters: set[str] = set()
        """Scripts whose letters it was given."""

    def _dress(self) -> None:
        io = self._context.io
        io.ini_filename = None  # nothing is written to the folder that the program is run in
        io.config_error_recovery_enable_assert = False  # what a section leaves begun is ended
        io.backend_flags |= (
            imgui.BackendFlags.RENDERER_HAS_TEXTURES | imgui.BackendFlags.RENDERER_HAS_VTX_OFFSET
        )
        self._context.platform_io.renderer_texture_max_width = 4096
        self._context.platform_io.renderer_texture_max_height = 4096
        dress(self._context)

    # -- what the user does -----------------------------------------------------------------------

    def press(self, key: int, mods: int, *, down: bool) -> None:
        """A key, by glfw's number, with the modifiers held.

        Those of the letters of a field are not told to the library: it takes a key that goes down and up, or
        Shift, in two layouts, and `type` brings what they type.
        """
        mods = held(key, mods, down=down)
        if down and self.wants_text and types(key, mods):
            return
        if not down and key not in self._pressed:
            if key in SHIFTS:  # an arrow may have told that it was held
                self._hold(mods)
            return
        (self._pressed.add if down else self._pressed.discard)(key)
        self._hold(mods)
        if (known := KEYS.get(key)) is not None:
            self._context.io.add_key_event(known, down)

    def type(self, text: str) -> None:
        """Characters."""
        self._context.io.add_input_characters_utf8(text)

    def point(self, x: float, y: float) -> None:
        """Where the pointer is, in points of the panel; outside of it too."""
        self._context.io.add_mouse_pos_event(x, y)

    def click(self, button: int, mods: int, *, down: bool) -> None:
        """A button of the mouse."""
        self._hold(mods)
        if 0 <= button < 5:
            self._context.io.add_mouse_button_event(button, down)

    def scroll(self, dx: float, dy: float) -> None:
        """The wheel."""
        self._context.io.add_mouse_wheel_event(dx, dy)

    @property
    def copied(self) -> str:
        """What was copied in the panel, or given to it; to be set."""
        imgui.set_current_context(self._context)
        return imgui.get_clipboard_text() or ""

    @copied.setter
    def copied(self, text: str) -> None:
        imgui.set_current_context(self._context)
        imgui.set_clipboard_text(text)

    @property
    def wants_text(self) -> bool:
        """Whether a field is being typed into."""
        return self._context.io.want_text_input

    # -- what is shown ----------------------------------------------------------------------------

    def lay_out(
        self, contents: Callable[[], None], points: tuple[float, float], scale: float, step_s: float
    ) -> Triangles:
        """What `run` of the same comes to."""
        self.run(contents, points, scale, step_s)
        return self.triangles()

    def run(
        self, contents: Callable[[], None], points: tuple[float, float], scale: float, step_s: float
    ) -> None:
        """Run `contents`, which calls the library, in a window of `points` (width, height). What it comes to
        say `triangles`.

        `scale`: pixels to a point; `step_s`: seconds since the last time. An error in `contents` is raised
        when what was begun is ended.
        """

        def whole() -> Iterator[None]:
            contents()
            yield

        self.begin(whole(), points, scale, step_s)
        self.finish()

    def begin(self, parts: Iterator[None], points: tuple[float, float], scale: float, step_s: float) -> None:
        """Run the first step of what calls the library; `step` and `finish` run the others, later. As `run`
        else."""
        self.finish()
        imgui.set_current_context(self._context)
        self._add_letters()
        io = self._context.io
        io.display_size = points
        io.display_framebuffer_scale = (scale, scale)
        io.delta_time = min(max(step_s, 1e-4), _MOST_STEP_S)
        imgui.new_frame()  # type: ignore[no-untyped-call]
        self._points = points
        try:
            imgui.set_next_window_pos((0.0, 0.0))
            imgui.set_next_window_size(points)
            imgui.begin("panel", flags=_WINDOW)
            next(parts, None)
        except BaseException:
            imgui.render()  # ends what is still begun
            raise
        self._begun = parts

    def step(self) -> bool:
        """Run one step more of what was begun; True: nothing is left of it."""
        parts, self._begun = self._begun, None
        if parts is None:
            return True
        imgui.set_current_context(self._context)
        is_left = False
        try:
            for _ in parts:
                is_left, self._begun = True, parts
                return False
            imgui.end()
        finally:
            if not is_left:
                imgui.render()
        return True

    def finish(self) -> None:
        """Run what is left of what was begun, if anything."""
        while not self.step():
            pass

    def close(self) -> None:
        """Free the canvas and the context. Idempotent."""
        if self._is_open:
            self._is_open = False
            if self._begun is not None:
                self._begun = None
                imgui.set_current_context(self._context)
                imgui.render()
            for texture in self._context.platform_io.textures:
                texture.set_tex_id(0)
                texture.set_status(imgui.TextureStatus.DESTROYED)
            self.canvas.close()
            imgui.destroy_context(self._context)

    # -- parts ------------------------------------------------------------------------------------

    def _add_letters(self) -> None:
        """Give the library what was found of letters that it does not have, one font at a time."""
        for script, font in letters.found().items():
            if script not in self._letters:
                self._letters.add(script)
                if add(self._context, font.data, font.number):
                    letters.given(script)
                else:
                    letters.refused(script)
                return

    def _hold(self, mods: int) -> None:
        for bit, key in MODS.items():
            self._context.io.add_key_event(key, bool(mods & bit))

    def triangles(self) -> Triangles:
        """What the last `run` came to."""
        imgui.set_current_context(self._context)
        data, points = imgui.get_draw_data(), self._points
        for texture in data.textures or ():
            if texture.status != imgui.TextureStatus.OK:
                self._bring(texture)
        vertices, indices, runs = list[bytes](), list[np.ndarray](), list[Run]()
        first = base = 0
        for part in data.commands_lists:
            if not part.idx_buffer_size:
                continue
            vertices.append(ctypes.string_at(part.vtx_buffer_data, part.vtx_buffer_size * VERTEX_BYTES))
            kind = np.uint16 if imgui.INDEX_SIZE == 2 else np.uint32
            raw = ctypes.string_at(part.idx_buffer_data, part.idx_buffer_size * imgui.INDEX_SIZE)
            own = np.frombuffer(raw, kind).astype(np.uint32)
            for command in part.commands:
                begin, count = command.idx_offset, command.elem_count
                own[begin : begin + count] += np.uint32(command.vtx_offset + base)
                name = command.tex_ref.get_tex_id()
                if count:
                    runs.append(Run(name, command.clip_rect, first + begin, count))
            indices.append(own)
            first += len(own)
            base += part.vtx_buffer_size
        whole = np.frombuffer(b"".join(vertices), np.uint8).reshape(-1, VERTEX_BYTES)
        return Triangles(whole, np.concatenate(indices) if indices else _NONE, runs, points)

    def _bring(self, texture: imgui.TextureData) -> None:
        """Do what the library wants done about a texture of letters."""
        match texture.status:
            case imgui.TextureStatus.WANT_CREATE:
                texture.set_tex_id(self.canvas.add_texture(_pixels(texture)))
                texture.set_status(imgui.TextureStatus.OK)
            case imgui.TextureStatus.WANT_UPDATES:
                rows = [(one.y, one.y + one.h) for one in texture.updates]
                first = min((top for top, _ in rows), default=0)
                end = max((bottom for _, bottom in rows), default=texture.height)
                self.canvas.write_texture(texture.get_tex_id(), _pixels(texture, first, end), first)
                texture.set_status(imgui.TextureStatus.OK)
            case imgui.TextureStatus.WANT_DESTROY if texture.unused_frames > 0:
                self.canvas.drop_texture(texture.get_tex_id())
                texture.set_tex_id(0)
                texture.set_status(imgui.TextureStatus.DESTROYED)


_NONE: Final = np.zeros(0, np.uint32)


def _pixels(texture: imgui.TextureData, first: int = 0, end: int | None = None) -> np.ndarray:
    """(h, w, 4) uint8 of its own memory: the rows from `first` to before `end`."""
    whole = np.asarray(texture.get_pixels(), np.uint8).reshape(texture.height, texture.width, 4)
    return whole[first:end].copy()
