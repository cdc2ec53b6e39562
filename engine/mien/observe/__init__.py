"""What happened: one record a frame, kept off the frame loop.

ledger.py     the record of a frame, and the totals of a run
histogram.py  quantiles in bounded memory
writer.py     records to a JSONL file, on a thread of its own
"""

from mien.observe.histogram import Histogram
from mien.observe.ledger import CAUSES, FrameRecord, Ledger
from mien.observe.writer import LedgerWriter

__all__ = ["CAUSES", "FrameRecord", "Histogram", "Ledger", "LedgerWriter"]
