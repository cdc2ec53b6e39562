"""A stage, and the machine under it: time that passes, is taken away, or stands still."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Set
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Protocol, Self, TypeAlias

import mien
from mien.audio.turn import TurnAudio
from mien.clock import SAMPLE_RATE
from mien.composite import FrameRows
from mien.observe.record import FrameRecord
from mien.observe.stops import Stops
from mien.observe.turn_record import Record
from mien.testing import Timeline, tiny_character
from mien.testing.timeline import with_a_quick_gpu
from soak.device import SimulatedDevice

MS: Final = 1_000_000
SLICE_NS: Final = 10 * MS
"""Between two looks of the device's thread while time passes."""
OPENED_S: Final = 120
"""When the run begins: longer than opening takes."""
SIZE: Final = (96, 64)
FPS: Final = 30

_MOST_LOOKS: Final = 10_000
"""Of the decoder between two frames: a turn of seconds is some hundred pieces."""

Load: TypeAlias = Literal["host", "gpu_wait", "gil"]


class SoakClock(Timeline):
    """Time passes in slices, in each of which the device is fed."""

    def __init__(self) -> None:
        super().__init__()
        self.device: SimulatedDevice | None = None
        self.stopped_ns = 0
        """For how long the process did not run, all together."""

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """As of `Clock`; the device is fed meanwhile."""
        while (now_ns := self.now_ns()) < deadline_ns:
            self.advance_ns(min(SLICE_NS, deadline_ns - now_ns))
            if self.device is not None:
                self.device.pump()

    def hold(self, ns: int) -> None:
        """So long nobody runs but who keeps the GIL: the device is not fed."""
        self.advance_ns(ns)
        if self.device is not None:
            self.device.pump()


class Beat:
    """A heartbeat on the virtual clock: late where the GIL was kept."""

    def __init__(self) -> None:
        self.held: deque[tuple[int, int]] = deque(maxlen=64)

    def gaps(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """The parts of start..end in which it was late."""
        cut = [(max(start, start_ns), min(end, end_ns)) for start, end in self.held]
        return [(start, end) for start, end in cut if start < end]

    def starved(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Whoever kept it ran."""
        return []


class Watch:
    """Looks at each frame that was written down: one that is late, or follows others that were left out, is
    explained by a load that was put on, or, on a `real` machine, by the cause that the ledger names."""

    def __init__(self, stage: mien.LiveStage, *, real: bool = False) -> None:
        self.seen: Counter[str] = Counter()
        """What was counted of frames."""
        self.wrong: list[str] = []
        """What must not be, in sentences."""
        self.since: set[str] = set()
        """Loads of the frames since the last that was in time."""
        self._real = real
        self._ledger = stage.ledger
        self._records: deque[Record] = stage.ledger.subscribe()
        self._next = 0

    def look(self, lasting: Set[str] = frozenset()) -> None:
        """At all that is new. `lasting`: loads that go on."""
        while self._records:
            record = self._records.popleft()
            if isinstance(record, FrameRecord):
                self._see(record, lasting)

    def _see(self, record: FrameRecord, lasting: Set[str]) -> None:
        skipped = record.frame - self._next
        self._next = record.frame + 1
        late = self._ledger.is_late(record)
        self.seen["shown"] += 1
        self.seen["left out"] += skipped
        self.seen["late"] += late
        if not (late or skipped):
            if not record.cause:
                self.since = set(lasting)
            return
        where = f"frame {record.frame} at {record.scheduled_ms / 3.6e6:.4f} h"
        if self._real:
            if late and not record.cause:
                self.wrong.append(f"{where} is late, and the ledger names no cause")
        elif not self.since:
            self.wrong.append(f"{where} is late or follows {skipped} left out, and no load was put on")
        elif late and record.cause not in self.since:
            loads = ", ".join(sorted(self.since))
            self.wrong.append(f"{where} is late because of {record.cause or 'nothing'}; put on were: {loads}")


class World(Protocol):
    """A live stage, and what can be done to it."""

    stage: mien.LiveStage
    fps: float
    watch: Watch
    loads: Counter[str]
    """How often each load was put on."""

    @property
    def hours(self) -> float:
        """Of the session's time."""
        ...

    def load(self, kind: Load, ms: float, frames: int = 1) -> None:
        """Take time: of the host between frames, of drawing for so many frames, or of all threads at once."""
        ...

    def device_changes(self, chance: random.Random) -> None:
        """Another sound device, or none, or one again."""
        ...

    def sleep(self, seconds: float) -> None:
        """The process does not run: the machine sleeps, or somebody has stopped it."""
        ...

    def frame(self) -> None:
        """The next frame, and a look at what was written down of the last ones."""
        ...


class SimulatedWorld:
    """A live stage of three on a clock of its own, with loads to be put on it. A context manager.

    Parameters: `folder`, to make a character in; `fps`, frames a second.
    """

    def __init__(self, folder: Path, fps: float = FPS) -> None:
        self.fps = fps
        self.clock = SoakClock()
        self.beat = Beat()
        self.loads: Counter[str] = Counter()
        """How often each load was put on."""
        tiny = tiny_character(folder / "tiny")
        self.stage = mien.LiveStage(
            {"wren": "wren", "a": tiny, "b": tiny},
            size=SIZE,
            fps=fps,
            playout="null",
            clock=self.clock,
            quality="auto",
            history_s=20,
        )
        stage, audio = self.stage, self.stage._audio
        with_a_quick_gpu(stage)
        self._slow_ns = 0
        draw = stage._compositor.draw

        def drawn(frame: FrameRows) -> bool:
            self.clock.sleep_until_ns(self.clock.now_ns() + self._slow_ns)
            return draw(frame)

        stage._compositor.draw = drawn  # type: ignore[method-assign]
        stage.ledger.heartbeat = self.beat  # type: ignore[assignment]
        stops = Stops(self.clock.now_ns, lambda: self.clock.now_ns() - self.clock.stopped_ns, lambda: 0)
        stage._stops = stage._pacer._stops = stage._meter._stops = stops
        assert audio.playout is not None
        audio.playout.close()
        audio._worker.rest.share = 0.0  # of real time, which is not what passes here
        # While it was opened it waited for the GPU, who knows how often: from here on a seed says all.
        while (left := OPENED_S * SAMPLE_RATE - audio._deck.position) > 0:
            audio._deck.pull(min(left, SAMPLE_RATE))
        self.clock.sleep_until_ns(OPENED_S * 1_000_000_000)
        self.device = SimulatedDevice(audio._deck, self.clock)
        audio.playout = self.clock.device = self.device
        self.device.start()
        self.watch = Watch(stage)
        self._slow_frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stage.close()

    @property
    def hours(self) -> float:
        """Of the session's time; what was slept through is none."""
        return ((self.clock.now_ns() - self.clock.stopped_ns) / 1e9 - OPENED_S) / 3600

    def load(self, kind: Load, ms: float, frames: int = 1) -> None:
        """As of `World`."""
        self.settle()
        self.loads[kind] += 1
        self.watch.since.add(kind)
        ns = round(ms * MS)
        if kind == "gpu_wait":
            self._slow_ns, self._slow_frames = ns, frames
        elif kind == "gil":
            start_ns = self.clock.now_ns()
            self.clock.hold(ns)
            self.beat.held.append((start_ns, self.clock.now_ns()))
        else:
            self.clock.sleep_until_ns(self.clock.now_ns() + ns)

    def device_changes(self, chance: random.Random) -> None:
        """As of `World`."""
        self.settle()
        buffer, off = chance.randrange(480, 9600), chance.uniform(-200, 200)
        self.loads["device"] += 1
        if self.device.failure is not None:
            self.device.find(buffer, off)
        elif chance.random() < 0.4:
            self.device.lose()
        else:
            self.device.change(buffer, off)

    def sleep(self, seconds: float) -> None:
        """As of `World`."""
        self.settle()
        self.loads["sleep"] += 1
        ns = round(seconds * 1e9)
        self.stage._stops.look()  # type: ignore[union-attr]
        self.clock.stopped_ns += ns
        # The device has no power either.
        self.device.change(self.device.buffer, 0.0)
        self.clock.advance_ns(ns)
        self.device._from_ns = self.clock.now_ns()
        self.device.pump()

    def frame(self) -> None:
        """As of `World`."""
        self.settle()
        self.stage.frame()
        self._slow_frames = max(0, self._slow_frames - 1)
        if not self._slow_frames:
            self._slow_ns = 0
        self.watch.look({"gpu_wait"} if self._slow_frames else frozenset())

    def settle(self) -> None:
        """Return when the decoder has done what there is to do: it takes no time of this clock."""
        if all(turn.done for turn in self._turns):
            return
        before: object = None
        for _ in range(_MOST_LOOKS):
            if before == (before := self._decoded()) and self._caught_up:
                return
            for _ in range(2):  # the first may have begun before
                self._let_decode()
        raise RuntimeError(f"the decoder is not done with its turns after {_MOST_LOOKS} looks.")

    def _let_decode(self) -> None:
        """Return when a look of the decoder at its turns has come to its end."""
        worker = self.stage._audio._worker
        worker.progress.clear()
        worker.nudge()
        if not worker.progress.wait(20.0):
            raise RuntimeError("the decoder has not looked at its turns for 20 s of real time.")

    @property
    def _turns(self) -> list[TurnAudio]:
        return [turn for _, turn in self.stage._show.session._turns.values()]

    @property
    def _caught_up(self) -> bool:
        return self.stage._audio._worker._full or all(turn.done or turn.caught_up() for turn in self._turns)

    def _decoded(self) -> tuple[object, ...]:
        return tuple((turn.samples_decoded, turn.state) for turn in self._turns)
