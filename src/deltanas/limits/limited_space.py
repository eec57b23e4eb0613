"""A space without what is beyond its limits: nothing that breaks one is ever proposed.

Limits are part of what is valid. So every searcher keeps to them without knowing of them:
starts are drawn within the limits, children beyond them do not exist, and an evaluation is
never spent on one.
"""

from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.errors import LimitError
from deltanas.limits.limit import Limit
from deltanas.limits.measuring import Measuring
from deltanas.limits.metrics import Metrics, SpaceCosts
from deltanas.limits.units import Quantity
from deltanas.spaces import Codes, SearchSpace
from deltanas.spaces.facts import WrappingSpace

DRAWS = 20_000
"""Random architectures that are looked through before the limits are walked towards."""
RARE = 400
"""Where one in so many random architectures or more keeps to the limits, all are drawn."""
BLOCK = 512
"""Architectures that are drawn at a time."""
FRUITLESS = 4 * BLOCK
"""Draws without a single one within the limits, after which no more are made."""
WALKERS = 16
"""Walks towards the limits that are under way at once."""
LOOKED_AT = 12
"""Children that each of them looks at in a step."""
STEPS = 400
"""Steps at most."""
STUCK = 20
"""Steps in a row in which no walk came nearer, after which they end."""

Excess = Float[np.ndarray, " architectures"]


@final
class LimitedSpace(WrappingSpace):
    """The architectures of another space that keep to all limits.

    Samples are uniform over them where the space can be listed, or where one in a few
    hundred random architectures keeps to the limits. Otherwise they are random ones, walked
    within the limits by edits that bring them nearer, and their neighbours: not uniform.
    """

    def __init__(self, space: SearchSpace, limits: Sequence[Limit], metrics: Metrics) -> None:
        """Prepare, and make sure that something is left.

        Args:
            space: What to search.
            limits: What to keep to, at least one.
            metrics: Costs of its architectures.

        Raises:
            LimitError: Nothing keeps to the limits; the message names what comes closest.
        """
        self.limits = tuple(sorted(limits, key=lambda limit: limit.words))
        self.metrics = metrics
        # Asked once: to find out takes longer than to measure a few codes.
        self._measuring = metrics if isinstance(metrics, Measuring) else None
        super().__init__(space)
        self._why_not = self._beyond
        self._listed: Codes | None = None
        if self.is_enumerable:
            self.list_again()
        else:
            self.sample_codes(1, np.random.default_rng(0))

    def list_again(self) -> None:
        """Find anew what keeps to the limits, where estimates of measured costs have changed.

        Raises:
            LimitError: Nothing does; the message names what comes closest.
        """
        if not self.inner.is_enumerable:
            return
        everything = self.inner.all_codes()
        excess = self.excess(everything)
        self._listed = everything[excess == 0]
        self.size = len(self._listed)
        if not self.size:
            raise self._nothing(everything, excess, proved=True)

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are of the space and keep to the limits."""
        valid = self.inner.are_valid(codes)
        kept: Bool[np.ndarray, " architectures"] = valid.copy()
        kept[valid] = self.excess(codes[valid]) == 0
        return kept

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` codes within the limits; the class says from which distribution.

        Raises:
            LimitError: None was found; the message names what came closest.
        """
        if self._listed is not None:
            chosen: Codes = self._listed[rng.integers(len(self._listed), size=n)]
            return chosen
        found: list[Codes] = [np.zeros((0, len(self.decisions)), dtype=np.int32)]
        wanted, drawn = n, 0
        # What was measured is known best, and may be all that keeps to a narrow limit.
        nearest = found[0] if self._measuring is None else self._measuring.codes
        nearest_excess = self.excess(nearest)
        while wanted > 0 and drawn < self._most_draws(n - wanted):
            codes = self.inner.sample_codes(BLOCK, rng)
            excess = self.excess(codes)
            found.append(codes[excess == 0][:wanted])
            wanted -= len(found[-1])
            drawn += BLOCK
            nearest = np.concatenate([nearest, codes])
            nearest_excess = np.concatenate([nearest_excess, excess])
            order = np.argsort(nearest_excess, kind="stable")[:WALKERS]
            nearest, nearest_excess = nearest[order], nearest_excess[order]
        if wanted > 0:
            found.append(self._walked(wanted, rng, nearest, nearest_excess))
        return np.concatenate(found)

    def typical_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """As `sample_codes`; where few keep to the limits, the space's own: costs take time.

        What is within the limits is like the rest, and nobody is proposed from here.
        """
        if self._listed is not None:
            return self.sample_codes(n, rng)
        found: list[Codes] = []
        for _ in range(DRAWS // BLOCK):
            codes = self.inner.sample_codes(BLOCK, rng)
            found.append(codes[self.excess(codes) == 0])
            if sum(map(len, found)) >= n:
                typical: Codes = np.concatenate(found)[:n]
                return typical
        return super().typical_codes(n, rng)

    def excess(self, codes: Codes) -> Excess:
        """How far valid codes of the space are beyond the limits, all together; 0 is within."""
        total: Excess = np.zeros(len(codes))
        if len(codes):
            for limit in self.limits:
                total += limit.excess(self._values(limit, codes))
        return total

    def costs(self, codes: Codes) -> dict[str, Float[np.ndarray, " architectures"]]:
        """The limited metrics of valid codes, by name."""
        names = dict.fromkeys(limit.metric for limit in self.limits)
        return {name: self.metrics.measure(name, codes) for name in names}

    def _beyond(self, code: Sequence[int]) -> str:
        """Why a code is not within the space: what the space says, or the first broken limit."""
        codes = np.array([code], dtype=np.int32)
        if not self.inner.are_valid(codes)[0]:
            return self.inner._why_not(code) if self.inner._why_not else ""  # noqa: SLF001
        for limit in self.limits:
            quantity, value = Quantity.of(limit.metric), float(self._values(limit, codes)[0])
            if not limit.keeps(value):
                return f"its {quantity.name}, {quantity.shown(value)}, breaks {limit.shown}"
        return ""

    def _values(self, limit: Limit, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """What decides whether codes keep to a limit: the metric, or a cautious estimate."""
        if self._measuring is not None:
            return self._measuring.cautious(limit, codes)
        return self.metrics.measure(limit.metric, codes)

    @staticmethod
    def _most_draws(found: int) -> int:
        """Draws that are worth making where so many of them kept to the limits."""
        return max(DRAWS, RARE * found) if found else FRUITLESS

    def _walked(
        self,
        n: int,
        rng: np.random.Generator,
        codes: Int[np.ndarray, "walkers decisions"],
        excess: Float[np.ndarray, " walkers"],
    ) -> Int[np.ndarray, "found decisions"]:
        """Codes within the limits, reached by edits from codes near them."""
        still = 0
        for _ in range(STEPS):
            if not excess.any() or still == STUCK:
                break
            before = excess
            codes, excess = self._stepped(codes, excess, rng, LOOKED_AT)
            still = 0 if (excess < before).any() else still + 1
        best = np.argsort(excess, kind="stable")[:1]
        while excess[best[0]] > 0:  # one of them looks at all of its children
            nearer, left = self._stepped(codes[best], excess[best], rng, None)
            if left[0] >= excess[best[0]]:
                raise self._nothing(nearer, left, proved=False)
            codes[best], excess[best] = nearer, left
        pool = codes[excess == 0]
        if n > len(pool):
            around = self.children(pool)[1]
            more = rng.permutation(len(around))[: n - len(pool)]
            pool = np.concatenate([pool, around[more]])
        chosen: Int[np.ndarray, "found decisions"] = pool[np.arange(n) % len(pool)]
        return chosen

    def _stepped(
        self,
        codes: Int[np.ndarray, "walkers decisions"],
        excess: Float[np.ndarray, " walkers"],
        rng: np.random.Generator,
        looked_at: int | None,
    ) -> tuple[Int[np.ndarray, "walkers decisions"], Float[np.ndarray, " walkers"]]:
        """Each walker beyond the limits moves to the nearest child that it looks at."""
        codes, excess = codes.copy(), excess.copy()
        beyond = np.flatnonzero(excess)
        parents, children = self.inner.children(codes[beyond])
        if looked_at is not None and len(children) > looked_at * len(beyond):
            some = np.sort(rng.permutation(len(children))[: looked_at * len(beyond)])
            parents, children = parents[some], children[some]
        reached = self.excess(children)
        for place, walker in enumerate(beyond.tolist()):
            mine = np.flatnonzero(parents == place)
            if len(mine):
                best = mine[np.argmin(reached[mine])]
                if reached[best] < excess[walker]:
                    codes[walker], excess[walker] = children[best], reached[best]
        return codes, excess

    def _nothing(
        self, codes: Int[np.ndarray, "seen decisions"], excess: Excess, *, proved: bool
    ) -> LimitError:
        """The error where nothing keeps to the limits."""
        closest = codes[[int(np.argmin(excess))]]
        guilty = [
            limit for limit in self.limits if (limit.excess(self._values(limit, codes)) > 0).all()
        ] or list(self.limits)
        others = " and ".join(each.shown for each in self.limits if each not in guilty)
        values = ", ".join(
            f"{Quantity.of(name).name} {Quantity.of(name).shown(float(value[0]))}"
            for name, value in self.costs(closest).items()
        )
        architecture = self.inner.from_codes(closest)[0]
        words = self._measuring.words if self._measuring is not None else ""
        return LimitError(
            f"no architecture of space {self.name!r} {'meets' if proved else 'was found to meet'} "
            f"{' and '.join(each.shown for each in guilty)}{others and f' beside {others}'}; give "
            f"it more room{words and f' ({words})'}. The closest one has {values}: "
            f"{self.inner.write(architecture)}"
        )


def limited(
    space: SearchSpace, limits: Sequence[object], metrics: Metrics | None = None
) -> SearchSpace:
    """The space under some limits; the space itself if there are none.

    Args:
        space: What to search.
        limits: `Limit`s, or texts such as `params<=600M`.
        metrics: Costs of its architectures; the space's own features if left out.

    Raises:
        LimitError: One of the limits cannot be read, or nothing keeps to them.
    """
    if isinstance(limits, str):
        limits = [limits]
    if not limits:
        return space
    metrics = metrics or SpaceCosts(space)
    read = [Limit.read(each, metrics.metric_names) for each in limits]
    return LimitedSpace(space, read, metrics)
