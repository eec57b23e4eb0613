"""Reading a pickle that holds numbers and texts, without running what a pickle can run.

A pickle is a programme. Two things in it are dangerous: names of functions to call, and
numbers that make the reader claim memory without end. So the file is first scanned, which
executes nothing, and then read by an unpickler that knows no names.

Some tables hold numpy's numbers, which a pickle rebuilds by calling numpy. For those, three
names are allowed on request, and they stand for classes of this file, never for numpy's.
"""

import io
import pickle
import pickletools
import struct
from pathlib import Path
from types import MappingProxyType
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

NUMPY: Final = frozenset({"GLOBAL", "REDUCE", "BUILD", "SHORT_BINBYTES"})
"""Instructions more with which numpy writes a number."""

ADDRESSES: Final = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
"""Instructions that name a place in memory, for which all lower places are claimed too."""


DOUBLE: Final = (3, "<", None, None, None, -1, -1, 0)
"""What numpy writes of its type of numbers of eight bytes, lowest byte first."""


@final
class _Double:
    """Stands for that type. Without attributes, so that a pickle cannot change it."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        if state != DOUBLE:
            raise UnsafeDataError(f"it describes numbers as {str(state)[:80]}")


@final
class _MakeType:
    """Stands for `numpy.dtype`."""

    __slots__ = ()

    def __call__(self, code: object, *_: object) -> _Double:
        if code != "f8":
            raise UnsafeDataError(f"it holds numbers of type {str(code)[:80]!r}")
        return _Double()


@final
class _MakeNumber:
    """Stands for the function that makes a number from its type and its bytes."""

    __slots__ = ()

    def __call__(self, kind: object, data: bytes) -> float:
        if not isinstance(kind, _Double):
            raise UnsafeDataError(f"it makes a number from {str(kind)[:80]!r}")
        (number,) = struct.unpack("<d", data)
        return float(number)


NAMES: Final = MappingProxyType(
    {
        "numpy dtype": _MakeType,
        "numpy.core.multiarray scalar": _MakeNumber,
        "numpy._core.multiarray scalar": _MakeNumber,
    }
)
"""Names that a table with numpy's numbers may use, and what they stand for."""


@final
class _Unpickler(pickle.Unpickler):
    """Builds plain values, and numpy's numbers as floats; a second lock behind the scan."""

    def find_class(self, module: str, name: str) -> object:
        full = f"{module} {name}"
        if full not in NAMES:
            raise UnsafeDataError(f"it names {module}.{name}")
        return NAMES[full]()

    def persistent_load(self, _: object) -> NoReturn:
        raise UnsafeDataError("it refers to objects outside of it")


def read_plain_pickle(path: Path, *, remedy: str, numpy: bool = False) -> object:
    """The value in a pickle file made of plain numbers, texts and containers.

    Args:
        path: The file.
        remedy: What to do if it cannot be read, for the message.
        numpy: Whether numbers may be numpy's double ones; they are read as floats.

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
        _scan(data, numpy=numpy)
        return _Unpickler(io.BytesIO(data)).load()
    except UnsafeDataError as error:
        raise UnsafeDataError(
            f"{path} was refused, because reading it would run code: {error}. Expected numbers "
            f"and texts only; {remedy}"
        ) from None
    except Exception as error:  # noqa: BLE001  pickle documents no limit to what a broken file raises
        raise DataError(
            f"{path} is truncated or no table, {len(data)} bytes long ({error}); {remedy}"
        ) from None


def _scan(data: bytes, *, numpy: bool) -> None:
    """Refuse instructions that do more than build what is asked for, executing none."""
    allowed = PLAIN | NUMPY if numpy else PLAIN
    for instruction, argument, _ in pickletools.genops(data):
        is_strange = instruction.name == "GLOBAL" and argument not in NAMES
        if instruction.name not in allowed or is_strange:
            named = "" if argument is None else f" {str(argument)[:80]!r}"
            raise UnsafeDataError(f"it contains the instruction {instruction.name}{named}")
        if instruction.name in ADDRESSES and int(argument or 0) > len(data):
            raise DataError(f"it claims memory for {argument} values")
