import numpy as np
import pytest

from deltanas.seeds import generator
from deltanas.spaces import ABSENT, OfaMobileNetV3
from deltanas.spaces.ofa_mobilenet import FIRST, units_of
from deltanas.spaces.ofa_network import multiplications, parameters
from deltanas.testing import SpaceContract

# Counted on the networks that the package `ofa` builds of these choices: parameters, and the
# multiplications of its convolutions and linear maps at resolutions 160, 176 and 224.
BUILT = (
    ("7" * 20, "6" * 20, "44444", 10_701_632, (433_563_888, 534_157_296, 843_101_040)),
    (
        *("33353775573737735757", "64646433444446363333", "23224"),
        *(6_044_616, (176_140_568, 218_220_368, 341_059_928)),
    ),
)


class TestOfaMobileNetV3(SpaceContract):
    def make(self):
        return OfaMobileNetV3()

    def samples(self):
        # Each has about a hundred neighbours, each of which is looked at.
        return super().samples()[:3]


@pytest.fixture(scope="module")
def space():
    return OfaMobileNetV3()


def built(space, kernels, expansions, depths, resolution=224):
    choices = {"resolution": resolution}
    for unit, depth in enumerate(map(int, depths)):
        choices[f"unit {unit + 1} depth"] = depth
        for layer in range(depth):
            name = f"unit {unit + 1} {{}} {layer + 1}"
            choices[name.format("kernel")] = int(kernels[4 * unit + layer])
            choices[name.format("expand")] = int(expansions[4 * unit + layer])
    return space.architecture(choices)


def test_there_are_about_1e20_networks(space):
    # Nine choices for each layer of two to four, five units, five resolutions.
    assert space.size == 5 * (9**2 + 9**3 + 9**4) ** 5


@pytest.mark.parametrize(("kernels", "expansions", "depths", "count", "products"), BUILT)
def test_counts_are_those_of_the_networks_that_the_authors_build(
    space, kernels, expansions, depths, count, products
):
    for resolution, product in zip((160, 176, 224), products, strict=True):
        one = built(space, kernels, expansions, depths, resolution)
        units = units_of(np.array([one.code], dtype=np.int32))
        assert parameters(units).tolist() == [count]
        assert multiplications(units).tolist() == [product]


def test_samples_are_uniform_over_depths(space):
    codes = space.sample_codes(6_000, generator(0, "ofa"))
    assert np.bincount(codes[:, 0]).min() > 0.9 * 6_000 / 5
    # The fourth layer of the last unit exists at one of three depths.
    assert np.mean(codes[:, FIRST + 19] == ABSENT) == pytest.approx(2 / 3, abs=0.02)
    assert (codes[:, FIRST] != ABSENT).all()


def test_features_by_hand(space):
    one = built(space, "3577" * 5, "3463" * 5, "23434", 176)
    row = space.features(np.array([one.code], dtype=np.int32))[0]
    found = dict(zip(space.feature_names, row.tolist(), strict=True))
    assert found["units:resolution"] == 176
    assert [found[f"units:depth of unit {unit}"] for unit in range(1, 6)] == [2, 3, 4, 3, 4]
    # Kernels 3, 5 in a unit of two layers, 3, 5, 7 in one of three; expansions 3, 4, 6, 3.
    assert found["units:kernel of unit 1"] == 4
    assert found["units:kernel of unit 2"] == 5
    assert found["units:expand of unit 3"] == 4
