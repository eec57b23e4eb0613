"""Reports: numbers and pictures of a study, and one page that holds them."""

from deltanas.report.summary import Standing, Subject, Summary, Table, standing, summarize
from deltanas.report.writing import report, write_report

__all__ = [
    "Standing",
    "Subject",
    "Summary",
    "Table",
    "report",
    "standing",
    "summarize",
    "write_report",
]
