import io

import numpy as np
import pytest

from deltanas.report.comparison import Curve
from deltanas.report.edit_distance import edit_distance_figure
from deltanas.report.style import OURS, style


def curve(*mean):
    values = np.array(mean)
    return Curve(values, values - 0.5, values + 0.5)


MEASURES = {
    "error": {
        "b:x": {
            "first": curve(1.0, 2.0, 2.5),
            "weak": curve(8.0, 9.0, 30.0),
            "none": curve(3.0, 3.0, 3.0),
        },
        "b:y": {"first": curve(2.0, 3.0, 3.5)},
    },
    "sign": {"b:x": {"first": curve(80.0, 85.0, 90.0), "weak": curve(50.0, 60.0, 60.0)}},
}


@pytest.fixture(scope="module")
def figure():
    return edit_distance_figure(
        MEASURES, yardstick="none", title="Errors grow", heights={"error": 10.0}
    )


def test_each_measure_is_a_row_and_each_benchmark_a_column(figure):
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["b:x", "b:y", "", ""]
    assert [axis.get_ylabel() for axis in figure.axes] == ["error", "", "sign", ""]
    assert figure.axes[0].get_ylim()[1] == 10.0
    assert [len(axis.lines) for axis in figure.axes] == [3, 1, 2, 0]
    assert figure.get_suptitle() == "Errors grow"


def test_lines_show_the_numbers_from_one_edit_on(figure):
    ours, weak, none = figure.axes[0].lines
    assert ours.get_xydata().tolist() == [[1, 1.0], [2, 2.0], [3, 2.5]]
    assert (ours.get_color(), none.get_linestyle()) == (OURS, "--")
    assert weak.get_color() != OURS
    # Two bands of two lines; the yardstick has none.
    assert len(figure.axes[0].collections) == 2
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (0.5, 3.0)


def test_one_legend_names_every_predictor_once(figure):
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["first", "weak", "none"]


def test_equal_numbers_are_equal_files():
    files = []
    for _ in range(2):
        file = io.BytesIO()
        with style("edit distance"):
            made = edit_distance_figure(MEASURES, yardstick="none", title="t", heights={})
            made.savefig(file, format="svg", metadata={"Date": None})
        files.append(file.getvalue())
    assert files[0] == files[1]
