"""One study seed, many independent random generators, each found by its name.

A generator is derived from the seed and a key (words and numbers), never from a worker, a
clock or a call count. So "the generator of proposal 17" is the same in every process and
after every resume, and drawing more from one never shifts another.
"""

import hashlib
import json
from typing import Any

import numpy as np

from deltanas.errors import DeltaNasError


class SeedError(DeltaNasError, ValueError):
    """A seed is not a whole number of zero or more."""


def checked_seed(seed: object) -> int:
    """The seed itself, if it can be one.

    Raises:
        SeedError: The seed is negative or not a whole number.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SeedError(
            f"a seed is a whole number of 0 or more, got {seed!r}; give for example seed=0"
        )
    return int(seed)


def generator(seed: int, *key: str | int | np.integer[Any]) -> np.random.Generator:
    """The random generator that belongs to `key` under `seed`.

    Args:
        seed: The study's seed, 0 or more.
        key: What the generator is for, e.g. `"proposal", 17`. Different keys give
            statistically independent generators.

    Returns:
        A fresh numpy generator; equal arguments give equal streams on every machine.

    Raises:
        SeedError: The seed is negative or not a whole number.

    Source:
        SHA-256 of the key as entropy for numpy's `SeedSequence`; ours.
    """
    # JSON tells 1 from "1" and ("a", "b") from ("a, b",); numpy's numbers are made plain.
    plain = [int(part) if isinstance(part, np.integer) else part for part in key]
    digest = hashlib.sha256(json.dumps(plain).encode()).digest()
    words = np.frombuffer(digest, dtype="<u4")
    return np.random.default_rng([checked_seed(seed), *(int(word) for word in words)])
