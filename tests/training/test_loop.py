"""The training loop: what it learns, what stops it, and that going on changes nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from deltanas.errors import ShapeError, TrainingError, TrainingTimeError
from deltanas.evaluation import Context
from deltanas.networks import DEFAULT, cnn_cell
from deltanas.spaces import BlockSpace, NasBench201
from deltanas.study import Study
from deltanas.training import Recipe, make_data
from deltanas.training.checkpoint import FILE, Checkpoint
from deltanas.training.loop import Loop, pinned, seeded
from deltanas.training.networks import NetworkTraining

SPACE = cnn_cell()
SMALL = SPACE.architecture({**DEFAULT, "width": 4, "widening": 1})


def toy(n=160):
    """A bump on the left or on the right of a sequence, in noise."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 2
    inputs = rng.normal(0, 0.3, (n, 1, 12))
    inputs[labels == 0, :, 2:5] += 1.0
    inputs[labels == 1, :, 7] -= 1.5
    return make_data("toy", inputs, labels)


DATA = toy()


def context(folder, seed=1, watch=None):
    folder.mkdir(exist_ok=True)
    return Context(0, folder, "cpu", seed, watch)


def train(folder, recipe=None, data=DATA, architecture=SMALL, **settings):
    return NetworkTraining(data, recipe or Recipe(epochs=4))(
        architecture, context(folder, **settings)
    )


def weights(folder):
    return torch.load(folder / FILE, weights_only=True)["network"]


def test_it_learns_and_tells_what_came_of_it(tmp_path):
    found = train(tmp_path / "a", Recipe(epochs=6))
    assert found["accuracy"] > 0.9
    assert found["test_accuracy"] > 0.9
    assert found["epochs"] == 6
    assert {"parameters", "flops", "activation_bytes"} <= set(found)
    lines = (tmp_path / "a" / "epochs.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    last = json.loads(lines[-1])
    assert last["accuracy"] == found["accuracy"]
    assert 0 < last["loss"] < json.loads(lines[0])["loss"]
    assert last["learning_rate"] < 0.001


def test_equal_seeds_give_equal_weights_whatever_torch_drew_before(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        torch.manual_seed(ord(name))
        train(tmp_path / name, seed=seed)
    a, b, c = (weights(tmp_path / name)["classifier.weight"] for name in "abc")
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_training_leaves_torchs_random_numbers_and_threads_as_they_were(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    train(tmp_path / "a", Recipe(epochs=1))
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("patience", [None, 3])
def test_killed_between_epochs_and_taken_up_it_ends_with_the_same_weights(tmp_path, patience):
    recipe = Recipe(epochs=5, patience=patience)
    whole = train(tmp_path / "a", recipe)
    seen = []

    def stop(epoch, *_):
        seen.append(epoch)
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "b", recipe, watch=stop)
    resumed = train(tmp_path / "b", recipe, watch=lambda epoch, *_: seen.append(epoch))
    assert seen == [1, 2, 3, 4, 5]
    assert resumed == whole
    first, second = (weights(tmp_path / name) for name in "ab")
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_training_that_had_ended_is_not_done_again(tmp_path):
    first = train(tmp_path / "a")
    again = train(tmp_path / "a", watch=lambda *_: pytest.fail("an epoch was trained again"))
    assert again == first


def test_a_checkpoint_of_another_task_or_a_broken_one_is_not_gone_on_from(tmp_path):
    folder = tmp_path / "a"
    train(folder, seed=1)
    fresh = train(tmp_path / "b", seed=2)
    assert train(folder, seed=2) == fresh
    (folder / FILE).write_bytes((folder / FILE).read_bytes()[:1000])
    assert train(folder, seed=2) == fresh
    (folder / FILE).write_text("my thesis")
    assert train(folder, seed=2) == fresh


def test_a_loss_that_is_no_number_stops_the_training_as_failed(tmp_path):
    with pytest.raises(TrainingError, match="the loss became (nan|inf) in epoch 1; a smaller lear"):
        train(tmp_path / "a", Recipe(learning_rate=1e20, epochs=3))


def test_a_training_past_its_time_stops(tmp_path, monkeypatch):
    ticks = iter(range(0, 10_000, 5))
    monkeypatch.setattr("deltanas.training.loop.time.perf_counter", lambda: float(next(ticks)))
    with pytest.raises(TrainingTimeError, match="its limit of 60 s, it was in epoch 3 of 9"):
        train(tmp_path / "a", Recipe(epochs=9, batch_size=30, time_limit_s=60.0))


def test_it_stops_early_and_keeps_the_best_weights(tmp_path, monkeypatch):
    told = iter([0.5, 0.8, 0.7, 0.8, 0.75])
    monkeypatch.setattr(Loop, "accuracy", lambda *_: next(told))
    # Best in epoch 2; after two epochs without a rise (an equal one is none) it stops.
    kept = {}

    def keep(epoch, *_):
        kept[epoch] = weights(tmp_path / "a")

    found = train(tmp_path / "a", Recipe(epochs=9, patience=2), watch=keep)
    assert found["accuracy"] == 0.8
    assert found["epochs"] == 2
    assert found["test_accuracy"] == 0.75
    final = weights(tmp_path / "a")
    assert torch.equal(final["classifier.weight"], kept[2]["classifier.weight"])
    assert not torch.equal(final["classifier.weight"], kept[4]["classifier.weight"])


def test_the_learning_rate_rises_to_its_highest_and_falls_to_zero(tmp_path):
    recipe = Recipe(epochs=10, batch_size=11, learning_rate=0.3)
    training = NetworkTraining(DATA, recipe)
    own = context(tmp_path / "a")
    loop = Loop(training.network(SMALL, own), DATA, recipe, own, "task")
    # 102 examples make 10 batches, so 100 steps, of which the first ten rise.
    rates = []
    for step in range(100):
        loop._set_rate(step)
        rates.append(loop._optimizer.param_groups[0]["lr"])
    assert len(DATA.train) == 102
    assert rates[0] == pytest.approx(0.03)
    assert max(rates) == rates[9] == pytest.approx(0.3)
    assert rates[54] == pytest.approx(0.15, abs=0.01)
    assert 0 < rates[99] < 0.001


def test_gradients_are_clipped(tmp_path, monkeypatch):
    seen = []
    real = torch.nn.utils.clip_grad_norm_

    def clip(parameters, longest):
        seen.append(longest)
        return real(parameters, longest)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", clip)
    train(tmp_path / "a", Recipe(epochs=1, clip=0.25))
    assert set(seen) == {0.25}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_said_in_words(tmp_path):
    (tmp_path / f"{FILE}.new").symlink_to("/dev/full")
    with pytest.raises(TrainingError, match="checkpoint of epoch 1 .* the disk is full; free some"):
        train(tmp_path)


def test_a_disk_that_fills_up_later_is_said_in_words_too(tmp_path, monkeypatch):
    def full(*_):
        raise RuntimeError(
            "[enforce fail at inline_container.cc] . PytorchStreamWriter failed "
            "writing file data.pkl: file write failed"
        )

    monkeypatch.setattr("deltanas.training.checkpoint.torch.save", full)
    with pytest.raises(TrainingError, match="checkpoint of epoch 1 .* the disk is full; free some"):
        train(tmp_path / "a")


def test_a_checkpoint_is_saved_without_copying_the_weights(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr("deltanas.training.checkpoint.torch.save", lambda *a: saved.append(a))
    monkeypatch.setattr(Path, "replace", lambda *_: None)
    weight = torch.ones(3)
    Checkpoint("t", False, 0.0, [0.5], {"w": weight}, {}, {}, {}).save(tmp_path)
    assert saved[0][0]["network"]["w"] is weight


def test_a_network_too_large_for_memory_fails_in_words(tmp_path, monkeypatch):
    def huge(*_):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 TB")

    monkeypatch.setattr(Loop, "run", huge)
    with pytest.raises(TrainingError, match="not fit into memory, not even .*9 TB.*; limit"):
        train(tmp_path / "a")

    def wrong(*_):
        raise RuntimeError("something else")

    monkeypatch.setattr(Loop, "run", wrong)
    with pytest.raises(RuntimeError, match="something else"):
        train(tmp_path / "b")


def test_a_network_too_large_for_memory_is_a_failed_trial_and_the_search_goes_on(tmp_path):
    def build(architecture):
        width = architecture["width"]
        return torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(12, width), torch.nn.Linear(width, 2)
        )

    # 12 times 10^15 weights of four bytes.
    space = BlockSpace({"width": [4, 8, 10**15]})
    study = Study(space, with_builder(build), storage=tmp_path / "s.db", method="random")
    study.run(3)
    failed = [trial for trial in study.trials if trial.accuracy is None]
    assert [trial.architecture["width"] for trial in failed] == [10**15]
    assert "does not fit into memory" in failed[0].evaluation.reason


class Plain(torch.nn.Module):
    """A network without layers that look at a batch as a whole, in a small memory."""

    def __init__(self, most=None):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(12, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)
        )
        self.most, self.sizes = most, []

    def forward(self, inputs):
        self.sizes.append(len(inputs))
        if self.most is not None and len(inputs) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.layers(inputs)


def test_a_batch_that_memory_does_not_hold_is_halved_and_the_steps_stay_the_same(tmp_path):
    recipe = Recipe(epochs=3, batch_size=50)
    made = []

    def build(_):
        made.append(Plain(most=13))
        return made[-1]

    found = NetworkTraining(DATA, recipe, build)(SMALL, context(tmp_path / "a"))
    whole = NetworkTraining(DATA, recipe, lambda _: Plain())(SMALL, context(tmp_path / "b"))
    # 50 -> 25 -> 13, found out once; judged by 500 -> 250 -> ... -> 8 at a time.
    assert found.pop("examples_at_once") == 13
    assert [size for size in made[0].sizes if size in (50, 25)] == [50, 25]
    assert "examples_at_once" not in whole
    assert found == whole
    first, second = (weights(tmp_path / name) for name in "ab")
    assert all(torch.allclose(first[name], second[name], atol=1e-5) for name in first)


def test_a_network_of_which_memory_holds_not_one_example_fails_in_words(tmp_path):
    with pytest.raises(TrainingError, match="not even with one example at a time .*CUDA out of m"):
        NetworkTraining(DATA, Recipe(), lambda _: Plain(most=0))(SMALL, context(tmp_path / "a"))


def test_data_that_the_networks_do_not_take_is_refused_before_training():
    NetworkTraining(DATA).check(SPACE)
    with pytest.raises(ShapeError, match=r"take images, data toy is sequences of shape \(1, 12\)"):
        NetworkTraining(DATA).check(NasBench201())


def with_builder(builder):
    return NetworkTraining(DATA, Recipe(epochs=2), builder)


def test_networks_of_the_users_own_builder_are_trained(tmp_path):
    seen = []

    def build(architecture):
        seen.append(architecture)
        return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2))

    found = with_builder(build)(SMALL, context(tmp_path / "a"))
    assert seen == [SMALL]
    assert found["accuracy"] > 0.8
    assert (found["parameters"], found["flops"]) == (12 * 2 + 2, 2 * 12 * 2)


def nothing(architecture):
    torch.nn.Flatten()


def misfit(architecture):
    return torch.nn.Conv1d(4, 8, 3, groups=3)


class Silent(torch.nn.Module):
    def forward(self, inputs):
        raise AssertionError


def broken(architecture):
    return torch.nn.Linear(architecture["no such decision"], 2)


@pytest.mark.parametrize(
    ("builder", "error", "words"),
    [
        (nothing, TrainingError, "to return a torch.nn.Module, got 'None' .*; does it end in `ret"),
        (broken, TrainingError, r"raised KeyError: 'no such decision' \(\w+.py, line \d+"),
        (misfit, TrainingError, r"be divisible by groups \(test_loop.py, line \d+: return torch"),
        (lambda _: Silent(), ShapeError, r"AssertionError: without a word \(test_loop.py, line \d"),
        (lambda _: torch.nn.Flatten(), ShapeError, r"this one gives \(2, 12\) for 2 examples"),
        (lambda _: torch.nn.Conv2d(1, 2, 3), ShapeError, r"\(examples, 1, 12\), this one raised"),
        (lambda _: torch.nn.LSTM(12, 2), ShapeError, "this one gives tuple for 2 examples"),
    ],
)
def test_a_builder_that_does_not_build_what_is_needed_fails_its_trial(
    tmp_path, builder, error, words
):
    with pytest.raises(error, match=words):
        with_builder(builder)(SMALL, context(tmp_path / "a"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("epochs", 0), ("batch_size", -3), ("learning_rate", 0.0), ("clip", 0.0), ("patience", 0)],
)
def test_a_recipe_refuses_what_cannot_be(name, value):
    with pytest.raises(TrainingError, match=f"needs {name} of more than 0, got {value}"):
        Recipe(**{name: value})


def test_a_recipe_knows_what_was_changed():
    assert Recipe().changed == {}
    assert Recipe(epochs=3, deterministic=True).changed == {"epochs": 3, "deterministic": True}


def test_deterministic_algorithms_are_asked_for_inside_only():
    with pinned(deterministic=True):
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.get_num_threads() == 1
    assert not torch.are_deterministic_algorithms_enabled()


def test_random_numbers_inside_belong_to_seed_and_number():
    drawn = []
    for seed, number in ((1, 1), (1, 1), (1, 2), (2, 1)):
        with seeded(seed, number):
            drawn.append(float(torch.rand(1)))
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3


def test_a_checkpoint_that_would_run_code_is_not_read(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "proof"), "w"))

    torch.save({"task": "t", "network": Evil()}, tmp_path / FILE)
    assert Checkpoint.load(tmp_path, "cpu") is None
    assert not (tmp_path / "proof").exists()
