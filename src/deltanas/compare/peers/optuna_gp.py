"""Optuna's Gaussian process sampler, with its defaults."""

from typing import final

from optuna.samplers import GPSampler

from deltanas.compare.peers.optuna_tpe import OptunaContestant
from deltanas.spaces import SearchSpace


@final
class OptunaGp(OptunaContestant):
    """`GPSampler`: Matern kernel with a Hamming part for categories, log expected improvement.

    Source: the sampler's documentation in Optuna 5; Akiba et al., "Optuna", KDD 2019. The
    starts count towards its ten random trials. It knows no decisions that come and go: those that
    not all trials have are drawn at random. Where it asks for what is known again and again, each
    time costs more than the one before, so that two hundred of them would take hours: hence the
    shorter patience, which is ours.
    """

    patience = 20

    def __init__(self, space: SearchSpace, *, seed: int, starts: int) -> None:
        """Open a study with that sampler.

        Args:
            space: What to search.
            seed: The sampler's seed.
            starts: How many starts there are; the sampler counts them itself.
        """
        del starts
        super().__init__(space, GPSampler(seed=seed, warn_independent_sampling=False))
