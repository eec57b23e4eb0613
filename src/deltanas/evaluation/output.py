"""What trainings in other processes print: read off at once, and the last of it kept."""

import contextlib
import os
import threading
from pathlib import Path
from typing import Final, final

KEPT: Final = 1_000_000
"""Bytes of a log; what was before them is in `.old`, as much again, and then forgotten."""
TAIL: Final = 2_000
"""Bytes that are kept in memory, for the reason of a process that dies."""


@final
class Output:
    """Reads the end of a pipe in a thread, so that whoever prints never waits.

    A training may print without end: two files of a megabyte are the most that stays.
    """

    def __init__(self, descriptor: int, log: Path | None) -> None:
        """Begin to read.

        Args:
            descriptor: End of the pipe; closed when the other end is.
            log: File to write to; None to keep the last lines only.
        """
        self._descriptor = descriptor
        self._log = log
        self._size = 0
        self._tail = b""
        if log is not None:
            with contextlib.suppress(OSError):
                self._size = log.stat().st_size if log.exists() else 0
        self._thread = threading.Thread(target=self._read, name="deltanas output", daemon=True)
        self._thread.start()

    def last_line(self) -> str:
        """The last line that is not empty, once the other end is closed; or an empty text."""
        self._thread.join(1)
        lines = self._tail.decode("utf-8", "replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(self._descriptor, 1 << 16):
                self._tail = (self._tail + piece)[-TAIL:]
                self._write(piece)
        os.close(self._descriptor)

    def _write(self, piece: bytes) -> None:
        """Add to the log; a full disk costs the log, never the training."""
        if self._log is None:
            return
        with contextlib.suppress(OSError):
            if self._size + len(piece) > KEPT and self._log.exists():
                self._log.replace(self._log.with_name(f"{self._log.name}.old"))
                self._size = 0
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("ab") as file:
                self._size += file.write(piece)
