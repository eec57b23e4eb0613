from dataclasses import replace
from importlib import metadata

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks import Benchmark, Family, Surrogate, published, verifying
from deltanas.benchmarks.published import PUBLISHED, Published
from deltanas.benchmarks.verifying import verify
from deltanas.errors import DataError
from deltanas.spaces import BlockSpace

SPACE = BlockSpace({"width": (1, 2), "depth": (1, 2, 3)})
MEANS = np.array([0.25, 0.5, 0.375, 0.75, 0.625, 0.125])


def family(means=MEANS, **changes):
    def load(_):
        return Benchmark(
            name="small",
            space=SPACE,
            citation="Somebody, A Table of Six Architectures, 2026",
            licence="none",
            runs=[(mean,) for mean in means.tolist()],
            test_accuracies=means / 2,
        )

    whole = Family("small", (), "six", "Somebody", "none", lambda: True, load)
    return replace(whole, **changes)


@pytest.fixture
def known(monkeypatch):
    # Row 3 is the second width with the first depth.
    known = Published(0.75, "Somebody", (("width=2, depth=1", 0.75),), 1e-6, 0.375)
    monkeypatch.setattr(verifying, "PUBLISHED", {"small": known})


def states(found):
    return {each.question: each.state for each in found}


@pytest.mark.usefixtures("known")
def test_a_right_table_is_right_in_everything():
    assert states(verify(family())) == {
        "rows and ranges": "ok",
        "best": "ok",
        "best test": "ok",
        "cell width=2, depth=1": "ok",
    }


@pytest.mark.usefixtures("known")
def test_a_best_value_and_a_cell_that_differ_are_found():
    means = MEANS.copy()
    means[3] = 0.7501
    found = states(verify(family(means)))
    assert found["best"] == found["cell width=2, depth=1"] == found["best test"] == "WRONG"
    means[3], means[0] = 0.5, 0.75
    found = states(verify(family(means)))
    assert (found["best"], found["cell width=2, depth=1"]) == ("ok", "WRONG")


def test_a_table_that_cannot_be_read_is_wrong_and_the_others_are_looked_at():
    def load(dataset):
        if dataset == "a":
            raise DataError("t.npz should be whole, got half of it; get it anew")
        return family().load("")

    found = list(verify(family(load=load, datasets=("a", "b"))))
    assert found[0].is_wrong
    assert found[0].words == "t.npz should be whole, got half of it; get it anew"
    assert [each.state for each in found[1:]] == ["ok", "-"]


def test_a_benchmark_that_is_a_model_has_no_rows_to_look_at():
    made_up = Surrogate(
        name="small",
        space=SPACE,
        citation="Somebody",
        licence="none",
        model=lambda codes: 0.25 + 0.125 * codes.sum(axis=1),
        error="half a point on ten networks",
        best_known=0.625,
        best_known_by="looking",
    )
    weights, error = verify(family(load=lambda _: made_up))
    assert (weights.question, weights.state) == ("weights and values", "ok")
    # Codes add up to 0 at least and to 3 at most: .25 and .25 + 3 x .125.
    assert "25.000 to 62.500 %" in weights.words
    assert (error.state, error.words) == ("-", "half a point on ten networks")


def test_a_file_of_unknown_origin_is_told_with_its_checksum(tmp_path):
    (tmp_path / "t.npz").write_bytes(b"abc")
    found = next(verify(family(files=lambda: (tmp_path / "t.npz",))))
    assert found.state == "-"
    # SHA-256 of abc, as FIPS 180 works it out.
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in found.words


def test_files_of_a_package_are_those_that_pip_noted(tmp_path, monkeypatch):
    path = tmp_path / "t.bench"
    path.write_bytes(b"abc")

    class Noted:
        hash = metadata.FileHash("sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")

        def locate(self):
            return path

    monkeypatch.setattr(metadata, "files", lambda _: [Noted()])
    packaged = family(package="a-package", files=lambda: (path,))
    assert next(verify(packaged)).state == "ok"
    path.write_bytes(b"abd")
    found = next(verify(packaged))
    assert found.is_wrong
    assert "pip installed ba7816bf8f01cfea..., it is " in found.words


def test_every_published_number_is_of_a_benchmark_that_there_is():
    assert set(PUBLISHED) <= set(benchmarks.names())
    assert published.PUBLISHED["nasbench101"].optimum == pytest.approx(0.943176)


def test_the_installed_packages_are_right(nasbench_graph_folder):
    small = replace(benchmarks.family("nasbench-graph"), datasets=("cora",))
    found = list(verify(small))
    assert len(found) == 8 + 2
    assert {each.state for each in found} == {"ok"}
