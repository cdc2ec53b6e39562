"""Errors a user of Mien can meet.

Each class has one meaning and is also a builtin, so that callers may catch either. A message is one
sentence that names the file, key or line at fault, the value found, and what to do next.
"""

from __future__ import annotations


class MienError(Exception):
    """Base of every error raised by Mien on purpose; the command line prints it without a traceback."""


class FormatError(MienError, ValueError):
    """A file (character, conversation, baked character) does not say what its format asks for.

    Parameters: one sentence for each thing that is wrong; the message has a line for each.
    """

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        """The same one by one: what a sentence quotes may have ends of lines in it."""


class AssetMissing(MienError, FileNotFoundError):
    """A file that another file, or a command, names does not exist."""


class ImageRejected(MienError, ValueError):
    """A picture is damaged, truncated, or larger than the stated limits."""


class AtlasFull(MienError, ValueError):
    """The drawings do not fit on the atlas pages that are allowed."""


class NotAllowed(MienError, PermissionError):
    """A client of `mien serve` names a file or an address that its server was not told to allow."""


class NotWritable(MienError, OSError):
    """A file cannot be made where it was asked for: its place, its name, or what it takes to write it."""


class FrameFull(MienError, ValueError):
    """More layers are to be drawn in a frame than room was set aside for."""


class PageMissing(MienError, IndexError):
    """A row or an upload names an atlas page that the compositor was not opened with."""


class AudioRejected(MienError, ValueError):
    """Audio could not be opened or decoded at all; damaged audio that decodes in part is reported instead."""


class ScriptError(MienError, ValueError):
    """An event contradicts the script: an unknown character, a time already shown, a turn that is not."""


class PackageMissing(MienError, ImportError):
    """A part of Mien needs a package that is not installed, or cannot be imported."""


class SynthesizerFailed(MienError, RuntimeError):
    """No speech synthesizer is installed, or the one that is did not speak."""


class RendererUnavailable(MienError, RuntimeError):
    """No usable GL context could be made on this machine."""


class SurfaceMissing(MienError, RuntimeError):
    """This machine has no surface of the kind that `mien prove` was to watch, or nothing to watch it with."""


class NoThreads(MienError, RuntimeError):
    """The system lets this process start no thread more."""


class WrongThread(MienError, RuntimeError):
    """A stage or GL object was used from a thread that does not own it, or within another call of it."""


class ContextLost(MienError, RuntimeError):
    """The GL context went away under the objects made in it: driver reset, or released too early."""


class ContextNotCurrent(MienError, RuntimeError):
    """The GL context of a program, which Mien draws in, is not current on the thread that calls."""


class OutOfGpuMemory(MienError, MemoryError):
    """The GL driver has no memory for what is to be drawn with."""


class FeedFull(MienError, BufferError):
    """More was pushed into a feed than it holds; wait until there is room."""


class Closed(MienError, RuntimeError):
    """The object was used after `close()`."""
