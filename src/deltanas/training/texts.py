"""Texts to train on: which character comes next, after those before it in a window.

The built-in text is Python's own library: whoever can run deltanas has it.
"""

import sysconfig
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from deltanas.errors import MissingDataError, UnfitDataError
from deltanas.seeds import generator
from deltanas.training.data import Data, Part

WINDOW: Final = 64
"""Characters of one example."""
OTHER: Final = "\ufffd"
"""Stands for all characters that are not among the classes."""
CHARACTERS: Final = ("\n", *map(chr, range(32, 127)), OTHER)
"""Classes: the printable characters of ASCII, the end of a line, and all others as one."""
FILES: Final = (96, 24, 24)
"""Files of Python's library for train, validation and test."""
WINDOWS: Final = (1_000, 400, 400)
"""Examples that are drawn from them."""
SHORTEST: Final = 500
"""Characters that a text of one's own has at least for each part."""
SUFFIX: Final = ".txt"
"""How the name of a text of one's own ends."""


def stdlib_text() -> Data:
    """Windows of 64 characters of Python's own library, the files that lie at its top.

    Every part has files of its own. The text is that of the running Python: another version
    has another one, so accuracies of different versions are not to be compared.

    Raises:
        MissingDataError: This Python came without the source of its library.
    """
    folder = Path(sysconfig.get_path("stdlib"))
    paths = sorted(path for path in folder.glob("*.py") if path.stat().st_size > 4 * WINDOW)
    if len(paths) < sum(FILES):
        raise MissingDataError(
            f"this Python has {len(paths)} files of its library in {folder}, the text needs "
            f"{sum(FILES)}; use a Python that was installed with them, or a .txt file of your own"
        )
    rng = generator(0, "stdlib-text")
    chosen = rng.permutation(len(paths))[: sum(FILES)]
    parts, first = [], 0
    for files, windows in zip(FILES, WINDOWS, strict=True):
        names = [paths[each] for each in chosen[first : first + files]]
        texts = [_numbers(path.read_text(encoding="utf-8", errors="replace")) for path in names]
        parts.append(_drawn(texts, windows, rng))
        first += files
    return _data("stdlib-text", parts)


def read_text(path: Path) -> Data:
    """Windows of 64 characters of a text file; its last fifths are for validation and test.

    Raises:
        UnfitDataError: It cannot be read, or is too short.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitDataError(
            f"{path} cannot be read as a text ({error}); save it as UTF-8"
        ) from None
    numbers = _numbers(text)
    fifth = len(numbers) // 5
    if fifth < SHORTEST:
        raise UnfitDataError(
            f"the text {path} has {len(numbers)} characters, too few to learn from; give one of "
            f"{5 * SHORTEST:,} or more"
        )
    blocks = (numbers[: -2 * fifth], numbers[-2 * fifth : -fifth], numbers[-fifth:])
    return _data(path.name, [_cut(block) for block in blocks])


def _numbers(text: str) -> Int[ndarray, " characters"]:
    """Position of each character among the classes."""
    places = {character: place for place, character in enumerate(CHARACTERS)}
    other = len(CHARACTERS) - 1
    return np.array([places.get(character, other) for character in text], dtype=np.int64)


def _drawn(
    texts: list[Int[ndarray, "_"]], windows: int, rng: np.random.Generator
) -> Int[ndarray, "windows places"]:
    """Random windows, each with the character behind it; longer texts give more of them."""
    starts = np.array([len(text) - WINDOW for text in texts])
    found = []
    for which in rng.choice(len(texts), windows, p=starts / starts.sum()):
        start = rng.integers(starts[which])
        found.append(texts[which][start : start + WINDOW + 1])
    return np.stack(found)


def _cut(numbers: Int[ndarray, " characters"]) -> Int[ndarray, "windows places"]:
    """All windows one after the other, each with the character behind it."""
    starts = range(0, len(numbers) - WINDOW, WINDOW)
    return np.stack([numbers[start : start + WINDOW + 1] for start in starts])


def _data(name: str, parts: list[Int[ndarray, "_ places"]]) -> Data:
    train, validation, test = (
        Part(windows[:, :-1].astype(np.float32), windows[:, 1:]) for windows in parts
    )
    return Data(name, "text", CHARACTERS, train, validation, test, (), ())
