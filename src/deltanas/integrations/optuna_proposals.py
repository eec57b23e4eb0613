"""Proposals for the trials of an Optuna study: each one stored before it is suggested.

A proposal is a function of the seed, the number of its trial and all other trials in the
storage. The storage is also where processes see each other's proposals.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn, final

import numpy as np
from optuna.exceptions import TrialPruned
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial

from deltanas.errors import ArchitectureError, ObjectiveError, SpaceExhaustedError
from deltanas.integrations.optuna_history import (
    CLAIM,
    LOG,
    PARENT,
    TrialReader,
    cost_name,
    limits_in,
    sign_of,
)
from deltanas.records import History, Proposal
from deltanas.search import DeltaEvolution, ParetoEvolution, Searcher
from deltanas.seeds import generator
from deltanas.spaces import Architecture

ATTEMPTS: Final = 10
"""Proposals in a row that another process may come first with; the last one is taken anyway."""
GRACE_S: Final = 0.2
"""Seconds in which a later trial with the same proposal takes it back."""
DRAWS: Final = 2_000
"""Random architectures among which one with the fixed parameters of a trial is looked for."""


@final
class Proposer:
    """Makes proposals with a searcher, one for each trial."""

    def __init__(self, searcher: Searcher) -> None:
        """Take the searcher; studies of several objectives have another one, made from it."""
        self.searcher = searcher
        self.reader = TrialReader(searcher.space)
        self._fronts: dict[tuple[StudyDirection, ...], Searcher] = {}

    def history(self, study: Study, without: int | None = None) -> History:
        """All trials of the study but one, also where a pruner shows samplers a part of them."""
        trials = study._storage.get_all_trials(study._study_id, deepcopy=False)  # noqa: SLF001
        others = [trial for trial in trials if trial.number != without]
        return self.reader.history(others, study.directions)

    def architecture(self, study: Study, trial: FrozenTrial) -> Architecture:
        """What a trial is about: what was proposed or fixed before, else a new proposal.

        Raises:
            ArchitectureError: What is fixed is no part of an architecture.
            ObjectiveError: The study has several objectives, the method knows one.
            SpaceExhaustedError: Nothing is left, and there is no `study.optimize` to end.
            TrialPruned: Nothing is left; `study.optimize` ends.
        """
        return self.reader.architecture(trial) or self._claimed(study, trial)

    def _claimed(self, study: Study, trial: FrozenTrial) -> Architecture:
        """A new proposal for a trial, stored so that nobody else gets it.

        Two processes may have the same idea. Each one stores its own before it looks whether
        others have it, so at least one of them sees both. The later trial always takes back its
        own; the earlier one gives it time to, and takes back its own if it does not.
        """
        storage, trial_id = study._storage, trial._trial_id  # noqa: SLF001 - as samplers do
        for attempt in range(1, ATTEMPTS + 1):
            proposal, is_fixed = self._proposal(study, trial)
            text = proposal.architecture.to_json()
            storage.set_trial_system_attr(trial_id, CLAIM, text)
            if is_fixed or attempt == ATTEMPTS or not self._is_taken(study, proposal):
                break
            storage.set_trial_system_attr(trial_id, CLAIM, "")
        words = self.searcher.space.write(proposal.architecture)
        storage.set_trial_user_attr(trial_id, "architecture", words)
        if proposal.parent is not None:
            storage.set_trial_system_attr(trial_id, PARENT, proposal.parent)
            storage.set_trial_user_attr(trial_id, "edit", _why(proposal, study.directions))
        return proposal.architecture

    def _proposal(self, study: Study, trial: FrozenTrial) -> tuple[Proposal, bool]:
        """What the searcher proposes after all other trials, or a random one with what is fixed.

        Returns:
            The proposal, and whether a part of it was fixed.
        """
        history = self.history(study, without=trial.number)
        fixed = self.reader.choices(trial, free_only=True)
        if fixed:
            return Proposal(trial.number, self._with(fixed, history, trial.number)), True
        searcher = self._searcher_for(study.directions).under(limits_in(history))
        proposals = searcher.propose(history, number=trial.number)
        if not proposals:
            self._end(study, trial)
        return proposals[0], False

    def _is_taken(self, study: Study, proposal: Proposal) -> bool:
        """Whether another trial has the same network, and may keep it."""
        for grace in (GRACE_S, 0.0):
            rivals = [
                each
                for each in self.history(study, without=proposal.number).trials
                if each.architecture.key == proposal.architecture.key
            ]
            if not rivals:
                return False
            if any(each.evaluation or each.number < proposal.number for each in rivals):
                return True
            time.sleep(grace)
        return True

    def _with(self, fixed: Mapping[str, object], history: History, number: int) -> Architecture:
        """A random architecture with some options fixed, a new network if there is one."""
        space = self.searcher.space
        rows = space.sample_codes(DRAWS, generator(self.searcher.seed, "fixed", number))
        forced = rows.copy()
        for place, decision in enumerate(space.decisions):
            if decision.name not in fixed:
                continue
            # Optuna knows labels only: an option that is none would end in an error of its own.
            label = fixed[decision.name]
            position = decision.position(label) if label in decision.labels else None
            if position is None:
                raise ArchitectureError(
                    f"the parameter {decision.name!r} is fixed to {label!r}, which "
                    f"is no option of that decision of space {space.name!r}; its options are "
                    f"{', '.join(map(repr, decision.labels[:12]))}"
                )
            forced[:, place] = position
            rows = rows[rows[:, place] == position]
        found = space.from_codes(np.concatenate([rows, forced[space.are_valid(forced)]]))
        if not found:
            raise ArchitectureError(
                f"no architecture of space {space.name!r} was found with {dict(fixed)!r}; fix "
                f"other parameters, or enqueue all those of an architecture"
            )
        return next((each for each in found if each.key not in history.keys), found[0])

    def _searcher_for(self, directions: Sequence[StudyDirection]) -> Searcher:
        """The searcher of the method, or the one for as many objectives as the study has."""
        if len(directions) == 1 and not isinstance(self.searcher, ParetoEvolution):
            return self.searcher
        if not isinstance(self.searcher, DeltaEvolution):
            raise ObjectiveError(
                f"studies of one objective are searched with any method but ParetoEvolution, those "
                f"of several with 'delta-evolution' only, which becomes it; got "
                f"{type(self.searcher).__name__} for {len(directions)}, leave method out"
            )
        wanted = tuple(directions)
        if wanted not in self._fronts:
            costs = [
                cost_name(place) + (":max" if each is StudyDirection.MAXIMIZE else ":min")
                for place, each in enumerate(wanted[1:], start=1)
            ]
            self._fronts[wanted] = self.searcher.for_costs(costs)
        return self._fronts[wanted]

    def _end(self, study: Study, trial: FrozenTrial) -> NoReturn:
        """Nothing is left to propose: end `study.optimize`, or say so where there is none."""
        name = self.searcher.space.name
        try:
            study.stop()
        except RuntimeError:
            raise SpaceExhaustedError(
                f"every network of space {name!r} has a trial in this study, so there is none left "
                f"for trial {trial.number}; the search is over, see study.best_trial"
            ) from None
        logging.getLogger(LOG).warning("No network of space %r is left: the study stops.", name)
        raise TrialPruned(f"no network of space {name!r} is left")


def _why(proposal: Proposal, directions: Sequence[StudyDirection]) -> str:
    """What was edited, and what that was predicted to change, in the unit of the objective."""
    words = ", ".join(edit.words for edit in proposal.edits)
    if proposal.predicted_delta is None:
        return f"trial {proposal.parent}: {words}"
    delta = sign_of(directions) * proposal.predicted_delta
    spread = "" if proposal.spread is None else f" ± {proposal.spread:.3g}"
    return f"trial {proposal.parent}: {words}, predicted {delta:+.3g}{spread}"
