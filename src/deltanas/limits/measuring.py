"""Costs that take too long to find for every code: estimated for many, measured for one.

Nothing is proposed that is beyond a limit by the estimate, and nothing is trained that is
beyond it when measured. What was measured is stored and never measured again, and all of it
refines the estimates, so a search that is continued knows the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from deltanas.limits.limit import Limit, Values
from deltanas.limits.metrics import Metrics
from deltanas.spaces import Architecture, Codes


@runtime_checkable
class Measuring(Metrics, Protocol):
    """Metrics of which some are measured, network by network."""

    @property
    def needed(self) -> tuple[str, ...]:
        """Metrics that are measured for each proposal; known once it has settled."""
        ...

    @property
    def codes(self) -> Codes:
        """Networks that were measured so far."""
        ...

    @property
    def words(self) -> str:
        """How far the estimates can be trusted, as one line; empty where nothing is estimated."""
        ...

    def settle(
        self, names: Sequence[str], limits: Sequence[Limit], stored: Mapping[str, Any] | None
    ) -> None:
        """Measure some networks, so that others can be estimated; or take what is stored.

        Args:
            names: Full names of all metrics that the study asks for.
            limits: Those of the study: networks near them are measured more.
            stored: What `record` gave when the study was made, empty if nothing was measured
                then; None for a new study.

        Raises:
            StudyMismatchError: The study was measured on another machine.
            DeltaNasError: Nothing can be measured.
        """
        ...

    def record(self) -> Mapping[str, Any] | None:
        """What was measured before the search, for the store; None if nothing is needed."""
        ...

    def learn(self, measured: Sequence[tuple[Architecture, Mapping[str, float]]]) -> None:
        """Estimate from these networks too; what was learned from others before is forgotten.

        Args:
            measured: All that a study has measured so far, in the order of its trials, with
                their needed metrics; those that could not be measured have none.
        """
        ...

    def cautious(self, limit: Limit, codes: Codes) -> Values:
        """The metric of a limit, estimated so that most networks are on the safe side of it."""
        ...

    def measured(self, architecture: Architecture) -> dict[str, float]:
        """The needed metrics of one network.

        Raises:
            DeltaNasError: They cannot be measured.
        """
        ...
