"""The neural DoA predictor: an ensemble that is antisymmetric by construction (Fig. 2, right).

This file and its neighbours `neural_*` import torch; nothing else in the room does.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from deltanas.encoding import Encoding
from deltanas.errors import DeltaNasError
from deltanas.pairs import Pairs
from deltanas.predictor.asking import check_asked, check_learnable
from deltanas.predictor.base import DeltaPredictor, Prediction
from deltanas.predictor.columns import WEIGHT, Standardised, usual
from deltanas.predictor.growth import growth
from deltanas.predictor.neural_members import Members
from deltanas.predictor.neural_training import Lesson, train
from deltanas.predictor.softening import Softening
from deltanas.seeds import checked_seed, generator
from deltanas.spaces import SearchSpace

PAIRS = 4_096
"""Pairs that are predicted at a time."""


class NeuralSettingError(DeltaNasError, ValueError):
    """A neural predictor is asked for with a setting that does not exist."""


@final
class NeuralDelta(DeltaPredictor):
    """Predicts differences with an ensemble of small networks, trained as one.

    Give it pairs of three edits or more: 100 random NAS-Bench-201 labels hold about 8 pairs one
    edit apart, 90 within two and 510 within three. Fitted on them it knows the sign of .75, .84
    and .85 of unseen one-edit changes; on all 4,950 pairs it is .85 too.

    The mean is that of the members. The spread puts together their disagreement and what it
    leaves unexplained of the error on networks that members had not seen, which grows with
    the number of edits as `growth` says. Accuracies are learned on a scale that does not care
    how bad a bad cell is.

    Source: the paper predicts the accuracy difference from both architectures and their
        DoA encoding; network, ensemble, scale and training are ours.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        context: str = "aware",
        members: int = 10,
        seed: int = 0,
        encodings: Sequence[Encoding] = (),
    ) -> None:
        """Prepare for a space.

        Args:
            space: What the architectures belong to.
            context: `aware` members see both architectures and their difference; `free` ones
                see the difference only.
            members: Networks in the ensemble, at least 1; one alone cannot disagree.
            seed: Where weights, folds and batches come from, 0 or more.
            encodings: What to see of an architecture, all with equal say; by default its
                choices and the space's features, the features with ten times the say.

        Raises:
            NeuralSettingError: Another context, or no members.
            SeedError: The seed is negative or not a whole number.
        """
        if context not in ("aware", "free"):
            raise NeuralSettingError(
                f"expected context 'aware' or 'free', got {context!r}; "
                f"choose 'aware' unless it is the difference alone that you study"
            )
        if members < 1:
            raise NeuralSettingError(
                f"expected at least 1 member, got members={members}; 5 to 10 give a useful spread"
            )
        self.context, self.members, self.seed = context, members, checked_seed(seed)
        self._encodings = [(each, WEIGHT) for each in encodings] or usual(space)
        self._decisions: int | None = None

    def fit(self, pairs: Pairs) -> None:
        """Learn from pairs; members start anew.

        Raises:
            PairsError: There is no pair.
        """
        check_learnable(pairs)
        self._scale = Softening(pairs.accuracies)
        self._columns = Standardised(self._encodings, pairs.codes, power=1.0)
        rows = self._columns.encode(pairs.codes)
        random = torch.Generator()
        random.manual_seed(int(generator(self.seed, "neural").integers(2**63)))
        with one_thread(), torch.enable_grad():
            lesson = Lesson(
                torch.tensor(rows, dtype=torch.float32),
                torch.tensor(self._scale.apply(pairs.accuracies), dtype=torch.float32),
                torch.tensor(pairs.first, dtype=torch.int64),
                torch.tensor(pairs.second, dtype=torch.int64),
                torch.tensor(growth(pairs.distance), dtype=torch.float32),
            )
            aware = self.context == "aware"
            self._members = Members(rows.shape[1], members=self.members, aware=aware, random=random)
            self._error = train(self._members, lesson, random)
        self._decisions = len(pairs.space.decisions)

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Predict accuracy of `after` minus accuracy of `before`, row by row."""
        check_asked(before, after, self._decisions)
        means, spreads = [np.zeros(0)], [np.zeros(0)]
        with one_thread(), torch.no_grad():
            for start in range(0, len(before), PAIRS):
                old, new = before[start : start + PAIRS], after[start : start + PAIRS]
                delta, level = self._by_member(old, new)
                found = self._scale.difference(level, delta)
                disagreement = found.var(axis=0, ddof=1) if self.members > 1 else 0.0
                slope = self._scale.slope(level).mean(axis=0)
                noise = (self._error * slope) ** 2 * growth(np.sum(old != new, axis=1))
                means.append(found.mean(axis=0))
                spreads.append(np.sqrt(disagreement + noise))
        return Prediction(np.concatenate(means), np.concatenate(spreads))

    def _by_member(
        self, before: NDArray[np.integer], after: NDArray[np.integer]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Difference and level of each pair on the learning scale, shape `(members, pairs)`."""
        # Every architecture is projected once, in an order that swapping does not change:
        # what is equal then stays equal, and what is opposite stays opposite, bit by bit.
        codes, place = np.unique(np.concatenate([before, after]), axis=0, return_inverse=True)
        rows = torch.tensor(self._columns.encode(codes), dtype=torch.float32)
        ends = torch.tensor(place.reshape(-1), dtype=torch.int64)
        projected = self._members.project(rows)
        first, second = ends[: len(before)], ends[len(before) :]
        delta = self._members.deltas(projected, first, second)
        level = self._members.levels(projected, first, second)
        return delta.double().numpy(), level.double().numpy()


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread of torch for a while, because sums depend on it; others get theirs back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
