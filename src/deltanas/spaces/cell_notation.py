"""Cells as text: what each vertex computes, from the numbers of the vertices before it.

    conv3x3(0); pool(0+1); 1+2        operations on vertices: vertex 2 pools the sum of 0 and 1
    conv3x3(0); pool(0)+conv1x1(1)    operations on edges: vertex 2, the output, adds up two

There is one part for each vertex after the input, in order; the last one is the output.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import final

import numpy as np

from deltanas.errors import ArchitectureError
from deltanas.spaces.architecture import ABSENT, Architecture, Decision
from deltanas.spaces.cell_graphs import CellGraphs, CellLayout
from deltanas.spaces.notation import Assignments, Notation

NOTHING = "-"
"""What a vertex computes that no edge enters."""


def expressions(
    layout: CellLayout, graphs: CellGraphs, names: Sequence[str], separator: str
) -> list[str]:
    """Cells as text, dead vertices left out where they are marked.

    Args:
        layout: Where operations stand.
        graphs: The cells.
        names: Name of each option of a decision about operations, by position.
        separator: What stands between vertices.
    """
    return [
        separator.join(_vertices(layout, arcs, labels, names))
        for arcs, labels in zip(graphs.arcs.tolist(), graphs.labels.tolist(), strict=True)
    ]


def _vertices(
    layout: CellLayout, arcs: Sequence[Sequence[int]], labels: Sequence[int], names: Sequence[str]
) -> Iterator[str]:
    last = layout.vertices - 1
    for target in range(1, layout.vertices):
        if labels[target] == ABSENT:
            continue
        sources = [source for source in range(target) if arcs[source][target]]
        if layout.on_nodes:
            inside = "+".join(map(str, sources))
            yield (inside or NOTHING) if target == last else f"{names[labels[target]]}({inside})"
        else:
            terms = [f"{names[arcs[source][target]]}({source})" for source in sources]
            yield "+".join(terms) or NOTHING


@final
class CellNotation(Notation):
    """Expressions, or plain assignments where such text would not read back."""

    def __init__(self, layout: CellLayout, decisions: Sequence[Decision]) -> None:
        """Keep the names and options that may occur."""
        self._layout = layout
        self._decisions = {decision.name: decision for decision in decisions}
        self._assignments = Assignments(decisions)
        self._labels = decisions[-1].labels
        self._names = [str(label) for label in self._labels]

    def write(self, architecture: Architecture) -> str:
        """The cell as an expression."""
        graphs = self._layout.graphs(np.array([architecture.code], dtype=np.int32))
        text = expressions(self._layout, graphs, self._names, "; ")[0]
        labels = {
            decision.name: decision.labels[position]
            for decision, position in zip(architecture.decisions, architecture.code, strict=True)
        }
        try:
            same = self.read(text) == labels
        except ArchitectureError:
            same = False
        # What begins with a brace would be taken for JSON.
        return text if same and text[0] != "{" else self._assignments.write(architecture)

    def read(self, text: str) -> Mapping[str, object]:
        """Label per decision.

        Raises:
            ArchitectureError: The text is in neither of the two forms.
        """
        if f"{next(iter(self._decisions))}=" in text.replace(" ", ""):
            return self._assignments.read(text)
        return self._read(text)

    def _read(self, text: str) -> Mapping[str, object]:
        parts = [part.strip() for part in text.split(";")]
        if len(parts) != self._layout.vertices - 1:
            raise self._unreadable(text, f"{len(parts)} parts")
        found: dict[str, object] = {}
        for source, target in self._layout.pairs:
            found[f"{source}→{target}"] = False if self._layout.on_nodes else self._labels[0]
        for target, part in enumerate(parts, start=1):
            if self._layout.on_nodes:
                found |= self._vertex(text, part, target)
            else:
                found |= self._sum(text, part, target)
        return found

    def _vertex(self, text: str, part: str, target: int) -> Mapping[str, object]:
        """`pool(0+1)`, or the sum alone at the output."""
        found: dict[str, object] = {}
        if target < self._layout.vertices - 1:
            match = re.fullmatch(r"(.*)\(([^()]*)\)", part)
            if match is None:
                raise self._unreadable(text, repr(part))
            operation, part = match.groups()
            found[f"vertex {target}"] = self._label(operation.strip())
        for source in part.split("+") if part.strip() not in ("", NOTHING) else ():
            found[self._edge(text, source, target)] = True
        return found

    def _sum(self, text: str, part: str, target: int) -> Mapping[str, object]:
        """`pool(0)+conv1x1(1)`."""
        found: dict[str, object] = {}
        for term in re.split(r"(?<=\))\s*\+", part) if part not in ("", NOTHING) else ():
            match = re.fullmatch(r"(.*)\(([^()]*)\)", term.strip())
            if match is None:
                raise self._unreadable(text, repr(term.strip()))
            found[self._edge(text, match[2], target)] = self._label(match[1].strip())
        return found

    def _edge(self, text: str, source: str, target: int) -> str:
        name = f"{source.strip()}→{target}"
        if name not in self._decisions:
            raise self._unreadable(text, f"an edge {name}")
        return name

    def _label(self, name: str) -> object:
        """The option of that name; what is none stays text, for the space to refuse."""
        return self._labels[self._names.index(name)] if name in self._names else name

    def _unreadable(self, text: str, found: str) -> ArchitectureError:
        operation, last = self._names[-1], self._layout.vertices - 1
        example = f"{operation}(0); ...; 0+1" if self._layout.on_nodes else f"{operation}(0); ..."
        return ArchitectureError(
            f"expected a cell like '{example}' with {last} parts, one for each vertex from 1 to "
            f"{last}, from the numbers of vertices before it, got {found} in {text[:80]!r}"
        )
