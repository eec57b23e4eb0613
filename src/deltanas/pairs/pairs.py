"""The DoA data set: evaluated architectures, and all similar pairs among them.

From m evaluated architectures come up to m (m-1) / 2 pairs; kept are those at most so many
edits apart and not functionally equal. A pair points at its two architectures, so both
encodings and both accuracies are one look-up away and nothing is stored twice.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from deltanas.encoding import Encoding
from deltanas.errors import PairsError
from deltanas.pairs import storage
from deltanas.pairs.similar import Indices, Networks, check_evaluations, similar
from deltanas.records import History
from deltanas.spaces import Codes, SearchSpace


@final
@dataclass(frozen=True, slots=True)
class EncodedPairs:
    """Both encodings and both accuracies of each pair: one row of Fig. 2 (left) each."""

    before: Float[np.ndarray, "pairs columns"]
    """Encoding of the first architecture."""
    after: Float[np.ndarray, "pairs columns"]
    """Encoding of the second architecture."""
    accuracy_before: Float[np.ndarray, " pairs"]
    """Accuracy of the first, a fraction."""
    accuracy_after: Float[np.ndarray, " pairs"]
    """Accuracy of the second, a fraction."""


@final
@dataclass(frozen=True, slots=True)
class Pairs:
    """Evaluated architectures and the similar pairs among them (Fig. 2, left).

    Each pair is there once, in one direction; a predictor that is antisymmetric by
    construction needs no second one.

    Source: that differences of similar architectures are the training data is the
    paper's; this layout, the cut at `edits` and the splits by network are ours.
    """

    space: SearchSpace
    """Where the architectures come from."""
    codes: Codes
    """Code of each evaluated architecture; the first one where a network came in several."""
    accuracies: Float[np.ndarray, " architectures"]
    """Accuracy of each, a fraction; the mean where one network was evaluated more than once."""
    keys: tuple[str, ...]
    """Canonical key of each; no key twice."""
    first: Indices
    """Row of the first architecture of each pair; `first < second`."""
    second: Indices
    """Row of the second architecture of each pair."""
    distance: Indices
    """Number of edits between the two, 1 or more, between their nearest evaluated codes."""

    @classmethod
    def from_history(cls, space: SearchSpace, history: History, *, edits: int = 1) -> "Pairs":
        """All similar pairs among the finished trials of a study.

        Args:
            space: The space of the study.
            history: Its trials; those that run or failed are left out.
            edits: Most edits between the two architectures of a pair.

        Raises:
            PairsError: `edits` is less than 1, or a trial is not of this space.
        """
        finished = history.finished
        for trial in finished:
            architecture = trial.architecture
            if architecture.space != space.name or architecture.decisions != space.decisions:
                raise PairsError(
                    f"expected trials of space {space.name!r}, got trial {trial.number} with "
                    f"{trial.architecture!r}; give the space that the study was made with"
                )
        shape = (len(finished), len(space.decisions))
        codes = np.array([trial.architecture.code for trial in finished], dtype=np.int32)
        accuracies = np.array([trial.accuracy for trial in finished], dtype=float)
        return cls._of(space, codes.reshape(shape), accuracies, edits)

    @classmethod
    def load(cls, space: SearchSpace, path: Path) -> "Pairs":
        """Read the pairs that `save` wrote; nothing in the file is ever run.

        Args:
            space: The space they were made in; an equal description is enough.
            path: The file.

        Raises:
            PairsError: No such file; not a pairs file; truncated, altered or of a newer
                format; or of another space.
        """
        arrays = storage.read(Path(path), space)
        codes = arrays["codes"].astype(np.int32)
        accuracies = arrays["accuracies"].astype(float)
        check_evaluations(space, codes, accuracies)
        ends = (arrays[name].astype(np.int32) for name in ("first", "second", "distance"))
        return cls(space, codes, accuracies, tuple(space.keys(codes)), *ends)

    def save(self, path: Path) -> None:
        """Write to one compressed .npz file, without pickle.

        Raises:
            PairsError: The file cannot be written.
        """
        arrays: dict[str, NDArray[np.generic]] = {
            name: getattr(self, name) for name in storage.COLUMNS
        }
        storage.write(Path(path), self.space, arrays)

    @property
    def deltas(self) -> Float[np.ndarray, " pairs"]:
        """Accuracy of the second architecture minus that of the first, a fraction."""
        difference: Float[np.ndarray, " pairs"] = (
            self.accuracies[self.second] - self.accuracies[self.first]
        )
        return difference

    @property
    def before(self) -> Codes:
        """Code of the first architecture of each pair."""
        codes: Int[np.ndarray, "pairs decisions"] = self.codes[self.first]
        return codes

    @property
    def after(self) -> Codes:
        """Code of the second architecture of each pair."""
        codes: Int[np.ndarray, "pairs decisions"] = self.codes[self.second]
        return codes

    def encode(self, encoding: Encoding) -> EncodedPairs:
        """Both encodings and both accuracies of every pair."""
        rows = encoding.encode(self.codes)
        return EncodedPairs(
            rows[self.first],
            rows[self.second],
            self.accuracies[self.first],
            self.accuracies[self.second],
        )

    def within(self, edits: int) -> "Pairs":
        """The same architectures, with only the pairs at most `edits` apart."""
        near = self.distance <= edits
        ends = (self.first[near], self.second[near], self.distance[near])
        return Pairs(self.space, self.codes, self.accuracies, self.keys, *ends)

    def among(self, networks: Bool[np.ndarray, " architectures"]) -> "Pairs":
        """Only these architectures, and the pairs with both ends among them.

        Args:
            networks: True for each architecture to keep.
        """
        rows = np.cumsum(networks, dtype=np.int32) - 1
        inside = networks[self.first] & networks[self.second]
        keys = tuple(key for key, kept in zip(self.keys, networks, strict=True) if kept)
        ends = (rows[self.first[inside]], rows[self.second[inside]], self.distance[inside])
        return Pairs(self.space, self.codes[networks], self.accuracies[networks], keys, *ends)

    def split(self, fraction: float, rng: np.random.Generator) -> tuple["Pairs", "Pairs"]:
        """Training pairs and held-out pairs that have no network in common.

        Networks are drawn, not pairs: pairs share architectures, so a held-out pair of a
        seen architecture would be half known. Pairs between the two sides are dropped.

        Args:
            fraction: Share of the networks to hold out, rounded, at least 1 of them.
            rng: Draws the networks.

        Returns:
            Pairs to train on, and pairs that are held out.

        Raises:
            PairsError: `fraction` is not between 0 and 1, or a side would have no network.
        """
        count = max(1, round(fraction * len(self.keys))) if 0 < fraction < 1 else 0
        if not 0 < count < len(self.keys):
            raise PairsError(
                f"expected a fraction between 0 and 1 that leaves a network on either side, got "
                f"fraction={fraction} of {len(self.keys)} networks; hold out less or evaluate more"
            )
        out = np.zeros(len(self.keys), dtype=bool)
        out[rng.permutation(len(self.keys))[:count]] = True
        return self.among(~out), self.among(out)

    def folds(self, k: int, rng: np.random.Generator) -> list[tuple["Pairs", "Pairs"]]:
        """`k` splits; each network is held out in exactly one of them.

        Args:
            k: Number of splits, 2 or more, at most one per network.
            rng: Draws which network goes where.

        Raises:
            PairsError: `k` is out of range.
        """
        if not 2 <= k <= len(self.keys):  # noqa: PLR2004 - one fold has nothing to train on
            raise PairsError(
                f"expected 2 to {len(self.keys)} folds for {len(self.keys)} networks, got k={k}; "
                f"choose fewer folds or evaluate more"
            )
        fold: Int[np.ndarray, " architectures"] = rng.permutation(len(self.keys)) % k
        return [(self.among(fold != i), self.among(fold == i)) for i in range(k)]

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.first)

    @classmethod
    def _of(
        cls,
        space: SearchSpace,
        codes: NDArray[np.integer],
        accuracies: NDArray[np.floating],
        edits: int,
    ) -> "Pairs":
        if edits < 1:
            raise PairsError(
                f"similar architectures are at least 1 edit apart, got edits={edits}; give for "
                f"example edits=2, or edits={len(space.decisions)} for all pairs"
            )
        check_evaluations(space, codes, accuracies)
        checked = codes.astype(np.int32)
        networks = Networks(space.keys(checked), accuracies.astype(float))
        ends = similar(checked, networks, edits)
        kept = checked[networks.order[networks.starts]]
        return cls(space, kept, networks.accuracies, networks.keys, *ends)


def pairs_of(
    space: SearchSpace,
    codes: NDArray[np.integer],
    accuracies: NDArray[np.floating],
    *,
    edits: int = 1,
) -> Pairs:
    """All similar pairs among evaluated architectures (Algorithm 1).

    Functionally equal architectures are one network, evaluated more than once: their mean
    counts, and they are never a pair.

    Args:
        space: Where the architectures come from.
        codes: Their codes, shape `(architectures, decisions)`.
        accuracies: Accuracy of each, a fraction, shape `(architectures,)`.
        edits: Most edits between the two architectures of a pair; as many as the space has
            decisions gives all pairs.

    Raises:
        ShapeError: The arrays do not belong together, or the codes not to the space.
        PairsError: `edits` is less than 1, a code is not an architecture of the space, or
            an accuracy is not finite.
    """
    return Pairs._of(space, codes, accuracies, edits)  # noqa: SLF001 - the same file
