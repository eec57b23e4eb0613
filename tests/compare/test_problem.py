from dataclasses import replace

import numpy as np
import pytest

from deltanas.benchmarks import Benchmark, Surrogate, under_limits
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import ComparisonError, Identity, Protocol
from deltanas.compare.race import race
from deltanas.compare.roster import contestant
from deltanas.evaluation import Signal
from deltanas.spaces import BlockSpace

OFF = np.array([[0, 2, 3, 1]], dtype=np.int32)
"""A code whose second decision has no effect: it has three twins."""


def test_raw_identity_takes_every_code_for_an_architecture_of_its_own(twins):
    raw = Problem(twins, Protocol())
    assert len(set(raw.space.keys(twins.codes))) == 256
    # Twins are neighbours in this reading: 4 decisions with 3 other options each.
    assert len(raw.space.neighbours(raw.space.from_codes(OFF)[0])) == 12
    assert len(twins.space.neighbours(twins.space.from_codes(OFF)[0])) == 9


def test_classes_share_all_trainings_of_their_members(twins):
    pooled = Problem(twins, Protocol(identity=Identity.CLASSES))
    one = twins.space.from_codes(OFF)[0]
    twin = twins.space.from_codes(np.array([[0, 1, 3, 1]], dtype=np.int32))[0]
    # Rows of the codes 0031, 0131, 0231, 0331: 13 + 16 k.
    members = [13, 29, 45, 61]
    assert pooled.mean(one) == pytest.approx(twins.padded_runs[members].mean())
    assert pooled.observed(twin, seed=4) == pooled.observed(one, seed=9)
    noisy = Problem(twins, Protocol(identity=Identity.CLASSES, signal=Signal.ONE_RUN))
    assert {noisy.observed(one, seed) for seed in range(60)} == set(
        twins.padded_runs[members].ravel().tolist()
    )


def test_a_table_of_networks_has_one_reading(twins):
    keys = twins.space.keys(twins.codes)
    rows = np.unique(keys, return_index=True)[1]
    table = Benchmark(
        name="twins:networks",
        space=twins.space,
        citation="none",
        licence="none",
        runs=[twins.runs[row] for row in rows],
        seconds=twins.seconds[rows],
        table=twins.codes[rows],
        row_of={keys[row]: place for place, row in enumerate(rows.tolist())},
    )
    raw, classes = (Problem(table, Protocol(identity=identity)) for identity in Identity)
    assert raw.space is classes.space is twins.space
    assert raw.levels == classes.levels
    assert raw.optimum == table.optimum
    one = twins.space.from_codes(OFF)[0]
    assert raw.mean(one) == classes.mean(one) == table.evaluate(one)
    assert raw.observed(one, seed=3) == table.evaluate(one)


def test_one_run_is_one_of_the_trainings_and_equal_for_all_methods_of_a_seed(twins):
    noisy = Problem(twins, Protocol(signal=Signal.ONE_RUN))
    one = noisy.space.from_codes(twins.codes[77:78])[0]
    seen = {noisy.observed(one, seed) for seed in range(20)}
    assert seen == set(twins.runs[77])
    assert noisy.observed(one, 3) == noisy.observed(one, 3)
    assert noisy.mean(one) == pytest.approx(sum(twins.runs[77]) / 2)


def test_levels_count_the_best_share_of_the_table(cells):
    problem = Problem(cells, Protocol())
    ordered = np.sort(cells.accuracies)[::-1]
    assert problem.optimum == ordered[0]
    # A thousandth of 15,625 are 15 cells, a hundredth 156.
    assert problem.levels["top 0.1 %"] == ordered[14]
    assert problem.levels["top 1 %"] == ordered[155]


def test_levels_of_classes_count_classes(twins):
    problem = Problem(twins, Protocol(identity=Identity.CLASSES))
    keys = twins.space.keys(twins.codes)
    values = {key: problem.mean(each) for key, each in zip(keys, twins.space, strict=True)}
    assert len(values) == 208
    # A hundredth of 208 are 2; of 256 codes as well, but there two of the best may be twins.
    assert problem.levels["top 1 %"] == sorted(values.values())[-2]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"starts": 0}, "at least one architecture, got starts=0"),
        ({"budget": 5}, "must exceed the 5 starts"),
        ({"until_optimum": True, "signal": Signal.ONE_RUN}, "needs the signal 'mean'"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rules, words):
    with pytest.raises(ComparisonError, match=words):
        Protocol(**rules)


@pytest.fixture
def digits():
    """A model of 10^9 architectures, the best of which nobody is said to have found."""
    space = BlockSpace({f"d{n}": tuple(range(10)) for n in range(9)}, name="digits")
    return Surrogate(
        name="digits",
        space=space,
        citation="none",
        licence="none",
        model=lambda codes: 0.01 * codes.sum(axis=1),
        error="none",
        best_known=0.7,
        best_known_by="a short search",
    )


def test_without_a_table_regret_counts_from_the_best_known(digits):
    for identity in Identity:
        problem = Problem(digits, Protocol(identity=identity, signal=Signal.ONE_RUN))
        assert problem.space is digits.space
        assert problem.optimum == 0.7
        assert problem.reference == "best known (a short search)"
        one = digits.space.architecture({f"d{n}": n for n in range(9)})
        # .01 x (0 + 1 + ... + 8)
        assert problem.mean(one) == problem.observed(one, seed=5) == pytest.approx(0.36)
        assert problem.test(one) is None


def test_without_a_table_levels_are_shares_of_random_architectures(digits):
    levels = Problem(digits, Protocol()).levels
    ordered = np.sort(digits.sampled)[::-1]
    # A thousandth of 20,000 are 20, a hundredth 200.
    assert levels == {"optimum": 0.7, "top 0.1 %": ordered[19], "top 1 %": ordered[199]}


def test_a_run_cannot_end_at_an_optimum_that_nobody_knows(digits):
    with pytest.raises(ComparisonError, match="'digits' has none, only the best that was found"):
        Problem(digits, Protocol(until_optimum=True))


def test_methods_under_limits_see_and_are_measured_by_what_keeps_to_them(digits):
    priced = replace(digits, metrics={"size_mb": lambda codes: 1.0 * codes[:, :2].sum(axis=1)})
    limits = ("size_mb <= 5",)
    problem = Problem(under_limits(priced, limits), Protocol(budget=8, starts=4, limits=limits))
    # Two digits make 5 at most, seven are free: .01 x (5 + 7 x 9).
    assert problem.optimum == pytest.approx(0.68)
    for method in ("delta", "random", "regularized-evolution", "local-search", "tpe", "gp"):
        queries = race(contestant(method, problem, 3), problem, 3)
        asked = [problem.space.read(query.architecture) for query in queries]
        assert max(each["d0"] + each["d1"] for each in asked) <= 5, method


def test_equal_limits_are_equal_rules_however_they_are_typed():
    typed = Protocol(limits=("params <= 4 M", "latency_ms<=3", "params<=4M"))
    assert typed.limits == ("latency_ms<=3", "params<=4M")
    assert typed.rules()["limits"] == "latency_ms<=3 params<=4M"


def test_tables_need_no_words_for_their_optimum(cells):
    assert Problem(cells, Protocol()).reference is None
