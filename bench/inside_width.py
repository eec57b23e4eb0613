"""What the predictor knows of language models of one embedding width, after 200 labels.

`python -m bench.inside_width` (a minute of one core with `--searches 0`; needs the files of
HW-GPT-Bench in `DELTANAS_DATA`). Width decides most of the perplexity, so a high rank correlation
over all widths says little about the order inside one, which is what counts under a limit.
Kendall's tau with 1 / perplexity of 1,000 unseen random networks of one width, mean over the three
widths and over seeds with its standard error over seeds. Labels are 200 networks, drawn or
chosen:

- `all`: random ones of all widths;
- `inside`: random ones of the width that is asked about;
- `searched`: what `delta-evolution` evaluates when it searches that width (first seeds only).

`closed form` is `GaussianDelta`, `choices` the same without the space's features, `additive` one
number for each option.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from deltanas.benchmarks import Surrogate
from deltanas.benchmarks.hwgpt import load
from deltanas.compare.ablations.encodings import OneEncoding
from deltanas.encoding import OneHot
from deltanas.limits import limited
from deltanas.pairs import pairs_of
from deltanas.predictor import AdditiveDelta, DeltaPredictor, GaussianDelta, kendall_tau
from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import make
from deltanas.seeds import generator
from deltanas.spaces import Codes, SearchSpace

LABELS, ASKED = 200, 1_000
SCALES = ("s", "m", "l")
WIDTHS = 3
Values = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Width:
    """Position of the embedding width as a metric, so that a limit can hold a space to one."""

    metric_names = ("width",)

    def measure(self, metric: str, codes: Codes) -> Values:
        """Position of the width of each code."""
        del metric
        return codes[:, 0].astype(float)


def searched(space: SearchSpace, benchmark: Surrogate, seed: int) -> Codes:
    """What a search evaluates, first to last."""
    searcher = make("delta-evolution", space, seed=seed)
    trials: list[Trial] = []
    for number in range(LABELS):
        (proposal,) = searcher.propose(History(trials))
        value = benchmark.evaluate(proposal.architecture)
        trials.append(Trial(proposal, Evaluation(number, Status.FINISHED, value)))
    return np.array([each.architecture.code for each in trials], dtype=np.int32)


def knows(predictor: DeltaPredictor, benchmark: Surrogate, labels: Codes, asked: Codes) -> float:
    """Kendall's tau of what is said of unseen networks, as differences from one of them."""
    pairs = pairs_of(benchmark.space, labels, benchmark.accuracies_of(labels), edits=99)
    predictor.fit(pairs)
    before = np.repeat(asked[:1], len(asked), axis=0)
    return kendall_tau(predictor.predict(before, asked).mean, benchmark.accuracies_of(asked))


def told(benchmark: Surrogate, seed: int, *, search: bool) -> dict[tuple[str, str], float]:
    """Tau by labels and predictor, mean over widths."""
    whole = benchmark.space
    found: dict[tuple[str, str], list[float]] = {}
    for width in range(WIDTHS):
        rng = generator(seed, "inside width", width)
        inside = limited(whole, [f"width<={width}", f"width>={width}"], Width())
        asked = inside.sample_codes(ASKED, rng)
        labelled: Mapping[str, Codes] = {
            "all": whole.sample_codes(LABELS, rng),
            "inside": inside.sample_codes(LABELS, rng),
            **({"searched": searched(inside, benchmark, seed)} if search else {}),
        }
        for how, labels in labelled.items():
            # Features are scaled by the space that is searched: all widths, or one.
            space = whole if how == "all" else inside
            predictors: dict[str, DeltaPredictor] = {
                "closed form": GaussianDelta(space),
                "choices": GaussianDelta(space, design=OneEncoding(space, OneHot(space))),
                "additive": AdditiveDelta(space, encodings=[OneHot(space)]),
            }
            for name, predictor in predictors.items():
                tau = knows(predictor, benchmark, labels, asked)
                found.setdefault((how, name), []).append(tau)
    return {key: float(np.mean(values)) for key, values in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="seeds")
    parser.add_argument("--searches", type=int, default=3, help="seeds that are searched too")
    given = parser.parse_args()
    for scale in SCALES:
        benchmark = load(scale)
        runs = [told(benchmark, seed, search=seed < given.searches) for seed in range(given.seeds)]
        for how, name in runs[0]:
            values = np.array([run[how, name] for run in runs if (how, name) in run])
            error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
            print(
                f"hwgpt:{scale}, labels {how}, {name}: {values.mean():.3f} +- {error:.3f} "
                f"({len(values)} seeds)",
                flush=True,
            )


if __name__ == "__main__":
    main()
