"""Art of any kind as a character's folder that blinks and speaks.

Layout: `kinds` reads whatever it is; `source` is the art as a value, which `layered`, `pictures`, `models`
and `renpy` make; `extras` is what a format knows beside layers; `names` reads what layers are called, by
`roles.toml`; `guess` goes by place and shape where names say nothing, with `seen` (what things look like),
`guess_skin`, `guess_eyes` and `guess_mouth`; `assign` gives every layer a part to play; `eyes`, `mouths`,
`rig` and `expressions` make of them what a character has; `write` writes it; `summary` says what was found.
"""
