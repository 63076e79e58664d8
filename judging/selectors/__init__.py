"""Reading: selectors of judging. They never write."""

from judging.selectors.candidates import Source, candidates, sources_of
from judging.selectors.funnel import funnel, funnel_of_all, kept_mix
from judging.selectors.overview import Totals, coverage, export_get, run_slug, totals, version_of
from judging.selectors.slips import SlipReport, slip_report

__all__ = [
    "SlipReport",
    "Source",
    "Totals",
    "candidates",
    "coverage",
    "export_get",
    "funnel",
    "funnel_of_all",
    "kept_mix",
    "run_slug",
    "slip_report",
    "sources_of",
    "totals",
    "version_of",
]
