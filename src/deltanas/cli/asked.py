"""What a name on the command line means, where it may be a benchmark, a space or a file."""

import difflib

from deltanas.benchmarks import Benchmark, Surrogate, load, names
from deltanas.errors import UnknownNameError
from deltanas.training import SPACES


def spaces_to_train() -> list[str]:
    """Spaces that have networks, and no recorded accuracies under the same name."""
    recorded = names()
    return [each for each in SPACES if each not in recorded]


def benchmark_of(name: str) -> Benchmark | Surrogate:
    """The benchmark of that name; a name near that of a space is offered that.

    Raises:
        UnknownNameError: There is none.
    """
    try:
        return load(name)
    except UnknownNameError as error:
        if ":" in name:
            raise
        spaces = spaces_to_train()
        if near := difflib.get_close_matches(name, spaces, n=1, cutoff=0.7):
            raise UnknownNameError(
                f"there is no benchmark or space {name!r}; did you mean the space {near[0]!r}, "
                f"whose networks are trained on --data?"
            ) from None
        raise UnknownNameError(
            f"{error}; spaces whose networks are trained on --data are {', '.join(spaces)}, and "
            f"your own is my_project.py:space or space.toml"
        ) from None
