"""From speech to mouth shapes: from sound alone, or from timings that a host or a file gives.

Layout: `track` what a turn's sound says to the face, frame by frame; `spectrum`, `features`, `network` and
`analyser` hear it in sound; `timed` takes it from timings of visemes, phones or words; `schemes` is the table
of their names, `phones` and `spelling` read phones and words; `fallback` says which shape stands in for one
that a character lacks.
"""
