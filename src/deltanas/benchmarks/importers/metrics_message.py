"""The protocol buffer in which NAS-Bench-101 records a training, decoded without a library.

A message is a row of fields, each after a number that holds the field's number and how it is
written: 0 a varint, 1 eight bytes, 2 a length and so many bytes, 5 four bytes. A training is

    message ModelMetrics { repeated EvaluationData evaluation_data = 1;
                           optional int32 trainable_parameters = 2;
                           optional double total_time = 3; }
    message EvaluationData { optional double current_epoch = 1, training_time = 2,
                             train_accuracy = 3, validation_accuracy = 4, test_accuracy = 5;
                             optional string checkpoint_path = 6; }

with three evaluations: before training, half-way and at the end.

Source: nasbench/lib/model_metrics.proto (github.com/google-research/nasbench); encoding as
protobuf.dev documents it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
SIZES: Final = {EIGHT: 8, FOUR: 4}
MOST_BITS: Final = 64


@final
@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured at one moment of a training; fields that were not told are 0."""

    epoch: float
    seconds: float
    train_accuracy: float
    validation_accuracy: float
    test_accuracy: float


@final
@dataclass(frozen=True, slots=True)
class Metrics:
    """What is recorded of one training."""

    evaluations: tuple[Evaluation, ...]
    parameters: int


def read_metrics(message: bytes) -> Metrics:
    """Decode a training.

    Raises:
        ValueError: It is truncated or no such message.
    """
    evaluations: list[Evaluation] = []
    parameters = 0
    for field, kind, value in _fields(message):
        if (field, kind) == (1, BYTES) and isinstance(value, bytes):
            evaluations.append(_evaluation(value))
        elif (field, kind) == (2, VARINT) and isinstance(value, int):
            parameters = value
    return Metrics(tuple(evaluations), parameters)


def _evaluation(message: bytes) -> Evaluation:
    numbers = [0.0] * 5
    for field, kind, value in _fields(message):
        if kind == EIGHT and field <= len(numbers) and isinstance(value, bytes):
            (numbers[field - 1],) = struct.unpack("<d", value)
    return Evaluation(*numbers)


def _fields(message: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Number, way of writing and value of each field."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        field, kind = tag >> 3, tag & 7
        if field == 0:
            raise ValueError("a field has the number 0")
        if kind == VARINT:
            number, place = _varint(message, place)
            yield field, kind, number
            continue
        if kind == BYTES:
            length, place = _varint(message, place)
        elif kind in SIZES:
            length = SIZES[kind]
        else:
            raise ValueError(f"field {field} is written in the unknown way {kind}")
        value = message[place : place + length]
        if len(value) < length:
            raise ValueError(f"field {field} should have {length} bytes, got {len(value)}")
        place += length
        yield field, kind, value


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and where it ends."""
    number = 0
    for shift in range(0, MOST_BITS, 7):
        if place >= len(message):
            raise ValueError("a number is cut off")
        byte = message[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  the highest bit says whether another byte follows
            return number, place
    raise ValueError("a number has more than 64 bits")
