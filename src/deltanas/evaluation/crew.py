"""Who trains: how many workers, where, and what each training gets and may take."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import Final, final

from deltanas.errors import TrainingError

LOCAL: Final = "local"
"""The Ray address that means: start Ray on this machine, for this search alone."""
AUTO: Final = "auto"
"""The Ray address that means: the cluster that this machine belongs to."""
Log = Callable[[int], Path]
"""Names the file for what a worker prints, from the number of its place."""


@final
@dataclass(frozen=True, slots=True)
class Crew:
    """Workers that train, in processes of this machine or on a Ray cluster.

        Study(space, train, workers=Crew(workers=4, gpus=0.5, memory_limit_bytes=8 * 10**9))
        Study(space, train, workers=Crew(ray="auto", gpus=1, time_limit_s=3600))

    Raises:
        TrainingError: A number is none of its kind, or only Ray could give what is asked for.
    """

    workers: int | None = None
    """How many trainings run at the same time; None for one, or on Ray for as many as fit."""
    ray: str | None = None
    """Ray cluster: `local`, `auto` or an address; None for processes of this machine."""
    cpus: float = 1.0
    """CPUs of a training, and the threads it computes with; Ray reserves them."""
    gpus: float = 0.0
    """GPUs of a training; 0.5 lets two share one."""
    memory_bytes: int | None = None
    """Memory that Ray reserves for a training; nothing happens to one that takes more."""
    custom: Mapping[str, float] = field(default_factory=dict)
    """Other resources of a Ray cluster that a training gets, by name."""
    time_limit_s: float | None = None
    """Seconds after which a training is ended."""
    memory_limit_bytes: int | None = None
    """Memory beyond which a training is ended, its own processes included."""

    def __post_init__(self) -> None:
        """Check all numbers by hand."""
        if self.workers is not None:
            check_whole("workers", self.workers)
        _check_above("CPUs of a training", self.cpus, "1")
        if self.ray is not None:
            _check_address(self.ray)
        if self.gpus != 0:
            _check_gpus(self.gpus)
        for name, amount in self.custom.items():
            _check_above(f"resource {name!r}", amount, "1")
        for name, value in (
            ("bytes of memory", self.memory_bytes),
            ("bytes as memory limit", self.memory_limit_bytes),
        ):
            if value is not None:
                check_whole(name, value)
        if self.time_limit_s is not None:
            _check_above("seconds as time limit", self.time_limit_s, "3600")
        if self.ray is None and (self.memory_bytes is not None or self.custom):
            raise TrainingError(
                "expected a Ray cluster that reserves memory or other resources of a training, "
                "got none; name one (--ray local), or bound the memory of processes of this "
                "machine with a limit (--memory-limit)"
            )

    @property
    def threads(self) -> int:
        """How many threads a training computes with."""
        return max(1, int(self.cpus))

    @property
    def alone(self) -> "Crew":
        """The same for one training on a machine where Ray has given it what it gets."""
        return Crew(
            workers=1,
            cpus=self.cpus,
            time_limit_s=self.time_limit_s,
            memory_limit_bytes=self.memory_limit_bytes,
        )

    @property
    def is_this_process(self) -> bool:
        """Whether nothing is asked for that takes another process."""
        return self == Crew(workers=self.workers) and self.workers in (None, 1)


def crew_of(workers: "int | Crew", time_limit_s: float | None = None) -> Crew:
    """The crew itself, or one of so many processes of this machine.

    Raises:
        TrainingError: There are no such workers or limits, or a limit stands beside a crew.
    """
    if not isinstance(workers, Crew):
        return Crew(workers=workers, time_limit_s=time_limit_s)
    if time_limit_s is not None:
        raise TrainingError(
            f"expected the time limit of {time_limit_s:g} s in the Crew, got it beside one; write "
            f"Crew(..., time_limit_s={time_limit_s:g})"
        )
    return workers


def check_whole(what: str, value: object) -> None:
    """Refuse what is no whole number of 1 or more.

    Raises:
        TrainingError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TrainingError(
            f"expected a whole number of {what}, 1 or more, got {value!r}; give for example 4"
        )


def _check_above(what: str, value: float, example: str) -> None:
    if not (_is_number(value) and value > 0 and math.isfinite(value)):
        raise TrainingError(
            f"expected more than 0 {what}, got {value!r}; give for example {example}"
        )


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _check_address(value: object) -> None:
    is_place = isinstance(value, str) and re.fullmatch(r"\S+:\d+|\w+://\S+", value) is not None
    if value not in (LOCAL, AUTO) and not is_place:
        raise TrainingError(
            f"expected {LOCAL!r}, {AUTO!r} or the address of a Ray cluster, got {value!r}; give "
            f"for example ray://head:10001, or {LOCAL!r} to start one for this search alone"
        )


def _check_gpus(value: float) -> None:
    is_share = _is_number(value) and 0 < value < 1
    if not (is_share or (_is_number(value) and value >= 1 and value == value // 1)):
        raise TrainingError(
            f"expected GPUs of a training as a share such as 0.5, or as a whole number, got "
            f"{value!r}; give for example 1"
        )
