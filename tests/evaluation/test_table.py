import math

import pytest

from deltanas.errors import ArchitectureError, DeltaNasError, UnknownNameError
from deltanas.evaluation import Recorded, Signal, TableEvaluator
from deltanas.records import Status
from deltanas.seeds import SeedError
from deltanas.testing.evaluators import EvaluatorContract, proposal_of

RECORD = Recorded((0.25, 0.5, 0.875), 40.0, {"latency_ms": 3.0})


class TestTableEvaluator(EvaluatorContract):
    def make(self, train):
        def lookup(architecture):
            try:
                return Recorded((train(architecture),))
            except ValueError as error:
                raise ArchitectureError(str(error)) from None

        return TableEvaluator(lookup)


def test_the_mean_is_told_with_recorded_seconds_and_metrics():
    evaluation = TableEvaluator(lambda _: RECORD).evaluate(proposal_of(2))
    assert evaluation.accuracy == 1.625 / 3
    assert evaluation.seconds == 40.0
    assert evaluation.metrics == {"latency_ms": 3.0}


def test_one_run_is_the_same_for_a_network_and_a_seed():
    def told(seed, number):
        evaluator = TableEvaluator(lambda _: RECORD, signal="one-run", seed=seed)
        return evaluator.evaluate(proposal_of(number)).accuracy

    assert all(told(seed, 0) == told(seed, 6) for seed in range(5))  # 6 networks take turns
    assert {told(seed, 0) for seed in range(20)} == set(RECORD.accuracies)
    assert {told(0, number) for number in range(6)} > {told(0, 0)}


def test_each_of_three_runs_is_told_about_as_often():
    told = [RECORD.observed(Signal.ONE_RUN, seed, "key") for seed in range(300)]
    # Binomial with n = 300, p = 1/3: standard deviation 8.2, so 100 +- 33 is four of them.
    assert all(67 <= told.count(run) <= 133 for run in RECORD.accuracies)


def test_a_record_of_nothing_is_refused():
    with pytest.raises(DeltaNasError, match="at least one accuracy, got none"):
        Recorded(())


def test_a_recorded_nan_is_a_failure():
    evaluation = TableEvaluator(lambda _: Recorded((math.nan,))).evaluate(proposal_of(0))
    assert evaluation.status is Status.FAILED
    assert "got nan" in evaluation.reason


def test_unknown_signals_and_seeds_are_refused():
    with pytest.raises(UnknownNameError, match="no signal 'median'; signals are mean, one-run"):
        TableEvaluator(lambda _: RECORD, signal="median")
    with pytest.raises(SeedError, match="got -1"):
        TableEvaluator(lambda _: RECORD, seed=-1)
