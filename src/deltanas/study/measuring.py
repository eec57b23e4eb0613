"""Costs that a study measures: some before the search, those of a proposal before it is trained."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, final

from deltanas.errors import DeltaNasError, StudyError
from deltanas.evaluation import failed
from deltanas.limits import Limit, LimitedSpace, Measuring, Metrics, Quantity, objectives_of
from deltanas.records import Evaluation, History, Proposal, Status
from deltanas.spaces import SearchSpace
from deltanas.study.lease import release
from deltanas.study.objectives import costs_in
from deltanas.study.opening import open_to_read
from deltanas.study.place import Place


def settled(
    metrics: Metrics | None,
    space: SearchSpace,
    limits: Sequence[Limit],
    objectives: Sequence[str],
    place: Place,
    name: str,
) -> Measuring | None:
    """The metrics, if they measure something that is asked for: it is measured now, or read.

    Raises:
        LimitError: A metric is not known.
        ObjectiveError: The objectives are not accuracy and others, none twice.
        StudyMismatchError: The stored study searches another space, or measured something else or
            elsewhere.
        DeltaNasError: Nothing can be measured.
    """
    if not isinstance(metrics, Measuring):
        return None
    wanted = [each.metric for each in limits]
    others = objectives_of(costs_in(objectives) if objectives else (), metrics.metric_names)
    wanted += [each.metric for each in others if each.metric in metrics.metric_names]
    metrics.settle(wanted, limits, _stored(place, name, space))
    return metrics if metrics.needed else None


@final
class Gate:
    """Measures what is proposed, learns from it, and lets nothing through beyond a limit."""

    def __init__(self, space: SearchSpace, metrics: Measuring | None) -> None:
        """Without metrics to measure, everything passes.

        Args:
            space: What is searched; its limits count where it has some.
            metrics: What measures; None for nothing.
        """
        self._metrics = metrics
        self._needed = () if metrics is None else metrics.needed
        self._limited = space if isinstance(space, LimitedSpace) and self._needed else None
        limits = () if self._limited is None else self._limited.limits
        self._limits = tuple(each for each in limits if each.metric in self._needed)
        self._reasons: dict[int, str] = {}
        self.lasting_space = space if self._limited is None else self._limited.inner
        """What all proposals are of, whatever was learned since: without limits on estimates."""

    def learn(self, history: History) -> None:
        """Estimate costs from everything that was measured, however the trials ended.

        Raises:
            LimitError: By what is known now, nothing keeps to the limits.
        """
        if self._metrics is None:
            return
        self._metrics.learn(
            [(trial.architecture, trial.proposal.measured) for trial in history.trials]
        )
        if self._limited is not None:
            self._limited.list_again()

    def measured(self, proposal: Proposal) -> Proposal:
        """The proposal with its measured costs; without them where that fails."""
        if self._metrics is None:
            return proposal
        try:
            return replace(proposal, measured=self._metrics.measured(proposal.architecture))
        except DeltaNasError as error:
            self._reasons[proposal.number] = str(error)
            return proposal

    def refused(self, proposal: Proposal) -> Evaluation | None:
        """Why nothing is trained; None if a proposal may be trained.

        It depends on what is stored with the proposal only, so a continued search decides alike.
        """
        missing = [name for name in self._needed if name not in proposal.measured]
        if missing:
            reason = self._reasons.get(proposal.number, f"{missing[0]} could not be measured")
            return failed(proposal.number, reason, None)
        beyond = [each for each in self._limits if not each.keeps(proposal.measured[each.metric])]
        if not beyond:
            return None
        value = Quantity.of(beyond[0].metric).shown(proposal.measured[beyond[0].metric])
        return Evaluation(
            proposal.number,
            Status.INFEASIBLE,
            reason=f"measured {value}, the limit is {beyond[0].shown}; it was not trained",
        )


def _stored(place: Place, name: str, space: SearchSpace) -> Mapping[str, Any] | None:
    """What a study measured, empty if nothing; None where there is no study yet."""
    if place.url is None and (place.path is None or not place.path.exists()):
        return None
    try:
        storage, _, description = open_to_read(place, name)
    except StudyError:
        return None  # there is none, or whoever opens it to continue says what is wrong
    release(storage)
    replace(description, space=space.fingerprint()).check_continues(description, place.shown)
    return description.measured or {}
