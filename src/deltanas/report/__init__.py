"""Reports: numbers and pictures of a study, and one page that holds them."""

from deltanas.report.answers import Model, Table
from deltanas.report.summary import Standing, Subject, Summary, standing, summarize
from deltanas.report.writing import report, write_report

__all__ = [
    "Model",
    "Standing",
    "Subject",
    "Summary",
    "Table",
    "report",
    "standing",
    "summarize",
    "write_report",
]
