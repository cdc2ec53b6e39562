"""Messages over a socket: whole, in order, from any thread and from a handler of a signal."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator

import pytest

from mien.backend.wire import Outbox, Wire


@pytest.fixture
def pair() -> Iterator[tuple[Wire, Wire]]:
    one, other = (Wire(end) for end in socket.socketpair())
    yield one, other
    one.close()
    other.close()


def test_messages_of_any_length_arrive_whole_and_in_order(pair: tuple[Wire, Wire]) -> None:
    mine, other = pair
    messages = [b"", b"a", bytes(range(256)) * 9000, b"z" * 3]
    sender = threading.Thread(target=lambda: [mine.send(one) for one in messages])
    sender.start()
    assert [other.receive() for _ in messages] == messages
    sender.join()
    mine.close()
    assert other.receive() is None


def test_messages_of_many_threads_are_not_mixed(pair: tuple[Wire, Wire]) -> None:
    mine, other = pair
    threads = [
        threading.Thread(target=lambda n=n: [mine.send(bytes([n]) * (1000 * n + 1)) for _ in range(50)])
        for n in range(1, 6)
    ]
    for thread in threads:
        thread.start()
    got = [other.receive() for _ in range(250)]
    for thread in threads:
        thread.join()
    assert all(one and len(one) == 1000 * one[0] + 1 and len(set(one)) == 1 for one in got)


def test_a_handler_of_a_signal_may_send_within_a_send(pair: tuple[Wire, Wire]) -> None:
    """What it sends comes behind the message that it came in, and not into the middle of it."""
    mine, other = pair
    told: list[int] = []

    def handler(number: int, frame: object) -> None:
        told.append(1)
        mine.send(b"handler")

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        end = mine._end

        class Interrupting:
            def sendall(self, data: bytes) -> None:
                end.sendall(data[:10])
                if not told:
                    signal.raise_signal(signal.SIGUSR1)
                end.sendall(data[10:])

        mine._end = Interrupting()  # type: ignore[assignment]
        mine.send(b"x" * 100)
    finally:
        mine._end = end
        signal.signal(signal.SIGUSR1, before)
    assert [other.receive(), other.receive()] == [b"x" * 100, b"handler"]


def test_what_is_sent_to_nobody_is_lost_without_a_word(pair: tuple[Wire, Wire]) -> None:
    mine, other = pair
    other.close()
    for _ in range(3):
        mine.send(b"x" * 100_000)
    assert mine.receive() is None


def test_an_outbox_never_waits_for_who_does_not_receive_and_sends_all_at_the_end(
    pair: tuple[Wire, Wire],
) -> None:
    mine, other = pair
    outbox = Outbox(mine)
    for number in range(40):
        outbox.post(bytes([number]) * 100_000)  # more than a socket holds
    assert outbox.is_behind
    got: list[int] = []
    reader = threading.Thread(target=lambda: got.extend(other.receive()[0] for _ in range(40)))  # type: ignore[index]
    reader.start()
    outbox.close()
    reader.join()
    assert got == list(range(40)) and not outbox.is_behind
