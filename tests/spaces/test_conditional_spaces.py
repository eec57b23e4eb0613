import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltanas.encoding import DifferenceOfArchitectures, OneHot, Ordinal
from deltanas.errors import ArchitectureError, SpaceError
from deltanas.seeds import generator
from deltanas.spaces import ABSENT, BlockSpace, Edit, EditKind, edit_distance, edits_between
from deltanas.study import Study
from deltanas.testing import SpaceContract
from tests.spaces.conditional import cell_tower, gpt


def relu(x):
    return max(x, 0)


def gelu(x):
    return x


class TestGpt(SpaceContract):
    def make(self):
        return gpt()


class TestTower(SpaceContract):
    def make(self):
        return cell_tower()


class TestGptThatPleasesPython(SpaceContract):
    def make(self):
        return gpt(valid=lambda a: sum(a[name] for name in a if name.startswith("ratio")) < 9)


class TestLargeGpt(SpaceContract):
    def make(self):
        return gpt(layers=7)


def brute_force(space, keeps):
    """Every assignment, absent ones too, that a plain Python function accepts."""
    columns = [[(ABSENT, None), *enumerate(each.options)] for each in space.decisions]
    names = [each.name for each in space.decisions]
    for row in itertools.product(*columns):
        there = {
            name: option for name, (code, option) in zip(names, row, strict=True) if code != ABSENT
        }
        if keeps(there):
            yield tuple(code for code, _ in row)


def keeps_gpt(there):
    if not {"width", "depth"} <= there.keys():
        return False
    for layer in (1, 2):
        names = {f"heads {layer}", f"ratio {layer}"}
        if (there.keys() & names) != (names if there["depth"] >= layer else set()):
            return False
        if f"heads {layer}" in there and there["width"] % there[f"heads {layer}"]:
            return False
    return True


def keeps_tower(there):
    kind = there.get("kind", "-")
    return (
        {"scale", "attention", "act"} <= there.keys()
        and ("kind" in there) == there["attention"]
        and ("window" in there) == (kind in ("local", "mixed"))
        and not (there.get("window") == 7 and there["scale"] == "small")
        and not (there["act"] is None and kind in ("global", "mixed"))
    )


@pytest.mark.parametrize(
    ("space", "keeps"), [(gpt(layers=2), keeps_gpt), (cell_tower(), keeps_tower)]
)
def test_valid_codes_are_those_that_brute_force_finds(space, keeps):
    found = list(brute_force(space, keeps))
    assert sorted(map(tuple, space.all_codes().tolist())) == sorted(found)
    assert space.all_codes().tolist() == sorted(space.all_codes().tolist())
    assert space.size == len(found)
    every = itertools.product(*(range(-1, len(each.options)) for each in space.decisions))
    codes = np.array(list(every), dtype=np.int32)
    assert set(map(tuple, codes[space.are_valid(codes)].tolist())) == set(found)


def test_the_size_worked_by_hand():
    # Width 12 has 3 heads, 16 has one; two ratios each: a layer has 6 or 2 possibilities.
    # Depth 1 to 3: 6 + 36 + 216 and 2 + 4 + 8.
    assert gpt().size == 258 + 14


def test_a_space_of_10_to_the_35_is_counted_exactly():
    # 3 widths x 2 biases; 34 to 36 layers of 3 x 3 choices each.
    options = {"width": (1, 2, 3), "bias": (True, False), "depth": (34, 35, 36)}
    names = [f"{each} {layer}" for layer in range(1, 37) for each in ("heads", "ratio")]
    options |= dict.fromkeys(names, (2, 3, 4))
    conditions = {name: f"depth >= {name.split()[1]}" for name in names}
    space = BlockSpace(options, conditions=conditions)
    assert space.size == 6 * (9**34 + 9**35 + 9**36)
    (code,) = space.sample_codes(1, generator(0, "size"))
    # 2 + 1 + 2 x 34 decisions change alone; the depth has 2 other values, filled in 3 ways
    # at most. So from 71 x 2 up.
    parents, children = space.children(code[None])
    assert 2 * 70 <= len(children) <= 2 * 75 + 4
    assert set(parents.tolist()) == {0}


@pytest.mark.parametrize("space", [gpt(layers=2), cell_tower()])
def test_samples_are_uniform_over_valid_architectures(space):
    # 100 draws for each; chi-square is below its mean plus 4 deviations almost always.
    drawn = Counter(each.code for each in space.sample(100 * space.size, generator(1, "uniform")))
    chi = sum((drawn[tuple(code)] - 100) ** 2 / 100 for code in space.all_codes().tolist())
    degrees = space.size - 1
    assert chi < degrees + 4 * np.sqrt(2 * degrees)
    assert sum(drawn.values()) == 100 * space.size


def test_samples_are_uniform_where_rules_are_too_dense_to_be_counted():
    # Every two of 12 decisions with 6 options differ in parity or sum up: no small tables.
    names = [f"d{place}" for place in range(12)]
    rules = [f"{a} + {b} != 10" for a, b in itertools.combinations(names, 2)]
    space = BlockSpace(dict.fromkeys(names, tuple(range(6))), rules=rules)
    assert not space.constraints.is_exact
    codes = space.sample_codes(300, generator(2, "dense"))
    assert space.are_valid(codes).all()
    # At most one decision is 5: P(none) = (5/6)^12 : 12/6 (5/6)^11 = 5 : 12.
    share = np.mean((codes == 5).sum(axis=1) == 0)
    assert share == pytest.approx(5 / 17, abs=0.1)


def test_another_depth_is_one_edit_that_brings_its_layers():
    space = gpt()
    shallow = space.architecture({"width": 16, "depth": 1, "heads 1": 4, "ratio 1": 2})
    deeper = [(e, child) for e, child in space.neighbours(shallow) if e.decision == "depth"]
    # Only 4 heads divide 16, which is the middle filling: ratio 4 is the last of two there.
    assert {child["depth"] for _, child in deeper} == {2, 3}
    edit, child = next(each for each in deeper if each[1]["depth"] == 2)
    assert edit.words == f"depth: 1 → 2 (adds heads 2=4, ratio 2={child['ratio 2']})"
    assert [each.kind for each in edit.along] == [EditKind.APPEAR, EditKind.APPEAR]
    assert edit.invert().words == "depth: 2 → 1 (drops heads 2, ratio 2)"
    assert space.apply(edit.invert(), child) == shallow


def test_what_appears_beyond_three_decisions_is_counted_in_words():
    space = gpt()
    shallow = space.architecture({"width": 16, "depth": 1, "heads 1": 4, "ratio 1": 2})
    words = [edit.words for edit in space.edits(shallow) if edit.after == 3]
    assert words
    assert all(each.endswith(" and 1 more)") for each in words)


def test_a_bare_edit_is_completed():
    space = gpt()
    shallow = space.architecture({"width": 12, "depth": 1, "heads 1": 4, "ratio 1": 2})
    assert space.apply(Edit("depth", 1, 2), shallow)["heads 2"] == 3
    with pytest.raises(ArchitectureError, match="leads out of space"):
        space.apply(Edit("width", 12, 16), space.apply(Edit("heads 1", 4, 6), shallow))


def test_new_decisions_find_a_choice_that_the_rules_leave():
    # Neither the first, the middle nor the last options of both go together: one is sought.
    space = BlockSpace(
        {"on": (False, True), "a": (1, 2, 3), "b": (1, 2, 3)},
        conditions={"a": "on", "b": "on"},
        rules=["a != b"],
    )
    (child,) = [child for _, child in space.neighbours(space.architecture({"on": False}))]
    assert dict(child) == {"on": True, "a": 1, "b": 2}


def test_conditions_on_conditions_vanish_together():
    space = cell_tower()
    choices = {"scale": "large", "attention": True, "kind": "local", "window": 7, "act": "relu"}
    full = space.architecture(choices)
    edits = {edit.decision: edit for edit in space.edits(full) if edit.along}
    assert edits["attention"].words == "attention: True → False (drops kind, window)"
    assert edits["kind"].words == "kind: local → global (drops window)"


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_edits_lead_from_any_architecture_to_any_other(seed):
    space = cell_tower() if seed % 2 else gpt()
    one, other = space.sample(2, generator(seed, "pair"))
    edits = edits_between(space.decisions, one.code, other.code)
    codes = np.array([one.code, other.code], dtype=np.int32)
    assert len(edits) == edit_distance(codes[:1], codes[1:])[0]
    code = one.code
    for edit in edits:
        code = edit.apply(space.decisions, code)
    assert code == other.code
    for edit in reversed(edits):
        code = edit.invert().apply(space.decisions, code)
    assert code == one.code


def test_absent_decisions_have_columns_of_zeros():
    space = gpt(layers=2)
    shallow = space.architecture({"width": 12, "depth": 1, "heads 1": 6, "ratio 1": 2})
    deeper = space.apply(Edit("depth", 1, 2), shallow)
    codes = np.array([shallow.code, deeper.code], dtype=np.int32)
    encoding = OneHot(space)
    rows = encoding.encode(codes)
    mine = [k for k, name in enumerate(encoding.names) if name.split("=")[0].endswith(" 2")]
    assert not rows[0, mine].any()
    difference = DifferenceOfArchitectures(encoding).encode(codes[:1], codes[1:]).toarray()[0]
    shown = {encoding.names[k]: difference[k] for k in np.flatnonzero(difference)}
    assert shown == {"depth=1": -1, "depth=2": 1, "heads 2=3": 1, "ratio 2=2": 1}
    ordinal = Ordinal(space)
    places = dict(zip(ordinal.names, ordinal.encode(codes)[0], strict=True))
    # 6 is the largest number of heads: 1. The second layer is absent: 0.
    assert places == {"heads 1": 1.0, "heads 2": 0.0}


def test_an_architecture_that_breaks_something_is_told_what():
    space = gpt(layers=2)
    for choices, words in (
        ({"width": 12, "depth": 2, "heads 1": 3, "ratio 1": 2}, "chooses nothing for 'heads 2'"),
        (
            {"width": 12, "depth": 1, "heads 1": 3, "ratio 1": 2, "ratio 2": 2},
            "there is no 'ratio 2', because it exists only if depth >= 2",
        ),
        (
            {"width": 16, "depth": 1, "heads 1": 3, "ratio 1": 2},
            "it breaks the rule 'heads 1 divides width'",
        ),
    ):
        with pytest.raises(ArchitectureError, match=words):
            space.architecture(choices)
    with pytest.raises(ArchitectureError, match=r"has the forbidden \"act=None, kind="):
        cell_tower().architecture(
            {"scale": "small", "attention": True, "kind": "global", "act": None}
        )


def _raises(depth):
    raise ZeroDivisionError(f"depth {depth}")


OPTIONS = {"depth": (1, 2, 3), "act": ("relu", "gelu"), "heads 1": (2, 4), "heads 2": (2, 4)}


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ({"conditions": {"head": "depth > 1"}}, "about 'head', which is no decision"),
        ({"conditions": {"act": "dept > 1"}}, "'dept', which is no decision; did you mean 'depth'"),
        ({"conditions": {"act": "depth >"}}, "condition of 'act' .* cannot be read, got 'depth >'"),
        ({"conditions": {"act": "depth ? 1"}}, r"cannot be read at '\? 1' in 'depth \? 1'"),
        ({"rules": ["1 < 2"]}, "names no decision, got '1 < 2'"),
        ({"rules": [7]}, "is a text, or the names of decisions and a function .* got 7"),
        ({"rules": ["act >= 7"]}, r"'act >= 7', raised TypeError for act='relu'"),
        ({"rules": [("depth", _raises)]}, "raised ZeroDivisionError for depth=1: depth 1"),
        ({"rules": ["depth + 1"]}, r"must be True or False, got 2 for depth=1"),
        ({"conditions": {"act": "act == 'relu'"}}, "circle 'act' → 'act'"),
        (
            {
                "conditions": {
                    "heads 1": "heads 2 == 2",
                    "heads 2": "act == 'relu'",
                    "act": "heads 1 == 2",
                }
            },
            r"circle 'heads 2' → 'act' → 'heads 1' → 'heads 2'|circle 'act' → |circle 'heads 1' → ",
        ),
        ({"rules": ["depth > 1", "act == 'relu'", "depth < 2"]}, "is empty, .* 'depth"),
        ({"conditions": {"act": "depth > 3"}}, "'act' .* in no architecture: .*'depth > 3' holds"),
        (
            {
                "conditions": {"heads 1": "depth == 1", "heads 2": "heads 1 == 2 and depth == 2"},
            },
            "decision 'heads 2' of space 'x' exists in no architecture",
        ),
        (
            {"conditions": {"act": "depth > 2"}, "rules": ["depth < 3"]},
            "'act' of space 'x' exists in no architecture: .* leave the decision out",
        ),
        ({"forbidden": [{"depth": 9}]}, "has depth=9, which is no option; its options are 1, 2, 3"),
        ({"forbidden": [{"dept": 1}]}, "names 'dept', which is no decision"),
        ({"forbidden": ["depth"]}, "is a mapping from decisions to options, got 'depth'"),
        ({"valid": lambda a: a["depth"] > 3}, "valid accepts, it refused all"),
        ({"valid": lambda a: _raises(a["depth"])}, "valid of space 'x' raised ZeroDivisionError"),
        ({"costs": lambda a: _raises(a["depth"])}, "costs of space 'x' raised ZeroDivisionError"),
    ],
)
def test_what_cannot_be_is_refused_before_a_search(description, words):
    with pytest.raises(SpaceError, match=words):
        BlockSpace(OPTIONS, name="x", **description)


def test_a_decision_that_exists_in_one_of_10_000_architectures_is_one():
    names = ["a", "b", "c", "d"]
    space = BlockSpace(
        dict.fromkeys(names, tuple(range(10))) | {"rare": (1, 2)},
        conditions={"rare": " and ".join(f"{name} == 7" for name in names)},
    )
    assert space.size == 10_000 - 1 + 2


def test_only_the_rules_that_contradict_each_other_are_named():
    with pytest.raises(SpaceError) as refused:
        BlockSpace(OPTIONS, rules=["depth > 1", "act == 'relu'", "depth < 2"])
    assert "'depth < 2'" in str(refused.value)
    assert "'depth > 1'" in str(refused.value)
    assert "relu" not in str(refused.value)


def test_a_million_options_are_refused_at_once():
    with pytest.raises(SpaceError, match=r"'lr' has 1,000,000 options, more than the 1,000"):
        BlockSpace({"lr": range(1_000_000)})
    with pytest.raises(SpaceError, match="30,000 options in all its decisions"):
        BlockSpace({f"d{place}": range(1_000) for place in range(30)})


def test_a_rule_about_too_many_combinations_is_refused():
    options = {f"d{place}": tuple(range(100)) for place in range(3)}
    with pytest.raises(SpaceError, match=r"1,030,301 combinations of d0, d1, d2, more than"):
        BlockSpace(options, rules=["d0 + d1 == d2"])


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("a divides b", (3, 12), True),
        ("a divides b // 2", (4, 12), False),
        ("not a == 3 or b in [11, 12]", (3, 12), True),
        ("1 < a < b / 2 - 1.5 and a != 5", (3, 12), True),
        ("`a` * 4 == b and b % 5 == 2", (3, 12), True),
        ("-a < b <= 1e1", (3, 12), False),
        ("a not in [1, 2] and b != 12", (3, 12), False),
    ],
)
def test_rules_in_text_are_read_as_a_person_does(text, values, answer):
    made = BlockSpace(
        {"a": (values[0], 100), "b": (values[1], 100), "c": (0, 1), "always": (True, False)},
        conditions={"c": f"always or ({text})"},
    )
    # Not always, then the first options of both.
    assert bool(made.constraints.existence[2].table[2, 1, 1]) == answer


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.real == 1", "(lambda: a)() == 1", "a if a else a"]
)
def test_text_is_never_executed(text):
    with pytest.raises(SpaceError, match=r"cannot be read|no decision|raised TypeError"):
        BlockSpace({"a": (1, 2)}, rules=[text])


def test_the_fingerprint_tells_rules_apart():
    assert gpt().fingerprint() == gpt().fingerprint()
    other = BlockSpace({"a": (1, 2), "b": (1, 2)}, rules=["a < b"])
    assert other.fingerprint() != BlockSpace({"a": (1, 2), "b": (1, 2)}).fingerprint()
    assert '"rules": ["a < b"]' in other.fingerprint()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("kernel != (3, 3)", r"a list stands behind `in` only; .* is '\(3, 3\)', in quotes"),
        ("d == 1 or kernel == (3, 3)", "a list stands behind `in` only"),
        ("kernel in [(3, 3)]", "a list stands behind `in` only"),
        ("act != 'Relu'", "compares 'act' with 'Relu', which is no option; .* 'relu', 'gelu'"),
        ("d == 1 or 'gelo' == act", "compares 'act' with 'gelo', which is no option"),
        ("act not in ['relu', 'selu']", "compares 'act' with 'selu', which is no option"),
        ("d == '1'", "compares 'd' with '1', which is no option; its options are 1, 2"),
    ],
)
def test_rules_that_could_never_apply_are_refused(rule, words):
    with pytest.raises(SpaceError, match=words):
        BlockSpace({"kernel": ((3, 3), (5, 5)), "act": ("relu", "gelu"), "d": (1, 2)}, rules=[rule])


def test_rules_know_tuples_by_their_labels():
    options = {"kernel": ((3, 3), (5, 5)), "d": (1, 2)}
    assert BlockSpace(options, rules=["kernel != '(3, 3)'"]).size == 2
    assert BlockSpace(options, rules=["kernel in ['(3, 3)', '(5, 5)'] and d < 2"]).size == 2
    assert BlockSpace(options, rules=["'3, 3' in kernel"]).size == 2


@pytest.mark.parametrize(
    ("options", "option", "stored"),
    [
        ((relu, gelu), relu, "relu"),
        ((np.int64(16), np.int64(32)), np.int64(16), 16),
        (((3, 3), (5, 5)), (3, 3), "(3, 3)"),
        ((16, 32), [16], [16]),
    ],
)
def test_forbidden_options_are_stored_by_what_json_carries(tmp_path, options, option, stored):
    space = BlockSpace({"x": options, "d": (1, 2)}, forbidden=[{"x": option, "d": 1}])
    assert space.constraints.record()["forbidden"] == [{"x": stored, "d": 1}]
    with Study(space, lambda _: 0.5, storage=tmp_path / "study.db") as study:
        study.run(3)
    assert Study.open(tmp_path / "study.db").space.size == 3
