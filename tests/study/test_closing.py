"""A study that is closed frees what it holds, and says so."""

import os
import socket
from pathlib import Path

import pytest

from deltanas.errors import ProtocolError
from deltanas.evaluation import ProcessEvaluator
from deltanas.spaces import BlockSpace
from deltanas.study import Study

HERE = socket.gethostname()
SPACE = BlockSpace({"depth": (1, 2, 3), "width": (8, 16), "act": ("relu", "gelu")})


def train(architecture):
    return architecture["depth"] / (4 + architecture["width"])


def make(path, function=train, **settings):
    return Study(SPACE, function, storage=path, method="random", **settings)


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_closed_study_says_so_and_can_still_be_read(tmp_path, in_memory):
    with make(None if in_memory else tmp_path / "s.db") as study:
        study.run(3)
        asked = study.ask()
    for use in (lambda: study.run(5), study.ask, lambda: study.tell(asked, 0.5)):
        with pytest.raises(ProtocolError, match="this Study object was closed, got asked for mor"):
            use()
    assert len(study.trials) == 4
    assert study.best.accuracy is not None
    study.close()


def test_closing_frees_the_study_although_a_trial_was_not_told(tmp_path):
    path = tmp_path / "s.db"
    with make(path) as study:
        asked = study.ask()
    with make(path) as again:
        assert again.ask() == asked
        again.tell(asked, 0.5)


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs /proc/self/fd")
def test_closing_releases_every_file(tmp_path):
    path = tmp_path / "s.db"
    with make(path) as study:
        study.run(3)
    links = Path("/proc/self/fd").iterdir()
    assert str(tmp_path) not in str([os.readlink(each) for each in links if each.is_symlink()])


@pytest.mark.process
def test_closing_ends_the_processes_that_it_started_and_no_others():
    with make(None, workers=2) as study:
        study.run(2)
        pids = study._evaluator.processes[HERE]
        assert len(pids) == 2
        assert [os.kill(each, 0) for each in pids] == [None, None]
    assert study._evaluator.processes[HERE] == ()
    given = ProcessEvaluator(study._evaluator._make, 1)
    with make(None, given) as study:
        study.run(1)
    assert len(given.processes[HERE]) == 1
    given.close()
