"""SynFlow: how much flows through an untrained network along all of its paths."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from deltanas.scores.untouched import answer_of, check_real, copied

NORMS: Final = frozenset({"batch_norm", "group_norm", "layer_norm", "instance_norm", "rms_norm"})
"""Functions of torch that hand on what they get, as long as a score is worked out."""
RANGE: Final = np.finfo(np.float64)


def synflow(network: nn.Module, batch: Tensor, *, in_place: bool = False) -> float:
    """Logarithm of the sum of |theta dR/dtheta| over all parameters theta; more is better.

    R is the sum of what the network gives for one example of ones, after each parameter was
    replaced by its absolute value. No data is looked at, only its shape.

    Args:
        network: With random weights; it is left as it was, unless `in_place`.
        batch: Inputs of real numbers, shape `(examples, *size)`.
        in_place: Whether the network may be changed: for small ones, a copy takes half the time.

    Returns:
        The score, from arithmetic in 64 bits. A sum of 0 (or none) counts as the least
        positive number, about -708 as a logarithm, one that is too large as the largest.

    Raises:
        ScoreError: The inputs are tokens, so there are no ones to give.

    Source:
        Tanaka, Kunin, Yamins & Ganguli 2020, NeurIPS, "Pruning neural networks without any
        data by iteratively conserving synaptic flow"; as a score of whole networks, without
        batch normalisation, Abdelfattah, Mehrotra, Dudziak & Lane 2021, ICLR. Ours: the
        logarithm, that other normalisations are left out too, and that biases count.
    """
    check_real(batch, "synflow")
    with copied(network, is_training=False, in_place=in_place) as other, _WithoutNorms():
        other.double()
        with torch.no_grad():
            for each in other.parameters():
                each.abs_()
        ones = torch.ones((1, *batch.shape[1:]), dtype=torch.float64, device=batch.device)
        parameters = [each for each in other.parameters() if each.requires_grad]
        flow = answer_of(other, ones).sum()
        total = _flow_of(flow, parameters) if flow.requires_grad else 0.0
    if np.isnan(total):
        total = 0.0
    return float(np.log(np.clip(total, RANGE.tiny, RANGE.max)))


def _flow_of(flow: Tensor, parameters: Sequence[Tensor]) -> float:
    """The sum over all parameters."""
    found: Sequence[Tensor | None] = torch.autograd.grad(flow, parameters, allow_unused=True)
    pairs = zip(parameters, found, strict=True)
    return sum(float((p.detach() * g).abs().sum()) for p, g in pairs if g is not None)


@final
class _WithoutNorms(TorchFunctionMode):
    """Normalisation hands on what it gets: with it, what flows would not depend on weights."""

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        """Everything else is computed."""
        if getattr(func, "__name__", "") in NORMS:
            return args[0] if args else (kwargs or {})["input"]
        return func(*args, **(kwargs or {}))
