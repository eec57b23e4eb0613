"""Searches where a model answers: nobody knows the best, and the screen says so."""

import pytest

from deltanas.benchmarks import Surrogate
from deltanas.cli import asked, closing, show


@pytest.fixture
def model(small, run, monkeypatch):
    """The small table's means as a model, in place of the table."""
    found = Surrogate(
        name="small:model",
        space=small.space,
        citation="Nobody, A Model, 2026",
        licence="none",
        model=lambda codes: 0.5 + (0.08 * codes[:, 0] + 0.04 * codes[:, 1] + 0.01 * codes[:, 2]),
        error="off by 2 points",
        best_known=0.8,
        best_known_by="adding up",
    )
    assert run
    for place in (asked, closing, show):
        monkeypatch.setattr(place, "load", lambda _: found)
    return found


def test_a_search_ends_with_the_distance_to_the_best_known(run, model):
    said = run("search", "small:model", "--budget", "6", "--method", "random", "--plain").output
    # .5 + 2 x .08 + 3 x .04 + 2 x .01 is the best of all 36 architectures.
    assert "% validation, said by a model" in said
    assert "points below the best known, 80.000 %" in said
    assert "better than" in said
    assert model.name in said
    again = run("report", "runs/small-model-random-0.db").output
    assert "report.html" in again
