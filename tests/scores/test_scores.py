"""Scores of untrained networks, held against numpy, and the networks left as they were."""

import copy
import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from deltanas.errors import ScoreError
from deltanas.networks import cnn_cell
from deltanas.networks.building import build
from deltanas.scores import gradient_norm, jacobian_covariance, naswot, synflow
from deltanas.scores.gradients import NEAR_ZERO, correlations
from deltanas.scores.naswot import log_determinant
from deltanas.seeds import generator

SCORES = {
    "naswot": lambda network, batch, _: naswot(network, batch),
    "synflow": lambda network, batch, _: synflow(network, batch),
    "jacobian_covariance": lambda network, batch, _: jacobian_covariance(network, batch),
    "gradient_norm": gradient_norm,
}
RNG = np.random.default_rng(7)
BATCH = torch.from_numpy(RNG.normal(0.2, 1.0, (6, 5)).astype(np.float32))
LABELS = torch.tensor([0, 2, 1, 1, 0, 2])


def small(act=nn.ReLU, *, bias=True, seed=3):
    torch.manual_seed(seed)
    layers = (nn.Linear(5, 7, bias=bias), act(), nn.Linear(7, 4, bias=bias), act())
    return nn.Sequential(*layers, nn.Linear(4, 3, bias=bias))


def weights(network):
    return [each.detach().double().numpy() for each in network.parameters()]


def kernel_by_hand(network):
    """Bits in common, counted one by one, of two hidden layers with ReLU."""
    one, bias_one, two, bias_two, *_ = weights(network)
    first = BATCH.double().numpy() @ one.T + bias_one
    second = np.maximum(first, 0) @ two.T + bias_two
    codes = np.concatenate([first > 0, second > 0], axis=1)
    return np.array(
        [[sum(a == b for a, b in zip(x, y, strict=True)) for y in codes] for x in codes]
    )


def test_naswot_is_the_log_determinant_of_bits_in_common():
    network = small()
    kernel = kernel_by_hand(network)
    assert np.diag(kernel).tolist() == [11] * 6
    value = np.linalg.det(kernel.astype(float))
    assert value > 1
    assert naswot(network, BATCH) == pytest.approx(math.log(value), rel=1e-9)


def test_naswot_does_not_change_when_weights_grow():
    network, grown = small(bias=False), small(bias=False)
    before = naswot(network, BATCH)
    with torch.no_grad():
        for factor, each in zip((3.0, 0.25, 11.0), grown.parameters(), strict=True):
            each.mul_(factor)
    assert before > 0
    assert naswot(grown, BATCH) == before
    with torch.no_grad():
        grown[0].weight.copy_(torch.from_numpy(RNG.normal(size=(7, 5))))
    assert naswot(grown, BATCH) != before


def test_naswot_sees_functions_as_it_sees_modules_and_other_activations_by_sign():
    class Plain(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            x = torch.relu(self.inner[0](x))
            return self.inner[4](functional.relu_(self.inner[2](x)))

    assert naswot(Plain(small()), BATCH) == naswot(small(), BATCH) > 0
    # One layer: what comes behind an activation does not depend on which one it is.
    layers = [nn.Sequential(small()[0], act()) for act in (nn.ReLU, nn.GELU, nn.SiLU, nn.Tanh)]
    assert len({naswot(each, BATCH) for each in layers}) == 1
    assert naswot(layers[0], BATCH) > 0


@pytest.mark.parametrize(
    ("network", "batch"),
    [(nn.Linear(5, 3), BATCH), (small(), BATCH[[0, 1, 0]]), (nn.Sigmoid(), BATCH)],
    ids=["no activation", "an example twice", "a gate"],
)
def test_a_singular_kernel_counts_as_a_determinant_of_one(network, batch):
    assert naswot(network, batch) == 0


def test_determinants_worked_by_hand():
    # 5 x 4 - 2 x 2 = 16; two equal rows.
    assert log_determinant(np.array([[5.0, 2.0], [2.0, 4.0]])) == pytest.approx(math.log(16))
    assert log_determinant(np.array([[3.0, 3.0], [3.0, 3.0]])) == 0


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_synflow_of_a_linear_chain_is_a_product(layers):
    torch.manual_seed(1)
    sizes = (5, 7, 4, 6, 3, 2)[: layers + 1]
    chain = nn.Sequential(*(nn.Linear(a, b, bias=False) for a, b in itertools.pairwise(sizes)))
    flow = np.ones(5)
    for each in weights(chain):
        flow = np.abs(each) @ flow
    # R is linear in each layer, so each layer's sum of theta dR/dtheta is R itself.
    assert synflow(chain, BATCH) == pytest.approx(math.log(layers * flow.sum()), rel=1e-12)


def test_synflow_looks_at_no_data_and_leaves_normalisation_out():
    network = small(nn.GELU)
    assert synflow(network, BATCH) == synflow(network, 100 * BATCH[:2].flip(1))
    parts = list(small())
    for norm in (nn.BatchNorm1d(7), nn.LayerNorm(7), nn.GroupNorm(7, 7), nn.RMSNorm(7)):
        nn.init.constant_(norm.weight, 5.0)
        with_norm = nn.Sequential(parts[0], norm, *parts[1:])
        assert synflow(with_norm, BATCH) == synflow(small(), BATCH)


def test_synflow_is_finite_where_nothing_or_too_much_flows():
    none, much = small(), small()
    nn.init.zeros_(none[4].weight)
    nn.init.zeros_(none[4].bias)
    deep = nn.Sequential(*(nn.Linear(5, 5, bias=False) for _ in range(12)))
    for each in deep.parameters():
        nn.init.constant_(each, 1e38)
    assert synflow(none, BATCH) == pytest.approx(-708.4, abs=0.1)
    assert synflow(nn.Flatten(), BATCH) == pytest.approx(-708.4, abs=0.1)
    assert synflow(deep, BATCH) == pytest.approx(709.8, abs=0.1)
    nn.init.constant_(much[0].weight, math.nan)
    assert synflow(much, BATCH) == pytest.approx(-708.4, abs=0.1)


def loss_by_hand(values):
    """Cross entropy of a network of one hidden layer with tanh."""
    one, bias_one, two, bias_two = values
    scores = np.tanh(BATCH.double().numpy() @ one.T + bias_one) @ two.T + bias_two
    logarithms = np.log(np.exp(scores).sum(axis=1))
    return float((logarithms - scores[np.arange(6), LABELS.numpy()]).mean())


def test_the_gradient_norm_is_that_of_finite_differences():
    torch.manual_seed(5)
    network = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    total, step = 0.0, 1e-5
    values = weights(network)
    for place, tensor in enumerate(values):
        squares = 0.0
        for index in np.ndindex(tensor.shape):
            ends = []
            for sign in (1, -1):
                moved = [each.copy() for each in values]
                moved[place][index] += sign * step
                ends.append(loss_by_hand(moved))
            squares += ((ends[0] - ends[1]) / (2 * step)) ** 2
        total += math.sqrt(squares)
    assert gradient_norm(network, BATCH.double(), LABELS) == pytest.approx(total, rel=1e-6)


def test_gradient_norms_are_finite_and_labels_must_fit():
    network = small()
    frozen = small().requires_grad_(requires_grad=False)
    assert gradient_norm(frozen, BATCH, LABELS) == 0
    nn.init.constant_(network[0].weight, math.inf)
    assert gradient_norm(network, BATCH, LABELS) == 0
    with pytest.raises(ScoreError, match=r"labels of shape \(2,\), got \(6, 3\)"):
        gradient_norm(small(), BATCH, LABELS[:2])


def test_the_jacobian_covariance_is_that_of_jacobians_worked_out_by_hand():
    network = small()
    one, bias_one, two, bias_two, three, _ = weights(network)
    rows = []
    for x in BATCH.double().numpy():
        first = one @ x + bias_one
        second = two @ np.maximum(first, 0) + bias_two
        rows.append(
            three.sum(axis=0) @ ((second > 0)[:, None] * two) @ ((first > 0)[:, None] * one)
        )
    matrix = np.corrcoef(rows)
    values = np.linalg.eigvalsh(matrix)
    assert correlations(np.array(rows)) == pytest.approx(matrix, abs=1e-12)
    # Six Jacobians of five numbers less their mean have rank 4: two eigenvalues are 0.
    expected = -(np.log(values[2:] + NEAR_ZERO) + 1 / (values[2:] + NEAR_ZERO)).sum()
    expected -= 2 * (math.log(NEAR_ZERO) + 1 / NEAR_ZERO)
    assert jacobian_covariance(network, BATCH) == pytest.approx(expected, rel=1e-4)


def test_a_jacobian_that_says_nothing_is_uncorrelated():
    rows = np.array([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0], [math.nan, 1.0, 2.0], [-1.0, -2.0, -4.0]])
    expected = np.zeros((4, 4))
    expected[0, 0] = expected[3, 3] = 1
    expected[0, 3] = expected[3, 0] = -1
    assert correlations(rows) == pytest.approx(expected)
    # No input moves the output: all eigenvalues are 0.
    lowest = -6 * (math.log(NEAR_ZERO) + 1 / NEAR_ZERO)
    with torch.no_grad():
        dead = small()
        for each in dead.parameters():
            each.zero_()
    assert jacobian_covariance(dead, BATCH) == pytest.approx(lowest)


@pytest.mark.parametrize("score", [synflow, jacobian_covariance])
def test_tokens_have_no_such_score(score):
    with pytest.raises(ScoreError, match="real numbers, got torch.int64 of shape"):
        score(small(), torch.ones(3, 5, dtype=torch.int64))


def test_a_network_must_give_a_tensor():
    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(ScoreError, match="one tensor of scores, got tuple"):
        naswot(Pair(), BATCH)


class Eventful(nn.Module):
    """Everything that a score might leave changed: statistics, dropout, a hook, a gradient."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.first, self.norm = nn.Linear(5, 30), nn.BatchNorm1d(30)
        self.act, self.drop, self.last = nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(30, 3)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.last(functional.dropout(self.drop(self.act(self.norm(self.first(x)))), 0.3))


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("is_training", [True, False])
def test_a_score_leaves_everything_as_it_was_and_is_the_same_again(name, is_training):
    network = Eventful()
    network.last.weight.grad = torch.full((3, 30), 0.5)
    network.first.bias.requires_grad_(requires_grad=False)
    network.train(is_training)
    network.norm.eval()
    before, modes = copy.deepcopy(network.state_dict()), [m.training for m in network.modules()]
    batch = BATCH.clone()
    torch.manual_seed(99)
    state = torch.get_rng_state()
    value = SCORES[name](network, batch, LABELS)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(3)
    with torch.no_grad():
        assert SCORES[name](network, batch, LABELS) == value
    assert math.isfinite(value)
    assert value != 0
    assert network.calls == 0
    assert [m.training for m in network.modules()] == modes
    assert not any(m._forward_hooks for m in network.modules())
    assert all(torch.equal(before[key], each) for key, each in network.state_dict().items())
    assert torch.equal(network.last.weight.grad, torch.full((3, 30), 0.5))
    assert network.first.weight.grad is None
    assert [each.requires_grad for each in network.first.parameters()] == [True, False]
    assert torch.equal(batch, BATCH)
    assert not batch.requires_grad


def test_networks_that_come_along_have_all_scores():
    data = torch.from_numpy(RNG.normal(size=(8, 1, 12)).astype(np.float32))
    labels = torch.arange(8) % 2
    for architecture in cnn_cell().sample(4, generator(0, "scores of some")):
        network = build(architecture, (1, 12), 2)
        values = [score(network, data, labels) for score in SCORES.values()]
        assert np.isfinite(values).all()
        assert values[0] > 0
