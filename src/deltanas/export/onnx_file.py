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
        ExportError: onnx is not installed, or the two do not agree.
    """
    missing = [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]
    if missing:
        raise ExportError(
            f"ONNX needs the package {missing[0]}, which is not installed; "
            f"pip install 'deltanas[export]'"
        )
    inputs = torch.from_numpy(data.test.inputs[:CHECKED])
    with _silence():
        program = torch.onnx.export(
            network,
            (inputs,),
            dynamo=True,
            input_names=["inputs"],
            output_names=["scores"],
            dynamic_shapes=({0: torch.export.Dim("examples")},),
            verbose=False,
        )
        if program is None:
            raise ExportError("torch wrote no ONNX program; export without --onnx")
        program.save(str(path), external_data=False)
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    runtime = importlib.import_module("onnxruntime")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"inputs": inputs.numpy()[: CHECKED // 2 + 1]})
    with torch.no_grad():
        expected = network(inputs[: CHECKED // 2 + 1]).numpy()
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
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
