"""Counters that only grow, as what they grew by since they were last looked at."""

from __future__ import annotations

from collections.abc import Mapping
from operator import sub

from mien.observe.tally import reader_of


class Differences:
    """Reads the counters that the table of metrics names, once a frame.

    Parameters: `reads`: by field of the frame's record, where its counter is (`gl.page_uploads`); `sources`:
    by what stands before the dot, the counters as they are now. Raises AttributeError for a counter that is
    not there, KeyError for a source that is not.
    """

    def __init__(self, reads: Mapping[str, str], **sources: object) -> None:
        places = [(field, *place.split(".", 1)) for field, place in reads.items()]
        names = dict.fromkeys(source for _, source, _ in places)
        self._readers = [
            (name, reader_of([counter for _, source, counter in places if source == name])) for name in names
        ]
        self._fields = [field for name in names for field, source, _ in places if source == name]
        self._seen = self._read(sources)

    def look(self, **sources: object) -> dict[str, int]:
        """What each has grown by since the last look, by field of the record."""
        seen, self._seen = self._seen, self._read(sources)
        return dict(zip(self._fields, map(sub, self._seen, seen), strict=True))

    def _read(self, sources: Mapping[str, object]) -> list[int]:
        values: list[int] = []
        for name, read in self._readers:
            values += read(sources[name])
        return values
