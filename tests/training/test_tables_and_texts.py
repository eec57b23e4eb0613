"""Tables and texts to train on: built-in ones, the user's own, and what can be wrong with them."""

import numpy as np
import pytest

from deltanas.errors import DataError, MissingDataError, ShapeError
from deltanas.evaluation import Context
from deltanas.networks import mlp, transformer
from deltanas.training import NetworkTraining, Recipe, load_data, make_data, texts, usual_recipe
from deltanas.training.texts import CHARACTERS, WINDOW

TABLE = "width,kind,height\n" + "".join(
    f"{n},{'cat' if n % 2 else 'dog'},{n * n}\n" for n in range(30)
)


@pytest.mark.parametrize(
    ("name", "columns", "classes", "examples"),
    [("breast-cancer", 30, ("benign", "malignant"), 569), ("wine", 13, 3, 178)],
)
def test_the_tables_that_come_with_scikit_learn(name, columns, classes, examples):
    pytest.importorskip("sklearn")
    data = load_data(name)
    assert (data.kind, data.shape) == ("table", (columns,))
    assert classes in (data.classes, len(data.classes))
    assert len(data.train) + len(data.validation) + len(data.test) == examples
    assert np.allclose(data.train.inputs.mean(axis=0), 0, atol=1e-4)
    assert np.allclose(data.train.inputs.std(axis=0), 1, atol=1e-4)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_has_labels_in_the_column_that_is_called_so(tmp_path, separator):
    file = tmp_path / "mine.csv"
    file.write_text(TABLE.replace("kind", "Class").replace(",", separator))
    data = load_data(str(file))
    assert (data.kind, data.shape, data.classes) == ("table", (2,), ("cat", "dog"))
    # Back to what stands in the file: the height is the square of the width.
    raw = data.train.inputs.astype(float) * data.spread + data.mean
    assert np.allclose(raw[:, 0] ** 2, raw[:, 1], atol=1e-2)


def test_labels_stand_in_the_last_column_otherwise(tmp_path):
    file = tmp_path / "mine.tsv"
    file.write_text("a\tb\n" + "1.5\t3\n2.5\t4\n" * 10)
    assert load_data(str(file)).classes == ("3", "4")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE, "line 2, has 'dog' in column 'kind', which is no number; replace or leave out"),
        (TABLE.replace("kind", "y") + "3,cat\n", "line 32, has 2 values, the first line names 3"),
        (TABLE.replace("kind", "y").replace("400", ""), "line 22, has '' in column 'height'"),
        ("a,label\n", "has 0 rows of 2 columns; separate"),
        ("", "has 0 rows of 0 columns"),
        ("a,label\n" + "nan,1\n2,0\n" * 9, "not all finite numbers"),
        ("a,label\n" + "1,1\n" * 9, "has one class only, 1"),
    ],
)
def test_a_table_that_cannot_be_trained_on_is_refused(tmp_path, text, words):
    file = tmp_path / "mine.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=words):
        load_data(str(file))


def test_the_text_of_pythons_library_is_cut_into_windows():
    data = load_data("stdlib-text")
    assert (data.kind, data.shape, data.classes) == ("text", (WINDOW,), CHARACTERS)
    assert (len(data.train), len(data.validation), len(data.test)) == texts.WINDOWS
    assert data.train.inputs.dtype == np.float32
    for part in (data.train, data.validation, data.test):
        # The label of a place is the input of the next one.
        assert np.array_equal(part.inputs[:, 1:], part.labels[:, :-1])
    text = "".join(CHARACTERS[each] for row in data.train.labels for each in row)
    assert " self" in text
    assert data.digest == load_data("stdlib-text").digest


def test_a_text_of_ones_own_keeps_its_last_fifths_for_validation_and_test(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("a" * 3 * 650 + "b" * 650 + "é" * 650, encoding="utf-8")
    data = load_data(str(file))
    wanted = (CHARACTERS.index("a"), CHARACTERS.index("b"), len(CHARACTERS) - 1)
    for part, number in zip((data.train, data.validation, data.test), wanted, strict=True):
        assert set(part.inputs.ravel().tolist()) == {number}
        assert part.inputs.shape[1] == WINDOW
    file.write_text("too short")
    with pytest.raises(
        DataError, match="has 9 characters, too few to learn from; give one of 2,50"
    ):
        load_data(str(file))
    file.write_bytes(b"\xff\xfe" * 9)
    with pytest.raises(DataError, match="cannot be read as a text"):
        load_data(str(file))


def test_a_python_without_its_library_has_no_text(monkeypatch, tmp_path):
    monkeypatch.setattr(texts.sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(
        MissingDataError, match="has 0 files of its library .*needs 144; use a Pyth"
    ):
        load_data("stdlib-text")


def test_kinds_of_data_have_recipes_of_their_own():
    assert usual_recipe("images") == Recipe()
    assert usual_recipe("images", 3) == Recipe(epochs=3)
    assert usual_recipe("text").learning_rate < Recipe().learning_rate
    assert usual_recipe("table", 3).epochs == 3
    assert usual_recipe("table", 3).batch_size == usual_recipe("table").batch_size
    assert usual_recipe("text", space="transformer").epochs == 4
    assert usual_recipe("text", 9, space="transformer").epochs == 9
    assert usual_recipe("images", space="cnn-cell") == usual_recipe("images", space="mine")
    table = make_data("mine", np.eye(20), np.arange(20) % 2)
    assert NetworkTraining(table).recipe == usual_recipe("table")


def test_a_space_takes_the_kinds_of_data_that_it_says():
    table = make_data("mine", np.eye(20), np.arange(20) % 2)
    NetworkTraining(table).check(mlp())
    with pytest.raises(ShapeError, match=r"take text, data mine is table of shape \(20,\); give"):
        NetworkTraining(table).check(transformer())
    NetworkTraining(load_data("stdlib-text")).check(transformer())


def test_a_last_batch_of_one_example_is_left_out_where_it_cannot_be_normalised(tmp_path):
    rng = np.random.default_rng(0)
    data = make_data("mine", rng.normal(size=(51, 4)), np.arange(51) % 2)
    recipe = Recipe(epochs=1, batch_size=16)
    assert len(data.train) % 16 == 1
    choices = {"layers": 1, "width 1": 8, "activation": "relu", "norm": "batch", "dropout": 0.0}
    architecture = mlp().architecture({**choices, "wide": False})
    found = NetworkTraining(data, recipe)(architecture, Context(0, tmp_path, "cpu", 1))
    assert 0 <= found["accuracy"] <= 1
