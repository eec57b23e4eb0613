"""How much sooner one method is where the best of the others gets with all its queries."""

from dataclasses import dataclass
from typing import Final, final

from deltanas.compare.metrics import halved
from deltanas.compare.summary import Comparison

AT: Final = 100
"""Queries after which the other methods are looked at; the whole budget if that is less."""


@final
@dataclass(frozen=True, slots=True)
class Sooner:
    """When a method is where the best of the others is in the end, on one benchmark."""

    benchmark: str
    """Name of the benchmark."""
    peer: str
    """The other method with the least mean regret."""
    regret: float
    """That regret, a fraction."""
    at: int
    """Queries that it took."""
    needed: int | None
    """Queries after which the mean regret of the method is as small; None if it never is."""

    @property
    def is_half(self) -> bool:
        """Whether half the queries or fewer are enough."""
        return self.needed is not None and 2 * self.needed <= self.at


def sooner(found: Comparison, method: str) -> list[Sooner]:
    """One line for each benchmark on which the method and at least one other ran.

    Args:
        found: A results file, read.
        method: Who is to be sooner.
    """
    at = min(AT, found.budget)
    lines = []
    for benchmark in found.benchmarks:
        regrets = {
            name: float(found.curves[benchmark, name].regret[:, at - 1].mean())
            for name in found.methods
            if name != method and (benchmark, name) in found.curves
        }
        if (benchmark, method) in found.curves and regrets:
            peer = min(regrets, key=regrets.__getitem__)
            own = found.curves[benchmark, method].regret
            needed = halved(own, regrets[peer], at)
            lines.append(Sooner(benchmark, peer, regrets[peer], at, needed))
    return lines


def in_words(lines: list[Sooner], method: str) -> str:
    """What they say together, in one sentence; of at least one."""
    half = sum(each.is_half for each in lines)
    return (
        f"On {half} of {len(lines)} benchmarks {method} needs half the queries or fewer to get "
        f"where the best of the others is after {lines[0].at}."
    )
