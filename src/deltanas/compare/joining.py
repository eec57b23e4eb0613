"""Several results files as one, where their rules allow it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from deltanas.compare.curves import Curves
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.summary import Comparison

RULES: Final = ("budget", "starts", "signal", "identity", "limits")
"""Entries of the head in which joined results are equal."""
EQUAL: Final = 1e-9
"""Largest difference of accuracies that are the same."""


def joined(found: Mapping[str, Comparison]) -> list[Comparison]:
    """One comparison for each set of rules, in the order of their first results.

    Runs of one method may be spread over files, by seeds; the same run may be in several.

    Args:
        found: Results, each with the name that messages call it by.

    Raises:
        ComparisonError: Two files hold one run with different outcomes, or disagree on what
            the best of a benchmark is: they were made by different versions.
    """
    groups: dict[tuple[str, ...], dict[str, Comparison]] = {}
    for name, each in found.items():
        groups.setdefault(tuple(each.head.get(rule, "") for rule in RULES), {})[name] = each
    return [_one(group) for group in groups.values()]


def shortened(found: Comparison, budget: int) -> Comparison:
    """The same runs as if they had ended after fewer queries, or `found` itself.

    Test accuracies are those of the last incumbent, so they are left out where runs are cut.
    """
    if budget >= found.budget:
        return found
    curves = {
        key: replace(each, regret=each.regret[:, :budget], mean=each.mean[:, :budget], test=None)
        for key, each in found.curves.items()
    }
    return replace(found, curves=curves, budget=budget, head={**found.head, "budget": str(budget)})


def _one(group: Mapping[str, Comparison]) -> Comparison:
    first = next(iter(group.values()))
    references = {name: words for each in group.values() for name, words in each.references.items()}
    best = {
        name: max(each.levels[name]["optimum"] for each in group.values() if name in each.levels)
        for name in references
    }
    group = {name: each.counted_from_best(best) for name, each in group.items()}
    pieces: dict[tuple[str, str], dict[str, Curves]] = {}
    levels: dict[str, Mapping[str, float]] = {}
    for name, each in group.items():
        for benchmark, level in each.levels.items():
            if levels.setdefault(benchmark, level) != level:
                raise ComparisonError(
                    f"{', '.join(group)} disagree on the levels of {benchmark}: {name} has "
                    f"{dict(level)}, one before it {dict(levels[benchmark])}; run it again with "
                    f"one version of the benchmark"
                )
        for key, curves in each.curves.items():
            pieces.setdefault(key, {})[name] = curves
    joint = {key: _concatenated(key, parts) for key, parts in pieces.items()}
    head = {**first.head, "levels": json.dumps(levels)}
    return Comparison(joint, levels, first.budget, first.starts, head, references)


def _concatenated(key: tuple[str, str], parts: Mapping[str, Curves]) -> Curves:
    """All runs of one method on one benchmark, each once, by seed."""
    names, curves = list(parts), list(parts.values())
    taken: dict[int, tuple[int, int]] = {}
    for part, each in enumerate(curves):
        for row, seed in enumerate(each.seeds):
            other, place = taken.setdefault(seed, (part, row))
            if not np.allclose(curves[other].regret[place], each.regret[row], rtol=0, atol=EQUAL):
                benchmark, method = key
                raise ComparisonError(
                    f"seed {seed} of {method} on {benchmark} ended differently in "
                    f"{names[other]} and {names[part]}; they were made by different versions, "
                    f"so run one of them again"
                )
    order = [taken[seed] for seed in sorted(taken)]
    tests = [each.test for each in curves]
    return Curves(
        tuple(sorted(taken)),
        np.array([curves[part].regret[row] for part, row in order]),
        np.array([curves[part].mean[row] for part, row in order]),
        None
        if any(test is None for test in tests)
        else np.array([test[row] for part, row in order if (test := tests[part]) is not None]),
        np.concatenate([each.seconds for each in curves]),
        sum(each.repeats for each in curves),
    )
