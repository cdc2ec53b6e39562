"""What a server takes from its clients at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BAD_COSTS: Final = 20.0
"""As many messages as one that means nothing counts for."""
OFFER_COSTS: Final = 50.0
"""The same of an offer of WebRTC: keys and sockets are made for each."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Whoever comes up against one is told so, or waits; the others notice nothing."""

    clients: int = 16
    """Sessions at once, those whose client is away included."""
    message_bytes: int = 16 << 20
    """Longest message. A longer one ends its connection (code 1009); the session stays."""
    messages_per_s: float = 500.0
    """Messages that are read of each client; more wait in the network, and none is lost."""
    burst: float = 1000.0
    """Messages that may come at once."""
    connections: int = 64
    """At once, those that have not said hello included."""
    strangers: int = 16
    """Connections whose peer has shown no token and not said hello: of more the oldest is ended."""
    stranger_bytes: int = 8 << 10
    """Longest message of one that has to show a token still."""
    turns: int = 200
    """Turns that are queued or heard, of all clients."""
    sound_bytes: int = 256 << 20
    """Bytes of sound that came with them, as base64: each is kept until its turn is over."""
    pending: int = 64
    """Commands of a client that are not done yet; more wait in the network."""
    streams: int = 8
    """Turns of a client whose sound is still being sent."""
    renditions: int = 6
    """Different formats and sizes of frames that are made at once, for all clients."""
    kept_messages: int = 2000
    """Messages of a session that are kept for a client that is away, or slow."""
    kept_bytes: int = 8 << 20
    """Bytes of them."""
    linger_s: float = 120.0
    """So long a session waits for a client that is gone."""
    hello_s: float = 10.0
    """Longest that a connection may take to ask for a WebSocket or a page, and then to say hello."""


class Bucket:
    """How fast messages may be read: `rate` a second, and `burst` at once. Pure: it is told the time."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._then_s = burst, 0.0

    def wait_s(self, now_s: float, cost: float = 1.0) -> float:
        """Take one message that came at `now_s`; seconds, 0 or more, until the next may be read."""
        self._left = min(self._burst, self._left + (now_s - self._then_s) * self._rate) - cost
        self._then_s = now_s
        return max(0.0, -self._left / self._rate)
