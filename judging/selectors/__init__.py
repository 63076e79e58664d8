"""Reading: selectors of judging. They never write."""

from judging.selectors.candidates import candidates, latest_judge_version
from judging.selectors.funnel import funnel, kept_mix
from judging.selectors.overview import Totals, coverage, export_get, totals, version_of, versions
from judging.selectors.slips import SlipReport, slip_report

__all__ = [
    "SlipReport",
    "Totals",
    "candidates",
    "coverage",
    "export_get",
    "funnel",
    "kept_mix",
    "latest_judge_version",
    "slip_report",
    "totals",
    "version_of",
    "versions",
]
