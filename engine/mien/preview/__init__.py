"""The preview panel of a window: what goes on in a stage, and hands on it.

panel.py        the overlay: shown and hidden by H, laid out when something may have changed
library.py      whether what draws it is installed
board.py        its sections, one below the other
frames.py, turns.py, speech.py, faces.py, channels.py, slots.py, pages.py    the sections
asking.py       what they ask of the stage, and when
outlines.py     boxes over the picture
gui.py          Dear ImGui: input to triangles
triangles.py    what differs between two panels
canvas.py       the picture that is kept of it on the GPU
style.py, widgets.py, keys.py    how it looks, what sections are made of, keys

`panel` imports nothing of the library that draws it before it is shown; the others do.
"""

from mien.preview.panel import Panel

__all__ = ["Panel"]
