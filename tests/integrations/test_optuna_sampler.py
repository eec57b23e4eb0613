"""The sampler in studies of Optuna: the same search as our own, and what Optuna's users expect."""

import logging
import math
import pickle
import subprocess
import sys
import threading

import numpy as np
import optuna
import pytest
from optuna.samplers import RandomSampler, TPESampler
from optuna.storages import InMemoryStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.trial import FixedTrial, TrialState, create_trial

from deltanas.errors import (
    ArchitectureError,
    ObjectiveError,
    SpaceExhaustedError,
    StudyMismatchError,
)
from deltanas.integrations.optuna_history import CLAIM, TrialReader
from deltanas.integrations.optuna_sampler import DeltaSampler
from deltanas.limits import limited
from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import Choice, DeltaEvolution, ParetoEvolution, Searcher, make, names
from deltanas.spaces import BlockSpace, NasBench101, NasBench201
from deltanas.study import Study
from tests.spaces.conditional import cell_tower, gpt

BLOCKS = BlockSpace(
    {"depth": (2, 4, 8), "width": (32, 64, 128), "act": ("relu", "gelu", None), "bias": (True,)}
)
SMALL = BlockSpace({"a": (1, 2, 3), "b": ("x", "y")}, name="small")


class Module:
    """An option that no storage can hold but by name."""


LAYERED = BlockSpace({"layer": (Module, dict, list), "kernel": ((3, 3), (5, 5))})


@pytest.fixture
def heard(caplog):
    """What the sampler logs, whether or not Optuna's loggers hand on."""
    logger = logging.getLogger("optuna.deltanas")
    logger.addHandler(caplog.handler)
    logger.propagate = False
    yield caplog
    logger.propagate = True
    logger.removeHandler(caplog.handler)


def value(architecture):
    """A landscape with an optimum and interactions; powers of two keep sums exact."""
    code = np.array(architecture.code)
    return float(np.sum((code + 1) * 2.0 ** -np.arange(len(code)))) / 8 + 0.25 * (code[0] == 1)


def study_of(sampler, direction="maximize", **more):
    return optuna.create_study(direction=direction, sampler=sampler, **more)


def optimize(study, sampler, n, objective=value):
    study.optimize(lambda trial: objective(sampler.suggest(trial)), n_trials=n)
    return study


def architectures(study, space):
    """What each trial was about, as our own reader sees it."""
    reader = TrialReader(space)
    return [reader.architecture(trial) for trial in study.get_trials(deepcopy=False)]


def own(searcher, n, evaluate=value):
    """What our own search proposes, one after the other."""
    trials = []
    for _ in range(n):
        for proposal in searcher.propose(History(trials)):
            accuracy = evaluate(proposal.architecture)
            found = Evaluation(proposal.number, Status.FINISHED, accuracy)
            trials.append(Trial(proposal, found))
    return [trial.architecture for trial in trials]


@pytest.mark.parametrize("method", names())
@pytest.mark.parametrize("space", [BLOCKS, gpt(), cell_tower(), LAYERED], ids=lambda s: s.name)
def test_proposals_are_those_of_our_own_search(space, method):
    sampler = DeltaSampler(space, seed=3, method=method)
    study = optimize(study_of(sampler), sampler, 12)
    expected = own(make(method, space, seed=3), 12)
    assert architectures(study, space) == expected
    assert len({each.key for each in expected}) == len(expected)


@pytest.mark.parametrize("space", [NasBench201(), NasBench101()], ids=lambda space: space.name)
def test_cells_are_searched_as_by_our_own_search(space):
    sampler = DeltaSampler(space, seed=1)
    study = optimize(study_of(sampler), sampler, 8)
    assert architectures(study, space) == own(make("delta-evolution", space, seed=1), 8)
    assert study.trials[3].user_attrs["architecture"] == space.write(
        own(sampler._proposer.searcher, 4)[3]
    )


def test_what_is_minimised_and_its_scale_change_nothing():
    high = DeltaSampler(BLOCKS, seed=0)
    low = DeltaSampler(BLOCKS, seed=0)
    up = optimize(study_of(high), high, 15)
    down = optimize(study_of(low, "minimize"), low, 15, lambda each: -1024 * value(each))
    assert architectures(up, BLOCKS) == architectures(down, BLOCKS)
    assert down.best_params == up.best_params


def test_plain_suggestions_by_name_give_the_same_proposals():
    def objective(trial):
        assert trial.suggest_categorical("bias", [True])  # Optuna does not ask us for it
        act = trial.suggest_categorical("act", [None, "gelu", "relu"])  # in another order
        width = trial.suggest_categorical("width", [32, 64, 128])
        depth = trial.suggest_categorical("depth", [2, 4, 8])
        return value(
            BLOCKS.architecture({"depth": depth, "width": width, "act": act, "bias": True})
        )

    sampler = DeltaSampler(BLOCKS, seed=5)
    study = study_of(sampler)
    study.optimize(objective, n_trials=10)
    assert architectures(study, BLOCKS) == own(make("delta-evolution", BLOCKS, seed=5), 10)


def test_layers_are_suggested_under_the_condition_that_they_exist_under():
    def objective(trial):
        chosen = {"depth": trial.suggest_categorical("depth", [1, 2, 3])}
        chosen["width"] = trial.suggest_categorical("width", [12, 16])
        for layer in range(1, chosen["depth"] + 1):
            for name, options in (("heads", [3, 4, 6]), ("ratio", [2, 4])):
                chosen[f"{name} {layer}"] = trial.suggest_categorical(f"{name} {layer}", options)
        return value(space.architecture(chosen))

    space = gpt()
    study = study_of(DeltaSampler(space, seed=2))
    study.optimize(objective, n_trials=12)
    assert architectures(study, space) == own(make("delta-evolution", space, seed=2), 12)


def test_parameters_are_the_decisions_and_attributes_say_what_was_edited():
    sampler = DeltaSampler(BLOCKS, seed=0)
    study = optimize(study_of(sampler), sampler, 6)
    trial = study.trials[-1]
    (architecture,) = architectures(study, BLOCKS)[-1:]
    assert trial.params == dict(architecture)
    assert trial.user_attrs["architecture"] == BLOCKS.write(architecture)
    assert trial.user_attrs["edit"].startswith("trial ")
    assert ", predicted " in trial.user_attrs["edit"]
    assert "edit" not in study.trials[0].user_attrs


def test_importances_are_of_the_decisions():
    sampler = DeltaSampler(SMALL, seed=0)
    study = optimize(study_of(sampler), sampler, 6, lambda each: float(each["a"]))
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    assert list(found) == ["a", "b"]
    assert found["a"] > found["b"]


def test_options_that_no_storage_holds_are_stored_by_name(tmp_path):
    sampler = DeltaSampler(LAYERED, seed=0)
    study = study_of(sampler, storage=f"sqlite:///{tmp_path / 's.db'}")
    trial = study.ask()
    architecture = sampler.suggest(trial)
    assert architecture["layer"] in (Module, dict, list)
    assert trial.params["layer"] == architecture["layer"].__qualname__
    study.tell(trial, 1.0)
    assert architectures(study, LAYERED) == [architecture]


def test_a_study_that_was_interrupted_goes_on_as_if_it_had_not_been(tmp_path):
    storage = f"sqlite:///{tmp_path / 's.db'}"
    for done in (3, 4, 5):
        sampler = DeltaSampler(BLOCKS, seed=7)
        study = study_of(sampler, storage=storage, study_name="s", load_if_exists=True)
        optimize(study, sampler, done)
    assert architectures(study, BLOCKS) == own(make("delta-evolution", BLOCKS, seed=7), 12)


def test_two_samplers_that_take_turns_are_as_one(tmp_path):
    storage = f"sqlite:///{tmp_path / 's.db'}"
    study_of(None, storage=storage, study_name="s")
    samplers = [DeltaSampler(BLOCKS, seed=7) for _ in range(2)]
    studies = [
        optuna.load_study(study_name="s", storage=RDBStorage(storage), sampler=sampler)
        for sampler in samplers
    ]
    for turn in range(12):
        optimize(studies[turn % 2], samplers[turn % 2], 1)
    assert architectures(studies[0], BLOCKS) == own(make("delta-evolution", BLOCKS, seed=7), 12)


def test_a_pickled_sampler_goes_on():
    sampler = DeltaSampler(BLOCKS, seed=4)
    study = optimize(study_of(sampler), sampler, 6)
    study.sampler = pickle.loads(pickle.dumps(sampler))
    optimize(study, study.sampler, 4)
    assert architectures(study, BLOCKS) == own(make("delta-evolution", BLOCKS, seed=4), 10)


WORKER = """
import sys
import optuna
from deltanas.integrations.optuna_sampler import DeltaSampler
from deltanas.spaces import BlockSpace

space = BlockSpace({"a": (1, 2, 3), "b": (1, 2, 3), "c": (1, 2)})
sampler = DeltaSampler(space, seed=0)
study = optuna.load_study(study_name="s", storage=sys.argv[1], sampler=sampler)
study.optimize(lambda trial: sum(sampler.suggest(trial).values()), n_trials=9)
"""


@pytest.mark.process
def test_two_processes_share_a_space_without_training_a_network_twice(tmp_path):
    storage = f"sqlite:///{tmp_path / 's.db'}"
    study = study_of(None, storage=storage, study_name="s")
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, storage]) for _ in range(2)]
    assert [worker.wait(timeout=120) for worker in workers] == [0, 0]
    params = {tuple(sorted(trial.params.items())) for trial in study.trials}
    assert len(params) == len(study.trials) == 18  # all there are
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}


KILLED = """
import os, signal, sys
import optuna
from deltanas.integrations.optuna_sampler import DeltaSampler
from deltanas.spaces import BlockSpace

space = BlockSpace({"a": (1, 2, 3), "b": ("x", "y")}, name="small")
sampler = DeltaSampler(space, seed=0)
study = optuna.load_study(study_name="s", storage=sys.argv[1], sampler=sampler)

def objective(trial):
    architecture = sampler.suggest(trial)
    if trial.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return float(architecture["a"])

study.optimize(objective, n_trials=6)
"""


@pytest.mark.process
def test_what_a_killed_process_trained_is_not_proposed_again(tmp_path):
    storage = f"sqlite:///{tmp_path / 's.db'}"
    sampler = DeltaSampler(SMALL, seed=0)
    study = study_of(sampler, storage=storage, study_name="s")
    assert subprocess.run([sys.executable, "-c", KILLED, storage], check=False).returncode == -9
    optimize(study, sampler, 10)
    states = [trial.state for trial in study.trials]
    done = TrialState.COMPLETE
    assert states == [done, done, TrialState.RUNNING, done, done, done]
    assert len({each.key for each in architectures(study, SMALL)}) == 6


class OneTrack(Searcher):
    """Proposes the first network that it does not know, but waits until others have read too."""

    def __init__(self, space, barrier):
        super().__init__(space, seed=0, starts=1)
        self._barrier = barrier

    def choose(self, history, n, rng):
        if not self._barrier.broken and self._barrier.n_waiting < self._barrier.parties:
            try:
                self._barrier.wait(timeout=5)
                self._barrier.abort()
            except threading.BrokenBarrierError:
                pass
        new = [each for each in self.space if each.key not in history.keys]
        return [Choice(each) for each in new[:n]]


def test_who_has_the_same_idea_at_the_same_moment_has_another_one():
    storage, barrier = InMemoryStorage(), threading.Barrier(2)
    study_of(None, storage=storage, study_name="s").add_trial(
        create_trial(
            params={"a": 1, "b": "x"},
            distributions={
                "a": optuna.distributions.CategoricalDistribution((1, 2, 3)),
                "b": optuna.distributions.CategoricalDistribution(("x", "y")),
            },
            value=0.5,
        )
    )

    def work():
        sampler = DeltaSampler(SMALL, method=OneTrack(SMALL, barrier))
        study = optuna.load_study(study_name="s", storage=storage, sampler=sampler)
        sampler.suggest(study.ask())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    study = optuna.load_study(study_name="s", storage=storage)
    found = [each.key for each in architectures(study, SMALL)]
    assert len(set(found)) == len(found) == 3


def test_threads_of_one_study_do_not_get_one_network():
    sampler = DeltaSampler(BLOCKS, seed=0)
    study = study_of(sampler)
    study.optimize(lambda trial: value(sampler.suggest(trial)), n_trials=12, n_jobs=3)
    assert len({each.key for each in architectures(study, BLOCKS)}) == 12


def test_running_trials_are_pending_ones():
    sampler = DeltaSampler(BLOCKS, seed=0)
    study = optimize(study_of(sampler), sampler, 6)
    asked = [sampler.suggest(study.ask()) for _ in range(3)]
    trials = [
        Trial(proposal, Evaluation(proposal.number, Status.FINISHED, value(proposal.architecture)))
        for proposal in _own_proposals(6)
    ]
    searcher = make("delta-evolution", BLOCKS, seed=0)
    expected = []
    for _ in range(3):
        (proposal,) = searcher.propose(History(trials))
        expected.append(proposal.architecture)
        trials.append(Trial(proposal))
    assert asked == expected


def _own_proposals(n):
    searcher, trials = make("delta-evolution", BLOCKS, seed=0), []
    for _ in range(n):
        (proposal,) = searcher.propose(History(trials))
        found = Evaluation(proposal.number, Status.FINISHED, value(proposal.architecture))
        trials.append(Trial(proposal, found))
    return [trial.proposal for trial in trials]


def test_a_proposal_belongs_to_the_number_of_its_trial_whoever_suggests_first():
    sampler = DeltaSampler(BLOCKS, seed=0, method="random")
    study = study_of(sampler)
    first, second = study.ask(), study.ask()
    found = [sampler.suggest(second), sampler.suggest(first)]
    assert found[::-1] == own(make("random", BLOCKS, seed=0), 2)


def test_what_was_chosen_counts_where_it_is_not_what_was_proposed():
    def trial(**params):
        options = {"a": (1, 2, 3), "b": ("x", "y")}
        return create_trial(
            params=params,
            distributions={
                name: optuna.distributions.CategoricalDistribution(options[name]) for name in params
            },
            system_attrs={CLAIM: SMALL.architecture({"a": 1, "b": "x"}).to_json()},
            value=1.0,
        )

    reader = TrialReader(SMALL)
    assert dict(reader.architecture(trial(a=3, b="x"))) == {"a": 3, "b": "x"}
    assert reader.architecture(trial(a=3)) is None
    assert dict(reader.architecture(trial(a=1))) == {"a": 1, "b": "x"}


def test_what_failed_or_was_pruned_is_not_proposed_again():
    def objective(trial):
        architecture = sampler.suggest(trial)
        if trial.number % 3 == 1:
            raise ValueError("no such luck")
        if trial.number % 3 == 2:
            raise optuna.TrialPruned
        return value(architecture)

    sampler = DeltaSampler(SMALL, seed=0)
    study = study_of(sampler)
    study.optimize(objective, n_trials=20, catch=(ValueError,))
    states = [trial.state for trial in study.trials]
    assert states == [TrialState.COMPLETE, TrialState.FAIL, TrialState.PRUNED] * 2
    assert len({each.key for each in architectures(study, SMALL)}) == 6


def test_a_pruned_trial_is_learned_from_by_what_it_reported():
    def trial(state, **more):
        return create_trial(
            state=state,
            params={"a": 2, "b": "y"},
            distributions={
                "a": optuna.distributions.CategoricalDistribution((1, 2, 3)),
                "b": optuna.distributions.CategoricalDistribution(("x", "y")),
            },
            **more,
        )

    study = study_of(None, "minimize")
    study.add_trial(trial(TrialState.PRUNED, intermediate_values={3: 0.5, 4: math.nan, 2: 0.75}))
    study.add_trial(trial(TrialState.COMPLETE, value=0.25))
    study.add_trial(trial(TrialState.COMPLETE, value=math.inf))
    study.add_trial(trial(TrialState.FAIL))
    study.add_trial(trial(TrialState.RUNNING))
    history = TrialReader(SMALL).history(study.trials, study.directions)
    pruned, done, infinite, failed, running = (each.evaluation for each in history.trials)
    assert (pruned.status, dict(pruned.rungs)) == (Status.PRUNED, {3: -0.5, 2: -0.75})
    assert (done.status, done.accuracy) == (Status.FINISHED, -0.25)
    assert infinite.status is Status.FAILED
    assert infinite.reason == "its value is [inf], no finite number"
    assert failed.status is Status.FAILED
    assert running is None


def test_trials_that_others_made_are_learned_from():
    study = study_of(RandomSampler(seed=1))
    sampler = DeltaSampler(BLOCKS, seed=0)
    optimize(study, sampler, 8)
    before = architectures(study, BLOCKS)
    study.sampler = sampler
    optimize(study, sampler, 1)
    trials = TrialReader(BLOCKS).history(study.trials[:-1], study.directions)
    assert [trial.accuracy for trial in trials.trials] == [value(each) for each in before]
    (proposal,) = make("delta-evolution", BLOCKS, seed=0).propose(trials)
    assert architectures(study, BLOCKS)[-1] == proposal.architecture


def test_an_enqueued_architecture_is_evaluated_first_and_learned_from():
    sampler = DeltaSampler(BLOCKS, seed=0)
    study = study_of(sampler)
    first = {"depth": 4, "width": 64, "act": None, "bias": True}
    study.enqueue_trial(first)
    optimize(study, sampler, 6)
    assert study.trials[0].params == first
    found = architectures(study, BLOCKS)
    assert found[0] == BLOCKS.architecture(first)
    assert len({each.key for each in found}) == 6


def test_a_queued_architecture_is_not_proposed_meanwhile():
    sampler = DeltaSampler(SMALL, seed=0)
    study = study_of(sampler)
    for b in ("x", "y"):
        study.enqueue_trial({"a": 3, "b": b})
    history = sampler._proposer.history(study)
    assert [trial.architecture["b"] for trial in history.pending] == ["x", "y"]


@pytest.mark.parametrize(("space", "fixed"), [(BLOCKS, {"depth": 8}), (gpt(), {"depth": 1})])
def test_the_rest_of_an_enqueued_part_is_drawn_at_random(space, fixed):
    sampler = DeltaSampler(space, seed=0)
    study = study_of(sampler)
    study.enqueue_trial(fixed)
    optimize(study, sampler, 3)
    found = architectures(study, space)
    assert found[0]["depth"] == fixed["depth"]
    assert None not in found


def test_an_enqueued_option_that_is_none_is_an_error():
    sampler = DeltaSampler(BLOCKS, seed=0)
    study = study_of(sampler)
    study.enqueue_trial({"width": 33})
    words = r"'width' is fixed to 33, which is no option .* its options are 32, 64, 128"
    with pytest.raises(ArchitectureError, match=words):
        optimize(study, sampler, 1)
    assert study.trials[0].state is TrialState.FAIL


def test_an_enqueued_option_is_given_by_its_name():
    sampler = DeltaSampler(LAYERED, seed=0)
    study = study_of(sampler)
    study.enqueue_trial({"kernel": (3, 3)})
    words = r"'kernel' is fixed to \(3, 3\), which is no option .* its options are '\(3, 3\)'"
    with pytest.raises(ArchitectureError, match=words):
        optimize(study, sampler, 1)


def test_a_combination_that_no_architecture_has_is_an_error():
    sampler = DeltaSampler(gpt(), seed=0)
    study = study_of(sampler)
    study.enqueue_trial({"width": 16, "heads 1": 3})
    with pytest.raises(ArchitectureError, match=r"no architecture of space 'gpt' was found with"):
        optimize(study, sampler, 1)


def test_trials_about_something_else_are_left_out_and_told_of_once(heard):
    study = study_of(RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("lr", 0, 1), n_trials=2)
    sampler = DeltaSampler(SMALL, seed=0)
    study.sampler = sampler
    optimize(study, sampler, 3)
    told = [record.getMessage() for record in heard.records]
    assert len(told) == 1
    words = "2 finished trials are not learned from, as their parameters are no architecture of"
    assert told[0].startswith(f"{words} space 'small'; the first is trial 0 with {{'lr': ")
    found = architectures(study, SMALL)
    assert found[:2] == [None, None]
    assert None not in found[2:]


def test_a_study_ends_when_every_network_has_a_trial():
    sampler = DeltaSampler(SMALL, seed=0)
    study = optimize(study_of(sampler), sampler, 100)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 6


def test_a_study_that_has_ended_stops_at_once(heard):
    sampler = DeltaSampler(SMALL, seed=0)
    study = optimize(study_of(sampler), sampler, 6)
    optimize(study, sampler, 100)
    assert [trial.state for trial in study.trials[6:]] == [TrialState.PRUNED]
    assert "No network of space 'small' is left: the study stops." in heard.text


def test_without_a_loop_to_end_it_is_an_error_that_nothing_is_left():
    sampler = DeltaSampler(SMALL, seed=0)
    study = study_of(sampler)
    for _ in range(6):
        trial = study.ask()
        study.tell(trial, value(sampler.suggest(trial)))
    words = "every network of space 'small' has a trial in this study, so there is none left for"
    with pytest.raises(SpaceExhaustedError, match=f"{words} trial 6; .* see study.best_trial"):
        sampler.suggest(study.ask())


def test_several_objectives_are_searched_as_by_our_own_pareto_search():
    def cost(architecture):
        return float(architecture["depth"] * architecture["width"])

    sampler = DeltaSampler(BLOCKS, seed=2)
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
    optimize(study, sampler, 12, lambda each: (-value(each), cost(each)))
    searcher, trials = ParetoEvolution(BLOCKS, seed=2, costs=["value 1:min"]), []
    for _ in range(12):
        (proposal,) = searcher.propose(History(trials))
        each = proposal.architecture
        found = Evaluation(
            proposal.number, Status.FINISHED, value(each), metrics={"value 1": cost(each)}
        )
        trials.append(Trial(proposal, found))
    assert architectures(study, BLOCKS) == [trial.architecture for trial in trials]


@pytest.mark.parametrize(
    "method", ["random", ParetoEvolution(SMALL, seed=0, costs=["value 1:max"])]
)
def test_other_methods_know_one_objective(method):
    sampler = DeltaSampler(SMALL, method=method)
    directions = ["maximize"] * (2 if method == "random" else 1)
    study = optuna.create_study(directions=directions, sampler=sampler)
    with pytest.raises(
        ObjectiveError, match=r"of several with 'delta-evolution' only.*leave method"
    ):
        sampler.suggest(study.ask())


def test_a_parameter_that_is_no_decision_is_an_error_that_names_the_way_out():
    study = study_of(DeltaSampler(SMALL, seed=0))
    words = r"'lr' is no decision of space 'small', its decisions are a, b; .*independent_sampler="
    with pytest.raises(ArchitectureError, match=words):
        study.ask().suggest_float("lr", 0, 1)


def test_another_sampler_may_suggest_what_is_no_decision():
    sampler = DeltaSampler(SMALL, seed=0, independent_sampler=RandomSampler(seed=3))
    study = study_of(sampler)
    study.optimize(
        lambda trial: value(sampler.suggest(trial)) + 0 * trial.suggest_float("lr", 0, 1),
        n_trials=4,
    )
    assert architectures(study, SMALL) == own(make("delta-evolution", SMALL, seed=0), 4)
    assert len({trial.params["lr"] for trial in study.trials}) == 4


def suggest_other_options(trial):
    trial.suggest_categorical("a", [1, 2, 4])


def suggest_fewer_options(trial):
    trial.suggest_categorical("a", [1, 2])


def suggest_an_option_twice(trial):
    trial.suggest_categorical("a", [1, 2, 2, 3])


def suggest_a_single_option(trial):
    trial.suggest_categorical("a", [1])
    trial.suggest_categorical("b", ["x", "y"])


def suggest_a_range(trial):
    trial.suggest_int("a", 1, 3)


@pytest.mark.parametrize(
    "objective",
    [
        suggest_other_options,
        suggest_fewer_options,
        suggest_an_option_twice,
        suggest_a_single_option,
        suggest_a_range,
    ],
)
def test_other_options_than_those_of_the_space_are_an_error(objective):
    study = study_of(DeltaSampler(SMALL, seed=0))
    words = r"'a' is a decision of space 'small', suggested from .* all of its options, 1, 2, 3"
    with pytest.raises(ArchitectureError, match=words):
        study.optimize(objective, n_trials=1)


def test_a_layer_that_does_not_exist_is_an_error_that_names_the_condition():
    space = gpt()
    study = study_of(DeltaSampler(space, seed=0))
    study.enqueue_trial({"depth": 1})
    words = r"has no 'heads 3', which exists only if depth >= 3; suggest it under that condition"
    trial = study.ask()
    with pytest.raises(ArchitectureError, match=words):
        trial.suggest_categorical("heads 3", [3, 4, 6])


def test_the_objective_can_be_called_with_the_best_parameters():
    sampler = DeltaSampler(gpt(), seed=0)
    study = optimize(study_of(sampler), sampler, 5)
    best = sampler.suggest(FixedTrial(study.best_params))
    assert value(best) == study.best_value


def test_a_study_with_another_sampler_is_told_of_once(heard):
    sampler = DeltaSampler(BLOCKS, seed=0)
    study = optimize(study_of(TPESampler(seed=0)), sampler, 2)
    assert len(study.trials) == 2
    told = [record.getMessage() for record in heard.records]
    assert len(told) == 1
    assert told[0].startswith("The sampler of this study is TPESampler, which chooses instead of")


def test_a_pruner_that_hides_trials_hides_no_network():
    def objective(trial):
        found = value(sampler.suggest(trial))
        for step in range(4):
            trial.report(found, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return found

    sampler = DeltaSampler(BLOCKS, seed=0)
    study = study_of(sampler, pruner=optuna.pruners.HyperbandPruner(1, 4, 2), study_name="s")
    study.optimize(objective, n_trials=20)
    assert len({each.key for each in architectures(study, BLOCKS)}) == 20


def test_what_a_dead_process_began_is_retried_as_it_was():
    sampler = DeltaSampler(SMALL, seed=0)
    study = optimize(study_of(sampler), sampler, 2)
    lost = study.ask()
    architecture = sampler.suggest(lost)
    study.tell(lost, state=TrialState.FAIL)
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        retry = RetryHeartbeatStaleTrialCallback()
    retry(study, study.trials[-1])
    assert sampler.suggest(study.ask()) == architecture
    assert architectures(study, SMALL)[2:] == [architecture, architecture]


def test_it_finds_the_best_network_with_fewer_trials_than_random_search():
    best = max(map(value, BLOCKS))

    def stop(study, trial):
        if trial.value == best:
            study.stop()

    def trials_to_best(method, seed):
        sampler = DeltaSampler(BLOCKS, seed=seed, method=method)
        study = study_of(sampler)
        study.optimize(lambda trial: value(sampler.suggest(trial)), n_trials=27, callbacks=[stop])
        assert study.best_value == best
        return len(study.trials)

    delta = [trials_to_best("delta-evolution", seed) for seed in range(6)]
    random = [trials_to_best("random", seed) for seed in range(6)]
    assert np.mean(delta) < 0.7 * np.mean(random)


def test_what_is_queued_is_evaluated_before_the_study_ends():
    sampler = DeltaSampler(SMALL)
    study = optuna.create_study(sampler=sampler)
    for a in (1, 2, 3, 1):
        for b in ("x", "y"):
            study.enqueue_trial({"a": a, "b": b})
    study.optimize(lambda trial: sampler.suggest(trial)["a"], n_trials=20)
    assert [each.state for each in study.trials] == [TrialState.COMPLETE] * 8


class Hearing(RandomSampler):
    """Notes what it is told."""

    def __init__(self):
        super().__init__(seed=0)
        self.heard = []

    def before_trial(self, study, trial):
        del study
        self.heard.append(("before", trial.number))

    def after_trial(self, study, trial, state, values):
        del study, values
        self.heard.append((state, trial.number))


def test_the_other_sampler_hears_of_every_trial():
    other = Hearing()
    study = optuna.create_study(sampler=DeltaSampler(SMALL, independent_sampler=other))
    study.optimize(
        lambda trial: trial.suggest_categorical("a", [1, 2, 3]) + trial.suggest_float("lr", 0, 1),
        n_trials=2,
    )
    done = TrialState.COMPLETE
    assert other.heard == [("before", 0), (done, 0), ("before", 1), (done, 1)]


def test_settings_of_a_searcher_hold_for_several_objectives():
    searcher = DeltaEvolution(BLOCKS, seed=0, starts=9)
    sampler = DeltaSampler(BLOCKS, method=searcher)
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=sampler)
    study.optimize(lambda trial: (value(sampler.suggest(trial)), trial.number), n_trials=11)
    assert [("edit" in each.user_attrs) for each in study.trials] == [False] * 9 + [True] * 2


def test_limits_of_a_searcher_are_those_of_the_sampler():
    space = BlockSpace({"a": (1, 2, 3), "b": (1, 2)}, costs=lambda each: {"params": each["a"]})
    within = limited(space, ["params<=2"])
    with pytest.raises(StudyMismatchError, match="made for no limits, the study got params ≤ 2"):
        DeltaSampler(within, method=DeltaEvolution(space, seed=0))
    assert DeltaSampler(space, method=DeltaEvolution(within, seed=0)).space is within


def test_local_search_climbs_as_it_does_in_our_own_studies():
    space = BlockSpace({f"d{place}": (0, 1, 2, 3) for place in range(4)})

    def found(architecture):
        return float(sum(n * each % 4 for n, each in enumerate(architecture.values(), start=1)))

    own = Study(space, found, method="local-search", seed=3)
    own.run(60)
    sampler = DeltaSampler(space, method="local-search", seed=3)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(lambda trial: found(sampler.suggest(trial)), n_trials=60)
    chosen = [dict(trial.architecture) for trial in own.trials]
    assert [each.params for each in study.trials] == chosen
    assert any("edit" in each.user_attrs for each in study.trials[40:])
