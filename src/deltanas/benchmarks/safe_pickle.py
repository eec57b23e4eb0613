"""Pickles of other packages, read without running anything in them."""

import io
import pickle
from pathlib import Path
from typing import Never, final

from deltanas.errors import DataError, UnsafeDataError


@final
class _PlainUnpickler(pickle.Unpickler):
    """Knows numbers, texts and containers; every class and function is refused."""

    def find_class(self, module: str, name: str) -> Never:
        """Refuse: resolving a name is how a pickle runs code."""
        raise UnsafeDataError(
            f"the file asks for {module}.{name}; benchmark data holds plain numbers only. "
            f"Nothing was run: reinstall the package that the file belongs to"
        )

    def persistent_load(self, pid: object) -> Never:
        """Refuse objects from elsewhere."""
        raise UnsafeDataError(f"the file refers to an object outside itself ({pid!r}); refused")


def load(path: Path) -> object:
    """The plain value that a pickle file holds.

    Raises:
        DataError: The file cannot be read, is truncated or is no pickle.
        UnsafeDataError: Reading it would run code; nothing was run.
    """
    try:
        content = path.read_bytes()
        return _PlainUnpickler(io.BytesIO(content)).load()
    except UnsafeDataError as error:
        raise UnsafeDataError(f"{path.name}: {error}") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from None
    except Exception as error:  # noqa: BLE001 - a broken pickle may raise anything
        raise DataError(
            f"{path.name} is truncated or no pickle ({type(error).__name__}: {error}); "
            f"reinstall the package that it belongs to"
        ) from None
