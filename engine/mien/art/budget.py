"""How much memory a character's pixels may take: no more than its files are worth."""

from __future__ import annotations

from threading import Lock

from mien.errors import FormatError

MAX_BYTES = 1 << 30
"""Most memory of a character's pixels, whatever its files."""

FREE_BYTES, BYTES_A_BYTE = 128 << 20, 200
"""What pixels may take however small their files are, and how much more for each byte of those. A byte of a
real character's PNGs is some 50 bytes of pixels; of one colour up to 1000, so that a megabyte could ask for a
gigabyte."""


class Budget:
    """Memory that a character's pixels may still take; shared by the threads that read them.

    `place`: how errors call it; a sentence goes on with "drawings take ...".
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._taken, self._worth = 0, FREE_BYTES
        self._lock = Lock()

    def spend(self, pixel_bytes: int, file_bytes: int = 0) -> None:
        """Take memory for pixels, of a file so long. Raises FormatError when that is more than is left."""
        with self._lock:
            self._taken += pixel_bytes
            self._worth += BYTES_A_BYTE * file_bytes
            most = min(self._worth, MAX_BYTES)
            if self._taken > most:
                raise FormatError(
                    f"{self._place} drawings take more than {most >> 20} MiB; draw fewer or smaller ones."
                )
