"""`deltanas search ... --scores naswot,synflow`: scores of untrained networks as features."""

import shlex
import sys

import numpy as np
import pytest

from deltanas.study import Study

PROJECT = """
import torch

space = {"depth": [1, 2, 3], "width": [2, 4, 8, 16]}

def build(architecture):
    sizes = [12] + [architecture["width"]] * architecture["depth"]
    layers = [torch.nn.Flatten()]
    for before, after in zip(sizes[:-1], sizes[1:]):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], 2))

def train(architecture):
    return 0.5
"""
OWN = ("search", "my_project.py:space", "--data", "mine.npz", "--build", "my_project.py:build")
FAST = ("--epochs", "1", "--study", "s.db")


@pytest.fixture
def project(run, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "mine.npz", x=rng.normal(0, 0.3, (60, 12)), y=np.arange(60) % 2)
    (tmp_path / "my_project.py").write_text(PROJECT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield run
    sys.modules.pop("my_project", None)


def test_networks_of_ones_own_are_scored_and_the_command_keeps_it(project, tmp_path):
    result = project(*OWN, *FAST, "--scores", "synflow, naswot", "--budget", 5)
    assert result.exit_code == 0, result.output
    made = Study.open(tmp_path / "s.db").description
    assert made.features == "naswot, synflow on 16 examples"
    line = result.stdout.splitlines()[-1]
    assert "--scores 'synflow, naswot'" in line
    _, *command = shlex.split(line.removeprefix("continue  "))
    command[command.index("--budget") + 1] = "6"
    assert project(*command).stdout.startswith("      6/6")
    for words, got in (((), "none"), (("--scores", "naswot"), "naswot on 16 examples")):
        other = project(*OWN, *FAST, *words, "--budget", 7)
        assert other.exit_code == 2
        assert f"scores of naswot, synflow on 16 examples, got {got}" in other.stderr
    assert project("report", "s.db", "--out", "later").exit_code == 0


def test_networks_that_come_along_are_scored(project, tmp_path):
    words = ("search", "cnn-cell", "--data", "mine.npz", "--epochs", "1", "--method", "random")
    result = project(*words, "--scores", "gradient_norm,jacobian_covariance", "--budget", 2)
    assert result.exit_code == 0, result.output
    (study,) = (tmp_path / "runs").glob("*.db")
    assert study.name == ("cnn-cell-mine.npz-random-0-gradient_norm-jacobian_covariance.db")
    assert Study.open(study).description.features == (
        "jacobian_covariance, gradient_norm on 16 examples"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*OWN, "--scores", "naswott"), "no score 'naswott'; did you mean naswot? scores are"),
        ((*OWN, "--scores", ","), "expected a score or several, got none; scores are naswot, "),
        (
            ("search", "small:table", "--scores", "naswot"),
            "networks for --scores naswot, got small:table, whose accuracies are recorded; leave",
        ),
        (
            ("search", OWN[1], "--train", "my_project.py:train", "--scores", "naswot"),
            "my_project.py:train, whose data and epochs only it knows; leave --scores out",
        ),
        (
            ("search", "transformer", "--data", "stdlib-text", "--scores", "synflow"),
            "'synflow' needs inputs that are real numbers, got tokens of a text",
        ),
    ],
)
def test_scores_that_cannot_be_are_told_in_one_line(project, tmp_path, words, message):
    result = project(*words, "--study", "s.db")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
    assert not (tmp_path / "s.db").exists()
