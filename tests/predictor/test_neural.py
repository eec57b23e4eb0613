"""The neural DoA predictor: its laws, what it learns, and what it leaves alone."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deltanas.encoding import OneHot
from deltanas.pairs import pairs_of
from deltanas.predictor import sign_agreement
from deltanas.predictor.neural import NeuralDelta, NeuralSettingError
from deltanas.predictor.neural_members import Members
from deltanas.seeds import SeedError, generator
from deltanas.spaces import BlockSpace, NasBench201

SPACE = BlockSpace({f"decision {i}": ["a", "b", "c"] for i in range(6)})
EFFECT = generator(5, "effects").normal(size=(6, 3)) * 0.02
CELLS = NasBench201()


def score(codes):
    """Additive, but what decision 0 does depends on decision 1: context matters."""
    flip = np.where(codes[:, 1] == 0, -1.0, 1.0)
    return 0.6 + EFFECT[np.arange(1, 6), codes[:, 1:]].sum(axis=1) + 0.04 * flip * codes[:, 0]


def evaluated(n=60, seed=1):
    codes = SPACE.sample_codes(n, generator(seed, "evaluated"))
    return pairs_of(SPACE, codes, score(codes), edits=6)


def asked(n=30):
    parents = SPACE.sample_codes(n, generator(2, "parents"))
    rows, children = SPACE.children(parents)
    return parents[rows], children


@pytest.fixture(scope="module")
def fitted():
    predictor = NeuralDelta(SPACE, members=4)
    predictor.fit(evaluated())
    return predictor


def members(*, aware=True, count=2):
    return Members(3, members=count, aware=aware, random=torch.Generator().manual_seed(6))


@pytest.mark.parametrize("aware", [True, False])
def test_the_network_worked_by_hand(aware):
    # Eq. (1) for one member and one pair, written out in numpy.
    one = members(aware=aware, count=1)
    with torch.no_grad():
        one._linear.normal_(generator=torch.Generator().manual_seed(9))
    rows = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
    a, b = rows.numpy()
    bias, out = one._bias.detach().numpy()[0, 0], one._out.detach().numpy()[0, :, 0]
    change = (b - a) @ one._change.detach().numpy()[0]
    place = (a + b) / 2 @ one._context.detach().numpy()[0] if aware else 0.0
    half = [np.maximum(place + bias + sign * change, 0) @ out for sign in (1, -1)]
    expected = half[0] - half[1] + (b - a) @ one._linear.detach().numpy()[0, :, 0]
    found = one.deltas(one.project(rows), torch.tensor([0]), torch.tensor([1]))
    assert float(found.detach()) == pytest.approx(float(expected), rel=1e-5)
    assert abs(float(found.detach())) > 0.01


def test_members_differ_from_the_start_and_do_not_meet():
    both = members(count=2)
    rows = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
    first, second = torch.tensor([0]), torch.tensor([1])
    old = both.deltas(both.project(rows), first, second).detach().clone()
    assert float(old[0, 0]) != float(old[1, 0])
    with torch.no_grad():
        both._change[1] += 1.0
    new = both.deltas(both.project(rows), first, second).detach()
    assert float(new[0, 0]) == float(old[0, 0])
    assert float(new[1, 0]) != float(old[1, 0])


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_it_is_antisymmetric_bit_by_bit(fitted, seed):
    rng = np.random.default_rng(seed)
    before, after = SPACE.sample_codes(9, rng), SPACE.sample_codes(9, rng)
    there, back = fitted.predict(before, after), fitted.predict(after, before)
    np.testing.assert_array_equal(there.mean, -back.mean)
    np.testing.assert_array_equal(there.spread, back.spread)
    mixed = fitted.predict(before, np.concatenate([before[:4], after[4:]]))
    assert np.all(mixed.mean[:4] == 0)
    assert np.all(mixed.spread[:4] == 0)
    differ = np.any(before[4:] != after[4:], axis=1)  # two draws may be the same by chance
    assert np.array_equal(mixed.spread[4:] > 0, differ)


def test_it_learns_what_depends_on_context(fitted):
    before, after = asked()
    true = score(after) - score(before)
    found = fitted.predict(before, after)
    assert sign_agreement(found.mean, true, noise=0.005) > 0.93
    # Decision 0 from a to c, where decision 1 is a and where it is b: down and up.
    here = np.array([[0, 0, 1, 1, 1, 1], [0, 1, 1, 1, 1, 1]], dtype=np.int32)
    there = here.copy()
    there[:, 0] = 2
    down, up = fitted.predict(here, there).mean
    assert down < -0.03 < 0.03 < up


def test_context_free_members_cannot_tell_the_two_apart():
    predictor = NeuralDelta(SPACE, members=3, context="free")
    predictor.fit(evaluated())
    here = np.array([[0, 0, 1, 1, 1, 1], [0, 1, 1, 1, 1, 1]], dtype=np.int32)
    there = here.copy()
    there[:, 0] = 2
    one, other = predictor.predict(here, there).mean
    assert one == pytest.approx(other, rel=1e-4)
    before, after = asked()
    found = predictor.predict(before, after).mean
    clear = before[:, 0] == after[:, 0]
    clear &= before[:, 1] == after[:, 1]
    true = score(after) - score(before)
    assert sign_agreement(found[clear], true[clear], noise=0.01) > 0.8


def test_its_spread_says_where_it_errs(fitted):
    before, after = asked()
    found = fitted.predict(before, after)
    error = np.abs(found.mean - score(after) + score(before))
    # A few surprises are allowed, a wrong order of magnitude is not.
    assert np.mean(error < 2 * found.spread) > 0.9
    assert np.median(found.spread) < 0.04
    far = SPACE.sample_codes(len(before), generator(8, "far"))
    assert np.median(fitted.predict(before, far).spread) > np.median(found.spread)


def test_its_spread_puts_disagreement_and_error_together(fitted, monkeypatch):
    before, after = asked(2)
    with torch.no_grad():
        delta, level = fitted._ensemble.by_member(before, after)
    disagreement = np.std(fitted._ensemble.scale.difference(level, delta), axis=0, ddof=1)
    assert np.all(disagreement > 0)
    # One edit has a growth of 1/2; an error of 0.3 is turned into accuracy by the slope.
    error = 0.3 * fitted._ensemble.scale.slope(level).mean(axis=0)
    for known, expected in ((0.0, disagreement), (0.3, np.sqrt(disagreement**2 + error**2 / 2))):
        monkeypatch.setattr(fitted._ensemble, "error", known)
        np.testing.assert_allclose(fitted.predict(before, after).spread, expected, rtol=1e-5)


def test_seeds_decide_and_nothing_else():
    pairs, (before, after) = evaluated(25), asked(4)
    results = []
    for seed, threads in ((3, 1), (3, 2), (4, 1)):
        before_threads = torch.get_num_threads()
        torch.set_num_threads(threads)
        torch.manual_seed(seed + threads)
        predictor = NeuralDelta(SPACE, members=2, seed=seed)
        predictor.fit(pairs)
        results.append(predictor.predict(before, after).mean)
        torch.set_num_threads(before_threads)
    np.testing.assert_array_equal(results[0], results[1])
    assert np.any(results[0] != results[2])


def test_torch_is_left_as_it_was():
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    torch.manual_seed(11)
    state = torch.get_rng_state()
    np.random.seed(3)  # noqa: NPY002 - the global state is what this is about
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002
    predictor = NeuralDelta(SPACE, members=2)
    with torch.no_grad():
        predictor.fit(evaluated(12))
        assert not torch.is_grad_enabled()
    predictor.predict(*asked(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads + 1
    torch.set_num_threads(threads)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002


def test_more_pairs_than_a_block_are_answered_alike(fitted, monkeypatch):
    before, after = asked(4)
    whole = fitted.predict(before, after)
    monkeypatch.setattr(fitted._ensemble, "_pairs", 7)
    parts = fitted.predict(before, after)
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(parts.spread, whole.spread, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_handful_of_networks_is_enough_to_start(count):
    codes = np.array([[0] * 6, [1] * 6, [2] * 6, [0, 1] * 3, [1, 2] * 3], dtype=np.int32)[:count]
    predictor = NeuralDelta(SPACE, members=2)
    predictor.fit(pairs_of(SPACE, codes, np.linspace(0.6, 0.9, count), edits=6))
    found = predictor.predict(codes[:1], codes[1:2])
    assert found.mean > 0
    assert found.spread > 0


def test_cells_that_do_not_train_do_not_drown_the_rest():
    codes = CELLS.sample_codes(60, generator(1, "cells"))
    truth = 0.7 + 0.02 * np.sum(codes == 3, axis=1) - 0.01 * np.sum(codes == 4, axis=1)
    accuracies = np.where(np.sum(codes == 0, axis=1) >= 3, 0.1, truth)
    predictor = NeuralDelta(CELLS, members=4)
    predictor.fit(pairs_of(CELLS, codes, accuracies, edits=6))
    # Pooling on an edge by a convolution, in cells that train.
    before = np.array([[3, 4, 2, 1, 4, 3], [4, 3, 3, 2, 2, 4]], dtype=np.int32)
    after = np.where(before == 4, 3, before).astype(np.int32)
    found = predictor.predict(before, after).mean
    assert np.all(found > 0.02)
    assert np.all(found < 0.2)


def test_a_member_alone_cannot_disagree_but_is_not_sure_of_everything():
    predictor = NeuralDelta(SPACE, members=1)
    predictor.fit(evaluated(40))
    assert np.all(predictor.predict(*asked(3)).spread > 0)


def test_encodings_may_be_chosen():
    chosen = NeuralDelta(CELLS, members=2, encodings=[OneHot(CELLS)])
    codes = CELLS.sample_codes(20, generator(1, "cells"))
    chosen.fit(pairs_of(CELLS, codes, generator(2, "accuracies").random(20), edits=6))
    # Functionally equal cells have equal features, but not equal choices.
    equal = np.array([[2, 0, 0, 1, 3, 3], [2, 0, 0, 1, 3, 4]], dtype=np.int32)
    assert chosen.predict(equal[:1], equal[1:]).mean != 0


@pytest.mark.parametrize("context", ["none", "Free", ""])
def test_an_unknown_context_is_refused(context):
    with pytest.raises(NeuralSettingError, match=rf"'aware' or 'free', got '{context}'; choose"):
        NeuralDelta(SPACE, context=context)


def test_no_members_and_bad_seeds_are_refused():
    with pytest.raises(NeuralSettingError, match="at least 1 member, got members=0; 5 to 10"):
        NeuralDelta(SPACE, members=0)
    with pytest.raises(SeedError, match="got -1"):
        NeuralDelta(SPACE, seed=-1)
