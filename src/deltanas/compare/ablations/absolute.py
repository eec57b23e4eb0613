"""Ablation of the difference: the same networks learn how accurate an architecture is.

Earlier predictor-based searches learn the accuracy itself. Everything else is kept as in
`predictor/neural.py`: what is seen, the scale of accuracies, the hidden layer, the ensemble,
random weights, folds, optimiser, steps and the rule that stops them.
"""

from functools import partial
from typing import final

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor

from deltanas.encoding.graphs import cells_of
from deltanas.predictor import Prediction
from deltanas.predictor.columns import Standardised, usual
from deltanas.predictor.graph_batches import GraphRows
from deltanas.predictor.graph_members import GraphMembers
from deltanas.predictor.neural_ensemble import one_thread
from deltanas.predictor.neural_members import Members, Rows
from deltanas.predictor.neural_training import (
    BATCH,
    FOLDS,
    ONE_DEVIATION,
    averaged,
    descend,
    exponential_weights,
    folds,
)
from deltanas.predictor.posterior import expected_improvement
from deltanas.predictor.softening import Softening
from deltanas.search import DeltaEvolution
from deltanas.seeds import generator
from deltanas.spaces import Codes, SearchSpace

Accuracies = Float[np.ndarray, " architectures"]
PerMember = Float[Tensor, "members architectures"]


def absolute(
    space: SearchSpace, *, seed: int, starts: int, members: int = 10, **settings: int
) -> DeltaEvolution:
    """The neural predictor of accuracies.

    Args:
        space: What to search.
        seed: Seed of the run, and of weights, folds and batches.
        starts: How many random architectures come first.
        members: Networks in the ensemble.
        settings: Of the evolution.
    """
    predictor = AbsoluteNetworks(space, members=members, seed=seed)
    return DeltaEvolution(space, seed=seed, starts=starts, predictor=predictor, **settings)


def absolute_graph(
    space: SearchSpace, *, seed: int, starts: int, members: int = 5, **settings: int
) -> DeltaEvolution:
    """The graph networks, as predictors of accuracies; arguments as above."""
    predictor = AbsoluteNetworks(space, members=members, seed=seed, graphs=True)
    return DeltaEvolution(space, seed=seed, starts=starts, predictor=predictor, **settings)


@final
class AbsoluteNetworks:
    """An advisor that predicts accuracies with the networks of `NeuralDelta` or `GraphDelta`.

    Of each network the part is trained and asked that estimates the level of an architecture:
    one hidden layer of the same width and a linear term.
    """

    def __init__(
        self, space: SearchSpace, *, members: int, seed: int, graphs: bool = False
    ) -> None:
        """Know nothing yet.

        Args:
            space: What the architectures belong to.
            members: Networks in the ensemble, at least 2.
            seed: Where weights, folds and batches come from.
            graphs: Whether they see cells as graphs; otherwise choices and features.
        """
        self._encodings, self._members, self._seed = usual(space), members, seed
        self._cells = cells_of(space, "AbsoluteNetworks") if graphs else None

    def fit_accuracies(self, codes: Codes, accuracies: Accuracies) -> None:
        """Learn from evaluated architectures; networks start anew."""
        self._known = dict(zip(map(tuple, codes.tolist()), accuracies.tolist(), strict=True))
        self._scale = Softening(accuracies)
        self._encode = Standardised(self._encodings, codes, power=1.0).encode
        graphs = None if self._cells is None else GraphRows(self._cells, codes)
        if graphs is not None:
            self._encode = graphs.encode
        rows = torch.tensor(self._encode(codes), dtype=torch.float32)
        values = torch.tensor(self._scale.apply(accuracies), dtype=torch.float32)
        random = torch.Generator()
        random.manual_seed(int(generator(self._seed, "neural").integers(2**63)))
        with one_thread(), torch.enable_grad():
            self._networks: Members | GraphMembers = (
                Members(rows.shape[1], members=self._members, aware=True, random=random)
                if graphs is None
                else GraphMembers(graphs, members=self._members, random=random)
            )
            self._error = _train(self._networks, rows, values, random)

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Difference of the predicted accuracies, row by row."""
        old, new = self._levels(before), self._levels(after)
        found = self._scale.invert(new) - self._scale.invert(old)
        slope = self._scale.slope((old + new) / 2).mean(axis=0)
        noise = 2 * (self._error * slope) ** 2 * (before != after).any(axis=1)
        return Prediction(found.mean(axis=0), np.sqrt(found.var(axis=0, ddof=1) + noise))

    def believed(self, codes: Codes) -> Accuracies:
        """Expected accuracies; of an evaluated architecture the measured one."""
        predicted = self._scale.invert(self._levels(codes)).mean(axis=0)
        keys = map(tuple, codes.tolist())
        return np.array(
            [self._known.get(key, each) for key, each in zip(keys, predicted, strict=True)]
        )

    def expected_improvement(self, codes: Codes, incumbent: float) -> Accuracies:
        """Expected gain of each over an accuracy, on the learning scale."""
        levels = self._levels(codes)
        deviation = np.sqrt(levels.var(axis=0, ddof=1) + self._error**2)
        best = float(self._scale.apply(np.array([incumbent]))[0])
        improvement: Accuracies = expected_improvement(levels.mean(axis=0), deviation, best)
        return improvement

    def _levels(self, codes: NDArray[np.integer]) -> NDArray[np.float64]:
        """What each member says on the learning scale, shape `(members, architectures)`."""
        rows = torch.tensor(self._encode(codes.astype(np.int32)), dtype=torch.float32)
        with one_thread(), torch.no_grad():
            return self._networks.project(rows).level.double().numpy()


def _train(
    networks: Members | GraphMembers,
    rows: Rows,
    values: Float[Tensor, " networks"],
    random: torch.Generator,
) -> float:
    """Train all members at once; the deviation of their error on networks they had not seen."""
    count = len(rows)
    held = folds(networks.members, count, random)
    if count < FOLDS:
        held = torch.zeros_like(held)
    weights = exponential_weights(networks.members, count, random)
    weights = torch.where(held, 0.0, weights)
    check = partial(_held_out, networks, rows, values, held)
    loss = partial(_loss, networks, rows, values, weights, random)
    descend(networks.level_parameters, loss, check if held.any() else None)
    if not held.any():
        # Nothing was held out, so nothing is known of the error: claim to know nothing.
        return float(values.std(correction=0))
    with torch.no_grad():
        levels = networks.project(rows).level
    unseen = held.float()
    found = (levels * unseen).sum(dim=0) / unseen.sum(dim=0)
    seen = unseen.sum(dim=0) > 0
    errors = (found - values).abs()[seen]
    variance = float(torch.quantile(errors, ONE_DEVIATION)) ** 2
    return float(max(variance - float(levels.var(dim=0).mean()), 0.0) ** 0.5)


def _loss(
    networks: Members | GraphMembers,
    rows: Rows,
    values: Float[Tensor, " networks"],
    weights: PerMember,
    random: torch.Generator,
) -> Float[Tensor, ""]:
    """Weighted error of one batch, summed over members."""
    count = len(rows)
    chosen = torch.arange(count)
    if count > BATCH:
        chosen = torch.randint(count, (BATCH,), generator=random)
    found = networks.project(rows[chosen]).level
    wanted = values[chosen].expand_as(found)
    return averaged(found, wanted, weights[:, chosen]) * networks.members


def _held_out(
    networks: Members | GraphMembers,
    rows: Rows,
    values: Float[Tensor, " networks"],
    held: Bool[Tensor, "members networks"],
) -> float:
    with torch.no_grad():
        found = networks.project(rows).level
    return float(averaged(found, values.expand_as(found), held.float()))
