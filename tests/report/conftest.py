"""Small studies whose numbers can be worked out by hand."""

import numpy as np
import pytest

from deltanas.benchmarks import Benchmark
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.report import Subject, summarize
from deltanas.spaces import BlockSpace, edits_between


@pytest.fixture(scope="session")
def space():
    return BlockSpace({"width": (8, 16, 32), "act": ("relu", "gelu")}, name="small")


@pytest.fixture(scope="session")
def trial(space):
    """Makes a trial: number, width, activation, accuracy (None: failed), and how it came."""

    def make(number, width, act, accuracy, parent=None, predicted=None, spread=None):
        child = space.architecture({"width": width, "act": act})
        edits = ()
        if parent is not None:
            edits = edits_between(space.decisions, parent.architecture.code, child.code)
        proposal = Proposal(
            number, child, None if parent is None else parent.number, edits, predicted, spread
        )
        if accuracy is None:
            return Trial(proposal, Evaluation(number, Status.FAILED, reason="out of memory"))
        return Trial(proposal, Evaluation(number, Status.FINISHED, accuracy))

    return make


@pytest.fixture(scope="session")
def history(trial):
    """Five trials, one of them failed; the fourth is the best."""
    first = trial(0, 8, "relu", 0.60)
    failed = trial(1, 32, "gelu", None)
    second = trial(2, 16, "relu", 0.70, first, 0.06, 0.05)
    third = trial(3, 16, "gelu", 0.73, second, -0.01, 0.02)
    last = trial(4, 8, "gelu", 0.61, third, -0.08, 0.01)
    return History([first, failed, second, third, last])


@pytest.fixture(scope="session")
def table(space):
    """All six architectures; order of codes: 8 relu, 8 gelu, 16 relu, 16 gelu, 32 ..."""
    runs = [(0.60,), (0.61,), (0.69, 0.71), (0.72, 0.74), (0.80,), (0.50,)]
    return Benchmark(
        name="small:table",
        space=space,
        citation="Nobody, A Table, 2026",
        licence="none",
        runs=runs,
        seconds=np.full(6, 10.0),
        test_accuracies=np.array([0.51, 0.52, 0.53, 0.54, 0.55, 0.56]),
    )


@pytest.fixture(scope="session")
def subject(space, history, table):
    return Subject(space, history, "delta-evolution", 7, table, "mean", "deltanas search small")


@pytest.fixture(scope="session")
def summary(subject):
    return summarize(subject)
