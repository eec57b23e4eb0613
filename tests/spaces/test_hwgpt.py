import numpy as np
import pytest

from deltanas.errors import SpaceError
from deltanas.seeds import generator
from deltanas.spaces import ABSENT, HwGpt, edit_distance
from deltanas.spaces.hwgpt import FIRST, SCALES
from deltanas.testing import SpaceContract


@pytest.mark.parametrize("scale", SCALES)
class TestHwGpt(SpaceContract):
    @pytest.fixture(autouse=True)
    def _choose(self, scale):
        self.scale = scale

    def make(self):
        return HwGpt(self.scale)

    def samples(self):
        # Each has about a hundred neighbours, each of which is looked at.
        return super().samples()[:3]


def small(space, layers, **others):
    """The same heads and MLP ratio in all layers."""
    choices = {"width": 192, "layers": layers, "bias": False, **others}
    choices |= {f"heads {layer}": 4 for layer in range(1, layers + 1)}
    return space.architecture(choices | {f"mlp {layer}": 2 for layer in range(1, layers + 1)})


@pytest.mark.parametrize(
    ("scale", "most", "about"), [("s", 12, 1e12), ("m", 24, 1e23), ("l", 36, 1e35)]
)
def test_sizes_count_the_layers_that_there_are(scale, most, about):
    # Three widths, two biases; 3 x 3 choices for each of the layers.
    assert HwGpt(scale).size == 6 * sum(9**depth for depth in (most - 2, most - 1, most))
    assert about < HwGpt(scale).size < 10 * about


def test_parameters_by_hand():
    space = HwGpt("s")
    # Embeddings 2 x 50,254 x 192 and 2 x 192. A layer: normalisations 4 x 192, attention
    # 4 x 192 x 256, the gated MLP 3 x 192 x 384.
    whole, layer = (2 * 50_254 + 2) * 192, 4 * 192 + 4 * 192 * 256 + 3 * 192 * 384
    # Biases of a layer: three times the heads' 256 and 192; twice the MLP's 384 and 192.
    biases = 3 * 256 + 192 + 2 * 384 + 192
    codes = np.array([small(space, 10).code, small(space, 11, bias=True).code])
    counted = space.layers(codes).parameters
    assert counted.tolist() == [whole + 10 * layer, whole + 11 * (layer + biases)]


def test_parameters_and_operations_are_those_of_all_recorded_networks(data_folder):
    # Operations were recorded for batches of 8, 4 and 1 sequences.
    for scale, batch in zip(SCALES, (8, 4, 1), strict=True):
        with np.load(data_folder / f"hwgpt_{scale}.npz") as archive:
            codes, recorded = archive["arch"].astype(np.int32), archive["flops_params"]
        space = HwGpt(scale)
        assert len(codes) == 10_000
        assert space.are_valid(codes).all()
        np.testing.assert_array_equal(space.layers(codes).parameters, recorded[:, 1])
        np.testing.assert_array_equal(batch * space.layers(codes).flops, recorded[:, 0])


def test_another_depth_is_one_edit_that_brings_or_takes_layers():
    space = HwGpt("s")
    one = small(space, 10)
    deeper = [child for edit, child in space.neighbours(one) if edit.decision == "layers"]
    assert {child["layers"] for child in deeper} == {11, 12}
    for child in deeper:
        assert f"heads {child['layers']}" in child
        assert edit_distance(np.array([one.code]), np.array([child.code]))[0] == 1
    shallow = [c for e, c in space.neighbours(deeper[-1]) if e.decision == "layers"]
    assert one in shallow


def test_samples_are_uniform_over_depths_and_not_over_networks():
    space = HwGpt("s")
    codes = space.sample_codes(6_000, generator(0, "hwgpt"))
    for place in (0, 1, 2, FIRST, FIRST + 12):
        counts = np.bincount(codes[:, place])
        assert counts.min() > 0.9 * 6_000 / len(counts)
    # A third of the networks has each depth: layer 11 is absent in one of three.
    assert np.mean(codes[:, FIRST + 10] == ABSENT) == pytest.approx(1 / 3, abs=0.02)


def test_features_by_hand():
    space = HwGpt("s")
    one = small(space, 12)
    row = dict(
        zip(
            space.feature_names,
            space.features(np.array([one.code], dtype=np.int32))[0],
            strict=True,
        )
    )
    assert row["total:layers"] == 12
    assert row["total:heads"] == 48
    assert row["along:mlp early"] == row["along:mlp late"] == 2
    assert row["along:heads slope"] == pytest.approx(0, abs=1e-12)
    assert row["total:log_width"] == pytest.approx(np.log(192))
    changed = list(one.code)
    changed[FIRST + 11] = 2
    late = space.features(np.array([changed], dtype=np.int32))[0]
    found = dict(zip(space.feature_names, late, strict=True))
    # Twelve heads instead of four in the last of four late layers; its place is 2 x 11.5/12 - 1.
    assert found["along:heads late"] == pytest.approx(6)
    slope = 2 * 11.5 / 12 - 1
    assert found["along:heads slope"] == pytest.approx(8 * slope / 12)
    change = found["along:heads bend"] - row["along:heads bend"]
    assert change == pytest.approx(8 * (1.5 * slope**2 - 0.5) / 12)


def test_an_unknown_scale_is_refused():
    with pytest.raises(SpaceError, match="has the scales s, m, l, got 'xl'"):
        HwGpt("xl")
