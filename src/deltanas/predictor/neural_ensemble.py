"""What every ensemble of difference networks does, whatever its networks see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar, final

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray

from deltanas.pairs import Pairs
from deltanas.predictor.base import Prediction
from deltanas.predictor.growth import growth
from deltanas.predictor.neural_training import Lesson, Leveled, Networks, train
from deltanas.predictor.softening import Softening
from deltanas.seeds import generator
from deltanas.spaces import Codes, edit_distance

NUMBERS = 4_000_000
"""Numbers in the rows of the architectures that are predicted at a time."""
PAIRS = 4_096
"""Most pairs that are predicted at a time."""

Encode = Callable[[Codes], Float[np.ndarray, "architectures columns"]]
E = TypeVar("E", bound=Leveled)
PerMember = Float[np.ndarray, "members pairs"]


@final
class Ensemble(Generic[E]):
    """Trained networks, and how surely they speak.

    The mean is that of the members. The spread puts together their disagreement and what it
    leaves unexplained of the error on networks that members had not seen, which grows with
    the number of edits as `growth` says.
    """

    def __init__(
        self,
        pairs: Pairs,
        encode: Encode,
        make: Callable[[int, torch.Generator], Networks[E]],
        *,
        seed: int,
    ) -> None:
        """Make the networks and train them.

        Args:
            pairs: What they learn from, at least one pair.
            encode: Architectures to rows, equal ones to equal rows whatever else is asked.
            make: Fresh networks from the number of columns and a source of first weights.
            seed: Where weights, folds and batches come from.
        """
        self.scale = Softening(pairs.accuracies)
        self._encode = encode
        rows = encode(pairs.codes)
        self._pairs = int(np.clip(NUMBERS // (2 * rows.shape[1]), 1, PAIRS))
        random = torch.Generator()
        random.manual_seed(int(generator(seed, "neural").integers(2**63)))
        with one_thread(), torch.enable_grad():
            lesson = Lesson(
                torch.tensor(rows, dtype=torch.float32),
                torch.tensor(self.scale.apply(pairs.accuracies), dtype=torch.float32),
                torch.tensor(pairs.first, dtype=torch.int64),
                torch.tensor(pairs.second, dtype=torch.int64),
                torch.tensor(growth(pairs.distance), dtype=torch.float32),
            )
            self._networks = make(rows.shape[1], random)
            self.error = train(self._networks, lesson, random)

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Predict accuracy of `after` minus accuracy of `before`, row by row."""
        means, spreads = [np.zeros(0)], [np.zeros(0)]
        with one_thread(), torch.no_grad():
            for start in range(0, len(before), self._pairs):
                part = slice(start, start + self._pairs)
                delta, level = self.by_member(before[part], after[part])
                found = self.scale.difference(level, delta)
                disagreement = found.var(axis=0, ddof=1) if len(found) > 1 else 0.0
                slope = self.scale.slope(level).mean(axis=0)
                edits = edit_distance(before[part], after[part])
                noise = (self.error * slope) ** 2 * growth(edits)
                means.append(found.mean(axis=0))
                spreads.append(np.sqrt(disagreement + noise))
        return Prediction(np.concatenate(means), np.concatenate(spreads))

    def by_member(
        self, before: NDArray[np.integer], after: NDArray[np.integer]
    ) -> tuple[PerMember, PerMember]:
        """Difference and level of each pair on the learning scale."""
        # Every architecture is projected once, in an order that swapping does not change:
        # what is equal then stays equal, and what is opposite stays opposite, bit by bit.
        codes, place = np.unique(np.concatenate([before, after]), axis=0, return_inverse=True)
        rows = torch.tensor(self._encode(codes.astype(np.int32)), dtype=torch.float32)
        ends = torch.tensor(place.reshape(-1), dtype=torch.int64)
        with torch.no_grad():
            projected = self._networks.project(rows)
            first, second = ends[: len(before)], ends[len(before) :]
            delta = self._networks.deltas(projected, first, second)
            level = self._networks.levels(projected, first, second)
        return delta.double().numpy(), level.double().numpy()


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread of torch for a while, because sums depend on it; others get theirs back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
