"""Scores as features of a space: worked out for every network that a predictor is asked about."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final, final

import numpy as np
import torch
from jaxtyping import Float
from torch import nn
from torch.nn.parameter import is_lazy

from deltanas.errors import ScoreError, SpaceError, UnknownNameError
from deltanas.networks.building import built_by
from deltanas.networks.seeded import seeded
from deltanas.scores.gradients import gradient_norm, jacobian_covariance
from deltanas.scores.naswot import naswot
from deltanas.scores.synflow import synflow
from deltanas.seeds import generator
from deltanas.spaces import Architecture, BlockSpace, Codes, Darts, SearchSpace
from deltanas.spaces.facts import unwrapped
from deltanas.spaces.more_features import MoreFeatures

EXAMPLES: Final = 16
"""Examples that networks are scored on."""
DIGITS: Final = 4
"""Digits after the point that are kept: sums in another order should not show."""
TRIES: Final = 8
"""Random networks that may fail to be scored before that is an error."""
WITHOUT_LABELS: Final[Mapping[str, Callable[..., float]]] = MappingProxyType(
    {"naswot": naswot, "synflow": synflow, "jacobian_covariance": jacobian_covariance}
)
"""Score by name, of a network and inputs."""
SCORES: Final = (*WITHOUT_LABELS, "gradient_norm")
"""Names of all scores."""
OF_TOKENS: Final = ("naswot", "gradient_norm")
"""Scores that texts have too."""

Values = Float[np.ndarray, "architectures scores"]


def checked_scores(names: Sequence[str], *, of_tokens: bool = False) -> tuple[str, ...]:
    """Names of scores, each once and in one order.

    Args:
        names: As typed.
        of_tokens: Whether inputs are tokens of a text, which nothing is differentiated by.

    Raises:
        UnknownNameError: There is no such score, or no name at all.
        ScoreError: One of them needs real numbers as inputs.
    """
    known = ", ".join(SCORES)
    for name in names:
        if name not in SCORES:
            near = difflib.get_close_matches(name, SCORES, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UnknownNameError(f"there is no score {name!r}; {hint}scores are {known}")
    if not names:
        raise UnknownNameError(f"expected a score or several, got none; scores are {known}")
    refused = [name for name in names if name not in OF_TOKENS] if of_tokens else []
    if refused:
        raise ScoreError(
            f"score {refused[0]!r} needs inputs that are real numbers, got tokens of a text; for "
            f"these there are {' and '.join(OF_TOKENS)}"
        )
    return tuple(name for name in SCORES if name in names)


@final
class NetworkScores:
    """Scores of codes, each a function of the architecture alone.

    Every network gets its random weights from the same seed and sees the same examples, on one
    thread, so that what a search proposes stays a function of its history. A score x is told as
    sign(x) log(1 + |x|), rounded to 4 digits. A network that cannot be built or run has
    scores of 0; if it is proposed, its training says why.

    Source: the scores are from the papers that their functions name; the rest is ours.
    """

    def __init__(
        self,
        space: SearchSpace,
        build: Callable[[Architecture], object],
        names: Sequence[str],
        inputs: np.ndarray,
        labels: np.ndarray,
    ) -> None:
        """Choose the examples, and make sure that networks can be scored.

        Args:
            space: Whose networks are scored.
            build: Makes the network of an architecture, a `torch.nn.Module` with weights; a new
                one each time, because a score may change it.
            names: Of the scores.
            inputs: Examples to learn from, shape `(examples, *size)`; 16 of them are used.
            labels: Number of the class of each.

        Raises:
            UnknownNameError: There is no such score.
            SpaceError: Codes of one network differ, and there are too many to list.
            ScoreError: Not one of several random networks can be scored.
        """
        self.names = checked_scores(names)
        self._space, self._build = space, build
        self._first = None if _each_its_own(space) else _first_codes(space)
        rows = np.sort(generator(0, "scores").permutation(len(inputs))[:EXAMPLES])
        self._inputs = torch.from_numpy(np.ascontiguousarray(inputs[rows]))
        self._labels = torch.from_numpy(np.ascontiguousarray(labels[rows]))
        self._check()

    @property
    def words(self) -> str:
        """What stores compare."""
        return f"{', '.join(self.names)} on {len(self._inputs)} examples"

    def __call__(self, codes: Codes) -> Values:
        """One row of scores for each valid code."""
        found = np.zeros((len(codes), len(self.names)))
        with _one_thread():
            for place, architecture in enumerate(self._space.from_codes(self._known(codes))):
                try:
                    found[place] = self._row(architecture)
                except ScoreError:
                    continue
        return np.round(np.sign(found) * np.log1p(np.abs(found)), DIGITS)

    def _known(self, codes: Codes) -> Codes:
        """The codes that stand for these: of one network always the same."""
        first = self._first
        if first is None or not len(codes):
            return codes
        return np.array([first[key] for key in self._space.keys(codes)], dtype=np.int32)

    def _row(self, architecture: Architecture) -> list[float]:
        """Raises ScoreError where the network cannot be built or run."""
        try:
            return [self._score(name, self._network(architecture)) for name in self.names]
        except ScoreError:
            raise
        except Exception as error:
            line = (str(error).splitlines() or [""])[0][:160]
            raise ScoreError(
                f"the network of {architecture!r} was to be scored on inputs of shape "
                f"{tuple(self._inputs.shape)}, it raised {type(error).__name__}: {line}; correct "
                f"its builder"
            ) from error

    def _score(self, name: str, network: nn.Module) -> float:
        """One score of a network that is not needed any more."""
        if name in WITHOUT_LABELS:
            return WITHOUT_LABELS[name](network, self._inputs, in_place=True)
        return gradient_norm(network, self._inputs, self._labels, in_place=True)

    def _network(self, architecture: Architecture) -> nn.Module:
        """The network with the random weights of one seed, all of them made."""
        with seeded(0):
            network = built_by(self._build, architecture)
            if any(is_lazy(each) for each in network.parameters()):
                network.eval()(self._inputs)
            return network

    def _check(self) -> None:
        """Raises ScoreError where not one of several random networks can be scored."""
        first: ScoreError | None = None
        with _one_thread():
            for architecture in self._space.sample(TRIES, generator(0, "scores", "check")):
                try:
                    self._row(architecture)
                except ScoreError as error:
                    first = first or error
                else:
                    return
        raise first or ScoreError(f"space {self._space.name!r} has no network to score")


def with_scores(
    space: SearchSpace,
    build: Callable[[Architecture], object],
    names: Sequence[str],
    inputs: np.ndarray,
    labels: np.ndarray,
) -> MoreFeatures:
    """The space with scores of its networks as further features; see `NetworkScores`.

    Each score is a group of its own. A study of such a space is continued with the same ones.
    """
    scores = NetworkScores(space, build, names, inputs, labels)
    columns = [f"score-{name}:{name}" for name in scores.names]
    return MoreFeatures(space, columns, scores, words=scores.words)


def _each_its_own(space: SearchSpace) -> bool:
    """Whether no two codes of a space are the same network."""
    return isinstance(unwrapped(space), BlockSpace | Darts)


def _first_codes(space: SearchSpace) -> dict[str, tuple[int, ...]]:
    """The first code of each network, by key.

    Raises:
        SpaceError: There are too many to list.
    """
    if not space.is_enumerable:
        raise SpaceError(
            f"several codes of space {space.name!r} are one network, and a score would depend on "
            f"which of them came first, because they cannot all be listed; leave scores out"
        )
    found: dict[str, tuple[int, ...]] = {}
    codes = space.all_codes()
    for key, code in zip(space.keys(codes), map(tuple, codes.tolist()), strict=True):
        found.setdefault(key, code)
    return found


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in one order inside a block."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
