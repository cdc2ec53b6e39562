"""Numbers by which GL asks for and sets its state, as far as `host_state` saves it, from the GL registry."""

from __future__ import annotations

from typing import Final

UNITS: Final = (0, 1, 2, 3, 4, 7)
"""Texture units that programs and uploads use; moderngl itself uses the last one."""
BUFFERS: Final = (
    (0x8894, 0x8892),  # GL_ARRAY_BUFFER
    (0x88ED, 0x88EB),  # GL_PIXEL_PACK_BUFFER
    (0x88EF, 0x88EC),  # GL_PIXEL_UNPACK_BUFFER
)
"""What is asked for a binding, and what is bound."""
DRAW_FRAMEBUFFER: Final = (0x8CA6, 0x8CA9)
READ_FRAMEBUFFER: Final = (0x8CAA, 0x8CA8)
PROGRAM: Final = 0x8B8D
VERTEX_ARRAY: Final = 0x85B5
ACTIVE_TEXTURE: Final = 0x84E0
TEXTURE0: Final = 0x84C0
TEXTURE_2D: Final = (0x8069, 0x0DE1)
TEXTURE_2D_ARRAY: Final = (0x8C1D, 0x8C1A)
SAMPLER: Final = 0x8919

PIXEL_STORE: Final = (
    *((name, 0) for name in (0x0CF0, 0x0CF1, 0x0CF2, 0x0CF3, 0x0CF4, 0x806D, 0x806E)),  # unpack
    (0x0CF5, 4),
    *((name, 0) for name in (0x0D00, 0x0D01, 0x0D02, 0x0D03, 0x0D04, 0x806B, 0x806C)),  # pack
    (0x0D05, 4),
)
SWITCHES: Final = (
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
    0x8642,  # GL_PROGRAM_POINT_SIZE
    *range(0x3000, 0x3008),  # GL_CLIP_DISTANCE0..7
)
SWITCHES_43: Final = (0x8D69,)  # GL_PRIMITIVE_RESTART_FIXED_INDEX
SWITCHES_COMPATIBILITY: Final = (0x0BC0, 0x0B42, 0x0B10)  # alpha test, polygon stipple, smooth points
SEAMLESS: Final = 0x884F
TRANSFER: Final = (
    (0x0D10, 0.0),  # GL_MAP_COLOR
    *((name, 1.0) for name in (0x0D14, 0x0D18, 0x0D1A, 0x0D1C)),  # scales of red, green, blue, alpha
    *((name, 0.0) for name in (0x0D15, 0x0D19, 0x0D1B, 0x0D1D)),  # and what is added to them
)
BLEND: Final = 0x0BE2
SCISSOR_TEST: Final = 0x0C11
VIEWPORT: Final = 0x0BA2
SCISSOR_BOX: Final = 0x0C10
COLOR_MASK: Final = 0x0C23
DEPTH_MASK: Final = 0x0B72
CLEAR_COLOR: Final = 0x0C22
CLEAR_DEPTH: Final = 0x0B73
POLYGON_MODE: Final = 0x0B40
FRONT, BACK, FRONT_AND_BACK, FILL = 0x0404, 0x0405, 0x0408, 0x1B02
RESTART_INDEX: Final = 0x8F9E
BLEND_FACTORS: Final = (0x80C9, 0x80C8, 0x80CB, 0x80CA)  # source and target of colour, then of alpha
BLEND_EQUATIONS: Final = (0x8009, 0x883D)
CLIP_ORIGIN, CLIP_DEPTH, LOWER_LEFT, NEGATIVE_ONE_TO_ONE = 0x935C, 0x935D, 0x8CA1, 0x935E
FEEDBACK_ACTIVE, FEEDBACK_PAUSED = 0x8E24, 0x8E23
PROFILE_MASK: Final = 0x9126
COMPATIBILITY_BIT: Final = 2
MAX_DRAW_BUFFERS: Final = 0x8824
MAX_VIEWPORTS: Final = 0x825B
MAX_UNITS: Final = 0x8872
