"""Which processes train for a study, and how far: noted in it, for whoever looks from elsewhere."""

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
    """The processes that train for one search, as the study has them."""

    processes: Mapping[str, tuple[int, ...]]
    """Their numbers, by the name of their machine; that of the search where it trains itself."""
    budget: int | None = None
    """Trials that the search goes up to; None in studies of an earlier deltanas."""

    @classmethod
    def of(cls, evaluator: Evaluator, budget: int) -> "Attendance":
        """Those that an evaluator has at this moment."""
        return cls(evaluator.processes, budget)

    @classmethod
    def from_record(cls, record: object) -> "Attendance | None":
        """What `to_record` made; None for anything else."""
        processes = record.get("processes") if isinstance(record, Mapping) else None
        if not isinstance(processes, Mapping):
            return None
        for pids in processes.values():
            if not isinstance(pids, list) or not all(isinstance(each, int) for each in pids):
                return None
        budget = record.get("budget") if isinstance(record, Mapping) else None
        known = budget if isinstance(budget, int) and budget > 0 else None
        return cls({str(name): tuple(pids) for name, pids in processes.items()}, known)

    def to_record(self) -> dict[str, Any]:
        """What JSON carries."""
        processes = {name: list(pids) for name, pids in self.processes.items()}
        return {"processes": processes, "budget": self.budget}

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, self.processes.values()))

    @property
    def here(self) -> tuple[int, ...]:
        """Those of this machine, whose life can be seen."""
        return self.processes.get(socket.gethostname(), ()) if os.name == "posix" else ()

    @property
    def alive(self) -> int:
        """How many of those here live."""
        return sum(map(_is_alive, self.here))

    @property
    def elsewhere(self) -> dict[str, int]:
        """How many there are on each other machine."""
        seen = socket.gethostname() if self.here else None
        return {name: len(pids) for name, pids in self.processes.items() if name != seen and pids}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it belongs to somebody else, and is there
        return True
    return True
