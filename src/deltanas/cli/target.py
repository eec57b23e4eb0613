"""What `deltanas search` searches: a benchmark, a project of the user's, or a built-in space."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, final

from deltanas.benchmarks import Benchmark, Surrogate, under_limits
from deltanas.benchmarks import names as benchmark_names
from deltanas.benchmarks.answering import Answers
from deltanas.benchmarks.own_table import checksum, is_own_table
from deltanas.cli.asked import benchmark_of, spaces_to_train
from deltanas.cli.idle import OWN, RECORDED, check_idle, check_rungs, check_signal
from deltanas.cli.order import DEFAULT_DEVICE, Order
from deltanas.cli.terminal import say
from deltanas.errors import ProjectError, UnknownNameError
from deltanas.evaluation import Evaluator, Signal, Workplace, evaluated_by, trained_by
from deltanas.limits import Metrics, is_told
from deltanas.networks import FAMILIES
from deltanas.spaces import SearchSpace
from deltanas.study.place import Place
from deltanas.training import (
    SOURCES,
    SPACE_FILE,
    SPACES,
    Data,
    Named,
    Project,
    is_reference,
    load_data,
    usual_recipe,
)
from deltanas.training.description import own_training, stored_training

EXAMPLES: Final = {"table": "breast-cancer", "text": "stdlib-text", "images": "digits"}
"""Data of each kind for messages, beside sequences."""


@final
@dataclass(frozen=True, slots=True)
class Target:
    """What is searched, and what answers."""

    name: str
    """How the screen names it."""
    space: SearchSpace
    """What is searched; of a benchmark, what is left of it within the limits."""
    stored: str
    """What the store calls that which answers, so that nobody continues it with another."""
    evaluator: Evaluator
    """What answers."""
    benchmark: Benchmark | Surrogate | None = None
    """The table or model that answers; None where networks are trained."""
    metrics: Metrics | None = None
    """Where limits and objectives get costs from; None for the space's own."""
    code: Callable[..., object] | None = None
    """The user's own function that trains or builds, if there is one."""
    limits: tuple[str, ...] = ()
    """Limits that the study keeps the space to."""


def target_of(order: Order) -> Target:
    """What an order means.

    Raises:
        DeltaNasError: There is no such benchmark, project, space or data.
    """
    asked = order.training
    networks_only = order.benchmark in spaces_to_train()
    if asked.data or networks_only or (asked.build and not asked.train):
        return _built_in(order)
    if is_reference(order.benchmark) or asked.train:
        return _own(order)
    signal = Signal(order.signal)
    benchmark = under_limits(benchmark_of(order.benchmark), order.limits)
    check_idle(order, RECORDED, f"{benchmark.name}, whose accuracies are recorded")
    return Target(
        benchmark.name,
        benchmark.space,
        stored_name(benchmark.name, signal),
        _answering(order, benchmark, signal),
        benchmark,
        benchmark,
    )


def stored_name(benchmark: str, signal: Signal) -> str:
    """What the store calls the benchmark: with another signal it answers differently.

    So does a table of the user's that has changed: its checksum is part of the name.
    """
    name = f"{benchmark} #{checksum(benchmark)}" if is_own_table(benchmark) else benchmark
    return name if signal is Signal.MEAN else f"{name} {signal.value}"


def named(stored: str) -> tuple[str, Signal]:
    """Name and signal of what the store calls a benchmark."""
    name = stored.removesuffix(f" {Signal.ONE_RUN.value}")
    signal = Signal.MEAN if name == stored else Signal.ONE_RUN
    return re.sub(r" #[0-9a-f]{8}$", "", name), signal


def _answering(order: Order, benchmark: Benchmark | Surrogate, signal: Signal) -> Evaluator:
    """What asks the table or the model: this process, or others."""
    crew = order.hands.crew()
    if crew.is_this_process:
        return benchmark.evaluator(signal=signal, seed=order.seed)
    answers = Answers(benchmark.name, order.limits, signal, order.seed)
    return evaluated_by(crew, answers)


def _own(order: Order) -> Target:
    asked = order.training
    project = Project()
    if not asked.train:
        raise ProjectError(
            f"expected a training function for the space {order.benchmark}, got none; give for "
            f"example --train {_python_file(order)}:train"
        )
    if not is_reference(order.benchmark):
        raise ProjectError(
            f"expected a space from a file beside --train {asked.train}, got {order.benchmark!r}; "
            f"give for example {asked.train.rpartition(':')[0]}:space, or a space in TOML"
        )
    check_idle(order, OWN, f"--train {asked.train}, whose data and epochs only it knows")
    check_signal(order)
    space = project.space(order.benchmark)
    train = project.function(asked.train)
    return Target(
        order.benchmark,
        space,
        own_training(asked.train),
        _trainer(order, train, Named(asked.train)),
        metrics=_own_costs(order, project, space),
        code=train,
        limits=order.limits,
    )


def _own_costs(order: Order, project: Project, space: SearchSpace) -> Metrics | None:
    """Costs of networks that a function of the user's trains; None for the space's own."""
    asked = order.training
    if not (asked.build or asked.cost or asked.input_shape):
        return None
    if not (asked.build and asked.input_shape):
        raise ProjectError(
            f"expected a builder and the shape of one input to measure the networks of "
            f"{order.benchmark}, got {'no builder' if asked.input_shape else 'no shape'}; give for "
            f"example --build {_python_file(order)}:build --input-shape 3,32,32"
        )
    shape = [int(each) for each in asked.input_shape.split(",")]
    return _measured(order, project, space, project.function(asked.build), shape)


def _measured(
    order: Order,
    project: Project,
    space: SearchSpace,
    build: Callable[..., object],
    shape: Sequence[int],
    exact: Metrics | None = None,
) -> Metrics:
    """Costs that are measured where the networks are trained."""
    from deltanas.costs import MeasuredCosts  # torch, which benchmarks do without

    asked = order.training
    return MeasuredCosts(
        space,
        build,
        shape,
        cost=project.function(asked.cost) if asked.cost else None,
        device=_timed_on(order),
        exact=exact,
        tell=say,
    )


def _timed_on(order: Order) -> str:
    """Where latencies are measured: this machine's device, which on a cluster need not be there."""
    here = Workplace(device=order.training.device)
    limits = [each for each in order.limits if not is_told(each)]
    asked = any("latency" in each for each in (*limits, order.objectives))
    return "cpu" if order.hands.crew().ray is not None and not asked else here.device


def _built_in(order: Order) -> Target:
    asked = order.training
    if asked.train:
        raise ProjectError(
            f"expected either --train {asked.train}, which trains as it likes, or --data for the "
            f"built-in training, got both; leave one out"
        )
    if not asked.data:
        recorded = [name for name in benchmark_names() if name.startswith(f"{order.benchmark}:")]
        instead = f", or search what others trained: {', '.join(recorded)}" if recorded else ""
        kind = FAMILIES[order.benchmark].kinds[0] if order.benchmark in FAMILIES else ""
        raise ProjectError(
            f"expected data to train the networks of {order.benchmark} on, got none; give for "
            f"example --data {EXAMPLES.get(kind, next(iter(SOURCES)))}{instead}"
        )
    from deltanas.costs import NetworkCosts
    from deltanas.networks.building import build
    from deltanas.training.networks import NetworkTraining  # torch, which benchmarks do without
    from deltanas.training.remade import BuiltIn

    check_signal(order)
    project = Project()
    space = _space(order, project)
    builder = project.function(asked.build) if asked.build else None
    data = load_data(asked.data)
    recipe = usual_recipe(data.kind, asked.epochs, asked.heir_epochs, order.benchmark)
    check_rungs(order, recipe.epochs)
    train = NetworkTraining(data, recipe, builder)
    train.check(space)
    shape, classes = data.shape, len(data.classes)
    exact = None if builder else NetworkCosts(space, shape, classes)
    networks = builder or partial(build, shape=shape, classes=classes)
    metrics = _measured(order, project, space, networks, shape, exact)
    stored = stored_training(asked.data, recipe, asked.build, data.digest)
    name = f"{space.name} on {data.name}"
    space = _scored(order, space, networks, data)
    evaluator = _trainer(
        order, train, BuiltIn(asked.data, recipe, Named(asked.build) if asked.build else None)
    )
    return Target(
        name, space, stored, evaluator, metrics=metrics, code=builder, limits=order.limits
    )


def _scored(
    order: Order, space: SearchSpace, build: Callable[..., object], data: Data
) -> SearchSpace:
    """The space with scores of its networks as further features, if any are asked for."""
    if not order.training.scores:
        return space
    from deltanas.scores import checked_scores, with_scores  # torch, which benchmarks do without

    typed = [each.strip() for each in order.training.scores.split(",") if each.strip()]
    names = checked_scores(typed, of_tokens=data.kind == "text")
    return with_scores(space, build, names, data.train.inputs, data.train.labels)


def _space(order: Order, project: Project) -> SearchSpace:
    """The space of a built-in training: one with networks, or the user's with a builder."""
    asked = order.training
    if is_reference(order.benchmark):
        if asked.build:
            return project.space(order.benchmark)
        file = _python_file(order)
        raise ProjectError(
            f"expected a builder for the networks of {order.benchmark}, got none; give for "
            f"example --build {file}:build, or --train {file}:train instead of --data"
        )
    if order.benchmark not in SPACES:
        raise UnknownNameError(
            f"there are no networks for {order.benchmark!r} to train on --data {asked.data}; "
            f"spaces with networks are {', '.join(SPACES)}, or your own with --build"
        )
    if asked.build:
        raise ProjectError(
            f"expected a space of your own for --build {asked.build}, got {order.benchmark}, which "
            f"has networks; leave --build out"
        )
    return SPACES[order.benchmark]()


def _python_file(order: Order) -> str:
    """The file that the user's functions stand in, as far as the order tells."""
    file = order.benchmark.rpartition(":")[0] or order.benchmark
    return "my_project.py" if file.endswith(SPACE_FILE) else file


def _trainer(
    order: Order, train: Callable[..., object], get: Callable[[], Callable[..., object]]
) -> Evaluator:
    """What trains: this process with the function at hand, or others that get it anew.

    Raises:
        TrainingError: The device that was asked for is not on this machine.
    """
    place = Place.of(order.study)
    is_new = place.path is not None and not place.path.exists()
    asked, crew = order.training.device, order.hands.crew()
    work = Workplace(place.trials, seed=order.seed, device=asked, is_new=is_new)
    if asked != DEFAULT_DEVICE and crew.ray is None:
        _ = work.device  # one that is not here is refused now; on a cluster, others have it
    return trained_by(train, work, crew, get)
