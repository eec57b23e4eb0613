"""`deltanas export`: the winner as a plain model, and what it is good for."""

from deltanas.cli.terminal import say, table
from deltanas.errors import BudgetError, ExportError, TrainingError
from deltanas.export import Exported, Finals, Moment, export_model
from deltanas.export.card import mean_of, means_of
from deltanas.export.finals import TIMES
from deltanas.scale import PER_CENT, Scale


def finals_of(
    trial: int | None, finalists: int | None, retrain: int | None, *, best: bool
) -> int | Finals:
    """What is trained again; 0 for nothing.

    Raises:
        BudgetError: The number of finalists is less than 1, or that of trainings less than 0, or
            0 of finalists.
        ExportError: The best trial and another one are asked for, or one and finalists.
    """
    if finalists is not None and finalists < 1:
        raise BudgetError(
            f"--finalists is how many of the best networks are trained again, 1 or more, got "
            f"{finalists}; give for example --finalists 5"
        )
    if retrain is not None and (retrain < 0 or (retrain == 0 and finalists)):
        least = "1 or more for finalists" if finalists else "0 or more"
        raise BudgetError(
            f"--retrain is the number of trainings from scratch, {least}, got {retrain}; give "
            f"for example --retrain 5"
        )
    several = finalists is not None and finalists > 1
    if trial is not None and (best or several):
        other = f"--finalists {finalists}" if several else "--best"
        raise ExportError(
            f"expected one network to export, got {other} and --trial {trial}; leave one out"
        )
    if best and several:
        raise ExportError(
            f"expected one network to export, or several that are told apart, got --best and "
            f"--finalists {finalists}; leave one out"
        )
    if not retrain and finalists is None:
        return 0
    return Finals(finalists or 1, retrain or TIMES, told=_Told(retrain or TIMES))


def run_export(  # noqa: PLR0913 - one argument per option
    study: str,
    out: str,
    *,
    trial: int | None,
    again: int | Finals,
    onnx: bool,
    device: str,
    build: str,
    train: str,
    space: str,
) -> None:
    """Write the model and say what was written.

    Raises:
        DeltaNasError: It cannot be exported; the message says why.
    """
    done = export_model(
        study,
        out,
        trial=trial,
        retrain=again,
        onnx=onnx,
        device=device,
        build=build,
        train=train,
        space=space,
    )
    found = done.scale.shown(done.trial.accuracy or 0.0)
    say(("trial     ", "bold"), f"{done.trial.number}, {found} validation in the search")
    if done.trained:
        validation = PER_CENT.shown(done.trained[0].accuracy)
        test = PER_CENT.shown(done.trained[0].test_accuracy)
        say(("model     ", "bold green"), f"{validation} validation, {test} test")
    elif done.finalists:
        validation = done.scale.shown(max(done.finalists[0].accuracies))
        say(("model     ", "bold green"), f"{validation} validation")
    if done.finalists:
        _say_finalists(done)
    if onnx:
        differs = done.onnx_difference
        words = "not checked, onnxruntime is not installed; pip install 'deltanas[export]'"
        if differs is not None:
            words = f"checked, its scores differ from torch's by {differs:.1e} at most"
        say(("onnx      ", "bold"), words)
    for name in done.files:
        say(f"  {done.folder / name}")


def _say_finalists(done: Exported) -> None:
    """Means of the exported network, and what each had in the search and has now."""
    times = len(done.finalists[0].accuracies)
    for mean in means_of(done.finalists[0], done.scale) if times > 1 else ():
        say((f"{times} times".ljust(10), "bold"), mean)
    if len(done.finalists) == 1:
        return
    has_test = any(each.test_accuracies for each in done.finalists)
    rows = []
    for each in done.finalists:
        told = done.scale.shown(each.trial.accuracy or 0.0)
        again = mean_of(each.accuracies, done.scale) if each.accuracies else "failed"
        test = mean_of(each.test_accuracies, done.scale) if each.test_accuracies else ""
        rows.append((f"{each.trial.number}", told, again, test)[: 3 + has_test])
    columns = ("trial", "in the search", "trained again", "test")[: 3 + has_test]
    table(columns, rows, numbers=columns)


class _Told:
    """Says a line when finals begin, and one after each training."""

    def __init__(self, times: int) -> None:
        """Keep how many trainings a network has."""
        self._times = times
        self._is_first = True

    def __call__(self, moment: Moment) -> None:
        """Say what happens."""
        if self._is_first:
            self._is_first = False
            networks = f"{moment.networks} network{'s' * (moment.networks > 1)}"
            times = f"{self._times} times each" if self._times > 1 else "once each"
            words = f"{networks}, {times}; stopped, the same command goes on"
            say(("finals    ", "bold"), words)
        trial, found = moment.trial, moment.outcome
        if found is None:
            return
        if isinstance(found, TrainingError):
            say(("failed    ", "bold red"), f"trial {trial.number} is out: {found}")
            return
        told = Scale.of([trial.accuracy, found.accuracy]).shown(found.accuracy)
        words = f"trial {trial.number}, {moment.number} of {self._times}: {told} validation"
        say((("kept" if found.is_kept else "trained").ljust(10), "bold"), words)
