"""A study in a process of its own that dies at a chosen moment; tests start it."""

import itertools
import os
import signal
import time

import sqlalchemy

from deltanas.errors import StudyLockedError
from deltanas.spaces import NasBench201
from deltanas.study import Study, lease, patience, stopping

QUICK = (
    (lease, "BEAT_S", 0.3),
    (stopping, "BEAT_S", 0.3),
    (lease, "SILENCE_S", 2.0),
    (lease, "SETTLE_S", 0.3),
    (patience, "LONGEST_S", 0.5),
)
"""Times that tests cannot wait for."""


def train(architecture):
    """A score that depends on the cell alone; every seventh cell or so cannot be trained."""
    score = sum((place + 2) * (option + 1) ** 2 for place, option in enumerate(architecture.code))
    if score % 7 == 3:
        raise ValueError(f"a score of {score} cannot be trained")
    return score / 700


def train_and_tell(architecture):
    """The same cells and scores; the training tells two costs, too."""
    convolutions = sum(option > 1 for option in architecture.code)
    return {
        "accuracy": train(architecture),
        "energy": 1.1 * convolutions,
        "speed": 0.3**convolutions,
    }


SEVERAL = {"objectives": ("accuracy", "energy:min", "speed:max"), "seed": 3}


def run(path, method, seed, budget, last_statement):
    """Run the study; die before the statement with this number is executed by SQLite."""
    die_at(last_statement)
    Study(NasBench201(), train, storage=path, method=method, seed=seed).run(budget)


def run_for_several(path, budget, last_statement):
    """The same with several objectives."""
    die_at(last_statement)
    Study(NasBench201(), train_and_tell, storage=path, **SEVERAL).run(budget)


def die_at(last_statement):
    """Die before the statement with this number is executed by SQLite; 0 for never."""
    statements = itertools.count(1)

    def die_in_time(*_):
        if next(statements) == last_statement:
            os.kill(os.getpid(), signal.SIGKILL)

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", die_in_time)


def run_slowly(path, budget):
    """Run a study whose trainings take a moment; somebody else kills it."""

    def train_slowly(architecture):
        time.sleep(0.01)
        return train(architecture)

    Study(NasBench201(), train_slowly, storage=path, method="random", seed=3).run(budget)


def run_and_wait(path, started, go_on):
    """Hold a study open inside a training until told to go on."""

    def train_when_told(architecture):
        started.set()
        go_on.wait(60)
        return train(architecture)

    Study(NasBench201(), train_when_told, storage=path, method="random", seed=3).run(1)


def run_in_database(url, budget, answers):
    """Run a study in a database; tell how it ended."""
    for module, name, seconds in QUICK:
        setattr(module, name, seconds)
    try:
        with Study(NasBench201(), train, storage=url, method="random", seed=3) as study:
            answers.put(study.run(budget).value)
    except StudyLockedError as error:
        answers.put(f"refused: {error}")


def prepare():
    """Load everything once, before processes are forked."""
    Study(NasBench201(), train).run(1)
