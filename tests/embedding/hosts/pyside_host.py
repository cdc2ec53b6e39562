"""A QOpenGLWidget of PySide6: Qt's context is current in its callbacks, and a stage draws over its scene."""

import sys

import moderngl
from PySide6.QtCore import QTimer
from PySide6.QtGui import QSurfaceFormat
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QApplication
from scene import alone, beside, inside, tell

found = {}


class Widget(QOpenGLWidget):
    def initializeGL(self) -> None:  # noqa: N802 - Qt's name
        self.ctx = moderngl.create_context()
        self.fbo = self.ctx.simple_framebuffer((32, 16))
        self.painted = 0

    def pixels(self) -> bytes:
        self.fbo.clear(0.25, 0.5, 0.75, 1.0)
        screen = self.ctx.detect_framebuffer(self.defaultFramebufferObject())
        screen.clear(0.0, 0.5, 0.0, 1.0)
        return bytes(self.fbo.read(components=4) + screen.read((0, 0, 8, 8), components=4))

    def paintGL(self) -> None:  # noqa: N802 - Qt's name
        self.painted += 1
        if self.painted == 1:
            found.update(beside(self.pixels))
            screen = self.ctx.detect_framebuffer(self.defaultFramebufferObject())
            found["inside"] = inside(self.ctx, screen)
        if self.painted > 2:
            QTimer.singleShot(0, application.quit)
        else:
            QTimer.singleShot(0, self.update)


form = QSurfaceFormat()
form.setVersion(3, 3)
form.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
QSurfaceFormat.setDefaultFormat(form)
application = QApplication(sys.argv)
widget = Widget()
widget.resize(200, 120)
widget.show()
application.exec()
tell(**found, alone=alone(), painted=widget.painted)
