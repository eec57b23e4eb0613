import numpy as np
import pytest

from deltanas.compare.curves import Curves
from deltanas.compare.overview import overview
from deltanas.compare.summary import Comparison

HEAD = {"signal": "mean", "identity": "raw", "starts": "2"}
SEEDS = tuple(range(10, 22))


def curves(found, seeds=SEEDS, late=0):
    """60 queries; the optimum .9 is found at query `found` + (seed mod 3), .85 before it.

    Seed 12 is `late` by so many queries.
    """
    mean = np.full((len(seeds), 60), 0.85)
    for row, seed in enumerate(seeds):
        if found is not None:
            mean[row, found - 1 + seed % 3 + late * (seed == 12) :] = 0.9
    regret = 0.9 - np.maximum.accumulate(mean, axis=1)
    return Curves(seeds, regret, mean, None, np.zeros(3), 0)


@pytest.fixture
def found():
    runs = {
        ("b:x", "slow"): curves(50),
        ("b:x", "delta"): curves(20),
        ("b:x", "fast"): curves(4, seeds=SEEDS[3:]),
        ("b:x", "close"): curves(20, late=1),
        ("b:y", "delta"): curves(None),
        ("b:y", "slow"): curves(None),
    }
    levels = {name: {"optimum": 0.9} for name in ("b:x", "b:y")}
    return Comparison(runs, levels, 60, 2, HEAD)


def line(page, method, table):
    """The cells of a method in the table of that number."""
    lines = [each for each in page.splitlines() if each.startswith(f"| {method} |")]
    return [cell.strip() for cell in lines[table].strip("|").split("|")][1:]


def test_queries_by_hand_with_marks_and_misses(found):
    page = overview([found], "delta")
    assert "## signal mean, identity raw, starts 2, budget 60" in page
    assert "| method | b:x | b:y |" in page
    # Seeds 10 to 21 have each remainder four times: 20, 21 and 22 queries.
    ours = line(page, "delta", 0)
    assert ours[0].startswith("21.0 [20.")
    assert ours[1] == "**60.0** [60.0, 60.0] (12)"
    slow = line(page, "slow", 0)
    assert slow[0].startswith("51.0 [50.")
    assert slow[0].endswith("▼")
    assert slow[1] == "**60.0** [60.0, 60.0] (12)"
    fast = line(page, "fast", 0)
    assert fast[0].startswith("**5.0** [")
    assert fast[0].endswith("▲")
    assert fast[1] == "-"
    # One run of twelve took one query more: 253 / 12, which proves nothing.
    assert line(page, "close", 0)[0].startswith("21.1 [")
    assert not line(page, "close", 0)[0].endswith(("▼", "▲"))


def test_regret_is_in_points_and_only_as_far_as_the_budget(found):
    page = overview([found], "delta")
    assert "Regret after 50 queries" in page
    assert "Regret after 100 queries" not in page
    # At query 50 the slow one has found it in the 4 of 12 runs whose seed divides by 3.
    assert line(page, "slow", 1)[0].startswith("3.333 [")
    assert line(page, "delta", 1) == ["**0.000** [0.000, 0.000]", "**5.000** [5.000, 5.000]"]


def test_ours_comes_first_then_who_ran_everywhere_then_the_faster_ones(found):
    page = overview([found], "delta")
    rows = [each.split(" | ")[0][2:] for each in page.splitlines() if each.startswith("| ")]
    assert rows[:6] == ["method", "---", "delta", "slow", "fast", "close"]


def test_without_ours_nothing_is_tested_against(found):
    page = overview([found], "another")
    assert "▼ " not in page.split("## ", 1)[1]
    assert not any(each.endswith(("▼ |", "▲ |")) for each in page.splitlines())


def test_every_protocol_has_its_section(found):
    other = Comparison(found.curves, found.levels, 60, 2, {**HEAD, "signal": "one-run"})
    page = overview([found, other], "delta")
    assert page.count("### Queries to the optimum, 9 to 12 runs") == 2
    assert page.index("signal mean") < page.index("signal one-run")
