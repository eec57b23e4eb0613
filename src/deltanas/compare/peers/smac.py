"""SMAC3: random forests and expected improvement, as its facade for hyperparameters sets it up."""

import logging
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import final

from ConfigSpace import Categorical, Configuration, ConfigurationSpace, Integer
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory import TrialInfo, TrialValue

from deltanas.compare.contestant import Contestant
from deltanas.encoding.ordinal import has_numbers, ranks_of
from deltanas.spaces import ABSENT, Architecture, SearchSpace
from deltanas.spaces.deciding import decided

ENOUGH = 100_000
"""Trials that SMAC may plan; the comparison ends long before."""


@final
class Smac(Contestant):
    """`HyperparameterOptimizationFacade` with its defaults; starts instead of its own design.

    Quantities, three numbers or more, are integers in their order; all others are categories. It
    sees all decisions in every architecture: a choice for one that does not exist is without
    effect, and counts as the first option where an architecture comes from elsewhere.

    Source: Lindauer et al., "SMAC3: A Versatile Bayesian Optimization Package for
    Hyperparameter Optimization", JMLR 2022.
    """

    def __init__(self, space: SearchSpace, *, seed: int, starts: int) -> None:
        """Set the facade up with an empty initial design.

        Args:
            space: What to search; options go in as their positions.
            seed: Seed of the run.
            starts: How many starts there are; they are told, not asked for.
        """
        del starts
        logging.getLogger("smac").setLevel(logging.ERROR)
        self._space = space
        # Names of our decisions may hold characters that ConfigSpace refuses.
        self._names = [f"decision{place}" for place in range(len(space.decisions))]
        self._configurations = ConfigurationSpace(seed=seed)
        self._seen = [ranks_of(each) for each in space.decisions]
        for name, decision in zip(self._names, space.decisions, strict=True):
            count = len(decision.options)
            if has_numbers(decision):
                self._configurations.add(Integer(name, (0, count - 1)))
            else:
                self._configurations.add(Categorical(name, list(range(count))))
        folder = tempfile.mkdtemp(prefix="smac-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        scenario = Scenario(
            self._configurations,
            deterministic=True,
            n_trials=ENOUGH,
            seed=seed,
            output_directory=Path(folder),
        )
        facade = HyperparameterOptimizationFacade
        self._facade = facade(
            scenario,
            lambda _configuration, seed=0: float(seed),  # never called: we ask and tell
            initial_design=facade.get_initial_design(scenario, n_configs=0),
            overwrite=True,
            logging_level=False,
        )
        self._open: dict[tuple[int, ...], TrialInfo] = {}

    def ask(self, n: int) -> Sequence[Architecture]:
        """The next `n` configurations that SMAC wants."""
        found: list[Architecture] = []
        for _ in range(n):
            info = self._facade.ask()
            asked = [int(info.config[name]) for name in self._names]
            chosen = [seen.index(each) for seen, each in zip(self._seen, asked, strict=True)]
            code = decided(self._space, chosen.__getitem__)
            choices = {
                decision.name: decision.options[position]
                for decision, position in zip(self._space.decisions, code, strict=True)
                if position != ABSENT
            }
            self._open[code] = info
            found.append(self._space.architecture(choices))
        return found

    def tell(self, architecture: Architecture, value: float) -> None:
        """Tell the error: the facade takes the logarithm of costs, so they must be positive."""
        info = self._open.pop(architecture.code, None)
        if info is None:
            options = (max(option, 0) for option in architecture.code)
            positions = (seen[option] for seen, option in zip(self._seen, options, strict=True))
            chosen = dict(zip(self._names, positions, strict=True))
            info = TrialInfo(Configuration(self._configurations, values=chosen), seed=0)
        self._facade.tell(info, TrialValue(cost=1.0 - value), save=False)
