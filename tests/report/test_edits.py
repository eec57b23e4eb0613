import numpy as np
import pytest
from scipy.stats import t

from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.report.edits import effects
from deltanas.spaces import BlockSpace, CellSpace, NasBench201
from deltanas.study import Study


def evaluated(space, *rows):
    return History(
        Trial(
            Proposal(number, space.architecture(choices)),
            Evaluation(number, Status.FINISHED, accuracy),
        )
        for number, (choices, accuracy) in enumerate(rows)
    )


def test_effects_are_means_over_pairs_in_the_helpful_direction(space, history):
    # Finished: 8 relu .60, 16 relu .70, 16 gelu .73, 8 gelu .61. Pairs one edit apart:
    # width 8→16: +.10 (relu), +.12 (gelu); act relu→gelu: +.03 (16), +.01 (8).
    found = effects(space, history)
    assert found.pairs == 4
    assert [effect.words for effect in found.edits] == ["width: 8 → 16", "act: relu → gelu"]
    assert [effect.mean for effect in found.edits] == pytest.approx([0.11, 0.02])
    assert [effect.count for effect in found.edits] == [2, 2]
    assert [effect.half_width for effect in found.edits] == [None, None]
    assert [effect.words for effect in found.decisions] == ["width", "act"]
    assert [effect.mean for effect in found.decisions] == pytest.approx([0.11, 0.02])


def test_an_edit_that_hurts_is_told_in_the_other_direction(space):
    a, b = {"width": 8, "act": "relu"}, {"width": 8, "act": "gelu"}
    found = effects(space, evaluated(space, (a, 0.7), (b, 0.4)))
    assert found.edits[0].words == "act: gelu → relu"
    assert found.edits[0].mean == pytest.approx(0.3)


def test_the_interval_is_that_of_students_t():
    space = BlockSpace({"a": (1, 2), "b": (3, 4, 5)})
    rows = [({"a": a, "b": b}, 0.1 * b + d * (a == 2)) for a in (1, 2) for b, d in
            ((3, 0.01), (4, 0.02), (5, 0.06))]  # fmt: skip
    effect = next(e for e in effects(space, evaluated(space, *rows)).edits if e.words[0] == "a")
    changes = np.array([0.01, 0.02, 0.06])
    low, high = t.interval(0.95, 2, changes.mean(), changes.std(ddof=1) / np.sqrt(3))
    assert effect.count == 3
    assert effect.mean == pytest.approx(0.03)
    assert effect.half_width == pytest.approx((high - low) / 2)
    assert not effect.is_clear  # 0.03 - 0.066 < 0


def test_decisions_with_the_same_options_are_pooled():
    space = NasBench201()
    base = dict.fromkeys((f"edge {i}→{j}" for j in (1, 2, 3) for i in range(j)), "skip_connect")
    first, second = base | {"edge 0→1": "nor_conv_3x3"}, base | {"edge 2→3": "nor_conv_3x3"}
    found = effects(space, evaluated(space, (base, 0.5), (first, 0.6), (second, 0.8)))
    assert [(e.words, e.count) for e in found.edits] == [("skip_connect → nor_conv_3x3", 2)]
    assert found.edits[0].mean == pytest.approx(0.2)
    assert [e.words for e in found.decisions] == ["edge 2→3", "edge 0→1"]


def test_edges_that_come_and_go_are_told_with_their_operation():
    space = CellSpace(1, ["conv", "pool"], on="edges")
    texts = ("conv(0); conv(1)", "conv(0); conv(0)+conv(1)", "conv(0); pool(0)+conv(1)")
    rows = [
        (dict(space.read(text)), value) for text, value in zip(texts, (0.5, 0.6, 0.8), strict=True)
    ]
    found = [(e.words, round(e.mean, 6)) for e in effects(space, evaluated(space, *rows)).edits]
    assert found == [("add edge: pool", 0.3), ("conv → pool", 0.2), ("add edge: conv", 0.1)]


def test_trials_that_a_rebuilt_space_denies_are_left_out(tmp_path):
    options = {"depth": (1, 2), "width": (8, 16), "act": ("relu", "gelu")}
    space = BlockSpace(options, conditions={"width": (["depth"], lambda depth: depth == 2)})
    with Study(space, lambda each: each["depth"] / 10, storage=tmp_path / "s.db") as study:
        study.run(6)
    rebuilt = Study.open(tmp_path / "s.db")
    whole, found = effects(space, study.history), effects(rebuilt.space, rebuilt.history)
    assert 0 < found.pairs < whole.pairs
    # Of the four deep networks, each two that differ in one choice.
    assert found.pairs == 4
