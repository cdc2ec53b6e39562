"""A render that outgrows one process: a conversation's frames, drawn in ranges by several, in order.

The picture is a function of time, so any process can draw any range: it lets the session come to the range's
first frame without drawing, and draws from there. `ranges` has that done by an executor, local processes
(`local`) or those of a cluster (`cluster`); `stage` is what takes the frames.
"""
