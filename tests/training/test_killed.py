"""A search that is killed with SIGKILL in the middle of a training loses at most one epoch."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from deltanas.spaces import BlockSpace
from deltanas.study import Study
from deltanas.training import Recipe
from deltanas.training.checkpoint import FILE
from deltanas.training.networks import NetworkTraining
from tests.training.test_loop import DATA

EPOCHS = 25
SPACE = BlockSpace({"width": [4, 8], "act": ["Tanh", "ReLU"]})
PROGRAM = "import sys; from tests.training.test_killed import search; search(sys.argv[1])"


class Slow(torch.nn.Module):
    """A network that takes its time, so that a kill falls into its training."""

    def __init__(self, architecture):
        super().__init__()
        self.first = torch.nn.Linear(12, architecture["width"])
        self.act = getattr(torch.nn, architecture["act"])()
        self.last = torch.nn.Linear(architecture["width"], 2)

    def forward(self, inputs):
        time.sleep(0.004)
        return self.last(self.act(self.first(inputs.flatten(1))))


def search(folder):
    training = NetworkTraining(DATA, Recipe(epochs=EPOCHS, batch_size=34), Slow)
    study = Study(SPACE, training, storage=f"{folder}/s.db", method="random")
    study.run(1)
    return study


def reports(folder):
    """Lines of the only trial, as far as they are whole."""
    found = []
    for file in folder.glob("s-trials/*/epochs.jsonl"):
        found += [json.loads(each) for each in file.read_text().splitlines(keepends=True) if each]
    return found


def killed_after(folder, epochs):
    """Run the search in another process, and kill that once it has reported so many epochs."""
    path = os.pathsep.join(each for each in sys.path if each)
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], env={**os.environ, "PYTHONPATH": path}
    )
    for _ in range(6000):
        if len(reports(folder)) >= epochs or child.poll() is not None:
            break
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait(60) == -signal.SIGKILL, "it ended before it was killed"


@pytest.mark.process
def test_killed_in_the_middle_of_a_training_it_goes_on_from_the_last_checkpoint(tmp_path):
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    whole = search(tmp_path / "whole")
    killed_after(tmp_path / "killed", 5)
    resumed = search(tmp_path / "killed")
    told = [each["epoch"] for each in reports(tmp_path / "killed")]
    # Nothing that was reported is trained again; the epoch in which it was killed is.
    assert told == list(range(1, EPOCHS + 1))
    assert reports(tmp_path / "killed") == reports(tmp_path / "whole")
    assert resumed.best.accuracy == whole.best.accuracy
    first, second = (
        torch.load(next(tmp_path.glob(f"{name}/s-trials/*/{FILE}")), weights_only=True)["network"]
        for name in ("killed", "whole")
    )
    assert all(torch.equal(first[name], second[name]) for name in second)
