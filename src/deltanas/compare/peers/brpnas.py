"""BRP-NAS: a graph network that says which of two architectures is better."""

from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from deltanas.compare.peers.candidates import choices, pool
from deltanas.compare.peers.cell_graphs import CellGraphs
from deltanas.compare.peers.graph_network import ConvolutionNetwork
from deltanas.compare.peers.seeding import seeded
from deltanas.records import History
from deltanas.search import Choice, Searcher, evaluated
from deltanas.spaces import SearchSpace


@final
class BrpNas(Searcher):
    """Ranks the whole space by a binary relation that it learns from all evaluated pairs.

    Source: Dudziak et al., "BRP-NAS: Prediction-based NAS using GCNs", NeurIPS 2020: two
    graph networks with shared weights, their embeddings joined and compared, trained on
    all ordered pairs with AdamW (rate 3.5e-4, decay 5e-4, cosine schedule, dropout 0.2,
    batches of 64); in each round half of the new ones are the highest ranked, half are random
    ones of the top `space / 2^round`. Differs: width 64 instead of 600 and 3,000 batches at
    a ten times higher rate instead of 250 epochs, for CPUs; an architecture's rank is the mean
    probability of beating those evaluated, where they sort by comparisons.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int,
        width: int = 64,
        steps: int = 3_000,
        most: int = 20_000,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the run.
            starts: How many random architectures come first.
            width: Width of the graph network.
            steps: Batches of 64 pairs that it is trained on.
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
        rank = self._rank(
            self._graphs.one_hot(codes), accuracies, self._graphs.one_hot(candidates), rng
        )
        order = np.argsort(-rank, kind="stable")
        rounds = 1 + (len(history) - self.starts) // max(n, 1)
        best = order[: (n + 1) // 2]
        wider = order[len(best) : max(len(order) // 2**rounds, 2 * n)]
        chosen = candidates[np.concatenate([best, rng.permutation(wider)])[:n]]
        return choices(self.space, chosen)

    def _rank(
        self,
        known: Float[np.ndarray, "known vertices labels"],
        accuracies: Float[np.ndarray, " known"],
        asked: Float[np.ndarray, "asked vertices labels"],
        rng: np.random.Generator,
    ) -> Float[np.ndarray, " asked"]:
        """Mean probability of each asked one to be better than those known."""
        with seeded(rng):
            network = ConvolutionNetwork(
                self._graphs.adjacency, self._graphs.label_count, self.width
            )
            head = nn.Linear(2 * self.width, 1)
            parameters = [*network.parameters(), *head.parameters()]
            optimizer = torch.optim.AdamW(parameters, lr=3.5e-3, weight_decay=5e-4, foreach=True)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.steps)
            inputs = torch.tensor(known, dtype=torch.float32)
            values = torch.tensor(accuracies)
            for _ in range(self.steps):
                first, second = _pairs(len(known), 64)
                embedded = network(inputs)
                joined = torch.cat([embedded[first], embedded[second]], dim=1)
                target = (values[first] > values[second]).float()
                optimizer.zero_grad()
                loss = nn.functional.binary_cross_entropy_with_logits(head(joined)[:, 0], target)
                torch.autograd.backward(loss)
                optimizer.step()
                schedule.step()
            network.eval()
            with torch.no_grad():
                embedded = network(torch.tensor(asked, dtype=torch.float32))
                others = network(inputs)
                # A linear head is a sum of one part for each side of the pair.
                left = embedded @ head.weight[0, : self.width]
                right = others @ head.weight[0, self.width :]
                wins = torch.sigmoid(left[:, None] + right[None, :] + head.bias)
        rank: Float[np.ndarray, " asked"] = wins.mean(dim=1).numpy().astype(float)
        return rank


def _pairs(count: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`n` random ordered pairs of different numbers below `count`."""
    first = torch.randint(count, (n,))
    return first, (first + torch.randint(1, count, (n,))) % count
