"""How an ensemble of difference networks learns from pairs, and when it stops.

Each member leaves out the networks of one fold and weighs the others at random. All members
stop at the step at which the pairs that their own member never saw were predicted best:
early stopping by cross-validation, in one training.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar, final, runtime_checkable

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import huber_loss

from deltanas.predictor.neural_members import Ends, PerPair, Rows

STEPS = 300
"""Most steps of the optimiser."""
UNCHECKED_STEPS = 100
"""Steps where there are too few networks to hold any out."""
BATCH = 256
"""Pairs a step; all members see the same ones, each with its own weights."""
CHECK_EVERY = 10
"""Steps between two looks at the held-out pairs."""
PATIENCE = 8
"""Looks without a better result until it stops."""
FOLDS = 5
"""Networks are held out in this many parts."""
CHECKED_PAIRS = 1_000
"""Most held-out pairs that are looked at."""
KNEE = 0.5
"""Error, in deviations of accuracy, from which it counts linearly instead of squared."""
LEVEL_WEIGHT = 0.3
"""Weight of the levels beside the differences."""
LEARNING_RATE, DECAY = 0.01, 0.1
"""Step size, and the share of it by which weights shrink in each step."""
ONE_DEVIATION = 0.6827
"""Fraction of a Gaussian within one deviation of its mean."""


@runtime_checkable
class Leveled(Protocol):
    """What networks make of single architectures."""

    @property
    def level(self) -> Float[Tensor, "members architectures"]:
        """Expected accuracy on the learning scale."""
        ...


E = TypeVar("E", bound=Leveled)


@runtime_checkable
class Networks(Protocol[E]):
    """An ensemble of networks that tell differences; `Members` and `GraphMembers` are two."""

    members: int
    """How many networks."""
    aware: bool
    """Whether they estimate levels."""
    parameters: list[Tensor]
    """What is learned."""

    def project(self, rows: Rows) -> E:
        """What the members make of each architecture."""
        ...

    def deltas(self, projected: E, first: Ends, second: Ends, /) -> PerPair:
        """Difference of each pair on the learning scale, by each member."""
        ...

    def levels(self, projected: E, first: Ends, second: Ends, /) -> PerPair:
        """Mean level of the two architectures of each pair, by each member."""
        ...


@final
@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned from."""

    rows: Rows
    """Encoded architectures."""
    values: Float[Tensor, " architectures"]
    """Their accuracies on the learning scale."""
    first: Ends
    """Row of the first architecture of each pair."""
    second: Ends
    """Row of the second."""
    growth: Float[Tensor, " pairs"]
    """Relative variance of what is not explained of each pair; see `growth`."""

    @property
    def deltas(self) -> Float[Tensor, " pairs"]:
        """Difference of each pair on the learning scale."""
        return self.values[self.second] - self.values[self.first]


def train(members: Networks[E], lesson: Lesson, random: torch.Generator) -> float:
    """Train all members at once.

    Args:
        members: Fresh members; they are changed in place.
        lesson: What they learn from; at least one pair.
        random: Draws folds, weights and batches.

    Returns:
        Deviation of the error of a pair with a growth of 1, on the learning scale: that which
        68 % of the held-out pairs keep to when predicted by members that had not seen
        them, less what the members' disagreement explains of it.

    Source: Adam with decoupled decay (Loshchilov & Hutter 2019), random weights as in the
        Bayesian bootstrap (Rubin 1981). One stopping step for all folds is ours.
    """
    count = len(lesson.rows)
    held = _held_out(members.members, lesson, random)
    weights = torch.where(held, 0.0, exponential_weights(members.members, count, random))
    check = _HeldOutPairs.of(lesson, held, random)
    descend(
        members.parameters,
        partial(_loss, members, lesson, weights, random),
        None if check is None else partial(check.loss, members, lesson),
    )
    if check is None:
        # Nothing was held out, so nothing is known of the error: claim to know nothing.
        return float(torch.sqrt(torch.mean(lesson.deltas**2 / lesson.growth)))
    return check.error(members, lesson)


def descend(
    parameters: list[Tensor],
    loss: Callable[[], Float[Tensor, ""]],
    held_out: Callable[[], float] | None,
) -> None:
    """Take steps until what is held out gets no better, and go back to where it was best.

    Args:
        parameters: They are changed in place.
        loss: Loss of the next batch.
        held_out: Loss of what is held out; None if nothing is.
    """
    optimiser = _Adam(parameters)
    best, best_step, best_loss = parameters, 0, float("inf")
    for step in range(STEPS if held_out is not None else UNCHECKED_STEPS):
        if held_out is not None and step % CHECK_EVERY == 0:
            found = held_out()
            if found < best_loss:
                best_step, best_loss = step, found
                best = [each.detach().clone() for each in parameters]
            elif step - best_step >= PATIENCE * CHECK_EVERY:
                break
        optimiser.step(torch.autograd.grad(loss(), parameters))
    with torch.no_grad():
        for parameter, kept in zip(parameters, best, strict=True):
            parameter.copy_(kept)


def _loss(
    members: Networks[E],
    lesson: Lesson,
    weights: Float[Tensor, "members architectures"],
    random: torch.Generator,
) -> Float[Tensor, ""]:
    """Weighted error of one batch, summed over members."""
    pairs = len(lesson.first)
    chosen = torch.arange(pairs)
    if pairs > BATCH:
        chosen = torch.randint(pairs, (BATCH,), generator=random)
    first, second = lesson.first[chosen], lesson.second[chosen]
    used, place = torch.unique(torch.cat([first, second]), return_inverse=True)
    projected = members.project(lesson.rows[used])
    old, new = place[: len(first)], place[len(first) :]
    weight = weights[:, first] * weights[:, second]
    wanted = (lesson.values[second] - lesson.values[first]).expand_as(weight)
    total = averaged(members.deltas(projected, old, new), wanted, weight)
    if members.aware:
        own = weights[:, used]
        total = total + LEVEL_WEIGHT * averaged(
            projected.level, lesson.values[used].expand_as(own), own
        )
    return total * members.members


def averaged(
    found: Float[Tensor, "members items"],
    wanted: Float[Tensor, "members items"],
    weight: Float[Tensor, "members items"],
) -> Float[Tensor, ""]:
    """Weighted mean of the errors, squared up to `KNEE` and linear beyond."""
    losses = huber_loss(found, wanted, reduction="none", delta=KNEE)
    # A batch in which no member may learn anything has no loss, rather than 0 / 0.
    return (weight * losses).sum() / weight.sum().clamp_min(1e-9)


def folds(members: int, count: int, random: torch.Generator) -> Bool[Tensor, "members networks"]:
    """Networks of the fold that each member leaves out."""
    order = torch.randperm(count, generator=random)
    fold = torch.empty_like(order)
    fold[order] = torch.arange(count) % FOLDS
    return torch.stack([fold == member % FOLDS for member in range(members)])


def exponential_weights(
    members: int, count: int, random: torch.Generator
) -> Float[Tensor, "members networks"]:
    """How much each network counts for each member, 1 on average."""
    return -torch.log1p(-torch.rand(members, count, generator=random))


def _held_out(
    members: int, lesson: Lesson, random: torch.Generator
) -> Bool[Tensor, "members architectures"]:
    """Networks that each member never sees; none where that leaves nothing to check or learn."""
    held = folds(members, len(lesson.rows), random)
    both = held[:, lesson.first] & held[:, lesson.second]
    neither = ~held[:, lesson.first] & ~held[:, lesson.second]
    return held if both.any() and neither.any(dim=1).all() else torch.zeros_like(held)


@final
@dataclass(frozen=True, slots=True)
class _HeldOutPairs:
    """Pairs of which some members saw neither architecture."""

    first: Ends
    second: Ends
    growth: Float[Tensor, " pairs"]
    deltas: Float[Tensor, " pairs"]
    unseen: Bool[Tensor, "members pairs"]

    @classmethod
    def of(
        cls, lesson: Lesson, held: Bool[Tensor, "members architectures"], random: torch.Generator
    ) -> "_HeldOutPairs | None":
        unseen = held[:, lesson.first] & held[:, lesson.second]
        pairs = torch.nonzero(unseen.any(dim=0)).squeeze(1)
        if not len(pairs):
            return None
        pairs = pairs[torch.randperm(len(pairs), generator=random)[:CHECKED_PAIRS]]
        first, second, growth = lesson.first[pairs], lesson.second[pairs], lesson.growth[pairs]
        return cls(first, second, growth, lesson.deltas[pairs], unseen[:, pairs])

    def loss(self, members: Networks[E], lesson: Lesson) -> float:
        found = self._predicted(members, lesson)
        wanted = self.deltas.expand_as(found)
        return float(averaged(found, wanted, self.unseen.float()))

    def error(self, members: Networks[E], lesson: Lesson) -> float:
        unseen = self.unseen.float()
        predicted = self._predicted(members, lesson)
        found = (predicted * unseen).sum(dim=0) / unseen.sum(dim=0)
        errors = (found - self.deltas).abs() / self.growth.sqrt()
        variance = float(torch.quantile(errors, ONE_DEVIATION)) ** 2
        if members.members > 1:
            variance -= float(torch.mean(predicted.var(dim=0) / self.growth))
        return math.sqrt(max(variance, 0.0))

    def _predicted(self, members: Networks[E], lesson: Lesson) -> PerPair:
        with torch.no_grad():
            return members.deltas(members.project(lesson.rows), self.first, self.second)


@final
class _Adam:
    """Adam with decoupled weight decay, written out: torch's own takes a second to import."""

    def __init__(self, parameters: list[Tensor]) -> None:
        self._parameters = parameters
        self._means = [torch.zeros_like(each) for each in parameters]
        self._squares = [torch.zeros_like(each) for each in parameters]
        self._taken = 0

    def step(self, gradients: tuple[Tensor, ...]) -> None:
        self._taken += 1
        first, second = 0.9, 0.999
        rate = LEARNING_RATE / (1 - first**self._taken)
        unbias = (1 - second**self._taken) ** 0.5
        moments = zip(self._parameters, gradients, self._means, self._squares, strict=True)
        with torch.no_grad():
            for parameter, gradient, mean, square in moments:
                mean.lerp_(gradient, 1 - first)
                square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
                parameter.mul_(1 - LEARNING_RATE * DECAY)
                parameter.addcdiv_(mean, square.sqrt().div_(unbias).add_(1e-8), value=-rate)
