"""Which GPUs a worker of this machine sees."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Final

from deltanas.errors import TrainingError

VISIBLE: Final = "CUDA_VISIBLE_DEVICES"
"""Variable that names the GPUs of a process, with commas."""


def devices_here() -> list[str]:
    """Names of the GPUs that this process may use, as CUDA counts them."""
    if VISIBLE in os.environ:
        return [each.strip() for each in os.environ[VISIBLE].split(",") if each.strip()]
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    listed = subprocess.run([program, "-L"], capture_output=True, text=True, check=False)  # noqa: S603
    count = sum(line.startswith("GPU ") for line in listed.stdout.splitlines())
    return [str(number) for number in range(count)]


def shared_out(devices: Sequence[str], gpus: float, workers: int) -> list[str]:
    """What each worker's variable says: whole GPUs, or one that others use as well.

    Args:
        devices: All there are.
        gpus: How many a worker gets; below 1, a share of one.
        workers: How many workers there are.

    Raises:
        TrainingError: There are not enough.
    """
    if gpus < 1:
        together = int(1 / gpus + 1e-9)
        found = [device for device in devices for _ in range(together)]
    else:
        whole = int(gpus)
        starts = range(0, len(devices) - whole + 1, whole)
        found = [",".join(devices[start : start + whole]) for start in starts]
    if len(found) < workers:
        raise TrainingError(
            f"expected GPUs for {workers} trainings at the same time with {gpus:g} each, this "
            f"machine has {len(devices)}, enough for {len(found)}; use fewer workers or smaller "
            f"shares"
        )
    return found[:workers]
