"""From a finished picture in one process to its first pixel in another: what a Backend uses, and iceoryx2.

Both give a picture of 1280x720 and 13 KB of sound without copying the picture. The sender draws nothing: it
notes the time in the first bytes, which are the last that it writes.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np

from mien.backend.slots import SLOTS
from mien.backend.wire import Wire
from mien.shared_memory import SharedMemory
from mien.types import U8

PICTURE: Final = 1280 * 720 * 4
"""Bytes."""
SOUND: Final = 13 * 1024
RATE: Final = 200
"""Pictures a second."""


def measured(way: str, pictures: int) -> list[float]:
    """Microseconds of each picture. `way`: a key of `WAYS`."""
    theirs_of, receive = WAYS[way]
    give, take = multiprocessing.Pipe()
    name = f"mien-bench-{os.getpid()}"
    process = multiprocessing.get_context("spawn").Process(target=theirs_of, args=(take, name, pictures))
    process.start()
    took = list(receive(give, name, pictures))
    process.join()
    return took


def _paced(pictures: int) -> Iterator[None]:
    begun = time.monotonic()
    for number in range(pictures):
        time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
        yield


def _stamp(picture: U8) -> None:
    picture[:8].view(np.int64)[0] = time.monotonic_ns()


def _since(picture: U8) -> float:
    return float(time.monotonic_ns() - picture[:8].view(np.int64)[0]) / 1000


def _slots(memory: SharedMemory) -> list[U8]:
    return [memory.array(slot * PICTURE, (PICTURE,)) for slot in range(SLOTS)]


def _send_by_socket(take: Connection, name: str, pictures: int) -> None:
    wire = Wire(take.recv())
    slots = _slots(SharedMemory.at(take.recv(), SLOTS * PICTURE))
    sound = bytes(SOUND)
    for number, _ in enumerate(_paced(pictures)):
        _stamp(slots[number % SLOTS])
        wire.send(bytes([number % SLOTS]) + sound)
    take.recv()  # the host has had them all
    wire.close()


def _receive_by_socket(give: Connection, name: str, pictures: int) -> Iterator[float]:
    ours, theirs = socket.socketpair()
    memory, wire = SharedMemory.make(SLOTS * PICTURE, placed=True), Wire(ours)
    slots = _slots(memory)
    give.send(theirs)
    give.send(memory.place)
    for _ in range(pictures):
        message = wire.receive()
        assert message is not None
        yield _since(slots[message[0]])
    give.send("enough")
    wire.close()
    theirs.close()
    memory.close()


def _services(name: str) -> tuple[Any, Any]:
    import iceoryx2

    node = iceoryx2.NodeBuilder.new().create(iceoryx2.ServiceType.Ipc)
    pictures = (
        node.service_builder(iceoryx2.ServiceName.new(name))
        .publish_subscribe(iceoryx2.Slice[ctypes.c_uint8])
        .subscriber_max_buffer_size(SLOTS)
        .open_or_create()
    )
    bell = node.service_builder(iceoryx2.ServiceName.new(f"{name}-bell")).event().open_or_create()
    return pictures, bell


def _of(sample: Any) -> U8:
    """What is in it, without a copy."""
    picture: U8 = np.frombuffer(sample.payload().as_memory_view(), np.uint8)
    return picture


def _send_by_iceoryx2(take: Connection, name: str, pictures: int) -> None:
    service, bell = _services(name)
    publisher = service.publisher_builder().initial_max_slice_len(PICTURE + SOUND).create()
    notifier = bell.notifier_builder().create()
    take.send("there")
    take.recv()
    for _ in _paced(pictures):
        sample = publisher.loan_slice_uninit(PICTURE + SOUND)
        _stamp(_of(sample))
        sample.assume_init().send()
        notifier.notify()
    take.send("all are sent")
    take.recv()  # the host has had them all


def _receive_by_iceoryx2(give: Connection, name: str, pictures: int) -> Iterator[float]:
    """Those that came: the newest five wait for a host that is late."""
    import iceoryx2

    service, bell = _services(name)
    subscriber = service.subscriber_builder().create()
    listener = bell.listener_builder().create()
    give.recv()
    give.send("begin")
    sent = False
    while not sent:
        sent = give.poll()
        listener.timed_wait(iceoryx2.Duration.from_millis(100))
        while (sample := subscriber.receive()) is not None:
            yield _since(_of(sample))
    give.send("enough")


WAYS: Final[dict[str, tuple[Callable[..., None], Callable[..., Iterator[float]]]]] = {
    "a socket and shared memory, as a `Backend` has them": (_send_by_socket, _receive_by_socket),
    "iceoryx2": (_send_by_iceoryx2, _receive_by_iceoryx2),
}
