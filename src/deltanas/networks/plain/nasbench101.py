"""The networks of NAS-Bench-101: three stacks of three cells, halved images between them.

This file needs torch and nothing else. `build(choices, shape, classes)` makes the network with
the given cell, with random weights.

Channels: those that leave a cell are shared evenly among the vertices with an edge to the output,
the first ones get one more where that leaves a remainder; any other vertex has as many as the
widest one it leads to. What comes from a wider vertex is cut off. An edge from the input
is a 1x1 convolution.

Source: Ying et al., "NAS-Bench-101", ICML 2019, where the first cells have 128 channels; here
they have 16 unless `channels` says otherwise, because theirs take hours on a processor.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

VERTICES = 7
CHANNELS = 16
STACKS = 3
CELLS = 3


class Cell(nn.Module):
    """A graph: vertices compute, edges add up."""

    def __init__(self, edges: Sequence[tuple[int, int]], names: Mapping[int, str], before: int,
                 after: int) -> None:  # fmt: skip
        super().__init__()
        self.edges = edges
        self.output = VERTICES - 1
        self.channels = _channels(edges, after)
        self.projections = nn.ModuleDict()
        self.operations = nn.ModuleDict()
        for source, target in edges:
            if source == 0:
                width = self.channels[target]
                self.projections[str(target)] = _convolution(before, width, 1)
        for vertex in sorted({source for source, _ in edges} - {0}):
            self.operations[str(vertex)] = _operation(names[vertex], self.channels[vertex])

    def forward(self, x: Tensor) -> Tensor:
        """What leaves the last vertex."""
        made: dict[int, Tensor] = {}
        for name, operation in self.operations.items():
            vertex, width = int(name), self.channels[int(name)]
            sums = [made[s][:, :width] for s, target in self.edges if s and target == vertex]
            if name in self.projections:
                sums.append(self.projections[name](x))
            made[vertex] = operation(sum(sums[1:], start=sums[0]))
        outputs = [made[s] for s, target in self.edges if s and target == self.output]
        if not outputs:
            y: Tensor = self.projections[str(self.output)](x)
            return y
        y = torch.cat(outputs, dim=1) if len(outputs) > 1 else outputs[0]
        if str(self.output) in self.projections:
            y = y + self.projections[str(self.output)](x)
        return y


class Network(nn.Module):
    """Stem, stacks, classifier."""

    def __init__(
        self, choices: Mapping[str, object], shape: Sequence[int], classes: int, channels: int
    ) -> None:
        super().__init__()
        edges = _living(choices)
        names = {vertex: str(choices[f"vertex {vertex}"]) for vertex in range(1, VERTICES - 1)}
        parts: list[nn.Module] = [_convolution(shape[0], channels, 3)]
        before = after = channels
        for stack in range(STACKS):
            if stack:
                parts.append(nn.MaxPool2d(2))
                after *= 2
            for _ in range(CELLS):
                parts.append(Cell(edges, names, before, after))
                before = after
        self.features = nn.Sequential(*parts)
        self.classifier = nn.Linear(before, classes)

    def forward(self, x: Tensor) -> Tensor:
        """One row of scores per example."""
        y: Tensor = self.classifier(self.features(x).flatten(2).mean(2))
        return y


def build(
    choices: Mapping[str, object], shape: Sequence[int], classes: int, channels: int = CHANNELS
) -> nn.Module:
    """The network with this cell.

    Args:
        choices: Whether each edge `0→1` to `5→6` is there, and the operation of each `vertex`.
        shape: Of one image: channels, height, width; 4 pixels each way or more.
        classes: Number of classes.
        channels: Of the first three cells; the benchmark has 128.
    """
    return Network(choices, shape, classes, channels)


def _living(choices: Mapping[str, object]) -> list[tuple[int, int]]:
    """The edges on paths from the input to the output."""
    edges = [(i, j) for i in range(VERTICES) for j in range(i + 1, VERTICES) if choices[f"{i}→{j}"]]
    fed, leads = {0}, {VERTICES - 1}
    for source, target in edges:  # in order of their sources
        if source in fed:
            fed.add(target)
    for source, target in reversed(edges):
        if target in leads:
            leads.add(source)
    return [(i, j) for i, j in edges if {i, j} <= fed & leads]


def _channels(edges: Sequence[tuple[int, int]], leaving: int) -> dict[int, int]:
    """Channels of each vertex but the input."""
    output = VERTICES - 1
    last = [source for source, target in edges if target == output and source]
    share, rest = divmod(leaving, max(len(last), 1))
    found = {output: leaving} | {
        vertex: share + (place < rest) for place, vertex in enumerate(last)
    }
    for vertex in sorted({source for source, _ in edges} - {0, *last}, reverse=True):
        found[vertex] = max(found[target] for source, target in edges if source == vertex)
    return found


def _operation(name: str, width: int) -> nn.Module:
    if name == "maxpool3x3":
        return nn.MaxPool2d(3, stride=1, padding=1)
    return _convolution(width, width, {"conv1x1-bn-relu": 1, "conv3x3-bn-relu": 3}[name])


def _convolution(before: int, after: int, kernel: int) -> nn.Module:
    """Convolution, normalisation, activation."""
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )
