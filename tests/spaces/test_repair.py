"""Edits that break a rule take one more choice along that mends it."""

import itertools

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


def moved_by(code, further):
    """Distance and code after some further choices, each a decision and another option."""
    after = list(code)
    for place, option in further:
        after[place] = option
    return sum(abs(one - other) for one, other in zip(code, after, strict=True)), tuple(after)


@settings(max_examples=20, deadline=None)
@given(RULES)
def test_what_mends_is_the_smallest_further_change_that_there_is(rules):
    """As brute force finds it, over all single and double changes of random spaces."""
    options = {"a": (1, 2, 3), "b": (1, 2, 3), "c": (1, 2, 3, 4), "d": (1, 2)}
    space = BlockSpace(options, rules=rules)
    everything = space.all_codes()
    valid = {tuple(code) for code in everything.tolist()}
    parents, children = space.children(everything)
    made = set(zip(parents.tolist(), map(tuple, children.tolist()), strict=True))
    assert len(made) == len(children), "a child twice"
    choices = [(place, o) for place, n in enumerate(space.option_counts) for o in range(n)]
    wanted, possible = set(), set()
    for row, code in enumerate(everything.tolist()):
        for place, option in choices:
            if option == code[place]:
                continue
            changed = (*code[:place], option, *code[place + 1 :])
            others = [(p, o) for p, o in choices if p != place and o != code[p]]
            ways = [[each] for each in others if moved_by(changed, [each])[1] in valid] or [
                pair
                for pair in itertools.combinations(others, 2)
                if pair[0][0] != pair[1][0] and moved_by(changed, pair)[1] in valid
            ]
            if changed in valid:
                wanted.add((row, changed))
            elif ways and len(ways[0]) == 1:
                # Of equally near ones the first decision, and then the first option.
                near = min(ways, key=lambda way: (moved_by(changed, way)[0], way))
                wanted.add((row, moved_by(changed, near)[1]))
            elif ways:
                least = min(moved_by(changed, way)[0] for way in ways)
                nearest = {
                    (row, each)
                    for far, each in (moved_by(changed, w) for w in ways)
                    if far == least
                }
                assert made & nearest, "two further choices mend it, and no child has them"
                possible |= nearest
    assert wanted <= made
    assert made <= wanted | possible


def test_where_one_more_choice_does_not_help_two_go_along():
    space = BlockSpace(
        {"norm": ("batch", "layer"), "act": ("relu", "gelu"), "bias": (True, False)},
        rules=[
            "norm == 'batch' and act == 'relu' or norm == 'layer' and act == 'gelu'",
            "act == 'relu' and bias == True or act == 'gelu' and bias == False",
        ],
    )
    architecture = space.architecture({"norm": "batch", "act": "relu", "bias": True})
    ((edit, child),) = space.neighbours(architecture)
    assert edit.words == "norm: batch → layer (with act: relu → gelu, bias: True → False)"
    assert space.apply(edit, architecture) == child
    assert space.apply(edit.invert(), child) == architecture
    assert space.shortest_edits(architecture, child) == (edit,)
    assert reached(space, architecture.code) == {(0, 0, 0), (1, 1, 1)}


@pytest.mark.parametrize("links", [2, 3])
def test_three_more_choices_are_too_many(links):
    names = "abcde"[: links + 1]
    rules = [f"{one} == {other}" for one, other in itertools.pairwise(names)]
    space = BlockSpace(dict.fromkeys(names, (1, 2)), rules=rules)
    assert len(space.children(space.all_codes())[1]) == (2 if links == 2 else 0)


def test_a_further_choice_that_makes_the_changed_decision_vanish_is_no_second_edit():
    space = BlockSpace(
        {"depth": (2, 1), "ratio 2": (2, 4)},
        conditions={"ratio 2": "depth >= 2"},
        forbidden=[{"depth": 2, "ratio 2": 4}],
    )
    # Of a ratio of 4 at depth 2, depth 1 would be left, which is the edit of the depth.
    assert space.all_codes().tolist() == [[0, 0], [1, ABSENT]]
    for code, other in ([0, 0], [1, ABSENT]), ([1, ABSENT], [0, 0]):
        assert space.children(np.array([code], dtype=np.int32))[1].tolist() == [other]


def test_what_vanishes_only_on_the_way_to_a_child_keeps_its_choice():
    # Another a breaks a == b until b follows; c does not exist in between, but before and after.
    space = BlockSpace(
        {"a": (1, 2), "b": (1, 2), "c": (4, 5, 6)},
        rules=["a == b"],
        conditions={"c": "a == b"},
    )
    children = space.children(np.array([[0, 0, 1]], dtype=np.int32))[1]
    assert sorted(children.tolist()) == [[0, 0, 0], [0, 0, 2], [1, 1, 1]]


@settings(max_examples=15, deadline=None)
@given(RULES, st.sampled_from(["depth >= 2", "a == 2", "a <= b"]))
def test_conditions_and_rules_together_give_each_child_once(rules, condition):
    options = {"depth": (1, 2, 3), "a": (1, 2, 3), "b": (1, 2, 3), "c": (1, 2, 3, 4), "d": (1, 2)}
    conditions = {"c": condition, "d": "depth >= 3"}
    space = BlockSpace(options, rules=[*rules, "depth + a <= 5"], conditions=conditions)
    everything = space.all_codes()
    parents, children = space.children(everything)
    found = list(zip(parents.tolist(), map(tuple, children.tolist()), strict=True))
    assert len(set(found)) == len(found), "a child twice"
    assert space.are_valid(children).all()
    assert set(edit_distance(everything[parents], children).tolist()) <= {1, 2, 3}
    for architecture in space.from_codes(everything[:: max(1, len(everything) // 4)]):
        for edit, child in space.neighbours(architecture):
            assert space.apply(edit.invert(), child) == architecture


def test_a_space_without_rules_has_the_children_that_it_had():
    space = BlockSpace(
        {"depth": (1, 2), "width": (1, 2, 3), "ratio 2": (2, 4)},
        conditions={"ratio 2": "depth >= 2"},
    )
    codes = space.all_codes()
    parents, children = space.children(codes)
    assert (edit_distance(codes[parents], children) == 1).all()
    assert ABSENT in children
