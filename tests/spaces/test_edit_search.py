"""The fewest edits between two networks, against breadth-first search of all codes."""

import numpy as np
import pytest

from deltanas.errors import ArchitectureError, EditError
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, CellSpace, NasBench201, edits_between, shortest_edits

NODES = CellSpace(2, ["a", "b", "c"])
EDGES = CellSpace(2, ["a", "b"], on="edges", name="sums")
RULED = CellSpace(2, ["a", "b"], max_edges=3, valid=lambda cell: "b" in cell.values())
BLOCKS = BlockSpace({"w": (1, 2, 3), "d": (1, 2), "s": (False, True), "k": (3, 5, 7)})
SPACES = [NODES, EDGES, RULED, BLOCKS, NasBench201()]


def distances(space, start, limit):
    """Fewest edits from one code to each network, by breadth-first search, one code at a time."""
    found, seen, edge = {start.key: 0}, {start.code}, [start.code]
    for distance in range(1, limit + 1):
        children = []
        for code in edge:
            for child in space.children(np.array([code], dtype=np.int32))[1].tolist():
                if tuple(child) not in seen:
                    seen.add(tuple(child))
                    children.append(tuple(child))
        for key in space.keys(np.array(children, dtype=np.int32)) if children else ():
            found.setdefault(key, distance)
        edge = children
    return found


def applied(space, architecture, edits):
    for edit in edits:
        architecture = space.apply(edit, architecture)
    return architecture


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_the_number_of_edits_is_the_distance_in_the_graph_of_all_codes(space):
    start, *goals = space.sample(40, generator(1, "distance"))
    expected = distances(space, start, 3)
    lengths = []
    for goal in goals:
        edits = space.shortest_edits(start, goal, limit=3)
        lengths.append(None if edits is None else len(edits))
        assert lengths[-1] == expected.get(goal.key)
        if edits is not None:
            assert applied(space, start, edits).key == goal.key
    assert len(set(lengths)) > 2


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_the_edits_lead_back_when_inverted(space):
    pairs = iter(space.sample(16, generator(2, "inverse")))
    for start, goal in zip(pairs, pairs, strict=True):
        edits = shortest_edits(space, start, goal, limit=3)
        if edits is not None:
            there = applied(space, start, edits)
            back = [edit.invert() for edit in reversed(edits)]
            assert applied(space, there, back) == start


@pytest.mark.parametrize("space", [NODES, EDGES, RULED], ids=["nodes", "edges", "ruled"])
def test_from_both_sides_the_edits_lead_there_too(space):
    start, *goals = space.sample(60, generator(3, "both"))
    expected = distances(space, start, 3)
    moves = sum(len(decision.options) - 1 for decision in space.decisions)
    found = longer = 0
    for goal in goals:
        # Two steps fit from one side alone, so longer ways are looked for from both.
        edits = shortest_edits(space, start, goal, limit=3, most=12 * moves)
        if edits is not None:
            assert applied(space, start, edits).key == goal.key
            assert len(edits) >= expected[goal.key]
            found += 1
            longer += len(edits) > expected[goal.key]
    assert found > 0.6 * len(goals)
    assert longer <= 0.1 * found


def test_numbering_and_dead_parts_cost_no_edits():
    space = CellSpace(3, ["a", "b", "c"])
    one = space.read("a(0); b(1); c(); 2")
    other = space.read("b(0); a(0); b(2); 3")
    assert space.shortest_edits(one, other) == ()
    third = space.read("a(0); c(0); b(2); 3")
    # a → b into c → b; as they are written, three decisions of vertices and five edges differ.
    assert [edit.words for edit in space.shortest_edits(one, third)] == ["vertex 1: a → c"]
    assert len(edits_between(space.decisions, one.code, third.code)) > 4


def test_an_edit_may_prepare_the_next_one():
    # Vertex 2 joins in: one of its two edges alone would change nothing.
    space = CellSpace(2, ["a", "b"])
    one, other = space.read("a(0); b(); 1"), space.read("a(0); b(0); 1+2")
    words = {edit.words for edit in space.shortest_edits(one, other)}
    assert words == {"add edge 0→2", "add edge 2→3"}


def test_cells_that_no_valid_edits_join_have_none():
    space = CellSpace(2, ["a"], max_edges=2)
    one, other = space.read("a(0); a(); 1"), space.read("a(); a(); 0")
    # 0→1→3 and 0→3 together have three edges, and with fewer nothing joins input and output.
    assert space.shortest_edits(one, other, limit=9) is None
    unlimited = CellSpace(2, ["a"])
    edits = unlimited.shortest_edits(unlimited.read("a(0); a(); 1"), unlimited.read("a(); a(); 0"))
    assert [edit.kind.value for edit in edits] == ["add edge", "remove edge"]


def test_too_far_is_none_and_too_much_is_an_error():
    start, goal = BLOCKS.read("w=1, d=1, s=False, k=3"), BLOCKS.read("w=2, d=2, s=True, k=5")
    assert BLOCKS.shortest_edits(start, goal, limit=3) is None
    assert BLOCKS.shortest_edits(start, goal) == edits_between(
        BLOCKS.decisions, start.code, goal.code
    )
    with pytest.raises(EditError, match=r"more than 0 edits .* 6 architectures, .* most=5; pass"):
        shortest_edits(BLOCKS, start, goal, most=5)


def test_large_spaces_are_searched_from_both_sides():
    space = BlockSpace({f"d{place}": (1, 2, 3) for place in range(60)})
    (start,) = space.sample(1, generator(0, "large"))
    goal = start
    for place in (3, 17, 41):
        goal = next(child for edit, child in space.neighbours(goal) if edit.decision == f"d{place}")
    edits = space.shortest_edits(start, goal)
    assert {edit.decision for edit in edits} == {"d3", "d17", "d41"}
    assert applied(space, start, edits) == goal


def test_architectures_of_another_space_are_refused():
    start, goal = NODES.read("a(0); a(0); 1"), NasBench201().sample(1, generator(0, "other"))[0]
    with pytest.raises(ArchitectureError, match="two architectures of space 'cell', got Arch"):
        NODES.shortest_edits(start, goal)
