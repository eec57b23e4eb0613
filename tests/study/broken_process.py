"""A search in a process of its own, that ends as the command does; tests break things around it."""

import os
import resource
import sys
import time

import typer

from deltanas.cli.terminal import answering
from deltanas.spaces import NasBench201
from deltanas.study import Study, sqlite_file
from tests.study.dying_process import train

HOLD = 4
"""Training that waits until it is told to go on; three results are stored then."""


def run(path, budget, said, *, started=None, go_on=None, patience_s=60, most_bytes=None):
    """Search up to a budget; what is said goes to a file.

    Args:
        path: File of the study.
        budget: Trials.
        said: File for everything that is printed.
        started: Event that is set when training `HOLD` has begun.
        go_on: Event that it waits for.
        patience_s: Seconds that SQLite waits for a file that is locked.
        most_bytes: What no file may grow beyond, as on a disk that is full.
    """
    output = os.open(said, os.O_CREAT | os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sqlite_file.PATIENCE_S = patience_s
    begun = 0

    def train_when_told(architecture):
        nonlocal begun
        begun += 1
        if begun == HOLD and started is not None:
            started.set()
            go_on.wait(60)
        return train(architecture)

    try:
        with answering(), make(path, train_when_told) as study:
            if most_bytes is not None:
                time.sleep = lambda _: None  # Optuna waits between its attempts
                resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
            study.run(budget)
    except typer.Exit as end:
        sys.exit(end.exit_code)


def make(path, function=train):
    """The study that the process works on."""
    return Study(NasBench201(), function, storage=path, method="random", seed=3)
