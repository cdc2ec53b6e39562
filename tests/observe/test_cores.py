"""Who else had the cores: what /proc/stat and this process's own time say."""

import os

from mien.observe import Cores

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
MS = 1_000_000


class Machine:
    """A /proc/stat of which user time, interrupts and stolen time are set in ticks."""

    def __init__(self) -> None:
        self.user = self.irq = self.stolen = 1000
        self.idle = 700_000
        self.own_ns = 0
        self.now_ns = 0
        self.cores = Cores(self.stat, lambda: self.own_ns)

    def stat(self) -> bytes:
        first = f"cpu  {self.user} 5 6 {self.idle} 9 {self.irq} 3 {self.stolen} 0 0"
        return f"{first}\ncpu0 1 2 3 4\nintr 5".encode()

    def look(self, after_ms: float = 100) -> tuple[float, float]:
        self.now_ns += round(after_ms * MS)
        found = self.cores.look(self.now_ns)
        return found.others_ns / MS, found.stolen_ns / MS


def test_what_was_before_the_first_look_is_nobodys() -> None:
    machine = Machine()
    assert machine.look() == (0, 0)


def test_others_are_what_the_cores_did_without_this_process() -> None:
    machine = Machine()
    machine.look()
    machine.user += 8
    machine.irq += 2
    machine.stolen += 3
    machine.own_ns += round(4 * TICK_MS * MS)
    assert machine.look() == (6 * TICK_MS, 3 * TICK_MS)
    assert machine.look() == (0, 0)


def test_the_share_of_others_is_of_what_ran_and_idle_time_is_nobodys() -> None:
    machine = Machine()
    machine.look()
    machine.user += 19
    machine.stolen += 1
    machine.idle += 20
    machine.own_ns += round(15 * TICK_MS * MS)
    machine.now_ns += 200 * MS
    found = machine.cores.look(machine.now_ns)
    assert (found.idle_ns / MS, found.own_ns / MS) == (20 * TICK_MS, 15 * TICK_MS)
    assert found.others_share == 0.25
    assert machine.cores.look(machine.now_ns + MS).others_share is None


def test_looks_are_not_due_every_frame_and_lose_nothing() -> None:
    machine = Machine()
    machine.look()
    machine.user += 2
    assert machine.look(33) == (0, 0)
    machine.user += 2
    assert machine.look(33) == (0, 0)
    assert machine.look(34) == (4 * TICK_MS, 0)


def test_a_tick_that_comes_late_is_not_somebody_else() -> None:
    machine = Machine()
    machine.look()
    machine.own_ns += round(0.7 * TICK_MS * MS)  # ran, and no tick yet
    assert machine.look() == (0, 0)
    machine.user += 1
    machine.own_ns += round(0.3 * TICK_MS * MS)
    assert machine.look() == (0, 0)


def test_a_system_that_does_not_say_costs_nothing() -> None:
    cores = Cores(lambda: b"", lambda: 5)
    assert cores.look(0) == cores.look(10**12) == (0, 0, 0, 0)


def test_this_system_is_read() -> None:
    cores = Cores()
    cores.look(0)
    assert min(cores.look(10**12)) >= 0
