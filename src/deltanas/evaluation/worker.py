"""What a worker process does: it makes its evaluator once, then evaluates what it is sent.

It ends when the process that started it does, its own children with it: they are one group.
"""

import contextlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from functools import partial
from multiprocessing.connection import Connection
from typing import Final

from deltanas.evaluation.outcome import failure_of
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.evaluation.shipping import REPORT, Parcel
from deltanas.records import Evaluation, Proposal

LOOKS_S: Final = 0.5
"""Seconds between two looks at whether the process that started this one is still there."""


def main() -> None:
    """Work for the process at the other end of the pipe until it is gone."""
    connection = Connection(int(sys.argv[1]))
    inbox: queue.Queue[object] = queue.Queue()
    parent = os.getppid()
    threading.Thread(target=_receive, args=(connection, inbox, parent), daemon=True).start()
    connection.send(("hello", None))
    parcel = inbox.get()
    if not isinstance(parcel, Parcel):
        raise TypeError(f"expected a parcel first, got {parcel!r}")
    try:
        evaluator = parcel.opened()
    except BaseException as error:  # noqa: BLE001 - whatever the user's modules raise
        traceback.print_exc()
        connection.send(("broken", f"{type(error).__name__}: {error}"))
        return
    evaluator.on_report = partial(_tell, connection)
    connection.send(("ready", None))
    while True:
        proposal = inbox.get()
        if isinstance(proposal, Proposal):
            connection.send(("done", _evaluated(evaluator, proposal)))


def _evaluated(evaluator: SequentialEvaluator, proposal: Proposal) -> Evaluation:
    """Evaluate; here even an interruption is a failure, because nobody sits at this process."""
    try:
        return evaluator.evaluate(proposal)
    except BaseException as error:  # noqa: BLE001 - any failure is a value
        return failure_of(proposal.number, error, None)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()


def _tell(
    connection: Connection, number: int, epoch: int, accuracy: float, metrics: Mapping[str, float]
) -> None:
    """Pass on what a training reports; nobody may be left to hear it."""
    with contextlib.suppress(OSError):
        connection.send((REPORT, (number, epoch, accuracy, metrics)))


def _receive(connection: Connection, inbox: "queue.Queue[object]", parent: int) -> None:
    """Take messages in; when there is nobody to send any, end this process and its children."""
    with contextlib.suppress(EOFError, OSError):
        while os.getppid() == parent:
            if connection.poll(LOOKS_S):
                inbox.put(connection.recv())
    os.killpg(0, signal.SIGKILL)
