import json

import pytest

from deltanas.errors import StudyError, StudyMismatchError
from deltanas.search import ParetoEvolution, RandomSearch, make
from deltanas.spaces import BlockSpace
from deltanas.study import Description

SPACE = BlockSpace({"depth": (1, 2), "act": ("relu", "gelu")})


def description(space=SPACE, benchmark=None, method="random", seed=0, **settings):
    return Description.of(make(method, space, seed=seed, **settings), benchmark)


def test_it_names_method_settings_and_seed():
    made = description(method="delta-evolution", seed=4, parents=7)
    assert (made.method, made.seed, made.benchmark) == ("delta-evolution", 4, None)
    assert made.settings["parents"] == 7
    assert made.settings["starts"] == 2
    assert not {"space", "seed", "_predictor"} & set(made.settings)


def test_a_searcher_of_the_users_is_known_by_its_class():
    class Mine(RandomSearch.__mro__[1]):
        def __init__(self, space):
            super().__init__(space, seed=1, starts=2)
            self.temperature = object()

        def choose(self, history, n, rng):
            del history, n, rng
            return []

    made = Description.of(Mine(SPACE), None)
    assert made.method.endswith("Mine")
    assert made.settings == {"starts": 2, "temperature": "object"}


def test_it_survives_json():
    made = description(benchmark="nasbench201:cifar10", seed=3)
    record = json.loads(json.dumps(made.to_record()))
    assert Description.from_record(record, "x.db") == made


@pytest.mark.parametrize("part", ["space", "benchmark", "method", "settings", "seed", "version"])
def test_a_missing_part_is_an_error(part):
    record = description().to_record()
    del record[part]
    with pytest.raises(StudyError, match=r"study x.db lacks a part of its description"):
        Description.from_record(record, "x.db")


def test_the_same_continues():
    description(seed=2).check_continues(description(seed=2), "x.db")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"seed": 1}, "was made with seed 1, got 0; continue it with"),
        ({"method": "local-search"}, "was made with method local-search, got random"),
        ({"starts": 3}, "was made with setting starts 3, got 10"),
        ({"benchmark": "nasbench201:cifar10"}, "made with benchmark nasbench201:cifar10, got none"),
        ({"space": BlockSpace({"a": (1,)}, name="other")}, "made with space other, got blocks"),
        (
            {"space": BlockSpace({"depth": (1, 2, 3), "act": ("relu", "gelu")})},
            "made with space with depth: 1, 2, 3, got with depth: 1, 2;",
        ),
        ({"space": BlockSpace({"depth": (1, 2)})}, "space of 1 decisions, got of 2 decisions"),
    ],
)
def test_a_difference_is_named_with_both_values(other, words):
    with pytest.raises(StudyMismatchError) as error:
        description().check_continues(description(**other), "x.db")
    assert words in str(error.value)
    assert str(error.value).startswith("the study x.db was made with")
    assert "another file for a new study" in str(error.value)


def test_other_trainings_and_objectives_are_named_as_what_they_are():
    stored = description(benchmark="training by a.py:train")
    with pytest.raises(StudyMismatchError, match=r"made with training by a.py:train, got none;"):
        description().check_continues(stored, "x.db")
    space = BlockSpace({"depth": (1, 2)}, costs=lambda a: {"params": 1.0 * a["depth"]})
    several = Description.of(ParetoEvolution(space, seed=0, costs=["params"]), None)
    one = Description.of(make("delta-evolution", space, seed=0), None)
    with pytest.raises(StudyMismatchError, match=r"made with objectives \S*params, got none;"):
        one.check_continues(several, "x.db")
