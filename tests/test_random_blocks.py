import numpy as np
import pytest

from bench import cost
from bench.cost import draw, history, slope
from bench.random_blocks import landscape


def test_accuracies_are_the_sum_of_what_is_known():
    made = landscape(5, 3, seed=4)
    codes = made.space.sample_codes(1, np.random.default_rng(0))
    code = codes[0]
    total = sum(made.single[place, option] for place, option in enumerate(code))
    total += sum(made.joint[k, code[i], code[j]] for k, (i, j) in enumerate(made.pairs))
    assert made.accuracies(codes)[0] == pytest.approx(0.7 + made.scale * total)
    assert made.accuracies(made.space.sample_codes(4_000, np.random.default_rng(1))).std() == (
        pytest.approx(0.1, rel=0.1)
    )


@pytest.mark.parametrize(("n", "r"), [(8, 4), (64, 4), (16, 3), (16, 8), (128, 8)])
def test_interactions_have_their_share_of_the_variance_whatever_n_and_r_are(n, r):
    # A decision of r options chosen evenly: single effects have variance (r-1)/r each. The
    # joint effects have mean square interaction x n / pairs, so n x interaction in all.
    shares = []
    for seed in range(12):
        made = landscape(n, r, interaction=0.5, seed=seed)
        shares.append((made.joint**2).mean() * len(made.pairs) / ((made.single**2).mean() * n))
    assert np.mean(shares) == pytest.approx(0.5, rel=0.15)


def test_equal_arguments_give_equal_landscapes():
    codes = landscape(6, 3).space.sample_codes(4, np.random.default_rng(0))
    assert landscape(6, 3).accuracies(codes).tolist() == landscape(6, 3).accuracies(codes).tolist()
    assert landscape(6, 3, seed=1).accuracies(codes).tolist() != (
        landscape(6, 3).accuracies(codes).tolist()
    )


def test_a_history_has_as_many_different_trials_as_asked_for():
    made = landscape(8, 4)
    known = history(made.space, made.accuracies, 60)
    assert len(known) == len(known.keys) == 60


def test_the_slope_of_a_power_is_its_exponent():
    assert slope([2.0, 4.0, 10.0], [3 * x**1.5 for x in (2.0, 4.0, 10.0)]) == pytest.approx(1.5)


def test_seconds_and_memory_are_drawn_with_the_slopes_of_their_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(cost, "PICTURE", tmp_path / "cost.svg")
    # Seconds grow as n and as m^1.5; memory as n^.5, and not at all with m.
    lines = [("decisions", n, 100, 0.01 * n, 20 * n**0.5) for n in (4, 16, 64)]
    lines += [("evaluated", 32, m, 1e-4 * m**1.5, 90.0) for m in (50, 500)]
    lines += [("alone", 1_000, 100, 10.0, 20 * 1_000**0.5)]
    names = ("line", "decisions", "evaluated", "cpu_s", "memory_mb")
    draw([dict(zip(names, map(str, line), strict=True)) for line in lines])
    drawn = (tmp_path / "cost.svg").read_text("utf-8")
    for words in ("slope 1.00", "slope 1.50", "slope 0.50", "slope 0.00", "megabytes", "10.0 s"):
        assert words in drawn
