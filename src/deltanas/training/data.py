"""Data to train on, as one value: inputs, labels, and which examples are for what.

Three parts, each with its own use: networks learn from *train*, the search compares them on
*validation*, and *test* is looked at once, for the network that was chosen.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, final

import numpy as np
from jaxtyping import Float, Int, Shaped
from numpy import ndarray

from deltanas.errors import UnfitDataError
from deltanas.seeds import generator

HELD_OUT = 0.2
"""Share of the examples that is held out for validation, and for test where none was given."""

KINDS: Final[Mapping[int, str]] = MappingProxyType({2: "table", 3: "sequences", 4: "images"})
"""Kind of data, by the dimensions of its inputs; that of characters is `text`."""
MISSING: Final = ("", "nan")
"""What a label reads as where there is none, in small letters."""
FORMS: Final = "(examples, columns), (examples, channels, length) or (examples, channels, h, w)"

Inputs = Float[ndarray, "examples *size"]
Labels = Int[ndarray, "examples *places"]


@final
@dataclass(frozen=True, eq=False)
class Part:
    """Examples for one use."""

    inputs: Inputs
    """Shape `(examples, columns)`, `(examples, channels, length)` or `(examples, channels,
    height, width)`; of a text `(examples, tokens)`, numbers of characters."""
    labels: Labels
    """Number of the class of each example; of a text, the next character at each place."""

    def __len__(self) -> int:
        """How many examples."""
        return len(self.labels)


@final
@dataclass(frozen=True, eq=False)
class Data:
    """A classification problem, ready to train on: inputs have mean 0 and spread 1.

    Of a text, inputs are numbers of characters, and the classes are the characters.
    """

    name: str
    """How commands and reports name it."""
    kind: str
    """`table`, `sequences`, `images` or `text`: spaces say which they take."""
    classes: tuple[str, ...]
    """Name of each class, in the order of their numbers."""
    train: Part
    """What networks learn from."""
    validation: Part
    """What networks are compared on."""
    test: Part
    """What the chosen one is judged by; no part of the search."""
    mean: tuple[float, ...]
    """Of each channel or column, before the inputs were brought to mean 0; none of a text."""
    spread: tuple[float, ...]
    """Of each channel or column, before the inputs were brought to spread 1; none of a text."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one input: columns; channels, then length or height and width; tokens."""
        return tuple(int(size) for size in self.train.inputs.shape[1:])

    @cached_property
    def digest(self) -> str:
        """Changes with any value of any part: tells whether a checkpoint is of this data."""
        found = hashlib.sha256()
        for part in (self.train, self.validation, self.test):
            found.update(np.ascontiguousarray(part.inputs).tobytes())
            found.update(part.labels.tobytes())
        return found.hexdigest()[:16]


def make_data(
    name: str,
    inputs: Shaped[ndarray, "..."],
    labels: Shaped[ndarray, "..."],
    test: tuple[Shaped[ndarray, "..."], Shaped[ndarray, "..."]] | None = None,
    validation: tuple[Shaped[ndarray, "..."], Shaped[ndarray, "..."]] | None = None,
) -> Data:
    """Check examples, split them, and bring the inputs to mean 0 and spread 1.

    The split is the same whatever the seed of a study, so that accuracies of different studies
    can be compared. Each class is split by itself. Mean and spread, of each channel or of
    each column of a table, come from the train part.

    Args:
        name: How messages name the data.
        inputs: One row per example; columns, or channels first; any real numbers.
        labels: One per example; numbers or texts.
        test: Inputs and labels of the test part; held out from the examples if left out.
        validation: The same of the validation part.

    Raises:
        UnfitDataError: No examples, one class only or one without examples to learn from, shapes
            that do not fit, values that are no numbers, labels that are missing, or one of the
            test or validation part that no other example has.
    """
    labels = _checked(name, inputs, labels)
    names, numbers = np.unique(labels, return_inverse=True)
    if len(names) < 2:  # noqa: PLR2004 - nothing to tell apart
        raise UnfitDataError(
            f"data {name} has one class only, {names[0]!s}; a classifier needs examples of two or "
            f"more"
        )
    numbers = numbers.astype(np.int64)
    whole = inputs.astype(np.float32)
    rest = np.arange(len(numbers))
    given = {"test": test, "validation": validation}
    held: dict[str, Part] = {}
    # The first split is that of the only part which is missing, whichever that is.
    for number, what in enumerate(each for each in given if given[each] is None):
        inner, other = _split(numbers[rest], number)
        held[what] = Part(whole[rest[other]], numbers[rest[other]])
        rest = rest[inner]
    for what, arrays in given.items():
        if arrays is not None:
            held[what] = _given_part(name, what, whole, names, arrays)
    parts = (Part(whole[rest], numbers[rest]), held["validation"], held["test"])
    for part, what in zip(parts, ("train", "validation", "test"), strict=True):
        if not len(part):
            raise UnfitDataError(
                f"data {name} has {len(labels)} examples of {len(names)} classes, too few for a "
                f"{what} part; it needs about ten of each class{_perhaps_regression(names)}"
            )
    lost = names[np.setdiff1d(np.arange(len(names)), parts[0].labels)]
    if len(lost):
        raise UnfitDataError(
            f"data {name} has no example of class {lost[0]!s} left to learn from: it has "
            f"{int((labels == lost[0]).sum())} of {len(labels)}; give more, or leave the class out"
            f"{_perhaps_regression(names)}"
        )
    return Data(name, KINDS[inputs.ndim], tuple(map(str, names)), *_scaled(parts))


def _checked(
    name: str, inputs: Shaped[ndarray, "..."], labels: Shaped[ndarray, "..."]
) -> Shaped[ndarray, " examples"]:
    """The labels, where both arrays can be examples."""
    if inputs.ndim not in KINDS or 0 in inputs.shape[1:]:
        raise UnfitDataError(
            f"data {name} needs inputs of shape {FORMS}, got {inputs.shape}; reshape them"
        )
    if labels.ndim != 1 or len(labels) != len(inputs):
        raise UnfitDataError(
            f"data {name} needs one label per example, got inputs of shape {inputs.shape} and "
            f"labels of shape {labels.shape}; labels are numbers of classes, not one-hot"
        )
    if not len(labels):
        raise UnfitDataError(f"data {name} is empty, it has no examples; give some")
    if inputs.dtype.kind not in "fiub" or not np.isfinite(inputs).all():
        raise UnfitDataError(
            f"data {name} has inputs of type {inputs.dtype} that are not all finite numbers; "
            f"replace or leave out what is missing"
        )
    if labels.dtype.kind == "f" and np.isfinite(labels).all() and (labels == labels.round()).all():
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "iuU":
        raise UnfitDataError(
            f"data {name} has labels of type {labels.dtype} such as {labels[0]!s}, out of range "
            f"for classes; labels are whole numbers of 0 or more, or names"
        )
    if labels.dtype.kind == "U" and np.isin(np.char.lower(labels), MISSING).any():
        row = int(np.flatnonzero(np.isin(np.char.lower(labels), MISSING))[0])
        raise UnfitDataError(
            f"data {name} has the label {str(labels[row])!r} for example {row}, which is none; "
            f"leave such examples out, or name their class"
        )
    if labels.dtype.kind == "i" and labels.min() < 0:
        raise UnfitDataError(
            f"data {name} has the label {labels.min()}, out of range; labels are whole numbers of "
            f"0 or more, or names"
        )
    return labels


def _perhaps_regression(names: Shaped[ndarray, " classes"]) -> str:
    """What to say where many classes look like measured numbers."""
    try:
        are_numbers = bool((np.char.find(names.astype(str), ".") >= 0).any())
        names.astype(float)
    except ValueError:
        return ""
    return (
        ". Its labels are numbers with decimals, and networks here are classifiers: for a "
        "regression give a training function of your own, --train"
        if are_numbers
        else ""
    )


def _given_part(
    name: str,
    what: str,
    inputs: Inputs,
    names: Shaped[ndarray, " classes"],
    part: tuple[Shaped[ndarray, "..."], Shaped[ndarray, "..."]],
) -> Part:
    labels = _checked(f"{name} ({what} part)", *part)
    if part[0].shape[1:] != inputs.shape[1:]:
        raise UnfitDataError(
            f"data {name} has inputs of shape {inputs.shape[1:]}, its {what} part of "
            f"{part[0].shape[1:]}; bring both to one shape"
        )
    numbers = np.searchsorted(names, labels)
    known = (numbers < len(names)) & (names[np.minimum(numbers, len(names) - 1)] == labels)
    if not known.all():
        raise UnfitDataError(
            f"data {name} has the label {labels[~known][0]!s} in its {what} part, out of range: no "
            f"other example has it; give examples of it to learn from"
        )
    return Part(part[0].astype(np.float32), numbers.astype(np.int64))


def _split(labels: Labels, number: int) -> tuple[Int[ndarray, " rest"], Int[ndarray, " held"]]:
    """Rows to keep and rows to hold out, `HELD_OUT` of each class, always the same ones."""
    rng = generator(0, "split", number)
    held = np.zeros(len(labels), dtype=bool)
    for each in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == each))
        held[rows[: max(1, round(HELD_OUT * len(rows)))]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def _scaled(
    parts: tuple[Part, Part, Part],
) -> tuple[Part, Part, Part, tuple[float, ...], tuple[float, ...]]:
    """The parts with mean 0 and spread 1 in each channel of the first; mean and spread before."""
    first = parts[0].inputs
    axes = (0, *range(2, first.ndim))
    mean = first.mean(axis=axes, keepdims=True, dtype=np.float64)
    spread = first.std(axis=axes, keepdims=True, dtype=np.float64)
    spread[spread == 0] = 1.0

    def scaled(part: Part) -> Part:
        inputs = ((part.inputs - mean) / spread).astype(np.float32)
        return Part(inputs, part.labels)

    one, two, three = parts
    before = tuple(map(float, mean.ravel())), tuple(map(float, spread.ravel()))
    return scaled(one), scaled(two), scaled(three), *before
