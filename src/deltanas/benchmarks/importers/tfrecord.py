"""TensorFlow's record files, read without TensorFlow.

A file is a row of records. Each is the length of its data (8 bytes, lowest first), a checksum
of these bytes, the data, a checksum of the data. The checksum is CRC-32C, rotated right by 15
bits with a constant added, so that data which holds checksums can be checked too.

Working out CRC-32C byte by byte in Python takes minutes for such a file. Here many records go
through it together, one byte of each at a time.

Source: format as TensorFlow documents it (TFRecord); CRC-32C is that of RFC 3720.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from jaxtyping import UInt8, UInt32

from deltanas.errors import DataError

POLYNOMIAL: Final = 0x82F63B78
"""Castagnoli's, lowest bit first."""
MASK: Final = 0xA282EAD8
LARGEST: Final = 2**20
"""Bytes of one record beyond which a file is not what it claims to be."""
HEAD: Final = 12
TAIL: Final = 4
CHUNK: Final = 8192
"""Records that are checked together."""


def _table() -> UInt32[np.ndarray, "256"]:
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        odd = (values & 1).astype(bool)
        values = np.where(odd, (values >> 1) ^ np.uint32(POLYNOMIAL), values >> 1)
    return values.astype(np.uint32)


TABLE: Final = _table()
"""CRC-32C of each byte."""


def masked_checksums(texts: list[bytes]) -> UInt32[np.ndarray, " texts"]:
    """The masked CRC-32C of each text."""
    lengths = np.array([len(text) for text in texts])
    width = int(lengths.max(initial=0))
    padded = b"".join(text.ljust(width, b"\0") for text in texts)
    # One row for each place, so that a step reads memory in order.
    places: UInt8[np.ndarray, "places texts"] = np.ascontiguousarray(
        np.frombuffer(padded, dtype=np.uint8).reshape(len(texts), width).T
    )
    values = np.full(len(texts), 0xFFFFFFFF, dtype=np.uint32)
    shortest = int(lengths.min(initial=width))
    for place in range(width):
        after = TABLE[(values ^ places[place]) & 0xFF] ^ (values >> 8)
        values = after if place < shortest else np.where(place < lengths, after, values)
    values = ~values
    rotated = (values >> np.uint32(15)) | (values << np.uint32(17))
    masked: UInt32[np.ndarray, " texts"] = rotated + np.uint32(MASK)
    return masked


def read_records(path: Path, *, remedy: str) -> Iterator[bytes]:
    """The data of each record, checked.

    Args:
        path: The file.
        remedy: What to do if it cannot be read, for the message.

    Raises:
        DataError: It is truncated, altered or no file of records; the message names the record.
    """
    number = 0
    try:
        with path.open("rb") as file:
            while True:
                chunk = list(_take(file, path, number, remedy))
                if not chunk:
                    return
                _check([record[:8] for record, _ in chunk], chunk, 8, path, number, remedy)
                texts = [record[HEAD:] for record, _ in chunk]
                _check(texts, chunk, 0, path, number, remedy)
                yield from texts
                number += len(chunk)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}); {remedy}") from None


def _take(file: BinaryIO, path: Path, number: int, remedy: str) -> Iterator[tuple[bytes, bytes]]:
    """Head and data of each of the next records, and the checksum of the data, unchecked."""
    for record in range(number, number + CHUNK):
        head = file.read(HEAD)
        if not head:
            return
        length = int.from_bytes(head[:8], "little") if len(head) == HEAD else 0
        if length > LARGEST:
            raise DataError(
                f"{path} should be a file of TensorFlow's records, got a length of {length} bytes "
                f"for record {record}; {remedy}"
            )
        data, tail = file.read(length), file.read(TAIL)
        if len(head) < HEAD or len(data) < length or len(tail) < TAIL:
            raise DataError(
                f"{path} is truncated or altered: record {record} should have "
                f"{length + HEAD + TAIL} bytes, got {len(head) + len(data) + len(tail)}; {remedy}"
            )
        yield head + data, tail


def _check(
    texts: list[bytes],
    chunk: list[tuple[bytes, bytes]],
    place: int,
    path: Path,
    number: int,
    remedy: str,
) -> None:
    """Refuse records whose checksum, in the head at `place` or in the tail if 0, is another."""
    stored = b"".join(record[place:HEAD] if place else tail for record, tail in chunk)
    found = masked_checksums(texts)
    wrong = np.flatnonzero(found != np.frombuffer(stored, dtype="<u4"))
    if len(wrong):
        which = "length" if place else "data"
        raise DataError(
            f"{path} should hold records with right checksums, got a wrong one for the {which} of "
            f"record {number + int(wrong[0])}: it was altered or is no file of records; {remedy}"
        )
