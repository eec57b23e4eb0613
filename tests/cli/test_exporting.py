import shlex
import sys
from pathlib import Path

import pytest

from deltanas.cli import exporting
from deltanas.export import Exported
from deltanas.records import Trial
from deltanas.spaces import BlockSpace
from deltanas.study import Study

SPACE = BlockSpace({"width": [1, 2, 3]}, name="mine")


@pytest.fixture
def study(tmp_path):
    def train(architecture, context):
        (context.folder / "weights.txt").write_text("w")
        return architecture["width"] / 8

    found = Study(SPACE, train, storage=tmp_path / "s.db", method="random")
    found.run(3)
    return found


def test_the_best_network_is_written_and_named(run, study, tmp_path):
    result = run("export", "s.db", "--best", "--out", "out")
    assert result.exit_code == 0, result.output
    assert isinstance(study.best, Trial)
    lines = result.stdout.splitlines()
    assert lines[0] == f"trial     {study.best.number}, 37.50 % validation in the search"
    for name, line in zip(
        ("architecture.json", "README.md", "training/weights.txt"), lines[1:4], strict=True
    ):
        assert line.strip() == f"out/{name}"
        assert (tmp_path / "out" / name).exists()


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (2.5e-6, "checked, its scores differ from torch's by 2.5e-06 at most"),
        (None, "not checked, onnxruntime is not installed; pip install 'deltanas[export]'"),
    ],
)
def test_the_screen_says_whether_onnx_was_checked(run, study, monkeypatch, difference, words):
    made = Exported(Path("out"), ("model.onnx",), study.best, (), difference)
    monkeypatch.setattr(exporting, "export_model", lambda *_, **__: made)
    result = run("export", "s.db", "--onnx", "--out", "out")
    assert result.stdout.splitlines()[1:] == [f"onnx      {words}", f"  {Path('out/model.onnx')}"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nothere.db"], 1, "nothere.db"),
        (["s.db", "--trial", "9"], 1, "has no trial 9 that finished; the best one is"),
        (["s.db", "--retrain", "-1"], 2, "trainings from scratch, 0 or more, got -1; give for"),
        (["s.db", "--retrain", "2"], 1, "again, add --train my_project.py:train; code is not run"),
        (["s.db", "--finalists", "2"], 1, "again, add --train my_project.py:train; code"),
        (["s.db", "--finalists", "2", "--retrain", "0"], 2, "1 or more for finalists, got 0; give"),
        (["s.db", "--finalists", "2", "--best"], 1, "got --best and --finalists 2; leave one out"),
        (["s.db", "--finalists", "0"], 2, "trained again, 1 or more, got 0; give for example"),
        (["s.db", "--finalists", "2", "--trial", "1"], 1, "got --finalists 2 and --trial 1; leave"),
        (["s.db", "--best", "--trial", "1"], 1, "got --best and --trial 1; leave one out"),
        (["s.db", "--onnx"], 1, "was not made with the built-in training"),
        (["s.db", "--device", "tpu"], 2, "got 'tpu'; it is one of auto, cpu, cuda"),
    ],
)
def test_what_cannot_be_exported_is_told_in_one_line(run, study, words, code, message):
    result = run("export", *words, "--out", "out")
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output


PROJECT = """
class Wide:
    pass

class Deep:
    pass

space = {"width": [1, 2, 3], "block": [Wide, Deep]}
"""
TRAINING = """
def train(architecture, context):
    if "finals" in str(context.folder) and architecture["width"] == 3:
        raise RuntimeError("out of luck")
    return architecture["width"] / 8 + (architecture["block"].__name__ == "Deep") / 4
"""


@pytest.fixture
def project(run, tmp_path, monkeypatch):
    (tmp_path / "spaces.py").write_text(PROJECT)
    (tmp_path / "training.py").write_text(TRAINING)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield run
    for name in ("spaces", "training"):
        sys.modules.pop(name, None)


def test_finalists_of_ones_own_function_and_space_are_told_apart(project, tmp_path):
    asked = ("spaces.py:space", "--train", "training.py:train", "--study", "s.db", "--seed", "0")
    found = project("search", *asked, "--budget", 6, "--device", "cpu")
    assert found.exit_code == 0, found.output
    line = found.stdout.splitlines()[-2]
    command = "export s.db --finalists 5 --train training.py:train --space spaces.py:space"
    assert line == f"model     deltanas {command} --device cpu"
    _, *words = shlex.split(line.removeprefix("model     "))
    result = project(*words, "--retrain", 2)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "finals    5 networks, 2 times each; stopped, the same command goes on"
    assert sum("is out: RuntimeError: out of luck" in each for each in lines) == 2
    assert "model     50.00 % validation" in lines
    heading = next(place for place, each in enumerate(lines) if each.startswith("trial  in the"))
    assert lines[heading + 1].endswith("50.00 %  50.00 ± 0.00 %")
    assert lines[heading + 4].endswith("failed")
    assert project(*words, "--retrain", 2).stdout.count("kept      trial") == 6


def test_one_finalist_is_trained_again_too(project):
    asked = ("spaces.py:space", "--train", "training.py:train", "--study", "s.db")
    project("search", *asked, "--budget", 3, "--method", "random")
    given = ("--train", "training.py:train", "--space", "spaces.py:space", "--trial", 0)
    result = project("export", "s.db", "--finalists", 1, "--retrain", 1, *given)
    assert result.stdout.startswith("finals    1 network, once each; stopped, the same command")
