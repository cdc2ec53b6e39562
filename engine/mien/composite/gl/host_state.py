"""The GL state of a program that we draw in the context of: saved, set to what drawing needs, and put back.

A context has hundreds of states. Here are those that Mien's calls, moderngl's among them, change, and those
by which a program could bend what Mien draws.
Drawing adds to queries of the program that count samples or primitives; nothing else of it shows.
"""

from __future__ import annotations

import ctypes
from typing import Any

from mien.composite.gl import state_names as names
from mien.composite.gl.saved_state import SavedState


class HostState:
    """Saves and puts back, for one context, which must be current in every call."""

    def __init__(self, loader: Any) -> None:
        self._find_functions(loader)
        self._ints = (ctypes.c_int * 4)()
        self._floats = (ctypes.c_float * 4)()
        self._look_what_there_is()

    def _find_functions(self, loader: Any) -> None:
        i, u, f, p, b = ctypes.c_int, ctypes.c_uint, ctypes.c_float, ctypes.c_void_p, ctypes.c_ubyte

        def function(name: str, *arguments: Any, result: Any = None) -> Any:
            address = loader.load_opengl_function(name)
            return ctypes.PYFUNCTYPE(result, *arguments)(address) if address else None

        self._get_integer = function("glGetIntegerv", u, p)
        self._get_float = function("glGetFloatv", u, p)
        self._get_integer_i = function("glGetIntegeri_v", u, u, p)
        self._get_float_i = function("glGetFloati_v", u, u, p)
        self._get_boolean_i = function("glGetBooleani_v", u, u, p)
        self._is_enabled = function("glIsEnabled", u, result=b)
        self._is_enabled_i = function("glIsEnabledi", u, u, result=b)
        self._is_program = function("glIsProgram", u, result=b)
        self._is_texture = function("glIsTexture", u, result=b)
        self._is_framebuffer = function("glIsFramebuffer", u, result=b)
        self._enable = function("glEnable", u)
        self._disable = function("glDisable", u)
        self._enable_i = function("glEnablei", u, u)
        self._disable_i = function("glDisablei", u, u)
        self._use_program = function("glUseProgram", u)
        self._bind_vertex_array = function("glBindVertexArray", u)
        self._bind_buffer = function("glBindBuffer", u, u)
        self._bind_framebuffer = function("glBindFramebuffer", u, u)
        self._active = function("glActiveTexture", u)
        self._bind_texture = function("glBindTexture", u, u)
        self._bind_sampler = function("glBindSampler", u, u)
        self._pixel_store = function("glPixelStorei", u, i)
        self._color_mask = function("glColorMaski", u, b, b, b, b)
        self._depth_mask = function("glDepthMask", b)
        self._viewport = function("glViewport", i, i, i, i)
        self._viewports = function("glViewportArrayv", u, i, p)
        self._scissor = function("glScissor", i, i, i, i)
        self._scissors = function("glScissorArrayv", u, i, p)
        self._clear_color = function("glClearColor", f, f, f, f)
        self._clear_depth = function("glClearDepth", ctypes.c_double)
        self._polygon_mode = function("glPolygonMode", u, u)
        self._restart_index = function("glPrimitiveRestartIndex", u)
        self._factors = function("glBlendFuncSeparate", u, u, u, u)
        self._equations = function("glBlendEquationSeparate", u, u)
        self._factors_i = function("glBlendFuncSeparatei", u, u, u, u, u)
        self._equations_i = function("glBlendEquationSeparatei", u, u, u)
        self._clip_control = function("glClipControl", u, u)
        self._pause_feedback = function("glPauseTransformFeedback")
        self._resume_feedback = function("glResumeTransformFeedback")
        self._pixel_transfer = function("glPixelTransferf", u, f)

    def _look_what_there_is(self) -> None:
        """What a context of this version and profile has."""
        version = self._int(0x821B) * 10 + self._int(0x821C)
        self._compatible = version >= 32 and bool(self._int(names.PROFILE_MASK) & names.COMPATIBILITY_BIT)
        self._indexed_blend = version >= 40 and self._factors_i is not None
        self._feedback = version >= 40 and self._pause_feedback is not None
        self._clips = version >= 45 and self._clip_control is not None
        self._viewport_count = self._int(names.MAX_VIEWPORTS) if version >= 41 and self._viewports else 1
        self._draw_buffers = min(8, self._int(names.MAX_DRAW_BUFFERS))
        self._units = tuple(dict.fromkeys((*names.UNITS, self._int(names.MAX_UNITS) - 1)))
        self._switches = (
            *names.SWITCHES,
            *(names.SWITCHES_43 if version >= 43 else ()),
            *(names.SWITCHES_COMPATIBILITY if self._compatible else ()),
        )

    def save(self) -> SavedState:
        """What the program has set."""
        indexes = range(self._draw_buffers)
        return SavedState(
            program=self._int(names.PROGRAM),
            vertex_array=self._int(names.VERTEX_ARRAY),
            buffers=[self._int(binding) for binding, _ in names.BUFFERS],
            framebuffers=(self._int(names.DRAW_FRAMEBUFFER[0]), self._int(names.READ_FRAMEBUFFER[0])),
            active_texture=self._int(names.ACTIVE_TEXTURE),
            textures=[self._textures_of(unit) for unit in self._units],
            pixel_store=[self._int(name) for name, _ in names.PIXEL_STORE],
            switches=[bool(self._is_enabled(name)) for name in self._switches],
            seamless=bool(self._is_enabled(names.SEAMLESS)),
            blends=[bool(self._is_enabled_i(names.BLEND, index)) for index in indexes],
            masks=[self._mask_of(index) for index in indexes],
            factors=[self._blending_of(index) for index in (indexes if self._indexed_blend else (0,))],
            scissors=self._scissor_tests(),
            viewports=self._rectangles(names.VIEWPORT, ctypes.c_float),
            boxes=self._rectangles(names.SCISSOR_BOX, ctypes.c_int),
            depth_mask=self._int(names.DEPTH_MASK),
            clear_color=self._four(names.CLEAR_COLOR),
            clear_depth=self._four(names.CLEAR_DEPTH)[0],
            polygon_modes=self._polygon_modes(),
            restart_index=self._int(names.RESTART_INDEX) & 0xFFFFFFFF,
            clip=(self._int(names.CLIP_ORIGIN), self._int(names.CLIP_DEPTH)) if self._clips else (0, 0),
            feedback=self._feeding(),
            transfer=[self._four(name)[0] for name, _ in names.TRANSFER] if self._compatible else [],
        )

    def set_ours(self, saved: SavedState) -> None:
        """What drawing and uploads need, where the program has set something else."""
        if saved.feedback:
            self._pause_feedback()
        for (name, ours), theirs in zip(names.PIXEL_STORE, saved.pixel_store, strict=True):
            if theirs != ours:
                self._pixel_store(name, ours)
        for name, on in zip(self._switches, saved.switches, strict=True):
            if on:
                self._disable(name)
        if any(saved.blends):
            self._disable(names.BLEND)
        if any(saved.scissors):
            self._disable(names.SCISSOR_TEST)
        for unit, (_, _, sampler) in zip(self._units, saved.textures, strict=True):
            if sampler:
                self._bind_sampler(unit, 0)
        for _, target in names.BUFFERS[1:]:
            self._bind_buffer(target, 0)
        self._color_mask(0, 1, 1, 1, 1)
        if saved.polygon_modes != (names.FILL, names.FILL):
            self._polygon_mode(names.FRONT_AND_BACK, names.FILL)
        if self._clips and saved.clip != (names.LOWER_LEFT, names.NEGATIVE_ONE_TO_ONE):
            self._clip_control(names.LOWER_LEFT, names.NEGATIVE_ONE_TO_ONE)
        for (name, ours_f), theirs_f in zip(names.TRANSFER, saved.transfer, strict=False):
            if theirs_f != ours_f:
                self._pixel_transfer(name, ours_f)

    def without_deleted(self, saved: SavedState) -> SavedState:
        """The same, with nothing bound in the place of objects that have been deleted since."""
        return saved._replace(
            textures=[
                (plain * self._is_texture(plain), array * self._is_texture(array), sampler)
                for plain, array, sampler in saved.textures
            ],
            framebuffers=(
                saved.framebuffers[0] * self._is_framebuffer(saved.framebuffers[0]),
                saved.framebuffers[1] * self._is_framebuffer(saved.framebuffers[1]),
            ),
        )

    def put_back(self, saved: SavedState) -> None:
        """As it was when `save` was called."""
        # A program that was deleted while in use is gone for good once another is used.
        self._use_program(saved.program if self._is_program(saved.program) else 0)
        self._bind_vertex_array(saved.vertex_array)
        for (_, target), buffer in zip(names.BUFFERS, saved.buffers, strict=True):
            self._bind_buffer(target, buffer)
        self._bind_framebuffer(names.DRAW_FRAMEBUFFER[1], saved.framebuffers[0])
        self._bind_framebuffer(names.READ_FRAMEBUFFER[1], saved.framebuffers[1])
        for unit, (plain, array, sampler) in zip(self._units, saved.textures, strict=True):
            self._active(names.TEXTURE0 + unit)
            self._bind_texture(names.TEXTURE_2D[1], plain)
            self._bind_texture(names.TEXTURE_2D_ARRAY[1], array)
            self._bind_sampler(unit, sampler)
        self._active(saved.active_texture)
        for (name, _), value in zip(names.PIXEL_STORE, saved.pixel_store, strict=True):
            self._pixel_store(name, value)
        for name, on in zip(self._switches, saved.switches, strict=True):
            self._switch(name, on)
        self._switch(names.SEAMLESS, saved.seamless)
        for index, on in enumerate(saved.blends):
            (self._enable_i if on else self._disable_i)(names.BLEND, index)
        for index, mask in enumerate(saved.masks):
            self._color_mask(index, *mask)
        self._put_blending_back(saved)
        self._put_rectangles_back(saved)
        self._depth_mask(saved.depth_mask)
        self._clear_color(*saved.clear_color)
        self._clear_depth(saved.clear_depth)
        if self._compatible:
            self._polygon_mode(names.FRONT, saved.polygon_modes[0])
            self._polygon_mode(names.BACK, saved.polygon_modes[1])
        else:
            self._polygon_mode(names.FRONT_AND_BACK, saved.polygon_modes[0])
        self._restart_index(saved.restart_index)
        if self._clips:
            self._clip_control(*saved.clip)
        for (name, _), value_f in zip(names.TRANSFER, saved.transfer, strict=False):
            self._pixel_transfer(name, value_f)
        if saved.feedback:
            self._resume_feedback()

    def only_first_buffer(self) -> None:
        """Let drawing change only the first attachment of a framebuffer of the program's."""
        for index in range(1, self._draw_buffers):
            self._color_mask(index, 0, 0, 0, 0)

    def _polygon_modes(self) -> tuple[int, int]:
        """Of fronts and of backs; a core profile has one for both, and answers with one number or two."""
        self._get_integer(names.POLYGON_MODE, self._ints)
        return self._ints[0], self._ints[1 if self._compatible else 0]

    def _feeding(self) -> bool:
        """Whether a transform feedback is under way."""
        if not self._feedback or not self._int(names.FEEDBACK_ACTIVE):
            return False
        return not self._int(names.FEEDBACK_PAUSED)

    def _int(self, name: int) -> int:
        self._get_integer(name, self._ints)
        return self._ints[0]

    def _four(self, name: int) -> list[float]:
        self._get_float(name, self._floats)
        return list(self._floats)

    def _textures_of(self, unit: int) -> tuple[int, int, int]:
        self._active(names.TEXTURE0 + unit)
        return self._int(names.TEXTURE_2D[0]), self._int(names.TEXTURE_2D_ARRAY[0]), self._int(names.SAMPLER)

    def _mask_of(self, index: int) -> tuple[int, ...]:
        mask = (ctypes.c_ubyte * 4)()
        self._get_boolean_i(names.COLOR_MASK, index, mask)
        return tuple(mask)

    def _blending_of(self, index: int) -> tuple[int, ...]:
        asked = (*names.BLEND_FACTORS, *names.BLEND_EQUATIONS)
        if not self._indexed_blend:
            return tuple(self._int(name) for name in asked)
        found = []
        for name in asked:
            self._get_integer_i(name, index, self._ints)
            found.append(self._ints[0])
        return tuple(found)

    def _scissor_tests(self) -> list[bool]:
        if self._viewport_count == 1:
            return [bool(self._is_enabled(names.SCISSOR_TEST))]
        return [bool(self._is_enabled_i(names.SCISSOR_TEST, index)) for index in range(self._viewport_count)]

    def _rectangles(self, name: int, kind: Any) -> Any:
        found = (kind * (4 * self._viewport_count))()
        if self._viewport_count == 1:
            (self._get_float if kind is ctypes.c_float else self._get_integer)(name, found)
            return found
        get = self._get_float_i if kind is ctypes.c_float else self._get_integer_i
        for index in range(self._viewport_count):
            get(name, index, ctypes.byref(found, 16 * index))
        return found

    def _put_blending_back(self, saved: SavedState) -> None:
        for index, blending in enumerate(saved.factors):
            if self._indexed_blend:
                self._factors_i(index, *blending[:4])
                self._equations_i(index, *blending[4:])
            else:
                self._factors(*blending[:4])
                self._equations(*blending[4:])

    def _put_rectangles_back(self, saved: SavedState) -> None:
        if self._viewport_count == 1:
            self._switch(names.SCISSOR_TEST, saved.scissors[0])
            self._viewport(*(int(number) for number in saved.viewports))
            self._scissor(*saved.boxes)
            return
        for index, on in enumerate(saved.scissors):
            (self._enable_i if on else self._disable_i)(names.SCISSOR_TEST, index)
        self._viewports(0, self._viewport_count, saved.viewports)
        self._scissors(0, self._viewport_count, saved.boxes)

    def _switch(self, name: int, on: bool) -> None:
        (self._enable if on else self._disable)(name)
