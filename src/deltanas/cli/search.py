"""`deltanas search`: what can be typed."""

from dataclasses import replace
from typing import Annotated

import typer

from deltanas.cli.crew import (
    Cpus,
    Custom,
    Gpus,
    Hands,
    Memory,
    MemoryLimit,
    Ray,
    TimeLimit,
    Workers,
)
from deltanas.cli.order import (
    DEFAULT_DEVICE,
    DEFAULT_METHOD,
    DEFAULT_SIGNAL,
    Order,
    Training,
    default_study,
)
from deltanas.cli.terminal import answering
from deltanas.cli.typed import positive, shape, whole

Folder = Annotated[
    str, typer.Option("--out", help="Folder of the report; beside the study if left out.")
]


def search(  # noqa: PLR0913, PLR0917 - typer: one argument per option
    benchmark: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="A benchmark (nasbench201:cifar10, or a table: mine.csv), a space to train with "
            "--data (cnn-cell), or your own space (my_project.py:space, space.toml, space.yaml).",
        ),
    ],
    budget: Annotated[
        int,
        typer.Option(parser=whole, metavar="N", help="Evaluations in all, earlier ones too."),
    ] = 60,
    seed: Annotated[
        int, typer.Option(parser=whole, metavar="N", help="Decides every random choice.")
    ] = 0,
    study: Annotated[
        str,
        typer.Option(
            "--study", help="Study file (SQLite) or database URL; a file in runs/ if left out."
        ),
    ] = "",
    method: Annotated[str, typer.Option(help="See `deltanas methods`.")] = DEFAULT_METHOD,
    signal: Annotated[
        str, typer.Option(help="What a query tells: `mean` of the trainings, or `one-run`.")
    ] = DEFAULT_SIGNAL,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            "--limit",
            help='A bound on a cost, e.g. "params<=600M"; "energy:told<=4" on what only the '
            "training tells; give it once for each.",
        ),
    ] = None,
    objectives: Annotated[
        str,
        typer.Option(
            help='E.g. "accuracy,params": the best compromises, not one best. What only your '
            'training returns needs a direction: "accuracy,energy:min" or ":max".'
        ),
    ] = "",
    out: Folder = "",
    train: Annotated[
        str, typer.Option(metavar="FILE:NAME", help="Your training function, my_project.py:train.")
    ] = "",
    device: Annotated[
        str, typer.Option(help="What to train on: auto, cpu or cuda.")
    ] = DEFAULT_DEVICE,
    data: Annotated[
        str,
        typer.Option(
            help="Train on mnist1d, digits, mnist5k, breast-cancer, wine, stdlib-text, a .npz, "
            ".csv or .txt file, a folder of images."
        ),
    ] = "",
    epochs: Annotated[
        int | None,
        typer.Option(parser=positive, metavar="N", help="Epochs of one training with --data."),
    ] = None,
    build: Annotated[
        str,
        typer.Option(
            metavar="FILE:NAME",
            help="Your builder of networks, to train with --data or to measure.",
        ),
    ] = "",
    cost: Annotated[
        str,
        typer.Option(
            metavar="FILE:NAME",
            help="Your function from a network to its costs, for limits and objectives.",
        ),
    ] = "",
    input_shape: Annotated[
        str,
        typer.Option(
            parser=shape,
            metavar="N,N,...",
            help="With --train and --build: shape of one input, to measure networks with.",
        ),
    ] = "",
    scores: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="With --data: scores of untrained networks as features, such as "
            '"naswot,synflow"; no gain was shown.',
        ),
    ] = "",
    workers: Workers = None,
    ray: Ray = None,
    cpus: Cpus = None,
    gpus: Gpus = None,
    memory: Memory = None,
    custom: Custom = None,
    time_limit: TimeLimit = None,
    memory_limit: MemoryLimit = None,
    min_epochs: Annotated[
        int | None,
        typer.Option(
            parser=positive,
            metavar="N",
            help="Stop poor trainings after N epochs, N times --reduction, ...",
        ),
    ] = None,
    reduction: Annotated[
        int,
        typer.Option(parser=whole, metavar="N", help="With --min-epochs: one in N goes on."),
    ] = 3,
    inherit_epochs: Annotated[
        int | None,
        typer.Option(
            parser=positive,
            metavar="N",
            help="With --inherit and --data: epochs of such a training; half of them if left out.",
        ),
    ] = None,
    callback: Annotated[
        str,
        typer.Option(
            metavar="FILE:NAME", help="Your function that is told what happens, for loggers."
        ),
    ] = "",
    *,
    inherit: Annotated[
        bool,
        typer.Option(
            "--inherit", help="Begin with the weights of a finished network one edit away."
        ),
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write event files beside the study.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="One line per evaluation, no live screen.")
    ] = False,
) -> None:
    """Search a benchmark, or train networks; the same command again continues the study."""
    limits = tuple(limit or ())
    bounds = (*limits, *filter(None, (objectives, scores)))
    place = study or default_study(benchmark, method, signal, seed, bounds, data=data)
    training = Training(train, device, data, epochs, build, inherit_epochs, cost, input_shape)
    training = replace(training, scores=scores)
    order = Order(
        benchmark, budget, seed, place, method, signal, out, plain, limits, objectives, training
    )
    share, others = (cpus or 1.0, gpus or 0.0), tuple(custom or ())
    hands = Hands(workers, ray, *share, memory, others, time_limit, memory_limit)
    order = replace(
        order,
        hands=hands,
        callback=callback,
        min_epochs=min_epochs,
        reduction=reduction,
        inherit=inherit,
        tensorboard=tensorboard,
    )
    resume = ("", "Stopped; everything that ended is saved. Go on with:", f"  {order.command}")
    with answering(resume):
        from deltanas.cli.searching import run_search

        run_search(order)
