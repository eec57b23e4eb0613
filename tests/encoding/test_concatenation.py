"""Features and encodings side by side."""

import numpy as np
import pytest

from deltanas.encoding import Concatenation, Features, OneHot, PathEncoding, everything
from deltanas.errors import EncodingError
from deltanas.spaces import BlockSpace, NasBench201

PRICED = BlockSpace(
    {"depth": [2, 4, 8], "width": [16, 32]},
    costs=lambda a: {"cost:layers": a["depth"], "cost:area": a["depth"] * a["width"]},
)


def test_features_are_those_of_the_space_in_its_units():
    # depth 8, width 16: 8 layers, area 128.
    encoded = Features(PRICED).encode(np.array([[2, 0]], dtype=np.int32))
    assert encoded.tolist() == [[8, 128]]
    assert Features(PRICED).names == ("cost:layers", "cost:area")


def test_columns_stand_side_by_side_in_order():
    both = Concatenation([Features(PRICED), OneHot(PRICED)])
    encoded = both.encode(np.array([[1, 1]], dtype=np.int32))
    # depth 4, width 32: 4 layers, area 128, then the options.
    assert encoded.tolist() == [[4, 128, 0, 1, 0, 0, 1]]
    assert both.names[:3] == ("cost:layers", "cost:area", "depth=2")


def test_everything_holds_paths_only_where_there_are_cells():
    assert everything(PRICED).names == (*OneHot(PRICED).names, *Features(PRICED).names)
    cells = NasBench201()
    assert set(PathEncoding(cells).names) < set(everything(cells).names)


def test_no_encodings_are_refused():
    with pytest.raises(EncodingError, match="at least one encoding, got none; give OneHot"):
        Concatenation([])


def test_the_same_encoding_twice_is_refused():
    with pytest.raises(EncodingError, match="every column name once, got 'depth=2' twice"):
        Concatenation([OneHot(PRICED), Features(PRICED), OneHot(PRICED)])
