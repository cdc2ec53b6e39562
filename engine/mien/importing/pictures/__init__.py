"""Characters that are whole pictures, one for each face, taken apart where they differ.

Layout: `frames` is a set of pictures as a value; `differences` finds where they differ and `places` which of
that is a mouth and which are eyes; `plates` lifts what is drawn there off the skin; `apart` makes of it a
source whose layers have their roles; `faces` adds the expressions. `packs`, `livepng` and `veado` read what
programs keep such pictures in.
"""
