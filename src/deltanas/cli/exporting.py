"""`deltanas export`: the winner as a plain model, and what it is good for."""

from deltanas.cli.terminal import say
from deltanas.errors import BudgetError, ExportError
from deltanas.export import export_model
from deltanas.export.card import means_of
from deltanas.scale import PER_CENT


def check_which(trial: int | None, *, best: bool) -> None:
    """Refuse two answers to the question which network.

    Raises:
        ExportError: The best trial and another one are asked for.
    """
    if best and trial is not None:
        raise ExportError(
            f"expected one network to export, got --best and --trial {trial}; leave one out"
        )


def run_export(
    study: str, out: str, *, trial: int | None, retrain: int, onnx: bool, device: str, build: str
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
    done = export_model(
        study, out, trial=trial, retrain=retrain, onnx=onnx, device=device, build=build
    )
    found = done.scale.shown(done.trial.accuracy or 0.0)
    say(("trial     ", "bold"), f"{done.trial.number}, {found} validation in the search")
    if done.trained:
        validation = PER_CENT.shown(done.trained[0].accuracy)
        test = PER_CENT.shown(done.trained[0].test_accuracy)
        say(("model     ", "bold green"), f"{validation} validation, {test} test")
    if retrain:
        for mean in means_of(done.trained):
            say((f"{retrain} times".ljust(10), "bold"), mean)
    if onnx:
        differs = done.onnx_difference
        words = "not checked, onnxruntime is not installed; pip install 'deltanas[export]'"
        if differs is not None:
            words = f"checked, its scores differ from torch's by {differs:.1e} at most"
        say(("onnx      ", "bold"), words)
    for name in done.files:
        say(f"  {done.folder / name}")
