"""`deltanas export`: the winner as a plain model, and what it is good for."""

from deltanas.cli.terminal import say, table
from deltanas.errors import BudgetError, ExportError, TrainingError
from deltanas.export import Exported, Finals, export_model
from deltanas.export.again import Again
from deltanas.export.card import mean_of, means_of
from deltanas.export.finals import TIMES
from deltanas.records import Trial
from deltanas.scale import PER_CENT, Scale


def finals_of(trial: int | None, finalists: int, retrain: int, *, best: bool) -> int | Finals:
    """What is trained again; 0 for nothing.

    Raises:
        BudgetError: The number of finalists is less than 1, or that of trainings less than 0.
        ExportError: The best trial and another one are asked for, or one and finalists.
    """
    if finalists < 1:
        raise BudgetError(
            f"--finalists is how many of the best networks are trained again, 1 or more, got "
            f"{finalists}; give for example --finalists 5"
        )
    if retrain < 0:
        raise BudgetError(
            f"--retrain is the number of trainings from scratch, 0 or more, got {retrain}; give "
            f"for example --retrain 5"
        )
    if trial is not None and (best or finalists > 1):
        other = "--best" if best else f"--finalists {finalists}"
        raise ExportError(
            f"expected one network to export, got {other} and --trial {trial}; leave one out"
        )
    if not retrain and finalists == 1:
        return 0
    times = retrain or TIMES
    return Finals(finalists, times, told=_Told(times))


def run_export(
    study: str,
    out: str,
    *,
    trial: int | None,
    again: int | Finals,
    onnx: bool,
    device: str,
    build: str,
    train: str,
) -> None:
    """Write the model and say what was written.

    Raises:
        DeltaNasError: It cannot be exported; the message says why.
    """
    done = export_model(
        study, out, trial=trial, retrain=again, onnx=onnx, device=device, build=build, train=train
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
    rows = []
    for each in done.finalists:
        told = done.scale.shown(each.trial.accuracy or 0.0)
        parts = (each.accuracies, each.test_accuracies)
        means = [mean_of(values, done.scale) for values in parts if values]
        rows.append((f"{each.trial.number}", told, *means))
    columns = ("trial", "in the search", "trained again", "test")[: len(rows[0])]
    table(columns, rows, numbers=columns)


class _Told:
    """Says a line after each training from scratch."""

    def __init__(self, times: int) -> None:
        """Keep how many a network has."""
        self._times = times

    def __call__(self, trial: Trial, number: int, found: Again | TrainingError) -> None:
        """Say what came of one."""
        if isinstance(found, TrainingError):
            say(("failed    ", "bold red"), f"trial {trial.number} is left out: {found}")
            return
        place = f"trial {trial.number}, {number} of {self._times}"
        told = Scale.of([found.accuracy]).shown(found.accuracy)
        say(("trained   ", "bold"), f"{place}: {told} validation")
