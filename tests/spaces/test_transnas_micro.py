import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import ArchitectureError
from deltanas.spaces import NasBench201, TransNasMicro
from deltanas.spaces.transnas_micro import EDGES, OPERATIONS, parameters_m
from deltanas.testing import SpaceContract

SPACE = TransNasMicro()
CODES = st.lists(st.integers(0, 3), min_size=6, max_size=6)


class TestTransNasMicro(SpaceContract):
    def make(self):
        return TransNasMicro()


def cell(code):
    return SPACE.from_codes(np.array([code], dtype=np.int32))[0]


def test_the_published_example_is_read_as_published():
    # Node 1: skip of 0; node 2: none of 0, conv 1x1 of 1... the authors' README, digit by digit.
    architecture = SPACE.read("64-41414-1_02_333")
    assert dict(architecture) == {
        "edge 0→1": "skip_connect",
        "edge 0→2": "none",
        "edge 1→2": "nor_conv_1x1",
        "edge 0→3": "nor_conv_3x3",
        "edge 1→3": "nor_conv_3x3",
        "edge 2→3": "nor_conv_3x3",
    }
    assert SPACE.write(architecture) == "64-41414-1_02_333"
    assert SPACE.read(" 1_02_333\n") == architecture


@given(CODES)
def test_text_is_read_back(code):
    architecture = cell(code)
    assert SPACE.read(SPACE.write(architecture)) == architecture


@pytest.mark.parametrize(
    "text", ["", "1_02_334", "102333", "64-41414-1_02_33", "64-4111-1_02_333", "x1_02_333", "1_02"]
)
def test_text_that_is_no_cell_is_refused_with_an_example(text):
    with pytest.raises(ArchitectureError, match=r"like '64-41414-1_02_333', a digit .* got .*none"):
        SPACE.read(text)


def test_the_4096_cells_are_1376_networks():
    codes = SPACE.all_codes()
    assert (len(codes), SPACE.size, len(set(SPACE.keys(codes)))) == (4096, 4096, 1376)


def test_a_skip_from_the_input_has_weights_and_others_have_none():
    keys = {text: SPACE.read(text).key for text in ("1_00_030", "3_00_010", "0_00_300")}
    # Strided skip, then conv 3x3, against conv 3x3, then identity, and conv 3x3 alone.
    assert keys["1_00_030"] != keys["3_00_010"]
    assert keys["3_00_010"] == keys["0_00_300"]


def test_cells_without_a_skip_from_the_input_are_equal_as_in_nasbench201():
    # The operations have the same numbers there, and pooling does not occur.
    codes = SPACE.all_codes()
    leaving = [place for place, (source, _) in enumerate(EDGES) if source == 0]
    codes = codes[np.all(codes[:, leaving] != OPERATIONS.index("skip_connect"), axis=1)]
    assert len(codes) == 27 * 64
    assert SPACE.keys(codes) == NasBench201().keys(codes)


def test_parameters_worked_by_hand():
    # Stem: 3 x 32 x 9 + 64 and 32 x 64 x 9 + 128, together 19,488. A dead cell has no more.
    assert parameters_m(np.zeros((1, 6), dtype=int))[0] == pytest.approx(0.019488, abs=1e-9)
    # A conv 1x1 from the input, in the ten cells: channels 64 x 128, 3 x 128 x 128, 128 x 256,
    # 3 x 256 x 256, 256 x 512, 512 x 512, and twice the output's 128 x 4 + 256 x 4 + 512 x 2:
    # 8,192 + 49,152 + 32,768 + 196,608 + 131,072 + 262,144 + 2 x 2,560 = 685,056.
    assert parameters_m(np.array([[2, 0, 0, 0, 0, 0]]))[0] == pytest.approx(0.704544, abs=1e-9)
    # A skip from the input: 64 x 128 + 128 x 256 + 256 x 512 + 2 x (128 + 256 + 512) = 173,824.
    assert parameters_m(np.array([[0, 1, 0, 0, 0, 0]]))[0] == pytest.approx(0.193312, abs=1e-9)
    # A conv 3x3 inside: 9 x (4 x 128^2 + 4 x 256^2 + 2 x 512^2) + 2 x 2,560 = 7,672,832.
    assert parameters_m(np.array([[0, 0, 0, 0, 0, 3]]))[0] == pytest.approx(7.69232, abs=1e-9)
    assert parameters_m(np.array([[0, 0, 1, 0, 1, 1]]))[0] == pytest.approx(0.019488, abs=1e-9)


def test_features_are_equal_for_equal_keys_in_the_whole_space():
    codes = SPACE.all_codes()
    features = SPACE.features(codes)
    _, first, rows = np.unique(SPACE.keys(codes), return_index=True, return_inverse=True)
    np.testing.assert_allclose(features, features[first][rows])


def test_equal_networks_have_closer_accuracies_than_skips_as_identities_would_say(data_folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(data_folder / "transnasbench101_micro.parquet")
    accuracy = dict(
        zip(table["code"].to_pylist(), table["val_class_scene"].to_pylist(), strict=True)
    )
    codes = SPACE.all_codes()
    values = np.array([accuracy["".join(map(str, code))] for code in codes.tolist()])

    def within(keys):
        _, rows = np.unique(keys, return_inverse=True)
        count = np.bincount(rows)
        spread = np.sum((values - (np.bincount(rows, values) / count)[rows]) ** 2)
        return np.sqrt(spread / np.sum(count - 1))

    # Points of accuracy. NAS-Bench-201's keys of the same codes take every skip for nothing.
    assert within(SPACE.keys(codes)) == pytest.approx(0.34, abs=0.01)
    assert within(NasBench201().keys(codes)) == pytest.approx(1.65, abs=0.01)


def test_cells_with_the_same_record_on_all_tasks_have_one_key(data_folder):
    # Trained with one seed: equal networks that draw equal random numbers have equal records.
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(data_folder / "transnasbench101_micro.parquet")
    tasks = [table[name].to_pylist() for name in table.column_names if name.startswith("val_")]
    keys = SPACE.keys(np.array([[*map(int, text)] for text in table["code"].to_pylist()]))
    key_of = {}
    for key, *record in zip(keys, *tasks, strict=True):
        assert key_of.setdefault(tuple(record), key) == key
    assert (len(tasks), len(key_of)) == (7, 2994)


def test_the_notation_is_the_recorded_one(data_folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(data_folder / "transnasbench101_micro.parquet")
    for row in range(0, 4096, 41):
        code = tuple(map(int, table["code"][row].as_py()))
        assert SPACE.read(table["tnb_str"][row].as_py()).code == code
        assert [table[f"e{i}{j}"][row].as_py() for i, j in EDGES] == [*code]
