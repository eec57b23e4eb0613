"""Which processes train for a study: noted in it, for whoever looks from another terminal."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from deltanas.evaluation import Evaluator

ATTENDANCE: Final = "deltanas:attendance"
"""System attribute of the Optuna study; dashboards do not show those."""


@final
@dataclass(frozen=True, slots=True)
class Attendance:
    """The processes of one search, as the study has them."""

    host: str
    """Machine of the search."""
    pids: tuple[int, ...]
    """Processes there that train; that of the search itself where it trains itself."""

    @classmethod
    def of(cls, evaluator: Evaluator) -> "Attendance":
        """Those that an evaluator has at this moment."""
        return cls(socket.gethostname(), evaluator.pids)

    @classmethod
    def from_record(cls, record: object) -> "Attendance | None":
        """What `to_record` made; None for anything else."""
        if not isinstance(record, Mapping):
            return None
        pids = record.get("pids")
        if not isinstance(pids, list) or not all(isinstance(each, int) for each in pids):
            return None
        return cls(str(record.get("host")), tuple(pids))

    def to_record(self) -> dict[str, Any]:
        """What JSON carries."""
        return {"host": self.host, "pids": list(self.pids)}

    @property
    def alive(self) -> int | None:
        """How many of them live; None where that cannot be seen, from another machine."""
        if self.host != socket.gethostname() or os.name != "posix":
            return None
        return sum(map(_is_alive, self.pids))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it belongs to somebody else, and is there
        return True
    return True
