"""Features of edge cells: one cell by hand, and equality for functionally equal cells."""

import numpy as np
import pytest

from deltanas.spaces import NasBench201
from deltanas.spaces.cell_features import CellFeatures
from deltanas.spaces.nasbench201 import OPERATIONS, ROLES, VERTICES

SPACE = NasBench201()
FEATURES = CellFeatures(OPERATIONS, ROLES, VERTICES)


def features_of(text):
    code = np.array([SPACE.read(text).code], dtype=np.int32)
    return dict(zip(FEATURES.names, FEATURES.count(code)[0], strict=True))


def test_the_walks_of_one_cell_by_hand():
    # Paths: 0-3 skip; 0-1-3 conv3, pool; 0-2-3 none: dead; 0-1-2-3 conv3, skip, conv1.
    found = features_of(
        "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|avg_pool_3x3~1|nor_conv_1x1~2|"
    )
    walks = {name: count for name, count in found.items() if name.startswith("walks:") and count}
    assert walks == {
        "walks:": 1,
        "walks:nor_conv_3x3>avg_pool_3x3": 1,
        "walks:nor_conv_3x3>nor_conv_1x1": 1,
    }
    # Over all three operations: three walks, the shortest of 0 and the longest of 2 steps.
    every = "nor_conv_1x1+nor_conv_3x3+avg_pool_3x3"
    assert found[f"graph:number of {every}"] == 3
    assert found[f"graph:least of {every}"] == 0
    assert found[f"graph:most of {every}"] == 2
    # Only convolutions: the empty walk and conv3 > conv1.
    assert found["graph:number of nor_conv_1x1+nor_conv_3x3"] == 2
    assert found["graph:begin nor_conv_3x3"] == 2
    assert found["graph:end avg_pool_3x3"] == 1


def test_functionally_equal_cells_have_equal_features():
    codes = SPACE.all_codes()
    features = SPACE.features(codes)
    first = {}
    same = [first.setdefault(key, row) for row, key in enumerate(SPACE.keys(codes))]
    np.testing.assert_allclose(features[same], features)
    assert len(first) < len(codes)


def test_the_number_of_walks_is_the_number_of_live_paths():
    rng = np.random.default_rng(6)
    codes = SPACE.sample_codes(50, rng)
    total = FEATURES.count(codes)[:, : sum(n.startswith("walks:") for n in FEATURES.names)].sum(1)
    routes = [[(0, 3)], [(0, 1), (1, 3)], [(0, 2), (2, 3)], [(0, 1), (1, 2), (2, 3)]]
    for architecture, count in zip(SPACE.from_codes(codes), total, strict=True):
        live = [all(architecture[f"edge {i}→{j}"] != "none" for i, j in path) for path in routes]
        assert count == sum(live)


def test_a_dead_cell_has_no_walks_and_no_lengths():
    found = features_of("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
    assert sum(value for name, value in found.items() if name.startswith("walks:")) == 0
    # No path at all: the least length stands above every real one, the most below.
    assert found["graph:least of nor_conv_3x3"] == pytest.approx(VERTICES)
    assert found["graph:most of nor_conv_3x3"] == pytest.approx(-1)
