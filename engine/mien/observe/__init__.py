"""What happened: one record a frame, kept off the frame loop, and who was in its way.

record.py     a frame, a turn, a pause: what is written down
ledger.py     the totals of a run; totals.py gives them as plain values
histogram.py  quantiles in bounded memory; sliding.py drops in a sliding second
heartbeat.py  who holds the GIL; intervals.py: when
cpu_wait.py   whether the frame's thread has a core; cores.py: who else has them
collector.py  the cyclic collector, measured and kept out of frames
spans.py      named stretches of work, from any thread
writer.py     records to a JSONL file, on a thread of its own
trace.py      a Chrome trace; flight.py: the seconds before a late frame; prometheus.py: an endpoint
observation.py all of it, opened and closed together
"""

from mien.observe.collector import Collector
from mien.observe.cores import Cores
from mien.observe.cpu_wait import CpuWait
from mien.observe.flight import FlightRecorder
from mien.observe.heartbeat import Heartbeat
from mien.observe.histogram import Histogram
from mien.observe.ledger import Ledger
from mien.observe.observation import Observation, Outputs
from mien.observe.prometheus import MetricsServer, MetricsUnavailable
from mien.observe.record import CAUSES, FrameRecord, Pause, Record, TurnRecord
from mien.observe.spans import Span, Spans
from mien.observe.trace import TraceWriter
from mien.observe.writer import LedgerUnwritable, LedgerWriter

__all__ = [
    "CAUSES",
    "Collector",
    "Cores",
    "CpuWait",
    "FlightRecorder",
    "FrameRecord",
    "Heartbeat",
    "Histogram",
    "Ledger",
    "LedgerUnwritable",
    "LedgerWriter",
    "MetricsServer",
    "MetricsUnavailable",
    "Observation",
    "Outputs",
    "Pause",
    "Record",
    "Span",
    "Spans",
    "TraceWriter",
    "TurnRecord",
]
