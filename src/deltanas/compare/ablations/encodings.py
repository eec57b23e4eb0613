"""Ablations of what the closed form sees: one encoding alone, or features as they are."""

from typing import final

import numpy as np

from deltanas.encoding import Adjacency, Cells, Encoding, OneHot, PathEncoding, VertexPaths
from deltanas.predictor import GaussianDelta
from deltanas.predictor.columns import ENDLESS
from deltanas.predictor.design import CHOICES_WIDTH_LOG, SAMPLE, Design, UsualDesign
from deltanas.predictor.kernels import exponential
from deltanas.predictor.process import Matrix
from deltanas.predictor.vectors import Group
from deltanas.search import DeltaEvolution
from deltanas.seeds import generator
from deltanas.spaces import Codes, SearchSpace


@final
class OneEncoding:
    """A design of one group: an encoding, scaled so that typical distances are as usual.

    With indicators as columns, the kernel falls exponentially with the number of columns in
    which two architectures differ. Two random ones are as far apart as `GaussianDelta`
    has them by their choices, so that encodings of any length start from the same prior.
    """

    def __init__(self, space: SearchSpace, encoding: Encoding) -> None:
        """Find the scale."""
        sample = space.sample_codes(SAMPLE, generator(0, "design"))
        choices = OneHot(space).encode(sample).var(axis=0).sum() / (2 * len(space.decisions))
        self._encoding = encoding
        self._scale = float((choices / encoding.encode(sample).var(axis=0).sum()) ** 0.5)
        self.groups = [Group(exponential, CHOICES_WIDTH_LOG, linear=True)]

    def encode(self, codes: Codes) -> list[Matrix]:
        """The encoding, scaled."""
        return [self._scale * self._encoding.encode(codes)]


def one_hot(space: SearchSpace, *, seed: int, starts: int, **settings: int) -> DeltaEvolution:
    """No features: the choices alone, without walks, graph or cost."""
    return seeing(OneHot(space), space, seed=seed, starts=starts, **settings)


def adjacency(space: SearchSpace, *, seed: int, starts: int, **settings: int) -> DeltaEvolution:
    """Adjacency bits and one-hot operations of a cell."""
    # With operations on vertices that is what the choices are.
    on_nodes = isinstance(space, Cells) and space.graph_on_nodes
    return seeing(
        OneHot(space) if on_nodes else Adjacency(space), space, seed=seed, starts=starts, **settings
    )


def paths(space: SearchSpace, *, seed: int, starts: int, **settings: int) -> DeltaEvolution:
    """The paths of a cell from input to output."""
    on_nodes = isinstance(space, Cells) and space.graph_on_nodes
    encoding = VertexPaths(space) if on_nodes else PathEncoding(space)
    return seeing(encoding, space, seed=seed, starts=starts, **settings)


def far(space: SearchSpace, *, seed: int, starts: int, **settings: int) -> DeltaEvolution:
    """Features in deviations, however far out: corners of a space are far from all else."""
    design = UsualDesign(space, bounded=_finite)
    return _with(design, space, seed=seed, starts=starts, **settings)


def no_totals(space: SearchSpace, *, seed: int, starts: int, **settings: int) -> DeltaEvolution:
    """What several blocks have in common is seen block by block only."""
    design = UsualDesign(space, totals=False)
    return _with(design, space, seed=seed, starts=starts, **settings)


def seeing(
    encoding: Encoding, space: SearchSpace, *, seed: int, starts: int, **settings: int
) -> DeltaEvolution:
    """The evolution with a closed form that sees one encoding and nothing else."""
    design = OneEncoding(space, encoding)
    return _with(design, space, seed=seed, starts=starts, **settings)


def _finite(deviations: Matrix) -> Matrix:
    bounded: Matrix = np.clip(deviations, -ENDLESS, ENDLESS)
    return bounded


def _with(
    design: Design, space: SearchSpace, *, seed: int, starts: int, **settings: int
) -> DeltaEvolution:
    predictor = GaussianDelta(space, design=design)
    return DeltaEvolution(space, seed=seed, starts=starts, predictor=predictor, **settings)
