"""deltanas inside Optuna, beside TPE: `python -m bench.optuna_sampler`.

Trials until the best of NAS-Bench-201 is found, with `DeltaSampler` and with Optuna's default
`TPESampler`, both as a user writes them: a study in memory and `study.optimize`. Trials of TPE
that repeat a network count, as an objective would train it again; `networks` counts different
ones. Checks that `DeltaSampler` proposes what deltanas' own search proposes, trial by trial.
"""

import argparse
import time

import numpy as np
import optuna
from optuna.trial import BaseTrial, FrozenTrial

from deltanas.benchmarks import Benchmark, load
from deltanas.integrations.optuna_sampler import DeltaSampler
from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import make
from deltanas.spaces import Architecture


def search(
    benchmark: Benchmark, sampler: optuna.samplers.BaseSampler, most: int
) -> tuple[list[Architecture], float]:
    """What was evaluated until the optimum, and CPU seconds of all trials together."""
    found: list[Architecture] = []
    asked = sampler if isinstance(sampler, DeltaSampler) else DeltaSampler(benchmark.space)

    def objective(trial: BaseTrial) -> float:
        found.append(asked.suggest(trial))
        return benchmark.evaluate(found[-1])

    def stop(study: optuna.Study, trial: FrozenTrial) -> None:
        if trial.value == benchmark.optimum:
            study.stop()

    study = optuna.create_study(direction="maximize", sampler=sampler)
    began = time.process_time()
    study.optimize(objective, n_trials=most, callbacks=[stop])
    return found, time.process_time() - began


def own(benchmark: Benchmark, seed: int, n: int) -> list[Architecture]:
    """What deltanas' own search evaluates."""
    searcher, trials = make("delta-evolution", benchmark.space, seed=seed), list[Trial]()
    while len(trials) < n:
        (proposal,) = searcher.propose(History(trials))
        accuracy = benchmark.evaluate(proposal.architecture)
        trials.append(Trial(proposal, Evaluation(proposal.number, Status.FINISHED, accuracy)))
    return [trial.architecture for trial in trials]


def main() -> None:
    """Print trials to the optimum and time per trial of both samplers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmark", default="nasbench201:cifar10")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--most", type=int, default=200, help="trials of a search at most")
    asked = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    benchmark = load(asked.benchmark)
    if not isinstance(benchmark, Benchmark):
        parser.error(f"{asked.benchmark} is no table; give for example nasbench201:cifar10")
    for name in ("DeltaSampler", "TPESampler"):
        trials, networks, times, reached, equal = [], [], [], 0, 0
        for seed in range(asked.seeds):
            ours = name == "DeltaSampler"
            sampler = (
                DeltaSampler(benchmark.space, seed=seed)
                if ours
                else optuna.samplers.TPESampler(seed=seed)
            )
            found, seconds = search(benchmark, sampler, asked.most)
            trials.append(len(found))
            networks.append(len({each.key for each in found}))
            times.append(seconds / len(found))
            reached += benchmark.evaluate(found[-1]) == benchmark.optimum
            equal += ours and own(benchmark, seed, len(found)) == found
        print(
            f"{name}: mean trials {np.mean(trials):.1f} (networks {np.mean(networks):.1f}), "
            f"optimum found by {reached} of {asked.seeds} within {asked.most}, "
            f"{1000 * np.median(times):.0f} ms CPU a trial"
            + (f", as the own search in {equal} of {asked.seeds}" if equal else ""),
            flush=True,
        )


if __name__ == "__main__":
    main()
