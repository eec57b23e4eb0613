"""What the closed form sees of an architecture: groups of columns, each with its own kernel."""

from collections.abc import Callable
from typing import Protocol, final, runtime_checkable

import numpy as np

from deltanas.encoding import Concatenation, Features, OneHot, Ordinal, Totals
from deltanas.encoding.graphs import has_order
from deltanas.predictor.columns import CONSTANT_DEVIATION, nearer
from deltanas.predictor.kernels import exponential, matern
from deltanas.predictor.process import Matrix
from deltanas.predictor.vectors import Group
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, Codes, SearchSpace
from deltanas.spaces.facts import typical_codes, unwrapped

SAMPLE = 2_000
"""Random architectures that say how far apart two of them usually are."""
CHOICES_WIDTH_LOG = (-0.5, 0.35)
"""Prior of the width of the kernel on choices, as `Group` has it."""
FEATURES_WIDTH_LOG = (0.0, 0.7)
"""The same for kernels on features and on the order of numbers."""
MOST_RELEVANCES = 8
"""Of up to so many decisions about numbers each has a relevance of its own.

Where one number matters most, that saves trainings; a few vectors cannot try the relevances of
dozens, which brought nothing (`python -m bench.relevance`).
"""


@runtime_checkable
class Design(Protocol):
    """Architectures to one matrix per group of columns."""

    groups: list[Group]
    """What is said of each group to the process."""

    def encode(self, codes: Codes) -> list[Matrix]:
        """The matrices of these architectures, one per group."""
        ...


@final
class UsualDesign:
    """Architectures to one matrix per group, scaled so that typical distances are near 1."""

    def __init__(
        self,
        space: SearchSpace,
        *,
        bounded: Callable[[Matrix], Matrix] = nearer,
        totals: bool = True,
    ) -> None:
        """Find out what architectures of a space are usually like.

        Args:
            space: Where they come from.
            bounded: What becomes of features in deviations from their means.
            totals: Whether what several blocks come to together is seen (`Totals`); cells have
                counts of operations among their features.
        """
        self._space, self._bounded = space, bounded
        # Where a choice means something else in each numbering, choices would keep apart what
        # is the same network.
        self._choices = OneHot(space) if has_order(space) else None
        self._order = Ordinal(space)
        ordered = len(self._order.names)
        relevances = ordered if 1 < ordered <= MOST_RELEVANCES else 0
        blocks = totals and isinstance(unwrapped(space), BlockSpace)
        # Numbers with a relevance each need no mean; beside it theirs were found less often.
        seen = [Totals(space, numbers=not relevances)] if blocks else []
        self._features = Concatenation([Features(space), *seen])
        features = self._features.encode(typical_codes(space, SAMPLE, generator(0, "design")))
        self._centre = features.mean(axis=0)
        deviation = features.std(axis=0)
        names = [name.partition(":")[0] for name in self._features.names]
        varying = deviation > CONSTANT_DEVIATION
        self._scale = np.where(varying, deviation, 1.0)
        self._columns = [
            np.flatnonzero(
                [name == group and vary for name, vary in zip(names, varying, strict=True)]
            )
            for group in dict.fromkeys(names)
        ]
        self._columns = [columns for columns in self._columns if len(columns)]
        numbers = Group(matern, FEATURES_WIDTH_LOG, linear=True, relevances=relevances)
        self.groups = [
            *([Group(exponential, CHOICES_WIDTH_LOG, linear=True)] if self._choices else []),
            *(Group(matern, FEATURES_WIDTH_LOG, linear=True) for _ in self._columns),
            *([numbers] if ordered else []),
        ]

    def encode(self, codes: Codes) -> list[Matrix]:
        """The matrices of these architectures."""
        scaled = self._bounded((self._features.encode(codes) - self._centre) / self._scale)
        designs = [scaled[:, columns] / np.sqrt(len(columns)) for columns in self._columns]
        if self._choices is not None:
            # Two different choices differ in two columns: the squared distance is their share.
            share = np.sqrt(0.5 / len(self._space.decisions))
            designs = [share * self._choices.encode(codes), *designs]
        if self._order.names:
            # Evenly spread from -1 to 1 is a deviation of about 1 / sqrt(2) for few options.
            designs.append(self._order.encode(codes) * np.sqrt(2 / len(self._order.names)))
        return designs
