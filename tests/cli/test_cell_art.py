import pytest

from deltanas.cli.cell_art import cell_art
from deltanas.report.cells import cell_of
from deltanas.spaces import CellSpace, NasBench201

SPACE = NasBench201()

DRAWN = """\
 in                   1                   2                  out
  ●── nor_conv_3x3 ──▶●── skip_connect ──▶●── nor_conv_1x1 ──▶●
  ├╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ none ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▶┘                   │
  │                   └──────────── avg_pool_3x3 ────────────▶┤
  └────────────────────── skip_connect ──────────────────────▶┘"""

ON_VERTICES = """\
 in    conv   pool   conv    out
  ●─────▶●      ●─────▶●─────▶●
  ├────────────▶┘      │      │
  │      └────────────▶┘      │
  └──────────────────────────▶┘"""


@pytest.fixture
def art():
    text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|avg_pool_3x3~1|nor_conv_1x1~2|"
    return cell_art(cell_of(SPACE, SPACE.read(text)))


def test_a_cell_is_drawn_with_its_longer_edges_below(art):
    assert "\n".join(line.rstrip() for line in art.plain.splitlines()) == DRAWN


def test_what_reaches_nothing_is_dim_and_what_has_weights_is_bold(art):
    styles = {art.plain[span.start : span.end]: str(span.style) for span in art.spans}
    assert styles["n"] == "dim" or "none" in art.plain
    where = art.plain.index("none")
    assert any(s.start <= where < s.end and str(s.style) == "dim" for s in art.spans)
    where = art.plain.index("nor_conv_3x3")
    assert any(s.start <= where < s.end and "bold" in str(s.style) for s in art.spans)


def test_operations_on_vertices_stand_at_the_vertices():
    space = CellSpace(3, ["conv", "pool"])
    art = cell_art(cell_of(space, space.read("conv(0); pool(0); conv(1+2); 0+3")))
    assert "\n".join(line.rstrip() for line in art.plain.splitlines()) == ON_VERTICES
