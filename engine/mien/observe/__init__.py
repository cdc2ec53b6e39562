"""What happened: one record a frame, kept off the frame loop, and who was in its way.

table.py      the one table of metrics; metric.py says what a row is
record.py     a frame: its fields are rows, first those of frame_times.py and screen.py; turn_record.py a turn
derived.py    what follows from them
ledger.py     counts what records say, with the sums of tally.py; totals.py gives plain values
attribution.py whose a frame's time was; blame.py what made it late, causes.py the names of that
differences.py what counters grew by
histogram.py  quantiles in bounded memory; sliding.py drops in a sliding second
heartbeat.py  whether somebody holds the GIL; holders.py: without a core; intervals.py: when
clock_jumps.py when the machine slept, or its time was set
cpu_wait.py   what a thread waits for; cores.py: who else has the cores; speed.py: how fast they are
collector.py  the cyclic collector, measured and kept out of frames
smoothness.py freezes, overruns, uneven motion: pure; sources.py: whose definitions they are
spans.py      named stretches of work, from any thread
writer.py     records to a JSONL file, on a thread of its own
trace.py      a Chrome trace; flight.py: the seconds before a late frame; prometheus.py: an endpoint
observation.py all of it, opened and closed together
"""

from mien.observe.causes import CAUSES
from mien.observe.clock_jumps import ClockJumps
from mien.observe.collector import Collector
from mien.observe.cores import Cores
from mien.observe.cpu_wait import CpuWait, ThreadWaits, Waits
from mien.observe.flight import FlightRecorder
from mien.observe.heartbeat import Heartbeat
from mien.observe.histogram import Histogram
from mien.observe.ledger import Ledger
from mien.observe.observation import Observation, Outputs
from mien.observe.prometheus import MetricsServer, MetricsUnavailable
from mien.observe.record import FrameRecord
from mien.observe.spans import Span, Spans
from mien.observe.speed import Speed
from mien.observe.table import TABLE, MetricTable
from mien.observe.totals import totals_of
from mien.observe.trace import TraceWriter
from mien.observe.turn_record import Pause, Record, TurnRecord
from mien.observe.writer import LedgerWriter

__all__ = [
    "CAUSES",
    "TABLE",
    "ClockJumps",
    "Collector",
    "Cores",
    "CpuWait",
    "FlightRecorder",
    "FrameRecord",
    "Heartbeat",
    "Histogram",
    "Ledger",
    "LedgerWriter",
    "MetricTable",
    "MetricsServer",
    "MetricsUnavailable",
    "Observation",
    "Outputs",
    "Pause",
    "Record",
    "Span",
    "Spans",
    "Speed",
    "ThreadWaits",
    "TraceWriter",
    "TurnRecord",
    "Waits",
    "totals_of",
]
