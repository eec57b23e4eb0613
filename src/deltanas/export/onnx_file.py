"""The network as ONNX, checked against torch where onnxruntime is installed."""

import contextlib
import importlib
import importlib.util
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from deltanas.errors import ExportError
from deltanas.training import Data

LARGEST_DIFFERENCE: Final = 1e-3
"""Between scores of torch and onnxruntime; they add up in another order."""
CHECKED: Final = 64
"""Examples of the test part that both answer."""


def write_onnx(network: nn.Module, data: Data, path: Path) -> float | None:
    """Write the network, for any number of examples at a time.

    Args:
        network: Ready to answer, on the processor.
        data: Its test part is what both are asked about.
        path: File to write.

    Returns:
        The largest difference between a score of torch and of onnxruntime; None where
        onnxruntime is not installed, so that nothing was compared.

    Raises:
        ExportError: onnx is not installed, or torch and onnxruntime do not agree.
    """
    missing = [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]
    if missing:
        raise ExportError(
            f"ONNX needs the package {missing[0]}, which is not installed; "
            f"pip install 'deltanas[export]'"
        )
    inputs = torch.from_numpy(data.test.inputs[:CHECKED])
    with _silence():
        try:
            program = torch.onnx.export(
                network,
                (inputs,),
                dynamo=True,
                input_names=["inputs"],
                output_names=["scores"],
                dynamic_shapes=({0: torch.export.Dim("examples")},),
                verbose=False,
            )
        except Exception as error:  # noqa: BLE001 - whatever torch raises, pages long
            raise _not_written(_reason(error)) from None
    if program is None:
        raise _not_written("torch wrote no program")
    program.save(str(path), external_data=False)
    return check_onnx(network, data, path)


def _reason(error: BaseException) -> str:
    """The first line of what was raised first, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines() or ["without a word"]
    return f"{type(error).__name__}: {lines[0][:160]}"


def _not_written(why: str) -> ExportError:
    return ExportError(
        f"the network cannot be written as ONNX ({why}); its weights and network.py are written. "
        f"Export without --onnx, or take out of `forward` what depends on values of its inputs"
    )


def check_onnx(network: nn.Module, data: Data, path: Path) -> float | None:
    """Ask torch and onnxruntime about the same examples.

    Returns:
        The largest difference between two scores; None where onnxruntime is not installed.

    Raises:
        ExportError: The two do not agree.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    inputs = torch.from_numpy(data.test.inputs[: CHECKED // 2 + 1])  # not as many as were traced
    runtime = importlib.import_module("onnxruntime")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"inputs": inputs.numpy()})
    with torch.no_grad():
        expected = network(inputs).numpy()
    difference = float(np.abs(found - expected).max())
    if not difference <= LARGEST_DIFFERENCE:
        raise ExportError(
            f"the ONNX file {path} answers differently from torch, by up to {difference:g} where "
            f"{LARGEST_DIFFERENCE:g} is allowed; do not use it, and tell us the architecture"
        )
    return difference


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Torch's exporter talks about its own steps; nobody who exports can act on that."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
