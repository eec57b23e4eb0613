"""Whole searches on a Ray cluster: stopped, killed, looked at, taken up again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import deltanas
from deltanas.study import Study
from deltanas.study.place import Place
from deltanas.study.stopping import StopRequest, Wish
from tests.evaluation.test_processes import is_gone

pytestmark = pytest.mark.process

PROJECT = """
import os
import time
from pathlib import Path

from beside import half

space = {"depth": [1, 2, 3], "width": [2, 4]}


def train(architecture, context):
    assert Path("beside.py").exists()
    assert str(Path.cwd()) != FOLDER, "the folder is the one that was shipped"
    (Path(FOLDER) / f"training-{os.getpid()}").touch()
    while not (Path(FOLDER) / "flag").exists():
        time.sleep(0.05)
    return half(architecture["depth"] / 4)
"""


@pytest.fixture
def search(cluster, tmp_path, monkeypatch):
    """Starts the same search, each time; one that is left over is killed after the test."""
    (tmp_path / "mine.py").write_text(f"FOLDER = {str(tmp_path)!r}\n{PROJECT}")
    (tmp_path / "beside.py").write_text("def half(x):\n    return x / 2\n")
    monkeypatch.setenv("PYTHONPATH", str(Path(deltanas.__file__).parent.parent))
    words = "search mine.py:space --train mine.py:train --study s.db --budget 2 --plain --ray"
    started = []

    def start(address=cluster.address):
        command = [sys.executable, "-m", "deltanas", *words.split(), address]
        with (tmp_path / "said").open("w") as said:
            started.append(
                subprocess.Popen(command, cwd=tmp_path, stdout=said, stderr=said, process_group=0)
            )
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


def trainings(folder, count):
    """Wait until so many train; their processes."""
    for _ in range(900):
        notes = list(folder.glob("training-*"))
        if len(notes) == count:
            for each in notes:
                each.unlink()
            return [int(each.name.partition("-")[2]) for each in notes]
        time.sleep(0.1)
    raise AssertionError(f"{len(notes)} train, expected {count}: {(folder / 'said').read_text()}")


def workers_alive(store):
    """Wait until the study says that workers train; how many of them live."""
    for _ in range(300):
        attendance = Study.open(store).attendance
        if attendance is not None and len(attendance.here) == 2:
            return attendance.alive
        time.sleep(0.1)
    raise AssertionError(f"the study says {attendance}")


def test_a_search_that_is_killed_or_stopped_ends_its_trainings_and_goes_on_at_once(
    search, tmp_path
):
    store = tmp_path / "s.db"
    killed = search()
    trained = trainings(tmp_path, 2)
    assert workers_alive(store) == 2
    killed.kill()
    assert all(map(is_gone, trained))
    assert len(Study.open(store).history.pending) == 2

    stopped = search()
    trained = trainings(tmp_path, 2)
    StopRequest(Place.of(store)).ask(Wish.NOW)
    assert stopped.wait(60) == 130
    assert all(map(is_gone, trained))
    assert "everything that ended is saved" in (tmp_path / "said").read_text()

    finishing = search()
    trainings(tmp_path, 2)
    StopRequest(Place.of(store)).ask(Wish.FINISH)
    (tmp_path / "flag").touch()
    assert finishing.wait(60) == 0
    history = Study.open(store).history
    assert [trial.number for trial in history.finished] == [0, 1]
    assert not history.pending
    for trial in history.finished:
        assert trial.evaluation.accuracy == trial.architecture["depth"] / 8
