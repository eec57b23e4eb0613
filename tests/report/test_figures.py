import io
import xml.etree.ElementTree as ET

import pytest
from matplotlib.collections import PathCollection

from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.report import Subject, summarize
from deltanas.report.figure_set import NAMES, pictures
from deltanas.report.figures import short
from deltanas.report.style import style, thinning
from deltanas.report.writing import FORMATS
from deltanas.search import make
from deltanas.spaces import NasBench201


@pytest.fixture(scope="module")
def cell_summary():
    """A short random study of cells, whose accuracy is the share of convolutions."""
    space = NasBench201()
    trials = []
    for number in range(12):
        proposal = make("random", space, seed=1).propose(History(trials))[0]
        accuracy = sum("conv" in str(op) for op in proposal.architecture.values()) / 6
        trials.append(Trial(proposal, Evaluation(number, Status.FINISHED, accuracy)))
    return summarize(Subject(space, History(trials), "random", 1))


def texts(figure):
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    found += [figure.get_suptitle()]
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")]
        found += [label.get_text() for label in axes.get_yticklabels()]
    return "\n".join(found)


def drawn(picture):
    file = io.StringIO()
    with style(picture.name):
        picture.figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def test_a_study_with_predictions_has_three_figures_and_no_cell(summary):
    found = list(pictures(summary))
    assert [picture.name for picture in found] == ["convergence", "changes", "edits"]
    assert set(NAMES) >= {picture.name for picture in found}
    assert all(picture.title in texts(picture.figure).replace("\n", " ") for picture in found)


def test_the_convergence_figure_names_its_lines_and_units(summary):
    figure = next(pictures(summary)).figure
    words = texts(figure)
    assert "validation accuracy, per cent" in words
    assert "evaluations (trainings)" in words
    assert "delta-evolution\n73.00" in words
    assert "best of the table\n80.00" in words
    assert "random\n80.00, median of 20" in words
    assert figure.axes[0].get_xlim() == (0, 5.05)


def test_the_scatter_counts_right_and_wrong_directions(summary):
    picture = list(pictures(summary))[1]
    words = texts(picture.figure)
    assert "right direction: 2" in words
    assert "wrong direction: 1" in words
    assert "points of accuracy" in words


def test_of_very_many_dots_some_are_drawn_and_all_are_counted(summary, monkeypatch):
    monkeypatch.setattr("deltanas.report.style.MOST_DOTS", 2)
    assert [thinning(dots) for dots in (0, 1, 2, 3, 4, 5)] == [1, 1, 1, 2, 2, 3]
    convergence, changes, _ = pictures(summary)
    assert convergence.caption.startswith("Each dot is one evaluation (one in 2 is drawn), the")
    assert len(convergence.figure.axes[0].collections[-1].get_offsets()) == 2
    assert "one proposal (one in 2 is drawn): the" in changes.caption
    assert "right direction: 2" in texts(changes.figure)
    assert "wrong direction: 1" in texts(changes.figure)
    assert sum(len(e.get_offsets()) for e in scatters(changes)) == 2


def scatters(picture):
    """The dots of a figure, without their error bars and fields."""
    found = picture.figure.axes[0].collections
    return [each for each in found if isinstance(each, PathCollection)]


def test_the_cell_figure_names_every_operation(cell_summary):
    found = {picture.name: picture for picture in pictures(cell_summary)}
    assert list(found) == ["convergence", "best", "edits"] or list(found) == ["convergence", "best"]
    words = texts(found["best"].figure).split("\n")
    for operation in cell_summary.best.architecture.values():
        assert operation in words
    assert {"in", "1", "2", "out"} <= set(words)


def test_equal_studies_give_equal_drawings_that_are_xml(summary):
    for first, second in zip(pictures(summary), pictures(summary), strict=True):
        text = drawn(first)
        assert text == drawn(second)
        assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own drawing


def test_names_with_dollars_backslashes_and_many_letters_are_drawn(space, subject):
    strange = "$\\frac{1}{" + "very " * 20 + "long"
    options = {strange: (8, 16, 32), "<b>&": ("relu", "gelu")}
    other = type(space)(options, name=strange)
    history = subject.history
    moved = History(
        Trial(
            Proposal(t.number, other.from_codes(_codes(t))[0], t.proposal.parent),
            t.evaluation,
        )
        for t in history.trials
    )
    for picture in pictures(summarize(Subject(other, moved, "$x", 0))):
        ET.fromstring(drawn(picture))  # noqa: S314 - our own drawing


def test_long_names_lose_their_middle():
    assert short("abcdefghij", 5) == "ab…ij"
    assert short("two\nlines", 20) == "two lines"


def test_formats_are_for_the_web_and_for_slides():
    assert FORMATS == ("svg", "png")


def _codes(trial):
    import numpy as np  # noqa: PLC0415

    return np.array([trial.architecture.code], dtype=np.int32)
