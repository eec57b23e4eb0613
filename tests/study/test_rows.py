import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import StudyError
from deltanas.records import Evaluation, Proposal, Status
from deltanas.spaces import BlockSpace, NasBench201, edits_between
from deltanas.study import rows

CELLS = NasBench201()
SPACE = BlockSpace({"depth": (1, 2.5, None), "act": ("relu", len, (3, 3)), "skip": (False, True)})
CODES = {space.name: space.all_codes() for space in (CELLS, SPACE)}
numbers = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("space", [CELLS, SPACE], ids=lambda space: space.name)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.none() | numbers, st.none() | numbers)
def test_a_proposal_comes_back_bit_for_bit(space, first, second, delta, spread):
    codes = CODES[space.name]
    parent, child = space.from_codes(codes[[first % len(codes), second % len(codes)]])
    edits = edits_between(space.decisions, parent.code, child.code)
    for proposal in (Proposal(7, child), Proposal(7, child, 4, edits, delta, spread)):
        stored = json.loads(json.dumps(rows.attributes_of(proposal)))
        back = rows.proposal_of(7, stored, space, "x.db")
        assert back == proposal
        assert back.architecture.key == proposal.architecture.key


@given(
    st.sampled_from(Status),
    numbers,
    st.none() | numbers,
    st.none() | st.text(),
    st.dictionaries(st.text(), numbers, max_size=3),
)
def test_an_evaluation_comes_back_bit_for_bit(status, accuracy, seconds, reason, metrics):
    accuracy = accuracy if status is Status.FINISHED else None
    evaluation = Evaluation(8, status, accuracy, seconds, reason, metrics)
    stored = json.loads(json.dumps(rows.evaluation_record(evaluation)))
    assert rows.evaluation_of(8, stored, "x.db") == evaluation


def test_what_is_stored_can_be_read_by_a_person():
    parent, child = CELLS.from_codes(CODES[CELLS.name][[0, 1]])
    edits = edits_between(CELLS.decisions, parent.code, child.code)
    stored = rows.attributes_of(Proposal(3, child, 1, edits, 0.25, 0.5))
    assert stored["edit"] == "edge 2→3: none → skip_connect"
    assert stored["predicted_delta"] == 0.25
    assert stored["parent"] == 1
    assert json.loads(stored["architecture"])["decisions"]["edge 2→3"] == "skip_connect"
    assert set(rows.attributes_of(Proposal(0, parent))) == {"architecture", "key"}


def test_metrics_that_are_not_finite_have_no_place_in_json():
    evaluation = Evaluation(0, Status.FINISHED, 0.5, metrics={"loss": math.nan, "ms": 2.0})
    assert rows.evaluation_record(evaluation)["metrics"] == {"ms": 2.0}


def test_parameters_are_labels_with_their_choices():
    architecture = SPACE.architecture({"depth": 2.5, "act": len, "skip": True})
    chosen, possible = rows.parameters_of(architecture)
    assert chosen == {"depth": 2.5, "act": "len", "skip": True}
    assert possible["act"].choices == ("relu", "len", "(3, 3)")


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"architecture": "{}", "key": "k"},
        {"architecture": '{"decisions": {"depth": 7}}', "key": "k"},
        {"architecture": '{"decisions": {"colour": 1}}', "key": "k"},
        {"architecture": "[]", "key": "k"},
    ],
)
def test_what_is_no_proposal_of_this_space_is_refused(attributes):
    with pytest.raises(StudyError, match=r"trial 3 of the study x.db was not stored by deltanas"):
        rows.proposal_of(3, attributes, SPACE, "x.db")
