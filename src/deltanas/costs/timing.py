"""How long a network takes to answer on this machine: measured, so never twice the same."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import nn

from deltanas.errors import TrainingError

WARM_UP = 10
REPEATS = 50


@final
@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one batch."""

    median_ms: float
    """Half of the runs were faster: other programs hardly move it."""
    p95_ms: float
    """19 of 20 runs were faster."""


def latency(
    network: nn.Module,
    shape: Sequence[int],
    *,
    batch: int = 1,
    repeats: int = REPEATS,
    warm_up: int = WARM_UP,
    threads: int = 1,
) -> Latency:
    """Time the network on the device that its weights are on; its input is zeros.

    On a processor with one thread, the time is what that thread computed: while other programs
    have the processor, its clock stands still. Otherwise it is the time that passed.

    Args:
        network: With real weights; not on `meta`.
        shape: Of one input, without the batch.
        batch: Inputs at a time.
        repeats: Runs that are timed.
        warm_up: Runs before them that are not.
        threads: Threads on a processor; fixed, so that other settings do not move the result.

    Raises:
        TrainingError: The network is on `meta`, or there is nothing to repeat.
    """
    device = next((each.device for each in network.parameters()), torch.device("cpu"))
    if device.type == "meta" or repeats < 1:
        raise TrainingError(
            f"a latency needs a network with real weights and repeats of 1 or more, got one on "
            f"{device} and repeats={repeats}; build it on the device that it will run on"
        )
    before, was_training = torch.get_num_threads(), network.training
    torch.set_num_threads(threads)
    network.eval()
    try:
        with torch.inference_mode():
            inputs = torch.zeros(batch, *shape, device=device)
            clock = time.thread_time if threads == 1 and device.type == "cpu" else time.perf_counter
            seconds = [_time(network, inputs, clock) for _ in range(warm_up + repeats)][warm_up:]
    finally:
        torch.set_num_threads(before)
        network.train(was_training)
    median, p95 = 1000 * np.quantile(seconds, (0.5, 0.95))
    return Latency(float(median), float(p95))


def _time(network: nn.Module, inputs: torch.Tensor, clock: Callable[[], float]) -> float:
    """Seconds of one run; a GPU is waited for, before and after."""
    _wait(inputs.device)
    start = clock()
    network(inputs)
    _wait(inputs.device)
    return clock() - start


def _wait(device: torch.device) -> None:
    """Until a GPU has done all that it was given; a processor has."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
