"""Reading a pickle that holds numbers and texts, without running what a pickle can run.

A pickle is a programme. Two things in it are dangerous: names of functions to call, and
numbers that make the reader claim memory without end. So the file is first scanned, which
executes nothing, and then read by an unpickler that knows no names.
"""

import io
import pickle
import pickletools
from pathlib import Path
from typing import Final, NoReturn, final

from deltanas.errors import DataError, UnsafeDataError

LARGEST_BYTES = 64 * 2**20
"""Files beyond this are not what they claim to be; the largest known one has 2 MB."""

PLAIN: Final = frozenset(
    {
        *("PROTO", "FRAME", "STOP", "MARK", "POP", "POP_MARK", "DUP", "MEMOIZE"),
        *("PUT", "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET"),
        *("NONE", "NEWTRUE", "NEWFALSE", "INT", "BININT", "BININT1", "BININT2"),
        *("LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("EMPTY_LIST", "APPEND", "APPENDS", "LIST", "EMPTY_DICT", "DICT", "SETITEM", "SETITEMS"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
    }
)
"""Instructions that only build numbers, texts, lists, tuples and dicts."""

ADDRESSES: Final = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
"""Instructions that name a place in memory, for which all lower places are claimed too."""


@final
class _NamelessUnpickler(pickle.Unpickler):
    """Builds plain values only; a second lock behind the scan."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise UnsafeDataError(f"it names {module}.{name}")

    def persistent_load(self, _: object) -> NoReturn:
        raise UnsafeDataError("it refers to objects outside of it")


def read_plain_pickle(path: Path, *, remedy: str) -> object:
    """The value in a pickle file made of plain numbers, texts and containers.

    Args:
        path: The file.
        remedy: What to do if it cannot be read, for the message.

    Raises:
        UnsafeDataError: It would call something; nothing of it was executed.
        DataError: It cannot be read: empty, truncated, too large, no pickle.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise DataError(
                f"{path} has {path.stat().st_size / 2**20:.0f} MiB, expected at most "
                f"{LARGEST_BYTES // 2**20}; {remedy}"
            )
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); {remedy}") from None
    try:
        _scan(data)
        return _NamelessUnpickler(io.BytesIO(data)).load()
    except UnsafeDataError as error:
        raise UnsafeDataError(
            f"{path} was refused, because reading it would run code: {error}. Expected numbers "
            f"and texts only; {remedy}"
        ) from None
    except Exception as error:  # noqa: BLE001  pickle documents no limit to what a broken file raises
        raise DataError(
            f"{path} is truncated or no table, {len(data)} bytes long ({error}); {remedy}"
        ) from None


def _scan(data: bytes) -> None:
    """Refuse instructions that do more than build plain values, executing none."""
    for instruction, argument, _ in pickletools.genops(data):
        if instruction.name not in PLAIN:
            named = "" if argument is None else f" {str(argument)[:80]!r}"
            raise UnsafeDataError(f"it contains the instruction {instruction.name}{named}")
        if instruction.name in ADDRESSES and int(argument or 0) > len(data):
            raise DataError(f"it claims memory for {argument} values")
