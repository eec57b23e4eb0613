import os
import pickle
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from deltanas.benchmarks.importers.torch_file import read_torch_file
from deltanas.errors import DataError, UnsafeDataError

VALUE = OrderedDict({"data": {"micro": {"1_02_333": [0.5, np.float64(0.625)]}}})


def save(path, value, *, zipped):
    torch = pytest.importorskip("torch")
    torch.save(value, path, _use_new_zipfile_serialization=zipped)


def read(path):
    return read_torch_file(path, remedy="get it anew")


@pytest.mark.parametrize("zipped", [True, False])
def test_both_forms_that_torch_writes_are_read(tmp_path, zipped):
    path = tmp_path / "bench.pth"
    save(path, VALUE, zipped=zipped)
    assert zipfile.is_zipfile(path) is zipped
    assert read(path) == {"data": {"micro": {"1_02_333": [0.5, 0.625]}}}


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_and_weights_are_refused_in_both_forms(tmp_path, zipped):
    torch = pytest.importorskip("torch")
    path = tmp_path / "bench.pth"
    save(path, {"x": Trap(tmp_path / "sprung")}, zipped=zipped)
    with pytest.raises(UnsafeDataError, match=r"would run code: it names \w+.mkdir"):
        read(path)
    assert not (tmp_path / "sprung").exists()
    save(path, {"x": torch.zeros(2)}, zipped=zipped)
    with pytest.raises(UnsafeDataError, match=r"it names torch._utils._rebuild_tensor_v2"):
        read(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_truncated_files_are_refused(tmp_path, zipped):
    path = tmp_path / "bench.pth"
    save(path, {str(i): float(i) for i in range(300)}, zipped=zipped)
    whole = path.read_bytes()
    for length in (0, 1, 30, len(whole) // 2):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match="get it anew"):
            read(path)


def test_an_altered_archive_is_refused(tmp_path):
    path = tmp_path / "bench.pth"
    save(path, {str(i): float(i) for i in range(300)}, zipped=True)
    altered = bytearray(path.read_bytes())
    altered[altered.index(b"X\x03\x00\x00\x00150") + 5] = ord("9")  # one of the keys
    path.write_bytes(altered)
    with pytest.raises(DataError, match="Bad CRC-32"):
        read(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pickle.dumps({"a": 1}), "got another pickle: the magic number is missing; get it anew"),
        (
            pickle.dumps(0x1950A86A20F9469CFC6C) + pickle.dumps(1002),
            "a file of torch in version 1001, got 1002",
        ),
        (b"no pickle", "bench.pth should be a complete pickle, and cannot be read"),
    ],
)
def test_other_files_are_refused(tmp_path, data, words):
    path = tmp_path / "bench.pth"
    path.write_bytes(data)
    with pytest.raises(DataError) as error:
        read(path)
    assert words in str(error.value)


@pytest.mark.parametrize("name", ["../data.pkl", "/etc/data.pkl", "a/../../data.pkl", "..\\x.pkl"])
def test_members_that_leave_the_archives_folder_are_refused(tmp_path, name):
    path = tmp_path / "bench.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr(name, b"x")
    with pytest.raises(UnsafeDataError, match="would lie outside of the archive's folder; get"):
        read(path)


def test_an_archive_without_the_pickle_is_refused(tmp_path):
    path = tmp_path / "bench.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(DataError, match="which holds one data.pkl, got an archive with 0"):
        read(path)
    with pytest.raises(DataError, match=r"none.pth cannot be read \(No such file"):
        read(tmp_path / "none.pth")
