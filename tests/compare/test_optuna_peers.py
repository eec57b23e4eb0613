import optuna
from optuna.samplers import RandomSampler, TPESampler
from optuna.trial import TrialState

from deltanas.compare.peers.optuna_tpe import OptunaContestant
from deltanas.spaces import BlockSpace, NasBenchGraph
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
