"""Finalists: of the best few, trained again, the best on average is the model."""

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
from deltanas.study import Study
from deltanas.training import Recipe, load_data
from deltanas.training.description import stored_training
from deltanas.training.networks import NetworkTraining

RECIPE = Recipe(epochs=1)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A study of four trainings of one epoch, whose accuracies are mostly luck."""
    folder = tmp_path_factory.mktemp("searched")
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    inputs = rng.normal(0, 0.3, (120, 12))
    inputs[labels == 0, 2:5] += 0.2
    file, place = folder / "mine.npz", folder / "s.db"
    np.savez(file, x=inputs, y=labels)
    work = Workplace(folder / "s-trials", seed=3, device="cpu")
    train = FunctionEvaluator(NetworkTraining(load_data(str(file)), RECIPE), work)
    stored = stored_training(str(file), RECIPE)
    with Study(
        cnn_cell(), train, seed=3, storage=place, method="random", benchmark=stored
    ) as study:
        study.run(4)
    return place


def export(place, out, retrain, **settings):
    return export_model(str(place), out, retrain=retrain, device="cpu", **settings)


def test_the_best_few_are_trained_again_and_the_best_on_average_is_written(place, tmp_path):
    heard = []
    found = export(place, tmp_path / "m", Finals(3, 2, lambda *told: heard.append(told)))
    order = sorted(Study.open(place).trials, key=lambda each: (-each.accuracy, each.number))
    assert {each.trial.number for each in found.finalists} == {each.number for each in order[:3]}
    means = [np.mean(each.accuracies) for each in found.finalists]
    assert means == sorted(means, reverse=True)
    assert [each.mean for each in found.finalists] == means
    assert found.trial == found.finalists[0].trial
    assert tuple(sorted(found.finalists[0].accuracies)) == tuple(
        sorted(each.accuracy for each in found.trained)
    )
    assert found.trained[0].accuracy == max(found.finalists[0].accuracies)
    written = load_file(found.folder / "weights.safetensors")
    weights = found.trained[0].network.state_dict()
    assert all(torch.equal(written[name], each) for name, each in weights.items())
    told = [(trial.number, number) for trial, number, _ in heard]
    assert told == [(each.number, number) for each in order[:3] for number in (1, 2)]


def test_the_card_tells_of_all_finalists(place, tmp_path):
    found = export(place, tmp_path / "m", Finals(2, 2))
    text = (found.folder / "README.md").read_text()
    first, second = found.finalists
    assert f"| trained 2 times | {100 * first.mean:.2f} ± " in text
    assert f"| instead of trial {second.trial.number} | {100 * second.mean:.2f} ± " in text
    assert f"| trial | {first.trial.number}, the best of 2 that were trained again |" in text


def test_trainings_that_have_ended_are_not_repeated(place, tmp_path, monkeypatch):
    before = export(place, tmp_path / "m", Finals(2, 1))
    monkeypatch.setattr(
        "deltanas.training.loop.Loop._learn",
        lambda *_, **__: pytest.fail("an epoch was trained again"),
    )
    again = export(place, tmp_path / "n", Finals(2, 1))
    assert again.finalists == before.finalists


def test_one_training_more_leaves_those_before(place, tmp_path):
    few = export(place, tmp_path / "m", Finals(2, 1))
    more = export(place, tmp_path / "n", Finals(2, 2))
    for finalist in few.finalists:
        (same,) = (each for each in more.finalists if each.trial == finalist.trial)
        assert same.accuracies[:1] == finalist.accuracies


def test_more_finalists_than_trials_are_all_trials(place, tmp_path):
    found = export(place, tmp_path / "m", Finals(9, 1))
    assert len(found.finalists) == 4


def test_a_finalist_that_fails_is_left_out_and_alone_it_is_an_error(place, tmp_path, monkeypatch):
    best, train = Study.open(place).best, NetworkTraining.train

    def failing(self, architecture, context):
        if architecture.key == best.architecture.key:
            raise TrainingError("the loss is no number")
        return train(self, architecture, context)

    monkeypatch.setattr(NetworkTraining, "train", failing)
    heard = []
    found = export(place, tmp_path / "m", Finals(2, 1, lambda *told: heard.append(told)))
    (only,) = found.finalists
    assert only.trial != best
    assert heard[0][:2] == (best, 0)
    assert "no number" in str(heard[0][2])
    with pytest.raises(TrainingError, match="no number"):
        export(place, tmp_path / "n", Finals(1, 1))


def test_weights_of_another_code_are_refused(place, tmp_path, monkeypatch):
    export(place, tmp_path / "m", 1)
    train = NetworkTraining.train

    def other(self, architecture, context):
        found = train(self, architecture, context)
        return replace(found, accuracy=found.accuracy - 0.1)

    monkeypatch.setattr(NetworkTraining, "train", other)
    with pytest.raises(ExportError, match="when it was trained in .*finals.* it had"):
        export(place, tmp_path / "n", 1)


@pytest.mark.parametrize(("count", "times"), [(0, 1), (2, 0), (-1, 3)])
def test_finals_without_trainings_are_refused(count, times):
    with pytest.raises(BudgetError, match="at least one network and one training of each"):
        Finals(count, times)


def test_a_trial_and_finalists_are_two_answers(place, tmp_path):
    with pytest.raises(ExportError, match="got trial 1 and 2 finalists; leave one out"):
        export(place, tmp_path / "m", Finals(2, 1), trial=1)


SPACE = BlockSpace({"width": [1, 2, 3, 4]}, name="own")
GOOD = {1: 0.5, 2: 0.8, 3: 0.6, 4: 0.7}


def lucky(architecture, context):
    """In the search width 4 is the luckiest; again everything is as good as it is."""
    width = architecture["width"]
    (context.folder / "weights.txt").write_text(f"{width} {context.seed}")
    is_again = context.folder.parent.parent.name == "finals"
    with (context.folder.parents[2 if is_again else 0] / "calls").open("a") as file:
        file.write("c")
    if not is_again:
        return 0.9 if width == 4 else GOOD[width]
    return {"accuracy": GOOD[width] + context.seed % 7 / 1000, "energy": width / 2}


@pytest.fixture
def own_place(tmp_path):
    place = tmp_path / "o.db"
    work = Workplace(tmp_path / "o-trials", seed=1, device="cpu")
    study = Study(
        SPACE, FunctionEvaluator(lucky, work), seed=1, storage=place, method="random",
        benchmark="training by mine.py:lucky",
    )  # fmt: skip
    with study:
        study.run(4)
    return place


def calls(place):
    return sum(len(each.read_text()) for each in place.with_name("o-trials").rglob("calls"))


def test_a_function_of_ones_own_tells_its_finalists_apart(own_place, tmp_path):
    assert Study.open(own_place).best.architecture["width"] == 4
    found = export(own_place, tmp_path / "m", Finals(3, 2), train=lucky)
    assert [each.trial.architecture["width"] for each in found.finalists] == [2, 4, 3]
    assert found.trial.architecture["width"] == 2
    assert found.trained == ()
    best = max(found.finalists[0].accuracies)
    text = (found.folder / "README.md").read_text()
    assert f"| validation accuracy | {100 * best:.2f} % |" in text
    assert "| in the search | 80.00 % validation |" in text
    assert "| energy | 1 |" in text
    width, seed = (found.folder / "training" / "weights.txt").read_text().split()
    assert width == "2"
    assert 0.8 + int(seed) % 7 / 1000 == pytest.approx(best)
    assert found.finalists[0].test_accuracies == ()


def test_its_trainings_are_not_repeated_until_it_is_edited(own_place, tmp_path, monkeypatch):
    before = export(own_place, tmp_path / "m", Finals(2, 2), train=lucky)
    count = calls(own_place)
    again = export(own_place, tmp_path / "n", Finals(2, 2), train=lucky)
    assert again.finalists == before.finalists
    assert calls(own_place) == count
    monkeypatch.setattr("deltanas.export.again.digest_of", lambda _: "another")
    export(own_place, tmp_path / "n", Finals(2, 2), train=lucky)
    assert calls(own_place) == count + 4


@pytest.mark.parametrize("text", ["", "{", "[]", '{"edition": 1}', '{"accuracy": "x"}'])
def test_what_was_kept_and_cannot_be_read_is_trained_again(own_place, tmp_path, text):
    before = export(own_place, tmp_path / "m", Finals(2, 1), train=lucky)
    for file in own_place.with_name("o-trials").glob("finals/*/*.json"):
        file.write_text(text)
    assert export(own_place, tmp_path / "n", Finals(2, 1), train=lucky).finalists == (
        before.finalists
    )


@pytest.mark.parametrize(
    ("retrain", "train", "message"),
    [
        (2, "", "is not run because a study names it.* add --train mine.py:lucky"),
        (2, "yours.py:lucky", "made with, mine.py:lucky, got --train yours.py:lucky"),
        (2, "mine.py:other", "made with, mine.py:lucky, got --train mine.py:other"),
        (0, "mine.py:lucky", "nothing is trained, got mine.py:lucky; leave it out, or add"),
    ],
)
def test_another_function_or_none_is_refused(own_place, tmp_path, retrain, train, message):
    with pytest.raises(ExportError, match=message):
        export(own_place, tmp_path / "m", retrain, train=train)


def test_a_function_for_the_built_in_training_is_refused(place, tmp_path):
    with pytest.raises(ExportError, match="not one of a training function, got lucky; leave it"):
        export(place, tmp_path / "m", 2, train=lucky)


def test_of_a_benchmark_nothing_is_trained_again(tmp_path):
    settings = {"storage": tmp_path / "b.db", "method": "random", "benchmark": "others:table"}
    with Study(SPACE, lambda architecture: 0.5, **settings) as study:
        study.run(2)
    with pytest.raises(ExportError, match="asked others:table, which others trained, so there"):
        export(tmp_path / "b.db", tmp_path / "m", 2)


def test_a_function_that_fails_every_time_says_why(own_place, tmp_path):
    def broken(architecture, context):
        raise RuntimeError("out of memory")

    with pytest.raises(TrainingError, match="out of memory"):
        export(own_place, tmp_path / "m", Finals(2, 1), train=broken)
