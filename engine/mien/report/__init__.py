"""What a run's ledger comes to: a verdict, causes, figures against targets, and a page with plots.

run_file.py  a ledger file as columns, whatever state it is in
figures.py   the figures of a run
targets.py   the targets of the table of metrics
verdict.py   a sentence, and the causes of slow frames
results.py   runs against targets and against each other
envelope.py  fewer points for a plot, no spike lost
svg.py       a plane with axes;  plots.py  what is drawn on it
page.py      one HTML page;  style.py  its CSS
metrics_page.py  docs/metrics.md
"""

from mien.report.page import page
from mien.report.results import Report, Result, Row, comparison, report_of, reports_of, shown
from mien.report.run_file import LedgerUnreadable, RunFile, read_run
from mien.report.targets import TARGETS, State, Target

__all__ = [
    "TARGETS",
    "LedgerUnreadable",
    "Report",
    "Result",
    "Row",
    "RunFile",
    "State",
    "Target",
    "comparison",
    "page",
    "read_run",
    "report_of",
    "reports_of",
    "shown",
]
