"""`deltanas search ... --limit "latency_ms<=5"`: costs that are measured before a training."""

import shlex
import sys
from functools import partial

import numpy as np
import pytest

from deltanas import costs
from deltanas.study import Study

PROJECT = """
import torch

space = {"depth": [1, 2, 3], "width": [2, 4, 8, 16]}

def build(architecture):
    sizes = [12] + [architecture["width"]] * architecture["depth"] + [2]
    layers = [torch.nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])]
    return torch.nn.Sequential(torch.nn.Flatten(), *layers)

def train(architecture):
    return architecture["width"] / 100

def cost(model):
    return {"energy_mj": sum(each.numel() for each in model.parameters()) / 100}

def angry(model):
    raise RuntimeError("not today")

def speechless(model):
    return {"energy_mj": "low"}
"""
BUILT_IN = ("search", "cnn-cell", "--data", "mine.npz", "--epochs", "1", "--study", "s.db")
OWN = ("search", "my_project.py:space", "--train", "my_project.py:train", "--study", "s.db")
BUILT = ("--build", "my_project.py:build", "--input-shape", "12")


@pytest.fixture
def project(run, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "mine.npz", x=rng.normal(0, 0.3, (60, 12)), y=np.arange(60) % 2)
    (tmp_path / "my_project.py").write_text(PROJECT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(costs, "MeasuredCosts", partial(costs.MeasuredCosts, most=24, seconds=1e9))
    yield run
    sys.modules.pop("my_project", None)


def test_latency_and_memory_are_limits_of_networks_that_come_along(project, tmp_path):
    limits = ("--limit", "latency_ms<=1000", "--limit", "memory<=20kb")
    result = project(*BUILT_IN, *limits, "--budget", 2, "--method", "random")
    assert result.exit_code == 0, result.output
    assert "measuring latency and memory of up to 24 networks on" in result.stdout
    assert "memory with a median error of" in result.stdout
    assert "within    memory ≤ 20kB; it has" in result.stdout
    for trial in Study.open(tmp_path / "s.db").trials:
        assert set(trial.proposal.measured) == {"latency_ms", "memory_mb"}
        metrics = trial.evaluation.metrics
        assert metrics["memory_mb"] == metrics["activation_bytes"] / 1e6 <= 0.02
    _, *command = shlex.split(result.stdout.splitlines()[-1].removeprefix("continue  "))
    command[command.index("--budget") + 1] = "3"
    again = project(*command)
    assert again.exit_code == 0, again.output
    assert "measuring" not in again.stdout
    assert "estimated from 24 networks" in again.stdout


def test_networks_that_ones_own_function_trains_are_measured_with_a_builder(project, tmp_path):
    words = (*OWN, *BUILT, "--cost", "my_project.py:cost", "--limit", "energy_mj<=1")
    result = project(*words, "--budget", 4, "--method", "random")
    assert result.exit_code == 0, result.output
    trials = Study.open(tmp_path / "s.db").trials
    assert max(each.evaluation.metrics["energy_mj"] for each in trials) <= 1
    assert "within    energy ≤ 1mj; it has" in result.stdout
    assert "--cost my_project.py:cost --input-shape 12" in result.stdout.splitlines()[-1]


def test_measured_costs_are_objectives_and_in_the_report(project, tmp_path):
    result = project(*OWN, *BUILT, "--objectives", "accuracy,memory", "--budget", 4)
    assert result.exit_code == 0, result.output
    assert "between accuracy and memory" in result.stdout
    assert project("report", "s.db", "--out", "later").exit_code == 0
    assert (tmp_path / "later" / "front.png").exists()


def test_a_limit_that_nothing_meets_stops_before_anything_is_trained(project, tmp_path):
    result = project(*OWN, *BUILT, "--limit", "params<=9")
    assert result.exit_code == 2
    # 12 inputs, 2 outputs and one layer of 2: 12 x 2 + 2 + 2 x 2 + 2.
    assert "meets parameters ≤ 9; give it more room" in result.stderr
    assert "The closest one has parameters 32: depth=1, width=2" in result.stderr
    assert not (tmp_path / "s.db").exists()


COST = (*OWN, *BUILT, "--limit", "energy_mj<=1", "--cost")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*OWN, "--limit", "latency_ms<=5"), "or a builder of networks to measure (--build and"),
        ((*OWN, *BUILT[:2], "--limit", "latency_ms<=5"), "got no shape; give for example --build"),
        ((*OWN, "--cost", "my_project.py:cost"), "got no shape"),
        ((*OWN, *BUILT[2:], "--limit", "latency_ms<=5"), "got no builder; give for example"),
        ((*OWN, *BUILT[:3], "1x2"), "expected the shape of one input without the batch, got '1x2'"),
        ((*OWN, *BUILT, "--limit", "latency<=5"), "one of the units us, ms, s, got none"),
        ((*OWN, *BUILT, "--limit", "latency<=5parsec"), "us, ms, s, got the unit 'parsec'"),
        ((*OWN, *BUILT, "--limit", "memory<=5ms"), "kb, mb, gb, got the unit 'ms'"),
        ((*OWN, *BUILT, "--limit", "lattency_ms<=5"), "did you mean 'latency_ms'?"),
        ((*COST, "my_project.py:angry"), "cost function raised RuntimeError: not today"),
        ((*COST, "my_project.py:speechless"), "'energy_mj' = 'low'"),
        ((*COST, "my_project.py:costs"), "there is no 'costs' in my_project.py; did you mean cost"),
        ((*OWN, *BUILT[:3], "5", "--limit", "flops<=5"), "an example of shape (5,), it raised"),
    ],
)
def test_bad_input_is_told_in_one_line(project, tmp_path, words, message):
    result = project(*words)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output
    assert not (tmp_path / "s.db").exists()
