"""The trials of an Optuna study as a history of architectures, whoever made them."""

import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, final

import numpy as np
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from deltanas.limits import Limit
from deltanas.records import ACCURACY, Evaluation, History, Proposal, Status, Trial
from deltanas.spaces import ABSENT, Architecture, SearchSpace

CLAIM: Final = "deltanas:architecture"
"""System attribute of a trial: what it is about to suggest, so that nobody else suggests it."""
PARENT: Final = "deltanas:parent"
"""The same for the number of the trial that it was edited from."""
FIXED: Final = "fixed_params"
"""Where Optuna keeps the parameters of a trial that was enqueued."""
LOG: Final = "optuna.deltanas"
"""Name of our logger: it prints as Optuna does, and obeys `optuna.logging.set_verbosity`."""

CONSTRAINT: Final = "constraint "
"""What the name of a constraint of Optuna begins with among the metrics of a trial."""

Code = tuple[int, ...]


def cost_name(place: int) -> str:
    """What the objective at a place (from 1) is called among the metrics of a trial."""
    return f"value {place}"


def limits_in(history: History) -> list[Limit]:
    """Optuna's constraints as limits: each holds where its value is 0 or less."""
    names = {
        name
        for trial in history.trials
        if trial.evaluation is not None
        for name in trial.evaluation.metrics
        if name.startswith(CONSTRAINT)
    }
    return [Limit(name, 0.0, is_told=True) for name in sorted(names)]


def sign_of(directions: Sequence[StudyDirection]) -> float:
    """Factor that makes high values of the first objective the better ones."""
    return 1.0 if directions[0] is StudyDirection.MAXIMIZE else -1.0


@final
class TrialReader:
    """Reads trials by their parameters, which are decisions of a space.

    An architecture that was read once is remembered, as keys of graphs take time; nothing else.
    """

    def __init__(self, space: SearchSpace) -> None:
        """Take the space that parameters are decisions of."""
        self._space = space
        self._places = {decision.name: place for place, decision in enumerate(space.decisions)}
        self._known: dict[Code, Architecture | None] = {}
        self._was_told = False

    def history(
        self, trials: Iterable[FrozenTrial], directions: Sequence[StudyDirection]
    ) -> History:
        """The trials that are about an architecture of the space; running and queued ones too.

        Of others, finished ones are told of once: whoever made them may have meant this space.
        """
        trials = tuple(trials)
        found = self._architectures([self._code(trial) for trial in trials])
        self._tell_of_strangers(trials, found)
        return History(
            Trial(
                Proposal(trial.number, architecture, self._parent(trial, architecture)),
                _evaluation(trial, directions),
            )
            for trial, architecture in zip(trials, found, strict=True)
            if architecture is not None
        )

    def architecture(self, trial: FrozenTrial) -> Architecture | None:
        """What a trial is about; None where that is open, or no architecture of the space."""
        return self._architectures([self._code(trial)])[0]

    def choices(self, trial: FrozenTrial, *, free_only: bool = False) -> dict[str, object]:
        """What was chosen for a trial so far, by name: suggested, or fixed by `enqueue_trial`.

        Args:
            trial: Any trial.
            free_only: Whether to leave out decisions of one option, which Optuna chooses itself.
        """
        fixed = trial.system_attrs.get(FIXED, {})
        return {
            name: chosen
            for name, chosen in {**fixed, **trial.params}.items()
            if name in self._places
            if not free_only or len(self._space.decisions[self._places[name]].options) > 1
        }

    def _code(self, trial: FrozenTrial) -> Code | None:
        """Code of what was claimed, if nothing else was chosen; else of what was chosen."""
        claim = self._claim(trial)
        code = [ABSENT] * len(self._places)
        contradicts = claim is None
        for name, chosen in self.choices(trial).items():
            place = self._places[name]
            position = self._space.decisions[place].position(chosen)
            if position is None:
                if claim is None:
                    return None
                continue  # an option that the storage gave back as something else
            code[place] = position
            contradicts |= claim is not None and claim[place] != position
        return tuple(code) if claim is None or contradicts else claim

    def _claim(self, trial: FrozenTrial) -> Code | None:
        text = trial.system_attrs.get(CLAIM)
        if not text:
            return None
        record = json.loads(text)
        chosen: Mapping[str, object] = record["decisions"]
        if record["space"] != self._space.name or not set(chosen) <= set(self._places):
            return None
        positions = [
            each.position(chosen[each.name]) if each.name in chosen else ABSENT
            for each in self._space.decisions
        ]
        return tuple(ABSENT if position is None else position for position in positions)

    def _parent(self, trial: FrozenTrial, architecture: Architecture) -> int | None:
        """Which trial it was edited from, where what was proposed is what was chosen."""
        parent = trial.system_attrs.get(PARENT)
        is_kept = isinstance(parent, int) and self._claim(trial) == architecture.code
        return parent if is_kept else None

    def _architectures(self, codes: Sequence[Code | None]) -> list[Architecture | None]:
        """The architecture of each code; None where there is none in the space."""
        new = [code for code in dict.fromkeys(codes) if code is not None]
        new = [code for code in new if code not in self._known]
        if new:
            rows = np.array(new, dtype=np.int32)
            valid = self._space.are_valid(rows)
            made = iter(self._space.from_codes(rows[valid]))
            for code, is_valid in zip(new, valid.tolist(), strict=True):
                self._known[code] = next(made) if is_valid else None
        return [None if code is None else self._known[code] for code in codes]

    def _tell_of_strangers(
        self, trials: Sequence[FrozenTrial], found: Sequence[Architecture | None]
    ) -> None:
        strangers = [
            trial
            for trial, architecture in zip(trials, found, strict=True)
            if architecture is None and trial.state is TrialState.COMPLETE
        ]
        if strangers and not self._was_told:
            self._was_told = True
            first = strangers[0]
            logging.getLogger(LOG).warning(
                "%d finished trials are not learned from, as their parameters are no architecture "
                "of space %r; the first is trial %d with %r",
                len(strangers),
                self._space.name,
                first.number,
                first.params,
            )


def _evaluation(trial: FrozenTrial, directions: Sequence[StudyDirection]) -> Evaluation | None:
    """What came of a trial; None while it runs or waits."""
    if not trial.state.is_finished():
        return None
    sign = sign_of(directions)
    rungs = {
        step: sign * value
        for step, value in trial.intermediate_values.items()
        if math.isfinite(value)
    }
    metrics = {CONSTRAINT + name: value for name, value in trial.constraints.items()}
    if trial.state is TrialState.PRUNED:
        status, reason = Status.PRUNED, "pruned"
        return Evaluation(trial.number, status, reason=reason, metrics=metrics, rungs=rungs)
    values = trial.values if trial.state is TrialState.COMPLETE else None
    if values is None or not all(map(math.isfinite, values)):
        reason = "it failed" if values is None else f"its value is {values}, no finite number"
        return Evaluation(trial.number, Status.FAILED, reason=reason, metrics=metrics)
    metrics |= {cost_name(place): value for place, value in enumerate(values[1:], start=1)}
    value = sign * values[0]
    if any(beyond > 0 for beyond in trial.constraints.values()):
        metrics |= {ACCURACY: value}
        status, reason = Status.INFEASIBLE, "beyond a constraint"
        return Evaluation(trial.number, status, reason=reason, metrics=metrics, rungs=rungs)
    return Evaluation(trial.number, Status.FINISHED, value, metrics=metrics, rungs=rungs)
