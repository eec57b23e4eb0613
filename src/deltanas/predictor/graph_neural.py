"""The graph DoA predictor: networks that see both cells as graphs, and where they differ.

This file and its neighbours `graph_*` import torch, as those named `neural_*` do.
"""

from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from deltanas.encoding.graphs import cells_of
from deltanas.pairs import Pairs
from deltanas.predictor.asking import check_asked, check_learnable
from deltanas.predictor.base import DeltaPredictor, Prediction
from deltanas.predictor.graph_batches import GraphRows
from deltanas.predictor.graph_members import GraphMembers
from deltanas.predictor.neural import check_members
from deltanas.predictor.neural_ensemble import Ensemble
from deltanas.seeds import checked_seed
from deltanas.spaces import SearchSpace


@final
class GraphDelta(DeltaPredictor):
    """Predicts differences of cells with an ensemble of graph networks, trained as one.

    It is told nothing but the graphs: which vertices there are, what they do and what leads
    where, without dead parts. Cells with operations on vertices and on edges look alike to it.
    Mean, spread and the scale of accuracies are those of `NeuralDelta`.

    Source: the paper predicts the accuracy difference from the graph and operation
        encodings of both architectures; network, ensemble, scale and training are ours.
    """

    def __init__(self, space: SearchSpace, *, members: int = 5, seed: int = 0) -> None:
        """Prepare for a space.

        Args:
            space: A space of cells: NAS-Bench-101 or 201, TransNAS-Bench-101, a `CellSpace`.
            members: Networks in the ensemble, at least 1; one alone cannot disagree.
            seed: Where weights, folds and batches come from, 0 or more.

        Raises:
            EncodingError: The space does not give its architectures as graphs.
            NeuralSettingError: No members.
            SeedError: The seed is negative or not a whole number.
        """
        self._cells = cells_of(space, "GraphDelta")
        self.members, self.seed = check_members(members), checked_seed(seed)
        self._decisions: int | None = None

    def fit(self, pairs: Pairs) -> None:
        """Learn from pairs; members start anew.

        Raises:
            PairsError: There is no pair.
        """
        check_learnable(pairs)
        self._rows = GraphRows(self._cells, pairs.codes)
        self._ensemble = Ensemble(pairs, self._rows.encode, self._networks, seed=self.seed)
        self._decisions = len(pairs.space.decisions)

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Predict accuracy of `after` minus accuracy of `before`, row by row."""
        check_asked(before, after, self._decisions)
        return self._ensemble.predict(before, after)

    def _networks(self, columns: int, random: torch.Generator) -> GraphMembers:
        """Fresh members, whatever the number of columns: rows know their layout."""
        del columns
        return GraphMembers(self._rows, members=self.members, random=random)
