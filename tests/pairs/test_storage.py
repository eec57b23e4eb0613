"""Pairs on disk: written whole, read only if they are what they were."""

import pickle

import numpy as np
import pytest

from deltanas.errors import PairsError
from deltanas.pairs import Pairs, pairs_of
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201

CELLS = NasBench201()


@pytest.fixture
def pairs():
    codes = CELLS.sample_codes(20, generator(1, "cells"))
    return pairs_of(CELLS, codes, generator(2, "accuracies").normal(size=20), edits=3)


@pytest.fixture
def path(tmp_path, pairs):
    pairs.save(tmp_path / "pairs.npz")
    return tmp_path / "pairs.npz"


def rewritten(path, **changes):
    with np.load(path) as archive:
        arrays = dict(archive) | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


def test_what_is_read_is_what_was_written(pairs, path):
    read = Pairs.load(NasBench201(), path)
    for name in ("codes", "accuracies", "first", "second", "distance"):
        np.testing.assert_array_equal(getattr(read, name), getattr(pairs, name))
        assert getattr(read, name).dtype == getattr(pairs, name).dtype
    assert read.keys == pairs.keys
    assert list(path.parent.iterdir()) == [path], "something else was left behind"


def test_no_pairs_can_be_kept_too(tmp_path):
    none = pairs_of(CELLS, np.zeros((0, 6), dtype=np.int32), np.zeros(0))
    none.save(tmp_path / "none")
    assert len(Pairs.load(CELLS, tmp_path / "none").keys) == 0


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PairsError, match=r"pairs.npz, which does not exist; write one with Pairs"):
        Pairs.load(CELLS, tmp_path / "pairs.npz")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_refused(path, share):
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(PairsError, match=r"expected a whole pairs file.*it is truncated, or"):
        Pairs.load(CELLS, path)


@pytest.mark.parametrize("content", [b"accuracy,0.93\n", b"\x93NUMPY\x01\x00", b"PK\x03\x04 no"])
def test_another_kind_of_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(PairsError, match="expected a whole pairs file"):
        Pairs.load(CELLS, path)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(PairsError, match="expected a whole pairs file"):
        Pairs.load(CELLS, tmp_path)


def test_a_plain_array_file_is_refused(path):
    with path.open("wb") as file:
        np.save(file, np.arange(3))
    with pytest.raises(PairsError, match="expected a whole pairs file"):
        Pairs.load(CELLS, path)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("the file was run",))


def test_a_pickle_is_refused_without_running_it(path):
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(PairsError, match="expected a whole pairs file"):
        Pairs.load(CELLS, path)
    objects = np.empty(1, dtype=object)
    objects[0] = Bomb()
    with path.open("wb") as file:
        np.savez(file, format=np.array(1), space=objects, digest=objects)
    with pytest.raises(PairsError, match="expected a whole pairs file"):
        Pairs.load(CELLS, path)


def test_every_flipped_byte_of_the_data_is_noticed(path, pairs):
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            read = Pairs.load(CELLS, path)
        except PairsError:
            continue
        # Some bytes of a zip archive mean nothing: then nothing has changed.
        np.testing.assert_array_equal(read.accuracies, pairs.accuracies)
        np.testing.assert_array_equal(read.codes, pairs.codes)
        np.testing.assert_array_equal(read.distance, pairs.distance)


def test_altered_contents_are_refused(path, pairs):
    rewritten(path, accuracies=pairs.accuracies + 0.01)
    with pytest.raises(PairsError, match=r"do not match its checksum; it was altered"):
        Pairs.load(CELLS, path)


def test_a_missing_column_is_refused(path):
    rewritten(path, distance=None)
    with pytest.raises(PairsError, match=r"expected a whole pairs file.*KeyError.*distance"):
        Pairs.load(CELLS, path)


def test_another_type_of_number_is_refused(path, pairs):
    rewritten(path, first=pairs.first.astype(np.int64))
    with pytest.raises(PairsError, match="it was altered"):
        Pairs.load(CELLS, path)


def test_a_newer_format_is_refused(path):
    rewritten(path, format=np.array(2))
    with pytest.raises(PairsError, match="expected format 1 in .* got 2; read it with the version"):
        Pairs.load(CELLS, path)


def test_pairs_of_another_space_are_refused(path):
    other = BlockSpace({f"edge {i}": range(5) for i in range(6)})
    with pytest.raises(PairsError, match=r"pairs of space 'blocks'.*got those of.*nasbench201"):
        Pairs.load(other, path)


def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path, pairs):
    with pytest.raises(PairsError, match=r"cannot write \d+ pairs to .*No such file.*choose a fol"):
        pairs.save(tmp_path / "missing" / "pairs.npz")
    (tmp_path / "taken").mkdir()
    with pytest.raises(PairsError, match="cannot write"):
        pairs.save(tmp_path / "taken")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


def test_saving_again_replaces_the_file(path, pairs):
    fewer = pairs.within(1)
    fewer.save(path)
    assert len(Pairs.load(CELLS, path)) == len(fewer) < len(pairs)
