"""What every search space promises, as tests to inherit."""

import itertools
from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import Int

from deltanas.errors import EditError
from deltanas.seeds import generator
from deltanas.spaces import (
    ABSENT,
    Architecture,
    Codes,
    Edit,
    SearchSpace,
    as_one,
    codes_of,
    edit_distance,
    edits_between,
)

SAMPLES = 12
"""Architectures that each test looks at; a test stays within a second on large spaces."""


class SpaceContract(ABC):
    """The promises of `SearchSpace`, for pytest.

    Inherit and say how to make the space; every test runs on it:

        class TestMySpace(SpaceContract):
            def make(self) -> SearchSpace:
                return MySpace(layers=3)

    The name of the subclass must start with `Test`, as pytest wants it.
    """

    @abstractmethod
    def make(self) -> SearchSpace:
        """A fresh space; each call gives an equal one."""

    def samples(self) -> list[Architecture]:
        """A few architectures, the same in every run."""
        return self.make().sample(SAMPLES, generator(0, "space contract"))

    def test_samples_are_members_of_the_space(self) -> None:
        space = self.make()
        codes = space.sample_codes(SAMPLES, generator(1, "space contract"))
        assert codes.shape == (SAMPLES, len(space.decisions))
        assert space.are_valid(codes).all(), "sample_codes() gave a code that are_valid() refuses"
        assert all(architecture in space for architecture in self.samples())

    def test_equal_generators_give_equal_samples(self) -> None:
        first, second = (
            self.make().sample(SAMPLES, generator(2, "space contract")) for _ in range(2)
        )
        other = self.make().sample(SAMPLES, generator(3, "space contract"))
        assert first == second
        assert first != other or self.make().size == 1, "every generator gives the same samples"

    def test_neighbours_are_valid_other_networks_one_edit_away(self) -> None:
        space = self.make()
        for architecture in self.samples():
            for edit, child in space.neighbours(architecture):
                assert child in space
                assert child.key != architecture.key, f"{edit.words} leads to the same network"
                edits = edits_between(space.decisions, architecture.code, child.code)
                assert as_one(edits) == edit
                assert len(edits) == 1 or space.constraints is not None

    def test_children_are_all_valid_codes_with_one_other_option(self) -> None:
        space = self.make()
        codes = codes_of(self.samples())
        parents, children = space.children(codes)
        found = found_in(parents, children)
        expected = []
        for row, code in enumerate(codes.tolist()):
            for place, decision in enumerate(space.decisions):
                for option in range(len(decision.options)):
                    child = [*code[:place], option, *code[place + 1 :]]
                    valid = space.are_valid(np.array([child], dtype=np.int32))[0]
                    if code[place] not in (ABSENT, option) and valid:
                        expected.append((row, tuple(child)))
        alike = ((children == ABSENT) == (codes[parents] == ABSENT)).all(axis=1)
        alone = alike & (edit_distance(codes[parents], children) == 1)
        plain = list(itertools.compress(found, alone))
        assert sorted(plain) == sorted(expected)
        assert len(set(found)) == len(found), "a child twice"
        assert space.are_valid(children).all()

    def test_edits_make_decisions_appear_and_vanish_as_one(self) -> None:
        space = self.make()
        codes = codes_of(self.samples())
        parents, children = space.children(codes)
        distance = edit_distance(codes[parents], children)
        # An edit that would break a rule takes one or two more choices along.
        most = 3 if space.constraints is not None and space.constraints.rules else 1
        assert ((distance >= 1) & (distance <= most)).all()
        parents, children = parents[distance == 1], children[distance == 1]
        if space.constraints is None or not space.is_enumerable:
            return
        everything = space.all_codes()
        for row, code in enumerate(codes):
            near = everything[edit_distance(everything, code) == 1]
            wanted = {changed(code, other) for other in near}
            made = {changed(code, other) for other in children[parents == row]}
            assert made == wanted, "a choice that can be made by one edit is made by no child"

    def test_every_edit_can_be_taken_back(self) -> None:
        space = self.make()
        for architecture in self.samples():
            for edit, child in space.neighbours(architecture):
                assert space.apply(edit, architecture) == child
                assert edit.invert().apply(space.decisions, child.code) == architecture.code

    def test_an_edit_that_does_not_fit_is_refused(self) -> None:
        space = self.make()
        for architecture in self.samples():
            for edit in (
                Edit("no such decision", None, None),
                Edit(space.decisions[0].name, "no such option", None),
            ):
                try:
                    space.apply(edit, architecture)
                except EditError:
                    continue
                raise AssertionError(f"{edit!r} was applied to {architecture!r}")

    def test_keys_do_not_depend_on_the_batch(self) -> None:
        codes = codes_of(self.samples())
        together = self.make().keys(codes)
        apart = [self.make().keys(codes[row : row + 1])[0] for row in reversed(range(len(codes)))]
        assert together == apart[::-1]

    def test_features_are_finite_and_equal_for_equal_networks(self) -> None:
        space = self.make()
        codes = codes_of(self.samples())
        codes = np.concatenate([codes, space.children(codes)[1]])
        features = space.features(codes)
        assert features.shape == (len(codes), len(space.feature_names))
        assert np.isfinite(features).all()
        first: dict[str, int] = {}
        for row, key in enumerate(space.keys(codes)):
            np.testing.assert_allclose(features[row], features[first.setdefault(key, row)])

    def test_text_and_json_are_read_back(self) -> None:
        space = self.make()
        for architecture in self.samples():
            assert space.read(space.write(architecture)) == architecture
            assert space.read(architecture.to_json()) == architecture
            assert space.from_json(architecture.to_json()).key == architecture.key

    def test_size_counts_all_codes(self) -> None:
        space = self.make()
        if space.is_enumerable:
            codes = space.all_codes()
            assert len(np.unique(codes, axis=0)) == len(codes) == space.size
            assert space.are_valid(codes).all()

    def test_two_makes_describe_the_same_space(self) -> None:
        assert self.make().fingerprint() == self.make().fingerprint()


def found_in(
    parents: Int[np.ndarray, " children"], children: Codes
) -> list[tuple[int, tuple[int, ...]]]:
    """Row of the parent and code of each child."""
    return [
        (row, tuple(code)) for row, code in zip(parents.tolist(), children.tolist(), strict=True)
    ]


def changed(
    before: Int[np.ndarray, " decisions"], after: Int[np.ndarray, " decisions"]
) -> tuple[int, int]:
    """The first decision that both have and choose otherwise, and what is chosen then."""
    both = (before != ABSENT) & (after != ABSENT)
    place = int(np.argmax((before != after) & both))
    return place, int(after[place])
