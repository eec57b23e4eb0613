"""What another process needs to evaluate: a way to make an evaluator, as bytes.

The bytes go from a process to those that it started itself, through a pipe that nobody else
can write to, or to a Ray cluster, which runs whatever code it is given anyway; they are never
stored.
"""

import importlib
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import spawn
from pathlib import Path
from typing import Any, Final, final

from deltanas.errors import TrainingError
from deltanas.evaluation.sequential import SequentialEvaluator

Make = Callable[[], SequentialEvaluator]
"""Makes an evaluator; called once in each process that evaluates."""


@final
@dataclass(frozen=True, slots=True)
class Parcel:
    """A way to make an evaluator, ready for another process."""

    make: bytes
    """The pickled way."""
    surroundings: dict[str, Any]
    """Search path, working folder and, where it is needed, the script that was started."""

    @classmethod
    def of(cls, make: Make) -> "Parcel":
        """Pack a way to make an evaluator.

        Functions of modules travel as their names. Those of a notebook or within functions
        travel as code, if cloudpickle is installed.

        Raises:
            TrainingError: It cannot be packed.
        """
        surroundings = _surroundings()
        script = {name for name in surroundings if name.startswith("init_main")}
        try:
            packed = pickle.dumps(make)
            is_by_name = b"__main__" not in packed or bool(script)
            problem = "its module is no file that another process could import"
        except Exception as error:  # noqa: BLE001 - whatever the user's classes raise
            is_by_name, problem = False, str(error)
        if not is_by_name:
            packed = _as_code(make, problem)
        if b"__main__" not in packed:
            surroundings = {name: surroundings[name] for name in {*surroundings} - script}
        return cls(packed, surroundings)

    @classmethod
    def here(cls, make: bytes) -> "Parcel":
        """What came from another machine, with the folder and the search path of this process."""
        surroundings = _surroundings()
        script = {name for name in surroundings if name.startswith("init_main")}
        return cls(make, {name: surroundings[name] for name in {*surroundings} - script})

    def opened(self) -> SequentialEvaluator:
        """Make the evaluator, in the other process."""
        spawn.prepare(self.surroundings)
        make: Make = pickle.loads(self.make)  # noqa: S301 - from the process that started this one
        return make()


def packed_for_elsewhere(make: Make, dumps: Callable[[Make], bytes]) -> bytes:
    """A way to make an evaluator for other machines, where the script that was started is not.

    Args:
        make: The way.
        dumps: Packs functions of the script as code.

    Raises:
        TrainingError: It cannot be packed.
    """
    try:
        packed = pickle.dumps(make)
    except Exception:  # noqa: BLE001 - whatever the user's classes raise
        packed = b"__main__"
    return _as_code(make, "it cannot be pickled", dumps) if b"__main__" in packed else packed


def _surroundings() -> dict[str, Any]:
    surroundings = spawn.get_preparation_data("deltanas worker")
    surroundings.pop("authkey", None)  # a secret of this process, and of no use to others
    script = surroundings.get("init_main_from_path")
    if script is not None and not Path(script).is_file():
        del surroundings["init_main_from_path"]  # what was piped into Python: `<stdin>`
    return surroundings


def _as_code(make: Make, problem: str, dumps: Callable[[Make], bytes] | None = None) -> bytes:
    try:
        packed = (dumps or importlib.import_module("cloudpickle").dumps)(make)
    except ImportError:
        words = "; pip install cloudpickle"
    except Exception as error:  # noqa: BLE001 - whatever the user's classes raise
        words = f" ({error})"
    else:
        return bytes(packed)
    raise TrainingError(
        f"expected a training function that other processes can import, got one that cannot be "
        f"handed over: {problem}; define it at the top of a file{words}, or use one worker"
    )


def is_worker() -> bool:
    """Whether this process was started to evaluate for another one."""
    return MARK in sys.modules


UNGUARDED: Final = "put what starts the search under `if __name__ == '__main__':`"
"""What to do where a process that only trains has begun the search anew: it reads the script."""
REPORT = "report"
"""What a worker says before it passes on a report of its training."""
MARK = "deltanas.evaluation.worker"
"""The module that a worker runs, and nobody else imports."""
