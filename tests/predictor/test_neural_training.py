"""How the ensemble learns: what is held out, when it stops, and its optimiser."""

import dataclasses

import numpy as np
import pytest
import torch

from deltanas.predictor.neural_members import Members
from deltanas.predictor.neural_training import (
    CHECK_EVERY,
    FOLDS,
    STEPS,
    Lesson,
    _Adam,
    _held_out,
    _HeldOutPairs,
    train,
)


def lesson(count):
    first, second = np.triu_indices(count, 1)
    values = torch.linspace(-1, 1, count)
    ends = torch.tensor(first), torch.tensor(second)
    return Lesson(torch.zeros(count, 3), values, *ends, torch.full((len(first),), 0.5))


def test_members_of_one_fold_hold_out_the_same_networks():
    held = _held_out(FOLDS + 1, lesson(20), torch.Generator().manual_seed(1))
    assert held.sum(dim=1).tolist() == [4] * (FOLDS + 1)
    assert torch.equal(held[0], held[FOLDS])
    assert held[:FOLDS].sum(dim=0).tolist() == [1] * 20


def test_it_stops_where_unseen_networks_were_predicted_best(monkeypatch):
    looks, measured = [], _HeldOutPairs.loss

    def watched(self, members, lesson):
        looks.append((self, measured(self, members, lesson)))
        return looks[-1][1]

    monkeypatch.setattr(_HeldOutPairs, "loss", watched)
    random = torch.Generator().manual_seed(1)
    # Nothing but noise: after a while everything that is learned is wrong elsewhere.
    noise = dataclasses.replace(
        lesson(30),
        rows=torch.randn(30, 3, generator=random),
        values=torch.randn(30, generator=random),
    )
    taught = Members(3, members=FOLDS, aware=True, random=random)
    train(taught, noise, random)
    losses = [loss for _, loss in looks]
    assert len(losses) < STEPS / CHECK_EVERY, "it went on to the end"
    assert losses[-1] > min(losses)
    assert measured(looks[0][0], taught, noise) == pytest.approx(min(losses), rel=1e-6)


def test_nothing_is_held_out_where_nothing_could_be_checked():
    # Five networks in five folds: no pair lies inside a fold.
    assert not _held_out(3, lesson(5), torch.Generator().manual_seed(1)).any()


def test_the_optimiser_takes_the_steps_of_torch():
    torch.manual_seed(1)
    ours = torch.randn(4, generator=torch.Generator().manual_seed(2))
    theirs = ours.clone().requires_grad_()
    reference = torch.optim.AdamW([theirs], lr=0.01, weight_decay=0.1, eps=1e-8)
    optimiser = _Adam([ours])
    for step in range(5):
        gradient = torch.cos(torch.arange(4.0) + step)
        theirs.grad = gradient.clone()
        reference.step()
        optimiser.step((gradient,))
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-5)
