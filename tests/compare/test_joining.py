from dataclasses import replace

import numpy as np
import pytest

from deltanas.compare.curves import Curves
from deltanas.compare.joining import joined, shortened
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.summary import Comparison

LEVELS = {"b:x": {"optimum": 0.9}}
HEAD = {"budget": "3", "starts": "1", "signal": "mean", "identity": "raw", "levels": "{}"}


def curves(*seeds, shift=0.0):
    """Regret .1, .2 / (seed + 1) and the half of that, and the accuracies that give them."""
    regret = np.array([[0.1, 0.2 / (seed + 3), 0.1 / (seed + 3)] for seed in seeds]) + shift
    return Curves(seeds, regret, 0.9 - regret, 0.8 - regret[:, -1], np.full(2, 0.5), 1)


def results(runs, levels=None, **head):
    merged = {**HEAD, **head}
    return Comparison(runs, levels or LEVELS, int(merged["budget"]), int(merged["starts"]), merged)


def test_seeds_in_several_files_are_one_method_in_the_order_of_seeds():
    (one,) = joined(
        {
            "a": results({("b:x", "delta"): curves(4, 2)}),
            "b": results({("b:x", "delta"): curves(3, 4), ("b:x", "random"): curves(2)}),
        }
    )
    found = one.curves["b:x", "delta"]
    assert found.seeds == (2, 3, 4)
    np.testing.assert_array_equal(found.regret, curves(2, 3, 4).regret)
    np.testing.assert_array_equal(found.mean, curves(2, 3, 4).mean)
    np.testing.assert_array_equal(found.test, curves(2, 3, 4).test)
    assert (len(found.seconds), found.repeats) == (4, 2)
    assert one.methods == ["delta", "random"]
    assert one.levels == LEVELS


def test_benchmarks_of_several_files_stand_side_by_side():
    other = {"b:y": {"optimum": 0.7}}
    (one,) = joined(
        {
            "a": results({("b:x", "delta"): curves(1)}),
            "b": results({("b:y", "delta"): curves(1)}, levels=other),
        }
    )
    assert one.benchmarks == ["b:x", "b:y"]
    assert one.levels == {**LEVELS, **other}


@pytest.mark.parametrize(
    "rule", [{"budget": "4"}, {"starts": "2"}, {"signal": "one-run"}, {"identity": "classes"}]
)
def test_other_rules_are_another_comparison(rule):
    runs = {("b:x", "delta"): curves(1)}
    found = joined({"a": results(runs), "b": results(runs, **rule), "c": results(runs)})
    assert len(found) == 2
    assert found[0].head["budget"] == "3"


def test_one_run_with_two_outcomes_is_refused():
    one = results({("b:x", "delta"): curves(1, 2)})
    other = results({("b:x", "delta"): curves(2, shift=0.001)})
    with pytest.raises(
        ComparisonError, match="seed 2 of delta on b:x ended differently in a and c"
    ):
        joined({"a": one, "b": results({}), "c": other})


def test_one_benchmark_with_two_optima_is_refused():
    runs = {("b:x", "delta"): curves(1)}
    better = results(runs, levels={"b:x": {"optimum": 0.95}})
    with pytest.raises(ComparisonError, match=r"a, b disagree on the levels of b:x: b has .*0.95"):
        joined({"a": results(runs), "b": better})


def test_a_test_accuracy_that_one_file_lacks_is_left_out():
    with_test = curves(1)
    without = Curves((2,), with_test.regret, with_test.mean, None, with_test.seconds, 0)
    (one,) = joined(
        {"a": results({("b:x", "delta"): with_test}), "b": results({("b:x", "delta"): without})}
    )
    assert one.curves["b:x", "delta"].test is None


def test_shorter_runs_are_the_beginning_of_longer_ones():
    long = results({("b:x", "delta"): curves(1, 2)})
    short = shortened(long, 2)
    np.testing.assert_array_equal(
        short.curves["b:x", "delta"].regret, long.curves["b:x", "delta"].regret[:, :2]
    )
    assert short.curves["b:x", "delta"].mean.shape == (2, 2)
    assert short.curves["b:x", "delta"].test is None
    assert (short.budget, short.head["budget"]) == (2, "2")
    assert shortened(long, 3) is long
    with_shorter = {"a": short, "b": results({("b:x", "p"): curves(1)}), "c": long}
    assert [each.budget for each in joined(with_shorter)] == [2, 3]


def test_without_a_table_all_files_count_from_the_best_of_any():
    words = {"b:x": "best known (luck)"}
    known, better = 0.9, 0.95
    # The second file holds a run that found .95, so its regrets count from there already.
    top = curves(1, shift=better - known)
    (one,) = joined(
        {
            "a": replace(results({("b:x", "delta"): curves(2)}), references=words),
            "b": replace(
                results({("b:x", "random"): top}, levels={"b:x": {"optimum": better}}),
                references=words,
            ),
        }
    )
    assert one.levels["b:x"]["optimum"] == better
    np.testing.assert_allclose(
        one.curves["b:x", "delta"].regret, curves(2).regret + 0.05, rtol=0, atol=1e-12
    )
    np.testing.assert_array_equal(one.curves["b:x", "random"].regret, top.regret)
    assert one.references["b:x"].startswith("best")
