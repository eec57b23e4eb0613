import pytest

from deltanas.errors import LimitError, ObjectiveError
from deltanas.limits import Objective, objectives_of

KNOWN = ("parameters_m", "a_latency_ms", "b_latency_ms", "cost:size")


@pytest.mark.parametrize(
    ("text", "metric", "is_high"),
    [
        ("params", "parameters_m", False),
        ("params:max", "parameters_m", True),
        ("size:min", "cost:size", False),
        ("cost:size", "cost:size", False),
        ("energy_mj:min", "energy_mj", False),
        ("robustness:max", "robustness", True),
    ],
)
def test_an_objective_is_read_as_people_write_it(text, metric, is_high):
    objective = Objective.read(text, KNOWN)
    assert objective == Objective(metric, is_high)
    assert Objective.of(objective.words) == objective
    assert objective.sign == (-1 if is_high else 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("energy", "returns it, say which side is better: 'energy:min' or 'energy:max'"),
        ("parms", "did you mean 'parameters_m'"),
        ("energy:low", "'energy:low:min'"),
        (":max", "is on '', which is not known here"),
        ("", "is on ''"),
    ],
)
def test_what_is_not_known_needs_a_direction(text, words):
    with pytest.raises(LimitError, match=words):
        Objective.read(text, KNOWN)


def test_two_objectives_are_never_on_one_metric():
    with pytest.raises(ObjectiveError, match="two of them on 'parameters_m'; leave one out"):
        objectives_of(["params", "parameters_m:max"], KNOWN)
