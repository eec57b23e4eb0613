"""One limit: a metric, a direction and a bound, read from text such as `params<=600M`."""

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float

from deltanas.errors import LimitError
from deltanas.limits.units import Quantity

_TEXT: Final = re.compile(
    r"\s*(?P<name>[^<>=!]+?)\s*(?P<sign><=|>=|≤|≥|<|>|==|=)\s*"
    r"(?P<number>[-+]?[\d_,.]*\d[\d_]*(?:[eE][-+]?\d+)?)\s*(?P<unit>[A-Za-zµ%]*)\s*"
)
THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?([eE][-+]?\d+)?")
"""What may have commas: half of the world writes 0,5 for a half."""
EXAMPLE: Final = "write for example 'params<=600M' or 'latency_ms<=40'"
TOLD: Final = ":told"
"""How the text of a metric ends that only a training tells: `fairness:told>=0.9`."""
_TOLD: Final = re.compile(r"(\s*:\s*told)+\s*\Z", re.IGNORECASE)
ACCURACY: Final = "accuracy"
"""What is searched for: no limit can be on it."""
SHOWN: Final = 3
"""Metrics that are offered where a name is a part of many."""
Values = Float[np.ndarray, " architectures"]


@final
@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on a metric, the bound included.

    Every proposed architecture keeps to it, or, where only a training tells the metric, every one
    that counts as a result.
    """

    metric: str
    """Full name of the metric: `parameters_m`."""
    bound: float
    """In the metric's own unit."""
    at_most: bool = True
    """Whether the bound is the most; otherwise it is the least."""
    is_told: bool = False
    """Whether only a training tells the metric."""

    @classmethod
    def read(cls, text: object, known: Sequence[str], *, may_be_told: bool = False) -> "Limit":
        """Read a limit as a person writes it.

        Args:
            text: For example `params<=600M`, `latency_ms<=40`, `latency <= 0.04 s`; with `:told`
                behind the metric, `fairness:told>=0.9`, one that only a training tells.
            known: Full names of the metrics that are known before training.
            may_be_told: Whether there is a training that may tell one.

        Raises:
            LimitError: It is no limit, the metric is not known, or known although it is to be
                told, or the unit is of something else.
        """
        if isinstance(text, Limit):
            if not text.is_told and text.metric not in known:
                raise _unknown(text.metric, f"limit {text.words!r}", known)
            if text.is_told:
                _check_told(text.metric, text.words, known, may_be_told=may_be_told)
            return text
        found = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if found is None or found["sign"] in ("=", "=="):
            raise LimitError(
                f"a limit is a metric, <= or >=, and a number, got {text!r}; {EXAMPLE}"
            )
        name, is_told = _split(found["name"])
        if is_told:
            _check_told(name, str(text), known, may_be_told=may_be_told)
            quantity = Quantity.of(name)
        else:
            quantity = _known(name, str(text), known, may_be_told=may_be_told)
        number, unit = _number(found["number"]), found["unit"]
        if number is None:
            raise LimitError(
                f"limit {text!r} has a bound that is no number; decimals stand behind a point, "
                f"commas between thousands only; {EXAMPLE}"
            )
        full = name in (quantity.metric, quantity.metric.removeprefix("cost:"))
        factor = 1.0 if not unit and full else quantity.factor(unit)
        if factor is None:
            got = f"the unit {unit!r}" if unit else "none"
            raise LimitError(
                f"limit {text!r} is on a {quantity.dimension}, which has one of the units "
                f"{', '.join(quantity.units)}, got {got}; write for example "
                f"'{quantity.name}{found['sign']}{found['number']}{quantity.unit}'"
            )
        if not math.isfinite(number * factor):
            raise LimitError(f"limit {text!r} has a bound that is not finite; {EXAMPLE}")
        return cls(quantity.metric, number * factor, found["sign"] in ("<=", "<", "≤"), is_told)

    @property
    def words(self) -> str:
        """The limit as text that `read` reads back exactly."""
        told = TOLD if self.is_told else ""
        return f"{self.metric}{told}{'<=' if self.at_most else '>='}{self.bound!r}"

    @property
    def shown(self) -> str:
        """The limit as a person says it: `parameters ≤ 600M`."""
        quantity = Quantity.of(self.metric)
        return f"{quantity.name} {'≤' if self.at_most else '≥'} {quantity.shown(self.bound)}"

    def keeps(self, value: float) -> bool:
        """Whether a value is within the bound."""
        return value <= self.bound if self.at_most else value >= self.bound

    def excess(self, values: Values) -> Values:
        """How far values are beyond the bound, in bounds; 0 within it, infinite if not known."""
        beyond = values - self.bound if self.at_most else self.bound - values
        excess = np.maximum(beyond, 0.0) / (abs(self.bound) or 1.0)
        known: Values = np.where(np.isnan(values), np.inf, excess)
        return known


def is_told(text: str) -> bool:
    """Whether a limit, as it is typed or stored, is on what only a training tells."""
    found = _TEXT.fullmatch(text)
    return found is not None and _split(found["name"])[1]


def is_among(name: str, known: Sequence[str]) -> bool:
    """Whether a metric, by its full name or its quantity, is one of those that are known."""
    return any(name in Quantity.of(each).names for each in known)


def _split(name: str) -> tuple[str, bool]:
    """The name of a metric, and whether `:told` stands behind it, however it is spaced."""
    metric = _TOLD.sub("", name)
    return metric, metric != name


def _known(name: str, words: str, known: Sequence[str], *, may_be_told: bool) -> Quantity:
    """The metric that is meant, known before training.

    Raises:
        LimitError: There is none, or more than one.
    """
    try:
        return _named(name, f"limit {words!r}", known)
    except LimitError as error:
        if not may_be_told or is_among(name, known) or name == ACCURACY:
            raise
        raise LimitError(f"{error}. If your training returns it, write {name + TOLD!r}") from None


def _check_told(name: str, words: str, known: Sequence[str], *, may_be_told: bool) -> None:
    """Refuse a limit on what a training is to tell where it is known before, or none tells it.

    Raises:
        LimitError: So it is.
    """
    if not name:
        raise LimitError(
            f"limit {words!r} has no metric before {TOLD!r}; write for example "
            f"'fairness{TOLD}>=0.9'"
        )
    if name == ACCURACY:
        raise LimitError(
            f"limit {words!r} is on what is made as high as it can be anyway; leave the limit out"
        )
    if is_among(name, known):
        raise LimitError(
            f"limit {words!r} is to be told by the training, but {name!r} is known before; leave "
            f"{TOLD!r} out"
        )
    if not may_be_told:
        raise LimitError(
            f"limit {words!r} is on what only a training tells, and nothing is trained here; "
            f"metrics are {', '.join(known) or 'none'}"
        )


def _number(text: str) -> float | None:
    """A number that may have commas or underscores between its thousands; None for 1.2.3 or 0,5."""
    if "," in text and not THOUSANDS.fullmatch(text):
        return None
    try:
        return float(text.replace(",", "").replace("_", ""))
    except ValueError:
        return None


def metric_named(name: str, what: str, known: Sequence[str]) -> str:
    """Full name of the metric that a user calls so.

    Args:
        name: Its full name, or its quantity: `params`.
        what: What it is asked for, for messages: `objective 'params'`.
        known: Full names of the metrics that there are.

    Raises:
        LimitError: There is none, or more than one.
    """
    return _named(name, what, known).metric


def _named(name: str, what: str, known: Sequence[str]) -> Quantity:
    quantities = [Quantity.of(metric) for metric in known]
    # A full name is meant before a quantity that is called so.
    found = [each for each in quantities if name in each.names[:2]] or [
        each for each in quantities if name in each.names
    ]
    if len(found) > 1:
        raise LimitError(
            f"{what} may be on {' or '.join(each.metric for each in found)}; write the full name"
        )
    if not found:
        raise _unknown(name, what, known)
    return found[0]


def _unknown(name: str, what: str, known: Sequence[str]) -> LimitError:
    if not known:
        return LimitError(
            f"{what} is on {name!r}, but no metric is known here; give the space `costs`, a "
            f"function from an architecture to its costs by name, or a builder of networks to "
            f"measure (--build and --input-shape, `MeasuredCosts` in Python)"
        )
    parts = [each for each in known if name in each.split("_")]
    near = parts[:SHOWN] or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return LimitError(
        f"{what} is on {name!r}, which is not known here; {hint}metrics are {', '.join(known)}"
    )
