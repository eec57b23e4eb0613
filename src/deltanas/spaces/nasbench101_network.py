"""How many parameters a NAS-Bench-101 network has, worked out from its cell.

The network is a convolution to 128 channels, three stacks of three cells with 128, 256 and
512 channels, and a linear classifier of ten classes. What leaves a cell is the interior
vertices that have an edge to the output, put side by side: they share its channels evenly,
and where that leaves a remainder the first ones get one more. Any other vertex has as many
channels as the widest one it leads to. An edge from the input is a 1x1 convolution.

Source: Ying et al., "NAS-Bench-101", ICML 2019, and the code that they published with it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float, Int

from deltanas.spaces.node_graphs import LiveCells

STEM: Final = 3 * 3 * 3 * 128 + 2 * 128
"""Parameters of the first convolution and its normalisation."""
CLASSIFIER: Final = 512 * 10 + 10
"""Parameters of the last layer."""
CELLS: Final = ((128, 128, 3), (128, 256, 1), (256, 256, 2), (256, 512, 1), (512, 512, 2))
"""Channels that enter a cell, channels that leave it, and how many such cells there are."""
KERNELS: Final = (9, 1, 0)
"""Weights of each operation per pair of channels: convolutions of 3x3 and 1x1, pooling."""

Places = Int[np.ndarray, "vertices cells"]
Channels = Int[np.ndarray, "vertices cells"]


def parameters(cells: LiveCells, places: Places) -> Int[np.ndarray, " cells"]:
    """Trainable parameters of the network with each cell.

    Args:
        cells: The cells.
        places: Order of the vertices, which decides who gets a remainder of the channels.
    """
    total = np.full(cells.edges.shape[1], STEM + CLASSIFIER)
    kernels = np.array(KERNELS)[cells.labels]
    from_input = cells.edges[: len(cells.vertices) - 1]
    for entering, leaving, times in CELLS:
        channels = channels_of(cells, leaving, places)
        # A convolution has its weights, and two numbers a channel to normalise with.
        projections = from_input * channels[1:] * (entering + 2)
        own = channels[1:-1]
        operations = np.where(kernels > 0, own * (kernels * own + 2), 0) * cells.vertices[1:-1]
        total += times * (projections.sum(axis=0) + operations.sum(axis=0))
    return total


def cost_names(operations: Sequence[str]) -> list[str]:
    """Name of each column of `costs`."""
    return [
        "log_parameters",
        *(f"log_weights {operation}" for operation in operations),
        "log_channels from input",
    ]


def costs(cells: LiveCells, places: Places) -> Float[np.ndarray, "cells facts"]:
    """Logarithms of the parameters in millions, and of what each operation has a part in.

    A convolution has a weight for each pair of its channels, so for each operation the squares
    of the channels of its vertices are added up, in cells of 128 channels and in units of 128
    pairs. The last column counts the channels to which the input is projected.
    """
    channels = channels_of(cells, 128, places)[1:]
    inner = cells.vertices[1:-1]
    squares = [
        np.sum(np.where(inner & (cells.labels == each), channels[:-1] ** 2, 0), axis=0) / 128
        for each in range(len(KERNELS))
    ]
    from_input = np.sum(cells.edges[: len(channels)] * channels, axis=0)
    total = np.log(parameters(cells, places) / 1e6)
    return np.column_stack([total, *map(np.log1p, squares), np.log1p(from_input)])


def channels_of(cells: LiveCells, leaving: int, places: Places) -> Channels:
    """Channels of each vertex but the input; 0 for the input and for dead ones.

    Args:
        cells: The cells.
        leaving: Channels that leave the cell.
        places: Order of the vertices.
    """
    output = len(cells.vertices) - 1
    row_of = {pair: row for row, pair in enumerate(cells.pairs)}
    feeds = np.array([cells.edges[row_of[vertex, output]] for vertex in range(1, output)])
    share, rest = np.divmod(leaving, np.maximum(feeds.sum(axis=0), 1))
    channels = np.zeros(cells.vertices.shape, dtype=np.int64)
    channels[-1] = leaving
    for vertex in range(1, output):
        before = np.sum(feeds & (places[1:-1] < places[vertex]), axis=0)
        channels[vertex] = np.where(feeds[vertex - 1], share + (before < rest), 0)
    for vertex in range(output - 1, 0, -1):
        for target in range(vertex + 1, output):
            wide = np.where(cells.edges[row_of[vertex, target]], channels[target], 0)
            wider = np.maximum(channels[vertex], wide)
            channels[vertex] = np.where(feeds[vertex - 1], channels[vertex], wider)
    return channels
