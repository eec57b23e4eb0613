"""Costs that are measured for some networks, and estimated for all others."""

import itertools

import numpy as np
import pytest
from torch import nn

from deltanas.costs import MeasuredCosts, parameters
from deltanas.errors import CostError, ObjectiveError, StudyMismatchError
from deltanas.limits import Limit, Measuring, limited
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace
from deltanas.study import Study

WIDTHS = (2, 4, 8, 16)


def chain(layers=4):
    """Layers with widths of their own: 4^layers networks."""
    return BlockSpace({f"width {place}": WIDTHS for place in range(layers)})


def build(architecture):
    sizes = [3, *architecture.values(), 2]
    layers = [nn.Linear(a, b) for a, b in itertools.pairwise(sizes)]
    return nn.Sequential(*layers)


def energy(network):
    """What a user might say: so much for each layer's outputs."""
    return {"energy_mj": sum(each.out_features for each in network) / 4}


def uneven(network):
    """Twice as dear where the first two layers are alike: no sum over layers can tell."""
    alike = network[0].out_features == network[1].out_features
    return {"energy_mj": energy(network)["energy_mj"] * (2 if alike else 1)}


def accuracy(architecture):
    return 0.5 + sum(architecture.values()) / 1000


def made(space=None, **settings):
    settings = {"cost": energy, "most": 40, "seconds": 1e9, **settings}
    return MeasuredCosts(space or chain(), build, (3,), **settings)


def settled(space, text, **settings):
    metrics = made(space, **settings)
    limit = Limit.read(text, metrics.metric_names)
    metrics.settle([limit.metric], [limit], None)
    return metrics, limit


def test_names_are_those_that_are_counted_timed_and_said():
    metrics = made()
    assert isinstance(metrics, Measuring)
    assert metrics.metric_names == ("parameters", "flops", "memory_mb", "latency_ms", "energy_mj")
    assert metrics.needed == ()
    assert metrics.record() is None


def test_what_is_measured_is_what_the_network_has():
    space = chain()
    metrics, _ = settled(space, "params<=200")
    (architecture,) = space.sample(1, generator(1, "one"))
    expected = parameters(build(architecture))
    assert metrics.measured(architecture) == {"parameters": expected}
    both = made(space)
    both.settle(["memory_mb", "energy_mj", "latency_ms"], [], None)
    found = both.measured(architecture)
    assert found["energy_mj"] == energy(build(architecture))["energy_mj"]
    # The caller's input stays until the end; of the rest only what goes in and what comes out.
    sizes = [3, *architecture.values(), 2]
    pairs = [a + b for a, b in itertools.pairwise(sizes[1:])]
    assert found["memory_mb"] == pytest.approx(4e-6 * (3 + max(pairs)))
    assert found["latency_ms"] > 0


def test_estimates_are_near_and_measured_networks_have_their_own_values():
    space = chain()
    metrics, _ = settled(space, "energy_mj<=8")
    codes = space.sample_codes(50, generator(2, "codes"))
    truth = [energy(build(each))["energy_mj"] for each in space.from_codes(codes)]
    told = metrics.measure("energy_mj", codes)
    assert np.median(np.abs(told / truth - 1)) < 0.2
    own = metrics.measure("energy_mj", metrics.codes)
    exact = [energy(build(each))["energy_mj"] for each in space.from_codes(metrics.codes)]
    assert own.tolist() == exact
    assert "energy with a median error of" in metrics.words


def test_a_limit_keeps_most_proposals_within_it_and_small_spaces_are_known_whole():
    whole, limit = settled(chain(3), "energy_mj<=4", most=64)  # all of them are measured
    assert whole.words.startswith("all 64 networks were measured on ")
    kept = limited(chain(3), [limit], whole).all_codes()
    everything = chain(3).all_codes()
    truth = np.array([energy(build(each))["energy_mj"] for each in chain(3).from_codes(everything)])
    assert kept.tolist() == everything[truth <= 4].tolist()
    space = chain(10)  # too many to list
    metrics, limit = settled(space, "energy_mj<=16")
    drawn = limited(space, [limit], metrics).sample(40, generator(0, "drawn"))
    within = [energy(build(each))["energy_mj"] <= 16 for each in drawn]
    assert sum(within) >= 30


def test_what_is_stored_gives_the_same_estimates():
    space = chain()
    metrics, limit = settled(space, "energy_mj<=8")
    again = made(space, cost=lambda _: {"energy_mj": 1.0})
    again.settle(["energy_mj"], [limit], metrics.record())
    codes = space.sample_codes(20, generator(0, "codes"))
    assert (again.cautious(limit, codes) == metrics.cautious(limit, codes)).all()
    assert again.record() == metrics.record()


def test_latencies_of_another_machine_and_other_costs_are_refused():
    metrics, limit = settled(chain(), "latency_ms<=1000")
    stored = {**metrics.record(), "machine": "Babbage's engine"}
    with pytest.raises(StudyMismatchError, match="measured latencies on Babbage's engine, this is"):
        made().settle(["latency_ms"], [limit], stored)
    with pytest.raises(StudyMismatchError, match="made with latency_ms measured, got energy_mj"):
        made().settle(["energy_mj"], [], stored)
    with pytest.raises(StudyMismatchError, match="made with no costs measured, got energy_mj"):
        made().settle(["energy_mj"], [], {})


@pytest.mark.parametrize(
    "altered",
    [
        {"codes": [[0, 0]]},
        {"codes": "x"},
        {"values": {"energy_mj": ["x"]}},
        {"values": 3},
        {"codes": [[9, 9, 9, 9]], "values": {"energy_mj": [1.0]}},
        {"codes": [[0, 0, 0, 0]], "values": {"energy_mj": [float("nan")]}},
        {"codes": [], "values": {"energy_mj": []}},
    ],
)
def test_measurements_that_were_altered_are_refused(altered):
    metrics, limit = settled(chain(), "energy_mj<=8")
    with pytest.raises(CostError, match="what the study measured .* use a copy"):
        made().settle(["energy_mj"], [limit], {**metrics.record(), **altered})


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (lambda _: 1 / 0, "the cost function raised ZeroDivisionError: division by zero"),
        (lambda _: 3.5, "must return numbers by name, got '3.5'"),
        (lambda _: {}, "must return numbers by name, got '{}'"),
        (lambda _: {"energy_mj": "low"}, "gave 'energy_mj' = 'low' .* must be a finite number"),
        (lambda _: {"energy_mj": None}, "gave 'energy_mj' = 'None'"),
        (lambda _: {"energy_mj": float("inf")}, "gave 'energy_mj' = 'inf'"),
        (lambda _: {"flops": 3.0}, "gives 'flops', which deltanas counts itself"),
    ],
)
def test_a_cost_function_that_gives_no_costs_is_refused(cost, message):
    with pytest.raises(CostError, match=message):
        made(cost=cost)


def test_a_builder_that_fails_is_told_in_its_own_words():
    def broken(architecture):
        raise RuntimeError("no such layer")

    with pytest.raises(CostError, match="the builder raised RuntimeError: no such layer"):
        MeasuredCosts(chain(), broken, (3,)).settle(["flops"], [], None)
    with pytest.raises(CostError, match="example of shape \\(7,\\), it raised RuntimeError"):
        MeasuredCosts(chain(), build, (7,)).settle(["flops"], [], None)
    with pytest.raises(CostError, match="return a torch.nn.Module, got '3'"):
        MeasuredCosts(chain(), lambda _: 3, (3,), cost=energy)


def test_before_a_study_there_are_no_estimates():
    with pytest.raises(CostError, match="'flops' has no estimate yet; give these costs to a Study"):
        made().measure("flops", chain().all_codes())


def study(path, metrics, train=accuracy, **settings):
    settings = {"limits": ["energy_mj<=16"], **settings}
    return Study(chain(10), train, storage=path, metrics=metrics, **settings)


def test_what_breaks_the_limit_when_measured_is_infeasible_and_not_trained(tmp_path):
    trained = []

    def train(architecture):
        trained.append(uneven(build(architecture))["energy_mj"])
        return accuracy(architecture)

    settings = {"limits": ["energy_mj<=30"], "method": "random"}
    with study(tmp_path / "s.db", made(chain(10), cost=uneven), train, **settings) as search:
        search.run(20)
        trials = search.trials
    assert len(trials) == 20
    assert any(trial.evaluation.status == "infeasible" for trial in trials)
    assert max(trained) <= 30
    for trial in trials:
        value = uneven(build(trial.architecture))["energy_mj"]
        assert trial.proposal.measured == {"energy_mj": value}
        assert trial.evaluation.metrics["energy_mj"] == value
        is_beyond = trial.evaluation.status == "infeasible"
        assert is_beyond == (value > 30)
        if is_beyond:
            reason = f"measured {value:g}mj, the limit is energy ≤ 30mj; it was not trained"
            assert trial.evaluation.reason == reason


def test_all_that_a_study_measured_refines_the_estimates_whatever_came_of_it():
    def train(architecture):
        if architecture["width 1"] == 2:
            raise ValueError("no")
        return accuracy(architecture)

    space = chain(10)
    metrics = made(space, cost=uneven)
    search = study(None, metrics, train, limits=["energy_mj<=30"], method="random")
    stored, first = metrics.record(), metrics.codes.tolist()
    codes = space.sample_codes(100, generator(5, "codes"))
    truth = [uneven(build(each))["energy_mj"] for each in space.from_codes(codes)]

    def error():
        return float(np.median(np.abs(metrics.measure("energy_mj", codes) / truth - 1)))

    before = error()
    search.run(20)
    statuses = {each.evaluation.status.value for each in search.trials}
    assert statuses == {"finished", "infeasible", "failed"}
    metrics.learn([(each.architecture, each.proposal.measured) for each in search.trials])
    told = [list(each.architecture.code) for each in search.trials]
    assert metrics.codes.tolist() == first + [each for each in told if each not in first]
    assert error() < before
    assert metrics.record() == stored  # what the study was made with
    metrics.learn([])
    assert error() == before


def test_what_was_learned_counts_in_a_space_that_is_listed():
    space = chain(5)
    metrics, limit = settled(space, "energy_mj<=10", most=10)
    kept = limited(space, [limit], metrics)
    before = kept.size
    everything = space.from_codes(space.all_codes())
    metrics.learn([(each, energy(build(each))) for each in everything])
    kept.list_again()
    within = [list(each.code) for each in everything if energy(build(each))["energy_mj"] <= 10]
    assert kept.all_codes().tolist() == within
    assert kept.size == len(within) != before


def test_the_same_costs_serve_a_second_study_as_the_first():
    metrics = made(chain(10))
    searches = [study(None, metrics) for _ in range(2)]
    searches[1].run(6)
    again = study(None, made(chain(10)))
    again.run(6)
    keys = [[each.architecture.key for each in search.trials] for search in (searches[1], again)]
    assert keys[0] == keys[1]


def test_a_cost_function_is_not_called_for_costs_that_are_counted():
    calls = []
    metrics = made(cost=lambda network: calls.append(1) or energy(network))
    assert len(calls) == 1  # to learn its names
    metrics.settle(["memory_mb"], [], None)
    assert len(calls) == 1


def test_an_interrupted_search_measures_nothing_twice_and_ends_as_one_that_was_not(tmp_path):
    calls = []

    def noisy(network):
        """Another answer for every call, as latencies have."""
        calls.append(1)
        return {"energy_mj": energy(network)["energy_mj"] + len(calls) / 1e6}

    metrics = made(chain(10), cost=noisy)
    with study(tmp_path / "s.db", metrics) as search:
        search.run(9)
    before, first = len(calls), [each.evaluation.metrics for each in search.trials]
    # The same noise as if nothing had happened: one call to learn the name comes on top.
    calls.pop()
    with study(tmp_path / "s.db", made(chain(10), cost=noisy)) as again:
        assert len(calls) == before
        assert [each.evaluation.metrics for each in again.trials] == first
        again.run(12)
        found = [each.architecture.key for each in again.trials]
    calls.clear()
    whole = made(chain(10), cost=noisy)
    whole.settle(["energy_mj"], [], metrics.record())
    calls.extend([1] * (before - 9))
    stored = Settled(whole)
    with study(None, stored) as once:
        once.run(12)
    assert [each.architecture.key for each in once.trials] == found


class Settled:
    """Metrics that have settled already."""

    def __init__(self, metrics):
        self._metrics = metrics

    def __getattr__(self, name):
        return getattr(self._metrics, name)

    def settle(self, names, limits, stored):
        """They have."""


def test_a_network_that_cannot_be_measured_is_a_failed_trial():
    def sometimes(network):
        if network[0].out_features == 4:
            raise ValueError("no fours")
        return energy(network)

    search = study(None, made(chain(10), cost=sometimes), method="random")
    search.run(20)
    failed = [each for each in search.trials if each.architecture["width 0"] == 4]
    assert failed
    for trial in failed:
        assert trial.evaluation.status == "failed"
        assert "the cost function raised ValueError: no fours" in trial.evaluation.reason


def test_ask_gives_only_what_keeps_to_the_limit():
    search = study(None, made(chain(10)))
    for _ in range(12):
        trial = search.ask()
        assert energy(build(trial.architecture))["energy_mj"] <= 16
        search.tell(trial, accuracy(trial.architecture))
    assert search.best.evaluation.metrics["energy_mj"] <= 16


def test_measured_costs_are_objectives_and_the_front_has_measured_values():
    search = study(None, made(chain(10)), limits=(), objectives=["accuracy", "energy"])
    search.run(12)
    costs = [each.proposal.measured["energy_mj"] for each in search.front]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) > 1


def test_another_space_is_told_before_anything_is_measured(tmp_path):
    with study(tmp_path / "s.db", made(chain(10))) as search:
        search.run(1)
    wider = BlockSpace({f"width {place}": (2, 4, 8, 32) for place in range(10)})
    with pytest.raises(StudyMismatchError, match="made with space with width 0: 2, 4, 8, 16, got"):
        Study(
            wider,
            accuracy,
            storage=tmp_path / "s.db",
            metrics=made(wider),
            limits=["energy_mj<=16"],
        )
    with pytest.raises(ObjectiveError, match="objectives are 'accuracy' and at least one cost"):
        Study(wider, accuracy, metrics=made(wider), objectives=["energy_mj"])


def test_a_study_made_without_measuring_is_not_continued_with_it(tmp_path):
    with Study(chain(10), accuracy, storage=tmp_path / "s.db") as search:
        search.run(1)
    with pytest.raises(StudyMismatchError, match="made with no costs measured, got energy_mj"):
        study(tmp_path / "s.db", made(chain(10)))
