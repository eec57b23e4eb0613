"""Cells as people type them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltanas.errors import ArchitectureError
from deltanas.seeds import generator
from deltanas.spaces import CellSpace

NODES = CellSpace(3, ["conv", "pool"])
EDGES = CellSpace(2, ["conv", "pool"], on="edges")


def test_cells_are_written_vertex_by_vertex():
    cell = NODES.read("conv(0); pool(0+1); pool(); 1+2")
    edges = {name for name, option in cell.items() if option is True}
    assert edges == {"0→1", "0→2", "1→2", "1→4", "2→4"}
    assert [cell[f"vertex {vertex}"] for vertex in (1, 2, 3)] == ["conv", "pool", "pool"]
    assert NODES.write(cell) == "conv(0); pool(0+1); pool(); 1+2"


def test_operations_on_edges_are_written_where_they_stand():
    cell = EDGES.read(" conv( 0 ) ;-; pool(0) + conv(1)")
    assert cell["0→1"] == cell["1→3"] == "conv"
    assert (cell["0→3"], cell["0→2"], cell["2→3"]) == ("pool", "none", "none")
    assert EDGES.write(cell) == "conv(0); -; pool(0)+conv(1)"


def test_assignments_are_read_too():
    text = ", ".join(
        f"{name}={option}" for name, option in NODES.read("conv(0); pool(); pool(); 1").items()
    )
    assert NODES.write(NODES.read(text)) == "conv(0); pool(); pool(); 1"


NAMES = st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=3, unique=True)


@pytest.mark.parametrize("on", ["nodes", "edges"])
@settings(max_examples=40)
@given(names=NAMES)
def test_any_names_are_read_back(on, names):
    if "none" in names:
        return
    space = CellSpace(2, names, on=on)
    for architecture in space.sample(4, generator(0, "names")):
        assert space.read(space.write(architecture)) == architecture


def test_numbers_stay_numbers():
    space = CellSpace(1, [3, 5])
    assert space.read("3(0); 1")["vertex 1"] == 3


@pytest.mark.parametrize(
    ("space", "text", "words"),
    [
        (NODES, "conv(0); 1", r"expected a cell like 'pool\(0\); ...; 0\+1' with 4 parts, .*got 2"),
        (NODES, "conv; pool(); pool(); 0", "got 'conv' in"),
        (NODES, "conv(1); pool(); pool(); 0", "got an edge 1→1 in"),
        (NODES, "conv(x); pool(); pool(); 0", "got an edge x→1 in"),
        (NODES, "conv(0); pool(); pool(); 9", "got an edge 9→4 in"),
        (NODES, "conv7(0); pool(); pool(); 1", "'vertex 1' of space 'cell' has no option 'conv7'"),
        (EDGES, "conv(0); pool; conv(0)", r"like 'pool\(0\); ...' with 3 parts, .* got 'pool' in"),
        (EDGES, "conv(0); conv7(0); conv(0)", "'0→2' of space 'cell' has no option 'conv7'"),
    ],
)
def test_what_is_no_cell_is_refused(space, text, words):
    with pytest.raises(ArchitectureError, match=words):
        space.read(text)
