"""NASWOT: how differently an untrained network sees the examples of one batch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from deltanas.scores.untouched import answer_of, copied

ACTIVATIONS: Final = frozenset(
    {
        *("relu", "relu_", "relu6", "leaky_relu", "leaky_relu_", "prelu", "rrelu", "threshold"),
        *("elu", "elu_", "selu", "celu", "gelu", "silu", "mish", "softplus"),
        *("hardswish", "tanh", "hardtanh"),
    }
)
"""Functions of torch whose units have a code: those that bend at 0, and tanh."""


def naswot(network: nn.Module, batch: Tensor, *, in_place: bool = False) -> float:
    """Logarithm of the determinant of the kernel of binary codes; more is better.

    Each unit of each activation is 1 where its input is above 0, which gives example i a code
    c_i of N bits. K_ij = N - d_H(c_i, c_j) with Hamming's distance, the score is log |det K|.

    Args:
        network: With random weights; it is left as it was, unless `in_place`.
        batch: Inputs, shape `(examples, *size)`.
        in_place: Whether the network may be changed: for small ones, a copy takes half the time.

    Returns:
        The score, never below 0. A determinant of 0 (two examples with one code, or no
        activation at all) counts as 1: K holds whole numbers and is positive semidefinite,
        so no other determinant is smaller.

    Source:
        Mellor, Turner, Storkey & Crowley 2021, ICML, "Neural Architecture Search without
        Training", for ReLU. Batch normalisation takes the statistics of the batch, as there.
        Ours: units of GELU, SiLU, tanh and others count by the sign of their input too, which
        for them is only the side of the bend; gates (sigmoid, softmax) do not count.
    """
    with (
        copied(network, is_training=True, in_place=in_place) as other,
        torch.no_grad(),
        _Signs() as signs,
    ):
        answer_of(other, batch)
    return log_determinant(signs.kernel(len(batch)))


def log_determinant(kernel: np.ndarray) -> float:
    """Of a positive semidefinite matrix of whole numbers; 0 where it is singular."""
    if np.linalg.matrix_rank(kernel, hermitian=True) < len(kernel):
        return 0.0
    return max(0.0, float(np.linalg.slogdet(kernel)[1]))


@final
class _Signs(TorchFunctionMode):
    """Notes on which side of 0 the inputs of all activations are, modules or functions."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: list[Tensor] = []

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        """Note the input first: an activation in place writes over it."""
        if getattr(func, "__name__", "") in ACTIVATIONS:
            value = args[0] if args else (kwargs or {})["input"]
            self._codes.append(value.detach() > 0)
        return func(*args, **(kwargs or {}))

    def kernel(self, examples: int) -> np.ndarray:
        """Bits on which two examples agree, shape `(examples, examples)`.

        An activation of something that is not one row per example says nothing of them.
        """
        kernel = np.zeros((examples, examples))
        for each in self._codes:
            if each.dim() > 1 and len(each) == examples:
                ones = each.reshape(examples, -1).double()
                both = ones @ ones.T + (1 - ones) @ (1 - ones).T
                kernel += both.cpu().numpy()
        return kernel
