"""arch2vec: a cell as a point in the latent space of a graph autoencoder.

The autoencoder learns to rebuild random cells of a space from 16 numbers a vertex. It is told
no accuracy: what the numbers mean is decided before the search begins.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, final

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from deltanas.compare.ablations.encodings import seeing
from deltanas.compare.peers.seeding import seeded
from deltanas.encoding import Encoding
from deltanas.encoding.graphs import cells_of
from deltanas.predictor.graph_batches import Batch, GraphRows
from deltanas.predictor.neural_ensemble import one_thread
from deltanas.search import DeltaEvolution
from deltanas.seeds import generator
from deltanas.spaces import Codes, SearchSpace

LATENT: Final = 16
"""Numbers of a vertex, and of a cell."""
WIDTH, LAYERS = 128, 5
"""Of the encoder, as published."""
STEPS, BATCH = 2_000, 64
LEARNING_RATE = 0.01
"""Some 40 seconds on one core: far fewer steps than published, at ten times the rate."""
DIVERGENCE = 0.0005
"""Weight of a vertex's divergence from the prior beside the means of the other two losses."""
ROWS = 1_000
"""Cells that are encoded at a time."""
DECIMALS = 6
"""Latents are rounded, so that the order in which sums are made does not show."""

PerVertex = Float[Tensor, "cells places numbers"]


def arch2vec(
    space: SearchSpace, *, seed: int, starts: int, steps: int = STEPS, **settings: int
) -> DeltaEvolution:
    """The latent vector of a cell, learned without accuracies.

    Args:
        space: What to search; its architectures are cells.
        seed: Seed of the run. The autoencoder is the same for all seeds.
        starts: How many random architectures come first.
        steps: Of the autoencoder's optimiser.
        settings: Of the evolution.
    """
    encoding = Arch2Vec(space, steps=steps)
    return seeing(encoding, space, seed=seed, starts=starts, **settings)


@final
class Arch2Vec(Encoding):
    """The mean over vertices of what a variational graph autoencoder makes of a cell.

    Equal for cells that differ by the numbering of their vertices, and blind to dead parts.

    Source: Yan et al. 2020, "Does Unsupervised Architecture Representation Learning Help Neural
    Architecture Search?": encoder, decoder, latent size. Ours: cells are read without dead
    parts; random cells of the space, each seen about once, instead of epochs over a table; a
    cell is divided by the number of places, so that its size counts.
    """

    def __init__(self, space: SearchSpace, *, steps: int = STEPS) -> None:
        """Train the autoencoder, or take the one that this process trained before.

        Args:
            space: A space of cells.
            steps: Of the optimiser, at least 1.

        Raises:
            EncodingError: The space does not give its architectures as graphs.
        """
        cells = cells_of(space, "Arch2Vec")
        self.rows = GraphRows(cells, space.sample_codes(1, generator(0, "arch2vec")))
        """What turns cells into graphs."""
        self.model = _trained(_Lesson(space.fingerprint(), steps, space, self.rows))
        """The autoencoder, in double precision."""
        self.names = tuple(f"latent {number}" for number in range(LATENT))

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """Latent vectors, shape `(architectures, 16)`."""
        found = [np.zeros((0, LATENT))]
        with one_thread(), torch.no_grad():
            for start in range(0, len(codes), ROWS):
                rows = torch.from_numpy(self.rows.encode(codes[start : start + ROWS])).double()
                batch = self.rows.batch(rows)
                mean, _ = self.model.encode(batch)
                found.append((mean * batch.there).mean(dim=1).numpy())
        return np.round(np.concatenate(found), DECIMALS)


@final
class GraphAutoencoder(nn.Module):
    """Vertices to latent normals by a graph isomorphism network, and back to labels and edges.

    Edges have no direction here: messages pass both ways, and two vertices are joined where
    their latent vectors point the same way.

    Source: as of `Arch2Vec`; the encoder is that of Xu et al. 2019, "How Powerful are Graph Neural
    Networks?".
    """

    def __init__(self, labels: int) -> None:
        """Draw the first weights from torch's generator.

        Args:
            labels: How many labels a vertex may have.
        """
        super().__init__()
        self.labels = labels
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Linear(labels if layer == 0 else WIDTH, WIDTH),
                *(nn.BatchNorm1d(WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH)),
                *(nn.BatchNorm1d(WIDTH), nn.ReLU()),
            )
            for layer in range(LAYERS)
        )
        self.own = nn.Parameter(torch.zeros(LAYERS))
        self.mean = nn.Linear(WIDTH, LATENT)
        self.deviation_log = nn.Linear(WIDTH, LATENT)
        self.label = nn.Linear(LATENT, labels)

    def encode(self, batch: Batch) -> tuple[PerVertex, PerVertex]:
        """Means and logarithms of deviations of each vertex's latent numbers."""
        joined, there = joins(batch).to(batch.vertices.dtype), batch.there[:, :, 0] > 0
        hidden = batch.vertices[:, :, : self.labels]
        for own, layer in zip(self.own, self.layers, strict=True):
            heard = (1 + own) * hidden + joined @ hidden
            hidden = heard.new_zeros(*there.shape, WIDTH)
            # Where there is no vertex, none counts among those that are normalised.
            hidden[there] = layer(heard[there])
        return self.mean(hidden), self.deviation_log(hidden)

    def decode(
        self, latent: PerVertex
    ) -> tuple[Float[Tensor, "cells places labels"], Float[Tensor, "cells places places"]]:
        """Log-odds of the labels of each vertex, and of an edge between each two."""
        return self.label(latent), latent @ latent.transpose(1, 2)

    def loss(self, batch: Batch) -> Float[Tensor, ""]:
        """What is lost of labels and edges on the way, and the divergence from the prior."""
        mean, deviation_log = self.encode(batch)
        latent = mean + deviation_log.exp() * torch.randn_like(mean)
        labels, edges = self.decode(latent)
        there = batch.there[:, :, 0] > 0
        truth = batch.vertices[:, :, : self.labels].argmax(dim=2)
        of_labels = functional.cross_entropy(labels[there], truth[there])
        asked = pairs(batch)
        joined = joins(batch)[asked].to(edges.dtype)
        of_edges = functional.binary_cross_entropy_with_logits(edges[asked], joined)
        variance_log = 2 * deviation_log
        divergence = 0.5 * (mean.square() + variance_log.exp() - 1 - variance_log).sum(dim=2)
        total: Tensor = of_labels + of_edges + DIVERGENCE * divergence[there].mean()
        return total


def joins(batch: Batch) -> Bool[Tensor, "cells places places"]:
    """Whether an edge joins two vertices, whichever way it leads."""
    arcs = batch.shares > 0
    return arcs | arcs.transpose(1, 2)


def pairs(batch: Batch) -> Bool[Tensor, "cells places places"]:
    """The pairs of vertices that are there, each once."""
    there = batch.there[:, :, 0] > 0
    return (there[:, :, None] & there[:, None, :]).triu(diagonal=1)


@dataclass(frozen=True)
class _Lesson:
    """What one autoencoder is trained for; equal ones are trained once in a process."""

    space_is: str
    steps: int
    space: SearchSpace = field(compare=False)
    rows: GraphRows = field(compare=False)


@lru_cache(maxsize=4)
def _trained(lesson: _Lesson) -> GraphAutoencoder:
    random = generator(0, "arch2vec", lesson.steps)
    codes = lesson.space.sample_codes(lesson.steps * BATCH, random)
    with one_thread(), torch.enable_grad(), seeded(random):
        model = GraphAutoencoder(lesson.rows.labels)
        optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, foreach=True)
        for step in range(lesson.steps):
            chosen = codes[step * BATCH : (step + 1) * BATCH]
            rows = torch.tensor(lesson.rows.encode(chosen), dtype=torch.float32)
            optimizer.zero_grad()
            torch.autograd.backward(model.loss(lesson.rows.batch(rows)))
            optimizer.step()
    return model.double().eval()
