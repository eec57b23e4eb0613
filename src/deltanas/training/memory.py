"""Memory that is full: how it is recognised, and what is given back."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import torch

from deltanas.errors import TrainingError

Result = TypeVar("Result")


FULL: Final = ("allocate memory", "out of memory", "ALLOC_FAILED")
"""Words of a `RuntimeError` where memory is full: of torch on a processor, of the driver of a GPU,
and of cuBLAS and cuDNN, whose own memory torch does not count."""


def is_memory_error(error: BaseException) -> bool:
    """Whether an error says that memory is full."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in FULL)


def free_memory() -> None:
    """Give back what torch keeps of a GPU's memory without using it."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def halving(work: Callable[[int], Result], at_once: int) -> tuple[Result, int]:
    """Do something with so many examples at once, half as many where memory is full, and so on.

    Args:
        work: Does all of it, so many examples at once.
        at_once: How many to begin with.

    Returns:
        What came of it, and how many memory held.

    Raises:
        MemoryError: Not even one; or what torch raises then.
    """
    while True:
        try:
            return work(at_once), at_once
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not is_memory_error(error) or at_once == 1:
                raise
        # Only here is what failed, with its tensors, forgotten.
        at_once = math.ceil(at_once / 2)
        free_memory()


@contextmanager
def memory_errors() -> Iterator[None]:
    """Inside a block, full memory is one error of ours.

    Raises:
        TrainingError: Memory is full.
    """
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if not is_memory_error(error):
            raise
        words = str(error.__cause__ or error)  # what a builder raised is the cause
        first = (words.splitlines() or [type(error).__name__])[0]
        raise TrainingError(
            f"the network does not fit into memory, not even with one example at a time "
            f"({first[:120]}); limit the parameters, or train where there is more"
        ) from None
