"""Limits on what only a training tells: how they are written, and which are which."""

import pytest

from deltanas.errors import LimitError
from deltanas.limits import Limit, parted, told_limits
from deltanas.spaces import BlockSpace

SPACE = BlockSpace({"depth": [1, 2]}, costs=lambda a: {"params_m": float(a["depth"])})


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("fairness:told>=0.9", Limit("fairness", 0.9, at_most=False, is_told=True)),
        ("latency_ms:told <= 5", Limit("latency_ms", 5.0, is_told=True)),
        ("latency_ms:told<=0.005s", Limit("latency_ms", 5.0, is_told=True)),
        ("heat: Told <=3", Limit("heat", 3.0, is_told=True)),
        ("heat:told:told<=3", Limit("heat", 3.0, is_told=True)),
        ("peak memory:told<3", Limit("peak memory", 3.0, is_told=True)),
    ],
)
def test_a_told_limit_is_read_and_written(text, limit):
    assert Limit.read(text, ["params_m"], may_be_told=True) == limit
    assert Limit.read(limit.words, [], may_be_told=True) == limit
    assert Limit.read(limit, [], may_be_told=True) is limit
    assert told_limits(["params_m<=3.0", limit.words]) == (limit,)


def test_the_words_of_a_limit_tell_what_it_is_on():
    limit = Limit("latency_ms", 5.0, is_told=True)
    assert (limit.words, limit.shown) == ("latency_ms:told<=5.0", "latency ≤ 5ms")


@pytest.mark.parametrize(
    ("text", "may_be_told", "words"),
    [
        ("params:told<=3", True, "'params' is known before; leave ':told' out"),
        ("params_m:told<=3", True, "'params_m' is known before; leave ':told' out"),
        (":told<=3", True, "has no metric before ':told'"),
        ("accuracy:told>=0.9", True, "made as high as it can be anyway"),
        ("fairness:told<=3", False, "nothing is trained here; metrics are params_m"),
        (Limit("fairness", 3.0, is_told=True), False, "nothing is trained here"),
        (Limit("params_m", 3.0, is_told=True), True, "leave ':told' out"),
        ("fairness<=3", True, "If your training returns it, write 'fairness:told'"),
        ("fairness:told<=3q", True, "one of the units"),
        ("fairness:told<=0,5", True, "decimals stand behind a point"),
    ],
)
def test_what_is_known_or_never_told_is_refused(text, may_be_told, words):
    with pytest.raises(LimitError, match=words.replace("(", r"\(")):
        Limit.read(text, ["params_m"], may_be_told=may_be_told)


def test_without_a_training_nothing_is_said_of_one():
    with pytest.raises(LimitError) as raised:
        Limit.read("fairness<=3", ["params_m"])
    assert "training" not in str(raised.value)


def test_limits_are_parted():
    known, told = parted(["b:told<=3", "params<=3M", "a:told>=1"], None, SPACE)
    assert [each.words for each in known] == ["params_m<=3.0"]
    assert [each.metric for each in told] == ["a", "b"]
    assert parted("a:told>=1", None, SPACE) == ([], (Limit("a", 1.0, False, is_told=True),))
    assert parted([], None, SPACE) == ([], ())


def test_nobody_is_told_to_limit_accuracy():
    with pytest.raises(LimitError) as raised:
        Limit.read("accuracy>=0.9", ["params_m"], may_be_told=True)
    assert "told" not in str(raised.value)


def test_a_cost_whose_name_has_the_word_is_no_told_limit():
    assert told_limits(["a:told_b<=8.0"]) == ()
