"""The hash of NAS-Bench-101: a text that is equal for two cells exactly if they are isomorphic.

Every vertex starts with the MD5 of its degrees and its operation, and takes in the texts of
its neighbours as many times as there are vertices; the MD5 of all texts, sorted, is the key.

Each of the 50 digests of a cell is cheap, but together they would dominate a search. So all
cells go through the rounds together: colours say which vertices have the same text, each
text is hashed once, and what is fed to MD5 is laid out by array operations.

Source: the hash is that of Ying et al., "NAS-Bench-101", ICML 2019. Doing many cells at once
is ours.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Int, UInt8, UInt64

from deltanas.spaces.digests import DIGITS, hexadecimal_md5, room
from deltanas.spaces.node_colours import colourings
from deltanas.spaces.node_graphs import LiveCells

INPUT_LABEL: Final = -1
"""What stands for the operation of the input in the hash."""
OUTPUT_LABEL: Final = -2
"""The same for the output."""
ITEM: Final = DIGITS + 4
"""Characters of a text in a list as Python writes it: quotes and a comma or bracket."""

Texts = UInt8[np.ndarray, "states digits"]
Relations = Int[np.ndarray, "states vertices"]

# What a vertex can be to another, in the order in which the hash reads its neighbours.
_ENTERS, _LEAVES, _ITSELF, _APART = range(4)


@final
@dataclass(frozen=True, eq=False, slots=True)
class _States:
    """The texts of all vertices after some round."""

    texts: Texts
    """Each different text once, in alphabetical order."""
    of: Int[np.ndarray, "vertices cells"]
    """Row of the text of each vertex; 0 where a vertex has none."""


def official_hashes(cells: LiveCells) -> list[str]:
    """The official MD5 of each cell; all must have a path from input to output."""
    counts = cells.vertices.sum(axis=0)
    relations = _relations(cells)
    hashes = np.zeros((len(counts), DIGITS), dtype=np.uint8)
    states = None
    for done, colours in enumerate(colourings(cells)):
        wanted = np.flatnonzero(cells.vertices & (counts >= done))
        if not len(wanted):
            break
        first, which = _different(colours.ravel()[wanted])
        vertices, columns = np.divmod(wanted[first], len(counts))
        if states is None:
            texts = _first_texts(cells, vertices, columns)
        else:
            texts = _next_texts(relations[vertices, :, columns], states, columns)
        states = _in_order(texts, which, wanted, colours.shape)
        over = np.flatnonzero(counts == done)
        if len(over):
            read = np.where(cells.vertices[:, over], states.of[:, over], len(texts))
            hashes[over] = _final_texts(states.texts, np.sort(read, axis=0)[:done].T)
    digits = hashes.tobytes().decode()
    return [digits[start : start + DIGITS] for start in range(0, len(digits), DIGITS)]


def _relations(cells: LiveCells) -> Int[np.ndarray, "vertices vertices cells"]:
    """What the second vertex is to the first."""
    vertices = len(cells.vertices)
    found = np.full((vertices, vertices, cells.edges.shape[1]), _APART, dtype=np.int32)
    for place, (source, target) in enumerate(cells.pairs):
        found[target, source, cells.edges[place]] = _ENTERS
        found[source, target, cells.edges[place]] = _LEAVES
    found[range(vertices), range(vertices)] = _ITSELF
    return found


def _different(
    colours: UInt64[np.ndarray, " wanted"],
) -> tuple[Int[np.ndarray, " states"], Int[np.ndarray, " wanted"]]:
    """A place of each different colour, and which of them each place has."""
    order = np.argsort(colours)
    ordered = colours[order]
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    which = np.empty(len(order), dtype=np.int32)
    which[order] = np.cumsum(new) - 1
    return order[new], which


def _in_order(
    texts: Texts,
    which: Int[np.ndarray, " wanted"],
    wanted: Int[np.ndarray, " wanted"],
    shape: tuple[int, ...],
) -> _States:
    """The texts in alphabetical order, and which one each wanted vertex has."""
    # Half of the digits decide; the bench finds all keys right with that.
    order = np.argsort(texts.view(">u8")[:, 0].astype(np.uint64))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order))
    of = np.zeros(shape, dtype=np.int32)
    of.ravel()[wanted] = rank[which]
    return _States(texts[order], of)


def _first_texts(
    cells: LiveCells, vertices: Int[np.ndarray, " states"], columns: Int[np.ndarray, " states"]
) -> Texts:
    """MD5 of `(out-degree, in-degree, label)`."""
    ends = np.ones((1, cells.edges.shape[1]), dtype=np.int32)
    labels = np.concatenate([INPUT_LABEL * ends, cells.labels, OUTPUT_LABEL * ends])
    facts = (
        each[vertices, columns].tolist() for each in (cells.out_degrees, cells.in_degrees, labels)
    )
    messages = [str(fact).encode() for fact in zip(*facts, strict=True)]
    width = max(map(len, messages))
    buffer = np.zeros((len(messages), room(width)), dtype=np.uint8)
    padded = np.array(messages, dtype=f"S{width}").view(np.uint8)
    buffer[:, :width] = padded.reshape(len(messages), width)
    return hexadecimal_md5(buffer, np.array(list(map(len, messages))))


def _next_texts(
    relations: Relations, states: _States, columns: Int[np.ndarray, " states"]
) -> Texts:
    """MD5 of the sorted texts of what enters, `|`, of what leaves, `|`, and the own text."""
    size = len(states.texts)
    # One sort puts what enters first, then what leaves, then the vertex, each alphabetically.
    read = np.sort(relations * size + states.of[:, columns].T, axis=1) % size
    enter = (relations == _ENTERS).sum(axis=1)
    degree = enter + (relations == _LEAVES).sum(axis=1)
    # Vertices with equal degrees make equal layouts; those with longer messages come first.
    order = np.argsort((enter - 16 * degree).astype(np.int16), kind="stable")
    read, enter, degree = read[order], enter[order], degree[order]
    lengths = DIGITS * (degree + 1) + 2
    buffer = np.zeros((len(order), room(int(lengths[0]))), dtype=np.uint8)
    new = np.flatnonzero((np.diff(enter) != 0) | (np.diff(degree) != 0)) + 1
    for start, end in zip([0, *new.tolist()], [*new.tolist(), len(order)], strict=True):
        parts = _joined(states.texts, read[start:end, : int(degree[start]) + 1])
        _lay_out(buffer[start:end], parts, DIGITS * int(enter[start]))
    texts = np.empty((len(order), DIGITS), dtype=np.uint8)
    texts[order] = hexadecimal_md5(buffer, lengths)
    return texts


def _joined(
    texts: Texts, read: Int[np.ndarray, "messages texts"]
) -> UInt8[np.ndarray, "messages width"]:
    """Texts behind one another."""
    # Eight digits at a time.
    parts = np.take(texts.view(np.uint64), read, axis=0)
    return parts.reshape(len(read), DIGITS // 8 * read.shape[1]).view(np.uint8)


def _lay_out(
    buffer: UInt8[np.ndarray, "messages room"],
    parts: UInt8[np.ndarray, "messages width"],
    middle: int,
) -> None:
    """Write all texts with a bar where those that enter end, and one before the last."""
    end = parts.shape[1] - DIGITS
    buffer[:, :middle] = parts[:, :middle]
    buffer[:, middle] = buffer[:, end + 1] = ord("|")
    buffer[:, middle + 1 : end + 1] = parts[:, middle:end]
    buffer[:, end + 2 : end + 2 + DIGITS] = parts[:, end:]


def _final_texts(
    texts: Texts, read: Int[np.ndarray, "over vertices"]
) -> UInt8[np.ndarray, "over digits"]:
    """MD5 of the texts that were read, written as Python writes a list of them."""
    cells, count = read.shape
    length = ITEM * count
    buffer = np.zeros((cells, room(length)), dtype=np.uint8)
    template = str(["-" * DIGITS] * count).encode()
    buffer[:, :length] = np.frombuffer(template, dtype=np.uint8)
    for place in range(count):
        start = ITEM * place + 2
        buffer[:, start : start + DIGITS] = texts[read[:, place]]
    return hexadecimal_md5(buffer, np.full(cells, length))
