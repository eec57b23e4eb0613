"""Small graph networks on dense adjacencies: what NPENAS and BRP-NAS learn with."""

from typing import final

import numpy as np
import torch
from torch import nn

from deltanas.encoding.labelled_graphs import Graphs


@final
class IsomorphismNetwork(nn.Module):
    """Three layers of a graph isomorphism network, averaged over vertices, one number out.

    Source: Xu et al., "How Powerful are Graph Neural Networks?", ICLR 2019; depth and the
    width of 32 after NPENAS (Wei et al. 2022).
    """

    def __init__(self, labels: int, width: int = 32) -> None:
        """Draw the weights.

        Args:
            labels: How many labels a vertex may have.
            width: Width of the hidden layers.
        """
        super().__init__()
        self.labels = labels
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Linear(size, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, width)
            )
            for size in (labels, width, width)
        )
        self.head = nn.Sequential(nn.Linear(width, 16), nn.ReLU(), nn.Linear(16, 1))

    def tensors(self, graphs: Graphs) -> tuple[torch.Tensor, torch.Tensor]:
        """What it reads: labels as indicators, and what a vertex takes from each, itself too."""
        own = np.eye(graphs.arcs.shape[1], dtype=np.float32)
        taken = torch.tensor(graphs.arcs.swapaxes(1, 2) + own)
        return torch.tensor(graphs.one_hot(self.labels)), taken

    def forward(self, vertices: torch.Tensor, taken: torch.Tensor) -> torch.Tensor:
        """One number per architecture, from what `tensors` gives."""
        there = vertices.any(dim=2)
        hidden = vertices
        for layer in self.layers:
            # What is no vertex has no part in the statistics of a batch.
            known = layer((taken @ hidden)[there]).relu()
            hidden = known.new_zeros(*there.shape, known.shape[1])
            hidden[there] = known
        answer: torch.Tensor = self.head(hidden.sum(dim=1) / there.sum(dim=1, keepdim=True))[:, 0]
        return answer


@final
class ConvolutionNetwork(nn.Module):
    """Four graph convolutions; the embedding is that of a vertex which sees all others.

    Source: Kipf & Welling, ICLR 2017; four layers and a global vertex after BRP-NAS (Dudziak et
    al. 2020).
    """

    def __init__(self, labels: int, width: int) -> None:
        """Draw the weights.

        Args:
            labels: How many labels a vertex may have.
            width: Width of the hidden layers.
        """
        super().__init__()
        self.labels = labels
        self.layers = nn.ModuleList(
            nn.Linear(size, width, bias=False) for size in (labels + 1, width, width, width)
        )
        self.dropout = nn.Dropout(0.2)

    def tensors(self, graphs: Graphs) -> tuple[torch.Tensor, torch.Tensor]:
        """What it reads: labels as indicators, and the share of each vertex in what one takes.

        The vertex that sees all others is the last one.
        """
        hot = np.pad(graphs.one_hot(self.labels), ((0, 0), (0, 1), (0, 1)))
        hot[:, -1, -1] = 1.0
        there = hot[:, :-1].any(axis=2)
        taken = np.zeros((len(hot), hot.shape[1], hot.shape[1]), dtype=np.float32)
        taken[:, :-1, :-1] = graphs.arcs.swapaxes(1, 2)
        taken[:, -1, :-1] = there
        taken += np.eye(hot.shape[1], dtype=np.float32)
        return torch.tensor(hot), torch.tensor(taken / taken.sum(axis=2, keepdims=True))

    def forward(self, vertices: torch.Tensor, taken: torch.Tensor) -> torch.Tensor:
        """Embedding of each architecture, shape `(n, width)`, from what `tensors` gives."""
        hidden = vertices
        for layer in self.layers[:-1]:
            hidden = self.dropout((taken @ layer(hidden)).relu())
        # Of the last layer only the vertex that sees all others is read.
        last: torch.Tensor = self.layers[-1]((taken[:, -1:] @ hidden)[:, 0])
        embedding: torch.Tensor = self.dropout(last.relu())
        return embedding
