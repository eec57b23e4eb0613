"""Costs of a search that are measured network by network, and estimated for all others."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, final

import numpy as np
from jaxtyping import Float

from deltanas.costs.estimate import Estimate
from deltanas.costs.machine import machine_of
from deltanas.costs.pricing import KNOWN, LATENCY, Build, Cost, Pricing
from deltanas.costs.sample import Sample, Values
from deltanas.errors import CostError, DeltaNasError, StudyMismatchError
from deltanas.limits import Limit, Metrics, Quantity
from deltanas.seeds import generator
from deltanas.spaces import Architecture, Codes, SearchSpace

MOST: Final = 200
"""Networks that are measured before a search, at most."""
SECONDS: Final = 20.0
"""Seconds after which no more are measured."""
FEWEST: Final = 10
"""Networks that are measured even if that takes longer, random ones and others."""
TRIES: Final = 8
"""Random networks that may fail to be built before that is an error."""
POOL: Final = 2_000
"""Random architectures of which those that seem to keep to the limits are measured."""

Columns = Float[np.ndarray, "architectures columns"]


@final
class MeasuredCosts:
    """Latency, memory and a user's own costs of networks, as limits and objectives.

        metrics = MeasuredCosts(space, build, (1, 40))
        study = Study(space, train, limits=["latency_ms<=5"], metrics=metrics, storage="s.db")

    Before a new study some networks are measured: half of them random, the other half what by
    the first half keeps to the limits. From them the costs of all others are estimated. What is
    proposed is measured itself before it is trained, and refines the estimates.

    Source: ours.
    """

    def __init__(  # noqa: PLR0913 - what a search of networks needs to know
        self,
        space: SearchSpace,
        build: Build,
        shape: Sequence[int],
        *,
        cost: Cost | None = None,
        device: str = "cpu",
        exact: Metrics | None = None,
        tell: Callable[[str], None] | None = None,
        most: int = MOST,
        seconds: float = SECONDS,
    ) -> None:
        """Learn which costs there are; only those that a study asks for are measured.

        Args:
            space: What is searched.
            build: Makes the network of an architecture, a `torch.nn.Module` with weights.
            shape: Of one input, without the batch.
            cost: Gives further costs of a network, finite numbers by name.
            device: Where latencies are measured, as torch names it.
            exact: Costs that are known of all codes at once; these are not measured.
            tell: Hears in words what takes long.
            most: How many networks to measure before a new study, at most.
            seconds: How long to take for it, about.

        Raises:
            CostError: Networks cannot be built, or `cost` gives no numbers.
        """
        self._space, self._exact, self._tell = space, exact, tell or (lambda _: None)
        self._pricing = Pricing(build, shape, cost=cost, device=device)
        self._most, self._seconds = most, seconds
        self._known_names = KNOWN if cost is None else self._learned_names()
        self._first = self._sample = self._empty(())
        self._learned: list[Architecture] = []
        self._estimates: dict[str, Estimate] = {}

    @property
    def metric_names(self) -> tuple[str, ...]:
        """What limits and objectives may be on."""
        exact = () if self._exact is None else self._exact.metric_names
        return tuple(dict.fromkeys((*exact, *self._known_names)))

    @property
    def needed(self) -> tuple[str, ...]:
        """Metrics that are measured for each proposal."""
        return tuple(self._sample.values)

    @property
    def codes(self) -> Codes:
        """Networks that were measured so far."""
        return self._sample.codes

    @property
    def words(self) -> str:
        """How well each cost is estimated, from how many networks, and what the least is."""
        count = len(self._sample.codes)
        if count == self._space.size:
            return f"all {count} networks were measured on {self._machine}"
        found = []
        for name, estimate in self._estimates.items():
            quantity, least = Quantity.of(name), float(self._sample.values[name].min())
            error = f"{100 * estimate.error:.0f} %"
            if not estimate.is_ratio:
                error = quantity.shown(estimate.error)
            found.append(
                f"{quantity.name} with a median error of {error}, the least measured is "
                f"{quantity.shown(least)}"
            )
        source = f"estimated from {count} networks measured on {self._machine}"
        return f"{source}: {'; '.join(found)}" if found else ""

    def settle(
        self, names: Sequence[str], limits: Sequence[Limit], stored: Mapping[str, Any] | None
    ) -> None:
        """Measure some networks, or take what is stored; see `Measuring`.

        Raises:
            StudyMismatchError: The study measured something else, or latencies on another machine.
            CostError: Nothing can be measured.
        """
        exact = () if self._exact is None else self._exact.metric_names
        needed = tuple(sorted({name for name in names if name not in exact}))
        self._sample, self._learned, self._estimates = self._empty(needed), [], {}
        if stored is not None:
            self._restore(needed, stored)
        elif needed:
            self._explore([limit for limit in limits if limit.metric in needed])
        self._first = self._sample

    def record(self) -> Mapping[str, Any] | None:
        """What was measured before the search, on which machine."""
        if not self.needed:
            return None
        return {"machine": self._machine, **self._first.record()}

    def learn(self, measured: Sequence[tuple[Architecture, Mapping[str, float]]]) -> None:
        """Estimate from the first sample and from what a study measured; see `Measuring`."""
        new = {
            architecture: costs
            for architecture, costs in measured
            if architecture.code not in self._first.rows and costs.keys() >= set(self.needed)
        }
        if self.needed and list(new) != self._learned:
            self._learned = list(new)
            more = list(new.values())
            self._fit(self._first.with_more(self._learned, more) if new else self._first)

    def measure(self, metric: str, codes: Codes) -> Values:
        """One cost of each valid code: exact, measured before, or estimated."""
        if metric not in self._estimates:
            return self._counted(metric, codes)
        return self._with_measured(metric, codes, self._estimates[metric](self._columns(codes)))

    def cautious(self, limit: Limit, codes: Codes) -> Values:
        """The metric of a limit, on the safe side of which nine in ten networks are."""
        estimate = self._estimates.get(limit.metric)
        if estimate is None:
            return self._counted(limit.metric, codes)
        told = estimate.cautious(self._columns(codes), at_most=limit.at_most)
        return self._with_measured(limit.metric, codes, told)

    def measured(self, architecture: Architecture) -> dict[str, float]:
        """The needed costs of one network; what was measured is not measured again.

        Raises:
            CostError: They cannot be measured.
        """
        row = self._sample.rows.get(architecture.code)
        if row is not None:
            return {name: float(values[row]) for name, values in self._sample.values.items()}
        return self._pricing(architecture, self.needed)

    @property
    def _machine(self) -> str:
        return machine_of(self._pricing.device)

    def _counted(self, metric: str, codes: Codes) -> Values:
        if self._exact is None or metric not in self._exact.metric_names:
            raise CostError(
                f"{metric!r} has no estimate yet; give these costs to a Study as `metrics`, with a "
                f"limit or an objective on it"
            )
        return self._exact.measure(metric, codes)

    def _learned_names(self) -> tuple[str, ...]:
        """All names, from a network that can be built."""
        first: DeltaNasError | None = None
        for architecture in self._space.sample(TRIES, generator(0, "costs", "names")):
            try:
                return self._pricing.names(architecture)
            except DeltaNasError as error:
                first = first or error
        raise first or CostError(f"space {self._space.name!r} has no architecture to measure")

    def _explore(self, limits: Sequence[Limit]) -> None:
        """Measure random networks, then such as seem to keep to the limits."""
        names = " and ".join(Quantity.of(name).name for name in self.needed)
        self._tell(
            f"measuring {names} of up to {self._most} networks on {self._machine}, for about "
            f"{self._seconds:g} s"
        )
        rng = generator(0, "costs", "sample")
        if self._space.is_enumerable and self._space.size <= self._most:
            self._measure_all(rng.permutation(self._space.all_codes()), self._most, self._seconds)
            return
        half = self._most // 2
        self._measure_all(self._space.sample_codes(self._most, rng), half, self._seconds / 2)
        pool = self._space.sample_codes(POOL, rng)
        excess = np.zeros(len(pool))
        for limit in limits:
            excess += limit.excess(self.measure(limit.metric, pool))
        near = pool[np.argsort(excess, kind="stable")]
        self._measure_all(near, half, self._seconds / 2)

    def _measure_all(self, codes: Codes, most: int, seconds: float) -> None:
        """Measure one after the other until there are enough or time is up, and fit.

        Raises:
            CostError: Half of the networks or more cannot be measured.
        """
        start, failures = time.monotonic(), list[DeltaNasError]()
        found, costs = list[Architecture](), list[dict[str, float]]()
        seen = set(self._sample.rows)
        for architecture in self._space.from_codes(codes):
            late = time.monotonic() - start > seconds and len(found) >= FEWEST
            if late or len(found) >= most or len(failures) >= TRIES + len(found):
                break
            if architecture.code in seen:
                continue
            seen.add(architecture.code)
            try:
                costs.append(self._pricing(architecture, self.needed))
                found.append(architecture)
            except DeltaNasError as error:
                failures.append(error)
        if failures and len(failures) >= len(found):
            raise failures[0]
        if found:
            self._fit(self._sample.with_more(found, costs))

    def _restore(self, needed: tuple[str, ...], stored: Mapping[str, Any]) -> None:
        """Take what a study measured when it was made."""
        sample = Sample.read(stored, self._space) if stored else self._empty(())
        if tuple(sorted(sample.values)) != needed:
            raise StudyMismatchError(
                f"the study was made with {', '.join(sample.values) or 'no costs'} measured, got "
                f"{', '.join(needed) or 'none'}; continue it with the limits and objectives that "
                f"it was made with, or name another file for a new study"
            )
        machine = stored.get("machine")
        if LATENCY in needed and machine != self._machine:
            raise StudyMismatchError(
                f"the study measured latencies on {machine}, this is {self._machine}; times of two "
                f"machines cannot be compared, so continue it there, or name another file for a "
                f"new study"
            )
        if needed:
            self._fit(sample)

    def _empty(self, names: Sequence[str]) -> Sample:
        """Nothing measured yet."""
        codes = np.zeros((0, len(self._space.decisions)), dtype=np.int32)
        return Sample(codes, {name: np.zeros(0) for name in names})

    def _fit(self, sample: Sample) -> None:
        """Estimate from these networks."""
        columns = self._columns(sample.codes)
        self._sample = sample
        self._estimates = {name: Estimate(columns, v) for name, v in sample.values.items()}

    def _with_measured(self, metric: str, codes: Codes, told: Values) -> Values:
        """Measured values in place of estimates, where there are some."""
        rows, values = self._sample.rows, self._sample.values[metric]
        for place, code in enumerate(map(tuple, codes.tolist())):
            if code in rows:
                told[place] = values[rows[code]]
        return told

    def _columns(self, codes: Codes) -> Columns:
        """What is chosen: a column for each option, cheap enough for all that is bred."""
        counts = self._space.option_counts.tolist()
        chosen = [codes[:, [place]] == np.arange(count) for place, count in enumerate(counts)]
        return np.concatenate(chosen, axis=1).astype(float)
