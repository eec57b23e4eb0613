"""The neural DoA predictor: an ensemble that is antisymmetric by construction (Fig. 2, right).

This file and its neighbours `neural_*` import torch; nothing else in the room does.
"""

from collections.abc import Sequence
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
from deltanas.predictor.neural_ensemble import Ensemble
from deltanas.predictor.neural_members import Members
from deltanas.seeds import checked_seed
from deltanas.spaces import SearchSpace


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
        self.context, self.members = context, check_members(members)
        self.seed = checked_seed(seed)
        self._encodings = [(each, WEIGHT) for each in encodings] or usual(space)
        self._decisions: int | None = None

    def fit(self, pairs: Pairs) -> None:
        """Learn from pairs; members start anew.

        Raises:
            PairsError: There is no pair.
        """
        check_learnable(pairs)
        columns = Standardised(self._encodings, pairs.codes, power=1.0)
        self._ensemble = Ensemble(pairs, columns.encode, self._networks, seed=self.seed)
        self._decisions = len(pairs.space.decisions)

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Predict accuracy of `after` minus accuracy of `before`, row by row."""
        check_asked(before, after, self._decisions)
        return self._ensemble.predict(before, after)

    def _networks(self, columns: int, random: torch.Generator) -> Members:
        """Fresh members."""
        return Members(columns, members=self.members, aware=self.context == "aware", random=random)


def check_members(members: int) -> int:
    """The number of members, if it is one.

    Raises:
        NeuralSettingError: It is less than 1.
    """
    if members < 1:
        raise NeuralSettingError(
            f"expected at least 1 member, got members={members}; 5 to 10 give a useful spread"
        )
    return members
