"""BRP-NAS: a graph network that says which of two architectures is better."""

from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import nn

from deltanas.compare.peers.candidates import choices, pool
from deltanas.compare.peers.cell_graphs import CellGraphs
from deltanas.compare.peers.graph_network import ConvolutionNetwork
from deltanas.compare.peers.seeding import seeded
from deltanas.records import History
from deltanas.search import Choice, Searcher, evaluated
from deltanas.spaces import Codes, SearchSpace

BLOCK = 1_000
"""Architectures that are ranked at a time: the graphs of a large space take much memory."""


@final
class BrpNas(Searcher):
    """Ranks the whole space by a binary relation that it learns from all evaluated pairs.

    Source: Dudziak et al., "BRP-NAS: Prediction-based NAS using GCNs", NeurIPS 2020: two
    graph networks with shared weights, their embeddings joined and compared, trained on
    all ordered pairs with AdamW (rate 3.5e-4, decay 5e-4, cosine schedule, dropout 0.2,
    250 epochs in batches of 64); in each round half of the new ones are the highest ranked, half
    are random ones of the top `space / 2^round`. Differs, for CPUs: width 64 instead of 600, and
    1,000 epochs of one batch of all pairs each, at rate 1e-2, which orders unseen cells about as
    well as 3,000 batches of 64 at 3.5e-3 in a third of the time; an architecture's rank is the mean
    probability of beating those evaluated, where they sort by comparisons.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int,
        width: int = 64,
        steps: int = 1_000,
        most: int = 20_000,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the run.
            starts: How many random architectures come first.
            width: Width of the graph network.
            steps: Epochs that it is trained for, each of them one batch of all pairs.
            most: Spaces larger than this are sampled instead of listed.
        """
        super().__init__(space, seed=seed, starts=starts)
        self.width = width
        self.steps = steps
        self.most = most
        self._graphs = CellGraphs(space)

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Half from the very top, half drawn from a top that shrinks with every round."""
        if len(history.finished) < 2:  # noqa: PLR2004 - a pair takes two
            return []
        codes, accuracies = evaluated(history)
        candidates = pool(self.space, history, self.most, rng)
        if not len(candidates):
            return []
        rank = self._rank(codes, accuracies, candidates, rng)
        order = np.argsort(-rank, kind="stable")
        rounds = 1 + (len(history) - self.starts) // max(n, 1)
        best = order[: (n + 1) // 2]
        wider = order[len(best) : max(len(order) // 2**rounds, 2 * n)]
        chosen = candidates[np.concatenate([best, rng.permutation(wider)])[:n]]
        return choices(self.space, chosen)

    def _rank(
        self,
        known: Codes,
        accuracies: Float[np.ndarray, " known"],
        asked: Int[np.ndarray, "asked decisions"],
        rng: np.random.Generator,
    ) -> Float[np.ndarray, " asked"]:
        """Mean probability of each asked one to be better than those known."""
        with seeded(rng):
            network = ConvolutionNetwork(self._graphs.label_count, self.width)
            head = _Head(self.width)
            optimizer = torch.optim.AdamW(
                [*network.parameters(), *head.parameters()], lr=1e-2, weight_decay=5e-4, fused=True
            )
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.steps)
            inputs = network.tensors(self._graphs.graphs(known))
            values = torch.tensor(accuracies)
            better = (values[:, None] > values[None, :]).float()
            pairs = 1.0 - torch.eye(len(values))  # nothing is compared with itself
            for _ in range(self.steps):
                embedded = network(*inputs)
                optimizer.zero_grad()
                loss = nn.functional.binary_cross_entropy_with_logits(
                    head(embedded, embedded), better, weight=pairs, reduction="sum"
                )
                torch.autograd.backward(loss / pairs.sum())
                optimizer.step()
                schedule.step()
            network.eval()
            with torch.no_grad():
                blocks = [asked[start : start + BLOCK] for start in range(0, len(asked), BLOCK)]
                graphs = (network.tensors(self._graphs.graphs(block)) for block in blocks)
                unseen = torch.cat([network(*each) for each in graphs])
                wins = torch.sigmoid(head(unseen, network(*inputs)))
        rank: Float[np.ndarray, " asked"] = wins.mean(dim=1).numpy().astype(float)
        return rank


class _Head(nn.Module):
    """Log odds that the first of a pair is better, for every first and every second.

    A linear layer on two joined embeddings is a sum of one part for each.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.parts = nn.Linear(2 * width, 1)

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Shape `(firsts, seconds)`."""
        left, right = self.parts.weight[0].chunk(2)
        odds: torch.Tensor = (first @ left)[:, None] + (second @ right)[None, :] + self.parts.bias
        return odds
