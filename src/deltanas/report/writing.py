"""The report as files: one page, and its figures as PNG and SVG."""

import io
import os
import tempfile
import warnings
from pathlib import Path

from matplotlib.figure import Figure

from deltanas.errors import ReportError
from deltanas.report.answers import Model, Table
from deltanas.report.figure_set import NAMES, Picture, pictures
from deltanas.report.page import page
from deltanas.report.style import style
from deltanas.report.summary import Subject, Summary, summarize
from deltanas.study import Study, StudyRecord

PAGE = "report.html"
"""Name of the page in its folder."""
FORMATS = ("svg", "png")
"""Formats that each figure is written in."""
DPI = 150
"""Pixels of a PNG to an inch."""


def report(
    study: Study | StudyRecord,
    folder: str | os.PathLike[str],
    *,
    table: Table | Model | None = None,
    signal: str = "mean",
    command: str = "",
) -> Path:
    """Write the report of a study: one page, and its figures as PNG and SVG.

    Args:
        study: A study, or what `Study.open` read.
        folder: Made if it is missing; an older report in it is replaced.
        table: The benchmark that answered, to compare with all that it records, or with what
            its model says of random architectures.
        signal: Which of several recorded trainings it told, `"mean"` or `"one-run"`.
        command: Command that makes the study again, to be shown.

    Returns:
        The page.

    Raises:
        ReportError: Not one trial has finished, or the folder cannot be written.
    """
    record = study.record if isinstance(study, Study) else study
    made = record.description
    objectives = str(made.settings.get("objectives", ""))
    subject = Subject(
        record.space,
        record.history,
        made.shown_method,
        made.seed,
        table,
        signal,
        command,
        made.limits,
        objectives,
        edits=record.edits,
    )
    return write_report(summarize(subject), Path(folder))


def write_report(summary: Summary, folder: Path) -> Path:
    """Write `report.html` and the figures into a folder.

    Every file is replaced in one step, so that a reader sees the old report or the new one;
    figures that this study no longer has are removed.

    Args:
        summary: What `summarize` worked out.
        folder: Made if it is missing.

    Returns:
        The page.

    Raises:
        ReportError: The folder cannot be written.
    """
    drawn = [(picture, _drawn(picture)) for picture in pictures(summary)]
    files = {
        f"{picture.name}.{ending}": content
        for picture, formats in drawn
        for ending, content in formats.items()
    }
    svgs = [(picture, formats["svg"].decode()) for picture, formats in drawn]
    files[PAGE] = page(summary, svgs).encode()
    stale = {f"{name}.{ending}" for name in NAMES for ending in FORMATS} - set(files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _replace(folder / name, content)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(
            f"expected a folder for the report that can be written, got {folder}: "
            f"{error.strerror or error}; the study is saved, choose another folder (--out)"
        ) from None
    return folder / PAGE


def _drawn(picture: Picture) -> dict[str, bytes]:
    """The figure as a file of each format, the same bytes every time."""
    files = {}
    with style(picture.name), warnings.catch_warnings():
        # Names may hold letters that the font has not: they are shown as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        _lay_out(picture.figure)
        for ending in FORMATS:
            drawn = io.BytesIO()
            metadata = {"Date": None} if ending == "svg" else {"Software": None}
            picture.figure.savefig(drawn, format=ending, dpi=DPI, metadata=metadata)
            files[ending] = drawn.getvalue()
    return files


def _lay_out(figure: Figure) -> None:
    """Give all parts their places once; every format would do it anew, and draw twice for it."""
    layout = figure.get_layout_engine()
    if layout is not None:
        figure.set_dpi(DPI)
        layout.execute(figure)
        figure.set_layout_engine(None)


def _replace(path: Path, content: bytes) -> None:
    """Write a file completely under another name, then give it its own."""
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
