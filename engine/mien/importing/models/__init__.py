"""Models of PNGTuber programs: sprites that hang on each other, swing, and show when one talks or blinks.

Layout: `parts` is such a model as a value; `godot` reads what Godot writes; `plus` and `remix` read the files
of PNGTuber-Plus and PNGTuber-Remix; `layers` makes a source of the parts; `swinging` their motion.
"""
