"""Torch's random numbers from a seed for a while; afterwards they are as they were."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Torch draws from the seed inside a block; outside, its random numbers are untouched.

    GPUs that this process has not used have none to keep. To ask them would wake every GPU of
    the machine, even for a training on the processor, and torch warns where there are several.
    """
    is_used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    gpus = range(torch.cuda.device_count()) if is_used else ()
    with torch.random.fork_rng(devices=gpus):
        torch.manual_seed(seed)
        yield
