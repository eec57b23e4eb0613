"""Linear algebra on one thread while a searcher thinks.

Its matrices are small: several threads gain nothing there, and on a machine that is busy with
trainings they wait for each other. Measured in `bench.threads`.
"""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController

_LOCK = threading.RLock()
"""Who comes second would take the one thread for what was there before."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra has one thread inside a block, and afterwards as many as before.

    That of all threads of this process has: a training beside it in one of them slows down as long.
    """
    with _LOCK, _libraries().limit(limits=1, user_api="blas"):
        yield


@functools.cache
def _libraries() -> ThreadpoolController:
    """The libraries that are loaded; looked for once, which takes longer than a small matrix."""
    return ThreadpoolController()
