"""Trainings that searchers need in cell spaces of one's own: `python -m bench.own_cells`.

Two accuracies, each for operations on vertices and on edges, over ten seeds. A search has
arrived when it finds a cell as good as the target; a search that has not after BUDGET
trainings counts as BUDGET + 1.

- *Priced*: a known formula. Each convolution and each edge counts; the target is the optimum.
- *Spirals*: a network that is really trained, small enough for a millisecond. Every vertex
  maps what it receives with random weights, and a linear readout is fitted to two noisy
  spirals; accuracy is the share of held-out points on the right side, averaged over eight
  draws of weights. The target is the best of 1,000 random cells.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import deltanas as dn
from deltanas.search import Searcher
from deltanas.seeds import generator

SEEDS = 10
BUDGET = 60
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


def priced(architecture: dn.Architecture) -> float:
    """A point for each convolution, 0.2 for each pooling; edges cost."""
    matrix, operations = dn.CellSpace.matrix(architecture)
    if operations[:1] == ("none",):
        operations = tuple(operations[position] for position in matrix[matrix > 0])
        price = 0.02 * max(len(operations) - 4, 0)
    else:
        price = 0.005 * np.count_nonzero(matrix)
    return float(0.9 + 0.01 * operations.count("conv") + 0.002 * operations.count("pool") - price)


def needed(
    space: dn.CellSpace, accuracy: Callable[[dn.Architecture], float], target: float
) -> dict[str, list[int]]:
    """Trainings until the target, for each searcher and seed."""
    known: dict[str, float] = {}

    def recorded(architecture: dn.Architecture) -> float:
        if architecture.key not in known:
            known[architecture.key] = accuracy(architecture)
        return known[architecture.key]

    searchers: tuple[Callable[..., Searcher], ...] = (
        dn.DeltaEvolution,
        dn.LocalSearch,
        dn.RandomSearch,
    )
    found: dict[str, list[int]] = {}
    for searcher in searchers:
        for seed in range(SEEDS):
            study = dn.Study(space, recorded, method=searcher(space, seed=seed))
            study.run(BUDGET)
            arrived = [(trial.accuracy or 0.0) >= target - 1e-9 for trial in study.trials]
            count = arrived.index(True) + 1 if any(arrived) else BUDGET + 1
            found.setdefault(study.description.method, []).append(count)
    return found


def report(words: str, found: dict[str, list[int]]) -> None:
    """One line for each searcher."""
    for name, counts in found.items():
        missed = sum(count > BUDGET for count in counts)
        print(
            f"{words:16} {name:20} median {np.median(counts):5.1f}, mean {np.mean(counts):5.1f}, "
            f"not there {missed} of {SEEDS}: {counts}",
            flush=True,
        )


def main() -> None:
    """Both accuracies in both kinds of space."""
    kinds = ["conv", "pool"]
    on_nodes, on_edges = dn.CellSpace(4, kinds, max_edges=7), dn.CellSpace(3, kinds, on="edges")
    report("priced, nodes", needed(on_nodes, priced, 0.915))
    report("priced, edges", needed(on_edges, priced, 0.94))
    for words, space in (
        ("spirals, nodes", dn.CellSpace(5, list(OPERATIONS), max_edges=9)),
        ("spirals, edges", dn.CellSpace(3, list(OPERATIONS), on="edges")),
    ):
        target = max(map(train, space.sample(1_000, generator(0, "target"))))
        report(words, needed(space, train, target))


if __name__ == "__main__":
    main()
