"""Edits that break a rule take one more choice along that mends it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltanas.errors import ArchitectureError
from deltanas.spaces import ABSENT, BlockSpace, Edit, edit_distance
from deltanas.study import Study
from deltanas.testing import SpaceContract

# Norm and activation change together or not at all: two islands.
ISLANDS = BlockSpace(
    {"norm": ("batch", "layer"), "act": ("relu", "gelu"), "width": (1, 2, 3, 4)},
    name="islands",
    rules=["norm == 'batch' and act == 'relu' or norm == 'layer' and act == 'gelu'"],
)


class TestIslands(SpaceContract):
    def make(self):
        return ISLANDS


def reached(space, code):
    """All codes that edits lead to from one."""
    known = {tuple(code)}
    edge = [tuple(code)]
    while edge:
        children = space.children(np.array(edge, dtype=np.int32))[1]
        edge = sorted({tuple(each) for each in children.tolist()} - known)
        known.update(edge)
    return known


def test_an_edit_leads_from_one_island_to_the_other():
    everything = {tuple(code) for code in ISLANDS.all_codes().tolist()}
    assert len(everything) == 8
    assert reached(ISLANDS, (0, 0, 0)) == everything
    # Without the further choice, an edit changes the width only.
    architecture = ISLANDS.architecture({"norm": "batch", "act": "relu", "width": 1})
    alone = [e for e, child in ISLANDS.neighbours(architecture) if child["act"] == "relu"]
    assert {edit.decision for edit in alone} == {"width"}
    (across,) = [pair for pair in ISLANDS.neighbours(architecture) if pair[1]["act"] == "gelu"]
    assert across[0].words == "norm: batch → layer (with act: relu → gelu)"
    assert across[1]["width"] == 1
    assert ISLANDS.apply(across[0], architecture) == across[1]
    assert ISLANDS.apply(across[0].invert(), across[1]) == architecture
    assert ISLANDS.shortest_edits(architecture, across[1]) == (across[0],)


def test_a_search_finds_the_best_on_the_other_island():
    def train(architecture):
        return 0.1 * architecture["width"] + 0.3 * (architecture["act"] == "gelu")

    history = Study(ISLANDS, train, seed=0, method="local-search")
    history.run(budget=8)
    assert history.best.architecture["width"] == 4
    assert history.best.architecture["act"] == "gelu"


def test_the_nearest_option_mends():
    space = BlockSpace(
        {"heads": (2, 3, 4), "width": (6, 8, 9, 10, 12)}, rules=["heads divides width"]
    )
    architecture = space.architecture({"heads": 3, "width": 9})
    found = {(child["heads"], child["width"]) for _, child in space.neighbours(architecture)}
    # Valid alone: widths 6 and 12. Of widths, 3 divides neither 8 nor 10: heads become 2, which
    # is as near as 4, and first. Heads of 2 and 4 take the nearest width along: 8, not 10 or 12.
    assert found == {(3, 6), (3, 12), (2, 8), (2, 10), (4, 8)}


def test_a_bare_edit_that_breaks_a_rule_is_still_refused():
    architecture = ISLANDS.architecture({"norm": "batch", "act": "relu", "width": 1})
    with pytest.raises(ArchitectureError, match="leads out of space 'islands'"):
        ISLANDS.apply(Edit("act", "relu", "gelu"), architecture)


def test_another_depth_takes_a_further_choice_along_too():
    space = BlockSpace(
        {"depth": (1, 2), "act": ("relu", "gelu"), "ratio 2": (2, 4)},
        conditions={"ratio 2": "depth >= 2"},
        forbidden=[{"depth": 2, "act": "relu"}],
    )
    architecture = space.architecture({"depth": 1, "act": "relu"})
    words = [edit.words for edit in space.edits(architecture)]
    assert "depth: 1 → 2 (adds ratio 2=2, with act: relu → gelu)" in words
    assert reached(space, architecture.code) == {tuple(c) for c in space.all_codes().tolist()}


RULES = st.lists(
    st.sampled_from(
        [
            "a == b",
            "a + b >= c",
            "b != c",
            "a divides c",
            "b == 1 or d == c",
            "not (a == 3 and d == 1)",
            "c <= d + 1",
        ]
    ),
    min_size=1,
    max_size=3,
    unique=True,
)


@settings(max_examples=15, deadline=None)
@given(RULES)
def test_what_mends_is_the_smallest_further_change_that_there_is(rules):
    """As brute force finds it, over all single changes of random spaces."""
    options = {"a": (1, 2, 3), "b": (1, 2, 3), "c": (1, 2, 3, 4), "d": (1, 2)}
    space = BlockSpace(options, rules=rules)
    everything = space.all_codes()
    valid = {tuple(code) for code in everything.tolist()}
    parents, children = space.children(everything)
    made = set(zip(parents.tolist(), map(tuple, children.tolist()), strict=True))
    assert len(made) == len(children), "a child twice"
    wanted = set()
    for row, code in enumerate(everything.tolist()):
        for place, count in enumerate(space.option_counts.tolist()):
            for option in set(range(count)) - {code[place]}:
                changed = [*code[:place], option, *code[place + 1 :]]
                if tuple(changed) in valid:
                    wanted.add((row, tuple(changed)))
                    continue
                further = [
                    (abs(o - changed[p]), p, o)
                    for p, n in enumerate(space.option_counts.tolist())
                    for o in range(n)
                    if p != place and (*changed[:p], o, *changed[p + 1 :]) in valid
                ]
                if further:
                    _, p, o = min(further)
                    wanted.add((row, (*changed[:p], o, *changed[p + 1 :])))
    assert made == wanted


def test_a_space_without_rules_has_the_children_that_it_had():
    space = BlockSpace(
        {"depth": (1, 2), "width": (1, 2, 3), "ratio 2": (2, 4)},
        conditions={"ratio 2": "depth >= 2"},
    )
    codes = space.all_codes()
    parents, children = space.children(codes)
    assert (edit_distance(codes[parents], children) == 1).all()
    assert ABSENT in children
