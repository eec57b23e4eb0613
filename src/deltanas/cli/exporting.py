"""`deltanas export`: the winner as a plain model, and what it is good for."""

import numpy as np

from deltanas.cli.terminal import say
from deltanas.errors import BudgetError, ExportError
from deltanas.export import export_model
from deltanas.report.sentences import per_cent


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
    say(("trial     ", "bold"), f"{done.trial.number}, {per_cent(done.trial.accuracy or 0.0)} "
        f"validation in the search")  # fmt: skip
    if done.trained:
        first = done.trained[0]
        say(
            ("model     ", "bold green"),
            f"{per_cent(first.accuracy)} validation, {per_cent(first.test_accuracy)} test",
        )
    if retrain:
        for name, values in (
            ("validation", [each.accuracy for each in done.trained]),
            ("test", [each.test_accuracy for each in done.trained]),
        ):
            spread = f" ± {100 * np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
            say(
                (f"{retrain} times".ljust(10), "bold"),
                f"{100 * np.mean(values):.2f}{spread} % {name}",
            )
    if onnx:
        found = done.onnx_difference
        words = "not checked, onnxruntime is not installed; pip install 'deltanas[export]'"
        if found is not None:
            words = f"checked, its scores differ from torch's by {found:.1e} at most"
        say(("onnx      ", "bold"), words)
    for name in done.files:
        say(f"  {done.folder / name}")
