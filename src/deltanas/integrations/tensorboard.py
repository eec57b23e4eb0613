"""TensorBoard: event files of a study, a folder for each trial."""

from importlib import import_module
from pathlib import Path
from typing import Any, final

from deltanas.errors import MissingPackageError
from deltanas.study.events import Evaluated, Event, Proposed, Reported


@final
class TensorBoard:
    """A watch that writes event files, which `tensorboard --logdir FOLDER` shows while it runs.

        study.run(40, TensorBoard("runs/x-tensorboard"))

    Each trial has a folder named after its number: curves of what its training reports
    (`epoch/accuracy`, `epoch/loss`), and what it ended with (`result/accuracy`, `result/flops`).
    A search that goes on adds to them.
    """

    def __init__(self, folder: Path | str) -> None:
        """Keep the folder; files are made when trials start.

        Raises:
            MissingPackageError: TensorBoard is not installed.
        """
        try:
            self._writer: Any = import_module("torch.utils.tensorboard").SummaryWriter
        except ImportError:
            raise MissingPackageError(
                "expected the package tensorboard to write its event files, it is not installed; "
                "pip install 'deltanas[tensorboard]', or search without it"
            ) from None
        self._folder = Path(folder)
        self._open: dict[int, Any] = {}

    def __call__(self, event: Event) -> None:
        """Write what a study tells."""
        if isinstance(event, Proposed):
            return
        if isinstance(event, Reported):
            writer = self._of(event.proposal.number)
            for name, value in {"accuracy": event.accuracy, **event.metrics}.items():
                writer.add_scalar(f"epoch/{name}", value, event.epoch)
            writer.flush()
        else:
            self._end(event)

    def _end(self, event: Evaluated) -> None:
        """What a trial ended with; its file is closed."""
        trial, found = event.trial, event.trial.evaluation
        writer = self._of(trial.number)
        writer.add_text("architecture", f"    {trial.architecture.to_json()}")
        if found is not None:
            if found.reason:
                writer.add_text(found.status.value, f"    {found.reason}")
            accuracy = {} if found.accuracy is None else {"accuracy": found.accuracy}
            for name, value in {**accuracy, **found.metrics}.items():
                writer.add_scalar(f"result/{name}", value, 0)
        self._open.pop(trial.number).close()

    def _of(self, number: int) -> Any:  # noqa: ANN401 - a class of a package that may be missing
        if number not in self._open:
            self._open[number] = self._writer(str(self._folder / f"{number:05d}"))
        return self._open[number]
