"""Refusing accuracies that no benchmark has: a message names the row and its architecture."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int

from deltanas.errors import DataError

PER_CENT = 100.0
Values = Float[np.ndarray, " architectures"]
Say = Callable[[int], str]
"""The architecture of a row, in words."""


def refuse_bad_accuracies(name: str, runs: Sequence[object], test: Values | None, say: Say) -> None:
    """Refuse rows without a training, and accuracies that are no fraction.

    They may be below 0: a score that is 1 minus a loss is a fraction in this sense too.

    Args:
        name: Name of the benchmark, for messages.
        runs: Accuracy of each training, row by row.
        test: Mean test accuracy of each row, where it is known.
        say: Called for the row that is wrong.

    Raises:
        DataError: There is one.
    """
    flat: list[float] = []
    rows: list[int] = []
    for row, trainings in enumerate(runs):
        if not isinstance(trainings, list | tuple):
            raise DataError(
                f"benchmark {name!r} needs a tuple of trainings in every row, got {trainings!r} in "
                f"row {row} ({say(row)}); write ({trainings!r},) for a single one"
            )
        if not trainings:
            raise DataError(
                f"benchmark {name!r} needs a training in every row, row {row} has none "
                f"({say(row)}); give one, or leave the architecture out of the space"
            )
        for each in trainings:
            if not isinstance(each, float | int | np.floating):
                raise DataError(
                    f"benchmark {name!r} needs numbers as accuracies, got {each!r} in row {row} "
                    f"({say(row)}); give a fraction for each training that there was"
                )
        flat += trainings
        rows += [row] * len(trainings)
    _refuse(name, "accuracies", np.array(flat, dtype=float), np.array(rows), say)
    if test is not None:
        _refuse(name, "test accuracies", test, np.arange(len(test)), say)


def _refuse(
    name: str, what: str, values: Values, rows: Int[np.ndarray, " architectures"], say: Say
) -> None:
    # NaN fails both comparisons.
    wrong = np.flatnonzero(~((values <= 1) & (values > -np.inf)))
    if not len(wrong):
        return
    value, row = float(values[wrong[0]]), int(rows[wrong[0]])
    hint = "divide per cent by 100" if 1 < value <= PER_CENT else "mend that row"
    raise DataError(
        f"benchmark {name!r} needs {what} as fractions, at most 1, got {value:g} in row {row} "
        f"({say(row)}); {hint}"
    )


def refuse_unequal_records(
    name: str,
    runs: Sequence[Sequence[float]],
    networks: Int[np.ndarray, " architectures"],
    say: Say,
) -> None:
    """Refuse rows that are said to be one network and to share its record, and do not.

    Args:
        name: Name of the benchmark, for messages.
        runs: Accuracy of each training, row by row.
        networks: Number of the network of each row.
        say: Called for the two rows.

    Raises:
        DataError: Two rows of one network have other accuracies.
    """
    first: dict[int, int] = {}
    for row, network in enumerate(networks.tolist()):
        other = first.setdefault(network, row)
        if tuple(runs[row]) != tuple(runs[other]):
            raise DataError(
                f"benchmark {name!r} needs one record for functionally equal architectures, got "
                f"{list(runs[other])} in row {other} ({say(other)}) and {list(runs[row])} in row "
                f"{row} ({say(row)}), both network {network}; give both all trainings of the "
                f"network, or leave `networks` out if each was trained on its own"
            )
