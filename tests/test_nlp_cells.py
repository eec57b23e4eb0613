"""The sample of NAS-Bench-NLP: facts of its cells by hand, stored rows, and what is refused."""

import math
import shutil

import numpy as np
import pytest

from bench.nlp_cells import FILE, Cells, facts_of, read_cells, refuse_bad_cells
from bench.nlp_predictor import predictors
from deltanas.errors import DataError, MissingDataError

LINEAR, ACT, BLEND = 0, 2, 6
RECURRENT = ([LINEAR, ACT], [[0, 1, -1], [4, -1, -1]], [5, -1, -1])
"""Node 4 is a linear map of the input x and the old state h0, node 5 an activation of it."""


def padded(graph):
    """One row of the file's arrays."""
    operations, inputs, outputs = graph
    missing = 21 - len(operations)
    return {
        "op": np.array([[*operations, *[-1] * missing]]),
        "inputs": np.array([[*inputs, *[[-1] * 3] * missing]]),
        "out_node": np.array([outputs]),
        "num_params": np.array([5_731_600]),
        "status": np.array([0]),
        "val_loss": np.full((1, 50), 4.5),
    }


def test_facts_of_the_simplest_recurrent_cell_by_hand():
    facts = facts_of(RECURRENT)
    walks = ("x>linear", "h0>linear", "linear>act2", "x>linear>act2", "h0>linear>act2", "act2>new0")
    assert facts["walks"] == dict.fromkeys(walks, 1)
    # Two edges enter node 4, one node 5. From x and from h0 two steps to the state: 1 + 2.
    ways = ("longest x to 0", "shortest x to 0", "longest h to 0", "shortest h to 0")
    once = ("linear", "act2", "states")
    assert facts["graph"] == {
        "nodes": 2, "edges": 3, **dict.fromkeys(once, 1), **dict.fromkeys(ways, 3),
    }  # fmt: skip


def test_what_no_new_state_depends_on_is_left_out():
    more = ([LINEAR, ACT, ACT], [*RECURRENT[1], [4, -1, -1]], RECURRENT[2])
    assert facts_of(more) == facts_of(RECURRENT)


def test_the_places_of_a_blend_are_told_apart():
    def blend(inputs):
        return facts_of(([LINEAR, BLEND], [[0, 1, -1], inputs], [5, -1, -1]))["walks"]

    assert blend([4, 0, 1]) != blend([0, 4, 1])
    assert blend([4, 0, 1])["linear>blend0"] == blend([0, 4, 1])["linear>blend1"] == 1


def test_numbers_of_nodes_do_not_matter():
    # The same cell with the activation as node 4, which takes node 5.
    turned = ([ACT, LINEAR], [[5, -1, -1], [0, 1, -1]], [4, -1, -1])
    assert facts_of(turned) == facts_of(RECURRENT)


def test_nodes_that_wait_for_each_other_are_refused():
    circle = ([LINEAR, ACT], [[0, 5, -1], [4, -1, -1]], [5, -1, -1])
    with pytest.raises(DataError, match=r"without cycles, got nodes \[4, 5\] of row 7, of which"):
        facts_of(circle, 7)


def test_a_cell_that_can_be_is_accepted():
    refuse_bad_cells(padded(RECURRENT))


@pytest.mark.parametrize(
    ("name", "place", "value", "words"),
    [
        ("op", (0, 1), 7, "operations from 0 to 6, got others in row 0; get the file anew"),
        ("op", (0, 0), -1, "inputs that are there"),
        ("inputs", (0, 1, 0), 25, "inputs that are there"),
        ("inputs", (0, 1, 0), 6, "inputs that are there"),
        ("inputs", (0, 1, 0), -2, "inputs that are there"),
        ("out_node", (0, 0), 6, "new hidden states that are there"),
        ("out_node", (0, 0), -1, "new hidden states that are there"),
        ("val_loss", (0, 49), math.nan, "losses above 0 and finite"),
        ("val_loss", (0, 49), math.inf, "losses above 0 and finite"),
        ("val_loss", (0, 0), -4.5, "losses above 0 and finite"),
        ("num_params", (0,), 0, "parameters above 0"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_row(name, place, value, words):
    found = padded(RECURRENT)
    found[name][place] = value
    with pytest.raises(DataError, match=words):
        refuse_bad_cells(found)


def test_missing_rows_are_refused():
    found = padded(RECURRENT)
    with pytest.raises(DataError, match="arrays of one length, got .*'status': 0"):
        refuse_bad_cells(found | {"status": found["status"][:0]})


@pytest.fixture
def path(data_folder):
    path = data_folder / FILE
    if not path.is_file():
        pytest.skip(f"{FILE} is not in the folder of benchmark tables")
    return path


def test_stored_rows_are_the_cells_that_finished(path, monkeypatch):
    monkeypatch.setenv("DELTANAS_DATA", str(path.parent))
    cells = read_cells()
    with np.load(path) as stored:
        finished = stored["status"] == 0
        losses = stored["val_loss"][finished].min(axis=1)
        parameters = stored["num_params"][finished]
        # The first one is the simplest recurrent cell.
        first = [stored[name][0].tolist() for name in ("op", "inputs", "out_node")]
    assert len(cells.loss) == 11_598
    assert facts_of(first) == facts_of(RECURRENT)
    np.testing.assert_array_equal(cells.loss[::500], losses[::500].astype(float))
    np.testing.assert_allclose(np.exp(cells.groups["cost"][::500, 0]), parameters[::500])


def test_a_truncated_sample_and_none_are_told(path, monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match="this measurement needs its file nasbench_nlp.npz"):
        read_cells()
    shutil.copyfile(path, tmp_path / FILE)
    (tmp_path / FILE).write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(DataError, match="nasbench_nlp.npz should be an archive .* cannot be read"):
        read_cells()


def test_the_predictors_rank_a_sample_larger_than_the_options_of_one_decision():
    # The score is the only feature, so that whoever reads the right rows finds its order.
    score = np.random.default_rng(0).normal(size=1_600)
    cells = Cells({"cost": score[:, None]}, loss=-score)
    known, asked = np.arange(0, 1_600, 40), np.arange(1, 1_600, 50)
    for name in ("GaussianDelta", "parameters", "ridge"):
        found = predictors(cells)[name](known, score[known], asked)
        assert np.corrcoef(found, score[asked])[0, 1] > 0.9, name
