"""A worker process as the one that started it sees it."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, final

from deltanas.evaluation.base import OnReport
from deltanas.evaluation.output import Output
from deltanas.evaluation.shipping import REPORT

THREADS: Final = tuple(
    f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
)
BACKLOG: Final = 10_000
"""Reports heard at once, more than a pipe holds: what waited behind them may be a result."""
PROGRAM: Final = "from deltanas.evaluation.worker import main; main()"


@final
class WorkerProcess:
    """One process with a pipe to it, in a group (and session) of its own.

    Ctrl-C in the terminal does not reach it, and whatever it forks ends with it.
    """

    def __init__(self, log: Path | None, environment: Mapping[str, str]) -> None:
        """Start it.

        Args:
            log: File for what it prints; None to keep the last lines only.
            environment: Variables that it gets besides those of this process.
        """
        self.connection, theirs = multiprocessing.Pipe()
        reading, writing = os.pipe()
        path = os.pathsep.join(each or str(Path.cwd()) for each in sys.path)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very Python
                [sys.executable, "-c", PROGRAM, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={**os.environ, **environment, "PYTHONPATH": path},
            )
        except BaseException:
            os.close(reading)
            self.connection.close()
            raise
        finally:
            theirs.close()
            os.close(writing)
        self._output = Output(reading, log)
        self.is_ready = False
        """Whether it has made its evaluator."""

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its number for the operating system."""
        return self._process.pid

    def hear(self, on_report: OnReport | None) -> tuple[bool, tuple[str, Any] | None]:
        """Whether it lives or has more to say, and what it says; reports are handed on."""
        is_alive = self.is_alive
        for _ in range(BACKLOG):
            try:
                message = self.connection.recv() if self.connection.poll() else None
            except (EOFError, OSError):
                return False, None
            if message is None or message[0] != REPORT:
                return is_alive, message
            if on_report is not None:
                on_report(*message[1])
        return True, None

    def end(self, patience_s: float = 0.0) -> str:
        """End it and its children, if they still run; how it ended, in words.

        Args:
            patience_s: Seconds to wait for one that is about to end by itself.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience_s)
        status = self._process.poll()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.connection.close()
        last = self._output.last_line()
        if status is None:
            words = "it was ended"
        elif status < 0:
            words = f"it was killed by {_signal(-status)}"
        else:
            words = f"it ended with exit code {status}"
        return f"{words}; it last printed: {last}" if last else words


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
