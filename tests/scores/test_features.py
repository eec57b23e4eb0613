"""Scores as features: a function of the architecture alone, recorded in studies."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from deltanas.errors import ScoreError, SpaceError, StudyMismatchError, UnknownNameError
from deltanas.scores import NetworkScores, checked_scores, naswot, with_scores
from deltanas.scores.features import EXAMPLES
from deltanas.spaces import BlockSpace, CellSpace, NasBench101
from deltanas.spaces.more_features import words_of
from deltanas.study import Study
from deltanas.testing.spaces import SpaceContract

SPACE = BlockSpace({"width": [20, 30, 40], "depth": [1, 2, 3], "act": ["ReLU", "GELU"]}, name="own")
RNG = np.random.default_rng(1)
INPUTS = RNG.normal(size=(40, 6)).astype(np.float32)
INPUT = torch.from_numpy(INPUTS[:16])
LABELS = np.arange(40) % 2
ALL = ("naswot", "synflow", "jacobian_covariance", "gradient_norm")


def network_of(architecture):
    sizes = [6, *[architecture["width"]] * architecture["depth"]]
    layers = []
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), getattr(nn, architecture["act"])()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 2))


def scored(names=ALL, make=network_of, space=SPACE):
    return with_scores(space, make, names, INPUTS, LABELS)


class TestScoredSpace(SpaceContract):
    def make(self):
        return scored()


def test_a_score_is_that_of_the_network_with_one_seed_as_a_signed_logarithm():
    seen = []

    def noted(architecture):
        seen.append(network_of(architecture))
        return seen[-1]

    space = scored(["naswot"], noted)
    value = space.features(SPACE.all_codes()[[4]])[0, 0]
    rows = np.sort(np.random.default_rng(0).permutation(40)[:EXAMPLES])
    assert len(rows) == EXAMPLES < len(INPUTS)
    found = NetworkScores(SPACE, network_of, ["naswot"], INPUTS, LABELS)
    expected = naswot(seen[-1], found._inputs)
    assert found._inputs.shape == (EXAMPLES, 6)
    assert value == pytest.approx(np.log1p(expected), abs=1e-4)


def test_values_do_not_depend_on_what_was_asked_before_nor_on_torchs_generator():
    codes = SPACE.all_codes()
    whole = scored().features(codes)
    assert np.isfinite(whole).all()
    assert (whole.std(axis=0) > 0).all()
    torch.manual_seed(1234)
    one_by_one, order = scored(), RNG.permutation(len(codes))
    state = torch.get_rng_state()
    for row in order:
        assert one_by_one.features(codes[[row]]).tolist() == whole[[row]].tolist()
    assert torch.equal(torch.get_rng_state(), state)


def test_a_network_that_cannot_be_built_has_scores_of_zero_unless_none_can():
    def picky(architecture):
        if architecture["width"] == 30:
            raise RuntimeError("no thirties")
        return network_of(architecture)

    def broken(architecture):
        return nn.Linear(7 + architecture["width"], 2)

    codes = SPACE.all_codes()
    found = scored(ALL, picky).features(codes)
    assert (found == 0).all(axis=1).tolist() == (codes[:, 0] == 1).tolist()
    with pytest.raises(ScoreError, match=r"inputs of shape \(16, 6\), it raised RuntimeError: mat"):
        scored(ALL, broken)


@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_lazy_layers_get_their_weights_first():
    def lazy(architecture):
        return nn.Sequential(nn.LazyLinear(architecture["width"]), nn.ReLU(), nn.LazyLinear(2))

    assert np.isfinite(scored(ALL, lazy).features(SPACE.all_codes())).all()


def test_equal_networks_have_equal_scores_whichever_code_comes_first():
    space = CellSpace(2, ["wide", "narrow"])

    def by_code(architecture):
        return nn.Sequential(nn.Linear(6, 30 + sum(architecture.code)), nn.ReLU())

    codes = space.all_codes()
    keys = space.keys(codes)
    twins = next(rows for key in keys if len(rows := np.flatnonzero(np.equal(keys, key))) > 1)
    raw = [
        round(np.log1p(naswot(by_code(each), INPUT)), 3) for each in space.from_codes(codes[twins])
    ]
    assert len(set(raw)) > 1
    for order in (twins, twins[::-1]):
        found = scored(["naswot"], by_code, space).features(codes[order])[:, -1]
        assert found[0] > 0
        assert set(found.tolist()) == {found[0]}
    first = [scored(["naswot"], by_code, space).features(codes[[row]])[0, -1] for row in twins]
    assert len(set(first)) == 1


def test_codes_of_one_network_that_cannot_be_listed_are_refused():
    with pytest.raises(SpaceError, match="several codes of space 'nasbench101' are one network"):
        scored(["naswot"], network_of, NasBench101())


def test_names_are_checked_and_come_in_one_order():
    assert checked_scores(["synflow", "naswot", "synflow"]) == ("naswot", "synflow")
    known = "scores are naswot, synflow, jacobian_covariance, gradient_norm"
    with pytest.raises(
        UnknownNameError, match=f"no score 'sinflow'; did you mean synflow. {known}"
    ):
        checked_scores(["sinflow"])
    with pytest.raises(UnknownNameError, match=f"got none; {known}"):
        checked_scores([])
    with pytest.raises(
        ScoreError, match="'synflow' needs inputs that are real numbers, got tokens"
    ):
        checked_scores(["naswot", "synflow"], of_tokens=True)


def accuracy(architecture):
    return 0.1 + 0.01 * architecture["width"] + 0.02 * architecture["depth"]


def proposals(space, path, budgets):
    for budget in budgets:
        with Study(space(), accuracy, seed=3, storage=path) as study:
            study.run(budget)
    return [each.architecture.key for each in study.trials]


def test_a_study_continues_with_the_scores_that_it_was_made_with(tmp_path):
    whole = proposals(scored, tmp_path / "a.db", [8])
    assert proposals(scored, tmp_path / "b.db", [3, 6, 8]) == whole
    words = "naswot, synflow, jacobian_covariance, gradient_norm on 16 examples"
    assert Study.open(tmp_path / "a.db").description.features == words
    with pytest.raises(StudyMismatchError, match=f"scores of {words}, got none; continue it with"):
        Study(SPACE, accuracy, seed=3, storage=tmp_path / "a.db")
    with pytest.raises(StudyMismatchError, match="got synflow on 16 examples"):
        Study(scored(["synflow"]), accuracy, seed=3, storage=tmp_path / "a.db")


def test_a_study_without_scores_is_stored_as_before_and_not_continued_with_some(tmp_path):
    proposals(lambda: SPACE, tmp_path / "a.db", [3])
    description = Study.open(tmp_path / "a.db").description
    assert description.features is None
    assert "features" not in description.to_record()
    with pytest.raises(StudyMismatchError, match="scores of none, got naswot on 16 examples"):
        Study(scored(["naswot"]), accuracy, seed=3, storage=tmp_path / "a.db")


def test_scores_are_recorded_of_a_space_within_limits(tmp_path):
    space = BlockSpace(
        {"width": [20, 30, 40], "depth": [1, 2], "act": ["ReLU"]},
        costs=lambda each: {"size": each["width"] * each["depth"]},
    )
    wider = with_scores(space, network_of, ["naswot"], INPUTS, LABELS)
    with Study(wider, accuracy, limits=["size<=40"], storage=tmp_path / "s.db") as study:
        study.run(3)
        assert words_of(study.space) == study.description.features == "naswot on 16 examples"
