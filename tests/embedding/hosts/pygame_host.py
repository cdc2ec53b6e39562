"""pygame's window with OpenGL, as its examples open it: a compatibility context of GLX."""

import moderngl
import pygame
from scene import alone, beside, inside, tell

pygame.init()
pygame.display.set_mode((200, 120), pygame.OPENGL | pygame.DOUBLEBUF)
ctx = moderngl.create_context()


def pixels() -> bytes:
    ctx.screen.use()
    ctx.clear(0.0, 1.0, 0.5, 1.0)
    return bytes(ctx.screen.read((0, 0, 16, 16), components=4))


found = beside(pixels)
within = inside(ctx, ctx.screen)
pygame.display.flip()
found["host unharmed"] = found["host unharmed"] and pixels() == pixels()
pygame.quit()
tell(**found, inside=within, alone=alone())
