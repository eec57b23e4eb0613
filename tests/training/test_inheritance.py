"""Weights handed on: exact copies, the same function where claimed, and who begins afresh."""

import pytest
import torch

from deltanas.networks import DEFAULT, FAMILIES, build
from deltanas.training import inherit

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
    optimizer = torch.optim.SGD(heir.parameters(), 0.1)
    before = {name: each.clone() for name, each in heir.named_parameters()}
    for _ in range(2):  # a silent layer hears of the loss once it speaks
        optimizer.zero_grad()
        heir(inputs("transformer")).square().mean().backward()
        optimizer.step()
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
    assert inherit(new, old.state_dict()) == 12 / 18
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
