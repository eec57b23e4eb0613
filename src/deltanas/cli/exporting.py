"""`deltanas export`: the winner as a plain model, and what it is good for."""

from deltanas.cli.terminal import say, table
from deltanas.errors import BudgetError, ExportError, TrainingError
from deltanas.export import Exported, Finals, export_model
from deltanas.export.card import mean_of, means_of
from deltanas.export.finals import TIMES
from deltanas.records import Trial
from deltanas.scale import PER_CENT
from deltanas.training.networks import Trained


def check_which(trial: int | None, finalists: int, *, best: bool) -> None:
    """Refuse two answers to the question which network.

    Raises:
        BudgetError: The number of finalists is less than 1.
        ExportError: The best trial and another one are asked for, or one and finalists.
    """
    if finalists < 1:
        raise BudgetError(
            f"--finalists is how many of the best networks are trained again, 1 or more, got "
            f"{finalists}; give for example --finalists 5"
        )
    if trial is not None and finalists > 1:
        raise ExportError(
            f"expected one network to export, got --trial {trial} and --finalists {finalists}; "
            f"leave one out"
        )
    if best and trial is not None:
        raise ExportError(
            f"expected one network to export, got --best and --trial {trial}; leave one out"
        )


def run_export(
    study: str,
    out: str,
    *,
    trial: int | None,
    retrain: int,
    finalists: int,
    onnx: bool,
    device: str,
    build: str,
) -> None:
    """Write the model and say what was written.

    Raises:
        DeltaNasError: It cannot be exported; the message says why.
    """
    if retrain < 0:
        raise BudgetError(
            f"--retrain is the number of trainings from scratch, 0 or more, got {retrain}; give "
            f"for example --retrain 5"
        )
    again: int | Finals = 0
    if retrain or finalists > 1:
        again = Finals(finalists, retrain or TIMES, told=_Told(retrain or TIMES))
    done = export_model(
        study, out, trial=trial, retrain=again, onnx=onnx, device=device, build=build
    )
    found = done.scale.shown(done.trial.accuracy or 0.0)
    say(("trial     ", "bold"), f"{done.trial.number}, {found} validation in the search")
    if done.trained:
        validation = PER_CENT.shown(done.trained[0].accuracy)
        test = PER_CENT.shown(done.trained[0].test_accuracy)
        say(("model     ", "bold green"), f"{validation} validation, {test} test")
    if done.finalists:
        chosen = done.finalists[0]
        times = len(chosen.accuracies)
        for mean in means_of(chosen) if times > 1 else ():
            say((f"{times} times".ljust(10), "bold"), mean)
    if len(done.finalists) > 1:
        _table_of(done)
    if onnx:
        differs = done.onnx_difference
        words = "not checked, onnxruntime is not installed; pip install 'deltanas[export]'"
        if differs is not None:
            words = f"checked, its scores differ from torch's by {differs:.1e} at most"
        say(("onnx      ", "bold"), words)
    for name in done.files:
        say(f"  {done.folder / name}")


class _Told:
    """Says a line after each training from scratch."""

    def __init__(self, times: int) -> None:
        """Keep how many a network has."""
        self._times = times

    def __call__(self, trial: Trial, number: int, found: Trained | TrainingError) -> None:
        """Say what came of one."""
        if isinstance(found, TrainingError):
            say(("failed    ", "bold red"), f"trial {trial.number} is left out: {found}")
            return
        place = f"trial {trial.number}, {number} of {self._times}"
        say(("trained   ", "bold"), f"{place}: {PER_CENT.shown(found.accuracy)} validation")


def _table_of(done: Exported) -> None:
    """What the finalists had in the search and have now, the exported one first."""
    rows = [
        (
            f"{each.trial.number}",
            PER_CENT.shown(each.trial.accuracy or 0.0),
            mean_of(each.accuracies),
            mean_of(each.test_accuracies),
        )
        for each in done.finalists
    ]
    columns = ("trial", "in the search", "trained again", "test")
    table(columns, rows, numbers=columns)
