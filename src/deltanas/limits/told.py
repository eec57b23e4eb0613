"""Limits of a study, parted into those that are known before training and those that it tells."""

from collections.abc import Sequence

from deltanas.limits.limit import Limit, is_told
from deltanas.limits.metrics import Metrics, SpaceCosts
from deltanas.spaces import SearchSpace


def parted(
    limits: Sequence[Limit | str], metrics: Metrics | None, space: SearchSpace
) -> tuple[list[Limit], tuple[Limit, ...]]:
    """Limits on what is known before training, and those on what only a training tells.

    Args:
        limits: `Limit`s, or texts such as `params<=600M` and `fairness:told>=0.9`.
        metrics: What is known before training; the space's own costs if left out.
        space: What is searched.

    Raises:
        LimitError: One of them cannot be read.
    """
    known = (metrics or SpaceCosts(space)).metric_names if limits else ()
    texts = [limits] if isinstance(limits, str) else limits
    read = [Limit.read(each, known, may_be_told=True) for each in texts]
    told = sorted((each for each in read if each.is_told), key=lambda limit: limit.words)
    return [each for each in read if not each.is_told], tuple(told)


def told_limits(words: Sequence[str]) -> tuple[Limit, ...]:
    """The limits on what only a training tells, among those that a study stored."""
    return tuple(Limit.read(each, (), may_be_told=True) for each in words if is_told(each))
