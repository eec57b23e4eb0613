"""The rules of a comparison: equal for every method, and written into its results."""

import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from deltanas.errors import DeltaNasError, UnknownNameError
from deltanas.evaluation import Signal


class ComparisonError(DeltaNasError, ValueError):
    """A comparison cannot be set up, continued or read."""


class Identity(StrEnum):
    """Which architectures are the same one, and so are queried once at most."""

    RAW = "raw"
    """Equal codes: every recorded architecture stands for itself, as in published work."""
    CLASSES = "classes"
    """Equal canonical keys: equal functions are one architecture, with all their trainings."""

    @classmethod
    def _missing_(cls, value: object) -> "Identity":
        raise UnknownNameError(
            f"there is no identity {value!r}; "
            f"identities are {', '.join(each.value for each in cls)}"
        )


MOST_QUERIES = 1_000_000
"""Of each run: a curve has a number for every query."""


@final
@dataclass(frozen=True, slots=True)
class Protocol:
    """The rules of one comparison.

    Raises:
        ComparisonError: A number is out of range, or the rules contradict each other.
    """

    budget: int = 100
    """Queries of each run, the starts included."""
    starts: int = 5
    """Random architectures that come first, the same ones for all methods of a seed."""
    signal: Signal = Signal.MEAN
    """What a query tells."""
    identity: Identity = Identity.RAW
    """Which architectures are the same one."""
    until_optimum: bool = False
    """Whether a run ends when it has found the best architecture: saves time only."""
    limits: tuple[str, ...] = ()
    """What all methods keep to, such as `params<=0.6M`: nobody sees anything beyond."""

    def __post_init__(self) -> None:
        """Refuse rules under which nothing could be compared."""
        # However they are typed, equal limits are equal rules.
        limits = sorted({"".join(limit.split()) for limit in self.limits})
        object.__setattr__(self, "limits", tuple(limits))
        if self.starts < 1:
            raise ComparisonError(
                f"a comparison starts from at least one architecture, got starts={self.starts}"
            )
        if self.budget <= self.starts:
            raise ComparisonError(
                f"the budget must exceed the {self.starts} starts, which are equal for all "
                f"methods, got budget={self.budget}; give at least {self.starts + 1}"
            )
        if self.budget > MOST_QUERIES:
            raise ComparisonError(
                f"curves are kept for up to {MOST_QUERIES:,} queries, got budget={self.budget:,}"
            )
        if self.until_optimum and self.signal is not Signal.MEAN:
            raise ComparisonError(
                "until_optimum needs the signal 'mean', got 'one-run': a run that saw one "
                "training does not know that it found the best; leave one of the two out"
            )

    def rules(self) -> dict[str, str]:
        """Everything but the budget as texts: runs can be joined exactly if these are equal."""
        return {
            "starts": str(self.starts),
            "signal": self.signal.value,
            "identity": self.identity.value,
            "until_optimum": str(self.until_optimum),
            "limits": " ".join(self.limits),
        }

    def describe(self) -> Mapping[str, str]:
        """The rules, the budget and the versions that ran, for the head of a results file."""
        return {
            **self.rules(),
            "budget": str(self.budget),
            "python": platform.python_version(),
            "versions": json.dumps(_versions()),
        }


def _versions() -> dict[str, str]:
    """Installed version of everything that can change a result."""
    found = {}
    for name in ("deltanas", "numpy", "scipy", "torch", "optuna", "scikit-learn", "smac"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found
