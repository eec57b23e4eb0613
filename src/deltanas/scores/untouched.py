"""A network to score: a copy, so that the user's own stays as it was."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch import Tensor, nn

from deltanas.errors import ScoreError
from deltanas.networks.seeded import seeded

DROPOUT: Final = (
    *(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d),
    *(nn.AlphaDropout, nn.FeatureAlphaDropout),
)
"""Layers that a score leaves out: what they drop is chance."""


@contextmanager
def copied(network: nn.Module, *, is_training: bool, in_place: bool) -> Iterator[nn.Module]:
    """A copy of a network in a mode of its own, with gradients on and torch's seed 0.

    Weights, gradients, running statistics and modes of the network itself, and torch's random
    numbers outside the block, are left alone. Dropout is off in both modes.

    Args:
        network: With weights; lazy layers must have theirs.
        is_training: Whether batch normalisation takes the statistics of the batch.
        in_place: Whether to give the network itself, which nobody else needs.
    """
    with seeded(0), torch.enable_grad():
        other = network if in_place else copy.deepcopy(network)
        other.train(is_training)
        for module in other.modules():
            if isinstance(module, DROPOUT):
                module.eval()
        yield other


def answer_of(network: nn.Module, batch: Tensor) -> Tensor:
    """What a network gives for a batch.

    Raises:
        ScoreError: It gives no tensor.
    """
    answer = network(batch)
    if not isinstance(answer, Tensor):
        raise ScoreError(
            f"expected a network that gives one tensor of scores, got "
            f"{type(answer).__name__}; let its forward return the tensor"
        )
    return answer


def check_real(batch: Tensor, score: str) -> None:
    """Refuse inputs that nothing can be differentiated by.

    Raises:
        ScoreError: They are whole numbers, such as the tokens of a text.
    """
    if not batch.is_floating_point():
        raise ScoreError(
            f"{score} needs inputs that are real numbers, got {batch.dtype} of shape "
            f"{tuple(batch.shape)}; for tokens there are naswot and gradient_norm"
        )
