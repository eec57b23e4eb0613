from deltanas.report.cells import Arc, cell_of
from deltanas.spaces import CellSpace, NasBench101, NasBench201


def test_edges_off_every_path_are_dead_and_so_are_zeros():
    space = NasBench201()
    # Nothing enters vertex 2, so its edge to the output carries nothing.
    text = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|avg_pool_3x3~1|nor_conv_1x1~2|"
    cell = cell_of(space, space.read(text))
    assert cell.vertices == 4
    assert cell.arcs == (
        Arc(0, 1, "nor_conv_3x3", learned=True, live=True),
        Arc(0, 2, "none", learned=False, live=False),
        Arc(1, 2, "none", learned=False, live=False),
        Arc(0, 3, "skip_connect", learned=False, live=True),
        Arc(1, 3, "avg_pool_3x3", learned=False, live=True),
        Arc(2, 3, "nor_conv_1x1", learned=True, live=False),
    )


def test_a_space_of_named_choices_has_no_cell(space):
    assert cell_of(space, space.architecture({"width": 8, "act": "relu"})) is None


def test_cells_of_your_own_are_drawn_where_operations_stand_on_edges():
    sums, nodes = CellSpace(1, ["conv"], on="edges"), CellSpace(1, ["conv"])
    assert cell_of(sums, sums.read("conv(0); conv(1)")).arcs == (
        Arc(0, 1, "conv", learned=True, live=True),
        Arc(0, 2, "none", learned=False, live=False),
        Arc(1, 2, "conv", learned=True, live=True),
    )
    assert cell_of(nodes, nodes.read("conv(0); 1")).names == ("in", "conv", "out")


def test_of_operations_on_vertices_the_live_part_is_drawn():
    space = NasBench101()
    # Vertex 2 leads nowhere; vertices 1 and 3 stay, and an edge past both.
    text = "01101/00010/00000/00001/00000:conv3x3-bn-relu/maxpool3x3/conv1x1-bn-relu"
    cell = cell_of(space, space.read(text))
    assert cell.names == ("in", "conv3x3-bn-relu", "conv1x1-bn-relu", "out")
    assert [(arc.source, arc.target) for arc in cell.arcs] == [(0, 1), (1, 2), (0, 3), (2, 3)]
    assert cell.on_nodes
    assert {arc.operation for arc in cell.arcs} == {""}
