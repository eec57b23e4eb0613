import inspect

import pytest

from deltanas.compare.plan import plan
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.roster import entry, maker, names
from deltanas.compare.settings import settings_of
from deltanas.errors import UnknownNameError

CIFAR = "nasbench201:cifar10"


def test_settings_are_read_as_numbers_and_words():
    assert settings_of("gp:best=3:where=space:x=0.5:y=true") == {
        "best": 3,
        "where": "space",
        "x": 0.5,
        "y": True,
    }
    with pytest.raises(ComparisonError, match="expected settings as 'name:setting=value'"):
        settings_of("gp:space")


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("gp:where=nope", "expected where as one of neighbours, space, got 'nope' in 'gp:where="),
        ("gp:where=1", "expected where as one of neighbours, space, got 1 in"),
        ("weaknas:predictor=tree", "expected predictor as one of mlp, forest, got 'tree'"),
        ("gp:best=x", "expected best as a whole number, got 'x' in 'gp:best=x'"),
        ("gp:best=true", "expected best as a whole number, got True in"),
        ("delta:parents=2.5", "expected parents as a whole number, got 2.5 in"),
        ("delta-one-edit:parents=x", "expected parents as a whole number, got 'x' in"),
    ],
)
def test_a_value_that_a_setting_cannot_take_is_refused_before_anything_runs(method, words):
    if entry(method).missing:
        pytest.skip(f"needs {', '.join(entry(method).missing)}")
    with pytest.raises(ComparisonError, match=words):
        plan([CIFAR], ["random", method], seeds=1)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("gp:foo=1", "'gp' has no setting 'foo' to compare; it has where, best, most"),
        ("gp:starts=3", "no setting 'starts'"),  # the same for all methods: --starts
        ("delta:predictor=mlp", "no setting 'predictor' .* it has parents, generations"),
        ("delta:starts=3", "'delta' has no setting 'starts' .* it has parents, generations"),
        ("random:seed=3", "'random' has no setting 'seed' to compare; it has none"),
        ("delta-one-edit:edits=2", "it has members, parents, generations"),
    ],
)
def test_a_setting_that_a_method_does_not_have_is_refused_with_those_it_has(method, words):
    with pytest.raises(UnknownNameError, match=words):
        plan([CIFAR], [method], seeds=1)


@pytest.mark.parametrize("name", names())
def test_no_method_takes_a_word_without_saying_which(name):
    if entry(name).missing:
        pytest.skip(f"needs {', '.join(entry(name).missing)}")
    for parameter in inspect.signature(maker(entry(name))).parameters.values():
        assert parameter.annotation not in (str, float, bool)
