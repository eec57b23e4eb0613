"""Finalists: of the best few, trained again, the best on average is the model."""

import functools
import importlib.util
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from deltanas.errors import BudgetError, ExportError, TrainingError
from deltanas.evaluation import FunctionEvaluator, Workplace
from deltanas.export import Finals, export_model
from deltanas.networks import cnn_cell
from deltanas.spaces import BlockSpace
from deltanas.study import Halving, Study
from deltanas.training import Recipe, load_data
from deltanas.training.description import stored_training
from deltanas.training.networks import NetworkTraining

RECIPE = Recipe(epochs=2)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A study of five trainings whose accuracies differ."""
    folder = tmp_path_factory.mktemp("searched")
    rng = np.random.default_rng(0)
    labels = np.arange(640) % 4
    inputs = rng.normal(0, 0.5, (640, 12))
    for label in range(4):
        inputs[labels == label, 3 * label : 3 * label + 2] += 1.0
    file, place = folder / "mine.npz", folder / "s.db"
    np.savez(file, x=inputs, y=labels)
    work = Workplace(folder / "s-trials", seed=3, device="cpu")
    train = FunctionEvaluator(NetworkTraining(load_data(str(file)), RECIPE), work)
    stored = stored_training(str(file), RECIPE)
    settings = {"seed": 3, "storage": place, "method": "random", "benchmark": stored}
    with Study(cnn_cell(), train, **settings) as study:
        study.run(5)
    return place


def export(place, out, retrain, **settings):
    return export_model(str(place), out, retrain=retrain, device="cpu", **settings)


def best_first(place):
    return sorted(Study.open(place).trials, key=lambda each: (-each.accuracy, each.number))


def test_the_best_few_are_trained_again_and_the_best_on_average_is_written(place, tmp_path):
    heard = []
    found = export(place, tmp_path / "m", Finals(3, 2, heard.append))
    order = best_first(place)[:3]
    assert {each.trial.number for each in found.finalists} == {each.number for each in order}
    means = [np.mean(each.accuracies) for each in found.finalists]
    assert len(set(means)) == 3, "equal means would not tell whether they are compared"
    assert means == sorted(means, reverse=True)
    assert [each.mean for each in found.finalists] == means
    assert found.trial == found.finalists[0].trial
    of_first = [each.accuracy for each in found.trained]
    assert sorted(found.finalists[0].accuracies) == sorted(of_first)
    assert of_first[0] == max(of_first)
    assert len({(*each.accuracies, *each.test_accuracies) for each in found.finalists}) == 3
    written = load_file(found.folder / "weights.safetensors")
    weights = found.trained[0].network.state_dict()
    assert all(torch.equal(written[name], each) for name, each in weights.items())
    ended = [each for each in heard if each.outcome is not None]
    assert [(each.trial.number, each.number) for each in ended] == [
        (each.number, number) for each in order for number in (1, 2)
    ]
    assert [each.outcome is None for each in heard] == [True, False] * 6
    assert {each.networks for each in heard} == {3}


def test_seeds_are_those_of_the_study_and_others_than_in_the_search(place, tmp_path):
    found = export(place, tmp_path / "m", Finals(1, 2))
    first, second = (each.network.state_dict() for each in found.trained)
    name = "classifier.weight"
    assert not torch.equal(first[name], second[name])
    searched = export(place, tmp_path / "n", 0, trial=found.trial.number)
    assert not torch.equal(first[name], searched.trained[0].network.state_dict()[name])


def test_the_card_tells_of_all_finalists(place, tmp_path):
    found = export(place, tmp_path / "m", Finals(2, 2))
    text = (found.folder / "README.md").read_text()
    first, second = found.finalists
    assert first.mean != second.mean
    assert f"| trained 2 times | {100 * first.mean:.2f} ± " in text
    assert f"| finalist trial {second.trial.number} | {100 * second.mean:.2f} ± " in text
    assert f"| trial | {first.trial.number}, the best of 2 that were trained again |" in text


def test_trainings_that_have_ended_are_not_repeated(place, tmp_path, monkeypatch):
    before = export(place, tmp_path / "m", Finals(2, 1))
    monkeypatch.setattr(
        "deltanas.training.loop.Loop._learn",
        lambda *_, **__: pytest.fail("an epoch was trained again"),
    )
    heard = []
    again = export(place, tmp_path / "n", Finals(2, 1, heard.append))
    assert again.finalists == before.finalists
    assert all(each.outcome.is_kept for each in heard if each.outcome is not None)


def test_one_training_more_leaves_those_before(place, tmp_path):
    few = export(place, tmp_path / "m", Finals(2, 1))
    more = export(place, tmp_path / "n", Finals(2, 2))
    for finalist in few.finalists:
        (same,) = (each for each in more.finalists if each.trial == finalist.trial)
        assert same.accuracies[:1] == finalist.accuracies


def test_more_finalists_than_trials_are_all_trials(place, tmp_path):
    found = export(place, tmp_path / "m", Finals(9, 1))
    assert len(found.finalists) == 5


def test_rungs_of_the_search_stop_no_training_of_the_finals(tmp_path, place):
    file, other = place.parent / "mine.npz", tmp_path / "h.db"
    recipe = Recipe(epochs=4)
    work = Workplace(tmp_path / "h-trials", seed=3, device="cpu")
    train = FunctionEvaluator(NetworkTraining(load_data(str(file)), recipe), work)
    stored = stored_training(str(file), recipe)
    settings = {"seed": 3, "storage": other, "method": "random", "benchmark": stored}
    with Study(cnn_cell(), train, halving=Halving(1, 2), **settings) as study:
        study.run(4)
        assert any(each.proposal.rungs for each in study.history.finished)
    found = export(other, tmp_path / "m", Finals(4, 1))
    assert all(len(each.accuracies) == 1 for each in found.finalists)
    assert found.trained[0].epochs == 4


def fails_for(key, monkeypatch):
    train = NetworkTraining.train

    def failing(self, architecture, context):
        if key in ("all", architecture.key):
            raise TrainingError("the loss is no number")
        return train(self, architecture, context)

    monkeypatch.setattr(NetworkTraining, "train", failing)


def test_a_finalist_that_fails_is_out_and_the_card_says_why(place, tmp_path, monkeypatch):
    best = best_first(place)[0]
    fails_for(best.architecture.key, monkeypatch)
    heard = []
    found = export(place, tmp_path / "m", Finals(2, 1, heard.append))
    first, last = found.finalists
    assert (last.trial, last.accuracies, last.mean) == (best, (), float("-inf"))
    assert first.trial == found.trial != best
    assert "no number" in str(heard[1].outcome)
    text = (found.folder / "README.md").read_text()
    assert f"| finalist trial {best.number} | a training failed: the loss is no number |" in text
    with pytest.raises(TrainingError, match="^the loss is no number"):
        export(place, tmp_path / "n", Finals(1, 1))
    monkeypatch.undo()
    fails_for("all", monkeypatch)
    with pytest.raises(TrainingError, match="none of the 2 finalists could be .*no number"):
        export(place, tmp_path / "n", Finals(2, 1))


def test_a_device_that_is_not_there_is_told_once_and_at_first(place, tmp_path, monkeypatch):
    monkeypatch.setattr("deltanas.evaluation.workplace._count_gpus", lambda: 0)
    heard = []
    with pytest.raises(TrainingError, match="expected a GPU for device 'cuda'"):
        export_model(str(place), tmp_path / "m", retrain=Finals(2, 1, heard.append), device="cuda")
    assert heard == []


def test_weights_of_another_code_are_refused(place, tmp_path, monkeypatch):
    export(place, tmp_path / "m", 1)
    train = NetworkTraining.train

    def other(self, architecture, context):
        found = train(self, architecture, context)
        return replace(found, accuracy=found.accuracy - 0.1)

    monkeypatch.setattr(NetworkTraining, "train", other)
    with pytest.raises(ExportError, match="when it was trained in .*finals.* it had"):
        export(place, tmp_path / "n", 1)


@pytest.mark.parametrize(("count", "times"), [(0, 1), (2, 0), (-1, 3), (True, 1)])
def test_finals_without_trainings_are_refused(count, times):
    with pytest.raises(BudgetError, match="at least one network and one training"):
        Finals(count, times)


def test_a_trial_and_finalists_are_two_answers(place, tmp_path):
    with pytest.raises(ExportError, match="got trial 1 and 2 finalists; leave one out"):
        export(place, tmp_path / "m", Finals(2, 1), trial=1)


MINE = """
import helper

class Good:
    pass

class Bad:
    pass

space = {"width": [1, 2, 3, 4]}
rich = {"width": [1, 2, 3, 4], "block": [Good, Bad]}


def train(architecture, context):
    # In the search width 4 is the luckiest; again everything is as good as it is.
    width = architecture["width"]
    assert not isinstance(architecture.get("block"), str)
    known = context.folder / "weights.txt"
    with (context.folder / "calls").open("a") as file:
        file.write("c")
    if known.exists():
        value = float(known.read_text())
    elif "finals" not in str(context.folder):
        value = 0.9 if width == 4 else helper.GOOD[width]
    else:
        value = helper.GOOD[width] + context.seed % 7 / 1000
    known.write_text(str(value))
    return {"accuracy": value, "energy": width / 2, "test_accuracy": value - 0.1}


def other(architecture, context):
    return 0.5


def broken(architecture, context):
    raise RuntimeError("out of memory")


def score(architecture):
    return -architecture["width"] / 3
"""
HELPER = "GOOD = {1: 0.5, 2: 0.8, 3: 0.6, 4: 0.7}\n"


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A project of a user's, as a module; `mine.reload()` reads it anew."""
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "helper.py").write_text(HELPER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)

    def read():
        sys.modules.pop("helper", None)
        spec = importlib.util.spec_from_file_location("mine", tmp_path / "mine.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.reload = read
        return module

    yield read()
    sys.modules.pop("helper", None)


@pytest.fixture
def own_place(mine, tmp_path):
    return searched(tmp_path / "o.db", mine.space, mine.train)


def searched(place, space, train, seed=1):
    work = Workplace(place.with_name(f"{place.stem}-trials"), seed=seed, device="cpu")
    settings = {"seed": seed, "storage": place, "method": "random"}
    settings["benchmark"] = f"training by mine.py:{train.__name__}"
    with Study(BlockSpace(space, name="own"), FunctionEvaluator(train, work), **settings) as study:
        study.run(4)
    return place


def calls(place):
    return sum(len(each.read_text()) for each in place.with_name("o-trials").rglob("calls"))


def test_a_function_of_ones_own_tells_its_finalists_apart(own_place, tmp_path):
    assert Study.open(own_place).best.architecture["width"] == 4
    found = export(own_place, tmp_path / "m", Finals(3, 2), train="mine.py:train")
    assert [each.trial.architecture["width"] for each in found.finalists] == [2, 4, 3]
    assert found.trial.architecture["width"] == 2
    assert found.trained == ()
    best = max(found.finalists[0].accuracies)
    assert found.finalists[0].test_accuracies == pytest.approx(
        tuple(each - 0.1 for each in found.finalists[0].accuracies)
    )
    text = (found.folder / "README.md").read_text()
    assert f"| validation accuracy | {100 * best:.2f} % |" in text
    assert "| in the search | 80.00 % validation |" in text
    assert "| energy | 1 |" in text
    assert float((found.folder / "training" / "weights.txt").read_text()) == best
    assert sorted(each.name for each in (found.folder / "training").iterdir()) == [
        "calls",
        "weights.txt",
    ]


def test_an_export_leaves_nothing_of_an_earlier_one(own_place, place, tmp_path):
    export(place, tmp_path / "m", 0)
    (tmp_path / "m" / "notes.txt").write_text("mine")
    export(own_place, tmp_path / "m", 0)
    names = sorted(each.name for each in (tmp_path / "m").iterdir())
    assert names == ["README.md", "architecture.json", "notes.txt", "training"]
    export(place, tmp_path / "m", 0)
    assert not (tmp_path / "m" / "training").exists()


def test_files_of_a_folder_without_our_card_stay(own_place, tmp_path):
    (tmp_path / "m" / "training").mkdir(parents=True)
    (tmp_path / "m" / "training" / "theirs.txt").write_text("x")
    (tmp_path / "m" / "README.md").write_text("# Another project")
    export(own_place, tmp_path / "m", 0)
    assert (tmp_path / "m" / "training" / "theirs.txt").exists()


@pytest.mark.parametrize("changed", ["mine.py", "helper.py"])
def test_its_trainings_are_not_repeated_until_its_code_changes(own_place, tmp_path, mine, changed):
    before = export(own_place, tmp_path / "m", Finals(2, 2), train=mine.train)
    count = calls(own_place)
    again = export(own_place, tmp_path / "n", Finals(2, 2), train=mine.train)
    assert again.finalists == before.finalists
    assert calls(own_place) == count
    file = tmp_path / changed
    file.write_text(file.read_text().replace("2: 0.8", "2: 0.65") + "\n# edited\n")
    new = export(own_place, tmp_path / "n", Finals(2, 2), train=mine.reload().train)
    assert calls(own_place) == count + 4
    good = {each.trial.architecture["width"]: each.mean for each in new.finalists}
    assert (good[2] < 0.7) == (changed == "helper.py"), "files of the old code were taken up"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"metrics": {}}', '{"accuracy": "x"}'])
def test_what_was_kept_and_cannot_be_read_is_trained_again(own_place, tmp_path, mine, text):
    before = export(own_place, tmp_path / "m", Finals(2, 1), train=mine.train)
    files = list(own_place.with_name("o-trials").glob("finals/*/*/*/deltanas-told.json"))
    assert len(files) == 2
    for file in files:
        file.write_text(text)
    again = export(own_place, tmp_path / "n", Finals(2, 1), train=mine.train)
    assert again.finalists == before.finalists


def test_of_a_partial_nothing_is_taken_up(own_place, tmp_path, mine):
    def train(bonus, architecture, context):
        return architecture["width"] / 10 + bonus

    one, other = (functools.partial(train, bonus) for bonus in (0.0, 0.3))
    for each in (one, other):
        each.__name__ = "train"
    first = export(own_place, tmp_path / "m", Finals(2, 1), train=one)
    second = export(own_place, tmp_path / "m", Finals(2, 1), train=other)
    assert second.finalists[0].mean == pytest.approx(first.finalists[0].mean + 0.3)


def test_options_that_are_more_than_text_come_from_the_space(mine, tmp_path):
    place = searched(tmp_path / "o.db", mine.rich, mine.train)
    found = export(place, tmp_path / "m", Finals(2, 1), train="mine.py:train")
    assert len(found.finalists[0].accuracies) == 1
    with pytest.raises(ExportError, match="options such as those of 'block' may be more than"):
        export(place, tmp_path / "m", Finals(2, 1), train=mine.train)
    space = BlockSpace(mine.rich, name="own")
    again = export(place, tmp_path / "m", Finals(2, 1), train=mine.train, space=space)
    assert [each.accuracies for each in again.finalists] == [
        each.accuracies for each in found.finalists
    ]


@pytest.mark.parametrize(
    ("retrain", "train", "message"),
    [
        (2, "", "again, add --train mine.py:train; code is not run because a study names it"),
        (2, "yours.py:train", "made with, mine.py:train, got yours.py:train"),
        (2, "mine.py:other", "made with, mine.py:train, got mine.py:other"),
        (0, "mine.py:train", "nothing is trained again, got mine.py:train; leave it out, or add"),
    ],
)
def test_another_function_or_none_is_refused(own_place, tmp_path, retrain, train, message):
    with pytest.raises(ExportError, match=message):
        export(own_place, tmp_path / "m", retrain, train=train)


def test_a_space_without_a_function_is_refused(own_place, tmp_path):
    with pytest.raises(ExportError, match="space only beside a training function, got 'mine.py:s"):
        export(own_place, tmp_path / "m", 0, space="mine.py:space")


def test_another_function_is_refused_as_an_object_too(own_place, tmp_path, mine):
    with pytest.raises(ExportError, match="made with, mine.py:train, got other; give that one"):
        export(own_place, tmp_path / "m", 2, train=mine.other)


def test_a_function_for_the_built_in_training_is_refused(place, tmp_path, mine):
    with pytest.raises(ExportError, match="was not made with one, got train; leave it out"):
        export(place, tmp_path / "m", 2, train=mine.train)


def test_of_a_benchmark_nothing_is_trained_again(tmp_path):
    settings = {"storage": tmp_path / "b.db", "method": "random", "benchmark": "others:table"}
    space = BlockSpace({"width": [1, 2, 3]})
    with Study(space, lambda architecture: 0.5, **settings) as study:
        study.run(2)
    with pytest.raises(ExportError, match="asked others:table, which others trained, so there"):
        export(tmp_path / "b.db", tmp_path / "m", 2)


def test_scores_that_are_no_fractions_are_shown_as_they_are(mine, tmp_path):
    settings = {"storage": tmp_path / "o.db", "method": "random"}
    with Study(BlockSpace(mine.space), mine.score, **settings) as study:
        study.run(4)
    found = export(tmp_path / "o.db", tmp_path / "m", Finals(2, 1), train=mine.score)
    assert found.finalists[0].accuracies == pytest.approx((-1 / 3,))
    text = (found.folder / "README.md").read_text()
    assert "| validation score | -0.33333 |" in text
    assert "| trained again | -0.33333 validation |" in text


def test_a_function_that_fails_every_time_says_why(mine, tmp_path):
    settings = {"storage": tmp_path / "o.db", "method": "random"}
    with Study(BlockSpace(mine.space), mine.score, **settings) as study:
        study.run(4)
    with pytest.raises(TrainingError, match="none of the 2 .*out of memory"):
        export(tmp_path / "o.db", tmp_path / "m", Finals(2, 1), train=mine.broken)
    assert json.loads(Study.open(tmp_path / "o.db").best.architecture.to_json())
