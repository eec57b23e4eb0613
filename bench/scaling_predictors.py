"""The predictors of `bench/scaling.py`: three families, each told differences and accuracies.

The closed form needs no twin: the difference that a Gaussian process predicts is the
difference of the accuracies that it predicts.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.random_blocks import Landscape
from deltanas.compare.ablations.absolute import AbsoluteNetworks
from deltanas.encoding import OneHot
from deltanas.pairs import pairs_of
from deltanas.predictor import AdditiveDelta, GaussianDelta
from deltanas.predictor.additive import LEAST_NOISE, RATIOS
from deltanas.predictor.columns import Standardised
from deltanas.predictor.neural import NeuralDelta
from deltanas.predictor.softening import Softening
from deltanas.report.style import GOOD, OURS, SECOND
from deltanas.spaces import Codes, SearchSpace

MEMBERS = 5
"""Networks in an ensemble."""
UNLIMITED = 4_096
"""Labels of the closed form without thinning: more than are ever tried."""

Values = NDArray[np.float64]
Ask = Callable[[Codes, Codes], Values]
Fit = Callable[[SearchSpace, Codes, Values, int], Ask]


def closed_form(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Ask:
    """Differences of a Gaussian process; its mean is that of its absolute predictions."""
    del seed
    predictor = GaussianDelta(space, most_labels=UNLIMITED)
    predictor.fit_accuracies(codes, accuracies)
    return lambda before, after: predictor.predict(before, after).mean


def closed_form_default(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Ask:
    """The same with its defaults: beyond 800 labels only its linear terms see all of them."""
    del seed
    predictor = GaussianDelta(space)
    predictor.fit_accuracies(codes, accuracies)
    return lambda before, after: predictor.predict(before, after).mean


def context_free(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Ask:
    """Ridge regression on differences of one-hot encodings, from all pairs."""
    del seed
    predictor = AdditiveDelta(space)
    predictor.fit(pairs_of(space, codes, accuracies, edits=codes.shape[1]))
    return lambda before, after: predictor.predict(before, after).mean


def ridge_on_accuracies(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Ask:
    """The absolute twin of `context_free`: the same columns, scale, prior and evidence."""
    del seed
    scale = Softening(accuracies)
    columns = Standardised([(OneHot(space), 1.0)], codes, power=0.5)
    rows, values = columns.encode(codes), scale.apply(accuracies)
    middle = rows.mean(axis=0)
    eigenvalues, vectors = np.linalg.eigh((rows - middle).T @ (rows - middle))
    eigenvalues = np.maximum(eigenvalues, 0.0)
    turned = vectors.T @ ((rows - middle).T @ (values - values.mean()))
    shrunk = eigenvalues + RATIOS[:, None]
    left = ((values - values.mean()) ** 2).sum() - np.sum(turned**2 / shrunk, axis=1)
    observations = len(codes) - 1
    evidence = -observations * np.log(np.maximum(left / observations, LEAST_NOISE))
    evidence -= np.sum(np.log1p(eigenvalues / RATIOS[:, None]), axis=1)
    weights = vectors @ (turned / shrunk[int(np.argmax(evidence))])
    return lambda before, after: (columns.encode(after) - columns.encode(before)) @ weights


def network_differences(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Ask:
    """Small networks that learn differences, from all pairs."""
    predictor = NeuralDelta(space, members=MEMBERS, seed=seed)
    predictor.fit(pairs_of(space, codes, accuracies, edits=codes.shape[1]))
    return lambda before, after: predictor.predict(before, after).mean


def network_accuracies(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Ask:
    """Their absolute twin: networks of the same size that learn accuracies."""
    predictor = AbsoluteNetworks(space, members=MEMBERS, seed=seed)
    predictor.fit_accuracies(codes, accuracies)
    return lambda before, after: predictor.predict(before, after).mean


PREDICTORS: dict[str, tuple[Fit, int, str]] = {
    "closed form": (closed_form, 10, OURS),
    "closed form, defaults": (closed_form_default, 10, OURS),
    "ridge, differences": (context_free, 10, SECOND),
    "ridge, accuracies": (ridge_on_accuracies, 10, SECOND),
    "networks, differences": (network_differences, 5, GOOD),
    "networks, accuracies": (network_accuracies, 5, GOOD),
}
"""Predictors by name: how to fit, seeds, colour."""


def main_effects(made: Landscape) -> Values:
    """What the best context-free predictor knows: a number for each option, up to a constant.

    The mean accuracy of all architectures with that option (theorem 6), from the known effects.
    """
    effects = made.single.copy()
    for (one, other), joint in zip(made.pairs.tolist(), made.joint, strict=True):
        effects[one] += joint.mean(axis=1)
        effects[other] += joint.mean(axis=0)
    return made.scale * effects
