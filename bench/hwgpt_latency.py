"""How far latencies and energies of HW-GPT-Bench are from measured ones, as a Markdown table.

    python -m bench.hwgpt_latency

For each measure of a device and scale: the median relative error of the fitted model on 2,000
measured networks after fitting it to the other 8,000 (the benchmark itself is fitted to all
10,000), and the rank correlation. Needs the `hwgpt_*.npz` in DELTANAS_DATA.
"""

from typing import Final

import numpy as np
from scipy.stats import spearmanr

from deltanas.benchmarks.hwgpt import DeviceModel, measured
from deltanas.seeds import generator
from deltanas.spaces import HwGpt

SCALES: Final = ("s", "m", "l")
FITTED: Final = 8_000


def errors(scale: str) -> dict[str, str]:
    """Error and rank correlation by device, as text."""
    codes, devices = measured(scale)
    order = generator(0, "latency").permutation(len(codes))
    known, unseen = order[:FITTED], order[FITTED:]
    found = {}
    for name, values in devices.items():
        model = DeviceModel(HwGpt(scale), codes[known], values[known])
        told = model(codes[unseen])
        missed = np.median(np.abs(told - values[unseen]) / values[unseen])
        rank = spearmanr(told, values[unseen]).statistic
        found[name] = f"{100 * missed:.1f} % ({rank:.3f})"
    return found


def main() -> None:
    """Print the table."""
    columns = [errors(scale) for scale in SCALES]
    print("| metric | " + " | ".join(SCALES) + " |")
    print("| --- |" + " --- |" * len(SCALES))
    for name in columns[0]:
        print(f"| `{name}` | " + " | ".join(column[name] for column in columns) + " |")


if __name__ == "__main__":
    main()
