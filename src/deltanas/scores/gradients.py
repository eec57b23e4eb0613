"""Two scores from the gradients of an untrained network on one batch."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from deltanas.errors import ScoreError
from deltanas.scores.untouched import answer_of, check_real, copied

NEAR_ZERO: Final = 1e-5
"""What keeps logarithm and inverse of an eigenvalue finite: k in the papers."""


def jacobian_covariance(network: nn.Module, batch: Tensor, *, in_place: bool = False) -> float:
    """How little the Jacobians of the examples go together; more is better.

    J_i is the gradient of the summed outputs by example i. With the eigenvalues s of the
    matrix of correlations of J_1, J_2, ..., the score is - sum(log(s + k) + 1 / (s + k)).

    Args:
        network: With random weights; it is left as it was, unless `in_place`.
        batch: Inputs of real numbers, shape `(examples, *size)`.
        in_place: Whether the network may be changed: for small ones, a copy takes half the time.

    Returns:
        The score, always finite. A Jacobian that does not vary over the inputs, or is not
        finite, has a correlation of 0 with all, itself too.

    Raises:
        ScoreError: The inputs are tokens, which have no gradient.

    Source:
        Mellor, Turner, Storkey & Crowley 2020, arXiv:2006.04647v1; `jacob_cov` of Abdelfattah,
        Mehrotra, Dudziak & Lane 2021, ICLR. Batch normalisation takes the statistics of the
        batch, as there, so that J_i holds what example i does to the others as well.
    """
    check_real(batch, "jacobian_covariance")
    with copied(network, is_training=True, in_place=in_place) as other:
        inputs = batch.detach().clone().requires_grad_()
        total = answer_of(other, inputs).sum()
        rows = np.zeros((len(batch), 1))
        if total.requires_grad:
            (found,) = torch.autograd.grad(total, [inputs], allow_unused=True)
            if found is not None:
                rows = found.flatten(1).double().cpu().numpy()
    values = np.clip(np.linalg.eigvalsh(correlations(rows)), 0.0, None) + NEAR_ZERO
    return float(-(np.log(values) + 1.0 / values).sum())


def correlations(rows: np.ndarray) -> np.ndarray:
    """Of each row with each other; 0 for rows that do not vary or are not finite."""
    rows = np.where(np.isfinite(rows).all(axis=1, keepdims=True), rows, 0.0)
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    found: np.ndarray = units @ units.T
    return found


def gradient_norm(
    network: nn.Module, batch: Tensor, labels: Tensor, *, in_place: bool = False
) -> float:
    """Sum over all parameters, tensor by tensor, of the norm of the loss's gradient.

    Args:
        network: With random weights; it is left as it was, unless `in_place`.
        batch: Inputs, shape `(examples, *size)`; tokens too.
        labels: Number of the class of each example, as cross entropy takes them.
        in_place: Whether the network may be changed: for small ones, a copy takes half the time.

    Returns:
        The score, 0 or more. What is no number counts as 0, infinity as the largest number.

    Raises:
        ScoreError: The network does not give one score per class for these labels.

    Source:
        `grad_norm` of Abdelfattah, Mehrotra, Dudziak & Lane 2021, ICLR, "Zero-Cost Proxies for
        Lightweight NAS". Batch normalisation takes the statistics of the batch.
    """
    with copied(network, is_training=True, in_place=in_place) as other:
        parameters = [each for each in other.parameters() if each.requires_grad]
        answer = answer_of(other, batch)
        try:
            loss = functional.cross_entropy(answer, labels)
        except (RuntimeError, ValueError, IndexError) as error:
            raise ScoreError(
                f"expected scores of shape (examples, classes) for labels of shape "
                f"{tuple(labels.shape)}, got {tuple(answer.shape)} ({error}); give labels that "
                f"fit the network"
            ) from error
        if not loss.requires_grad:
            return 0.0
        found: Sequence[Tensor | None] = torch.autograd.grad(loss, parameters, allow_unused=True)
    norms = [float(each.double().norm()) for each in found if each is not None]
    return float(np.nan_to_num(sum(norms)))
