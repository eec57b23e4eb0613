"""Optuna: a sampler that searches a space of deltanas in a study of Optuna's own.

It holds settings and no state. What it proposes is a function of its seed and of the trials
in the study's storage, so several processes can work on one study, and one that was killed
goes on with a new sampler.
"""

import contextlib
import logging
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, final

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import BaseTrial, FrozenTrial, TrialState

from deltanas.errors import ArchitectureError, StudyError
from deltanas.integrations.optuna_history import LOG
from deltanas.integrations.optuna_proposals import Proposer
from deltanas.search import Searcher
from deltanas.spaces import ABSENT, Architecture, Decision, SearchSpace
from deltanas.spaces.deciding import decided
from deltanas.study.making import check_space, searcher_of

COUNTED: Final = 20_000
"""Architectures of a space whose networks are counted; nobody reaches the end of larger ones."""
SHOWN: Final = 12
"""Names or options that an error lists."""


@final
class DeltaSampler(BaseSampler):
    """Suggests the decisions of an architecture that a deltanas searcher proposes.

        sampler = DeltaSampler(space, seed=0)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.optimize(lambda trial: train(sampler.suggest(trial)), n_trials=40)

    Decisions are categorical parameters; `trial.suggest_categorical` with their names and options
    gives the same proposal.

    - No network is proposed twice, also not to several processes at a time: finished, failed,
      pruned, running and queued trials count, and those of other samplers.
    - Values may be any finite numbers, high or low as the study's direction says; a trial with
      infinity counts as failed.
    - With several objectives, the method is `ParetoEvolution`.
    - What `trial.set_constraint` tells is learned: trials beyond a constraint are no results.
    - `study.optimize` ends when every network of the space has a trial and none is queued.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int | None = None,
        method: str | Searcher = "delta-evolution",
        independent_sampler: BaseSampler | None = None,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the search, 0 if left out.
            method: Name of a searcher (`deltanas methods` lists them), or one of your own.
            independent_sampler: What suggests parameters that are no decision of the space. They
                change values without the search knowing why, so they are refused if left out.

        Raises:
            StudyError: The space is none, the method is neither a name nor a searcher, or the
                independent sampler is none.
            StudyMismatchError: The searcher was made for another space, seed or limits.
            UnknownNameError: There is no such method.
            SeedError: The seed is negative or not a whole number.
        """
        check_space(space)
        if independent_sampler is not None and not isinstance(independent_sampler, BaseSampler):
            raise StudyError(
                f"independent_sampler is a sampler of Optuna, got {independent_sampler!r:.80}; "
                f"give for example TPESampler()"
            )
        searcher = searcher_of(method, space, seed)
        self.space = searcher.space  # one that was given may have limits of its own
        self._proposer = Proposer(searcher)
        self._independent = independent_sampler
        self._decisions = {each.name: (n, each) for n, each in enumerate(self.space.decisions)}
        self._lock = threading.Lock()
        self._was_told = False

    def suggest(self, trial: BaseTrial) -> Architecture:
        """The architecture of a trial; its decisions become the trial's parameters.

        Options that are no text, number or None are stored by their names. Trials of other
        samplers and an `optuna.trial.FixedTrial` do as well.

        Raises:
            ArchitectureError: What was chosen is no architecture of the space, as parameters were
                fixed or another sampler chose.
            SpaceExhaustedError: Nothing is left, and there is no `study.optimize` to end.
            TrialPruned: Nothing is left; `study.optimize` ends.
        """
        self._tell_of_another_sampler(trial)
        chosen: dict[str, object] = {}

        def choose(place: int) -> int:
            decision = self.space.decisions[place]
            chosen[decision.name] = trial.suggest_categorical(decision.name, decision.labels)
            position = decision.position(chosen[decision.name])
            return ABSENT if position is None else position

        decided(self.space, choose)
        return self.space.architecture(chosen)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """None: each decision is answered when it is asked for, with errors of our own."""
        del study, trial
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """None; see `infer_relative_search_space`."""
        del study, trial, search_space
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401 - as in Optuna
        """The option that the trial's architecture has for a decision.

        Raises:
            ArchitectureError: The parameter is no decision, or has other options, or does not
                exist in the architecture.
            ObjectiveError: The study has several objectives, the method knows one.
            SpaceExhaustedError: As for `suggest`.
            TrialPruned: As for `suggest`.
        """
        if param_name not in self._decisions:
            if self._independent is None:
                raise ArchitectureError(
                    f"the parameter {param_name!r} is no decision of space {self.space.name!r}, "
                    f"its decisions are {', '.join(list(self._decisions)[:SHOWN])}; make it one, "
                    f"or say what samples it: DeltaSampler(..., independent_sampler=TPESampler())"
                )
            return self._independent.sample_independent(
                study, trial, param_name, param_distribution
            )
        for name, before in trial.distributions.items():
            if name in self._decisions and before.single():  # Optuna chose without asking
                _positions(self._decisions[name][1], before, self.space.name)
        place, decision = self._decisions[param_name]
        positions = _positions(decision, param_distribution, self.space.name)
        with self._lock:
            architecture = self._proposer.architecture(study, trial)
        if architecture.code[place] == ABSENT:
            raise self._absent(place)
        return param_distribution.to_external_repr(positions.index(architecture.code[place]))

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Tell the other sampler."""
        if self._independent is not None:
            self._independent.before_trial(study, trial)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Tell the other sampler, and end `study.optimize` with the trial of the last network."""
        if self._independent is not None:
            self._independent.after_trial(study, trial, state, values)
        if self._networks is None:
            return
        with self._lock:
            history = self._proposer.history(study)
        is_queued = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        if len(history.keys) >= self._networks and not is_queued:
            with contextlib.suppress(RuntimeError):  # there is no `study.optimize` to end
                study.stop()
                logging.getLogger(LOG).info(
                    "Every network of space %r has a trial: the study stops.", self.space.name
                )

    def reseed_rng(self) -> None:
        """Reseed the other sampler; proposals know of each other through the storage."""
        if self._independent is not None:
            self._independent.reseed_rng()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the lock, which cannot be pickled."""
        return {name: part for name, part in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Everything, with a lock of its own."""
        vars(self).update(state, _lock=threading.Lock())

    @cached_property
    def _networks(self) -> int | None:
        """Number of different networks; None where there are too many to count."""
        space = self.space
        if space.size > COUNTED or not space.is_enumerable:
            return None
        return len(set(space.keys(space.all_codes())))

    def _absent(self, place: int) -> ArchitectureError:
        decision = self.space.decisions[place]
        constraints = self.space.constraints
        known = {} if constraints is None else constraints.existence
        when = f", which exists only if {known[place].words}" if place in known else ""
        return ArchitectureError(
            f"the architecture of this trial has no {decision.name!r}{when}; suggest it under that "
            f"condition only, or all decisions with sampler.suggest(trial)"
        )

    def _tell_of_another_sampler(self, trial: BaseTrial) -> None:
        """Say once that somebody else chooses: a study that is loaded forgets its sampler."""
        if self._was_told or not isinstance(trial, optuna.Trial):
            return
        sampler = trial.study.sampler
        if not isinstance(sampler, DeltaSampler):
            self._was_told = True
            logging.getLogger(LOG).warning(
                "The sampler of this study is %s, which chooses instead of DeltaSampler; if that "
                "is not meant, give load_study or create_study sampler=...",
                type(sampler).__name__,
            )


def _positions(decision: Decision, distribution: BaseDistribution, space: str) -> list[int]:
    """Position of each choice among the options of a decision.

    Raises:
        ArchitectureError: They are not its options, in whatever order.
    """
    if isinstance(distribution, CategoricalDistribution):
        positions = [decision.position(choice) for choice in distribution.choices]
        found = [position for position in positions if position is not None]
        if len(found) == len(positions) and sorted(found) == list(range(len(decision.options))):
            return found
    asked = getattr(distribution, "choices", distribution)
    raise ArchitectureError(
        f"the parameter {decision.name!r} is a decision of space {space!r}, suggested from "
        f"{asked}; expected suggest_categorical with all of its options, "
        f"{', '.join(map(repr, decision.labels[:SHOWN]))}. Suggest from these, or make a space "
        f"with others"
    )
