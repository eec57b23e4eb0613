"""NPENAS-NP: an evolution whose mutants are sieved by a graph network before training."""

from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from jaxtyping import Float

from deltanas.compare.peers.candidates import highest, mutants_of_best, standardised
from deltanas.compare.peers.cell_graphs import CellGraphs
from deltanas.compare.peers.graph_network import IsomorphismNetwork
from deltanas.compare.peers.seeding import seeded
from deltanas.encoding.labelled_graphs import Graphs
from deltanas.records import History
from deltanas.search import Choice, Searcher, evaluated
from deltanas.spaces import SearchSpace


@final
class Npenas(Searcher):
    """Trains the mutants of the ten best for which a graph network predicts most.

    Source: Wei et al., "NPENAS: Neural Predictor Guided Evolution for Neural Architecture
    Search", TNNLS 2022, variant NP: 100 mutants of the 10 best, the 10 with the best
    prediction evaluated; a three-layer graph isomorphism network of width 32, Adam with
    rate 0.005, batches of 16, 300 epochs, cosine schedule, mean squared error. Differs: the
    graph of a cell is dense and in one piece, accuracies are standardised.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int,
        candidates: int = 100,
        epochs: int = 300,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the run.
            starts: How many random architectures come first.
            candidates: Mutants that are scored.
            epochs: Passes over what was evaluated.
        """
        super().__init__(space, seed=seed, starts=starts)
        self.candidates = candidates
        self.epochs = epochs
        self._graphs = CellGraphs(space)

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """The `n` mutants of which most is predicted."""
        if not history.finished:
            return []
        codes, accuracies = evaluated(history)
        mutants = mutants_of_best(self.space, history, self.candidates, best=10, rng=rng)
        if not len(mutants):
            return []
        predicted = self._predict(
            self._graphs.graphs(codes), accuracies, self._graphs.graphs(mutants), rng
        )
        return highest(self.space, mutants, predicted, n)

    def _predict(
        self,
        known: Graphs,
        accuracies: Float[np.ndarray, " known"],
        asked: Graphs,
        rng: np.random.Generator,
    ) -> Float[np.ndarray, " asked"]:
        """What a freshly trained network says of the asked ones, on a standard scale."""
        with seeded(rng):
            model = IsomorphismNetwork(self._graphs.label_count)
            vertices, taken = model.tensors(known)
            targets = torch.tensor(standardised(accuracies), dtype=torch.float32)
            optimizer = torch.optim.Adam(model.parameters(), lr=0.005, fused=True)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.epochs)
            for _ in range(self.epochs):
                for rows in torch.split(torch.randperm(len(targets)), 16):
                    optimizer.zero_grad()
                    loss = ((model(vertices[rows], taken[rows]) - targets[rows]) ** 2).mean()
                    loss.backward()
                    optimizer.step()
                schedule.step()
            model.eval()
            with torch.no_grad():
                answer = model(*model.tensors(asked))
        predicted: Float[np.ndarray, " asked"] = answer.numpy().astype(float)
        return predicted
