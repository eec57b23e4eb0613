"""Weights handed on: exact copies, the same function where claimed, and who begins afresh."""

import shutil

import pytest
import torch

from deltanas.errors import TrainingError
from deltanas.evaluation import Context
from deltanas.networks import DEFAULT, FAMILIES, build
from deltanas.training import Recipe, inherit
from deltanas.training.networks import NetworkTraining
from tests.training.test_loop import DATA, SMALL, SPACE, context, weights

SHAPES = {
    "cnn-cell": (2, 9),
    "mlp": (5,),
    "transformer": (7,),
    "mbconv": (2, 8, 8),
    "nasbench201": (2, 6, 6),
}
CELLS = {**DEFAULT, "layer 2": "separable 3", "squeeze": True, "widening": 1.5, "cells": 2}
STAGES = {
    f"stage {stage} {what}": 2 if what == "depth" else 3
    for stage in (1, 2, 3)
    for what in ("depth", "kernel 1", "expand 1", "kernel 2", "expand 2")
}
MOBILE = {**STAGES, "width": 8, "activation": "silu", "squeeze": True}
TEXT = {"width": 32, "layers": 2, "bias": True, "heads 1": 2, "mlp 1": 2, "heads 2": 2, "mlp 2": 2}
EDGES = ("0→1", "0→2", "1→2", "0→3", "1→3", "2→3")
CONVOLUTIONS = {f"edge {edge}": "nor_conv_1x1" for edge in EDGES}
TABLE = {"layers": 2, "width 1": 16, "width 2": 16, "activation": "gelu", "norm": "batch"}
TABLE |= {"dropout": 0.1, "wide": True}
BEGINNINGS = {
    "cnn-cell": CELLS,
    "mlp": TABLE,
    "transformer": TEXT,
    "mbconv": MOBILE,
    "nasbench201": CONVOLUTIONS,
}


def network(name, choices, seed):
    """A random network; biases and scales are none of the zeros and ones that they begin with."""
    torch.manual_seed(seed)
    made = build(FAMILIES[name].space().architecture(choices), SHAPES[name], 6)
    for each in made.state_dict().values():
        if each.dim() == 1:
            each.uniform_(0.5, 1.5)
    return made.eval()


def inputs(name):
    return torch.randint(6, (4, *SHAPES[name]), generator=torch.manual_seed(5)).float()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cnn-cell", {"width": 12}),
        ("cnn-cell", {"widening": 2}),
        ("cnn-cell", {"stem kernel": 7}),
        ("cnn-cell", {"layer 1": "conv 5"}),
        ("cnn-cell", {"layer 2": "separable 5"}),
        ("mlp", {"width 1": 32}),
        ("mlp", {"width 2": 32}),
        ("transformer", {"heads 1": 4}),
        ("transformer", {"mlp 2": 3}),
        ("transformer", {"layers": 3, "heads 3": 1, "mlp 3": 4}),
        ("mbconv", {"width": 12}),
        ("mbconv", {"stage 2 kernel 1": 7}),
        ("mbconv", {"stage 1 expand 2": 4}),
        ("mbconv", {"stage 1 depth": 3, "stage 1 kernel 3": 3, "stage 1 expand 3": 3}),
        ("mbconv", {"stage 2 depth": 3, "stage 2 kernel 3": 5, "stage 2 expand 3": 2}),
        ("nasbench201", {"edge 0→2": "nor_conv_3x3"}),
    ],
)
def test_what_grew_computes_the_same_before_it_is_trained(name, change):
    donor = network(name, BEGINNINGS[name], 1)
    heir = network(name, BEGINNINGS[name] | change, 2)
    with torch.no_grad():
        expected = donor(inputs(name))
        assert torch.isfinite(expected).all()
        assert not torch.allclose(heir(inputs(name)), expected, rtol=1e-2)
        assert 0.5 <= inherit(heir, donor.state_dict(), FAMILIES[name]) <= 1
        assert torch.allclose(heir(inputs(name)), expected, rtol=1e-4, atol=1e-4)


def test_every_new_part_of_a_network_that_grew_still_learns():
    donor = network("transformer", TEXT, 1)
    heir = network("transformer", TEXT | {"layers": 3, "heads 3": 1, "mlp 3": 4}, 2)
    inherit(heir, donor.state_dict(), FAMILIES["transformer"])
    before = {name: each.clone() for name, each in heir.named_parameters()}
    for _ in range(2):  # a silent layer hears of the loss once it speaks
        heir.zero_grad()
        heir(inputs("transformer")).square().mean().backward()
        with torch.no_grad():
            for each in heir.parameters():
                each.sub_(0.1 * each.grad)
    still = [name for name, each in heir.named_parameters() if torch.equal(each, before[name])]
    assert not still


def test_equal_shapes_are_copied_exactly_and_what_shifted_is_found():
    donor = network("cnn-cell", CELLS | {"cells": 1}, 1)
    heir = network("cnn-cell", CELLS, 2)
    # stem, cell, shrink, cell -> stem, cell, new, shrink, cell, new
    assert inherit(heir, donor.state_dict(), FAMILIES["cnn-cell"]) > 0.5
    old, new = donor.state_dict(), heir.state_dict()
    random = network("cnn-cell", CELLS, 2).state_dict()
    source = {0: 0, 1: 1, 3: 2, 4: 3}
    for name, value in new.items():
        _, number, rest = name.split(".", 2) if "features" in name else ("", "", name)
        if number and int(number) not in source:
            assert torch.equal(value, random[name])
        else:
            origin = f"features.{source[int(number)]}.{rest}" if number else name
            assert torch.equal(value, old[origin])
    back = network("cnn-cell", CELLS | {"cells": 1}, 3)
    assert inherit(back, new, FAMILIES["cnn-cell"]) == 1
    assert all(torch.equal(each, old[name]) for name, each in back.state_dict().items())


def test_a_slice_worked_by_hand():
    old = torch.nn.Conv1d(1, 2, 3)
    new = torch.nn.Conv1d(1, 3, 5)
    fresh = new.weight[2].clone()
    # 2 of 3 outputs: 2 * 5 weights and 2 biases of 15 + 3.
    assert inherit(new, old.state_dict() | {"epoch": 3}) == 12 / 18
    expected = torch.nn.functional.pad(old.weight, (1, 1))
    assert torch.equal(new.weight[:2], expected)
    assert torch.equal(new.weight[2], fresh)
    assert torch.equal(new.bias[:2], old.bias)


def test_networks_that_share_less_than_half_are_left_as_they_were():
    cases = [
        (torch.nn.Linear(6, 4), torch.nn.Sequential(torch.nn.Linear(6, 4))),
        (torch.nn.Linear(6, 4), torch.nn.Linear(6, 12)),
        (torch.nn.Conv1d(6, 6, 3, groups=6), torch.nn.Conv1d(6, 6, 3)),
        (torch.nn.Conv1d(4, 4, 3), torch.nn.Linear(4, 4)),
        (torch.nn.ReLU(), torch.nn.ReLU()),
    ]
    for old, new in cases:
        before = {name: each.clone() for name, each in new.state_dict().items()}
        assert inherit(new, old.state_dict()) == 0
        assert all(torch.equal(each, before[name]) for name, each in new.state_dict().items())


def test_a_flat_row_of_layers_grows_by_one_in_the_middle():
    def row(depth):
        hidden = [torch.nn.Linear(4, 4) for _ in range(depth)]
        return torch.nn.Sequential(torch.nn.Linear(3, 4), *hidden, torch.nn.Linear(4, 2))

    old, new = row(2), row(3)
    kept = new[3].weight.clone()
    assert inherit(new, old.state_dict()) > 0.5
    assert [torch.equal(new[i].weight, old[j].weight) for i, j in ((0, 0), (1, 1), (2, 2))] == [
        True
    ] * 3
    assert torch.equal(new[3].weight, kept)
    assert torch.equal(new[4].weight, old[3].weight)


WIDER = SPACE.architecture({**SMALL, "width": 8})
RECIPE = Recipe(epochs=5, learning_rate=0.01)


def heir(folder, donor, recipe=RECIPE, architecture=WIDER, **settings):
    made = context(folder, 2, settings.get("watch"))
    own = Context(1, made.folder, "cpu", made.seed, made.watch, donor=donor)
    return NetworkTraining(DATA, recipe, settings.get("builder"))(architecture, own)


@pytest.fixture(scope="module")
def donor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("donor")
    NetworkTraining(DATA, RECIPE)(SMALL, context(folder))
    return folder


def test_an_heir_begins_with_the_weights_of_its_donor_and_trains_half_as_long(tmp_path, donor):
    before = weights(donor)
    # Steps too small to change anything: what it ends with is what it began with.
    still = Recipe(epochs=5, learning_rate=1e-12, weight_decay=0.0)
    assert heir(tmp_path / "a", donor, still)["epochs"] == 3
    after = weights(tmp_path / "a")
    name = "features.1.layers.0.0.weight"
    assert torch.allclose(after[name][:4, :4], before[name], atol=1e-6)
    assert float(after[name][:4, 4:].abs().max()) < 1e-6
    assert heir(tmp_path / "b", donor, Recipe(epochs=5, heir_epochs=1))["epochs"] == 1


def test_an_heir_that_was_killed_goes_on_even_if_its_donor_is_gone(tmp_path, donor):
    folder = tmp_path / "donor"
    shutil.copytree(donor, folder)
    whole = heir(tmp_path / "a", folder)

    def stop(epoch, *_):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        heir(tmp_path / "b", folder, watch=stop)
    shutil.rmtree(folder)
    seen = []
    assert heir(tmp_path / "b", folder, watch=lambda epoch, *_: seen.append(epoch)) == whole
    assert seen == [3]
    first, second = (weights(tmp_path / name) for name in "ab")
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_without_weights_to_inherit_it_is_the_training_from_scratch(tmp_path):
    scratch = heir(tmp_path / "scratch", None)
    assert scratch["epochs"] == 5
    empty = tmp_path / "empty"
    empty.mkdir()
    assert heir(tmp_path / "a", empty) == scratch
    (empty / "checkpoint.pt").write_text("my thesis")
    assert heir(tmp_path / "b", empty) == scratch

    def stop(*_):
        raise TrainingError("no")

    with pytest.raises(TrainingError):  # a training that did not end has nothing to hand on
        NetworkTraining(DATA, RECIPE)(SMALL, context(tmp_path / "c", watch=stop))
    assert heir(tmp_path / "d", tmp_path / "c") == scratch
    first, second = (weights(tmp_path / name) for name in ("scratch", "d"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_networks_of_a_builder_that_share_nothing_train_all_epochs(tmp_path):
    def build_named(name):
        layers = torch.nn.Sequential(torch.nn.Flatten())
        layers.add_module(name, torch.nn.Linear(12, 2))
        return layers

    names = iter(["one", "other", "other"])

    def builder(_):
        return build_named(next(names))

    NetworkTraining(DATA, RECIPE, builder)(SMALL, context(tmp_path / "a"))
    assert heir(tmp_path / "b", tmp_path / "a", builder=builder)["epochs"] == 5
    assert heir(tmp_path / "c", tmp_path / "b", builder=builder)["epochs"] == 3
