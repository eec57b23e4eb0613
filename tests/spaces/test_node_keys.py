import hashlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import ArchitectureError
from deltanas.seeds import generator
from deltanas.spaces import digests
from deltanas.spaces.nasbench101 import NasBench101, live_cells
from deltanas.spaces.node_colours import canonical_places, colourings, fingerprints
from deltanas.spaces.node_graphs import pairs, prune
from deltanas.spaces.node_keys import official_hashes

SEEDS = st.integers(0, 10**6)
SPACE = NasBench101()


def hash_of(matrix, labels):
    """The hash of the paper, one cell at a time, as it is described there."""
    size = len(matrix)

    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()

    operations = [-1, *labels, -2]
    texts = [
        md5(str((sum(matrix[v]), sum(row[v] for row in matrix), operations[v])))
        for v in range(size)
    ]
    for _ in range(size):
        entering = [sorted(texts[u] for u in range(size) if matrix[u][v]) for v in range(size)]
        leaving = [sorted(texts[w] for w in range(size) if matrix[v][w]) for v in range(size)]
        texts = [
            md5(f"{''.join(entering[v])}|{''.join(leaving[v])}|{texts[v]}") for v in range(size)
        ]
    return md5(str(sorted(texts)))


def pruned(cells, column):
    """Matrix and labels of one cell with its live vertices only."""
    kept = np.flatnonzero(cells.vertices[:, column]).tolist()
    there = {p for p, row in zip(cells.pairs, cells.edges, strict=True) if row[column]}
    matrix = [[int((i, j) in there) for j in kept] for i in kept]
    return matrix, [int(cells.labels[vertex - 1, column]) for vertex in kept[1:-1]]


def test_the_published_hash_of_two_cells():
    # The cell of two vertices, from the description: 0→1, so (1, 0, -1) and (0, 1, -2).
    texts = [hashlib.md5(text).hexdigest() for text in (b"(1, 0, -1)", b"(0, 1, -2)")]
    for _ in range(2):
        first, last = texts
        texts = [
            hashlib.md5(f"|{last}|{first}".encode()).hexdigest(),
            hashlib.md5(f"{first}||{last}".encode()).hexdigest(),
        ]
    expected = hashlib.md5(str(sorted(texts)).encode()).hexdigest()
    assert SPACE.cell([[0, 1], [0, 0]], []).key == expected


@given(SEEDS)
def test_many_at_once_equal_the_description_one_by_one(seed):
    cells = live_cells(SPACE.sample_codes(12, generator(seed, "hash")))
    assert official_hashes(cells) == [hash_of(*pruned(cells, column)) for column in range(12)]


def test_hashes_are_the_same_whichever_way_md5_is_taken(monkeypatch):
    cells = live_cells(SPACE.sample_codes(150, generator(1, "hash")))
    one_by_one = official_hashes(cells)
    monkeypatch.setattr(digests, "FEW", 0)
    assert official_hashes(cells) == one_by_one


def renumbered(code, rng):
    """The code of the same cell, its vertices in another order in which edges lead forward."""
    edges = {pair for pair, bit in zip(pairs(7), code, strict=False) if bit}
    order, left = [0], [1, 2, 3, 4, 5]
    while left:
        free = [v for v in left if not any((u, v) in edges for u in left)]
        order.append(int(rng.choice(free)))
        left.remove(order[-1])
    order.append(6)
    bits = [int((order[i], order[j]) in edges) for i, j in pairs(7)]
    return [*bits, *(code[20 + vertex] for vertex in order[1:-1])]


@given(SEEDS)
def test_keys_and_features_do_not_depend_on_the_numbers_of_vertices(seed):
    rng = generator(seed, "renumbered")
    codes = SPACE.sample_codes(8, rng)
    others = np.array([renumbered(code, rng) for code in codes.tolist()], dtype=np.int32)
    assert SPACE.are_valid(others).all()
    assert SPACE.keys(codes) == NasBench101().keys(others)
    assert (fingerprints(live_cells(codes)) == fingerprints(live_cells(others))).all()
    np.testing.assert_array_equal(SPACE.features(codes), SPACE.features(others))


def test_some_codes_are_changed_by_renumbering():
    rng = generator(0, "renumbered")
    codes = SPACE.sample_codes(20, rng).tolist()
    assert sum(code != renumbered(code, rng) for code in codes) > 10


def isomorphic(first, second):
    """Whether some renumbering of the interior vertices turns one cell into the other."""
    (matrix, labels), (other, others) = first, second
    size = len(matrix)
    if size != len(other) or sorted(labels) != sorted(others):
        return False
    for inside in itertools.permutations(range(1, size - 1)):
        order = (0, *inside, size - 1)
        if [labels[v - 1] for v in inside] == others and all(
            matrix[order[i]][order[j]] == other[i][j]
            for i, j in itertools.product(range(size), repeat=2)
        ):
            return True
    return False


@pytest.mark.parametrize(("vertices", "count"), [(2, 1), (3, 6), (4, 84), (5, 2441)])
def test_keys_are_exact_on_all_small_cells(vertices, count):
    # Every choice of edges and of three operations for the interior vertices.
    number = len(pairs(vertices))
    bits = np.arange(2**number)[None] >> np.arange(number)[:, None] & 1
    labels = np.array(list(itertools.product(range(3), repeat=vertices - 2)), dtype=np.int64)
    labels = labels.reshape(3 ** (vertices - 2), vertices - 2).T
    cells = prune(
        np.repeat(bits.astype(bool), labels.shape[1], axis=1), np.tile(labels, bits.shape[1])
    )
    cells = cells.take(np.flatnonzero(cells.vertices.all(axis=0) & (cells.edges.sum(axis=0) <= 9)))
    buckets = {}
    for column, key in enumerate(official_hashes(cells)):
        buckets.setdefault(key, []).append(pruned(cells, column))
    # Equal keys: isomorphic. And there are as many keys as the paper has cells.
    for members in buckets.values():
        assert all(isomorphic(members[0], member) for member in members[1:])
    assert len(buckets) == len(set(fingerprints(cells).tolist())) == count


def test_different_keys_of_small_cells_are_not_isomorphic():
    cells = live_cells(SPACE.sample_codes(60, generator(3, "pairs")))
    keys = official_hashes(cells)
    plain = [pruned(cells, column) for column in range(60)]
    for first, second in itertools.combinations(range(60), 2):
        assert (keys[first] == keys[second]) == isomorphic(plain[first], plain[second])


def test_colours_are_equal_exactly_where_the_texts_are():
    # In 0→1→3, 0→2→3 the two interior vertices look alike if their operations are equal.
    edges = np.array([[1], [1], [0], [0], [1], [1]], dtype=bool).repeat(2, axis=1)
    cells = prune(edges, np.array([[1, 1], [1, 2]]))
    for colours in colourings(cells):
        assert colours[1, 0] == colours[2, 0]
        assert colours[1, 1] != colours[2, 1]
        assert colours[1, 0] == colours[1, 1] or len(set(colours[:, 1].tolist())) == 4
    *_, last = colourings(cells)
    assert last[0, 0] != last[0, 1]


def test_places_go_by_depth_and_are_all_different():
    # 0→2→1 would be a cycle's start, so: 0→1, 1→3, 0→2, 2→4, 3→4; vertex 3 lies deepest.
    there = {(0, 1), (1, 3), (0, 2), (2, 4), (3, 4)}
    edges = np.array([[pair in there] for pair in pairs(5)], dtype=bool)
    places = canonical_places(prune(edges, np.zeros((3, 1), dtype=np.int64)))[:, 0].tolist()
    assert places[0] == 0
    assert sorted(places[1:3]) == [1, 2]
    assert places[3:] == [3, 4]


@pytest.mark.data
def test_a_sample_of_recorded_hashes(data_folder):
    table = np.load(data_folder / "nb101.npz", allow_pickle=False)
    hashes = table["hash8"]  # read once: each look into the file unpacks the column
    first = hashes[0].tobytes().hex()
    # The first key of the authors' file is printed in their documentation.
    assert "00005c142e6f48ac74fdcf73e3439874".startswith(first)
    columns = {name: table[name] for name in ("n_vertices", "bits", "ops")}
    rows = np.arange(0, 423_624, 2_113)
    for row in rows.tolist():
        size, bits, digits = (int(columns[name][row]) for name in ("n_vertices", "bits", "ops"))
        matrix = [[0] * size for _ in range(size)]
        for bit, (i, j) in enumerate(pairs(size)):
            matrix[i][j] = bits >> bit & 1
        names = [SPACE.decisions[21].options[digits // 3**v % 3] for v in range(size - 2)]
        key = SPACE.cell(matrix, names).key
        assert key[:16] == hashes[row].tobytes().hex()
        if row == 0:
            assert key == "00005c142e6f48ac74fdcf73e3439874"


def test_operations_given_as_one_text_are_refused():
    with pytest.raises(ArchitectureError, match="are a list of names, got 'maxpool3x3'; give"):
        SPACE.cell([[0, 1, 0], [0, 0, 1], [0, 0, 0]], "maxpool3x3")
