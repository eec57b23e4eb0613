"""Where trainings happen: a folder for each trial, the device, the seeds."""

import hashlib
import importlib
import re
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Final, final

from deltanas.errors import DeviceError, TrainingError
from deltanas.evaluation.context import Context, Heard
from deltanas.records import Proposal
from deltanas.seeds import checked_seed, generator

AUTO: Final = "auto"
"""A GPU where torch sees one, else the processor."""
DEVICES: Final = (AUTO, "cpu", "cuda")
_DEVICE: Final = re.compile(r"auto|cpu|cuda(:\d{1,3})?")


@final
class Workplace:
    """Makes the context of each trial.

    Folders are named after the trial's number and its network, so that a trial which is taken up
    again finds its own checkpoints and never those of another network.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        seed: int = 0,
        device: str = AUTO,
        is_new: bool = False,
    ) -> None:
        """Keep the settings; nothing is made before the first training.

        Args:
            folder: Folder of all trials; None for a temporary one, gone when the process ends.
            seed: The study's seed.
            device: `auto`, `cpu` or `cuda` (also `cuda:1`).
            is_new: Whether the study has no trials yet: what lies in the folder then belongs to
                an earlier study of the same name and is moved aside, not deleted.

        Raises:
            DeviceError: There is no device of that name.
            SeedError: The seed is negative or not a whole number.
        """
        if not _DEVICE.fullmatch(device):
            raise DeviceError(
                f"expected a device to train on, got {device!r}; it is one of "
                f"{', '.join(DEVICES)}, or cuda:1"
            )
        self._folder = folder
        self._seed = checked_seed(seed)
        self._device = device
        self._is_new = is_new

    @property
    def device(self) -> str:
        """The device that trainings get.

        Raises:
            TrainingError: A GPU was asked for, and torch sees none, or none of that number.
        """
        kind, _, number = self._device.partition(":")
        if kind == "cpu":
            return self._device
        gpus = _count_gpus()
        has_gpu = gpus > 0
        if not has_gpu and kind != AUTO:
            raise TrainingError(
                f"expected a GPU for device {self._device!r}, torch sees none; train on the "
                f"processor with device 'cpu', or install a torch that is built for your GPU"
            )
        if has_gpu and int(number or 0) >= gpus:
            raise TrainingError(
                f"expected a GPU for device {self._device!r}, torch sees {gpus}, numbered from 0; "
                f"give {' or '.join(f'cuda:{each}' for each in range(gpus))}"
            )
        if kind != AUTO:
            return self._device
        return "cuda" if has_gpu else "cpu"

    @property
    def seed(self) -> int:
        """The study's seed."""
        return self._seed

    @property
    def folder(self) -> Path:
        """Folder of all trials, made when it is first needed."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="deltanas-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        elif self._is_new and self._folder.exists():
            _move_aside(self._folder)
        self._is_new = False
        return self._folder

    def settled(self) -> "Workplace":
        """The same for other processes: which folder it is has been decided.

        A temporary folder lives as long as this workplace.
        """
        return Workplace(self.folder, seed=self._seed, device=self._device)

    def folder_of(self, proposal: Proposal) -> Path:
        """Folder of one trial; it need not exist."""
        return self._folder_named(proposal.number, proposal.architecture.key)

    def donor_of(self, proposal: Proposal) -> Path | None:
        """Folder of the trial whose weights a training may begin with, if it is there."""
        donor = proposal.donor
        folder = None if donor is None else self._folder_named(donor.number, donor.key)
        return None if folder is None or not folder.is_dir() else folder

    def _folder_named(self, number: int, key: str) -> Path:
        digest = hashlib.sha256(key.encode()).hexdigest()[:8]
        return self.folder / f"{number:05d}-{digest}"

    def context(self, proposal: Proposal, watch: Heard | None = None) -> Context:
        """What the training of a proposal gets.

        Args:
            proposal: Which one.
            watch: Called with every report of the training.

        Raises:
            TrainingError: The folder cannot be made, or there is no such device.
        """
        device = self.device
        try:
            folder = self.folder_of(proposal)
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"expected a folder to train in, {self._folder} cannot be made ({error}); "
                f"free it, or keep the study elsewhere"
            ) from None
        rng = generator(self._seed, "training", proposal.architecture.key)
        seed = int(rng.integers(2**31))
        donor = self.donor_of(proposal)
        return Context(proposal.number, folder, device, seed, watch, proposal.rungs, donor)


def _count_gpus() -> int:
    """GPUs that torch can use; none without torch."""
    try:
        cuda = importlib.import_module("torch").cuda
    except ImportError:
        return 0
    return int(cuda.device_count()) if cuda.is_available() else 0


def _move_aside(folder: Path) -> None:
    """Rename a folder to the first of `folder.1`, `folder.2`, ... that is free."""
    count = 1
    while folder.with_name(f"{folder.name}.{count}").exists():
        count += 1
    folder.rename(folder.with_name(f"{folder.name}.{count}"))
