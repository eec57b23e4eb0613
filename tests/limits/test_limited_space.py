import itertools

import numpy as np
import pytest

from deltanas.encoding import Cells, EdgeCells
from deltanas.errors import ArchitectureError, LimitError, StudyMismatchError
from deltanas.limits import LimitedSpace, limited
from deltanas.records import History
from deltanas.search import METHODS, make
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, CellSpace, NasBench201
from deltanas.study import Study
from deltanas.testing import SpaceContract
from tests.spaces.conditional import gpt


def size(architecture):
    """Twelve per layer and something for what is in it."""
    inside = sum(architecture[name] for name in architecture if name[:5] in ("heads", "ratio"))
    return {"params": float(architecture["width"] * (12 * architecture["depth"] + inside))}


def layers(count):
    """That many decisions of four sizes; the parameters are their sum."""
    options = {f"layer {place}": (1, 2, 3, 4) for place in range(count)}
    return BlockSpace(options, costs=lambda a: {"params": float(sum(a.values()))})


class TestListed(SpaceContract):
    def make(self):
        return limited(gpt(costs=size), ["params<=400"])


class TestLarge(SpaceContract):
    def make(self):
        return limited(layers(9), ["params<=16"])


def test_what_is_left_is_what_brute_force_leaves():
    space = gpt(costs=size)
    kept = limited(space, ["params<=400", "params>=250"])
    everything = space.all_codes()
    costs = space.features(everything)[:, 0]
    wanted = everything[(costs <= 400) & (costs >= 250)]
    assert kept.all_codes().tolist() == wanted.tolist()
    assert kept.size == len(wanted) > 0
    assert kept.fingerprint() == space.fingerprint()


def test_children_beyond_a_limit_do_not_exist():
    space = gpt(costs=size)
    kept = limited(space, ["params<=400"])
    (architecture,) = kept.sample(1, generator(0, "start"))
    names = {
        child.key for _, child in space.neighbours(architecture) if size(child)["params"] <= 400
    }
    assert {child.key for _, child in kept.neighbours(architecture)} == names


def test_limits_that_hardly_anything_meets_are_walked_to():
    # The sum of 10 numbers from 1 to 4 is 25 on average, with a deviation of 3.5.
    space = layers(10)
    kept = limited(space, ["params<=12"])
    codes = kept.sample_codes(200, generator(1, "tight"))
    assert (space.features(codes)[:, 0] <= 12).all()
    assert len(np.unique(codes, axis=0)) > 20
    again = limited(space, ["params<=12"]).sample_codes(200, generator(1, "tight"))
    assert (codes == again).all()


def test_large_samples_are_uniform_where_a_few_in_a_hundred_keep_to_the_limits():
    space = layers(9)
    sums = np.array(list(itertools.product((1, 2, 3, 4), repeat=9))).sum(axis=1)
    kept = sums[sums <= 16]
    assert 0.02 < len(kept) / len(sums) < 0.06
    codes = limited(space, ["params<=16"]).sample_codes(1_000, generator(2, "many"))
    drawn = space.features(codes)[:, 0]
    # Three standard errors of the mean, and most are different ones of about 11,000.
    assert abs(drawn.mean() - kept.mean()) < 3 * kept.std() / np.sqrt(1_000)
    assert len(np.unique(codes, axis=0)) > 900


def test_a_limit_that_nothing_meets_names_itself_and_the_closest():
    # The smallest of all: width 12, one layer, 3 heads, ratio 2: 12 x (12 + 5) = 204.
    with pytest.raises(
        LimitError,
        match=r"space 'gpt' meets params ≤ 200 beside params ≥ 1; .* has params 204: width=12",
    ):
        limited(gpt(costs=size), ["params<=200", "params>=1"])
    with pytest.raises(LimitError, match=r"was found to meet params ≤ 9; .* has params 10: layer"):
        limited(layers(10), ["params<=9"])


def test_what_encodings_look_for_is_still_there():
    table = dict.fromkeys(("parameters_m",), 0)

    class Costs:
        metric_names = tuple(table)

        def measure(self, metric, codes):
            assert metric == "parameters_m"
            return np.sum(codes == 3, axis=1).astype(float)

    space = limited(NasBench201(), ["parameters_m<=2"], Costs())
    assert isinstance(space, LimitedSpace)
    assert isinstance(space, EdgeCells)


@pytest.mark.parametrize("method", METHODS)
def test_no_method_ever_proposes_what_breaks_a_limit(method):
    space = limited(gpt(costs=size), ["params<=400"])
    study = Study(space, lambda a: size(a)["params"] / 1000, method=method, seed=3)
    study.run(budget=20)
    assert all(size(trial.architecture)["params"] <= 400 for trial in study.trials)
    # The best is right at the limit, and found only if the search climbs up to it.
    assert study.best.accuracy > 0.3


def test_a_study_stores_its_limits_and_checks_them(tmp_path):
    space = gpt(costs=size)
    place = tmp_path / "s.db"
    Study(space, storage=place, limits=["params<=400"]).ask()
    assert Study.open(place).description.limits == ("params<=400.0",)
    Study(space, storage=place, limits=["params <= 400"])
    for limits, got in (((), "none"), (["params<=500"], "params<=500.0")):
        with pytest.raises(StudyMismatchError, match=f"made with limits params<=400.0, got {got}"):
            Study(space, storage=place, limits=limits)


def test_no_limits_leave_the_space_as_it_is():
    space = gpt()
    assert limited(space, []) is space


def test_founders_of_all_methods_keep_to_limits_and_are_the_same():
    space = limited(gpt(costs=size), ["params<=300"])
    first = {name: [t.architecture for t in _proposed(name, space)] for name in METHODS}
    assert len({tuple(each) for each in first.values()}) == 1


def _proposed(name, space):
    return make(name, space, seed=5, starts=4).propose(History(), 4)


def test_cells_within_limits_are_still_graphs():
    space = CellSpace(2, ["conv"], costs=lambda cell: {"params": float(len(repr(cell)))})
    within = limited(space, ["params<=1000"])
    codes = within.all_codes()[5:9]
    assert isinstance(within, Cells)
    np.testing.assert_array_equal(within.graphs(codes).arcs, space.graphs(codes).arcs)


@pytest.mark.parametrize("rules", [[], ["a >= b"]])
def test_what_breaks_a_limit_is_told(rules):
    options = {"a": (1, 2, 3), "b": (1, 2, 3)}
    space = BlockSpace(options, rules=rules, costs=lambda each: {"p": each["a"] * each["b"]})
    with pytest.raises(ArchitectureError, match="its p, 9, breaks p ≤ 4"):
        limited(space, ["p<=4"], None).architecture({"a": 3, "b": 3})
