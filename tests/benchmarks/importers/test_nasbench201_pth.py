"""A file as the authors' programme writes it, of the trainings that the pip package records."""

import importlib.util
import itertools
import pickle

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks import nasbench201
from deltanas.benchmarks.canonical import described, read_table
from deltanas.benchmarks.importers.importing import import_file
from deltanas.benchmarks.importers.nasbench201_trainings import LAYOUT, all_cells
from deltanas.benchmarks.verifying import verify
from deltanas.errors import DataError
from tests.benchmarks.importers.cells import records, result

SEEDS = (777, 888, 999)


@pytest.fixture(scope="module")
def written(nasbench201_folder):
    """The value in the authors' file, with the package's numbers where it has some."""
    tables = {}
    for name, file in nasbench201.FILES.items():
        with (nasbench201_folder / file).open("rb") as stream:
            tables[name] = pickle.load(stream)
    infos, codes = {}, map("".join, itertools.product("01234", repeat=6))
    for number, (code, cell) in enumerate(zip(codes, all_cells(), strict=True)):
        runs = {}
        row = tables["cifar10"][code]
        for at, accuracy in enumerate(row["val_acc"]):
            runs["cifar10-valid", SEEDS[at]] = result(
                "cifar10-valid",
                SEEDS[at],
                {"x-valid": accuracy, "ori-test": accuracy / 4},
                seconds=row["train_time"][at] / 2,
                latency=row["latency"][at] / 2,
                flop=15.5,
            )
        runs["cifar10", 777] = result("cifar10", 777, {"ori-test": 10.0 + int(code[0])}, flop=15.5)
        for training_set, name in (("cifar100", "cifar100"), ("ImageNet16-120", "imagenet16-120")):
            accuracy = tables[name][code]["val_acc"][0]
            images = {"x-valid": accuracy, "x-test": accuracy / 2}
            runs[training_set, 777] = result(training_set, 777, images, flop=15.5)
        infos[number] = {"full": records(number, cell, runs), "less": records(number, cell, {})}
    return {"meta_archs": all_cells(), "arch2infos": infos, "evaluated_indexes": set(range(15_625))}


@pytest.fixture(scope="module")
def imported(written, tmp_path_factory):
    """The folder with the table; the package is still installed."""
    folder = tmp_path_factory.mktemp("tables")
    save(folder / "NAS-Bench-201-v1_1-096897.pth", written)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DELTANAS_DATA", str(folder))
        path = import_file("nasbench201", folder / "NAS-Bench-201-v1_1-096897.pth")
    assert path == folder / "nasbench201.parquet"
    return folder


def save(path, value):
    """As torch did before 1.6; its own writing takes minutes and is tested with `torch_file`."""
    pytest.importorskip("pyarrow")
    with path.open("wb") as file:
        for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, value, []):
            pickle.dump(part, file, protocol=2)


def test_the_imported_table_answers_as_the_package_does(imported, monkeypatch):
    monkeypatch.delenv("DELTANAS_DATA", raising=False)
    package = benchmarks.load("nasbench201:cifar10")
    monkeypatch.setenv("DELTANAS_DATA", str(imported))
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if "hpo_bench" in name else find(name)
    )
    assert benchmarks.family("nasbench201").is_installed()
    found = benchmarks.load("nasbench201:cifar10")
    assert list(map(len, found.runs)) == list(map(len, package.runs))
    np.testing.assert_allclose(found.padded_runs, package.padded_runs, rtol=1e-12)
    np.testing.assert_allclose(found.seconds, package.seconds, rtol=1e-12)
    np.testing.assert_allclose(found.metrics["latency_ms"], package.metrics["latency_ms"])
    assert package.test_accuracies is None
    # CIFAR-10's test accuracies are those of trainings on all training images: 10 + first digit.
    np.testing.assert_allclose(found.test_accuracies, (10 + found.codes[:, 0]) / 100)


def test_beside_the_package_the_table_adds_test_accuracies(imported, monkeypatch):
    monkeypatch.setenv("DELTANAS_DATA", str(imported))
    benchmark = benchmarks.load("nasbench201:cifar100")
    first = np.array([row[0] for row in benchmark.runs])
    np.testing.assert_allclose(benchmark.test_accuracies, first / 2, rtol=0, atol=1e-12)


def test_the_table_tells_where_it_comes_from(imported):
    told = described(imported / "nasbench201.parquet")
    assert told["benchmark"] == "nasbench201"
    assert told["source"]["file"] == "NAS-Bench-201-v1_1-096897.pth"
    size = (imported / "NAS-Bench-201-v1_1-096897.pth").stat().st_size
    assert told["source"]["bytes"] == size
    assert len(told["source"]["sha256"]) == 64
    assert told["units"]["validation_accuracy"] == "fraction"
    assert "Dong & Yang" in told["citation"]
    columns = read_table(imported / "nasbench201.parquet", LAYOUT, thoroughly=True)
    assert len(columns["seed"]) == told["rows"] == 39_419 + 3 * 15_625


def test_verify_finds_the_published_optimum_and_wrong_numbers(imported, monkeypatch):
    monkeypatch.setenv("DELTANAS_DATA", str(imported))
    findings = {(each.subject, each.question): each for each in verify(nasbench201.FAMILY)}
    assert findings["nasbench201.parquet", "checksum"].state == "ok"
    assert findings["cifar10.pkl", "checksum"].state == "ok"
    assert findings["nasbench201:cifar10", "best"].state == "ok"
    # All seeds of CIFAR-10 are in the file, of the others only the first.
    assert findings["nasbench201:cifar10", "imported, best"].state == "ok"
    assert findings["nasbench201:cifar100", "imported, best"].is_wrong
    # The test accuracies of this file are made up.
    assert findings["nasbench201:cifar10", "best test"].is_wrong
    assert "14.0000 %, expected 94.3730 %" in findings["nasbench201:cifar10", "best test"].words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda value: value.pop("arch2infos"), "got a dict with meta_archs, evaluated_indexes"),
        (lambda value: value["arch2infos"].pop(7), "got NoneType for cell 7 (|none~0|"),
        (
            lambda value: value["arch2infos"].update({7: {"less": {}}}),
            "got a dict with less for cell 7",
        ),
        (
            lambda value: value.update(meta_archs=value["meta_archs"][:9]),
            "all 15,625 cells for 200 epochs on cifar10-valid, got 9 of them and none of",
        ),
        (
            lambda value: value["arch2infos"][7].update(
                full=value["arch2infos"][7]["full"] | {"arch_str": "|a~0|"}
            ),
            "'all_results' of the cell |none~0|",
        ),
    ],
)
def test_other_files_are_refused(written, change, words, monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path / "tables"))
    few = 12
    value = {
        "meta_archs": written["meta_archs"][:few],
        "arch2infos": {number: dict(written["arch2infos"][number]) for number in range(few)},
        "evaluated_indexes": set(range(few)),
    }
    change(value)
    save(tmp_path / "a.pth", value)
    with pytest.raises(DataError) as error:
        import_file("nasbench201", tmp_path / "a.pth")
    assert words in str(error.value)
    assert not (tmp_path / "tables").exists()
