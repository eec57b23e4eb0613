import multiprocessing

import pytest


@pytest.fixture(scope="session")
def processes():
    # Children are forked from a clean server that has imported everything once; it is one for
    # all files that a process tests, so all of it is named here.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.study.dying_process", "tests.study.broken_process"])
    return context
