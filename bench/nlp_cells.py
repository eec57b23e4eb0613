"""The recurrent cells of NAS-Bench-NLP as numbers: what their graphs are made of.

The file `nasbench_nlp.npz` of the folder DELTANAS_DATA holds a random sample of 14,322 cells
with their training curves on Penn Treebank. A cell computes up to three new hidden states
from the input and the old hidden states. Its nodes are linear maps of several inputs,
activations, element-wise products and sums, and blends, which take three inputs in an order
that matters: a gate and what it chooses between.

Source: Klyuchnikov et al., "NAS-Bench-NLP", IEEE Access 2022. The features are ours.
"""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from deltanas.benchmarks.npz import REMEDY, read_arrays
from deltanas.errors import DataError

FILE: Final = "nasbench_nlp.npz"
NODES: Final = 21
INPUTS: Final = ("x", "h0", "h1", "h2")
"""What a cell reads, by number; its own nodes are numbered from 4."""
OPERATIONS: Final = ("linear", "act1", "act2", "act3", "wise1", "wise2", "blend")
"""By number. The file does not say which activation is which, nor which is product or sum."""
BLEND: Final = OPERATIONS.index("blend")
FINISHED: Final = 0
"""Status of a cell that was trained to the end."""
RARE: Final = 500
"""Facts that fewer cells have are left out."""

Matrix = NDArray[np.float64]
Graph = tuple[Sequence[int], Sequence[Sequence[int]], Sequence[int]]
"""Operation and inputs of each node, and the nodes that are the new hidden states."""


@dataclass(frozen=True)
class Cells:
    """All cells that were trained to the end."""

    groups: Mapping[str, Matrix]
    """Features by the name of their group, one row per cell; counts as log(1 + count)."""
    loss: Matrix
    """Lowest validation loss of each cell, in nats per token."""


def read_cells() -> Cells:
    """Read the sample and work out the features of its cells.

    Raises:
        MissingDataError: It is not in DELTANAS_DATA.
        DataError: It is truncated or altered; a cell that cannot be is named by its row.
    """
    rows = (None, NODES)
    shapes = {
        "op": rows,
        "inputs": (None, NODES, 3),
        "out_node": (None, 3),
        "num_params": (None,),
        "status": (None,),
        "val_loss": (None, 50),
    }
    found = read_arrays(FILE, shapes, need="this measurement")
    refuse_bad_cells(found)
    kept = np.flatnonzero(found["status"] == FINISHED)
    graphs = zip(
        *(found[name][kept].tolist() for name in ("op", "inputs", "out_node")), strict=True
    )
    facts = [facts_of(graph, row) for graph, row in zip(graphs, kept.tolist(), strict=True)]
    groups = {
        "cost": np.log(found["num_params"][kept].astype(float))[:, None],
        **{name: _table([each[name] for each in facts]) for name in facts[0]},
    }
    return Cells(groups, found["val_loss"][kept].min(axis=1).astype(float))


def refuse_bad_cells(found: Mapping[str, NDArray[Any]]) -> None:
    """Refuse a sample with a cell that cannot be.

    Raises:
        DataError: Arrays differ in length; an operation is unknown, an input or a new hidden state
            is of a node that is not there; or a finished training has losses that are no numbers.
    """
    lengths = {name: len(array) for name, array in found.items()}
    if len(set(lengths.values())) != 1:
        raise DataError(f"{FILE} should hold arrays of one length, got {lengths}; {REMEDY}")
    there = np.concatenate(
        [np.ones((lengths["op"], len(INPUTS)), dtype=bool), found["op"] >= 0], axis=1
    )
    finished = found["status"] == FINISHED
    loss = found["val_loss"]
    checks = {
        f"operations from 0 to {len(OPERATIONS) - 1}": _all(
            (found["op"] >= -1) & (found["op"] < len(OPERATIONS))
        ),
        "inputs that are there": _all(_exist(there, found["inputs"])),
        "new hidden states that are there": _all(_exist(there, found["out_node"]))
        & np.any(found["out_node"] >= 0, axis=1),
        "losses above 0 and finite": ~finished | _all((loss > 0) & (loss < np.inf)),
        "parameters above 0": ~finished | (found["num_params"] > 0),
    }
    for words, right in checks.items():
        if not right.all():
            row = int(np.argmin(right))
            raise DataError(f"{FILE} should hold {words}, got others in row {row}; {REMEDY}")


def _all(right: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(right.reshape(len(right), -1).all(axis=1))


def _exist(there: NDArray[np.bool_], numbers: NDArray[Any]) -> NDArray[np.bool_]:
    """Which numbers are of an input or a node of their row, or -1 for none."""
    inside = (numbers >= -1) & (numbers < there.shape[1])
    flat = np.where(inside, numbers, -1).reshape(len(numbers), -1)
    known = np.take_along_axis(there, np.maximum(flat, 0).astype(np.int64), axis=1) | (flat < 0)
    return np.asarray(inside & known.reshape(numbers.shape))


def facts_of(graph: Graph, row: int = 0) -> dict[str, Counter[str]]:
    """Counted facts of a cell's graph by group; what no hidden state depends on is left out.

    Raises:
        DataError: Nodes wait for each other; the row is named.
    """
    operations, inputs, outputs = graph
    live = _live(inputs, outputs, row)
    names = dict(enumerate(INPUTS))
    names |= {node: OPERATIONS[operations[node - len(INPUTS)]] for node in live}
    taken = {node: [each for each in inputs[node - len(INPUTS)] if each >= 0] for node in live}
    kinds, walks = Counter(names[node] for node in live), Counter[str]()
    for node, sources in taken.items():
        for slot, source in enumerate(sources):
            place = str(slot) if names[node] == "blend" else ""
            walks[f"{names[source]}>{names[node]}{place}"] += 1
            for before in taken.get(source, ()):
                walks[f"{names[before]}>{names[source]}>{names[node]}{place}"] += 1
    states = [node for node in outputs if node >= 0]
    walks.update(f"{names[node]}>new{slot}" for slot, node in enumerate(states))
    return {"graph": kinds + _shape(taken, states), "walks": walks}


def _live(inputs: Sequence[Sequence[int]], outputs: Sequence[int], row: int) -> list[int]:
    """Nodes on which a new hidden state depends, each after those that it takes.

    Numbers are no such order: in a third of the cells a node takes one with a higher number.
    """
    live: set[int] = set()
    unseen = [node for node in outputs if node >= len(INPUTS)]
    while unseen:
        node = unseen.pop()
        if node not in live:
            live.add(node)
            unseen += [each for each in inputs[node - len(INPUTS)] if each >= len(INPUTS)]
    order: list[int] = []
    while live:
        free = [node for node in sorted(live) if not live & {*inputs[node - len(INPUTS)]}]
        if not free:
            raise DataError(
                f"{FILE} should hold cells without cycles, got nodes {sorted(live)} of row {row}, "
                f"of which each waits for another; {REMEDY}"
            )
        order += free
        live -= {*free}
    return order


def _shape(taken: Mapping[int, Sequence[int]], states: Sequence[int]) -> Counter[str]:
    """Longest and shortest way from the input and from the old states to the new ones.

    Args:
        taken: What each node takes, in an order in which they can be worked out.
        states: The nodes that are the new hidden states.
    """
    shape = Counter({"nodes": len(taken), "states": len(states)})
    shape["edges"] = sum(map(len, taken.values()))
    for name, starts in (("x", {0}), ("h", {1, 2, 3})):
        longest = dict.fromkeys(starts, 0)
        shortest = dict.fromkeys(starts, 0)
        for node in taken:
            reached = [each for each in taken[node] if each in longest]
            if reached:
                longest[node] = 1 + max(longest[each] for each in reached)
                shortest[node] = 1 + min(shortest[each] for each in reached)
        for place, state in itertools.product(range(3), states):
            if place < len(states) and states[place] == state:
                # One more than the way, so that no way at all is 0.
                shape[f"longest {name} to {place}"] = 1 + longest.get(state, -1)
                shape[f"shortest {name} to {place}"] = 1 + shortest.get(state, -1)
    return shape


def _table(rows: Sequence[Counter[str]]) -> Matrix:
    """Counts as columns in the order of their names, log(1 + count); rare facts left out."""
    seen = Counter(name for row in rows for name, count in row.items() if count)
    names = sorted(name for name, count in seen.items() if count >= RARE)
    counts = np.array([[row[name] for name in names] for row in rows], dtype=float)
    return np.asarray(np.log1p(counts))
