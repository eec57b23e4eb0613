import io
import math
import os
import pickle
import shutil
import tarfile

import numpy as np
import pytest

from deltanas.benchmarks.importers import nats_topology
from deltanas.benchmarks.importers.importing import import_file
from deltanas.benchmarks.importers.nasbench201_trainings import all_cells
from deltanas.errors import DataError, UnsafeDataError
from deltanas.spaces import NasBench201
from tests.benchmarks.importers.cells import CELL, replace, write_archive

CELLS = [CELL, all_cells()[970], all_cells()[15_366]]


def read(path):
    return nats_topology.read(path, lambda done, of: None)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "NATS-tss-v1_0-3ffb9-simple"
    write_archive(folder, CELLS)
    return folder


def test_cells_are_written_as_the_space_writes_them():
    space = NasBench201()
    assert len(all_cells()) == 15_625
    for row in (0, 1, 624, 8_000, 15_624):
        cell = space.from_codes(space.all_codes()[[row]])[0]
        assert all_cells()[row] == space.write(cell)


def test_trainings_worked_by_hand(folder):
    columns = read(folder)
    # 3 cells, 4 training sets, 2 seeds of 200 epochs and 1 of 12.
    assert {len(values) for values in columns.values()} == {3 * 4 * 3}
    row = next(
        row
        for row in range(36)
        if columns["architecture"][row] == CELLS[1]
        and columns["training_set"][row] == "cifar100"
        and (columns["epochs"][row], columns["seed"][row]) == (200, 888)
    )
    # Base 41, third set: + 2; x-valid is the second split: + 0.25, x-test the third: + 0.5; seed
    # 888: + 0.111. Per cent to fractions.
    assert columns["validation_accuracy"][row] == pytest.approx(0.43361)
    assert columns["test_accuracy"][row] == pytest.approx(0.43611)
    assert columns["train_accuracy"][row] == pytest.approx(0.9925)
    assert columns["seconds"][row] == 15.0
    assert columns["latency_s"][row] == pytest.approx(0.025)
    assert columns["parameters_m"][row] == pytest.approx(0.129306)
    assert columns["flops_m"][row] == pytest.approx(15.64737)


def test_cifar10_has_validation_accuracies_on_half_of_its_images_only(folder):
    columns = read(folder)
    missing = np.ma.getmaskarray(columns["validation_accuracy"])
    assert set(columns["training_set"][missing].tolist()) == {"cifar10"}
    assert missing.sum() == 9
    assert not np.ma.getmaskarray(columns["test_accuracy"]).any()


def test_a_tar_is_read_like_its_folder_and_never_unpacked(folder, tmp_path):
    path = tmp_path / "NATS-tss-v1_0-3ffb9-simple.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder, folder.name)
    before = sorted(tmp_path.rglob("*"))
    told = []
    from_tar = nats_topology.read(path, lambda done, of: told.append((done, of)))
    from_folder = read(folder)
    for name, values in from_folder.items():
        np.testing.assert_array_equal(np.ma.getdata(values), np.ma.getdata(from_tar[name]))
    assert sorted(tmp_path.rglob("*")) == before
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("../000000.pickle.pbz2", tarfile.REGTYPE, "would lie outside of the archive's folder"),
        ("/usr/000000.pickle.pbz2", tarfile.REGTYPE, "would lie outside of the archive's folder"),
        ("a/000000.pickle.pbz2", tarfile.SYMTYPE, "is a link or a device"),
        ("a/000000.pickle.pbz2", tarfile.LNKTYPE, "is a link or a device"),
    ],
)
def test_a_tar_with_members_that_leave_it_is_refused(tmp_path, name, kind, words):
    path = tmp_path / "simple.tar"
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo(name)
        member.type = kind
        member.linkname = "/etc/passwd"
        archive.addfile(member, io.BytesIO(b""))
    with pytest.raises(UnsafeDataError, match=words):
        read(path)


def test_a_truncated_tar_is_refused(folder, tmp_path):
    path = tmp_path / "simple.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder, folder.name)
    whole = path.read_bytes()
    for length in (0, 700, len(whole) // 2):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"simple\.tar"):
            read(path)


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_file_that_runs_code_is_refused(folder, tmp_path):
    replace(folder / "000001.pickle.pbz2", lambda value: {"12": Trap(tmp_path / "sprung")})
    with pytest.raises(UnsafeDataError, match=r"000001.pickle.pbz2 was refused, .* would run code"):
        read(folder)
    assert not (tmp_path / "sprung").exists()


def test_missing_truncated_and_altered_files_are_named(folder):
    path = folder / "000002.pickle.pbz2"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(DataError, match=r"000002.pickle.pbz2 should be compressed by bz2"):
        read(folder)
    altered = bytearray(whole)
    altered[len(whole) // 2] ^= 16
    path.write_bytes(altered)
    with pytest.raises(DataError, match=r"000002.pickle.pbz2 should be compressed by bz2"):
        read(folder)
    path.unlink()
    with pytest.raises(DataError, match=r"got none for cell 2 \(000002.pickle.pbz2\); get the"):
        read(folder)
    (folder / "meta.pickle.pbz2").unlink()
    with pytest.raises(DataError, match=r"meta.pickle.pbz2 should be"):
        read(folder)


def test_a_file_too_many_is_refused(folder):
    shutil.copy(folder / "000002.pickle.pbz2", folder / "000003.pickle.pbz2")
    with pytest.raises(DataError, match="of the 3 cells .*, got 000003.pickle.pbz2 besides; get"):
        read(folder)
    (folder / "000003.pickle.pbz2").rename(folder / "2.pickle.pbz2")
    with pytest.raises(DataError, match="got 2.pickle.pbz2 again; get the authors' file anew"):
        read(folder)


def test_a_training_without_test_accuracy_is_read(folder):
    replace(folder / "000001.pickle.pbz2", alter("eval_acc1es", {"x-valid@199": 50.0}))
    columns = read(folder)
    missing = np.ma.getmaskarray(columns["test_accuracy"])
    assert missing.sum() == 1
    assert columns["validation_accuracy"][missing].tolist() == [0.5]


def test_a_file_that_unpacks_without_end_is_refused(folder, monkeypatch):
    monkeypatch.setattr(nats_topology, "LARGEST", 100)
    with pytest.raises(DataError, match="should unpack to at most 0 MiB, got more"):
        read(folder)


def accuracy(value):
    return alter("eval_acc1es", {"x-valid@199": value, "x-test@199": 50.0})


def alter(key, value):
    def change(records):
        records["200"]["all_results"]["cifar100", 888][key] = value

    return change


NAMED = f"architecture {CELLS[1]}, training_set cifar100, epochs 200, seed 888: "


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (accuracy(math.nan), f"{NAMED}'validation_accuracy' should be a number from 0 to 100 (per"),
        (accuracy(math.inf), "got inf; get"),
        (accuracy(-1.0), "got -1.0; get"),
        (accuracy(100.5), "from 0 to 100 (per cent), got 100.5; get"),
        (accuracy("91"), "got 91; get"),
        (accuracy(True), "got True; get"),
        (
            alter("eval_acc1es", {}),
            "cifar100, seed 888: 'eval_acc1es' should tell an accuracy after",
        ),
        (alter("eval_acc1es", None), "got something else (AttributeError"),
        (alter("epochs", None), "got something else (TypeError"),
        (
            alter("params", None),
            f"{NAMED}'parameters_m' should be a number from 0 to 100 (millions)",
        ),
        (alter("latency", [math.nan]), f"{NAMED}'latency_s' should be a number"),
        (alter("latency", ["1"]), "got something else (TypeError"),
        (alter("train_times", {0: math.inf}), f"{NAMED}'seconds' should be a number"),
        (lambda value: {**value, "200": {"arch_str": CELLS[1]}}, "'all_results' of the cell |none"),
        (
            lambda value: {**value, "200": value["200"] | {"arch_str": CELL}},
            "got '|avg_pool_3x3~0|",
        ),
        (lambda value: pickle.HIGHEST_PROTOCOL, "'all_results' of the cell |none"),
        (
            lambda value: value["200"]["all_results"].update({("mnist", 777): {}}),
            "cifar10-valid, cifar10, cifar100, ImageNet16-120 with whole seeds, got ('m",
        ),
        (
            lambda value: value["200"]["all_results"].update({"cifar10": {}}),
            "trainings by (data set, seed), got 'cifar10' for the cell |none",
        ),
    ],
)
def test_wrong_values_are_refused_with_cell_set_and_seed(folder, change, words):
    replace(folder / "000001.pickle.pbz2", change)
    with pytest.raises(DataError) as error:
        read(folder)
    assert words in str(error.value)
    assert CELLS[1] in str(error.value)
    assert str(error.value).endswith("get the authors' file anew and import it again")


def test_an_archive_of_fewer_cells_is_not_imported(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path / "tables"))
    words = "all 15,625 cells for 200 epochs on cifar10-valid, got 3 of them and none of"
    with pytest.raises(DataError, match=words):
        import_file("nasbench201", folder)
    assert not (tmp_path / "tables").exists()


def test_fractions_where_per_cent_belong_are_refused(tmp_path, monkeypatch):
    folder = tmp_path / "NATS-tss-v1_0-3ffb9-simple"
    write_archive(folder, CELLS)

    def divide(value):
        for records in value.values():
            for each in records["all_results"].values():
                each["eval_acc1es"] = {key: v / 100 for key, v in each["eval_acc1es"].items()}

    # One file is not noticed, because a network may be that bad; all of them are.
    replace(folder / "000001.pickle.pbz2", divide)
    read(folder)
    for number in (0, 2):
        replace(folder / f"{number:06d}.pickle.pbz2", divide)
    words = (
        "'validation_accuracy' should be per cent, got 0.45361 as the largest of 27, which looks"
    )
    with pytest.raises(DataError, match=words):
        read(folder)
