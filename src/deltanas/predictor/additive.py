"""Context-free differences in closed form: one number per column of the DoA encoding."""

from collections.abc import Sequence
from typing import final

import numpy as np
import scipy
from jaxtyping import Float
from numpy.typing import NDArray

from deltanas.encoding import Encoding, Features, OneHot
from deltanas.pairs import Pairs
from deltanas.predictor.asking import check_asked, check_learnable
from deltanas.predictor.base import DeltaPredictor, Prediction
from deltanas.predictor.columns import Standardised
from deltanas.predictor.growth import growth
from deltanas.predictor.softening import Softening
from deltanas.spaces import SearchSpace, edit_distance

RATIOS = np.geomspace(1e-3, 1e5, 65)
"""Ratios of noise variance to prior variance that are compared."""
LEAST_NOISE = 1e-9
"""Least noise variance on the learning scale, which is left where all differences fit."""

Matrix = Float[np.ndarray, "columns columns"]
Vector = Float[np.ndarray, " columns"]


@final
class AdditiveDelta(DeltaPredictor):
    """Predicts a difference as a weighted sum of what differs: Bayesian ridge regression.

    On the learning scale, delta = w (E(after) - E(before)) + noise, where the variance of the
    noise grows with the number of edits as `growth` says. Pairs share architectures, so m
    architectures count as m - 1 observations however many pairs they form. Prior and noise
    variance are those under which the observed differences are most probable.

    Source: evidence maximisation after MacKay 1992, Neural Computation 4:415-447. Weighing
    pairs by distance and counting them by architecture is ours.
    """

    def __init__(self, space: SearchSpace, *, encodings: Sequence[Encoding] = ()) -> None:
        """Prepare for a space.

        Args:
            space: What the architectures belong to.
            encodings: What to take differences of, all of equal weight; by default the
                choices and the space's features.
        """
        self._encodings = [(each, 1.0) for each in encodings or (OneHot(space), Features(space))]
        self._decisions: int | None = None

    def fit(self, pairs: Pairs) -> None:
        """Learn the weights.

        Raises:
            PairsError: There is no pair.
        """
        check_learnable(pairs)
        self._scale = Softening(pairs.accuracies)
        self._columns = Standardised(self._encodings, pairs.codes, power=0.5)
        rows = self._columns.encode(pairs.codes)
        values = self._scale.apply(pairs.accuracies)
        observations = len(np.union1d(pairs.first, pairs.second)) - 1
        sums = _weighted_sums(rows, values, pairs, observations)
        self._mean, self._covariance, noise = _most_probable(*sums, observations)
        # Weights average to 1 / growth over its mean, and noise is that of a weight of 1.
        self._noise = noise * float(np.mean(1.0 / growth(pairs.distance)))
        self._decisions = len(pairs.space.decisions)

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Sum what differs, row by row."""
        check_asked(before, after, self._decisions)
        codes, place = np.unique(np.concatenate([before, after]), axis=0, return_inverse=True)
        rows = self._columns.encode(codes)
        old, new = place[: len(before)], place[len(before) :]
        different = rows[new] - rows[old]
        middle = np.zeros(len(before))
        # einsum adds up each row alone, so a swapped pair gives exactly the opposite.
        mean = self._scale.difference(middle, np.einsum("pc,c->p", different, self._mean))
        variance = np.einsum("pc,pc->p", different @ self._covariance, different)
        variance = np.maximum(variance, 0.0) + self._noise * growth(edit_distance(before, after))
        return Prediction(mean, np.sqrt(variance) * self._scale.slope(middle))


def _weighted_sums(
    rows: Float[np.ndarray, "architectures columns"],
    values: Float[np.ndarray, " architectures"],
    pairs: Pairs,
    observations: int,
) -> tuple[Matrix, Vector, float]:
    """Squares and products of all differences, weighted; no row per pair is ever made.

    A sum over pairs of products of differences is a product with the Laplacian of the graph
    whose edges are the pairs.
    """
    weights = 1.0 / growth(pairs.distance)
    weights *= observations / weights.sum()
    shape = (len(rows), len(rows))
    graph = scipy.sparse.coo_array((weights, (pairs.first, pairs.second)), shape=shape).tocsr()
    graph = graph + graph.T
    degrees = graph.sum(axis=1)
    spread_rows = degrees[:, None] * rows - graph @ rows
    spread_values = degrees * values - graph @ values
    return rows.T @ spread_rows, rows.T @ spread_values, float(values @ spread_values)


def _most_probable(
    square: Matrix, product: Vector, total: float, observations: int
) -> tuple[Vector, Matrix, float]:
    """Mean and covariance of the weights and the noise variance, at the likeliest ratio."""
    eigenvalues, vectors = np.linalg.eigh(square)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    turned = vectors.T @ product
    shrunk = eigenvalues + RATIOS[:, None]
    noises = (total - np.sum(turned**2 / shrunk, axis=1)) / observations
    noises = np.maximum(noises, LEAST_NOISE)
    evidence = -observations * np.log(noises)
    evidence -= np.sum(np.log1p(eigenvalues / RATIOS[:, None]), axis=1)
    best = int(np.argmax(evidence))
    mean: Vector = vectors @ (turned / shrunk[best])
    covariance: Matrix = noises[best] * (vectors / shrunk[best]) @ vectors.T
    return mean, covariance, float(noises[best])
