"""Costs that are counted and not measured: equal on every machine, nothing is computed.

Networks may lie on torch's `meta` device, where a tensor is a shape without numbers.
"""

import weakref
from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode


def parameters(network: nn.Module) -> int:
    """Numbers that training changes; running means of normalisation are none."""
    return sum(each.numel() for each in network.parameters() if each.requires_grad)


def flops(network: nn.Module, shape: Sequence[int]) -> int:
    """Floating point operations of one example's way through the network.

    The convention is that of `torch.utils.flop_counter`: a multiplication with its addition is
    **two** operations, and only convolutions and matrix products count. Papers that count
    multiply-adds, NAS-Bench-201 among them, give half of it.

    Args:
        network: On any device; on `meta` it takes milliseconds.
        shape: Of one input, without the batch.
    """
    with FlopCounterMode(display=False) as counter:
        _run(network, shape)
    total: int = counter.get_total_flops()
    return total


def peak_activation_bytes(network: nn.Module, shape: Sequence[int]) -> int:
    """Most memory that inputs and intermediate results of one example take at the same time.

    Counted while the network only answers: training also keeps what the backward pass needs.
    Weights are not counted, nor what an operation uses inside. Ours: the tensors that are alive
    when each operation of torch ends, added up.
    """
    weights = [*network.parameters(), *network.buffers()]
    alive = _Alive(weights)
    with alive:
        _run(network, shape)
    return alive.peak


def _run(network: nn.Module, shape: Sequence[int]) -> None:
    """Show the network one example of zeros, as it answers and not as it learns."""
    device = next((each.device for each in network.parameters()), torch.device("cpu"))
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            network(torch.zeros(1, *shape, device=device))
    finally:
        network.train(was_training)


@final
class _Alive(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the memory of the tensors that were made inside and are still there."""

    def __init__(self, others: Sequence[Tensor]) -> None:
        """Begin with nothing; the memory of `others` is never counted, nor are views of it."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak = 0
        self._now = 0
        self._known = {each.untyped_storage()._cdata for each in others}  # noqa: SLF001

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401 - an operator of torch, which has no public type
        types: Any,  # noqa: ANN401
        args: Any = (),  # noqa: ANN401
        kwargs: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        del types
        made = func(*args, **(kwargs or {}))
        for each in tree_leaves(made):
            if isinstance(each, Tensor):
                self._note(each)
        return made

    def _note(self, tensor: Tensor) -> None:
        """Count a storage once, from now until its last tensor is gone."""
        storage = tensor.untyped_storage()
        name = storage._cdata  # noqa: SLF001 - what torch tells storages apart by
        if name in self._known:
            return
        size = storage.nbytes()
        self._known.add(name)
        self._now += size
        self.peak = max(self.peak, self._now)
        weakref.finalize(storage, self._forget, name, size)

    def _forget(self, name: int, size: int) -> None:
        self._known.discard(name)
        self._now -= size
