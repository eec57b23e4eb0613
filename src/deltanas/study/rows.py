"""A trial as the attributes of an Optuna trial, and back.

Everything is plain JSON, floats come back bit for bit, and nothing is executed. Our
attributes are the truth; Optuna's own parameters and values repeat them, so that its
dashboard and its analyses work on our studies.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from optuna.distributions import BaseDistribution, CategoricalDistribution

from deltanas.errors import StudyError
from deltanas.records import Donor, Evaluation, Proposal, Rung, Status
from deltanas.spaces import ABSENT, Architecture, Edit, EditKind, Label, SearchSpace

EVALUATION = "evaluation"
"""Attribute of a trial that has ended."""

ALTERED: Final = (KeyError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError)
"""What comes of values that deltanas did not store; `RuntimeError` where they are nested deeply."""

Attributes = dict[str, Any]


def attributes_of(proposal: Proposal) -> Attributes:
    """What is stored of a proposal; parts that it does not have are left out."""
    attributes: Attributes = {
        "architecture": proposal.architecture.to_json(),
        "key": proposal.architecture.key,
        "parent": None if proposal.parent is None else int(proposal.parent),
        "predicted_delta": _plain(proposal.predicted_delta),
        "spread": _plain(proposal.spread),
    }
    if proposal.edits:
        attributes["edit"] = ", ".join(edit.words for edit in proposal.edits)
        attributes["edits"] = [_edit_record(edit) for edit in proposal.edits]
    if proposal.rungs:
        attributes["rungs"] = [[rung.epoch, rung.needed] for rung in proposal.rungs]
    if proposal.donor is not None:
        attributes["donor"] = [proposal.donor.number, proposal.donor.key]
    if proposal.measured:
        attributes["measured"] = dict(proposal.measured)
    return {name: value for name, value in attributes.items() if value is not None}


def parameters_of(
    architecture: Architecture,
) -> tuple[dict[str, Label], dict[str, BaseDistribution]]:
    """Chosen label and possible labels of each decision that exists, as Optuna knows them."""
    chosen: dict[str, Label] = {}
    possible: dict[str, BaseDistribution] = {}
    for decision, position in zip(architecture.decisions, architecture.code, strict=True):
        if position != ABSENT:
            chosen[decision.name] = decision.labels[position]
            possible[decision.name] = CategoricalDistribution(decision.labels)
    return chosen, possible


def evaluation_record(evaluation: Evaluation) -> Attributes:
    """What is stored of an evaluation. Metrics that are not finite have no place in JSON."""
    rungs = {str(epoch): float(accuracy) for epoch, accuracy in evaluation.rungs.items()}
    return {
        "status": evaluation.status.value,
        "accuracy": _plain(evaluation.accuracy),
        "seconds": _plain(evaluation.seconds),
        "reason": evaluation.reason,
        "metrics": {
            name: float(value) for name, value in evaluation.metrics.items() if math.isfinite(value)
        },
    } | ({"rungs": rungs} if rungs else {})


def proposal_of(
    number: int, attributes: Mapping[str, Any], space: SearchSpace, place: str
) -> Proposal:
    """The proposal that was stored.

    Raises:
        StudyError: It was not stored by deltanas, or does not fit the space.
    """
    try:
        edits = tuple(map(_edit, attributes.get("edits", ())))
        architecture = _architecture(attributes["architecture"], attributes["key"], space)
        parent = attributes.get("parent")
        return Proposal(
            number,
            architecture,
            None if parent is None else int(parent),
            edits,
            _float(attributes.get("predicted_delta")),
            _float(attributes.get("spread")),
            tuple(Rung(int(e), _float(needed)) for e, needed in attributes.get("rungs", ())),
            _donor(attributes.get("donor")),
            {str(name): float(each) for name, each in attributes.get("measured", {}).items()},
        )
    except ALTERED as error:
        raise StudyError(
            f"trial {number} of the study {place} was not stored by deltanas, or was altered "
            f"({error!r}); give a study file that only deltanas writes to"
        ) from None


def evaluation_of(number: int, record: object, place: str) -> Evaluation:
    """The evaluation that was stored.

    Raises:
        StudyError: It was not stored by deltanas.
    """
    try:
        record = record if isinstance(record, Mapping) else {}
        return Evaluation(
            number,
            Status(record["status"]),
            _float(record["accuracy"]),
            _float(record["seconds"]),
            _text(record["reason"]),
            {str(name): float(value) for name, value in record["metrics"].items()},
            {int(epoch): float(value) for epoch, value in record.get("rungs", {}).items()},
        )
    except ALTERED as error:
        raise StudyError(
            f"the evaluation of trial {number} of the study {place} was altered ({error!r}); "
            f"use a copy of the study from before"
        ) from None


def _edit_record(edit: Edit) -> Attributes:
    record: Attributes = {
        "decision": edit.decision,
        "before": edit.before,
        "after": edit.after,
        "kind": edit.kind.value,
    }
    if edit.along:
        record["along"] = [_edit_record(each) for each in edit.along]
    return record


def _edit(record: Mapping[str, Any]) -> Edit:
    along = tuple(map(_edit, record.get("along", ())))
    before, after = record["before"], record["after"]
    if not isinstance(record["decision"], str) or isinstance(before, list | dict):
        raise TypeError(f"{str(record)[:80]} is no edit")
    if isinstance(after, list | dict):
        raise TypeError(f"{str(after)[:80]} is no option")
    return Edit(record["decision"], before, after, EditKind(record["kind"]), along)


def _architecture(text: str, key: str, space: SearchSpace) -> Architecture:
    """The architecture with its stored key, so that no key has to be worked out."""
    chosen = json.loads(text)["decisions"]
    code = []
    for decision in space.decisions:
        position = decision.position(chosen[decision.name]) if decision.name in chosen else ABSENT
        if position is None:
            raise ValueError(f"{decision.name!r} has no option {chosen[decision.name]!r}")
        code.append(position)
    if unknown := set(chosen) - {decision.name for decision in space.decisions}:
        raise ValueError(f"the space has no decision {min(unknown)!r}")
    return Architecture(space.name, space.decisions, code, str(key))


def _donor(record: object) -> Donor | None:
    if record is None:
        return None
    match record:
        case [int(number), str(key)] if number >= 0:
            return Donor(number, key)
    raise TypeError(f"{str(record)[:80]} is no donor of weights")


def _plain(value: float | None) -> float | None:
    """Numpy's numbers, which own evaluators and searchers give, have no place in JSON."""
    return None if value is None else float(value)


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{str(value)[:80]} is no text")
    return value


def _float(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)
