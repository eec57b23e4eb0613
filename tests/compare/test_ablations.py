"""Each ablation takes away what it says and nothing else."""

import numpy as np
import pytest

from deltanas.benchmarks import Benchmark
from deltanas.compare.ablations.absolute import AbsoluteNetworks
from deltanas.compare.ablations.encodings import OneEncoding, adjacency, paths
from deltanas.compare.ablations.entries import ABLATIONS
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import Protocol
from deltanas.compare.race import race
from deltanas.compare.roster import contestant, entry, names
from deltanas.encoding import OneHot, PathEncoding
from deltanas.errors import EncodingError
from deltanas.predictor import DeltaPredictor, GaussianDelta, Prediction
from deltanas.predictor.base import Advisor
from deltanas.predictor.relatives import LEAST_SPREAD, Relatives
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, CellSpace, NasBench201

SPACE = BlockSpace({f"decision {i}": ["a", "b", "c"] for i in range(5)})
EFFECT = generator(5, "effects").normal(size=(5, 3)) * 0.02


def additive(codes):
    return 0.6 + EFFECT[np.arange(5), codes].sum(axis=1)


def evaluated(n, seed=1):
    codes = np.unique(SPACE.sample_codes(n, generator(seed, "evaluated")), axis=0)
    return codes, additive(codes)


def proposals(method, problem, seed=2):
    return [query.architecture for query in race(contestant(method, problem, seed), problem, seed)]


class Fixed(DeltaPredictor):
    """Predicts .01 for every edit, with a spread of .1 times the number of edits."""

    def fit(self, pairs):
        self.pairs = pairs

    def predict(self, before, after):
        edits = np.sum(before != after, axis=1)
        return Prediction(0.01 * edits, 0.1 * edits)


def test_every_ablation_is_in_the_roster_and_says_so():
    assert set(ABLATIONS) < set(names())
    for name in ABLATIONS:
        assert entry(name).description.startswith("ablation: ")


@pytest.mark.parametrize(
    "name", ["delta-one-vector", "delta-far", "delta-context-free", "delta-one-edit"]
)
def test_an_ablation_takes_the_settings_of_the_evolution(twins, name):
    problem = Problem(twins, Protocol(budget=10, starts=4))
    once = proposals(f"{name}:generations=1:parents=1", problem)
    assert once == proposals(f"{name}:generations=1:parents=1", problem)
    assert once[:4] == proposals("delta", problem)[:4]
    # The fifth is a child of the best start: one edit away from it.
    codes = [np.array(twins.space.read(each).code) for each in once]
    best = max(codes[:4], key=lambda code: twins.evaluate(twins.space.from_codes(code[None])[0]))
    assert np.sum(codes[4] != best) == 1


def test_without_features_to_lose_the_choices_alone_propose_what_the_method_does(twins):
    problem = Problem(twins, Protocol(budget=16, starts=4))
    assert proposals("delta-one-hot", problem) == proposals("delta", problem)
    assert proposals("delta-one-vector", problem) != proposals("delta", problem)


def test_features_that_there_are_to_lose_change_what_is_proposed(cells):
    problem = Problem(cells, Protocol(budget=14, starts=4))
    found = {
        name: tuple(proposals(name, problem))
        for name in ("delta", "delta-far", "delta-one-hot", "delta-adjacency", "delta-paths")
    }
    assert len(set(found.values())) == len(found)


def test_totals_that_there_are_to_lose_change_what_is_proposed():
    space = BlockSpace({f"op {i}": ["a", "b", "c"] for i in range(4)})
    runs = [(float(np.sum(code == 0) / 5 + code[0] / 50),) for code in space.all_codes()]
    problem = Problem(Benchmark("made", space, "", "", runs), Protocol(budget=16, starts=4))
    assert proposals("delta-no-totals", problem) != proposals("delta", problem)
    assert proposals("delta-no-totals", problem) == proposals("delta-one-hot", problem)


def test_encodings_are_scaled_to_one_typical_distance():
    space = NasBench201()
    sample = space.sample_codes(400, generator(3, "pairs"))
    distances = []
    for encoding in (OneHot(space), PathEncoding(space)):
        (rows,) = OneEncoding(space, encoding).encode(sample)
        distances.append(np.mean(np.sum((rows[::2] - rows[1::2]) ** 2, axis=1)))
    # Two random cells differ in 4 of 5 decisions; the squared distance is their share.
    assert distances == pytest.approx([0.8, 0.8], rel=0.06)
    assert len(OneEncoding(space, OneHot(space)).groups) == 1


def test_an_encoding_of_cells_is_refused_where_there_are_none(twins):
    problem = Problem(twins, Protocol(budget=9, starts=4))
    with pytest.raises(EncodingError, match="PathEncoding needs a space with operations on the e"):
        contestant("delta-paths", problem, 1)


def test_graph_networks_propose_cells_and_are_refused_where_there_are_none(cells, twins):
    problem = Problem(cells, Protocol(budget=7, starts=5))
    once = proposals("delta-graph:members=2", problem)
    assert once == proposals("delta-graph:members=2", problem)
    assert once[:5] == proposals("delta", problem)[:5]
    assert len(set(once)) == 7
    assert once != proposals("delta-absolute-graph:members=2", problem)
    with pytest.raises(EncodingError, match="GraphDelta needs a space of cells"):
        contestant("delta-graph", Problem(twins, Protocol(budget=9, starts=4)), 1)


def test_relatives_are_averaged_by_hand():
    advisor = Relatives(SPACE, Fixed(), edits=5)
    codes = np.array([[0, 0, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 2, 2]], dtype=np.int32)
    advisor.fit_accuracies(codes, np.array([0.5, 0.6, 0.7]))
    child = np.array([[1, 0, 0, 0, 0]], dtype=np.int32)
    # 1, 2 and 4 edits away: estimates .51, .62, .74 with spreads .1, .2, .4, so the
    # weights 100, 25, 6.25 of 131.25 in all; mean (51 + 15.5 + 4.625) / 131.25 = .5419.
    (mean,), (spread,) = advisor._estimates(child)
    assert mean == pytest.approx(71.125 / 131.25)
    # Each weight times its squared spread is 1: 3 / 131.25 = .02286. Around the mean:
    # (100 x .0319^2 + 25 x .0781^2 + 6.25 x .1981^2) / 131.25 = .00381.
    assert spread == pytest.approx(np.sqrt(0.02286 + 0.00381), rel=1e-3)
    assert advisor.believed(child)[0] == mean


def test_encodings_of_cells_suit_where_operations_stand():
    on_nodes, on_edges = CellSpace(3, ["a", "b"]), CellSpace(2, ["a", "b"], on="edges")
    codes = {each.on: each.sample_codes(40, generator(1, "any")) for each in (on_nodes, on_edges)}
    for made in (paths, adjacency):
        for space in (on_nodes, on_edges):
            predictor = made(space, seed=0, starts=5)._predictor
            cells = codes[space.on]
            predictor.fit_accuracies(cells, generator(2, "made up").uniform(size=40))
            assert np.ptp(predictor.believed(cells)) > 0


def test_what_was_measured_is_believed():
    codes, accuracies = evaluated(30)
    for advisor in (
        Relatives(SPACE, Fixed(), edits=5),
        AbsoluteNetworks(SPACE, members=3, seed=1),
    ):
        advisor.fit_accuracies(codes, accuracies)
        np.testing.assert_allclose(advisor.believed(codes), accuracies, atol=10 * LEAST_SPREAD)


def test_pairs_beyond_the_edits_asked_for_are_not_learned_from():
    codes, accuracies = evaluated(30)
    for edits in (1, 3):
        predictor = Fixed()
        Relatives(SPACE, predictor, edits=edits).fit_accuracies(codes, accuracies)
        assert set(predictor.pairs.distance.tolist()) == set(range(1, edits + 1))


def test_before_there_is_a_pair_nothing_changes_anything():
    predictor = Fixed()
    advisor = Relatives(SPACE, predictor, edits=1)
    codes = np.array([[0, 0, 0, 0, 0], [1, 1, 0, 0, 0]], dtype=np.int32)
    advisor.fit_accuracies(codes, np.array([0.5, 0.7]))
    assert not hasattr(predictor, "pairs")
    found = advisor.predict(codes[[0, 0]], codes)
    assert found.mean.tolist() == [0.0, 0.0]
    assert found.spread.tolist() == [0.0, pytest.approx(0.1)]
    assert advisor.believed(np.array([[1, 1, 0, 0, 2]], dtype=np.int32))[0] > 0.5


def test_absolute_networks_learn_accuracies():
    codes, accuracies = evaluated(90)
    advisor = AbsoluteNetworks(SPACE, members=5, seed=1)
    advisor.fit_accuracies(codes, accuracies)
    known = {tuple(code) for code in codes.tolist()}
    new = np.array([code for code in SPACE.all_codes() if tuple(code.tolist()) not in known])
    predicted, true = advisor.believed(new), additive(new)
    assert np.corrcoef(predicted, true)[0, 1] > 0.97
    differences = advisor.predict(new[:-1], new[1:])
    np.testing.assert_allclose(differences.mean, np.diff(predicted), atol=1e-9)
    assert np.mean(np.abs(differences.mean - np.diff(true)) < 2 * differences.spread) > 0.85
    best = new[np.argmax(true)]
    gains = advisor.expected_improvement(new, float(accuracies.max()))
    assert tuple(new[np.argmax(gains)]) in {tuple(best), tuple(new[np.argsort(-true)[1]])}
    # The error that was seen on held-out architectures is a chance too.
    advisor._error *= 2
    assert np.all(advisor.expected_improvement(new, float(accuracies.max())) > gains)


def test_absolute_networks_learn_from_few():
    codes, accuracies = evaluated(6)
    for count in (2, 5):
        advisor = AbsoluteNetworks(SPACE, members=3, seed=1)
        advisor.fit_accuracies(codes[:count], accuracies[:count])
        assert np.isfinite(advisor.expected_improvement(SPACE.all_codes(), 0.6)).all()


def test_all_of_them_are_advisors():
    for advisor in (
        GaussianDelta(SPACE),
        Relatives(SPACE, Fixed(), edits=1),
        AbsoluteNetworks(SPACE, members=3, seed=1),
    ):
        assert isinstance(advisor, Advisor)
