"""Small graph networks on dense adjacencies: what NPENAS and BRP-NAS learn with."""

import numpy as np
import torch
from jaxtyping import Bool
from torch import nn


class IsomorphismNetwork(nn.Module):
    """Three layers of a graph isomorphism network, summed over vertices, one number out.

    Source: Xu et al., "How Powerful are Graph Neural Networks?", ICLR 2019; depth and the
    width of 32 after NPENAS (Wei et al. 2022).
    """

    def __init__(
        self, adjacency: Bool[np.ndarray, "vertices vertices"], labels: int, width: int = 32
    ) -> None:
        """Take the graph, which is the same for all architectures.

        Args:
            adjacency: Whether a vertex feeds another.
            labels: How many labels a vertex may have.
            width: Width of the hidden layers.
        """
        super().__init__()
        self.passing = torch.tensor(adjacency.T + np.eye(len(adjacency)), dtype=torch.float32)
        sizes = (labels, width, width)
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Linear(size, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, width)
            )
            for size in sizes
        )
        self.head = nn.Sequential(nn.Linear(width, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, vertices: torch.Tensor) -> torch.Tensor:
        """One number per architecture from labels as indicators, shape `(n, vertices, labels)`."""
        hidden = vertices
        for layer in self.layers:
            gathered = self.passing @ hidden
            hidden = layer(gathered.flatten(0, 1)).reshape(*gathered.shape[:2], -1).relu()
        answer: torch.Tensor = self.head(hidden.mean(dim=1))[:, 0]
        return answer


class ConvolutionNetwork(nn.Module):
    """Four graph convolutions; the embedding is that of a vertex which sees all others.

    Source: Kipf & Welling, ICLR 2017; four layers and a global vertex after BRP-NAS (Dudziak et
    al. 2020).
    """

    def __init__(
        self, adjacency: Bool[np.ndarray, "vertices vertices"], labels: int, width: int
    ) -> None:
        """Take the graph, which is the same for all architectures.

        Args:
            adjacency: Whether a vertex feeds another.
            labels: How many labels a vertex may have.
            width: Width of the hidden layers.
        """
        super().__init__()
        count = len(adjacency)
        passing = np.eye(count + 1)
        passing[:count, :count] += adjacency.T
        passing[count, :count] = 1.0
        self.passing = torch.tensor(
            passing / passing.sum(axis=1, keepdims=True), dtype=torch.float32
        )
        self.layers = nn.ModuleList(
            nn.Linear(size, width, bias=False) for size in (labels + 1, width, width, width)
        )
        self.dropout = nn.Dropout(0.2)

    def forward(self, vertices: torch.Tensor) -> torch.Tensor:
        """Embedding of each architecture, shape `(n, width)`."""
        count, places, labels = vertices.shape
        hidden = torch.zeros(count, places + 1, labels + 1)
        hidden[:, :places, :labels] = vertices
        hidden[:, places, labels] = 1.0
        for layer in self.layers[:-1]:
            hidden = self.dropout((self.passing @ layer(hidden)).relu())
        # Of the last layer only the vertex that sees all others is read.
        last: torch.Tensor = self.layers[-1](self.passing[-1] @ hidden)
        embedding: torch.Tensor = self.dropout(last.relu())
        return embedding
