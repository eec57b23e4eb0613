import importlib.util
import itertools
import math

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks.transnas_micro import RECORDED, checked_scores
from deltanas.compare.plan import plan
from deltanas.errors import DataError, MissingDataError
from deltanas.testing.benchmarks import BenchmarkContract

CELLS = ["".join(digits) for digits in itertools.product("0123", repeat=6)]


@pytest.fixture
def table(data_folder, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    path = data_folder / "transnasbench101_micro.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} is not in the folder of benchmark tables")
    monkeypatch.setenv("DELTANAS_DATA", str(data_folder))
    return parquet.read_table(path)


@pytest.mark.parametrize("task", ["class_scene", "room_layout", "autoencoder"])
class TestTransNasMicro(BenchmarkContract):
    @pytest.fixture(autouse=True)
    def _choose(self, task, table):
        self.benchmark = benchmarks.load(f"transnas-micro:{task}")

    def make(self):
        return self.benchmark


# Best values after the last epoch; the first, third and fourth are also published as the best of
# all epochs (54.94, 95.37, 57.72 in per cent).
OPTIMA = {
    "class_scene": (0.549363, "64-41414-3_32_132"),
    "class_object": (0.455862, "64-41414-3_13_113"),
    "jigsaw": (0.953722, "64-41414-3_30_132"),
    "autoencoder": (0.577231, "64-41414-1_20_310"),
    "normal": (0.587287, "64-41414-1_30_123"),
    "segmentsemantic": (0.946125, "64-41414-3_13_022"),
    # The recorded negative loss is -0.600999.
    "room_layout": (0.399001, "64-41414-3_11_133"),
}


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("task", RECORDED)
def test_the_best_cell_of_each_task(task):
    benchmark = benchmarks.load(f"transnas-micro:{task}")
    best, cell = OPTIMA[task]
    assert benchmark.size == len(benchmark.codes) == 4096
    assert benchmark.optimum == pytest.approx(best, abs=1e-6)
    assert benchmark.space.write(benchmark.best) == cell
    assert benchmark.test_accuracy(benchmark.best) is None
    assert benchmark.record(benchmark.best).seconds is None


@pytest.mark.parametrize("task", RECORDED)
def test_every_tenth_row_is_the_recorded_one(task, table):
    benchmark = benchmarks.load(f"transnas-micro:{task}")
    for row in range(0, 4096, 10):
        architecture = benchmark.space.read(table["tnb_str"][row].as_py())
        recorded = table[f"val_{task}"][row].as_py()
        score = (
            1 + recorded
            if task == "room_layout"
            else recorded / (1 if task in ("normal", "autoencoder") else 100)
        )
        assert benchmark.evaluate(architecture) == pytest.approx(score, abs=1e-12)


@pytest.mark.usefixtures("table")
def test_functionally_equal_cells_keep_their_own_values():
    benchmark = benchmarks.load("transnas-micro:class_scene")
    one, other = (benchmark.space.read(text) for text in ("3_00_010", "0_00_303"))
    assert one.key == other.key
    assert benchmark.evaluate(one) != benchmark.evaluate(other)


def test_scores_worked_by_hand():
    # The order of the rows does not matter. Per cent: 37.5 / 100; a loss of 0.625: 1 - 0.625.
    values = [37.5 + place / 1000 for place in range(4096)]
    scores = checked_scores(CELLS[::-1], values[::-1], task="jigsaw")
    assert (scores[0], scores[8]) == pytest.approx((0.375, 0.37508))
    losses = [-0.625, *[-1.25] * 4095]
    assert checked_scores(CELLS, losses, task="room_layout")[:2].tolist() == [0.375, -0.25]
    similar = [0.625, *[0.125] * 4095]
    assert checked_scores(CELLS, similar, task="normal")[:2].tolist() == [0.625, 0.125]


@pytest.mark.parametrize(
    ("task", "value", "words"),
    [
        ("jigsaw", 100.5, "'val_jigsaw' of cell 000012 as a number from 0 to 100, got 100.5; make"),
        ("jigsaw", math.nan, "got nan"),
        ("class_scene", None, "'val_class_scene' of cell 000012"),
        ("normal", 58.7, "as a number from 0 to 1, got 58.7"),
        ("room_layout", 0.6, "as a number from -2 to 0, got 0.6"),
        ("autoencoder", "0.5", "got 0.5"),
    ],
)
def test_an_impossible_value_is_refused(task, value, words):
    recorded = [-0.5 if task == "room_layout" else 0.5] * 4096
    recorded[CELLS.index("000012")] = value
    with pytest.raises(DataError) as error:
        checked_scores(CELLS, recorded, task=task)
    assert words in str(error.value)
    assert str(error.value).startswith("transnasbench101_micro.parquet should record")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (CELLS[:-1], "got 4095 rows with 4095 cells; make the table anew"),
        ([*CELLS[:-1], "000000"], "got 4096 rows with 4095 cells"),
        ([*CELLS[:-1], "444444"], "got 4096 rows with 4096 cells"),
        ([*CELLS, "000000"], "got 4097 rows with 4096 cells"),
    ],
)
def test_a_table_with_other_cells_is_refused(cells, words):
    with pytest.raises(DataError, match=words):
        checked_scores(cells, [0.5] * len(cells), task="normal")


def test_without_the_table_the_message_says_what_is_missing(monkeypatch, tmp_path):
    family = benchmarks.family("transnas-micro")
    monkeypatch.delenv("DELTANAS_DATA", raising=False)
    with pytest.raises(
        MissingDataError,
        match="is not set and .* does not hold transnasbench101_micro.parquet; import the",
    ):
        benchmarks.load("transnas-micro:jigsaw")
    assert not family.is_installed()
    with pytest.raises(MissingDataError, match="set DELTANAS_DATA to the folder that holds"):
        plan(["transnas-micro:jigsaw"], ["random"], seeds=1)
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match="does not hold it; import"):
        benchmarks.load("transnas-micro:jigsaw")
    (tmp_path / "transnasbench101_micro.parquet").touch()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingDataError, match="pyarrow is not installed"):
        benchmarks.load("transnas-micro:jigsaw")
    assert not family.is_installed()


@pytest.mark.usefixtures("table")
def test_the_data_is_there_where_the_folder_is_named():
    assert benchmarks.family("transnas-micro").is_installed()
    assert np.isfinite(benchmarks.load("transnas-micro:normal").metrics["parameters_m"]).all()
