"""A live stage in a process of its own: a host that stalls costs it no frame, and either may end alone.

- messages, coding: what the two say to each other, typed; values to bytes and back
- wire: messages over a socket, sent and received by threads
- calls: which calls of a stage there are, and on which thread of the engine each is made
- slots: whose picture each slot of the shared memory is: no two write, and nobody reads what is written
- engine: the engine's process: a stage, and its answers
- given: what it is given, as a stage takes it
- feeding: sound that the host pushes, passed on as there is room
- sounds: what a host gives for a turn's sound, as it is sent
- child: the engine as its host has it: begun, asked, ended
- changes: of the cast, that another engine makes as well
- journal: what a new engine has to be told, and of which turns their host was told what
- keeping: an engine that ended is replaced by one that waits
- forwarding, asking, saying, showing, backend: all of it as a host uses it
"""

from mien.backend.backend import Backend

__all__ = ["Backend"]
