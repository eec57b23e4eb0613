import itertools
import math

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks.importers.importing import import_file
from deltanas.benchmarks.importers.transnas_pth import cells
from deltanas.errors import DataError
from deltanas.spaces import TransNasMicro

METRICS = {
    "class_scene": ("top1", 50.0),
    "class_object": ("top1", 40.0),
    "room_layout": ("neg_loss", -0.75),
    "jigsaw": ("top1", 90.0),
    "segmentsemantic": ("acc", 94.0),
    "normal": ("ssim", 0.5),
    "autoencoder": ("ssim", 0.25),
}
CELL = "64-41414-0_02_333"


def record(metric, value):
    return {
        "total_epochs": 3,
        "model_info": {"model_params": 1.5},
        "metrics": {
            f"valid_{metric}": [0.0, 0.0, value],
            f"test_{metric}": [0.0, 0.0, value * (1.25 if value < 0 else 0.5)],
            "time_elapsed": [1.0, 2.0, 3.0],
        },
    }


def database(most=4096):
    """The value in the authors' file; values grow with the number of the cell."""
    names = [
        f"64-41414-{a}_{b}{c}_{d}{e}{f}" for a, b, c, d, e, f in itertools.product("0123", repeat=6)
    ]
    micro = {
        name: {
            task: record(metric, base + number / 100_000)
            for task, (metric, base) in METRICS.items()
        }
        for number, name in enumerate(names[:most])
    }
    return {
        "data": {"macro": {"64-1234-basic": {}}, "micro": micro},
        "metrics_dict": {},
        "info_names": ["model_params"],
        "task_list": list(METRICS),
    }


@pytest.fixture
def save(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    pytest.importorskip("pyarrow")
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path / "tables"))

    def write(value):
        path = tmp_path / "transnas-bench_v10141024.pth"
        torch.save(value, path)
        return path

    return write


def test_the_imported_table_is_what_the_benchmark_answers_from(save, tmp_path):
    path = import_file("transnas-micro", save(database()))
    assert path == tmp_path / "tables" / "transnas-micro.parquet"
    space = TransNasMicro()
    some = space.from_codes(space.all_codes()[::191])
    assert cells()[::191] == [space.write(cell) for cell in some]
    cell = space.read(CELL)
    number = cells().index(CELL)
    scene = benchmarks.load("transnas-micro:class_scene")
    # Per cent: the last epoch's 50 + number / 100,000.
    assert scene.evaluate(cell) == pytest.approx((50 + number / 100_000) / 100)
    assert scene.test_accuracy(cell) == pytest.approx((50 + number / 100_000) / 200)
    layout = benchmarks.load("transnas-micro:room_layout")
    # 1 minus the loss; the test loss is a quarter larger.
    loss = 0.75 - number / 100_000
    assert layout.evaluate(cell) == pytest.approx(1 - loss)
    assert layout.test_accuracy(cell) == pytest.approx(1 - 1.25 * loss)
    normal = benchmarks.load("transnas-micro:normal")
    assert normal.evaluate(cell) == pytest.approx(0.5 + number / 100_000)
    assert space.write(normal.best) == "64-41414-3_33_333"
    assert benchmarks.family("transnas-micro").files() == (path,)


def test_a_file_without_test_metrics_gives_none(save):
    value = database()
    for tasks in value["data"]["micro"].values():
        del tasks["jigsaw"]["metrics"]["test_top1"]
    import_file("transnas-micro", save(value))
    jigsaw = benchmarks.load("transnas-micro:jigsaw")
    assert jigsaw.test_accuracy(jigsaw.best) is None
    assert benchmarks.load("transnas-micro:normal").test_accuracies is not None


def fractions(value):
    for tasks in value["data"]["micro"].values():
        tasks["jigsaw"]["metrics"]["valid_top1"] = [0.0, 0.0, 0.95]


def alter(**changes):
    def change(value):
        value["data"]["micro"][CELL]["jigsaw"]["metrics"].update(changes)

    return change


WHERE = f"cell {CELL}, jigsaw: 'valid_top1' should be"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (alter(valid_top1=[1.0, 2.0, 100.5]), f"{WHERE} from 0 to 100, got 100.5; get the"),
        (alter(valid_top1=[1.0, 2.0, math.nan]), f"{WHERE} from 0 to 100, got nan"),
        (alter(valid_top1=[1.0, 2.0, "90"]), f"{WHERE} from 0 to 100, got 90"),
        (alter(valid_top1=[90.0]), f"{WHERE} recorded for each of 3 epochs, got 1"),
        (alter(valid_top1=None), f"{WHERE} recorded for each of 3 epochs, got NoneType"),
        (alter(test_top1=[0.0, 0.0, -1.0]), "'test_top1' should be from 0 to 100, got -1.0"),
        (
            fractions,
            "'valid_top1 of jigsaw' should be per cent, got 0.95 as the largest of 200, wh",
        ),
        (
            lambda value: value["data"]["micro"][CELL].pop("jigsaw"),
            f"cell {CELL}, jigsaw: 'metrics' and 'total_epochs' should be recorded, got NoneType",
        ),
        (
            lambda value: value["data"]["micro"].pop(CELL),
            f"all 4,096 cells on class_scene, got 4,095 of them and none of {CELL}; get the",
        ),
        (
            lambda value: value["data"]["micro"].update({"64-1": value["data"]["micro"].pop(CELL)}),
            "got 4,095 of them and the stranger '64-1'",
        ),
        (lambda value: value["data"].pop("micro"), "as 'data' / 'micro', got dict without; get"),
        (lambda value: value.clear(), "got dict without"),
    ],
)
def test_wrong_values_are_refused_with_cell_and_task(save, change, words, tmp_path):
    # What is wrong with a cell is found before the missing ones are.
    value = database(4096 if "all 4,096" in words or "stranger" in words else 200)
    change(value)
    with pytest.raises(DataError) as error:
        import_file("transnas-micro", save(value))
    assert words in str(error.value)
    assert not (tmp_path / "tables").exists()


def test_the_imported_table_equals_the_shared_one_where_both_tell(save, data_folder, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = data_folder / "transnasbench101_micro.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} is not in the folder of benchmark tables")
    shared = parquet.read_table(path).to_pydict()
    value = database()
    for row, cell in enumerate(shared["tnb_str"]):
        for task, (metric, _) in METRICS.items():
            recorded = [0.0, 0.0, shared[f"val_{task}"][row]]
            value["data"]["micro"][cell][task]["metrics"][f"valid_{metric}"] = recorded
    import_file("transnas-micro", save(value))
    imported = {task: benchmarks.load(f"transnas-micro:{task}") for task in METRICS}
    monkeypatch.setenv("DELTANAS_DATA", str(data_folder))
    for task, benchmark in imported.items():
        expected = benchmarks.load(f"transnas-micro:{task}")
        np.testing.assert_allclose(benchmark.accuracies, expected.accuracies, atol=1e-12)
