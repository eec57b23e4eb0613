import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import SpaceError
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace
from deltanas.testing import SpaceContract

OPTIONS = {"depth": (2, 4, 6), "act": ["relu", "gelu"], "stem": ("fixed",), "bias": (False, True)}


def costs(architecture):
    return {"log_depth": np.log(architecture["depth"]), "bias": architecture["bias"]}


class TestBlockSpace(SpaceContract):
    def make(self):
        return BlockSpace(OPTIONS, costs=costs)


class TestBlockSpaceOfOneNetwork(SpaceContract):
    def make(self):
        return BlockSpace({"only": ["this"]})


class TestLargeBlockSpace(SpaceContract):
    def make(self):
        return BlockSpace({f"layer {place}": (1, 2, 3, 4) for place in range(30)})


ANY_OPTIONS = st.dictionaries(
    st.text(min_size=1).filter(str.strip),
    st.lists(
        st.one_of(st.text(), st.integers(2), st.none(), st.booleans()), min_size=1, unique=True
    ),
    min_size=1,
    max_size=4,
)


@given(ANY_OPTIONS, st.integers(0, 10**6))
def test_any_names_and_options_survive_text_and_json(options, seed):
    space = BlockSpace(options)
    (architecture,) = space.sample(1, generator(seed, "test"))
    assert space.read(space.write(architecture)) == architecture
    assert space.from_json(architecture.to_json()) == architecture
    for edit, child in space.neighbours(architecture)[:3]:
        assert space.apply(edit.invert(), child) == architecture


def test_size_is_the_product_of_the_numbers_of_options():
    space = BlockSpace(OPTIONS)
    # 3 x 2 x 1 x 2 = 12, each a network of its own.
    assert space.size == 12
    assert len(set(space.keys(space.all_codes()))) == 12
    # One-edit children: (3-1) + (2-1) + 0 + (2-1) = 4.
    assert {len(space.neighbours(each)) for each in space} == {4}


def test_costs_become_features():
    space = BlockSpace(OPTIONS, costs=costs)
    assert space.feature_names == ("log_depth", "bias")
    features = space.features(np.array([[2, 0, 0, 1]], dtype=np.int32))
    assert features.tolist() == [[np.log(6), 1.0]]
    assert BlockSpace(OPTIONS).features(space.all_codes()).shape == (12, 0)


def test_samples_are_uniform_over_combinations():
    # 2,400 draws over 12 combinations, 200 each; chi-square with 11 degrees of freedom is
    # below 31.3 in 99.9 % of cases.
    space = BlockSpace(OPTIONS)
    drawn = Counter(each.code for each in space.sample(2_400, generator(3, "uniform")))
    everything = itertools.product(range(3), range(2), range(1), range(2))
    assert sum((drawn[code] - 200) ** 2 / 200 for code in everything) < 31.3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "space 'blocks' has no decisions; give at least one"),
        ({"act": []}, "decision 'act' has no options"),
        ({"act": "relu"}, r"'act' needs a list of options, got 'relu'; write \['relu'\]"),
        ({"act": ("relu", "relu")}, "'act' has the option 'relu' twice"),
        ({"skip": (1, True)}, "'skip' has the option True twice"),
        ({"kernel": ([3, 3], [5, 5])}, r"'kernel' has the option \[3, 3\], which has no hash"),
        ({"": (1, 2)}, "a decision's name is a text that is not empty, got ''"),
    ],
)
def test_a_space_described_wrongly_is_refused(options, words):
    with pytest.raises(SpaceError, match=words):
        BlockSpace(options)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda a: {"p": 1.0} if a["depth"] == 2 else {"q": 1.0}, r"must name \('p',\) .*\('q',\)"),
        (lambda a: {"p": 1.0 / (a["depth"] - 2) if a["depth"] > 2 else np.inf}, "must be finite"),
    ],
)
def test_costs_that_are_not_the_same_finite_facts_are_refused(wrong, words):
    space = BlockSpace(OPTIONS, costs=wrong)
    with pytest.raises(SpaceError, match=words):
        space.features(space.all_codes())


def test_costs_may_come_in_any_order():
    space = BlockSpace(
        {"a": (1, 2)}, costs=lambda x: {"p": 1, "q": 2} if x["a"] == 1 else {"q": 4, "p": 3}
    )
    assert space.feature_names == ("p", "q")
    assert space.features(space.all_codes()).tolist() == [[1.0, 2.0], [3.0, 4.0]]
