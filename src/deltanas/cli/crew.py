"""Who trains, as typed: the options of `deltanas search`, and the words that give them again."""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Final, final

import typer

from deltanas.cli.typed import positive, seconds, share

UNITS: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
LEAST: Final = 1_000_000
"""The least size without a unit, in bytes: who types 4 means 4 GB."""


@final
@dataclass(frozen=True, slots=True)
class Hands:
    """Options that say how many trainings run at the same time, where, and with what."""

    workers: int | None = None
    """Trainings at the same time."""
    ray: str | None = None
    """Ray cluster."""
    cpus: float = 1.0
    """CPUs of a training."""
    gpus: float = 0.0
    """GPUs of a training."""
    memory_bytes: int | None = None
    """Memory that Ray reserves for a training."""
    custom: tuple[tuple[str, float], ...] = ()
    """Other resources of the cluster."""
    time_limit_s: float | None = None
    """Seconds after which a training is ended."""
    memory_limit_bytes: int | None = None
    """Memory beyond which a training is ended."""

    @property
    def words(self) -> list[str]:
        """The options to type."""
        options = {
            "--workers": self.workers,
            "--ray": self.ray,
            "--cpus-per-trial": None if self.cpus == 1 else f"{self.cpus:g}",
            "--gpus-per-trial": f"{self.gpus:g}" if self.gpus else None,
            "--memory-per-trial": self.memory_bytes,
            "--time-limit": None if self.time_limit_s is None else f"{self.time_limit_s:g}",
            "--memory-limit": self.memory_limit_bytes,
        }
        given = [(name, str(value)) for name, value in options.items() if value is not None]
        given += [("--resource", f"{name}={amount:g}") for name, amount in self.custom]
        return [word for pair in given for word in pair]

    def crew(self) -> Any:  # noqa: ANN401 - a `Crew`, whose room is not loaded before a search is
        """The crew that evaluators know.

        Raises:
            BadParameter: There are no such numbers, or only Ray could give what is asked for.
        """
        from deltanas.errors import TrainingError
        from deltanas.evaluation.crew import Crew

        try:
            return Crew(
                self.workers,
                self.ray,
                self.cpus,
                self.gpus,
                self.memory_bytes,
                dict(self.custom),
                self.time_limit_s,
                self.memory_limit_bytes,
            )
        except TrainingError as error:
            raise typer.BadParameter(str(error)) from None


def size(text: str | int) -> int:
    """Bytes, from a number with a unit: 4GB is 4 * 10^9 bytes, 4GiB is 4 * 2^30."""
    found = re.fullmatch(r"([0-9.]+) *([kmgtKMGT]?)(i?)[Bb]?", str(text).strip())
    try:
        value = float(found[1]) if found else math.nan
    except ValueError:
        value = math.nan
    is_number_alone = found is not None and not found[2]
    if found is None or not value > 0 or (is_number_alone and value < LEAST):
        raise typer.BadParameter(
            f"expected a size with its unit, got {text!r}; give for example 4GB or 512MiB"
        )
    base = 1024 if found[3] else 1000
    return max(1, int(value * base ** UNITS[found[2].upper()]))


def resource(text: str) -> tuple[str, float]:
    """Name and amount of a resource, from `tpu=1`."""
    name, equals, amount = text.partition("=")
    if not (name.strip() and equals):
        raise typer.BadParameter(
            f"expected a resource with its amount, got {text!r}; give for example tpu=1"
        )
    return name.strip(), share(amount)


Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        parser=positive,
        metavar="N",
        help="Trainings at the same time; 1, or on Ray as many as fit.",
    ),
]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Train on a Ray cluster: `local` starts one here, `auto`, ray://head:10001, ...",
    ),
]
Cpus = Annotated[
    float | None,
    typer.Option(
        "--cpus-per-trial", parser=share, metavar="N", help="CPUs and threads of a training."
    ),
]
Gpus = Annotated[
    float | None,
    typer.Option(
        "--gpus-per-trial", parser=share, metavar="N", help="GPUs of a training; 0.5 shares one."
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(
        "--memory-per-trial", parser=size, metavar="SIZE", help="Memory that Ray reserves for it."
    ),
]
Custom = Annotated[
    list[Any] | None,
    typer.Option(
        "--resource",
        parser=resource,
        metavar="NAME=N",
        help="Other resource of the Ray cluster, tpu=1; give it once for each.",
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        parser=seconds,
        metavar="SECONDS",
        help="End a training that takes longer; it failed.",
    ),
]
MemoryLimit = Annotated[
    int | None,
    typer.Option(
        "--memory-limit",
        parser=size,
        metavar="SIZE",
        help="End a training that takes more memory, 4GB; it failed.",
    ),
]
