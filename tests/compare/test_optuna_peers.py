import importlib

import numpy as np
import optuna
import pytest
from optuna.samplers import RandomSampler, TPESampler
from optuna.trial import TrialState

from deltanas.compare.peers.gp_hamming import GpHamming
from deltanas.compare.peers.optuna_tpe import OptunaContestant
from deltanas.spaces import ABSENT, BlockSpace, NasBenchGraph
from deltanas.spaces.deciding import decided, in_order
from deltanas.spaces.nasbench_graph import SKIP


class Stubborn(RandomSampler):
    """Suggests what is not valid a few times before anything else."""

    def __init__(self, times):
        super().__init__(seed=5)
        self.left = 7 * times

    def sample_independent(self, study, trial, name, distribution):
        found = super().sample_independent(study, trial, name, distribution)
        self.left -= 1
        return found if self.left < 0 or name.startswith("source") else SKIP


def test_optuna_as_a_peer_says_nothing_and_leaves_its_verbosity_alone(capsys):
    before = optuna.logging.get_verbosity()
    space = BlockSpace({"a": (1, 2, 3), "b": ("x", "y")})
    peer = OptunaContestant(space, TPESampler(seed=4))
    for architecture in peer.ask(2):
        peer.tell(architecture, 0.5)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    assert optuna.logging.get_verbosity() == before == optuna.logging.INFO


def test_an_invalid_suggestion_counts_as_failed_and_another_is_asked_for():
    space = NasBenchGraph()
    peer = OptunaContestant(space, Stubborn(3))
    (found,) = peer.ask(1)
    assert found in space
    states = [trial.state for trial in peer._study.trials]
    assert states == [*[TrialState.FAIL] * 3, TrialState.RUNNING]
    peer.tell(found, 0.5)
    assert peer._study.trials[-1].values == [0.5]


def test_a_sampler_that_insists_on_what_is_not_valid_is_not_asked_for_ever():
    assert OptunaContestant(NasBenchGraph(), Stubborn(1_000)).ask(2) == []


def test_quantities_are_whole_numbers_in_their_order_and_names_are_categories():
    space = BlockSpace({"width": (64, 16, 32), "act": ("x", "y", "z"), "bias": (True, False)})
    peer = OptunaContestant(space, RandomSampler(seed=0))
    asked = []
    for _ in range(6):
        asked += peer.ask(1)
        peer.tell(asked[-1], 0.5)
    peer.tell(space.architecture({"width": 16, "act": "z", "bias": True}), 0.7)
    trials = peer._study.trials
    kinds = {name: type(each).__name__ for name, each in trials[0].distributions.items()}
    assert kinds == {
        "width": "IntDistribution",
        "act": "CategoricalDistribution",
        "bias": "CategoricalDistribution",
    }
    ranks = [sorted((16, 32, 64)).index(each["width"]) for each in asked]
    assert [trial.params["width"] for trial in trials] == [*ranks, 0]
    assert trials[-1].params == {"width": 0, "act": 2, "bias": 0}


def test_a_process_on_hamming_distance_knows_how_far_numbers_are_apart():
    space = BlockSpace({"width": (64, 16, 32, 128), "act": ("x", "y", "z")})
    peer = GpHamming(space, seed=0, starts=2)
    codes = np.array([[1, 0], [2, 0], [0, 0], [3, 0], [1, 1]], dtype=np.int32)
    apart = peer._edits(codes[:1], codes)[0]
    assert apart.tolist() == pytest.approx([0, 0.6, 1.2, 1.8, 1.0])
    every = peer._edits(space.all_codes()[::3], space.all_codes()[::3])
    assert every[~np.eye(4, dtype=bool)].mean() == pytest.approx(1)


def conditional():
    """Layers that come and go: the second exists where there are two."""
    return BlockSpace(
        {"heads 2": (1, 2, 4), "layers": (1, 2), "heads 1": (1, 2, 4)},
        conditions={"heads 2": "layers >= 2"},
    )


def test_decisions_that_do_not_exist_are_not_suggested():
    space = conditional()
    peer = OptunaContestant(space, TPESampler(seed=4))
    starts = space.sample(6, np.random.default_rng(0))
    assert any(ABSENT in each.code for each in starts)
    for start in starts:
        peer.tell(start, 0.5)
    found = [each for _ in range(12) for each in peer.ask(1)]
    assert all(each in space for each in found)
    assert {each["layers"] for each in found} == {1, 2}
    params = [set(trial.params) for trial in peer._study.trials]
    assert all(
        ("heads 2" in each) == (t.params["layers"] == 1)
        for each, t in zip(params, peer._study.trials, strict=True)
    )


def test_a_code_is_decided_in_the_order_of_its_conditions():
    space = conditional()
    assert list(in_order(space)) == [1, 2, 0]
    assert decided(space, [2, 1, 0].__getitem__) == (2, 1, 0)
    assert decided(space, [2, 0, 1].__getitem__) == (ABSENT, 0, 1)
    # A condition about a decision that has one itself: what it depends on comes first.
    chain = BlockSpace(
        {"c": (1, 2), "b": (1, 2), "a": (1, 2)}, conditions={"c": "b == 2", "b": "a == 2"}
    )
    assert list(in_order(chain)) == [2, 1, 0]
    assert decided(chain, [1, 1, 1].__getitem__) == (1, 1, 1)
    assert decided(chain, [1, 1, 0].__getitem__) == (ABSENT, ABSENT, 0)
    # Without conditions, all is asked for.
    assert decided(BlockSpace({"a": (1, 2), "b": (3, 4)}), [1, 0].__getitem__) == (1, 0)


def test_smac_searches_where_decisions_come_and_go():
    pytest.importorskip("smac")
    smac = importlib.import_module("deltanas.compare.peers.smac")
    space = conditional()
    peer = smac.Smac(space, seed=1, starts=3)
    for start in space.sample(3, np.random.default_rng(0)):
        peer.tell(start, 0.5)
    for _ in range(4):
        for each in peer.ask(1):
            assert each in space
            peer.tell(each, 0.1 * each["heads 1"])
