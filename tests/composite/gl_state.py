"""The state of a GL context as the driver tells it, and ways in which a program may have set it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import moderngl

INTEGERS = {
    "program": 0x8B8D, "vertex array": 0x85B5, "array buffer": 0x8894, "pack buffer": 0x88ED,
    "unpack buffer": 0x88EF, "uniform buffer": 0x8A28, "draw framebuffer": 0x8CA6, "read framebuffer": 0x8CAA,
    "renderbuffer": 0x8CA7, "active unit": 0x84E0, "pipeline": 0x825A, "restart index": 0x8F9E,
    "polygon mode": 0x0B40, "logic op": 0x0BF0, "cull face mode": 0x0B45, "front face": 0x0B46,
    "depth function": 0x0B74, "depth mask": 0x0B72, "stencil function": 0x0B92, "stencil mask": 0x0B98,
    "provoking vertex": 0x8E4F, "clip origin": 0x935C, "clip depth mode": 0x935D, "element buffer": 0x8895,
    **{f"unpack {name:x}": name for name in (*range(0x0CF0, 0x0CF6), 0x806D, 0x806E)},
    **{f"pack {name:x}": name for name in (*range(0x0D00, 0x0D06), 0x806B, 0x806C)},
}  # fmt: skip
SWITCHES = {
    "depth test": 0x0B71, "cull face": 0x0B44, "stencil test": 0x0B90, "logic op": 0x0BF2, "dither": 0x0BD0,
    "rasterizer discard": 0x8C89, "primitive restart": 0x8F9D, "fixed restart": 0x8D69, "srgb": 0x8DB9,
    "alpha to coverage": 0x809E, "alpha to one": 0x809F, "sample coverage": 0x80A0, "sample mask": 0x8E51,
    "polygon smooth": 0x0B41, "line smooth": 0x0B20, "multisample": 0x809D, "depth clamp": 0x864F,
    "seamless": 0x884F, "point size": 0x8642, "offset fill": 0x8037,
    **{f"clip distance {n}": 0x3000 + n for n in range(8)},
}  # fmt: skip
FLOATS = {"clear colour": (0x0C22, 4), "clear depth": (0x0B73, 1), "depth range": (0x0B70, 2),
          "blend colour": (0x8005, 4), "line width": (0x0B21, 1), "polygon factor": (0x8038, 1)}  # fmt: skip
PER_BUFFER = {"source": 0x80C9, "target": 0x80C8, "source alpha": 0x80CB, "target alpha": 0x80CA,
              "equation": 0x8009, "equation alpha": 0x883D}  # fmt: skip
UNITS = range(12)
BLEND, SCISSOR_TEST, COLOR_MASK, VIEWPORT, SCISSOR_BOX = 0x0BE2, 0x0C11, 0x0C23, 0x0BA2, 0x0C10


class Gl:
    """Functions of a context by their names, as `gl.Enable(...)`."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._loader: Any = ctx.mglo._context
        self._found: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self._found:
            address = self._loader.load_opengl_function(f"gl{name}")
            result = ctypes.c_ubyte if name.startswith("Is") else ctypes.c_uint
            self._found[name] = ctypes.CFUNCTYPE(result)(address)
        function = self._found[name]
        function.argtypes = None
        return function  # type: ignore[no-any-return]


def snapshot(ctx: moderngl.Context) -> dict[str, object]:
    """Everything of the above, by name."""
    gl, found = Gl(ctx), dict[str, object]()
    ints, floats, flags = (ctypes.c_int * 4)(), (ctypes.c_float * 4)(), (ctypes.c_ubyte * 4)()
    for label, name in INTEGERS.items():
        gl.GetIntegerv(name, ints)
        found[label] = ints[0]
    for label, name in SWITCHES.items():
        found[f"{label} on"] = gl.IsEnabled(name)
    for label, (name, count) in FLOATS.items():
        gl.GetFloatv(name, floats)
        found[label] = tuple(floats[:count])
    indexed = ctx.version_code >= 400
    for buffer in range(8):
        found[f"blend {buffer}"] = gl.IsEnabledi(BLEND, buffer)
        gl.GetBooleani_v(COLOR_MASK, buffer, flags)
        found[f"colour mask {buffer}"] = tuple(flags)
        for label, name in PER_BUFFER.items():
            gl.GetIntegeri_v(name, buffer, ints) if indexed else gl.GetIntegerv(name, ints)
            found[f"blend {label} {buffer}"] = ints[0]
    if ctx.version_code < 410:
        gl.GetFloatv(VIEWPORT, floats)
        gl.GetIntegerv(SCISSOR_BOX, ints)
        found["viewport"], found["scissor box"] = tuple(floats), tuple(ints)
        found["scissor"] = gl.IsEnabled(SCISSOR_TEST)
    for viewport in range(16 if ctx.version_code >= 410 else 0):
        gl.GetFloati_v(VIEWPORT, viewport, floats)
        gl.GetIntegeri_v(SCISSOR_BOX, viewport, ints)
        found[f"viewport {viewport}"], found[f"scissor box {viewport}"] = tuple(floats), tuple(ints)
        found[f"scissor {viewport}"] = gl.IsEnabledi(SCISSOR_TEST, viewport)
    gl.GetIntegerv(0x84E0, ints)
    active = ints[0]
    units = [*UNITS, int(ctx.info["GL_MAX_TEXTURE_IMAGE_UNITS"]) - 1]
    for unit in units:
        gl.ActiveTexture(0x84C0 + unit)
        for label, name in (("2d", 0x8069), ("array", 0x8C1D), ("cube", 0x8514), ("sampler", 0x8919)):
            gl.GetIntegerv(name, ints)
            found[f"unit {unit} {label}"] = ints[0]
    gl.ActiveTexture(active)
    return found


def disturbances(ctx: moderngl.Context) -> dict[str, Callable[[], object]]:
    """Ways to set the state, each of which would spoil what is drawn, or would be lost."""
    gl, f = Gl(ctx), ctypes.c_float
    texture, array = ctx.texture((4, 4), 4), ctx.texture_array((4, 4, 2), 4)
    buffer, sampler = ctx.buffer(reserve=4096), ctx.sampler(filter=(moderngl.LINEAR, moderngl.LINEAR))
    attachments = [ctx.texture((20, 20), 4) for _ in range(2)]
    several = ctx.framebuffer(attachments)
    program = ctx.program(
        vertex_shader="#version 330\nvoid main() { gl_Position = vec4(0); }",
        fragment_shader="#version 330\nout vec4 c; void main() { c = vec4(1); }",
    )
    vertices = ctx.vertex_array(program, [])

    def units() -> None:
        for unit in range(8):
            gl.ActiveTexture(0x84C0 + unit)
            gl.BindTexture(0x0DE1, texture.glo)
            gl.BindTexture(0x8C1A, array.glo)
            sampler.use(unit)
        gl.ActiveTexture(0x84C0 + 5)

    def viewports() -> None:
        for index in range(16):
            gl.ViewportIndexedf(index, f(index), f(1), f(7), f(5))
            gl.ScissorIndexed(index, index, 2, 3, 4)

    def blends() -> None:
        gl.Enablei(BLEND, 0)
        gl.Enablei(BLEND, 3)
        gl.BlendFuncSeparatei(2, 0, 1, 1, 0)
        gl.BlendEquationSeparatei(1, 0x8007, 0x8008)

    def masks() -> None:
        for index in range(8):
            gl.ColorMaski(index, index & 1, 0, 1, 0)

    def restart() -> None:
        gl.Enable(0x8F9D)
        gl.PrimitiveRestartIndex(2)

    ways: dict[str, Callable[[], object]] = {
        "unpack row length": lambda: gl.PixelStorei(0x0CF2, 37),
        "unpack skips": lambda: (
            gl.PixelStorei(0x0CF3, 3),
            gl.PixelStorei(0x0CF4, 5),
            gl.PixelStorei(0x806D, 1),
        ),
        "unpack alignment": lambda: gl.PixelStorei(0x0CF5, 8),
        "unpack image height": lambda: gl.PixelStorei(0x806E, 99),
        "unpack swapped": lambda: (gl.PixelStorei(0x0CF0, 1), gl.PixelStorei(0x0CF1, 1)),
        "pack row length": lambda: (gl.PixelStorei(0x0D02, 50), gl.PixelStorei(0x0D03, 2)),
        "pack skips": lambda: (
            gl.PixelStorei(0x0D04, 2),
            gl.PixelStorei(0x0D05, 8),
            gl.PixelStorei(0x0D00, 1),
        ),
        "unpack buffer": lambda: gl.BindBuffer(0x88EC, buffer.glo),
        "pack buffer": lambda: gl.BindBuffer(0x88EB, buffer.glo),
        "array buffer": lambda: gl.BindBuffer(0x8892, buffer.glo),
        "polygon mode line": lambda: gl.PolygonMode(0x0408, 0x1B01),
        "logic op": lambda: (gl.Enable(0x0BF2), gl.LogicOp(0x150A)),
        "rasterizer discard": lambda: gl.Enable(0x8C89),
        "primitive restart": restart,
        "fixed restart": lambda: gl.Enable(0x8D69),
        "depth test": lambda: (gl.Enable(0x0B71), gl.DepthFunc(0x0200), gl.DepthMask(0)),
        "stencil test": lambda: (gl.Enable(0x0B90), gl.StencilFunc(0x0200, 1, 255)),
        "cull face": lambda: (gl.Enable(0x0B44), gl.CullFace(0x0408)),
        "scissor": lambda: (gl.Enable(0x0C11), gl.Scissor(1, 1, 2, 2)),
        "viewports": viewports,
        "blending": blends,
        "blend subtract": lambda: (gl.Enable(BLEND), gl.BlendFunc(0, 0), gl.BlendEquation(0x800A)),
        "colour masks": masks,
        "clear values": lambda: (
            gl.ClearColor(f(0.1), f(0.2), f(0.3), f(0.4)),
            gl.ClearDepth(ctypes.c_double(0.5)),
        ),
        "textures and samplers": units,
        "program": lambda: gl.UseProgram(program.glo),
        "vertex array": lambda: gl.BindVertexArray(vertices.glo),
        "framebuffers": lambda: (gl.BindFramebuffer(0x8CA9, several.glo), gl.BindFramebuffer(0x8CA8, 0)),
        "clip control": lambda: gl.ClipControl(0x8CA2, 0x935F),
        "clip distances": lambda: (gl.Enable(0x3000), gl.Enable(0x3005)),
        "sample mask": lambda: (gl.Enable(0x8E51), gl.Enable(0x80A0), gl.Enable(0x809E), gl.Enable(0x809F)),
        "srgb": lambda: gl.Enable(0x8DB9),
        "seamless off": lambda: gl.Disable(0x884F),
        "no dither": lambda: gl.Disable(0x0BD0),
    }
    # What came with later versions is there on a driver that is told to be an older one, and not looked at.
    later = {"viewports": 410, "blending": 400, "clip control": 450, "fixed restart": 430}
    return {name: way for name, way in ways.items() if ctx.version_code >= later.get(name, 330)}


def reset(ctx: moderngl.Context) -> None:
    """A new context's state, as far as the disturbances go."""
    gl, f = Gl(ctx), ctypes.c_float
    for name, value in (*((name, 0) for name in (*range(0x0CF0, 0x0CF5), 0x806D, 0x806E)), (0x0CF5, 4)):
        gl.PixelStorei(name, value)
    for name, value in (*((name, 0) for name in (*range(0x0D00, 0x0D05), 0x806B, 0x806C)), (0x0D05, 4)):
        gl.PixelStorei(name, value)
    for target in (0x88EC, 0x88EB, 0x8892):
        gl.BindBuffer(target, 0)
    gl.PolygonMode(0x0408, 0x1B02)
    for name in (*SWITCHES.values(), BLEND, SCISSOR_TEST):
        gl.Disable(name)
    for name in (0x0BD0, 0x809D, 0x884F, 0x8F9D):
        gl.Enable(name)
    gl.PrimitiveRestartIndex(-1)
    gl.DepthFunc(0x0201)
    gl.DepthMask(1)
    gl.ColorMask(1, 1, 1, 1)
    gl.BlendFunc(0x0302, 0x0303)
    gl.BlendEquation(0x8006)
    gl.ClearColor(f(0), f(0), f(0), f(0))
    gl.ClearDepth(ctypes.c_double(1.0))
    gl.ClipControl(0x8CA1, 0x935E)
    gl.UseProgram(0)
    gl.BindVertexArray(0)
    gl.BindFramebuffer(0x8D40, 0)
    for unit in range(8):
        gl.ActiveTexture(0x84C0 + unit)
        gl.BindTexture(0x0DE1, 0)
        gl.BindTexture(0x8C1A, 0)
        gl.BindSampler(unit, 0)
    gl.ActiveTexture(0x84C0)
