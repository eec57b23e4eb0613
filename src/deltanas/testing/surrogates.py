"""What every benchmark without a table promises, as tests to inherit."""

from abc import ABC, abstractmethod

import numpy as np

from deltanas.benchmarks import Surrogate
from deltanas.benchmarks.surrogate import SAMPLE
from deltanas.errors import ArchitectureError
from deltanas.evaluation import Signal
from deltanas.records import Proposal
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, Codes

SAMPLES = 20
"""Architectures that tests ask about."""


class SurrogateContract(ABC):
    """The promises of `Surrogate`, for pytest.

    Inherit and say how to load the benchmark; every test runs on it:

        class TestMyModel(SurrogateContract):
            def make(self) -> Surrogate:
                return benchmarks.load("mine")

    The name of the subclass must start with `Test`, as pytest wants it.
    """

    @abstractmethod
    def make(self) -> Surrogate:
        """The benchmark; may be the same object each time."""

    def codes(self, benchmark: Surrogate) -> Codes:
        """A few codes, the same in every run."""
        return benchmark.space.sample_codes(SAMPLES, generator(0, "surrogate contract"))

    def test_it_says_where_it_comes_from_and_how_wrong_it_is(self) -> None:
        benchmark = self.make()
        assert benchmark.name.count(":") <= 1
        assert len(benchmark.citation) > 20
        assert benchmark.licence
        assert any(each.isdigit() for each in benchmark.error), "an error is told with numbers"
        assert benchmark.best_known_by

    def test_every_value_is_in_range_and_they_differ(self) -> None:
        benchmark = self.make()
        values = benchmark.accuracies_of(self.codes(benchmark))
        assert values.shape == (SAMPLES,)
        assert np.isfinite(values).all()
        assert values.max() <= benchmark.best_known <= 1
        assert len(np.unique(values)) > SAMPLES // 2
        for name, model in benchmark.metrics.items():
            computed = model(self.codes(benchmark))
            assert computed.shape == (SAMPLES,), name
            assert np.isfinite(computed).all(), name

    def test_a_value_does_not_depend_on_the_batch(self) -> None:
        benchmark = self.make()
        codes = self.codes(benchmark)
        together = benchmark.accuracies_of(codes)
        apart = [benchmark.accuracies_of(codes[[row]])[0] for row in range(SAMPLES)]
        np.testing.assert_allclose(apart, together, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(benchmark.accuracies_of(codes), together)

    def test_equal_networks_have_equal_values(self) -> None:
        benchmark = self.make()
        codes = self.codes(benchmark)[:3]
        codes = np.concatenate([codes, benchmark.space.children(codes)[1]])
        values = benchmark.accuracies_of(codes)
        first: dict[str, float] = {}
        for key, value in zip(benchmark.space.keys(codes), values.tolist(), strict=True):
            assert abs(first.setdefault(key, value) - value) < 1e-12

    def test_records_hold_the_value_and_all_metrics(self) -> None:
        benchmark = self.make()
        codes = self.codes(benchmark)
        values = benchmark.accuracies_of(codes)
        for architecture, value in zip(benchmark.space.from_codes(codes), values, strict=True):
            record = benchmark.record(architecture)
            assert abs(record.mean - value) < 1e-12
            assert set(record.metrics) == set(benchmark.metrics)
            assert benchmark.test_accuracy(architecture) is None
            for signal in Signal:
                assert benchmark.evaluate(architecture, signal=signal, seed=3) == record.mean

    def test_random_architectures_are_ranked_once(self) -> None:
        benchmark = self.make()
        sampled = benchmark.sampled
        assert sampled.shape == (SAMPLE,)
        assert (np.diff(sampled) >= 0).all()
        assert sampled[-1] <= benchmark.best_known
        assert benchmark.sampled is sampled

    def test_an_evaluator_answers_from_the_model(self) -> None:
        benchmark = self.make()
        (architecture,) = benchmark.space.from_codes(self.codes(benchmark)[:1])
        evaluator = benchmark.evaluator()
        evaluator.submit(Proposal(3, architecture))
        (evaluation,) = evaluator.collect()
        assert evaluation.number == 3
        assert evaluation.accuracy == benchmark.evaluate(architecture)
        assert evaluation.seconds is None
        assert set(evaluation.metrics) == set(benchmark.metrics)

    def test_an_architecture_of_another_space_is_refused(self) -> None:
        stranger = next(iter(BlockSpace({"colour": ("red", "green")})))
        try:
            self.make().record(stranger)
        except ArchitectureError:
            return
        raise AssertionError("an architecture of another space was answered for")
