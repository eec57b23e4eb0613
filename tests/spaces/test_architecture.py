import enum
import json
import pickle

import numpy as np
import pytest

from deltanas.errors import DeltaNasError, SpaceError
from deltanas.spaces import ABSENT, Architecture, BlockSpace, Decision, DecisionKind, codes_of

DECISIONS = (
    Decision("depth", (2, 4, 6)),
    Decision("act", ("relu", "gelu")),
    Decision("extra", (None, True)),
)


def silu(x):
    return x / (1 + np.exp(-x))


class Norm(enum.StrEnum):
    BATCH = "batch"
    LAYER = "layer"


class Nameless:
    pass


def architecture(code=(1, 0, 1), key="k", space="s", decisions=DECISIONS):
    return Architecture(space, decisions, code, key)


def test_it_reads_like_a_mapping():
    assert dict(architecture()) == {"depth": 4, "act": "relu", "extra": True}
    assert len(architecture()) == 3
    assert architecture()["depth"] == 4


def test_an_absent_decision_is_not_there():
    without = architecture(code=(2, ABSENT, 0))
    assert dict(without) == {"depth": 6, "extra": None}
    assert len(without) == 2
    assert "act" not in without
    with pytest.raises(KeyError, match="act"):
        without["act"]


def test_equality_looks_at_space_and_choices_only():
    assert architecture(key="a") == architecture(key="b")
    assert hash(architecture(key="a")) == hash(architecture(key="b"))
    assert architecture() != architecture(code=(1, 1, 1))
    assert architecture() != architecture(space="t")
    others = (Decision("depth", (2, 8, 6)), *DECISIONS[1:])
    assert architecture() != architecture(decisions=others)
    assert architecture() != dict(architecture())


def test_json_holds_space_and_labels():
    assert json.loads(architecture((2, ABSENT, 0)).to_json()) == {
        "space": "s",
        "decisions": {"depth": 6, "extra": None},
    }


def test_it_travels_by_pickle():
    assert pickle.loads(pickle.dumps(architecture())) == architecture()


def test_it_shows_its_choices():
    assert repr(architecture()) == "Architecture(s: depth=4, act='relu', extra=True)"


def test_codes_stand_below_each_other():
    codes = codes_of([architecture(), architecture((2, ABSENT, 0))])
    assert codes.tolist() == [[1, 0, 1], [2, ABSENT, 0]]
    assert codes.dtype == np.int32


def test_labels_are_what_json_can_carry():
    options = (1, 0.5, "a", None, np.int64(7), silu, (3, 3), Norm.LAYER)
    labels = Decision("d", options).labels
    assert labels == (1, 0.5, "a", None, 7, "silu", "(3, 3)", "layer")
    assert type(labels[4]) is int
    json.dumps(labels)


@pytest.mark.parametrize(
    ("chosen", "position"),
    [(1, 0), (True, None), (silu, 1), ("silu", 1), (Norm.LAYER, 2), ("layer", 2), (1.0, 0)],
)
def test_an_option_is_found_by_itself_and_by_its_label(chosen, position):
    assert Decision("d", (1, silu, Norm.LAYER)).position(chosen) == position


def test_what_is_no_option_has_no_position():
    for chosen in (0, "relu", None, ["silu"], {}, float("nan")):
        assert Decision("d", (1, silu)).position(chosen) is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), r"'depth' has no options; give at least one"),
        (([1, 2], 3), r"'depth' has the option \[1, 2\], which has no hash; use a tuple"),
        ((1, 2, 1), r"'depth' has the option 1 twice; options .* must differ"),
        ((1, True), r"'depth' has the option True twice"),
        ((0, 0.0), r"'depth' has the option 0.0 twice"),
        (((1, 2), "(1, 2)"), r"'depth' has the option '\(1, 2\)' twice"),
        ((silu, "silu"), r"'depth' has the option 'silu' twice"),
        ((1.0, float("nan")), r"'depth' has the option nan, which does not equal itself"),
        ((Nameless(), 1), r"'depth' has the option .*Nameless.*, whose name is an address"),
    ],
)
def test_options_that_cannot_be_are_refused(options, words):
    with pytest.raises(SpaceError, match=words):
        Decision("depth", options)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_decision_without_a_name_is_refused(name):
    with pytest.raises(SpaceError, match="a decision's name is a text that is not empty"):
        Decision(name, (1, 2))


def test_an_edge_is_there_or_not():
    assert Decision("1→2", (False, True), DecisionKind.EDGE).labels == (False, True)
    for options in ((True, False), (0, 1), ("no", "yes")):
        with pytest.raises(SpaceError, match=r"about an edge, so its options are \(False, True\)"):
            Decision("1→2", options, DecisionKind.EDGE)


def test_an_operation_on_an_edge_may_be_none():
    options = ("none", "conv")
    assert Decision("1→2", options, DecisionKind.EDGE_OPERATION).labels == options
    with pytest.raises(SpaceError, match="first option is 'none', got 'conv'; put 'none' first"):
        Decision("1→2", options[::-1], DecisionKind.EDGE_OPERATION)


def test_a_decision_of_one_option_is_allowed_and_has_no_edits():
    space = BlockSpace({"fixed": ["only"], "free": [1, 2, 3]})
    child_count = len(space.children(codes_of(list(space)[:1]))[1])
    assert child_count == 2
    constant = BlockSpace({"fixed": ["only"], "also": (None,)})
    assert len(list(constant)) == constant.size == 1
    assert constant.neighbours(next(iter(constant))) == []


def test_all_our_errors_have_one_base():
    assert issubclass(SpaceError, DeltaNasError)
    assert issubclass(SpaceError, ValueError)
