import dataclasses

import pytest

from deltanas.errors import ReportError
from deltanas.records import History
from deltanas.report import sentences, standing, summarize


def test_numbers_of_a_small_study(summary):
    assert summary.best.number == 3
    assert summary.best_accuracy == 0.73
    assert (summary.ended, summary.failed, summary.found_after) == (5, 1, 4)
    assert [curve.name for curve in summary.references] == ["regularized-evolution", "random"]
    assert len(summary.changes) == 3
    assert summary.effects.pairs == 4


def test_standing_among_all_architectures(subject, space, table):
    # Means: .60 .61 .70 .73 .80 .50, so 0.73 is second and 0.07 below the best.
    found = standing(table, space.architecture({"width": 16, "act": "gelu"}))
    assert found.accuracy == pytest.approx(0.73)
    assert (found.rank, found.size) == (2, 6)
    assert found.regret == pytest.approx(0.07)
    assert found.test_accuracy == 0.54
    # Two of six are as good: at place 1, 2, 3, 4, 5 with 5, 4, 3, 2, 1 of 15: median 2.
    assert found.random_draws == 2
    assert standing(None, space.architecture({"width": 16, "act": "gelu"})) is None


def test_a_method_is_not_compared_with_itself(subject):
    summary = summarize(dataclasses.replace(subject, method="random"))
    assert [curve.name for curve in summary.references] == ["regularized-evolution"]


def test_without_a_table_there_is_only_the_studys_own_curve(subject):
    summary = summarize(dataclasses.replace(subject, table=None))
    assert summary.references == ()
    assert summary.standing is None
    assert summary.subject.name == "small"
    assert sentences.saved_words(summary) is None


@pytest.mark.parametrize("accuracies", [[], [None, None]])
def test_nothing_finished_is_nothing_to_report(subject, trial, accuracies):
    acts = ("relu", "gelu")
    trials = [trial(i, 8, acts[i], accuracy) for i, accuracy in enumerate(accuracies)]
    with pytest.raises(ReportError, match=r"at least one trial that finished.*run the search"):
        summarize(dataclasses.replace(subject, history=History(trials)))


def test_sentences_say_what_the_numbers_say(summary):
    assert sentences.title(summary) == "73.00 % after 5 evaluations"
    assert sentences.rank_words(summary.standing) == "rank 2 of 6, 7.00 points below the optimum"
    assert sentences.convergence_title(summary) == (
        "delta-evolution reached 73.00 % after 5 evaluations: rank 2 of 6"
    )
    assert sentences.changes_title(summary) == (
        "The direction was predicted right for 67 % of 3 proposals"
    )
    assert sentences.changes_words(summary).startswith("Mean error 4.00 points; Kendall's tau 1.00")
    # Found after 4, random search needs 2: nothing was saved, and nothing is claimed.
    assert sentences.saved_words(summary) == (
        "found after 4 evaluations; random search needs 2 (median) for one as good"
    )


def test_saved_trainings_are_those_that_random_search_needs_more(summary):
    lucky = dataclasses.replace(summary, found_after=1)
    assert sentences.saved_words(lucky).endswith("for one as good: 1 training saved")


def test_the_optimum_is_named(subject, trial):
    history = History([trial(0, 32, "relu", 0.80)])
    summary = summarize(dataclasses.replace(subject, history=history))
    assert sentences.rank_words(summary.standing) == "rank 1 of 6: the optimum of the table"
    assert sentences.convergence_title(summary).endswith("after 1 evaluation: the best of all 6")


def test_no_edit_is_praised_without_an_interval(summary):
    assert "No kind of edit clearly helped" in sentences.effects_title(summary.effects)
