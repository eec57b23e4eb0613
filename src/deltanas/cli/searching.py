"""Run or continue a study from the command line, and show what it found."""

import sys
from dataclasses import replace

from deltanas.cli.closing import (
    beside,
    report_folder,
    show_ending,
    show_front,
    show_result,
    subject_of,
)
from deltanas.cli.live import Screen
from deltanas.cli.order import Order
from deltanas.cli.status import interruptible
from deltanas.cli.target import Target, target_of
from deltanas.cli.terminal import say
from deltanas.errors import BudgetError, LimitError, ProjectError
from deltanas.integrations.tensorboard import TensorBoard
from deltanas.limits import Measuring, objectives_of
from deltanas.records import Status
from deltanas.report import summarize, write_report
from deltanas.study import Callback, Ending, Halving, Inheritance, Study, Watch
from deltanas.study.halving import check_tells_epochs
from deltanas.study.inheritance import check_hears_of_weights
from deltanas.study.objectives import costs_in
from deltanas.study.source import edit_words
from deltanas.training import Project

MORE = 40
"""How many more evaluations the command that continues suggests."""


def run_search(order: Order) -> None:
    """Run or continue a search, show its result, and write its report.

    Raises:
        DeltaNasError: Something was asked for that cannot be done; nothing stored is lost.
    """
    if order.budget < 1:
        raise BudgetError(
            f"--budget is the number of evaluations in all, 1 or more, got {order.budget}; give "
            f"for example --budget 60"
        )
    target = target_of(order)
    watches = _watches(order)
    study = Study(
        target.space,
        target.evaluator,
        seed=order.seed,
        storage=order.study,
        method=order.method,
        benchmark=target.stored,
        limits=target.limits,
        objectives=_objectives(order, target),
        metrics=target.metrics,
        halving=_halving(order, target),
        inheritance=_inheritance(order, target),
        source=target.code,
    )
    _warn(study.record.edits)
    _say_estimates(target)
    lines = order.plain or not sys.stdout.isatty()
    title = f"{target.name} · {order.method} · seed {order.seed}"
    screen = Screen(study.record, order.budget, title, lines=lines)
    with interruptible(study.stop_request), screen, study:
        ending = study.run(order.budget, screen.watch, *watches)
    show_ending(ending, len(study.trials), order.budget)
    if ending is Ending.STOPPED and not study.history.finished:
        say(("continue  ", "bold"), order.command)
        return
    _check_found(study)
    subject = subject_of(study.record, target.benchmark, order.study, order.command)
    summary = summarize(replace(subject, space=study.space, costs=target.metrics))
    show_result(summary)
    show_front(summary)
    _warn(study.record.edits)
    # After the result: a folder that cannot be written must not hide what was found.
    say(("report    ", "bold"), str(write_report(summary, report_folder(order.study, order.out))))
    if order.export:
        say(("model     ", "bold"), order.export)
    if ending is Ending.SPACE_EXHAUSTED:
        return  # a larger budget would find nothing more
    added = 0 if ending is Ending.STOPPED else MORE
    more = order.with_budget(max(order.budget, len(study.trials)) + added)
    say(("continue  ", "bold"), more.command)


def _objectives(order: Order, target: Target) -> list[str]:
    """The objectives of an order, one by one.

    Raises:
        LimitError: Accuracies are recorded, and an objective is not.
        ObjectiveError: They are not accuracy and others, none twice.
    """
    names = [each.strip() for each in order.objectives.split(",") if each.strip()]
    if names and target.benchmark is not None:
        recorded = target.benchmark.metrics
        for each in objectives_of(costs_in(names), target.benchmark.metric_names):
            if each.metric not in recorded:
                raise LimitError(
                    f"objective {each.metric!r} is not recorded in {target.name}, and nothing is "
                    f"trained that could tell it; metrics are {', '.join(recorded) or 'none'}"
                )
    return names


def _say_estimates(target: Target) -> None:
    """Say how well costs are estimated, where that is done."""
    if isinstance(target.metrics, Measuring) and target.metrics.words:
        say(("measured  ", "bold"), target.metrics.words)


def _check_found(study: Study) -> None:
    """Stop where everything that was proposed failed or turned out to be beyond the limits.

    Raises:
        LimitError: It did.
    """
    ended = [trial.evaluation for trial in study.trials if trial.evaluation is not None]
    beyond = [each for each in ended if each.status is Status.INFEASIBLE]
    if beyond and not study.history.finished:
        others = len(ended) - len(beyond)
        failed = f", the other {others} failed" if others else ""
        raise LimitError(
            f"nothing is within the limits: {len(beyond)} of {len(ended)} proposals were beyond "
            f"one when they were measured or trained{failed}; the first one: {beyond[0].reason}. "
            f"Go on with a larger budget, or begin a new study with more room"
        )


def _warn(edits: tuple[int, ...]) -> None:
    """Say loudly that accuracies of different training functions stand side by side."""
    if edits:
        say(("warning   ", "bold red"), edit_words(edits))


def _watches(order: Order) -> list[Watch]:
    """What hears of the search besides the screen.

    Raises:
        DeltaNasError: There is no such function, or TensorBoard is not installed.
    """
    watches: list[Watch] = []
    if order.callback:
        tell = Project().function(order.callback)
        watches.append(Callback(on_start=tell, on_epoch=tell, on_end=tell))
    if order.tensorboard:
        watches.append(TensorBoard(beside(order.study, "tensorboard")))
    return watches


def _halving(order: Order, target: Target) -> Halving | None:
    """How poor trainings are stopped early.

    Raises:
        ProjectError: Nothing is trained, or the user's function cannot tell its epochs.
        BudgetError: Less than one epoch, or not one in two is stopped; or a reduction alone.
    """
    if order.min_epochs is None:
        if order.reduction != Halving().reduction:
            raise BudgetError(
                f"--reduction {order.reduction} is for trainings that are stopped early, got no "
                f"--min-epochs; give for example --min-epochs 2, or leave it out"
            )
        return None
    _check_trained(target, f"--min-epochs {order.min_epochs}")
    if order.training.train:
        check_tells_epochs(target.code)
    return Halving(order.min_epochs, order.reduction)


def _check_trained(target: Target, option: str) -> None:
    """Refuse an option of trainings where accuracies are recorded.

    Raises:
        ProjectError: They are.
    """
    if target.benchmark is not None:
        raise ProjectError(
            f"expected trainings for {option}, got {target.name}, whose accuracies are recorded; "
            f"leave it out"
        )


def _inheritance(order: Order, target: Target) -> Inheritance | None:
    """How trainings begin with the weights of finished ones.

    Raises:
        ProjectError: Nothing is trained, or the user's function would not hear of weights; or
            epochs are given for trainings that do not inherit, or that count their own.
    """
    epochs, own = order.training.heir_epochs, order.training.train
    if epochs is not None and (own or not order.inherit):
        raise ProjectError(
            f"--inherit-epochs {epochs} is for the built-in training of networks that inherit, got "
            + (f"--train {own}, which counts its epochs itself" if own else "no --inherit")
            + "; leave it out, or give --data and --inherit"
        )
    if not order.inherit:
        return None
    _check_trained(target, "--inherit")
    if own:
        check_hears_of_weights(target.code)
    return Inheritance()
