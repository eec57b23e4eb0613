"""What one network costs, by name: counted, timed, or said by a function of the user's."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, final

from torch import nn

from deltanas.costs.counted import flops, parameters, peak_activation_bytes
from deltanas.costs.timing import latency
from deltanas.errors import CostError, DeltaNasError, TrainingError
from deltanas.networks.building import built_by
from deltanas.networks.seeded import seeded
from deltanas.spaces import Architecture

Build = Callable[[Architecture], object]
Cost = Callable[[nn.Module], object]

LATENCY: Final = "latency_ms"
COUNTED: Final[Mapping[str, Callable[[nn.Module, Sequence[int]], float]]] = MappingProxyType(
    {
        "parameters": lambda network, _: float(parameters(network)),
        "flops": lambda network, shape: float(flops(network, shape)),
        "memory_mb": lambda network, shape: peak_activation_bytes(network, shape) / 1e6,
    }
)
"""Costs that are the same on every machine."""
KNOWN: Final = (*COUNTED, LATENCY)
ROUNDS: Final = 3
"""Latencies of one network, of which the least is taken: other programs only add to it."""
REPEATS: Final = 15
"""Runs that are timed in each."""
WARM_UP: Final = 5


@final
class Pricing:
    """Builds the network of an architecture and says what it costs.

    - `parameters`, `flops` and `memory_mb`, the activations of one example at their peak while
      the network answers, are counted.
    - `latency_ms` is measured: one example of zeros, one thread, after a warm-up, the median
      of 15 runs; three times, and the least of the three.
    - Everything else is said by the user's function of the network.
    """

    def __init__(
        self, build: Build, shape: Sequence[int], *, cost: Cost | None = None, device: str = "cpu"
    ) -> None:
        """Keep the settings.

        Args:
            build: Makes the network of an architecture, with weights.
            shape: Of one input, without the batch.
            cost: Gives further costs of a network, numbers by name.
            device: Where latencies are measured.
        """
        self._build, self._shape, self._cost = build, tuple(shape), cost
        self.device = device
        """Where latencies are measured."""

    def __call__(self, architecture: Architecture, names: Sequence[str]) -> dict[str, float]:
        """Some costs of the network of an architecture.

        Raises:
            CostError: The network cannot be built or run; or the user's function, which is
                called where one of the costs is its own, raises, gives no number, or does not
                name it.
        """
        network = self._network(architecture)
        is_said = any(name not in KNOWN for name in names)
        said = self._said(network, architecture) if is_said else {}
        try:
            return {name: self._one(name, network, said, architecture) for name in names}
        except DeltaNasError:
            raise
        except Exception as error:
            raise CostError(
                f"the network of {architecture!r} was to be run on an example of shape "
                f"{self._shape}, it raised {type(error).__name__}: {_first_line(error)}; correct "
                f"its builder, or the shape"
            ) from error

    def names(self, architecture: Architecture) -> tuple[str, ...]:
        """All costs that are known of an architecture's network.

        Raises:
            CostError: As above, or the user's function names a cost that is counted already.
        """
        said = self._said(self._network(architecture), architecture) if self._cost else {}
        twice = [name for name in said if name in KNOWN]
        if twice:
            raise CostError(
                f"the cost function gives {twice[0]!r}, which deltanas counts itself; call it "
                f"otherwise, for example 'my_{twice[0]}'"
            )
        return (*KNOWN, *said)

    def _network(self, architecture: Architecture) -> nn.Module:
        """The network with the same random weights every time, in the mode in which it answers."""
        with seeded(0):
            try:
                return built_by(self._build, architecture).eval()
            except TrainingError as error:
                raise CostError(str(error)) from error

    def _said(self, network: nn.Module, architecture: Architecture) -> dict[str, float]:
        """What the user's function says of the network."""
        if self._cost is None:
            return {}
        try:
            said = self._cost(network)
        except Exception as error:
            raise CostError(
                f"the cost function raised {type(error).__name__}: {_first_line(error)} for "
                f"{architecture!r}; correct it"
            ) from error
        if not isinstance(said, Mapping) or not said:
            raise CostError(
                f"the cost function must return numbers by name, got {str(said)[:80]!r} for "
                f"{architecture!r}; return for example {{'energy_mj': 3.5}}"
            )
        return {str(name): _number(name, value, architecture) for name, value in said.items()}

    def _one(
        self, name: str, network: nn.Module, said: Mapping[str, float], architecture: Architecture
    ) -> float:
        if name in COUNTED:
            return COUNTED[name](network, self._shape)
        if name == LATENCY:
            network.to(self.device)
            return min(
                latency(network, self._shape, repeats=REPEATS, warm_up=WARM_UP).median_ms
                for _ in range(ROUNDS)
            )
        if name not in said:
            raise CostError(
                f"the cost function gave no {name!r} for {architecture!r}, only "
                f"{', '.join(said) or 'nothing'}; give the same names for every network"
            )
        return said[name]


def _number(name: object, value: object, architecture: Architecture) -> float:
    """A cost as a float; numpy's and torch's numbers of one element are numbers too."""
    item = getattr(value, "item", None)
    try:
        number = math.nan if isinstance(value, str) else float(item() if item else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise CostError(
            f"the cost function gave {name!r} = {str(value)[:80]!r} for {architecture!r}; it must "
            f"be a finite number"
        )
    return number


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:160]
