"""How long a search takes: what a proposal costs, and how much is left."""

from typing import final

RECENT = 10
"""The time left is judged by so many last evaluations: later proposals cost more."""


@final
class Timing:
    """Notes when things happened, in seconds of one clock that never goes back."""

    def __init__(self, now: float) -> None:
        """Start the clock."""
        self._started = self._mark = now
        self._proposing: list[float] = []
        self._ends: list[float] = [now]

    def proposed(self, now: float, *, is_repeat: bool) -> None:
        """A proposal is there; one that an earlier run had made cost nothing."""
        if not is_repeat:
            self._proposing.append(now - self._mark)

    def evaluated(self, now: float) -> None:
        """An evaluation has ended, and the next proposal begins."""
        self._mark = now
        self._ends.append(now)

    def elapsed(self, now: float) -> float:
        """Seconds since the start."""
        return now - self._started

    @property
    def seconds_per_proposal(self) -> float | None:
        """Mean seconds that proposing took; None before the first one."""
        return sum(self._proposing) / len(self._proposing) if self._proposing else None

    def left(self, evaluations: int) -> float | None:
        """Seconds that so many more evaluations will take; None before the first one."""
        recent = self._ends[-RECENT - 1 :]
        if len(recent) == 1:
            return None
        return max(evaluations, 0) * (recent[-1] - recent[0]) / (len(recent) - 1)


def duration(seconds: float) -> str:
    """Seconds as people say them: `42 s`, `3 min 05 s`, `2 h 07 min`."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004 - seconds of a minute
        return f"{whole} s"
    if whole < 3600:  # noqa: PLR2004 - seconds of an hour
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
