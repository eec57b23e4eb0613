"""Which of two recurrent cells is better? Our predictor on a sample of NAS-Bench-NLP.

    python -m bench.nlp_predictor

Not a search: the sample is no complete space, and of its cells hardly two are one edit apart.
From random labels (lowest validation loss) each predictor ranks 2,000 unseen cells. Shown are
Kendall's tau, and how often the sign of a difference is right for *similar pairs*: each unseen
cell and the one among the unseen that is nearest by its walks, pairs closer than `NOISE` left
out. Means over seeds, with their standard errors. Needs `nasbench_nlp.npz` in DELTANAS_DATA.

The predictor is `GaussianDelta` with the features of `bench.nlp_cells` in place of those of
a space. Others: parameters alone, the five nearest labels, ridge regression, all of them on
the same features, and a forest of 200 trees, if scikit-learn is installed.
"""

import importlib.util
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import kendalltau

from bench.nlp_cells import Cells, Matrix, read_cells
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.predictor.kernels import matern
from deltanas.predictor.metrics import sign_agreement
from deltanas.predictor.vectors import Group
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, Codes

LABELS: Final = (100, 200, 400)
SEEDS: Final = 10
UNSEEN: Final = 2_000
NEIGHBOURS: Final = 5
PART: Final = 500
"""Rows that share the first of the two numbers of their code."""
RIDGE: Final = 10.0
"""Penalty of the ridge regression on standardised features."""
FARTHEST: Final = 3.0
"""Deviations from the mean at which features are cut."""
NOISE: Final = 0.01
"""Losses that differ by less are not told apart, in nats per token."""

Rows = NDArray[np.int_]
Predict = Callable[[Rows, NDArray[np.float64], Rows], NDArray[np.float64]]
"""From rows with labels, the labels, and other rows, to scores of those: higher is better."""


class _Design:
    """Rows of the sample to one matrix per group of features, typical distances near 1."""

    def __init__(self, cells: Cells) -> None:
        self.groups = [Group(matern, (0.0, 0.7), linear=True) for _ in cells.groups]
        self._matrices = [
            _standard(matrix) / np.sqrt(matrix.shape[1]) for matrix in cells.groups.values()
        ]

    def encode(self, codes: Codes) -> list[Matrix]:
        """The matrices of these rows."""
        rows = PART * codes[:, 0] + codes[:, 1]
        return [matrix[rows] for matrix in self._matrices]


def _codes(rows: Rows) -> Codes:
    """The number of a row in two parts, as one decision may not have that many options."""
    codes: Codes = np.column_stack(np.divmod(rows, PART)).astype(np.int32)
    return codes


def predictors(cells: Cells) -> Mapping[str, Predict]:
    """All that are compared, by name, ours first."""
    features = np.concatenate([_standard(each) for each in cells.groups.values()], axis=1)
    # A code is the number of a row; nothing else is asked of this space.
    parts = {"part": range(1 + len(features) // PART), "place": range(PART)}
    space = BlockSpace(parts, name="nasbench-nlp sample")
    design = _Design(cells)

    def ours(known: Rows, labels: NDArray[np.float64], asked: Rows) -> NDArray[np.float64]:
        predictor = GaussianDelta(space, design=design)
        predictor.fit_accuracies(_codes(known), labels)
        return predictor.believed(_codes(asked))

    def parameters(known: Rows, labels: NDArray[np.float64], asked: Rows) -> NDArray[np.float64]:
        slope = np.polyfit(cells.groups["cost"][known, 0], labels, 1)
        return np.asarray(np.polyval(slope, cells.groups["cost"][asked, 0]))

    def nearest(known: Rows, labels: NDArray[np.float64], asked: Rows) -> NDArray[np.float64]:
        order = np.argsort(cdist(features[asked], features[known]), axis=1, kind="stable")
        return np.asarray(labels[order[:, :NEIGHBOURS]].mean(axis=1))

    def ridge(known: Rows, labels: NDArray[np.float64], asked: Rows) -> NDArray[np.float64]:
        inside = features[known]
        kernel = inside @ inside.T + RIDGE * np.eye(len(known))
        weights = np.linalg.solve(kernel, labels - labels.mean())
        return np.asarray(features[asked] @ inside.T @ weights)

    found: dict[str, Predict] = {
        "GaussianDelta": ours,
        "parameters": parameters,
        "5 nearest": nearest,
        "ridge": ridge,
    }
    if importlib.util.find_spec("sklearn") is not None:
        found["forest"] = _forest(features)
    return found


def _forest(features: Matrix) -> Predict:
    from sklearn.ensemble import RandomForestRegressor  # noqa: PLC0415  optional

    def forest(known: Rows, labels: NDArray[np.float64], asked: Rows) -> NDArray[np.float64]:
        trees = RandomForestRegressor(200, random_state=0)
        predicted: NDArray[np.float64] = trees.fit(features[known], labels).predict(features[asked])
        return predicted

    return forest


def measure(cells: Cells, names: Mapping[str, Predict], count: int, seed: int) -> Matrix:
    """Kendall's tau and sign agreement of each predictor with `count` labels."""
    score = -cells.loss
    order = generator(seed, "nlp predictor").permutation(len(score))
    known, asked = order[:count], order[-UNSEEN:]
    first, second = _similar(cells, asked)
    rows = []
    for predict in names.values():
        found = predict(known, score[known], asked)
        place = dict(zip(asked.tolist(), found.tolist(), strict=True))
        predicted = np.array([place[b] - place[a] for a, b in zip(first, second, strict=True)])
        measured = score[second] - score[first]
        tau = float(kendalltau(found, score[asked]).statistic)
        rows.append([tau, sign_agreement(predicted, measured, noise=NOISE)])
    return np.array(rows)


def _similar(cells: Cells, asked: Rows) -> tuple[Rows, Rows]:
    """Each of the rows, and the one of them with the most similar walks; each pair once."""
    walks = cells.groups["walks"][asked]
    distance = cdist(walks, walks, "cityblock")
    np.fill_diagonal(distance, np.inf)
    pairs = np.sort(np.column_stack([np.arange(len(asked)), distance.argmin(axis=1)]), axis=1)
    first, second = np.unique(pairs, axis=0).T
    return asked[first], asked[second]


def _standard(matrix: Matrix) -> Matrix:
    """Columns in deviations from their means, cut at `FARTHEST`: rare facts would shout."""
    deviation = matrix.std(axis=0)
    scaled = (matrix - matrix.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    return np.asarray(np.clip(scaled, -FARTHEST, FARTHEST))


def main() -> None:
    """Print one line per predictor and number of labels."""
    cells = read_cells()
    names = predictors(cells)
    widths = {name: matrix.shape[1] for name, matrix in cells.groups.items()}
    print(f"{len(cells.loss):,} cells, features {widths}, {SEEDS} seeds")
    print(f"{'labels':>6}  {'predictor':14}  {'Kendall tau':>14}  {'sign, similar':>14}")
    for count in LABELS:
        runs = np.array([measure(cells, names, count, seed) for seed in range(SEEDS)])
        mean, error = runs.mean(axis=0), runs.std(axis=0, ddof=1) / np.sqrt(SEEDS)
        for name, (tau, sign), (about, around) in zip(names, mean, error, strict=True):
            shown = f"{tau:.3f} ± {about:.3f}  {sign:.3f} ± {around:.3f}"
            print(f"{count:6}  {name:14}  {shown:>30}", flush=True)


if __name__ == "__main__":
    main()
