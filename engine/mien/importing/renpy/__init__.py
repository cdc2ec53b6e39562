"""Ren'Py's layered images: `layeredimage` statements and folders of pictures named for them.

Layout: `rpy` reads the statements; `layeredimage` finds their pictures and makes a source of them.
"""
