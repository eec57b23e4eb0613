"""Cells with operations on edges: which network does an assignment of operations compute?

A cell is a complete directed acyclic graph on v vertices; vertex 0 is the input, the last
one the output, and each edge carries an operation. A vertex adds up what its edges bring.
Two cells are *functionally equal* when that sum is the same expression; this room finds it.
"""

import itertools
from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from deltanas.spaces.architecture import Codes


class Role(StrEnum):
    """What an operation does to the expression that passes through it."""

    ZERO = "zero"
    """Nothing passes."""
    IDENTITY = "identity"
    """The input passes unchanged."""
    LINEAR = "linear"
    """A fixed linear map, such as average pooling: it distributes over sums."""
    LEARNED = "learned"
    """Weights and a non-linearity: the input stays whole inside."""


_Term = tuple[tuple[int, ...], int]
"""Linear operations applied, outermost first, to a learned operation (-1: the input)."""


def edges(vertices: int) -> tuple[tuple[int, int], ...]:
    """Edges `(from, to)` of the complete cell, ordered by target, then source."""
    return tuple((i, j) for j in range(1, vertices) for i in range(j))


def expression(code: Sequence[int], roles: Sequence[Role], vertices: int) -> str:
    """Canonical text of what the output vertex computes; `0` if nothing reaches it.

    Sums are multisets (order does not matter), zero terms vanish, identities splice in the
    terms of their source, linear operations distribute over sums (avg(a+b) = avg(a)+avg(b),
    exact for average pooling). What does not reach the output never appears. A learned
    operation used twice is one set of weights, two of them are two: they are told apart by
    number, as in `1=3(x);1+4(1)`.

    Args:
        code: Position of the operation on each edge, in the order of `edges`.
        roles: Role of each operation, by position.
        vertices: Number of vertices of the cell.

    Source: the idea of a canonical string is NAS-Bench-201's (Dong & Yang 2020), which
    has 6,466 classes. Ours differ in four ways: theirs keeps zero terms and nested sums
    apart, does not distribute pooling, and takes two convolutions with the same input for
    one that is used twice. A convolution of nothing is treated as nothing by both,
    although batch normalisation can learn a constant there.
    """
    weights, output = _terms(code, roles, vertices)
    live = _reaching(weights, output)
    texts = {each: _unshared(each, weights) for each in live}
    groups = [
        sorted(each for each in live if texts[each] == text)
        for text in sorted(set(texts.values()), key=lambda text: (len(text), text))
    ]
    orders = itertools.product(*(itertools.permutations(group) for group in groups))
    return min(_numbered(weights, output, [*itertools.chain(*order)]) for order in orders)


def _terms(
    code: Sequence[int], roles: Sequence[Role], vertices: int
) -> tuple[dict[int, tuple[int, list[_Term]]], list[_Term]]:
    """Operation and inputs of every learned edge that gets something; the output's terms."""
    weights: dict[int, tuple[int, list[_Term]]] = {}
    vertex_terms: list[list[_Term]] = [[((), -1)]]
    for edge, (source, target) in enumerate(edges(vertices)):
        if target == len(vertex_terms):
            vertex_terms.append([])
        incoming, operation = vertex_terms[source], code[edge]
        if roles[operation] is Role.ZERO or not incoming:
            continue
        if roles[operation] is Role.IDENTITY:
            vertex_terms[target] += incoming
        elif roles[operation] is Role.LINEAR:
            vertex_terms[target] += [((operation, *maps), at) for maps, at in incoming]
        else:
            weights[edge] = (operation, list(incoming))
            vertex_terms[target].append(((), edge))
    return weights, vertex_terms[-1]


def _reaching(weights: dict[int, tuple[int, list[_Term]]], output: list[_Term]) -> set[int]:
    """The learned edges on which the output depends."""
    live: set[int] = set()
    unseen = [at for _, at in output if at >= 0]
    while unseen:
        edge = unseen.pop()
        if edge not in live:
            live.add(edge)
            unseen += [at for _, at in weights[edge][1] if at >= 0]
    return live


def _unshared(edge: int, weights: dict[int, tuple[int, list[_Term]]]) -> str:
    """What a learned edge computes, without saying which weights are the same."""
    operation, terms = weights[edge]
    inner = [f"{maps}{'x' if at < 0 else _unshared(at, weights)}" for maps, at in terms]
    return f"{operation}({'+'.join(sorted(inner))})"


def _numbered(
    weights: dict[int, tuple[int, list[_Term]]], output: list[_Term], order: Sequence[int]
) -> str:
    """The expression with learned edges numbered by their place in `order`."""
    number = {edge: str(place) for place, edge in enumerate(order, start=1)} | {-1: "x"}
    definitions = [
        f"{number[edge]}={weights[edge][0]}({_sum(weights[edge][1], number)})" for edge in order
    ]
    return ";".join([*definitions, _sum(output, number)])


def _sum(terms: list[_Term], number: dict[int, str]) -> str:
    """A sum as text, its terms sorted; `0` if there are none."""
    texts = []
    for maps, at in terms:
        opened = "".join(f"{operation}(" for operation in maps)
        texts.append(f"{opened}{number[at]}{')' * len(maps)}")
    return "+".join(sorted(texts)) or "0"


def live_codes(codes: Codes, zero: int, vertices: int) -> Codes:
    """The codes with `zero` on every edge that lies on no path from input to output.

    Args:
        codes: Operation on each edge, in the order of `edges`.
        zero: Position of the operation that lets nothing pass.
        vertices: Number of vertices of the cell.
    """
    order = edges(vertices)
    passes = codes != zero
    reached = np.zeros((len(codes), vertices), dtype=bool)
    reached[:, 0] = True
    for position, (source, target) in enumerate(order):
        reached[:, target] |= reached[:, source] & passes[:, position]
    needed = np.zeros((len(codes), vertices), dtype=bool)
    needed[:, -1] = True
    for source in range(vertices - 2, -1, -1):
        for position, (tail, target) in enumerate(order):
            if tail == source:
                needed[:, source] |= needed[:, target] & passes[:, position]
    live = np.array(codes, copy=True)
    for position, (source, target) in enumerate(order):
        live[~(reached[:, source] & needed[:, target]), position] = zero
    return live


def paths(vertices: int) -> tuple[tuple[int, ...], ...]:
    """All paths from input to output as positions in `edges`, shortest first."""
    position = {edge: index for index, edge in enumerate(edges(vertices))}
    found: list[tuple[int, ...]] = []
    unfinished: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    while unfinished:
        vertex, walked = unfinished.pop()
        if vertex == vertices - 1:
            found.append(walked)
            continue
        unfinished += [
            (following, (*walked, position[vertex, following]))
            for following in range(vertex + 1, vertices)
        ]
    return tuple(sorted(found, key=lambda path: (len(path), path)))
