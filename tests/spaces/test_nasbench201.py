import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import ArchitectureError
from deltanas.seeds import generator
from deltanas.spaces import NasBench201
from deltanas.spaces.nasbench201 import EDGES, OPERATIONS, parameters_m
from deltanas.testing import SpaceContract

SPACE = NasBench201()
CODES = st.lists(st.integers(0, 4), min_size=6, max_size=6)
# The best cell on CIFAR-10 by mean validation accuracy.
BEST = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+"
    "|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
)


class TestNasBench201(SpaceContract):
    def make(self):
        return NasBench201()


def cell(code):
    return SPACE.from_codes(np.array([code], dtype=np.int32))[0]


def test_notation_worked_by_hand():
    architecture = SPACE.read(BEST)
    assert architecture.code == (3, 3, 3, 1, 3, 2)
    assert architecture["edge 1→3"] == "nor_conv_3x3"
    assert SPACE.write(architecture) == BEST
    assert SPACE.read(f"  {BEST}\n") == architecture


@given(CODES)
def test_text_and_json_read_back(code):
    architecture = cell(code)
    assert SPACE.read(SPACE.write(architecture)) == architecture
    assert SPACE.from_json(architecture.to_json()) == architecture


@given(CODES)
def test_all_neighbours_are_one_edit_and_another_key_away(code):
    architecture = cell(code)
    neighbours = SPACE.neighbours(architecture)
    for edit, child in neighbours:
        assert sum(a != b for a, b in zip(code, child.code, strict=True)) == 1
        assert child.key != architecture.key
        assert SPACE.apply(edit, architecture) == child
        assert SPACE.apply(edit.invert(), child) == architecture
    # Every one of the 24 other codes is a neighbour or the same network.
    _, children = SPACE.children(np.array([code], dtype=np.int32))
    same = sum(key == architecture.key for key in SPACE.keys(children))
    assert len(neighbours) + same == len(children) == 24


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|nor_conv_3x3~0|",
        BEST.replace("~2", "~1"),
        BEST.replace("|skip_connect~0", "|skip_connect~0|skip_connect~0"),
        BEST + "+|none~0|none~1|none~2|none~3|",
        BEST.replace("|", "/"),
        "|nor_conv_3x3~0|+|none~0|none~1|+||",
    ],
)
def test_text_that_is_no_cell_is_refused_with_an_example(text):
    with pytest.raises(ArchitectureError, match=r"expected a cell like .* got .*mind the quotes"):
        SPACE.read(text)


def test_an_unknown_operation_is_refused_with_the_known_ones():
    with pytest.raises(ArchitectureError, match=r"'edge 0→1' .* no option 'conv_9x9'; .*'none'"):
        SPACE.read(BEST.replace("nor_conv_3x3~0|+", "conv_9x9~0|+", 1))


def test_parameters_worked_by_hand():
    # Four convolutions of size 3 and one of size 1: .073306 + 4 x .24304 + .028 = 1.073466.
    assert parameters_m(np.array([[3, 3, 3, 1, 3, 2]]))[0] == pytest.approx(1.073466)
    assert parameters_m(np.array([[0, 1, 4, 0, 0, 0]]), "cifar100")[0] == pytest.approx(0.079156)


def test_features_worked_by_hand():
    # Dead convolution on 0→1; live: 0→2 conv3, 2→3 pool, 0→3 skip.
    row = SPACE.features(np.array([[3, 3, 0, 1, 0, 4]], dtype=np.int32))[0]
    features = dict(zip(SPACE.feature_names, row, strict=True))
    # .073306 + .24304 = .316346
    assert features["cost:log_parameters"] == pytest.approx(np.log(0.316346))


def test_features_are_equal_for_equal_keys_in_the_whole_space():
    codes = SPACE.all_codes()
    features = SPACE.features(codes)
    _, first, rows = np.unique(SPACE.keys(codes), return_index=True, return_inverse=True)
    np.testing.assert_allclose(features, features[first][rows])


def test_samples_are_uniform():
    # 15,000 draws of 6 edges: 3,000 of each operation on each edge expected. Chi-square of 30
    # cells with 24 degrees of freedom is below 51.2 in 99.9 % of cases.
    codes = SPACE.sample_codes(15_000, generator(7, "uniform"))
    statistic = sum(
        (count - 3_000) ** 2 / 3_000
        for edge in range(6)
        for count in np.bincount(codes[:, edge], minlength=5)
    )
    assert statistic < 51.2
    # And edges are independent: 25 pairs of operations on two edges, 600 each, 24 degrees.
    pairs = Counter(zip(codes[:, 1].tolist(), codes[:, 4].tolist(), strict=True))
    assert sum((count - 600) ** 2 / 600 for count in pairs.values()) < 51.2


@pytest.mark.process
def test_keys_are_the_same_in_another_process():
    program = (
        "from deltanas.spaces import NasBench201\n"
        "space = NasBench201()\n"
        "print('|'.join(space.keys(space.all_codes()[::97])))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4", "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    assert answer.stdout.strip().split("|") == SPACE.keys(SPACE.all_codes()[::97])


@pytest.mark.data
def test_parameters_agree_with_all_recorded_ones(data_folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(data_folder / "nb201.parquet")
    codes = np.column_stack([table[f"e{i}{j}"].to_numpy() for i, j in EDGES]).astype(np.int32)
    columns = {"c10": "cifar10", "c100": "cifar100", "in16": "imagenet16-120"}
    for column, dataset in columns.items():
        recorded = table[f"params_M_{column}"].to_numpy()
        assert len(recorded) == 15_625
        np.testing.assert_allclose(parameters_m(codes, dataset), recorded, atol=1e-6)


@pytest.mark.data
def test_the_notation_is_the_recorded_one(data_folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = (
        parquet.read_table(data_folder / "nb201.parquet")
        .slice(0, 15_625)
        .take(list(range(0, 15_625, 61)))
    )
    for row in range(len(table)):
        code = tuple(table[f"e{i}{j}"][row].as_py() for i, j in EDGES)
        assert SPACE.read(table["arch_str"][row].as_py()).code == code
    assert OPERATIONS[3] == "nor_conv_3x3"
