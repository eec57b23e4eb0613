"""Trainings that searchers need in cell spaces of one's own: `python -m bench.own_cells`.

The network is small enough to train in a millisecond, and its accuracy is nothing that our
features were made for: every vertex of the cell maps what it receives with random weights
(eight seeds of them), and a linear readout is fitted to two noisy spirals. Accuracy is the
mean share of held-out points on the right side. A search has arrived when it finds a cell as
good as the best of 1,000 random ones; that is counted in trainings, over ten seeds.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import deltanas as dn
from deltanas.seeds import generator

WIDTH = 6
WEIGHTS = 8
POINTS = 300
OPERATIONS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "tanh": np.tanh,
    "sine": lambda x: np.sin(2 * x),
    "relu": lambda x: np.maximum(x, 0),
}


def spirals(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of two spirals and their side, -1 or 1."""
    rng = generator(seed, "spirals")
    side = rng.choice([-1.0, 1.0], size=POINTS)
    turn = rng.uniform(0.3, 2.2, size=POINTS)
    angle = np.pi * turn * 1.2 + (side > 0) * np.pi
    points = turn[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return points + 0.12 * rng.normal(size=points.shape), side


def train(architecture: dn.Architecture) -> float:
    """Validation accuracy of a cell with operations on vertices or on edges."""
    return float(np.mean([_train(architecture, seed) for seed in range(WEIGHTS)]))


def _train(architecture: dn.Architecture, seed: int) -> float:
    matrix, operations = dn.CellSpace.matrix(architecture)
    rng = generator(seed, "weights")
    on_edges = len(operations) > 0 and operations[0] == "none"
    (points, side), (other_points, other_side) = spirals(1), spirals(2)
    first = rng.normal(size=(2, WIDTH))
    vertices = [np.concatenate([points, other_points]) @ first]
    for target in range(1, len(matrix)):
        total = np.zeros_like(vertices[0])
        for source in np.flatnonzero(matrix[:, target]):
            if on_edges:
                mix = rng.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH)
                operation = OPERATIONS[str(operations[matrix[source, target]])]
                total += operation(vertices[source] @ mix)
            else:
                total += vertices[source]
        if not on_edges and target < len(matrix) - 1:
            mix = rng.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH)
            total = OPERATIONS[str(operations[target - 1])](total @ mix)
        vertices.append(total)
    seen = np.column_stack([vertices[-1], np.ones(2 * POINTS)])
    inside, outside = seen[:POINTS], seen[POINTS:]
    readout = np.linalg.solve(inside.T @ inside + 0.1 * np.eye(WIDTH + 1), inside.T @ side)
    return float(np.mean(np.sign(outside @ readout) == other_side))
