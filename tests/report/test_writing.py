import xml.etree.ElementTree as ET

import pytest

from deltanas.errors import ReportError
from deltanas.records import History
from deltanas.report import Subject, report, summarize, write_report
from deltanas.study import Study

PNG = b"\x89PNG\r\n\x1a\n"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_report_is_a_page_and_its_figures_in_two_formats(summary, tmp_path):
    found = write_report(summary, tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    assert found == folder / "report.html"
    assert names(folder) == [
        *("changes.png", "changes.svg", "convergence.png", "convergence.svg"),
        *("edits.png", "edits.svg", "report.html"),
    ]
    for path in folder.glob("*.png"):
        assert path.read_bytes().startswith(PNG)
    for path in folder.glob("*.svg"):
        assert ET.parse(path).getroot().tag.endswith("svg")  # noqa: S314 - our own drawing
    assert found.read_text("utf-8").startswith("<!doctype html>")


def test_the_same_study_gives_the_same_bytes(summary, tmp_path):
    for folder in ("a", "b"):
        write_report(summary, tmp_path / folder)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_figures_that_are_no_longer_true_are_removed_and_other_files_are_kept(
    summary, trial, space, tmp_path
):
    write_report(summary, tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    one = Subject(space, History([trial(0, 8, "relu", 0.5)]), "random", 0)
    write_report(summarize(one), tmp_path)
    assert names(tmp_path) == ["convergence.png", "convergence.svg", "mine.txt", "report.html"]


def test_a_folder_that_cannot_be_made_is_told_in_words(summary, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"expected a folder .*file.*study is saved.*--out"):
        write_report(summary, tmp_path / "file" / "report")


def test_a_file_that_cannot_be_replaced_leaves_nothing_half_written(summary, tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(ReportError, match="Is a directory"):
        write_report(summary, tmp_path)
    assert not [name for name in names(tmp_path) if name.startswith(".")]


def test_a_study_is_reported_in_one_call_also_when_it_is_read_again(space, tmp_path):
    study = Study(space, lambda each: each["width"] / 100, seed=3, storage=tmp_path / "s.db")
    study.run(4)
    first = report(study, tmp_path / "a").read_text("utf-8")
    again = report(Study.open(tmp_path / "s.db"), tmp_path / "b").read_text("utf-8")
    assert first == again
    assert "delta-evolution, seed 3" in first
