"""Block-based spaces: n named decisions, each with its own options.

With r options for each of n decisions there are r^n architectures, but only
n r (r-1) ordered one-edit differences: the linear growth that Delta-NAS lives on. Decisions
may exist under conditions, and rules may say what stands together.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import final

import numpy as np
from jaxtyping import Bool, Float

from deltanas.errors import SpaceError
from deltanas.spaces.architecture import Architecture, Codes, Decision, in_range
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.constraints import REFUSED, Constraints
from deltanas.spaces.digit_keys import DIGITS, digit_keys
from deltanas.spaces.network_rules import NetworkRules

MOST_OPTIONS = 1_000
"""Options of one decision; more are a number to tune, not a choice to make."""
MOST_COLUMNS = 20_000
"""Options of all decisions together: columns of the one-hot encoding."""


@final
class BlockSpace(SearchSpace):
    """Every combination of options that keeps to the rules, each another network.

    Samples are uniform over all valid architectures, exactly: they are counted and drawn
    from the tables of conditions and rules. What `valid` refuses is drawn again, which is
    uniform too.
    """

    def __init__(
        self,
        options: Mapping[str, Sequence[object]],
        *,
        name: str = "blocks",
        conditions: Mapping[str, object] | None = None,
        rules: Sequence[object] = (),
        forbidden: Sequence[object] = (),
        valid: Callable[[Architecture], bool] | None = None,
        costs: Callable[[Architecture], Mapping[str, float]] | None = None,
    ) -> None:
        """Describe the space.

        A statement in `conditions` and `rules` is a text such as `"depth >= 7"`,
        `"act == 'relu' or heads divides width"`, or names of decisions and a function of
        their options: `(["heads", "width"], lambda heads, width: width % heads == 0)`. Each is
        worked out once for all combinations of the decisions that it names.

        Args:
            options: Options of each decision, by the decision's name.
            name: Name that stores and reports show.
            conditions: When a decision exists, by its name; always if it is not there. Where
                it does not exist, an architecture chooses nothing for it.
            rules: What every architecture keeps to. A rule about a decision that does not
                exist is kept to.
            forbidden: Options by decision that may not come together.
            valid: Whether an architecture belongs to the space, asked once for each: for what
                no rule about few decisions can say.
            costs: Exact cheap facts of an architecture that bear on its accuracy, for
                example `{"log_parameters": 12.3}`: the same names for each architecture.
                They become part of the DoA encoding. Nothing is trained for them.

        Raises:
            SpaceError: No decisions; a decision without options, with too many, with an option
                twice or with an option that has no hash; a text where a list of options
                belongs; a statement that cannot be read or raises; conditions that go in a
                circle; or nothing is valid.
        """
        decisions = _decisions(name, options)
        constraints = None
        if conditions or rules or forbidden:
            constraints = Constraints(
                name, decisions, conditions=conditions, rules=rules, forbid=forbidden
            )
            decisions = list(constraints.decisions)
        size = math.prod(len(decision.options) for decision in decisions)
        self._rules = NetworkRules(name, valid, costs)
        most = max((len(decision.options) for decision in decisions), default=0)
        self._texts = [*map(str, range(most)), "."]  # the last one stands for ABSENT, which is -1
        super().__init__(
            name,
            decisions,
            size=size if constraints is None else constraints.size,
            constraints=constraints,
        )
        if self.is_enumerable and (constraints is not None or valid is not None):
            self.size = len(self.all_codes())
        if self.size:
            first = self._networks(self._first())
            self._rules.learn_names(first[0])
        else:
            raise self._nothing_valid(f"all {size:,} combinations")
        self.feature_names = self._rules.names

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are in range, keep to conditions and rules, and please `valid`."""
        if self.constraints is None:
            valid = in_range(codes, self.option_counts)
        else:
            valid = self.constraints.are_valid(codes)
        if not self._rules.any_valid:
            inside = codes[valid]
            valid[valid] = self._rules.accepted(
                self.keys(inside), lambda asked: self._networks(inside[asked])
            )
        return valid

    def keys(self, codes: Codes) -> list[str]:
        """The code itself as text, a dot for what is absent: each is a network of its own."""
        if len(self._texts) <= DIGITS + 1:
            return digit_keys(codes, "-")
        return ["-".join(map(self._texts.__getitem__, code)) for code in codes.tolist()]

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes, uniform over all valid ones.

        Raises:
            SpaceError: `valid` refused 10,000 random architectures in a row.
        """
        if self._rules.any_valid:
            return self._random(n, rng)
        kept = [np.zeros((0, len(self.decisions)), dtype=np.int32)]
        wanted, refused = n, 0
        while wanted > 0:
            drawn = self._random(max(wanted, 8), rng)
            accepted = drawn[self.are_valid(drawn)][:wanted]
            kept.append(accepted)
            wanted -= len(accepted)
            refused = 0 if len(accepted) else refused + len(drawn)
            if refused >= REFUSED:
                raise self._nothing_valid(f"{refused:,} random architectures in a row")
        return np.concatenate(kept)

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """The user's cost facts, one column per name; no column without `costs`."""
        if not self.feature_names:
            return np.zeros((len(codes), 0))
        return self._rules.costs(self.keys(codes), lambda asked: self._networks(codes[asked]))

    def _random(self, n: int, rng: np.random.Generator) -> Codes:
        """Uniform over what keeps to conditions and rules."""
        if self.constraints is not None:
            return self.constraints.sample(n, rng)
        drawn = rng.integers(0, self.option_counts, size=(n, len(self.decisions)))
        codes: Codes = drawn.astype(np.int32)
        return codes

    def _first(self) -> Codes:
        """One valid code, to learn the names of the costs from."""
        if self._rules.any_valid and self.constraints is None:
            return np.zeros((1, len(self.decisions)), dtype=np.int32)
        return self.sample_codes(1, np.random.default_rng(0))

    def _networks(self, codes: Codes) -> list[Architecture]:
        return [
            Architecture(self.name, self.decisions, code, key)
            for code, key in zip(codes.tolist(), self.keys(codes), strict=True)
        ]

    def _nothing_valid(self, what: str) -> SpaceError:
        return SpaceError(
            f"space {self.name!r} needs architectures that valid accepts, it refused {what}; let "
            f"it accept more, or say as rules what it refuses, which are drawn for"
        )


def _decisions(space: str, options: Mapping[str, Sequence[object]]) -> list[Decision]:
    decisions = []
    total = 0
    for decision, choices in options.items():
        if isinstance(choices, str) or not isinstance(choices, Sequence):
            raise SpaceError(
                f"decision {decision!r} needs a list of options, got {choices!r}; "
                f"write [{choices!r}] for a single option"
            )
        total += len(choices)
        if len(choices) > MOST_OPTIONS:
            raise SpaceError(
                f"decision {decision!r} has {len(choices):,} options, more than the "
                f"{MOST_OPTIONS:,} that one decision may have; give a coarser choice of numbers, "
                f"or split it in several decisions"
            )
        decisions.append(Decision(decision, tuple(choices)))
    if total > MOST_COLUMNS:
        raise SpaceError(
            f"space {space!r} has {total:,} options in all its decisions, more than the "
            f"{MOST_COLUMNS:,} that are told apart; give coarser choices"
        )
    return decisions
