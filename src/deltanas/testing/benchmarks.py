"""What every tabular benchmark promises, as tests to inherit."""

from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import Int

from deltanas.benchmarks import Benchmark
from deltanas.errors import ArchitectureError
from deltanas.evaluation import Signal
from deltanas.records import Proposal
from deltanas.seeds import generator
from deltanas.spaces import Architecture, BlockSpace

SAMPLES = 20
"""Rows that tests look up one by one."""


class BenchmarkContract(ABC):
    """The promises of `Benchmark`, for pytest.

    Inherit and say how to load the benchmark; every test runs on it:

        class TestMyBenchmark(BenchmarkContract):
            def make(self) -> Benchmark:
                return benchmarks.load("mine:cifar10")

    The name of the subclass must start with `Test`, as pytest wants it.
    """

    @abstractmethod
    def make(self) -> Benchmark:
        """The benchmark; may be the same object each time."""

    def rows(self, benchmark: Benchmark) -> Int[np.ndarray, " rows"]:
        """A few rows, the best one among them, the same in every run."""
        chosen = generator(0, "benchmark contract").integers(len(benchmark.codes), size=SAMPLES)
        return np.append(chosen, int(np.argmax(benchmark.accuracies)))

    def architecture(self, benchmark: Benchmark, row: int) -> Architecture:
        """The architecture of a row."""
        return benchmark.space.from_codes(benchmark.codes[[row]])[0]

    def test_it_says_where_it_comes_from(self) -> None:
        benchmark = self.make()
        assert benchmark.name.count(":") <= 1
        assert len(benchmark.citation) > 20
        assert benchmark.licence

    def test_every_value_is_in_range(self) -> None:
        benchmark = self.make()
        runs = [each for row in benchmark.runs for each in row]
        # A score that is 1 minus a loss may be below 0.
        assert -1 < min(runs) < max(runs) <= 1
        assert max(runs) > 0.1, "accuracies are fractions; are these per cent of per cent?"
        assert benchmark.seconds is None or (benchmark.seconds > 0).all()
        for values in benchmark.metrics.values():
            assert np.isfinite(values).all()

    def test_arrays_are_aligned_to_the_codes_of_the_space(self) -> None:
        benchmark = self.make()
        for row in self.rows(benchmark).tolist():
            architecture = self.architecture(benchmark, row)
            record = benchmark.record(architecture)
            assert record.accuracies == benchmark.runs[row]
            assert record.seconds == _seconds(benchmark, row)
            assert record.mean == benchmark.accuracies[row]
            assert benchmark.evaluate(architecture) == benchmark.accuracies[row]
            assert record.metrics == {
                name: values[row] for name, values in benchmark.metrics.items()
            }

    def test_one_run_is_a_recorded_one_and_the_seed_decides_which(self) -> None:
        benchmark = self.make()
        told = []
        for row in self.rows(benchmark).tolist():
            architecture = self.architecture(benchmark, row)
            for seed in range(4):
                run = benchmark.evaluate(architecture, signal=Signal.ONE_RUN, seed=seed)
                assert run in benchmark.runs[row]
                assert run == benchmark.evaluate(architecture, signal="one-run", seed=seed)
                told.append(run == benchmark.evaluate(architecture, signal="one-run", seed=0))
        single = all(len(row) == 1 for row in benchmark.runs)
        assert single or not all(told), "the seed makes no difference"

    def test_the_optimum_is_the_best_and_has_rank_one(self) -> None:
        benchmark = self.make()
        assert benchmark.optimum == benchmark.accuracies.max()
        assert benchmark.evaluate(benchmark.best) == benchmark.optimum
        assert benchmark.rank(benchmark.optimum) == 1
        assert benchmark.rank(float(benchmark.accuracies.min())) <= benchmark.size
        assert benchmark.rank(-1.0) == benchmark.size + 1
        ranks = [benchmark.rank(float(value)) for value in np.sort(benchmark.accuracies)[-50:]]
        assert ranks == sorted(ranks, reverse=True)

    def test_networks_that_share_a_record_share_all_of_it(self) -> None:
        benchmark = self.make()
        if benchmark.networks is None:
            assert benchmark.size == len(benchmark.codes)
            return
        keys = np.array(benchmark.space.keys(benchmark.codes))
        assert benchmark.size == len(np.unique(keys)) == len(np.unique(benchmark.networks))
        for row in self.rows(benchmark).tolist():
            twins = np.flatnonzero(keys == keys[row])
            assert len(set(benchmark.networks[twins].tolist())) == 1
            for twin in twins.tolist():
                assert benchmark.runs[twin] == benchmark.runs[row]
                assert _seconds(benchmark, twin) == _seconds(benchmark, row)

    def test_an_evaluator_answers_from_the_table_with_recorded_seconds(self) -> None:
        benchmark = self.make()
        evaluator = benchmark.evaluator()
        row = int(self.rows(benchmark)[0])
        evaluator.submit(Proposal(3, self.architecture(benchmark, row)))
        (evaluation,) = evaluator.collect()
        assert evaluation.number == 3
        assert evaluation.accuracy == benchmark.accuracies[row]
        assert evaluation.seconds == _seconds(benchmark, row)
        assert set(evaluation.metrics) == set(benchmark.metrics)

    def test_an_architecture_of_another_space_is_refused(self) -> None:
        stranger = next(iter(BlockSpace({"colour": ("red", "green")})))
        try:
            self.make().record(stranger)
        except ArchitectureError:
            return
        raise AssertionError("an architecture of another space was looked up")


def _seconds(benchmark: Benchmark, row: int) -> float | None:
    """Seconds of one training of a row; None where none are recorded."""
    return None if benchmark.seconds is None else float(benchmark.seconds[row])
