"""The GL state of a program that we draw in the context of: saved, set to what drawing needs, and put back.

A context has hundreds of states. Here are those that Mien's calls, moderngl's among them, change, and those
by which a program could bend what Mien draws: `_SWITCHES` off, `_PIXEL_STORE` at its defaults, and so on.
Drawing adds to queries of the program that count samples or primitives; nothing else of it shows.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final, NamedTuple

import moderngl

_UNITS: Final = (0, 1, 2, 3, 4, 7)
"""Texture units that programs and uploads use; moderngl itself uses the last one."""
_BUFFERS: Final = (
    (0x8894, 0x8892),  # GL_ARRAY_BUFFER
    (0x88ED, 0x88EB),  # GL_PIXEL_PACK_BUFFER
    (0x88EF, 0x88EC),  # GL_PIXEL_UNPACK_BUFFER
)
"""What is asked for a binding, and what is bound."""
_DRAW_FRAMEBUFFER: Final = (0x8CA6, 0x8CA9)
_READ_FRAMEBUFFER: Final = (0x8CAA, 0x8CA8)
_PROGRAM: Final = 0x8B8D
_VERTEX_ARRAY: Final = 0x85B5
_ACTIVE_TEXTURE: Final = 0x84E0
_TEXTURE0: Final = 0x84C0
_TEXTURE_2D: Final = (0x8069, 0x0DE1)
_TEXTURE_2D_ARRAY: Final = (0x8C1D, 0x8C1A)
_SAMPLER: Final = 0x8919

_PIXEL_STORE: Final = (
    *((name, 0) for name in (0x0CF0, 0x0CF1, 0x0CF2, 0x0CF3, 0x0CF4, 0x806D, 0x806E)),  # unpack
    (0x0CF5, 4),
    *((name, 0) for name in (0x0D00, 0x0D01, 0x0D02, 0x0D03, 0x0D04, 0x806B, 0x806C)),  # pack
    (0x0D05, 4),
)
_SWITCHES: Final = (
    0x0B71,  # GL_DEPTH_TEST
    0x0B44,  # GL_CULL_FACE
    0x0B90,  # GL_STENCIL_TEST
    0x0BF2,  # GL_COLOR_LOGIC_OP
    0x0BD0,  # GL_DITHER
    0x8C89,  # GL_RASTERIZER_DISCARD
    0x8F9D,  # GL_PRIMITIVE_RESTART
    0x8DB9,  # GL_FRAMEBUFFER_SRGB: colours are encoded already
    0x809E,  # GL_SAMPLE_ALPHA_TO_COVERAGE
    0x809F,  # GL_SAMPLE_ALPHA_TO_ONE
    0x80A0,  # GL_SAMPLE_COVERAGE
    0x8E51,  # GL_SAMPLE_MASK
    0x0B41,  # GL_POLYGON_SMOOTH
    *range(0x3000, 0x3008),  # GL_CLIP_DISTANCE0..7
)
_SWITCHES_43: Final = (0x8D69,)  # GL_PRIMITIVE_RESTART_FIXED_INDEX
_SWITCHES_COMPATIBILITY: Final = (0x0BC0, 0x0B42)  # GL_ALPHA_TEST, GL_POLYGON_STIPPLE
_SEAMLESS: Final = 0x884F
_TRANSFER: Final = (
    (0x0D10, 0.0),  # GL_MAP_COLOR
    *((name, 1.0) for name in (0x0D14, 0x0D18, 0x0D1A, 0x0D1C)),  # scales of red, green, blue, alpha
    *((name, 0.0) for name in (0x0D15, 0x0D19, 0x0D1B, 0x0D1D)),  # and what is added to them
)
_BLEND: Final = 0x0BE2
_SCISSOR_TEST: Final = 0x0C11
_VIEWPORT: Final = 0x0BA2
_SCISSOR_BOX: Final = 0x0C10
_COLOR_MASK: Final = 0x0C23
_DEPTH_MASK: Final = 0x0B72
_CLEAR_COLOR: Final = 0x0C22
_CLEAR_DEPTH: Final = 0x0B73
_POLYGON_MODE: Final = 0x0B40
_FRONT, _BACK, _FRONT_AND_BACK, _FILL = 0x0404, 0x0405, 0x0408, 0x1B02
_RESTART_INDEX: Final = 0x8F9E
_BLEND_FACTORS: Final = (0x80C9, 0x80C8, 0x80CB, 0x80CA)  # source and target of colour, then of alpha
_BLEND_EQUATIONS: Final = (0x8009, 0x883D)
_CLIP_ORIGIN, _CLIP_DEPTH, _LOWER_LEFT, _NEGATIVE_ONE_TO_ONE = 0x935C, 0x935D, 0x8CA1, 0x935E
_FEEDBACK_ACTIVE, _FEEDBACK_PAUSED = 0x8E24, 0x8E23
_PROFILE_MASK: Final = 0x9126
_COMPATIBILITY_BIT: Final = 2
_MAX_DRAW_BUFFERS: Final = 0x8824
_MAX_VIEWPORTS: Final = 0x825B
_MAX_UNITS: Final = 0x8872


class _Saved(NamedTuple):
    program: int
    vertex_array: int
    buffers: list[int]
    framebuffers: tuple[int, int]
    active_texture: int
    textures: list[tuple[int, int, int]]
    """Of each unit: 2D, 2D array, and sampler."""
    pixel_store: list[int]
    switches: list[bool]
    seamless: bool
    blends: list[bool]
    masks: list[tuple[int, ...]]
    factors: list[tuple[int, ...]]
    """Of each draw buffer, or of all: four factors and two equations."""
    scissors: list[bool]
    viewports: Any
    """float32, four of each viewport."""
    boxes: Any
    """int32, four of each scissor box."""
    depth_mask: int
    clear_color: list[float]
    clear_depth: float
    polygon_modes: tuple[int, int]
    restart_index: int
    clip: tuple[int, int]
    feedback: bool
    transfer: list[float]


class HostState:
    """Saves and puts back, for one context, which must be current in every call."""

    def __init__(self, loader: Any) -> None:
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
        self._ints = (ctypes.c_int * 4)()
        self._floats = (ctypes.c_float * 4)()

        version = self._int(0x821B) * 10 + self._int(0x821C)
        self._compatible = version >= 32 and bool(self._int(_PROFILE_MASK) & _COMPATIBILITY_BIT)
        self._indexed_blend = version >= 40 and self._factors_i is not None
        self._feedback = version >= 40 and self._pause_feedback is not None
        self._clips = version >= 45 and self._clip_control is not None
        self._viewport_count = self._int(_MAX_VIEWPORTS) if version >= 41 and self._viewports else 1
        self._draw_buffers = min(8, self._int(_MAX_DRAW_BUFFERS))
        self._units = tuple(dict.fromkeys((*_UNITS, self._int(_MAX_UNITS) - 1)))
        self._switches = (
            *_SWITCHES,
            *(_SWITCHES_43 if version >= 43 else ()),
            *(_SWITCHES_COMPATIBILITY if self._compatible else ()),
        )

    def save(self) -> _Saved:
        """What the program has set."""
        indexes = range(self._draw_buffers)
        self._get_integer(_POLYGON_MODE, self._ints)
        front = self._ints[0]
        # A core profile has one mode for both sides, and answers with one number or two.
        polygon_modes = front, (self._ints[1] if self._compatible else front)
        return _Saved(
            program=self._int(_PROGRAM),
            vertex_array=self._int(_VERTEX_ARRAY),
            buffers=[self._int(binding) for binding, _ in _BUFFERS],
            framebuffers=(self._int(_DRAW_FRAMEBUFFER[0]), self._int(_READ_FRAMEBUFFER[0])),
            active_texture=self._int(_ACTIVE_TEXTURE),
            textures=[self._textures_of(unit) for unit in self._units],
            pixel_store=[self._int(name) for name, _ in _PIXEL_STORE],
            switches=[bool(self._is_enabled(name)) for name in self._switches],
            seamless=bool(self._is_enabled(_SEAMLESS)),
            blends=[bool(self._is_enabled_i(_BLEND, index)) for index in indexes],
            masks=[self._mask_of(index) for index in indexes],
            factors=[self._blending_of(index) for index in (indexes if self._indexed_blend else (0,))],
            scissors=self._scissor_tests(),
            viewports=self._rectangles(_VIEWPORT, ctypes.c_float),
            boxes=self._rectangles(_SCISSOR_BOX, ctypes.c_int),
            depth_mask=self._int(_DEPTH_MASK),
            clear_color=self._four(_CLEAR_COLOR),
            clear_depth=self._four(_CLEAR_DEPTH)[0],
            polygon_modes=polygon_modes,
            restart_index=self._int(_RESTART_INDEX) & 0xFFFFFFFF,
            clip=(self._int(_CLIP_ORIGIN), self._int(_CLIP_DEPTH)) if self._clips else (0, 0),
            feedback=self._feedback and bool(self._int(_FEEDBACK_ACTIVE) and not self._int(_FEEDBACK_PAUSED)),
            transfer=[self._four(name)[0] for name, _ in _TRANSFER] if self._compatible else [],
        )

    def set_ours(self, saved: _Saved) -> None:
        """What drawing and uploads need, where the program has set something else."""
        if saved.feedback:
            self._pause_feedback()
        for (name, ours), theirs in zip(_PIXEL_STORE, saved.pixel_store, strict=True):
            if theirs != ours:
                self._pixel_store(name, ours)
        for name, on in zip(self._switches, saved.switches, strict=True):
            if on:
                self._disable(name)
        if any(saved.blends):
            self._disable(_BLEND)
        if any(saved.scissors):
            self._disable(_SCISSOR_TEST)
        for unit, (_, _, sampler) in zip(self._units, saved.textures, strict=True):
            if sampler:
                self._bind_sampler(unit, 0)
        for _, target in _BUFFERS[1:]:
            self._bind_buffer(target, 0)
        self._color_mask(0, 1, 1, 1, 1)
        if saved.polygon_modes != (_FILL, _FILL):
            self._polygon_mode(_FRONT_AND_BACK, _FILL)
        if self._clips and saved.clip != (_LOWER_LEFT, _NEGATIVE_ONE_TO_ONE):
            self._clip_control(_LOWER_LEFT, _NEGATIVE_ONE_TO_ONE)
        for (name, ours_f), theirs_f in zip(_TRANSFER, saved.transfer, strict=False):
            if theirs_f != ours_f:
                self._pixel_transfer(name, ours_f)

    def without_deleted(self, saved: _Saved) -> _Saved:
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

    def put_back(self, saved: _Saved) -> None:
        """As it was when `save` was called."""
        self._use_program(saved.program)
        self._bind_vertex_array(saved.vertex_array)
        for (_, target), buffer in zip(_BUFFERS, saved.buffers, strict=True):
            self._bind_buffer(target, buffer)
        self._bind_framebuffer(_DRAW_FRAMEBUFFER[1], saved.framebuffers[0])
        self._bind_framebuffer(_READ_FRAMEBUFFER[1], saved.framebuffers[1])
        for unit, (plain, array, sampler) in zip(self._units, saved.textures, strict=True):
            self._active(_TEXTURE0 + unit)
            self._bind_texture(_TEXTURE_2D[1], plain)
            self._bind_texture(_TEXTURE_2D_ARRAY[1], array)
            self._bind_sampler(unit, sampler)
        self._active(saved.active_texture)
        for (name, _), value in zip(_PIXEL_STORE, saved.pixel_store, strict=True):
            self._pixel_store(name, value)
        for name, on in zip(self._switches, saved.switches, strict=True):
            self._switch(name, on)
        self._switch(_SEAMLESS, saved.seamless)
        for index, on in enumerate(saved.blends):
            (self._enable_i if on else self._disable_i)(_BLEND, index)
        for index, mask in enumerate(saved.masks):
            self._color_mask(index, *mask)
        self._put_blending_back(saved)
        self._put_rectangles_back(saved)
        self._depth_mask(saved.depth_mask)
        self._clear_color(*saved.clear_color)
        self._clear_depth(saved.clear_depth)
        if self._compatible:
            self._polygon_mode(_FRONT, saved.polygon_modes[0])
            self._polygon_mode(_BACK, saved.polygon_modes[1])
        else:
            self._polygon_mode(_FRONT_AND_BACK, saved.polygon_modes[0])
        self._restart_index(saved.restart_index)
        if self._clips:
            self._clip_control(*saved.clip)
        for (name, _), value_f in zip(_TRANSFER, saved.transfer, strict=False):
            self._pixel_transfer(name, value_f)
        if saved.feedback:
            self._resume_feedback()

    def only_first_buffer(self) -> None:
        """Let drawing change only the first attachment of a framebuffer of the program's."""
        for index in range(1, self._draw_buffers):
            self._color_mask(index, 0, 0, 0, 0)

    def _int(self, name: int) -> int:
        self._get_integer(name, self._ints)
        return self._ints[0]

    def _four(self, name: int) -> list[float]:
        self._get_float(name, self._floats)
        return list(self._floats)

    def _textures_of(self, unit: int) -> tuple[int, int, int]:
        self._active(_TEXTURE0 + unit)
        return self._int(_TEXTURE_2D[0]), self._int(_TEXTURE_2D_ARRAY[0]), self._int(_SAMPLER)

    def _mask_of(self, index: int) -> tuple[int, ...]:
        mask = (ctypes.c_ubyte * 4)()
        self._get_boolean_i(_COLOR_MASK, index, mask)
        return tuple(mask)

    def _blending_of(self, index: int) -> tuple[int, ...]:
        names = (*_BLEND_FACTORS, *_BLEND_EQUATIONS)
        if not self._indexed_blend:
            return tuple(self._int(name) for name in names)
        found = []
        for name in names:
            self._get_integer_i(name, index, self._ints)
            found.append(self._ints[0])
        return tuple(found)

    def _scissor_tests(self) -> list[bool]:
        if self._viewport_count == 1:
            return [bool(self._is_enabled(_SCISSOR_TEST))]
        return [bool(self._is_enabled_i(_SCISSOR_TEST, index)) for index in range(self._viewport_count)]

    def _rectangles(self, name: int, kind: Any) -> Any:
        found = (kind * (4 * self._viewport_count))()
        if self._viewport_count == 1:
            (self._get_float if kind is ctypes.c_float else self._get_integer)(name, found)
            return found
        get = self._get_float_i if kind is ctypes.c_float else self._get_integer_i
        for index in range(self._viewport_count):
            get(name, index, ctypes.byref(found, 16 * index))
        return found

    def _put_blending_back(self, saved: _Saved) -> None:
        for index, blending in enumerate(saved.factors):
            if self._indexed_blend:
                self._factors_i(index, *blending[:4])
                self._equations_i(index, *blending[4:])
            else:
                self._factors(*blending[:4])
                self._equations(*blending[4:])

    def _put_rectangles_back(self, saved: _Saved) -> None:
        if self._viewport_count == 1:
            self._switch(_SCISSOR_TEST, saved.scissors[0])
            self._viewport(*(int(number) for number in saved.viewports))
            self._scissor(*saved.boxes)
            return
        for index, on in enumerate(saved.scissors):
            (self._enable_i if on else self._disable_i)(_SCISSOR_TEST, index)
        self._viewports(0, self._viewport_count, saved.viewports)
        self._scissors(0, self._viewport_count, saved.boxes)

    def _switch(self, name: int, on: bool) -> None:
        (self._enable if on else self._disable)(name)


def loader_of(ctx: moderngl.Context) -> Any:
    """What a moderngl context loads GL functions with: has `load_opengl_function(name) -> address`."""
    return ctx.mglo._context
