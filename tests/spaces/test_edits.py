import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import EditError
from deltanas.spaces import ABSENT, Decision, DecisionKind, Edit, EditKind, edits_between

DECISIONS = (
    Decision("depth", (2, 4, 6)),
    Decision("1→3", (False, True), DecisionKind.EDGE),
    Decision("act", ("relu", "gelu", None)),
)
CODES = st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 2))


def test_replacing_worked_by_hand():
    edit = Edit("depth", 4, 6)
    assert edit.apply(DECISIONS, (1, 0, 2)) == (2, 0, 2)
    assert edit.invert() == Edit("depth", 6, 4)
    assert edit.words == "depth: 4 → 6"


def test_edges_are_added_and_removed_in_words():
    (added,) = edits_between(DECISIONS, (1, 0, 2), (1, 1, 2))
    assert added == Edit("1→3", before=False, after=True, kind=EditKind.ADD_EDGE)
    assert added.words == "add edge 1→3"
    assert added.invert().kind is EditKind.REMOVE_EDGE
    assert added.invert().words == "remove edge 1→3"
    assert edits_between(DECISIONS, (1, 1, 2), (1, 0, 2)) == (added.invert(),)


def test_edges_with_operations_say_which_one_comes_or_goes():
    decisions = (Decision("1→3", ("none", "conv", "pool"), DecisionKind.EDGE_OPERATION),)
    (added,) = edits_between(decisions, (0,), (2,))
    assert added == Edit("1→3", "none", "pool", EditKind.ADD_EDGE)
    assert (added.words, added.change) == ("add edge 1→3: pool", "add edge: pool")
    assert added.invert() == edits_between(decisions, (2,), (0,))[0]
    assert added.invert().words == "remove edge 1→3: pool"
    (replaced,) = edits_between(decisions, (1,), (2,))
    assert (replaced.kind, replaced.words) == (EditKind.REPLACE, "1→3: conv → pool")


@given(CODES, CODES)
def test_edits_lead_from_one_code_to_the_other_and_back(before, after):
    edits = edits_between(DECISIONS, before, after)
    assert len(edits) == sum(a != b for a, b in zip(before, after, strict=True))
    code = before
    for edit in edits:
        code = edit.apply(DECISIONS, code)
    assert code == after
    for edit in reversed(edits):
        code = edit.invert().apply(DECISIONS, code)
    assert code == before


def test_edits_of_different_decisions_commute():
    first, second = edits_between(DECISIONS, (0, 1, 0), (2, 1, 1))
    code = (0, 1, 0)
    assert first.apply(DECISIONS, second.apply(DECISIONS, code)) == (
        second.apply(DECISIONS, first.apply(DECISIONS, code))
    )


def test_a_decision_may_appear_and_disappear():
    (appears,) = edits_between(DECISIONS, (ABSENT, 0, 0), (2, 0, 0))
    assert appears == Edit("depth", None, 6)
    assert appears.apply(DECISIONS, (ABSENT, 0, 0)) == (2, 0, 0)
    assert appears.invert().apply(DECISIONS, (2, 0, 0)) == (ABSENT, 0, 0)


def test_none_as_an_option_is_that_option():
    assert Edit("act", "relu", None).apply(DECISIONS, (0, 0, 0)) == (0, 0, 2)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Edit("width", 1, 2), r"changes the decision 'width', .* has depth, 1→3, act"),
        (Edit("depth", 2, 6), r"expects 2 at 'depth', found 4; apply it to the architecture"),
        (Edit("depth", None, 6), r"expects None at 'depth', found 4"),
        (Edit("depth", 4, 5), r"puts 5 at 'depth', whose options are 2, 4, 6"),
        (Edit("depth", 4, "6"), r"puts '6' at 'depth'"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(edit, words):
    with pytest.raises(EditError, match=words):
        edit.apply(DECISIONS, (1, 0, 2))


def test_zero_is_not_false():
    decisions = (Decision("skip", (False, 3)),)
    with pytest.raises(EditError, match="expects 0 at 'skip', found False"):
        Edit("skip", 0, 3).apply(decisions, (0,))
