import json
from collections import Counter

import numpy as np
import pytest

from deltanas.errors import ArchitectureError, EditError, SpaceError
from deltanas.seeds import generator
from deltanas.spaces import ABSENT, BlockSpace, Decision, Edit, NasBench201, SearchSpace


class Stack(SearchSpace):
    """One to three layers: the width of a layer beyond the depth is absent; 3 + 9 + 27 codes.

    Layers may come in any order, so the sorted widths are the network.
    """

    def __init__(self):
        widths = [Decision(f"width {layer}", (16, 32, 64)) for layer in (1, 2, 3)]
        super().__init__("stack", [Decision("depth", (1, 2, 3)), *widths], size=39)

    def are_valid(self, codes):
        layers = np.arange(1, 4)
        here = layers[None, :] <= codes[:, :1] + 1
        return np.all((codes[:, 1:] != ABSENT) == here, axis=1)

    def keys(self, codes):
        return [
            "-".join(sorted(str(width) for width in code[1:] if width != ABSENT))
            for code in codes.tolist()
        ]

    def sample_codes(self, n, rng):
        codes = rng.integers(0, 3, size=(n, 4)).astype(np.int32)
        codes[:, 1:][np.arange(3) > codes[:, :1]] = ABSENT
        return codes

    def features(self, codes):
        return np.zeros((len(codes), 0))


SPACE = BlockSpace({"depth": (2, 4, 6), "act": ("relu", "gelu")}, name="mlp")


def test_all_codes_count_with_the_last_decision_fastest():
    assert SPACE.all_codes().tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]


def test_many_decisions_of_one_option_can_be_listed():
    # More decisions than numpy has dimensions.
    space = BlockSpace({f"d{place}": (0,) if place else (0, 1) for place in range(80)})
    assert len(space.all_codes()) == space.size == 2


def test_a_large_space_is_not_listed():
    space = BlockSpace({f"d{place}": (0, 1) for place in range(18)})
    assert not space.is_enumerable
    with pytest.raises(SpaceError, match=r"has 2.62e\+05 architectures, .* sample it instead"):
        space.all_codes()


def test_children_worked_by_hand():
    # depth 4 -> 6, 2 and relu -> gelu.
    parents, children = SPACE.children(np.array([[1, 0], [2, 1]], dtype=np.int32))
    assert parents.tolist() == [0, 0, 0, 1, 1, 1]
    assert sorted(children[:3].tolist()) == [[0, 0], [1, 1], [2, 0]]
    assert sorted(children[3:].tolist()) == [[0, 1], [1, 1], [2, 0]]


def test_neighbours_leave_out_the_same_network():
    stack = Stack()
    (architecture,) = stack.from_codes(np.array([[1, 0, 2, ABSENT]], dtype=np.int32))
    words = {edit.words: child.key for edit, child in stack.neighbours(architecture)}
    assert architecture.key == "0-2"
    assert words == {
        "width 1: 16 → 32": "1-2",
        "width 1: 16 → 64": "2-2",
        "width 2: 64 → 16": "0-0",
        "width 2: 64 → 32": "0-1",
    }
    assert stack.edits(architecture) == [edit for edit, _ in stack.neighbours(architecture)]


def test_absent_decisions_survive_text_and_json():
    stack = Stack()
    for architecture in stack.sample(20, generator(1, "stack")):
        assert stack.read(stack.write(architecture)) == architecture
        assert stack.from_json(architecture.to_json()) == architecture
    (short,) = stack.from_codes(np.array([[0, 2, ABSENT, ABSENT]], dtype=np.int32))
    assert stack.write(short) == "depth=1, width 1=64"


def test_an_architecture_is_made_from_options_or_labels():
    made = SPACE.architecture({"act": "gelu", "depth": 6})
    assert made.code == (2, 1)
    assert made in SPACE


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"depth": 2, "width": 3}, r"space 'mlp' has no decision 'width'; .* depth, act"),
        ({"depth": 3, "act": "relu"}, r"'depth' of space 'mlp' has no option 3; .* 2, 4, 6"),
        ({"depth": True, "act": "relu"}, r"has no option True"),
        ({"depth": [2], "act": "relu"}, r"has no option \[2\]"),
        ({"depth": 2}, r"not a valid architecture .* it chooses nothing for act"),
    ],
)
def test_choices_that_do_not_fit_are_refused(choices, words):
    with pytest.raises(ArchitectureError, match=words):
        SPACE.architecture(choices)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "stored as JSON with 'space' and 'decisions', got ''"),
        ("[1, 2]", r"stored as JSON .* got '\[1, 2\]'"),
        ('{"space": "mlp"}', "stored as JSON .*'decisions'"),
        ('{"space": "mlp", "decisions": 7}', "stored as JSON"),
        ('{"space": "cnn", "decisions": {}}', "space 'mlp', got one of 'cnn'"),
        ('{"space": "mlp", "decisions": {"depth": 3, "act": "relu"}}', "has no option 3"),
    ],
)
def test_json_that_is_no_architecture_is_refused(text, words):
    with pytest.raises(ArchitectureError, match=words):
        SPACE.from_json(text)


def test_an_edit_out_of_the_space_is_refused():
    stack = Stack()
    (architecture,) = stack.from_codes(np.array([[1, 0, 2, ABSENT]], dtype=np.int32))
    with pytest.raises(ArchitectureError, match=r"'depth: 2 → 3' leads out of space 'stack'"):
        stack.apply(Edit("depth", 2, 3), architecture)


def test_an_edit_of_another_architecture_is_refused():
    with pytest.raises(EditError, match="expects 2 at 'depth', found 6"):
        SPACE.apply(Edit("depth", 2, 4), SPACE.architecture({"depth": 6, "act": "relu"}))


def test_membership_asks_for_the_same_decisions():
    other = BlockSpace({"depth": (2, 4, 8), "act": ("relu", "gelu")}, name="mlp")
    member = other.architecture({"depth": 2, "act": "relu"})
    assert member in other
    assert member not in SPACE
    assert member not in NasBench201()
    assert "mlp" not in SPACE


def test_iterating_gives_every_architecture_once():
    assert Counter(architecture.code for architecture in SPACE) == Counter(
        map(tuple, SPACE.all_codes().tolist())
    )


def test_sampling_nothing_gives_nothing():
    assert SPACE.sample(0, generator(0, "test")) == []


def test_the_fingerprint_names_what_makes_the_space():
    assert json.loads(SPACE.fingerprint()) == {
        "name": "mlp",
        "decisions": [["depth", 2, 4, 6], ["act", "relu", "gelu"]],
    }
    assert repr(SPACE) == "BlockSpace('mlp', 2 decisions)"


def test_a_space_needs_decisions_with_different_names():
    class Any(Stack):
        def __init__(self, decisions):
            SearchSpace.__init__(self, "any", decisions, size=1)

    with pytest.raises(SpaceError, match="space 'any' has no decisions; give at least one"):
        Any([])
    with pytest.raises(SpaceError, match="space 'any' has two decisions named 'a'; rename one"):
        Any([Decision("a", (1,)), Decision("b", (1,)), Decision("a", (2,))])
