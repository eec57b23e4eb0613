"""Reading authors' pickles of dicts, numbers and texts, whatever size, without running them.

A pickle runs code only through the names that it looks up. Here a name is never looked up: a
few are known, each stands for something of this file or a plain container, and every other
one is refused before anything is called. Known are those that dicts of numpy's numbers need:
ordered dicts (read as dicts), sets, numpy's numbers and arrays (read as Python's numbers and
lists), bytes as old pickles write them.

`plain_pickle` is stricter: it reads the whole file once before it builds anything, so that a
file cannot claim memory either. That takes too long for the gigabytes of these files.
"""

import pickle
from types import MappingProxyType
from typing import Any, Final, NoReturn, Protocol, final, runtime_checkable

import numpy as np

from deltanas.errors import DataError, UnsafeDataError

NUMBERS: Final = frozenset(
    {
        *("b1", "f2", "f4", "f8", "i1", "i2", "i4", "i8"),
        *("u1", "u2", "u4", "u8"),
    }
)
"""Types of numbers that are read."""
ORDERS: Final = frozenset({"<", "|"})


@runtime_checkable
class Stream(Protocol):
    """What a pickle is read from: an open file, a member of an archive, bytes."""

    def read(self, n: int, /) -> bytes:
        """At most so many bytes."""

    def readline(self) -> bytes:
        """Bytes up to the end of a line."""


@final
class _NumberType:
    """Stands for numpy's type of numbers."""

    __slots__ = ("code",)

    def __init__(self, code: object, *_: object) -> None:
        if not isinstance(code, str) or code not in NUMBERS:
            raise UnsafeDataError(f"it holds numpy's type {str(code)[:80]!r}")
        self.code = code

    def __setstate__(self, state: object) -> None:
        # Version, byte order, then what only structured types have.
        if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ORDERS:  # noqa: PLR2004
            raise UnsafeDataError(f"it describes numpy's type as {str(state)[:80]}")

    def values(self, data: object) -> list[Any]:
        """The numbers in these bytes."""
        if not isinstance(data, bytes):
            raise UnsafeDataError(f"it makes numbers from a {type(data).__name__}")
        found: list[Any] = np.frombuffer(data, dtype=f"<{self.code}").tolist()
        return found


@final
class _Array(list[Any]):
    """Stands for numpy's array: its numbers in the order in which they are stored."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[2], _NumberType):  # noqa: PLR2004
            raise UnsafeDataError(f"it describes an array as {str(state)[:80]}")
        self.extend(state[2].values(state[4]))


def _number(kind: object, data: object) -> Any:  # noqa: ANN401  any of Python's numbers
    """Stands for the function that makes numpy's number."""
    if not isinstance(kind, _NumberType):
        raise UnsafeDataError(f"it makes a number from {str(kind)[:80]!r}")
    (value,) = kind.values(data)
    return value


def _array(*_: object) -> _Array:
    """Stands for the function that makes an empty array of numpy."""
    return _Array()


def _bytes(text: object, encoding: object) -> bytes:
    """Stands for the function by which old pickles write bytes."""
    if not isinstance(text, str) or encoding != "latin1":
        raise UnsafeDataError(f"it encodes something as {str(encoding)[:80]}")
    return text.encode("latin1")


@final
class _Name:
    """Stands for a name that is only mentioned, as that of the array's class."""

    __slots__ = ()


_MAKERS: Final = MappingProxyType(
    {
        # Dicts keep their order anyway, and unlike ordered ones have no attributes to set.
        "collections OrderedDict": dict,
        "builtins set": set,
        "__builtin__ set": set,
        "_codecs encode": _bytes,
        "numpy dtype": _NumberType,
        "numpy ndarray": _Name,
        **{
            f"numpy.{core}.multiarray {name}": maker
            for core in ("core", "_core")
            for name, maker in (("scalar", _number), ("_reconstruct", _array))
        },
    }
)
"""Names that a file may use, and what stands for them."""


@final
class _Unpickler(pickle.Unpickler):
    """Builds plain values; the only things that it can call are those of this file."""

    def find_class(self, module: str, name: str) -> object:
        full = f"{module} {name}"
        if full not in _MAKERS:
            raise UnsafeDataError(f"it names {module}.{name}")
        return _MAKERS[full]

    def persistent_load(self, _: object) -> NoReturn:
        raise UnsafeDataError("it refers to objects outside of it, as trained weights are")


def read_harmless_pickle(stream: Stream, *, name: str, remedy: str) -> object:
    """The next value of a pickled stream, built of plain containers, numbers and texts.

    Args:
        stream: Where the pickle begins; it is left where it ends.
        name: What is read, for the message.
        remedy: What to do if it cannot be read, for the message.

    Raises:
        UnsafeDataError: It would call something else; nothing of that was executed.
        DataError: It is truncated or no pickle.
    """
    try:
        return _Unpickler(stream).load()
    except UnsafeDataError as error:
        raise UnsafeDataError(
            f"{name} was refused, because reading it would run code: {error}. Expected dicts, "
            f"lists, numbers and texts only; {remedy}"
        ) from None
    except Exception as error:  # noqa: BLE001  pickle documents no limit to what a broken file raises
        told = " ".join(str(error).split())[:160] or type(error).__name__
        raise DataError(
            f"{name} should be a complete pickle, and cannot be read ({told}): it is truncated, "
            f"altered or something else; {remedy}"
        ) from None
