"""BANANAS: an ensemble of networks on path encodings, and Thompson sampling among mutants."""

import itertools
from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from deltanas.compare.peers.candidates import highest, mutants_of_best, standardised
from deltanas.compare.peers.seeding import seeded
from deltanas.encoding import Cells, Encoding, OneHot, PathEncoding, VertexPaths
from deltanas.encoding.cells import EdgeCells
from deltanas.encoding.vertex_paths import COLUMNS
from deltanas.records import History
from deltanas.search import Choice, Searcher, evaluated
from deltanas.spaces import SearchSpace


def _encoding(space: SearchSpace) -> Encoding:
    """Paths where there is one cell, otherwise the choices."""
    if isinstance(space, EdgeCells):
        counts = itertools.accumulate(
            len(space.operations) ** length for length in range(1, space.vertices)
        )
        longest = sum(count <= COLUMNS for count in counts)
        return PathEncoding(space, longest=max(longest, 1))
    return VertexPaths(space) if isinstance(space, Cells) else OneHot(space)


@final
class Bananas(Searcher):
    """Independent Thompson sampling with 5 networks of 10 layers of width 20.

    Source: White, Neiswanger & Savani, "BANANAS: Bayesian Optimization with Neural
    Architectures for Neural Architecture Search", AAAI 2021: path encoding, 5 feed-forward
    networks of 10 layers and width 20, Adam with rate 0.01, 150 epochs in batches of 32,
    100 candidates by mutation, independent Thompson sampling, 10 evaluated at a time.
    Differs: paths are encoded up to the length at which there are 2,000 (of NAS-Bench-201 all
    155), where they keep the likely ones; networks are trained as one batched tensor; mean
    absolute error instead of the relative one, which needs a known lower bound of the error;
    spaces that are not one cell are one-hot encoded.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int,
        candidates: int = 100,
        networks: int = 5,
        layers: int = 10,
        width: int = 20,
        epochs: int = 150,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the run.
            starts: How many random architectures come first.
            candidates: Mutants that are scored for each choice of a batch.
            networks: Size of the ensemble.
            layers: Hidden layers of each network.
            width: Width of each hidden layer.
            epochs: Passes over what was evaluated.
        """
        super().__init__(space, seed=seed, starts=starts)
        self.candidates = candidates
        self.networks = networks
        self.layers = layers
        self.width = width
        self.epochs = epochs
        self._encoding = _encoding(space)

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """The `n` mutants with the highest independent draws."""
        if not history.finished:
            return []
        codes, accuracies = evaluated(history)
        mutants = mutants_of_best(self.space, history, self.candidates, best=10, rng=rng)
        if not len(mutants):
            return []
        predicted = self._predict(
            self._encoding.encode(codes), accuracies, self._encoding.encode(mutants), rng
        )
        drawn = rng.normal(predicted.mean(axis=0), predicted.std(axis=0, ddof=1))
        return highest(self.space, mutants, drawn, n)

    def _predict(
        self,
        known: Float[np.ndarray, "known columns"],
        accuracies: Float[np.ndarray, " known"],
        asked: Float[np.ndarray, "asked columns"],
        rng: np.random.Generator,
    ) -> Float[np.ndarray, "networks asked"]:
        """What each freshly trained network says of the asked ones, on a standard scale."""
        with seeded(rng):
            model = _Ensemble(self.networks, known.shape[1], self.width, self.layers)
            inputs = torch.tensor(known, dtype=torch.float32)
            targets = torch.tensor(standardised(accuracies), dtype=torch.float32)
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01, fused=True)
            for _ in range(self.epochs):
                for rows in torch.split(torch.randperm(len(inputs)), 32):
                    optimizer.zero_grad()
                    loss = (model(inputs[rows]) - targets[rows]).abs().mean(dim=1).sum()
                    loss.backward()
                    optimizer.step()
            with torch.no_grad():
                answer = model(torch.tensor(asked, dtype=torch.float32))
        predicted: Float[np.ndarray, "networks asked"] = answer.numpy().astype(float)
        return predicted


class _Ensemble(nn.Module):
    """Several feed-forward networks as one batched tensor."""

    def __init__(self, networks: int, columns: int, width: int, layers: int) -> None:
        super().__init__()
        sizes = [columns, *[width] * layers, 1]
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for before, after in itertools.pairwise(sizes):
            # He et al. 2015; independent for each network.
            weight = torch.randn(networks, before, after) * (2.0 / before) ** 0.5
            self.weights.append(nn.Parameter(weight))
            self.biases.append(nn.Parameter(torch.zeros(networks, 1, after)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Answer of each network to each row, shape `(networks, rows)`."""
        hidden = rows.expand(self.weights[0].shape[0], *rows.shape)
        last = len(self.weights) - 1
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.baddbmm(bias, hidden, weight)
            if place < last:
                hidden = hidden.relu()
        return hidden[..., 0]
