"""Optuna's default sampler, as somebody uses it who reads the first page of its documentation."""

from collections.abc import Callable, Sequence
from typing import final

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import Trial, TrialState, create_trial

from deltanas.compare.contestant import Contestant
from deltanas.encoding.ordinal import has_numbers, ranks_of
from deltanas.spaces import ABSENT, Architecture, Decision, SearchSpace
from deltanas.spaces.deciding import decided

MOST_INVALID = 100
"""Suggestions that are not valid which one request puts up with."""


class OptunaContestant(Contestant):
    """A study in memory with one parameter per decision.

    Quantities, three numbers or more, are whole numbers in their order, as `suggest_int` gives;
    all others are categories.

    Decisions that exist under conditions are suggested where they exist, one after the other, as
    a user of Optuna writes it. Starts are added as finished trials. A repeated suggestion is a
    trial of its own with the value that is known, which is what a study does.
    """

    def __init__(self, space: SearchSpace, sampler: BaseSampler) -> None:
        """Open the study.

        Args:
            space: What to search; options go in as their positions.
            sampler: Optuna's sampler, seeded.
        """
        self._space = space
        self._study = _quiet_study(sampler)
        self._distributions = {each.name: _distribution(each) for each in space.decisions}
        # What Optuna sees of each option, and which option that is.
        self._seen = [ranks_of(each) for each in space.decisions]
        self._meant = [[each.index(rank) for rank in range(len(each))] for each in self._seen]
        self._open: dict[tuple[int, ...], Trial] = {}

    def ask(self, n: int) -> Sequence[Architecture]:
        """The next `n` suggestions, whether known or not; an invalid one counts as failed.

        Fewer if the sampler insists on what is not valid.
        """
        found: list[Architecture] = []
        for _ in range(n + MOST_INVALID):
            if len(found) == n:
                break
            trial = self._trial()
            codes = np.array([decided(self._space, self._chosen(trial))], dtype=np.int32)
            if not self._space.are_valid(codes)[0]:
                self._study.tell(trial, state=TrialState.FAIL)
                continue
            architecture = self._space.from_codes(codes)[0]
            self._open[architecture.code] = trial
            found.append(architecture)
        return found

    def tell(self, architecture: Architecture, value: float) -> None:
        """Finish the trial that suggested it, or add one for a start."""
        trial = self._open.pop(architecture.code, None)
        if trial is not None:
            self._study.tell(trial, value)
            return
        chosen = zip(self._space.decisions, self._seen, architecture.code, strict=True)
        params = {each.name: seen[option] for each, seen, option in chosen if option != ABSENT}
        distributions: dict[str, BaseDistribution] = {
            name: self._distributions[name] for name in params
        }
        self._study.add_trial(create_trial(params=params, distributions=distributions, value=value))

    def _trial(self) -> Trial:
        """A new trial; where all decisions exist always, with all of them suggested at once."""
        if self._space.constraints is None:
            return self._study.ask(dict(self._distributions))
        return self._study.ask()

    def _chosen(self, trial: Trial) -> Callable[[int], int]:
        """What a trial suggests for the decision at a place."""

        def choose(place: int) -> int:
            name, many = self._space.decisions[place].name, self._meant[place]
            if isinstance(self._distributions[name], IntDistribution):
                return many[trial.suggest_int(name, 0, len(many) - 1)]
            return many[trial.suggest_categorical(name, tuple(range(len(many))))]

        return choose


@final
class OptunaTpe(OptunaContestant):
    """`TPESampler` with its defaults; the starts count towards its ten random trials.

    Source: Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011;
    Akiba et al., "Optuna", KDD 2019.
    """

    def __init__(self, space: SearchSpace, *, seed: int, starts: int) -> None:
        """Open a study with that sampler.

        Args:
            space: What to search.
            seed: The sampler's seed.
            starts: How many starts there are; the sampler counts them itself.
        """
        del starts
        super().__init__(space, TPESampler(seed=seed))


def _distribution(decision: Decision) -> BaseDistribution:
    """What Optuna sees of a decision."""
    count = len(decision.options)
    if has_numbers(decision):
        return IntDistribution(0, count - 1)
    return CategoricalDistribution(tuple(range(count)))


def _quiet_study(sampler: BaseSampler) -> optuna.Study:
    """A study that Optuna does not announce; its verbosity stays what it was."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        return optuna.create_study(direction="maximize", sampler=sampler)
    finally:
        optuna.logging.set_verbosity(verbosity)
