"""Which machine latencies were measured on: those of two machines are not compared."""

import platform
from pathlib import Path
from typing import Final

import torch

CPUINFO: Final = Path("/proc/cpuinfo")
"""Where Linux names the processor."""


def machine_of(device: str) -> str:
    """What computes there, in words: the GPU, or the processor and its architecture.

    Args:
        device: As torch names it: `cpu`, `cuda`, `cuda:1`.
    """
    if torch.device(device).type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{_processor()} ({platform.machine()})"


def _processor() -> str:
    try:
        lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "processor"
