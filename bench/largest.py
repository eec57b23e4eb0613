"""How good the largest language model of HW-GPT-Bench is, which takes no search at all.

`python -m bench.largest` prints its regret for each size of the benchmark, in hundredths of
1 / perplexity, and Kendall's tau between the parameters and the scores of 1,000 random networks.
"""

import numpy as np
from scipy.stats import kendalltau

from deltanas.benchmarks import Surrogate, load
from deltanas.seeds import generator


def main() -> None:
    """Print a line for each size."""
    for size in ("s", "m", "l"):
        found = load(f"hwgpt:{size}")
        if not isinstance(found, Surrogate):
            raise TypeError(f"hwgpt:{size} is a model, got {type(found).__name__}")
        numbers = {each.name: np.array(each.labels, dtype=float) for each in found.space.decisions}
        largest = found.space.architecture(
            {
                each.name: each.options[int(numbers[each.name].argmax())]
                for each in found.space.decisions
            }
        )
        sample = found.space.sample(1_000, generator(0, "largest"))
        parameters = found.measure("parameters_m", np.array([each.code for each in sample]))
        tau = kendalltau(parameters, [found.evaluate(each) for each in sample]).statistic
        regret = 100 * (found.best_known - found.evaluate(largest))
        print(f"hwgpt:{size}: regret of the largest network {regret:.4f}, tau {tau:.2f}")


if __name__ == "__main__":
    main()
