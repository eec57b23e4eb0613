"""The DoA predictor in closed form: a Gaussian process whose differences are predicted.

If accuracy is a Gaussian process over architectures, the difference of two accuracies is
Gaussian too. Its mean is the difference of the means and its variance
k(a,a) + k(b,b) - 2 k(a,b) is small exactly for similar architectures. So one evaluated
relative says much about a child, and several are combined by their covariance.
"""

from typing import final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from deltanas.errors import NotFittedError, PairsError, ShapeError
from deltanas.pairs import Pairs
from deltanas.predictor.base import DeltaPredictor, Prediction
from deltanas.predictor.design import Design, UsualDesign
from deltanas.predictor.posterior import Posterior
from deltanas.predictor.process import NEGLIGIBLE, Matrix, Process
from deltanas.predictor.warp import Warp
from deltanas.spaces import Codes, SearchSpace

MOST_LABELS = 400
"""Evaluated architectures that hyperparameters are weighed by; of more, an even choice."""
TRUSTED_LABELS = 2
"""Times as many are seen by the kernels of the few vectors of hyperparameters that are trusted."""
MOST_COLUMNS = 2_000
"""Up to so many columns, linear terms learn from all labels, whatever their number."""

FEWEST_LABELS = 2
"""A difference takes two."""

SCREENED = 1_000
"""Of more architectures than this, the likeliest vector chooses those that all are asked of."""

Accuracies = Float[np.ndarray, " architectures"]


@final
class GaussianDelta(DeltaPredictor):
    """Predicts differences from the choices, the space's exact features and their kernels.

    Where a space's vertices may be renumbered, choices are left out: features alone are the same
    for the same network, so isomorphic cells differ by nothing.

    Each group of features (`paths:...`, `cost:...`: the part before the colon), the choices
    themselves, what several of them come to together and the order of
    choices among numbers get a kernel and a linear term of their own; see `UsualDesign`. The
    linear term of the choices is the context-free part of the method: one number per option.
    The kernels are the context. Which of them matters is weighed by the data, not decided here.

    Source: the paper predicts differences with a learned model; the closed form, the
    groups and the averaging over hyperparameters are ours.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        design: Design | None = None,
        averaged: bool = True,
        most_labels: int = MOST_LABELS,
    ) -> None:
        """Prepare for a space.

        Args:
            space: What the architectures belong to.
            design: What to see of an architecture; by default its choices and the space's
                features. Others are for ablations.
            averaged: Whether all trusted vectors of hyperparameters predict, or the
                likeliest one alone.
            most_labels: Evaluated architectures that hyperparameters are weighed by, at least
                2; kernels see up to twice as many, linear terms all. Time grows with their
                third power, and with the number of all.

        Raises:
            PairsError: `most_labels` is less than two.
        """
        if most_labels < FEWEST_LABELS:
            raise PairsError(
                f"a difference needs two evaluated architectures, got most_labels={most_labels}; "
                f"leave it out to learn from up to {MOST_LABELS}"
            )
        self.space = space
        self._design: Design = UsualDesign(space) if design is None else design
        self._averaged = averaged
        self._process = Process(self._design.groups, negligible=NEGLIGIBLE if averaged else 1.0)
        self._warp: Warp | None = None
        self._most_labels = most_labels

    def another(self) -> "GaussianDelta":
        """One that sees the same of architectures, with the same settings, and knows nothing yet.

        What features are usually like is worked out once for both.
        """
        return GaussianDelta(
            self.space,
            design=self._design,
            averaged=self._averaged,
            most_labels=self._most_labels,
        )

    def fit(self, pairs: Pairs) -> None:
        """Learn from the architectures of the pairs; their differences hold no more.

        Raises:
            PairsError: There are fewer than two evaluated architectures.
        """
        self.fit_accuracies(pairs.codes, pairs.accuracies)

    def fit_accuracies(self, codes: Codes, accuracies: Accuracies) -> None:
        """Learn from evaluated architectures, one row each.

        Raises:
            PairsError: There are fewer than two.
        """
        if len(codes) < FEWEST_LABELS:
            raise PairsError(
                f"a difference needs two evaluated architectures, got {len(codes)}; evaluate more"
            )
        self._warp = Warp(accuracies)
        values = self._warp.apply(accuracies)
        designs = self._design.encode(codes)
        if len(codes) <= self._most_labels:
            self._process.fit(designs, values)
            return
        weighed = _thinned(accuracies, self._most_labels)
        self._process.fit([each[weighed] for each in designs], values[weighed])
        seen = _thinned(accuracies, TRUSTED_LABELS * self._most_labels)
        near = [each[seen] for each in designs]
        rest = np.setdiff1d(np.arange(len(codes)), seen)
        if len(rest) and sum(each.shape[1] for each in designs) <= MOST_COLUMNS:
            self._process.refit(near, values[seen], [each[rest] for each in designs], values[rest])
        else:
            self._process.refit(near, values[seen])

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Predict accuracy of `after` minus accuracy of `before`, row by row."""
        warp = self._fitted()
        if before.shape != after.shape:
            raise ShapeError(
                f"before has shape {before.shape} and after {after.shape}; give one row per pair"
            )
        old, new = self._design.encode(before), self._design.encode(after)
        values = self._process.pair(old, new)
        (at_old, _), (at_new, _), (_, spread) = (each.moments() for each in values)
        slope = np.sqrt(warp.slope(at_old) * warp.slope(at_new))
        return Prediction(warp.invert(at_new) - warp.invert(at_old), spread * slope)

    def posterior(self, codes: Codes) -> Posterior:
        """What is predicted of each architecture on the learning scale, higher is better.

        There what was learned from has mean 0 and deviation 1, whatever its unit.
        """
        self._fitted()
        return self._process.posterior(self._design.encode(codes))

    def believed(self, codes: Codes) -> Accuracies:
        """Expected accuracy of each architecture: what was measured, less its noise."""
        mean, _ = self.posterior(codes).moments()
        believed: Accuracies = self._fitted().invert(mean)
        return believed

    def expected_improvement(self, codes: Codes, incumbent: float) -> Accuracies:
        """Expected gain of each architecture over an accuracy, on the learning scale.

        The gain is averaged over the vectors of hyperparameters, each with its own
        Gaussian, so that one trusted vector that sees a chance is heard. Of more than
        `SCREENED` architectures the likeliest vector picks the most promising ones first,
        and all others have a gain of 0.

        Source: Mockus et al. 1978; averaged over hyperparameters as in Snoek et al. 2012.
        """
        warp = self._fitted()
        designs = self._design.encode(codes)
        best = float(warp.apply(np.array([incumbent]))[0])
        if len(codes) <= SCREENED:
            return self._gains(designs, best, self._process)
        first = self._gains(designs, best, self._process.likeliest())
        chosen = np.sort(np.argsort(-first, kind="stable")[:SCREENED])
        improvement: Accuracies = np.zeros(len(codes))
        improvement[chosen] = self._gains([each[chosen] for each in designs], best, self._process)
        return improvement

    @staticmethod
    def _gains(designs: list[Matrix], best: float, process: Process) -> Accuracies:
        """Expected gain of each row over a value on the learning scale."""
        gains: Accuracies = process.posterior(designs).expected_improvements(np.array([best]))[:, 0]
        return gains

    def expected_improvements(
        self, codes: Codes, levels: Float[np.ndarray, " levels"]
    ) -> Float[np.ndarray, "architectures levels"]:
        """Expected gain of each architecture over each of several accuracies."""
        return self.posterior(codes).expected_improvements(self._fitted().apply(levels))

    def _fitted(self) -> Warp:
        if self._warp is None:
            raise NotFittedError("this predictor knows nothing yet; call fit(pairs) first")
        return self._warp


def _thinned(accuracies: Accuracies, most: int) -> Int[np.ndarray, " kept"]:
    """Rows to learn from: all, or the best and an even choice of the rest."""
    if len(accuracies) <= most:
        return np.arange(len(accuracies))
    order = np.argsort(-accuracies, kind="stable")
    best, rest = order[: most // 2], order[most // 2 :]
    even = rest[np.linspace(0, len(rest) - 1, most - len(best)).astype(int)]
    return np.sort(np.concatenate([best, even]))
