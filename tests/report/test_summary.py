import dataclasses

import numpy as np
import pytest

from deltanas.benchmarks import Surrogate
from deltanas.errors import ReportError
from deltanas.records import History
from deltanas.report import sentences, standing, summarize
from deltanas.report.page import page


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


def test_a_random_start_has_saved_nothing(summary):
    proposal = dataclasses.replace(summary.best.proposal, parent=None)
    start = dataclasses.replace(summary.best, proposal=proposal)
    lucky = dataclasses.replace(summary, found_after=1, best=start)
    assert sentences.saved_words(lucky).endswith("random search needs 2 (median) for one as good")


def test_the_optimum_is_named(subject, trial):
    history = History([trial(0, 32, "relu", 0.80)])
    summary = summarize(dataclasses.replace(subject, history=history))
    assert sentences.rank_words(summary.standing) == "rank 1 of 6: the optimum of the table"
    assert sentences.convergence_title(summary).endswith("after 1 evaluation: the best of all 6")


def test_no_edit_is_praised_without_an_interval(summary):
    assert "No kind of edit clearly helped" in sentences.effects_title(summary)


@pytest.fixture
def modelled(subject, space):
    """The same study, answered by a model that is the table's means; random ones are known."""
    means = np.array([0.60, 0.61, 0.70, 0.73, 0.80, 0.50])
    model = Surrogate(
        name="small:model",
        space=space,
        citation="Nobody, A Model, 2026",
        licence="none",
        model=lambda codes: means[2 * codes[:, 0] + codes[:, 1]],
        error="off by 2 points",
        best_known=0.81,
        best_known_by="luck",
    )
    return summarize(dataclasses.replace(subject, table=model))


def test_where_a_model_answers_the_best_known_and_random_ones_are_compared_with(modelled):
    found = modelled.estimated
    assert modelled.standing is None
    assert found.accuracy == pytest.approx(0.73)
    assert found.regret == pytest.approx(0.08)
    # Of six architectures four are worse; of 20,000 random ones, so many in so many.
    assert found.beaten / found.sample == pytest.approx(4 / 6, abs=0.02)
    # Two draws are both worse with probability 4/9, less than half.
    assert found.random_draws == 2
    assert [curve.name for curve in modelled.references] == ["regularized-evolution", "random"]
    assert sentences.known_words(found) == "8.00 points below the best known, 81.000 %"
    assert sentences.sample_words(found).startswith("better than 6")
    assert "8.00 points below the best known" in sentences.convergence_title(modelled)
    assert sentences.saved_words(modelled).startswith("found after 4 evaluations; random search")


def test_a_new_best_is_said_to_be_above_the_best_known(modelled):
    better = dataclasses.replace(modelled.estimated, accuracy=0.815, beaten=20_000)
    assert sentences.known_words(better) == "0.50 points above the best known, 81.000 %"
    assert sentences.sample_words(better) == "better than all of 20,000 random architectures"
    assert better.random_draws is None
    summary = dataclasses.replace(modelled, estimated=better)
    assert sentences.saved_words(summary).endswith("random search needs far more")


def test_the_page_says_that_a_model_answered_and_how_wrong_it_is(modelled):
    text = page(modelled, [])
    assert "below the best known" in text
    assert "off by 2 points" in text
    assert "rank in the table" not in text
